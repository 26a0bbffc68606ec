use super::*;
use crate::decision::{CheckOptions, check};
use crate::import::{Overrides, Sources, read};

/// One service that needs about 100 MiB, more when several requests are in flight.
const SHOP: &str = "
version: 1
host: { memory: 2GiB, cores: 2 }
services:
  api: { memory: 512MiB, memory_program: 60MiB, memory_worker: 20MiB, workers: 1, threads: 1, memory_request: 0KiB, page_cache: 0MiB }
  database: { profile: postgres, memory: 700MiB }
endpoints:
  page: { service: api, steps: [{ hold: 4MiB }, { cpu: { exponential: 20ms } }] }
traffic: { arrival_rate: 20/s }
horizon: 20s
objectives: ['oom: p < 20%']
";

fn draft(text: &str) -> Draft {
    read(&Sources::single("plan.yaml", text)).unwrap()
}

fn options() -> FitOptions {
    FitOptions { runs: Runs::Fixed(60), ..FitOptions::default() }
}

/// The check of a plan with these limits.
fn checked(draft: &Draft, limits: &[(String, u64)], seed: u64, runs: u32) -> Report {
    let set = limits.iter().map(|(path, size)| (path.clone(), format!("{size}B"))).collect();
    let mut draft = draft.clone();
    draft.apply(&Overrides { set, ..Overrides::default() }).unwrap();
    let model = model::build(&draft.scenario, &draft.provenance).unwrap();
    let options = CheckOptions { runs: Runs::Fixed(runs), seed, ..CheckOptions::default() };
    check(&model, &options, &|_| ())
}

fn limits_of(answer: &FitAnswer) -> Vec<(String, u64)> {
    let fitted = answer.proposals.iter();
    fitted.filter_map(|one| Some((one.path.clone(), one.memory.as_ref()?.proposed_bytes))).collect()
}

#[test]
fn the_answer_passes_afresh_and_one_step_smaller_does_not() {
    let draft = draft(SHOP);
    let answer = fit(&draft, &options(), &|_| ()).unwrap();
    assert_eq!(answer.outcome, FitOutcome::Found);
    let limits = limits_of(&answer);
    assert_eq!(limits.len(), 2);
    assert_eq!(checked(&draft, &limits, 7, 600).verdict, Verdict::Fits);
    for index in 0..limits.len() {
        let mut smaller = limits.clone();
        smaller[index].1 = ladder::below(smaller[index].1).unwrap();
        let verdict = checked(&draft, &smaller, 7, 600).verdict;
        assert_ne!(verdict, Verdict::Fits, "{}", limits[index].0);
    }
}

#[test]
fn no_limit_rests_on_the_kills_that_are_usually_allowed() {
    let text = SHOP.replace("threads: 1,", "threads: 12,");
    let kills = |text: &str| {
        let answer = fit(&draft(text), &FitOptions::default(), &|_| ()).unwrap();
        assert_eq!(answer.outcome, FitOutcome::Found);
        let memory = answer.proposals[0].memory.as_ref().unwrap();
        (memory.proposed_bytes, memory.oom.unwrap().probability)
    };
    let allowed = kills(&text);
    assert!(allowed.1 > 0.0, "{allowed:?}");
    let usual = kills(&text.replace("p < 20%", "p < 1%"));
    assert!(usual.0 > allowed.0 && usual.1 == 0.0, "{usual:?}");
    assert_eq!(kills(&text.replace("p < 20%'", "p < 20%', 'oom: p < 1%'")), usual);
}

#[test]
fn what_is_fitted_already_is_proposed_again() {
    let mut draft = draft(SHOP);
    let limits = limits_of(&fit(&draft, &options(), &|_| ()).unwrap());
    let set = limits.iter().map(|(path, size)| (path.clone(), format!("{size}B"))).collect();
    draft.apply(&Overrides { set, ..Overrides::default() }).unwrap();
    assert_eq!(limits_of(&fit(&draft, &options(), &|_| ()).unwrap()), limits);
}

#[test]
fn what_is_proposed_as_text_is_what_was_verified() {
    // 1088 MiB, which are 1.06 GiB, of which a plan would read 1085.4 MiB.
    let large =
        draft(&SHOP.replace("memory: 512MiB, memory_program: 60MiB", "memory_program: 1000MiB"));
    let answer = fit(&large, &options(), &|_| ()).unwrap();
    assert_eq!(answer.outcome, FitOutcome::Found);
    for one in &answer.proposals {
        let size = one.memory.as_ref().unwrap().proposed_bytes;
        assert_eq!(Bytes::parse(&one.proposed), Some(Bytes(size)), "{}", one.proposed);
    }
    let api = answer.proposals.iter().find(|one| one.path == "services.api.memory").unwrap();
    assert_eq!(api.proposed, "1088 MiB");
}

#[test]
fn no_limit_makes_a_slow_plan_fast() {
    let slow = SHOP.replace("['oom: p < 20%']", "['latency: p(50) < 1ms']");
    let answer = fit(&draft(&slow), &options(), &|_| ()).unwrap();
    assert_eq!(answer.outcome, FitOutcome::NoneHolds);
    assert!(answer.proposals.is_empty());
    assert!(answer.objectives.iter().any(|one| one.outcome == crate::report::Outcome::Fail));
}

#[test]
fn the_fewest_workers_and_the_smallest_host_are_found() {
    let tight = SHOP
        .replace("['oom: p < 20%']", "['oom: p < 20%', 'latency: p(95) < 600ms']")
        .replace("exponential: 20ms", "exponential: 60ms");
    let mut options = options();
    let path = "services.api.workers".to_owned();
    options.vary =
        vec![Axis { path, values: vec!["1".into(), "2".into(), "3".into(), "4".into()] }];
    options.hosts = vec!["256mb".into(), "512mb".into(), "4gb".into()];
    let answer = fit(&draft(&tight), &options, &|_| ()).unwrap();
    assert_eq!(answer.outcome, FitOutcome::Found);
    let workers = answer.proposals.iter().find(|one| one.path == "services.api.workers").unwrap();
    assert!(workers.proposed == "2" || workers.proposed == "3", "{}", workers.proposed);
    assert_eq!(answer.host.memory_bytes, 512 << 20);
    options.hosts.reverse();
    assert_eq!(fit(&draft(&tight), &options, &|_| ()).unwrap(), answer);
}

#[test]
fn the_cheapest_answer_is_taken_and_the_unbeaten_are_listed() {
    let mut options = options();
    let path = "services.api.memory_worker".to_owned();
    options.vary = vec![Axis { path, values: vec!["200MiB".into(), "20MiB".into()] }];
    options.prices = Some(Prices { memory_gib: 4.0, core: 0.0 });
    let answer = fit(&draft(SHOP), &options, &|_| ()).unwrap();
    assert_eq!(answer.proposals[0].proposed, "20MiB");
    assert!(answer.alternatives.windows(2).all(|pair| pair[0].cost <= pair[1].cost));
}

#[test]
fn a_spent_budget_is_no_answer() {
    let spent = FitOptions { max_events: 20_000, ..options() };
    assert_eq!(fit(&draft(SHOP), &spent, &|_| ()).unwrap().outcome, FitOutcome::Unfinished);
}

#[test]
fn a_budget_that_is_not_spent_is_not_blamed() {
    // More than 500,000 wait at once, which ends each run.
    let piling = draft(
        "
version: 1
host: { memory: 64GiB, cores: 64 }
services: { api: { memory: 8GiB, memory_program: 60MiB, memory_thread: 0KiB, memory_request: 0KiB, memory_connection: 0KiB, threads: 1000000, backlog: 1000000, cpu_request: 1us, cpu_connect: 0s } }
endpoints: { page: { timeout: 0s, steps: [{ wait: 20s }] } }
traffic: { arrival_rate: 100000/s }
horizon: 10s
",
    );
    let answer = fit(&piling, &FitOptions { runs: Runs::Fixed(2), ..options() }, &|_| ()).unwrap();
    assert!(answer.events < 20_000_000, "{}", answer.events);
    assert_eq!(answer.outcome, FitOutcome::NoneHolds);
}

#[test]
fn too_many_combinations_are_refused() {
    let values: Vec<String> = (1..=10).map(|value: u32| value.to_string()).collect();
    let axis = |name: &str| Axis { path: format!("services.api.{name}"), values: values.clone() };
    let many = FitOptions { vary: vec![axis("workers"), axis("threads")], ..options() };
    assert_eq!(fit(&draft(SHOP), &many, &|_| ()).unwrap_err()[0].code, "E305");
}

#[test]
fn the_answer_does_not_depend_on_threads() {
    let with = |jobs| FitOptions { jobs: Some(jobs), ..options() };
    let one = fit(&draft(SHOP), &with(1), &|_| ()).unwrap();
    assert_eq!(one, fit(&draft(SHOP), &with(2), &|_| ()).unwrap());
}

#[test]
fn a_service_that_needs_next_to_nothing_gets_the_least_that_docker_takes() {
    let tiny = SHOP.replace(
        "memory_program: 60MiB, memory_worker: 20MiB",
        "memory_program: 1MiB, memory_worker: 1MiB, memory_kernel: 0MiB, memory_connection: 0KiB",
    );
    let tiny = draft(&tiny.replace("hold: 4MiB", "hold: 1KiB"));
    let answer = fit(&tiny, &options(), &|_| ()).unwrap();
    let proposal = answer.proposals.iter().find(|one| one.path == "services.api.memory").unwrap();
    assert_eq!((proposal.proposed.as_str(), &proposal.smaller), ("6 MiB", &None));
}

/// What is proposed as the limit of a service.
fn memory_of(answer: &FitAnswer, service: &str) -> MemoryFit {
    let mut of = answer.proposals.iter().filter(|one| one.service.as_deref() == Some(service));
    of.next().unwrap().memory.clone().unwrap()
}

#[test]
fn high_guesses_say_how_far_the_limits_may_be_off() {
    let text = "
version: 1
host: { memory: 4GiB, cores: 2 }
services:
  web: { profile: gunicorn-sync, memory: 1GiB, workers: 2 }
  known: { memory: 256MiB, memory_program: 60MiB }
traffic: { arrival_rate: 2/s }
horizon: 20s
objectives: ['oom: p < 20%']
";
    let answer = fit(&draft(text), &options(), &|_| ()).unwrap();
    let model = model::build(&draft(text).scenario, &Default::default()).unwrap();
    // What is fitted to a plan that states the high end of what nobody knows of a worker.
    let path = "services.web.memory_application".to_owned();
    let input = model.inputs.iter().find(|input| input.path == path).unwrap();
    let set = vec![(path, input.range.as_ref().unwrap().1.clone())];
    let mut stated = draft(text);
    stated.apply(&Overrides { set, ..Overrides::default() }).unwrap();
    let stated = fit(&stated, &options(), &|_| ()).unwrap();
    let (web, known) = (memory_of(&answer, "web"), memory_of(&answer, "known"));
    let needed = memory_of(&stated, "web").proposed_bytes;
    let said = web.at_high_guesses_bytes.unwrap();
    assert!(web.proposed_bytes + (128 << 20) < needed, "{web:?}");
    assert!(said.abs_diff(needed) <= 32 << 20, "said {said}, needed {needed}");
    assert!(known.at_high_guesses_bytes.unwrap() <= known.proposed_bytes + (16 << 20));
}

#[test]
fn high_guesses_take_counts_and_shares_of_memory_high_too() {
    let text = "
version: 1
host: { memory: 8GiB, cores: 4 }
services:
  api: { memory: 1GiB, memory_program: 60MiB, calls: [postgres], queries_per_request: 4, pool_size: 20 }
  postgres: { profile: postgres, memory: 1GiB, work_mem: 32MiB, cpu_request: 10ms, wait_request: 10ms }
traffic: { arrival_rate: 20/s }
horizon: 5s
objectives: ['oom: p < 20%']
";
    let answer = fit(&draft(text), &options(), &|_| ()).unwrap();
    let postgres = memory_of(&answer, "postgres");
    // Its guess is one sort at a time for each query, and up to four.
    let high = postgres.at_high_guesses_bytes.unwrap();
    assert!(high >= postgres.proposed_bytes + 3 * (32 << 20), "{postgres:?}");
}

/// A plan with software of which nothing is known, on a host of this size.
fn unknown(host: &str) -> Draft {
    let text = format!(
        "services: {{api: {{build: ., ports: ['80:80']}}, job: {{build: .}}}}\n\
         x-plimsoll: {{host: {{memory: {host}}}, objectives: ['oom: p < 30%'], horizon: 2s}}"
    );
    draft(&text)
}

#[test]
fn limits_of_unknown_software_pass_a_check_and_hold_for_all_that_the_guess_allows() {
    let draft = unknown("8GiB");
    let answer = fit(&draft, &options(), &|_| ()).unwrap();
    assert_eq!(answer.outcome, FitOutcome::Found);
    let limits = limits_of(&answer);
    assert_eq!(checked(&draft, &limits, 7, 60).verdict, Verdict::Fits);
    let mut at_most = limits.clone();
    at_most.extend(answer.unknown.iter().map(|one| (one.path.clone(), one.at_most_bytes)));
    assert_eq!(at_most.len(), 4);
    assert_eq!(checked(&draft, &at_most, 7, 60).verdict, Verdict::Fits);
}

#[test]
fn what_unknown_software_takes_has_to_be_stated_where_the_host_is_too_small_for_the_guess() {
    let mut draft = unknown("1GiB");
    let answer = fit(&draft, &options(), &|_| ()).unwrap();
    assert_eq!(answer.outcome, FitOutcome::NoneHolds);
    assert!(answer.proposals.is_empty());
    let services: Vec<&str> = answer.unknown.iter().map(|one| one.service.as_str()).collect();
    assert_eq!(services, ["api", "job"]);
    let why = answer.objectives[0].detail.as_deref().unwrap();
    assert!(why.starts_with("nobody knows what memory the software of api and job takes"), "{why}");
    let set = answer.unknown.iter().map(|one| (one.path.clone(), "60MiB".to_owned())).collect();
    draft.apply(&Overrides { set, ..Overrides::default() }).unwrap();
    let stated = fit(&draft, &options(), &|_| ()).unwrap();
    assert_eq!((stated.outcome, stated.unknown), (FitOutcome::Found, Vec::new()));
}

#[test]
fn what_only_the_most_that_a_guess_allows_would_break_is_left_open() {
    let mut report = checked(&draft(SHOP), &[("services.api.memory".to_owned(), 64 << 20)], 7, 20);
    assert_eq!(report.verdict, Verdict::DoesNotFit);
    let names = Unknown {
        service: "api".to_owned(),
        path: "services.api.memory_program".to_owned(),
        guessed_bytes: 24 << 20,
        at_most_bytes: 500 << 20,
    };
    super::unknown::leave_open(&mut report, &[names]);
    assert_eq!(report.verdict, Verdict::Undecided);
    let why = report.objectives[0].detail.as_deref().unwrap();
    assert!(why.contains("up to 500 MiB it does not hold"), "{why}");
}

#[test]
fn what_is_no_matter_of_memory_raises_no_limit() {
    // The latency is so close to its limit that it holds in the search, and fresh runs cannot tell.
    let text = "
version: 1
host: { memory: 2GiB, cores: 2 }
services:
  api: { memory: 512MiB, memory_program: 60MiB, memory_worker: 20MiB, lock: event_loop, workers: 1, memory_request: 0KiB, page_cache: 0MiB }
endpoints: { page: { service: api, steps: [{ cpu: { exponential: 5ms } }] } }
traffic: { arrival_rate: 150/s }
horizon: 5s
objectives: ['oom: p < 20%', 'latency: p(95) < 60820us']
";
    let answer =
        fit(&draft(text), &FitOptions { seed: 6, ..FitOptions::default() }, &|_| ()).unwrap();
    assert_eq!(answer.outcome, FitOutcome::Unverified);
    assert_eq!(answer.verified.unwrap().verdict, Verdict::Undecided);
    assert_eq!(limits_of(&answer)[0].1, 84 << 20);
}

#[test]
fn what_was_found_before_the_budget_ended_is_kept() {
    let whole = fit(&draft(SHOP), &options(), &|_| ()).unwrap();
    let short = FitOptions { max_events: whole.events * 3 / 4, ..options() };
    let short = fit(&draft(SHOP), &short, &|_| ()).unwrap();
    assert_eq!(short.outcome, FitOutcome::Unfinished);
    assert_eq!(short.proposals.len(), 2);
}
