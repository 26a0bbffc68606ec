use super::*;
use crate::render::Detail;
use crate::render::sample::{context, golden, report as sample};

/// What GitHub takes.
const LIMIT: usize = 65_536;

#[test]
fn the_comment_is_whole() {
    golden("check.comment.md", &report(&sample(), &context(Detail::Screen)));
}

#[test]
fn what_is_well_is_folded() {
    let page = report(&sample(), &context(Detail::Screen));
    let (visible, folded) = page.split_once("<details>").expect("folds");
    for (word, is_visible) in
        [("worker", true), ("nginx", false), ("PL003", true), ("PL007", false)]
    {
        assert_eq!(visible.contains(word), is_visible, "{word}");
        assert!(is_visible || folded.contains(word), "{word}");
    }
    assert_eq!(page.matches("<details>").count(), page.matches("</details>").count());
}

#[test]
fn a_plan_that_fits_is_one_sentence_and_folds() {
    let mut well = sample();
    well.verdict = Verdict::Fits;
    well.objectives.retain(|objective| objective.outcome == Outcome::Pass);
    well.services.retain(|service| service.oom.probability == 0.0);
    well.findings.clear();
    well.ignored.clear();
    let page = report(&well, &context(Detail::Screen));
    let (visible, _) = page.split_once("\n\n<details>").expect("folds");
    assert_eq!(
        visible,
        "<!-- plimsoll:check compose.yaml -->\n\
         ### ✓ compose.yaml fits 512 MiB, 2 cores: 1 objective checked, every one holds"
    );
}

#[test]
fn nothing_from_a_file_becomes_markup_nor_leaves_the_mark() {
    let mut hostile = sample();
    let name = "--> <script>|a|@team `c`\n# head [x](http://e.vil) </details> ![i](http://e.vil)";
    for service in &mut hostile.services {
        service.name = name.to_owned();
    }
    for endpoint in &mut hostile.endpoints {
        endpoint.name = name.to_owned();
    }
    for finding in &mut hostile.findings {
        (finding.message, finding.hint) = (name.to_owned(), name.to_owned());
        (finding.code, finding.file) = (name.to_owned(), Some(name.to_owned()));
        finding.service = Some(name.to_owned());
    }
    for one in &mut hostile.ignored {
        (one.message, one.hint) = (name.to_owned(), Some(name.to_owned()));
        (one.code, one.file) = (format!("W{name}"), Some(name.to_owned()));
    }
    for objective in &mut hostile.objectives {
        objective.expression = name.to_owned();
        objective.detail = Some(name.to_owned());
    }
    let mut named = context(Detail::Screen);
    named.label = name.to_owned();
    let page = report(&hostile, &named);
    let first = page.lines().next().expect("a mark");
    assert!(
        first.starts_with("<!-- plimsoll:check ") && first.matches("-->").count() == 1,
        "{first}"
    );
    for bad in ["<script", "@team", "`c`", "\n# head", "[x](", "http://", "![i]"] {
        assert!(!page.contains(bad), "{bad}");
    }
    assert_eq!(page.matches("<details>").count(), page.matches("</details>").count());
}

#[test]
fn a_comment_is_never_too_long_and_its_folds_are_closed() {
    let mut long = sample();
    let (service, finding) = (long.services[5].clone(), long.findings[1].clone());
    long.services.extend(std::iter::repeat_n(service, 3_000));
    long.findings.extend(std::iter::repeat_n(finding, 3_000));
    let page = report(&long, &context(Detail::Screen));
    assert!(page.chars().count() <= LIMIT && page.len() > 10_000);
    assert_eq!(page.matches("<details>").count(), page.matches("</details>").count());
    assert!(page.contains("plimsoll:check") && page.contains("Cut here"));
}
