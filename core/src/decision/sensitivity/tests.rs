use super::*;
use crate::decision::{CheckOptions, Runs, check};
use crate::import::{Draft, Sources, read};
use crate::model;
use crate::report::Report;

/// The limit holds the guessed memory of the program (24 MiB) and not the high end of its range
/// (1 GiB); the other guesses hardly matter.
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
    screen(&draft, &model, &mut report, options, &|| ());
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

/// The host's memory is the sum of two guesses and what is known, and the worst objective is on it: its
/// distance is linear in both.
const SUM: &str = "
version: 1
host: { memory: 64GiB, cores: 2 }
services:
  api: { cpu_request: 2ms, memory_request: 0KiB }
  web: { profile: gunicorn-gthread, workers: 1, threads: 1 }
endpoints: { page: { service: api, steps: [{ cpu: 1ms }] } }
traffic: { arrival_rate: 20/s }
horizon: 2s
objectives: ['memory: max < 20GiB', 'oom: p < 99%', 'loss_ratio: rate < 99%']
";

#[test]
fn shares_of_a_linear_plan_are_the_variances_of_its_guesses() {
    let draft = draft(SUM);
    let model = model::build(&draft.scenario, &draft.provenance).unwrap();
    let few = CheckOptions { runs: Runs::Fixed(1), ..CheckOptions::default() };
    let mut report = check(&model, &few, &|_| ());
    // Whatever the profile guesses: only these two vary, and both count in full.
    for one in &mut report.assumptions {
        let matters = ["services.api.memory_program", "services.web.memory_application"];
        let matters = matters.contains(&one.path.as_str());
        one.influence = matters.then_some(0.5);
    }
    let found = effects(&draft, &model, &report, &EffectOptions::default(), &|| ()).unwrap();
    assert_eq!(found.inputs.len(), 2, "{found:#?}");
    assert_eq!((found.broken, found.unfinished), (0.0, 0));
    let mebibytes = |text: &str| crate::quantity::Bytes::parse(text).unwrap().as_mib();
    let variances: Vec<f64> = found
        .inputs
        .iter()
        .map(|one| {
            let [low, high] = [mebibytes(&one.range[0]), mebibytes(&one.range[1])];
            if !one.by_magnitude {
                return (high - low) * (high - low) / 12.0;
            }
            let magnitudes = crate::math::ln(high / low);
            let mean = (high - low) / magnitudes;
            (high * high - low * low) / (2.0 * magnitudes) - mean * mean
        })
        .collect();
    let all: f64 = variances.iter().sum();
    for (one, variance) in found.inputs.iter().zip(variances) {
        for share in [one.first, one.total] {
            assert!((share.value - variance / all).abs() < 0.04, "{one:?}: {}", variance / all);
        }
    }
}

#[test]
fn effects_do_not_depend_on_threads_and_a_small_budget_is_said() {
    let draft = draft(SHOP);
    let model = model::build(&draft.scenario, &draft.provenance).unwrap();
    let report = screened(SHOP, &ScreenOptions::default());
    let with = |jobs, max_events| {
        let options = EffectOptions { jobs: Some(jobs), max_events, ..EffectOptions::default() };
        effects(&draft, &model, &report, &options, &|| ()).unwrap()
    };
    let few = with(1, 200_000);
    assert_eq!(few, with(3, 200_000));
    let cut = with(2, few.events / 2);
    assert!(!few.is_cut && cut.is_cut && cut.horizon_seconds < 10.0, "{cut:?}");
    assert!(cut.events < few.events * 2 / 3, "{cut:?}");
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

#[test]
fn a_plan_of_many_services_is_not_built_again_for_each_of_its_guesses() {
    let plan = |services: u32| {
        let service = |id: u32| format!("s{id}: {{memory: 600MiB}}");
        let services: Vec<String> = (0..services).map(service).collect();
        let text = format!("{{version: 1, services: {{{}}}, horizon: 1s}}", services.join(", "));
        screened(&text, &ScreenOptions::default()).screening.is_some()
    };
    assert!(plan(3) && !plan(200));
}
