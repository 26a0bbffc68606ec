use super::*;
use crate::decision::{CheckOptions, Runs, check};
use crate::import::{Draft, Sources, read};
use crate::model;
use crate::report::Report;

/// The limit holds the guessed memory of the program (24 MiB) and not the high end of its range
/// (500 MiB); the other guesses hardly matter.
const SHOP: &str = "
version: 1
host: { memory: 8GiB, cores: 2, reserved: 100MiB }
services:
  api: { memory: 200MiB, cpu_request: 2ms, memory_request: 0KiB }
traffic: { arrival_rate: 20/s }
horizon: 10s
objectives: ['oom: p < 20%']
";

fn draft(text: &str) -> Draft {
    read(&Sources::single("plan.yaml", text)).unwrap()
}

fn screened(text: &str, options: &ScreenOptions) -> Report {
    let draft = draft(text);
    let model = model::build(&draft.scenario, &draft.provenance).unwrap();
    let few = CheckOptions { runs: Runs::Fixed(5), ..CheckOptions::default() };
    let mut report = check(&model, &few, &|_| ());
    screen(&draft, &model, &mut report, options);
    report
}

fn deciding(report: &Report) -> Vec<&str> {
    let deciding = report.assumptions.iter().filter(|one| one.decides == Some(true));
    deciding.map(|one| one.path.as_str()).collect()
}

#[test]
fn the_one_guess_that_decides_is_found() {
    let report = screened(SHOP, &ScreenOptions::default());
    assert_eq!(deciding(&report), ["services.api.memory_program"], "{:#?}", report.assumptions);
    let screening = report.screening.as_ref().unwrap();
    assert_eq!(screening.deciding, 1);
    assert!(screening.guesses > 1 && !screening.is_cut && screening.unfinished == 0);
    let stated = SHOP.replace("cpu_request:", "memory_program: 60MiB, cpu_request:");
    assert_eq!(deciding(&screened(&stated, &ScreenOptions::default())), [""; 0]);
}

#[test]
fn only_guesses_have_an_influence_and_the_digest_stays() {
    let report = screened(SHOP, &ScreenOptions::default());
    for one in &report.assumptions {
        let is_guess = one.origin == "guess" && one.range.is_some();
        assert_eq!(one.influence.is_some(), is_guess, "{}", one.path);
        assert_eq!(one.decides.is_some(), is_guess, "{}", one.path);
    }
    let draft = draft(SHOP);
    let model = model::build(&draft.scenario, &draft.provenance).unwrap();
    let few = CheckOptions { runs: Runs::Fixed(5), ..CheckOptions::default() };
    assert_eq!(report.digest, check(&model, &few, &|_| ()).digest);
}

#[test]
fn the_answer_does_not_depend_on_threads() {
    let with = |jobs| ScreenOptions { jobs: Some(jobs), ..ScreenOptions::default() };
    assert_eq!(screened(SHOP, &with(1)), screened(SHOP, &with(3)));
}

#[test]
fn a_small_budget_shortens_the_runs_and_says_so() {
    let whole = screened(SHOP, &ScreenOptions::default()).screening.unwrap();
    let budget = whole.events / 4;
    let cut = screened(SHOP, &ScreenOptions { max_events: budget, ..ScreenOptions::default() });
    let cut = cut.screening.unwrap();
    assert!(cut.is_cut && cut.horizon_seconds < 10.0, "{cut:?}");
    assert!(cut.events < whole.events / 2, "{cut:?}");
}

#[test]
fn every_range_of_the_catalogue_can_be_gone_through() {
    use crate::decision::between::Between;
    use crate::scenario::Value;
    for (name, profile) in crate::catalog::profiles() {
        for (parameter, known) in &profile.values {
            let Some((low, high)) = &known.range else { continue };
            if matches!(low, Value::Word(_) | Value::Flag(_)) {
                continue;
            }
            let between = Between::parse(&low.to_string(), &high.to_string());
            assert!(between.is_some(), "{name}: {}: {low} to {high}", parameter.name());
        }
    }
}
