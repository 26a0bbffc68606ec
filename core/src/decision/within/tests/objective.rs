//! What is said of the objectives on kills.

use super::*;

#[test]
fn the_objective_on_kills_is_judged_over_the_whole_time() {
    let options = CheckOptions {
        runs: Runs::Fixed(60),
        within: Some(SimTime::from_seconds(86_400.0)),
        max_events: 3_000_000,
        ..CheckOptions::default()
    };
    let report = check(&plan(14, "objectives: ['oom: p < 6%']\n"), &options, &|_| ());
    let judged = report.objectives.last().unwrap();
    assert_eq!(judged.expression, "oom: p < 6% within 1d");
    assert_eq!(judged.outcome, Outcome::Fail, "{judged:#?}");
    assert_eq!(report.exit_code, 1);
}

#[test]
fn every_objective_on_kills_is_judged_over_the_whole_time() {
    let options = CheckOptions {
        runs: Runs::Fixed(2),
        within: Some(SimTime::from_seconds(86_400.0)),
        max_events: 3_000_000,
        ..CheckOptions::default()
    };
    let both = "objectives: ['oom: p < 10%', 'oom: p < 0.1%']\n";
    let report = check(&plan(16, both), &options, &|_| ());
    let within = report.within.unwrap();
    assert!(within.interval.low > 0.001 && within.interval.high < 0.1, "{within:#?}");
    let judged = report.objectives.iter().filter(|one| one.expression.ends_with("within 1d"));
    let outcomes: Vec<Outcome> = judged.map(|one| one.outcome).collect();
    assert_eq!(outcomes, [Outcome::Pass, Outcome::Fail]);
}

#[test]
fn what_nobody_knows_does_not_hold_for_a_week_either() {
    let text = "services: {api: {build: ., ports: ['80:80'], mem_limit: 64m}}\n\
        x-plimsoll: {traffic: {arrival_rate: 1/s}, horizon: 5s, objectives: ['oom: p < 50%']}";
    let options = CheckOptions {
        runs: Runs::Fixed(2),
        within: Some(SimTime::from_seconds(5.0)),
        max_events: 1_000_000,
        ..CheckOptions::default()
    };
    let draft = import::read(&Sources::single("compose.yaml", text)).unwrap();
    let model = model::build(&draft.scenario, &draft.provenance).unwrap();
    let report = check(&model, &options, &|_| ());
    let judged = report.objectives.last().unwrap();
    assert!(judged.expression.ends_with("within 5 s"), "{}", judged.expression);
    assert!(report.within.unwrap().interval.high < 0.5);
    assert_eq!(judged.outcome, Outcome::Close, "{judged:#?}");
    let why = judged.detail.as_deref().unwrap();
    assert!(why.starts_with("nobody knows what memory the software of api takes"), "{why}");
}
