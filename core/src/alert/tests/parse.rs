//! What is read, what is refused, and that nothing makes the reader fall over.

use proptest::prelude::*;

use super::super::parse::parse;
use crate::import::{SourceFile, Sources, read};
use crate::model::build;

#[test]
fn what_prometheus_reads_is_read() {
    for text in [
        "up == 0",
        "up{job=\"api\",} != 1",
        "sum by (le) (rate(http_request_duration_seconds_bucket{code!~\"4..\"}[5m]))",
        "sum(rate(x[5m])) by (job,) / on(job) group_left(team) y",
        "max_over_time(x[1h30m] offset 1d) > bool 5 # comment",
        "rate(x[5m] offset -1m)",
        "avg_over_time(rate(x[5m])[30m:1m]) > 2",
        "x @ 1609746000",
        "x @ start()",
        "{__name__=\"up\"}",
        "{\"up\", job='a'}",
        "-1 ^ 2 + 0x1F * 1e3 - .5",
        "count_values(\"version\", build_info)",
        "histogram_quantile(0.9, x) and on() y unless z or w",
        "label_replace(up, \"a\", \"$1\", \"b\", \"(.*)\")",
        "absent(up{job=~\"a\\\\.b\"})",
        "sum without (x) (y) atan2 z",
        "hour() > 8 and day_of_week(vector(1)) < 6",
        "sum",
        "by",
        "topk(3, x)",
        "quantile(0.9, x)",
        "vector(Inf) > NaN",
        "foo:bar:rate5m > 1",
        "1h > bool 5",
    ] {
        parse(text).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
    }
}

#[test]
fn what_prometheus_refuses_is_refused_where_it_stands() {
    for (text, at, message) in [
        ("up ==", 5, "the end where an expression should be"),
        ("sum(rate(x)", 4, "argument 1 of `rate` is an instant vector"),
        ("rate(x)", 0, "argument 1 of `rate` is an instant vector, not a range vector"),
        ("x[5m]", 0, "a rule's expression gives a range vector"),
        ("ratee(x[5m])", 0, "there is no function `ratee`"),
        ("sum(x[5m])", 0, "what `sum` aggregates is a range vector"),
        ("1 > 2", 2, "a comparison of two numbers"),
        ("x + bool y", 2, "`bool` behind what is no comparison"),
        ("x and 1", 2, "one side is a number"),
        ("up{job=api}", 7, "`api` where a text in quotes should be"),
        ("up{job=~\"(\"}", 3, "is no regular expression"),
        ("{job=~\".*\"}", 0, "a selector that every series matches"),
        ("rate(x[5min])", 7, "neither a number nor a length of time"),
        ("up $ 1", 3, "`$` means nothing"),
        ("up)", 2, "`)` where an operator or the end should be"),
        ("\"a\\q\"", 2, "`\\q` is no escape"),
        ("topk(x)", 0, "`topk` takes 2 arguments"),
        ("x * on(a) group_left 5", 2, "labels are matched where one side is a number"),
    ] {
        let fault = parse(text).expect_err(text);
        assert!(fault.message.contains(message), "{text}: {fault:?}");
        assert_eq!(fault.at, at, "{text}: {fault:?}");
        assert!(!fault.hint.is_empty(), "{text}");
    }
    assert_eq!(parse("ratee(x[5m])").unwrap_err().hint, "did you mean `rate`?");
}

#[test]
fn what_is_too_large_is_refused() {
    for text in [
        format!("{}1{}", "(".repeat(5_000), ")".repeat(5_000)),
        format!("{}1", "-".repeat(9_000)),
        format!("{}1", "1 + ".repeat(2_000)),
        "x".repeat(10_001),
        format!("x{{{}}}", "a=\"b\",".repeat(1_000)),
        format!("x{{a=~\"{}\"}}", "(a{900}){900}"),
    ] {
        assert!(parse(&text).is_err());
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_fall_over(text in "\\PC{0,80}") {
        let _ = parse(&text);
    }

    #[test]
    fn nor_does_any_rule_file(words in prop::collection::vec(prop::sample::select(vec![
        "groups:", "- name: a", "  rules:", "  - alert: A", "    expr: up == 0", "    for: 5m", "    for: x",
        "    record: b", "    labels: {a: b}", "    labels: [1]", "  - {alert: B, expr: [}", "  interval: 0s",
        "    expr: 'rate(up'", "  rules: 5", "    annotations: {a: {b: c}}", "    keep_firing_for: 1h30m",
    ]), 0..12)) {
        let text = format!("groups:\n{}\n", words.join("\n"));
        let file = |name: &str, text: &str| SourceFile { name: name.into(), text: text.into() };
        let files = vec![file("plan.yaml", "services: {a: {image: nginx}}"), file("rules.yaml", &text)];
        let sources = Sources { files, ..Sources::default() };
        let draft = read(&sources);
        if let Err(errors) = draft.and_then(|draft| build(&draft.scenario, &draft.provenance)) {
            prop_assert!(errors.iter().all(|error| error.location.is_some()), "{errors:?}");
        }
    }

    #[test]
    fn nor_does_any_row_of_words(words in prop::collection::vec(prop::sample::select(vec![
        "up", "sum", "by", "(", ")", "{", "}", "[", "]", "5m", "1", "\"a\"", "=", "=~", "==", "-", "^",
        "rate", "offset", "@", "on", "group_left", "and", "bool", ",", ":", "histogram_quantile", "!",
    ]), 0..25)) {
        let _ = parse(&words.join(" "));
        let _ = parse(&words.concat());
    }
}
