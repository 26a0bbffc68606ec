use super::read::read;
use super::*;

const WHOLE: &str = "\
target = '2gb'
traffic = '100/s'
spike = '5x@1m+30s'
for = '2m'
seed = 7
runs = 40
objectives = ['oom: p < 1%']
baseline = 'base.json'

[set]
'services.api.workers' = 4

[thresholds]
'latency{endpoint:page}' = ['p(95) < 200ms', 'p(99) < 1s']

[profile.ci]
users = 50
precision = '5%'
within = '1w'

[[ignore]]
rule = 'PL010'
service = 'worker'
reason = 'a batch host'
expires = 2027-01-31
";

/// Code, line and column of everything that is wrong.
fn faults(text: &str) -> Vec<(&'static str, u32, u32, String)> {
    let list = read("plimsoll.toml", text).expect_err("it is wrong");
    let place = |fault: plimsoll::diagnostic::Diagnostic| {
        let at = fault.location.expect("a place");
        (fault.code, at.line, at.column, fault.message + &fault.hint.unwrap_or_default())
    };
    list.into_iter().map(place).collect()
}

#[test]
fn every_key_reaches_its_place() {
    let whole = read("plimsoll.toml", WHOLE).expect("it is right");
    let defaults = &whole.defaults;
    assert_eq!(defaults.target.as_deref(), Some("2gb"));
    assert_eq!((defaults.seed, defaults.runs), (Some(7), Some(Runs::Fixed(40))));
    assert_eq!(defaults.set, [("services.api.workers".to_owned(), "4".to_owned())]);
    assert_eq!(defaults.spike, ["5x@1m+30s"]);
    assert_eq!(
        defaults.objectives,
        [
            "oom: p < 1%",
            "latency{endpoint:page}: p(95) < 200ms",
            "latency{endpoint:page}: p(99) < 1s"
        ]
    );
    let expires = Date { year: 2027, month: 1, day: 31 };
    let subject = Subject::Rule { code: "PL010".to_owned(), service: Some("worker".to_owned()) };
    let reason = "a batch host".to_owned();
    assert_eq!(whole.ignores, [Ignore { subject, reason, expires }]);
}

#[test]
fn a_profile_wins_over_the_file_and_its_load_replaces_the_other() {
    let mut whole = read("plimsoll.toml", WHOLE).expect("it is right");
    let ci = whole.profiles.remove("ci").expect("a profile").or(whole.defaults);
    assert_eq!((ci.users, ci.traffic), (Some(50), None));
    assert_eq!((ci.runs, ci.seed), (Some(Runs::Fixed(40)), Some(7)));
    assert_eq!(
        (ci.precision, ci.within),
        (Some(Ratio(0.05)), Some(SimTime::from_seconds(604_800.0)))
    );
    assert_eq!(ci.target.as_deref(), Some("2gb"));
}

#[test]
fn unknown_keys_are_refused_with_what_was_meant() {
    let all = faults("target = '2gb'\ntarcet = '2gb'\n[profile.ci]\n  sead = 1\n");
    assert_eq!((all[0].0, all[0].1, all[0].2), ("E101", 2, 1));
    assert!(all[0].3.contains("did you mean `target`?"), "{}", all[0].3);
    assert_eq!((all[1].1, all[1].2), (4, 3));
    assert!(all[1].3.contains("`seed`"), "{}", all[1].3);
}

#[test]
fn wrong_values_are_said_all_at_once() {
    let all = faults("seed = -1\nruns = 0\nusers = 'ten'\nfor = 3\nset = 1\nmax_events = 1.5\n");
    let mut lines: Vec<u32> = all.iter().map(|fault| fault.1).collect();
    lines.sort_unstable();
    assert_eq!(lines, [1, 2, 3, 4, 5, 6]);
    assert!(all.iter().all(|fault| fault.0 == "E102"));
    assert_eq!(faults("users = 1\ntraffic = '1/s'\n")[0].0, "E103");
}

#[test]
fn an_ignore_needs_a_reason_a_day_and_one_subject() {
    let all = faults("[[ignore]]\nrule = 'PL001'\n");
    assert_eq!(all.len(), 2, "{all:?}");
    assert!(all[0].3.contains("`reason`") && all[1].3.contains("`expires`"));
    let end = "reason = 'x'\nexpires = 2027-01-31\n";
    assert_eq!(faults(&format!("[[ignore]]\n{end}")).len(), 1);
    assert_eq!(faults(&format!("[[ignore]]\nrule = 'a'\nobjective = 'b'\n{end}")).len(), 1);
    let all = faults("[[ignore]]\nrule = 'a'\nreason = 'x'\nexpires = '2027-01-31'\n");
    assert!(all[0].3.contains("a day without quotes"), "{}", all[0].3);
}

#[test]
fn no_text_breaks_the_reader() {
    for text in
        ["=", "a = ", "[", "[[ignore]", "target = '2gb'\ntarget = '4gb'\n", "\u{0}", "é = é"]
    {
        assert!(!faults(text).is_empty(), "{text}");
    }
    let deep = "a = ".to_owned() + &"[".repeat(100_000);
    assert!(!faults(&deep).is_empty());
}
