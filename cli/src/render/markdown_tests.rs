use super::*;
use crate::render::Detail;
use crate::render::sample::{alerts as three, context, golden, report as sample};

#[test]
fn alerts_are_worded_as_on_the_terminal() {
    let with_alerts = Report { alerts: three(), ..sample() };
    let found = alerts(&with_alerts);
    assert!(report(&with_alerts, &context(Detail::Screen)).contains(&found));
    golden("alerts.md", &found);
}

#[test]
fn the_comment_is_whole() {
    golden("check.md", &report(&sample(), &context(Detail::Screen)));
}

#[test]
fn nothing_from_a_file_becomes_markup() {
    let mut hostile = sample();
    let name = "a|b<img src=x>@team`c`\n# head [x](http://e.vil) _i_ *b*";
    hostile.services[0].name = name.to_owned();
    hostile.endpoints[0].name = name.to_owned();
    hostile.findings[0].message = name.to_owned();
    hostile.findings[0].hint = name.to_owned();
    hostile.objectives[0].expression = name.to_owned();
    hostile.assumptions[0].path = name.to_owned();
    hostile.alerts = three();
    hostile.alerts[0].name = name.to_owned();
    hostile.alerts[0].notes = vec![name.to_owned()];
    let mut named = context(Detail::Screen);
    named.label = name.to_owned();
    named.words = format!(" {name}");
    let page = report(&hostile, &named);
    let (visible, footer) = page.split_once("<sub>").expect("a last line");
    for bad in ["<img", "@team", "`c`", "\n# head", "[x](", "http://", " _i_", "*b*"] {
        assert!(!visible.contains(bad), "{bad}");
    }
    assert!(footer.matches('`').count() == 2 && !footer.contains("\n#"));
    for row in visible.lines().filter(|line| line.starts_with("| ")) {
        let bars = row.replace("\\|", "").matches('|').count();
        assert!((4..=7).contains(&bars), "{row}");
    }
}

#[test]
fn a_comment_is_never_too_long() {
    let mut long = sample();
    let finding = long.findings[0].clone();
    long.findings.extend(std::iter::repeat_n(finding, 2_000));
    let page = report(&long, &context(Detail::Screen));
    assert!(page.chars().count() <= MOST_CHARACTERS);
    assert!(page.ends_with("`--format json` has everything._\n"));
    assert!(page.starts_with("### ✗ Does not fit: compose.yaml on 512 MiB, 2 cores"));
}
