use super::*;
use crate::render::Detail;
use crate::render::sample::{alerts as three, context, golden, report as sample};

/// Elements that are closed by nothing.
const VOID: [&str; 3] = ["meta", "br", "!doctype"];

/// Fails unless every element is closed where it must be; gives the names of all elements.
fn assert_nested(page: &str) -> Vec<String> {
    let mut open: Vec<String> = Vec::new();
    let mut all = Vec::new();
    for part in page.split('<').skip(1) {
        let tag = part.split_once('>').expect("a tag ends").0;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "{page}");
            continue;
        }
        let name = tag.split([' ', '/']).next().unwrap_or_default().to_owned();
        if !tag.ends_with('/') && !VOID.contains(&name.as_str()) {
            open.push(name.clone());
        }
        all.push(name);
    }
    assert!(open.is_empty(), "{open:?} is left open");
    all
}

#[test]
fn alerts_are_worded_as_on_the_terminal() {
    let with_alerts = Report { alerts: three(), ..sample() };
    let found = alerts(&with_alerts);
    assert!(report(&with_alerts, &context(Detail::Screen)).contains(&found));
    golden("alerts.html", &found);
}

#[test]
fn the_page_is_whole() {
    let page = report(&sample(), &context(Detail::Screen));
    assert_nested(&page);
    golden("check.html", &page);
}

#[test]
fn it_asks_nobody_for_anything() {
    let page = report(&sample(), &context(Detail::Screen));
    let names = assert_nested(&page);
    for name in ["script", "link", "img", "iframe", "object", "embed", "a", "base", "form"] {
        assert!(!names.iter().any(|other| other == name), "{name}");
    }
    for word in ["http://", "https://", "url(", "@import", "src=", "href="] {
        assert!(!page.contains(word), "{word}");
    }
    assert!(page.contains("default-src 'none'") && page.contains("prefers-color-scheme: dark"));
}

#[test]
fn the_bars_stay_inside_and_show_what_is_over() {
    let page = report(&sample(), &context(Detail::Screen));
    assert_eq!(page.matches("class=\"over\"").count(), 1);
    for rect in page.split("<rect class=").skip(1).filter(|rect| rect.contains(" x=")) {
        let number = |name: &str| -> f64 {
            let rest = rect.split_once(&format!(" {name}=\"")).expect("an attribute").1;
            rest.split('"').next().and_then(|text| text.parse().ok()).expect("a number")
        };
        assert!(number("x") >= 0.0 && number("x") + number("width") <= 1000.0, "{rect}");
    }
}

#[test]
fn nothing_from_a_file_becomes_markup() {
    let plain = assert_nested(&report(&sample(), &context(Detail::Screen)));
    let mut hostile = sample();
    let name = "</title></svg><script>x()</script>\"' onload='y()' \u{0}&lt;<!-- &#60;";
    for service in &mut hostile.services {
        service.name = name.to_owned();
    }
    for endpoint in &mut hostile.endpoints {
        endpoint.name = name.to_owned();
        endpoint.time_by_cause[0].cause = name.to_owned();
    }
    for finding in &mut hostile.findings {
        (finding.message, finding.hint) = (name.to_owned(), name.to_owned());
        (finding.code, finding.file) = (name.to_owned(), Some(name.to_owned()));
    }
    for one in hostile.ignored.iter_mut().filter(|one| one.code.starts_with('W')) {
        (one.code, one.file) = (format!("W{name}"), Some(name.to_owned()));
    }
    for objective in &mut hostile.objectives {
        (objective.expression, objective.detail) = (name.to_owned(), Some(name.to_owned()));
    }
    for input in &mut hostile.assumptions {
        (input.path, input.source) = (name.to_owned(), name.to_owned());
    }
    (hostile.digest, hostile.engine_version) = (name.to_owned(), name.to_owned());
    let mut named = context(Detail::Screen);
    (named.label, named.words) = (name.to_owned(), name.to_owned());
    let page = report(&hostile, &named);
    assert_eq!(assert_nested(&page), plain, "the same elements, whatever the names are");
    assert!(!page.contains('\u{0}'));
}

#[test]
fn a_report_without_anything_is_a_page() {
    let mut bare = sample();
    bare.services.clear();
    bare.endpoints.clear();
    bare.findings.clear();
    bare.objectives.clear();
    bare.assumptions.clear();
    bare.host.memory_bytes = 0;
    bare.host.peak_bytes.p95 = 0;
    let page = report(&bare, &context(Detail::Screen));
    assert_nested(&page);
    assert!(!page.contains("NaN") && !page.contains("inf\""));
}
