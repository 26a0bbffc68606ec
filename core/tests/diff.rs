//! `diff`: what a change does, run by run, and what it leaves alone.

use plimsoll::decision::{Compared, DiffOptions, FailOn, Runs, diff};
use plimsoll::import::{Draft, Overrides, Sources, read};
use plimsoll::model::{Model, build};
use plimsoll::report::{
    Change, DiffAnswer, Difference, Doubt, FixKind, IntervalReport, Judgement, Pairing, Quantity,
    Report, Side, SideSource, Subject, Verdict,
};
use plimsoll::{CheckOptions, check};

/// A plan that was read.
struct Plan {
    draft: Draft,
    model: Model,
}

impl Plan {
    fn new(text: &str, set: &[(&str, &str)]) -> Self {
        let mut draft = read(&Sources::single("plan.yaml", text)).expect("the plan is right");
        let set = set.iter().map(|(path, value)| ((*path).to_owned(), (*value).to_owned()));
        let overrides = Overrides { set: set.collect(), ..Overrides::default() };
        draft.apply(&overrides).expect("the overrides are right");
        let model = build(&draft.scenario, &draft.provenance).expect("the plan can be built");
        Plan { draft, model }
    }

    fn side(&self) -> Compared<'_> {
        Compared::Plan { draft: &self.draft, model: &self.model }
    }
}

fn runs(count: u32) -> DiffOptions {
    DiffOptions { runs: Runs::Fixed(count), ..DiffOptions::default() }
}

fn compared(base: &Plan, head: &Plan, options: &DiffOptions) -> DiffAnswer {
    diff(base.side(), head.side(), options, &|_| ())
}

fn of<'a>(answer: &'a DiffAnswer, subject: Subject, name: &str, quantity: Quantity) -> &'a Change {
    let is = |one: &&Difference| {
        (one.subject, one.name.as_str(), one.quantity) == (subject, name, quantity)
    };
    &answer.differences.iter().find(is).expect("the quantity is compared").change
}

/// Two services that share nothing but a large host.
const APART: &str = "
version: 1
host: { memory: 4GiB, cores: 8 }
services:
  left: { memory: 128MiB, memory_program: 24MiB, cpu_request: 5ms, workers: 1 }
  right: { memory: 128MiB, memory_program: 24MiB, cpu_request: 5ms, memory_request: 1MiB, workers: 2, restart: always }
traffic: { arrival_rate: 60/s }
horizon: 10s
endpoints:
  one: { share: 1, service: left, steps: [{ cpu: { exponential: 3ms } }] }
  two: { share: 1, service: right, steps: [{ cpu: { exponential: 3ms } }] }
objectives: ['oom: p < 5%', 'latency{endpoint:two}: p(95) < 1s']
";

#[test]
fn what_the_change_does_not_touch_differs_by_exactly_nothing() {
    let base = Plan::new(APART, &[]);
    let head = Plan::new(APART, &[("endpoints.two.steps.0.cpu.exponential", "9ms")]);
    let answer = compared(&base, &head, &runs(8));
    let mut moved = 0;
    for one in &answer.differences {
        let zero = one.change.difference == Some(0.0);
        let untouched = ["left", "one"].contains(&one.name.as_str());
        assert!(!untouched || zero, "{one:#?}");
        assert!(!untouched || one.change.judgement == Judgement::Same);
        moved += usize::from(!zero);
    }
    assert!(moved > 3, "the change itself shows");
    let slower = of(&answer, Subject::Endpoint, "two", Quantity::LatencyP50);
    assert_eq!((slower.judgement, slower.pairs), (Judgement::Worse, 8));
    let [base, head] = [slower.base, slower.head].map(Option::unwrap);
    assert!((head - base - slower.difference.unwrap()).abs() < 1e-12);
}

/// Every ready scenario, shortened.
fn catalogue() -> Vec<Plan> {
    let all = plimsoll::catalog::scenarios().iter();
    all.map(|(_, text)| Plan::new(text, &[("horizon", "10s"), ("warmup", "1s")])).collect()
}

#[test]
fn a_plan_does_not_differ_from_itself() {
    for plan in catalogue() {
        let answer = compared(&plan, &plan, &runs(2));
        for one in &answer.differences {
            assert!([Some(0.0), None].contains(&one.change.difference), "{one:#?}");
        }
        let objectives = answer.objectives.iter().filter_map(|one| one.change.as_ref());
        objectives.for_each(|change| assert_eq!(change.difference, Some(0.0)));
        assert!(answer.inputs.is_empty() && answer.only.is_empty() && answer.doubts.is_empty());
        assert!(answer.findings_new.is_empty() && answer.findings_gone.is_empty());
        assert_eq!(answer.repair, None);
    }
}

/// Limits that nobody reaches bind nothing: raising one moves no other number, in any ready scenario.
#[test]
fn a_raised_memory_limit_moves_nothing_else_in_any_ready_scenario() {
    for plan in catalogue() {
        let unharmed = plan.model.services.iter().find(|service| {
            service.limit.is_some() && service.heap.is_none() && service.store.is_none()
        });
        let Some(name) = unharmed.map(|service| service.name.clone()) else { continue };
        let mut draft = plan.draft.clone();
        let path = format!("services.{name}.memory");
        let raised = plan.draft.scenario.services[&name].memory.map(|memory| memory.scale(1.5));
        let text = raised.unwrap().to_string().replace(' ', "");
        let set = vec![(path.clone(), text)];
        draft.apply(&Overrides { set, ..Overrides::default() }).expect("a limit can be raised");
        let model = build(&draft.scenario, &draft.provenance).expect("it can be built");
        let head = Plan { draft, model };
        let answer = compared(&plan, &head, &DiffOptions { repair: false, ..runs(2) });
        assert!(answer.inputs.iter().any(|input| input.path == path && input.stated));
        let is_killed = of(&answer, Subject::Service, &name, Quantity::OomProbability);
        if is_killed.base != Some(0.0) {
            continue;
        }
        for one in &answer.differences {
            assert!([Some(0.0), None].contains(&one.change.difference), "{name}: {one:#?}");
        }
    }
}

#[test]
fn turned_round_every_difference_changes_its_sign_to_the_bit() {
    let base = Plan::new(APART, &[]);
    let head = Plan::new(
        APART,
        &[("endpoints.two.steps.0.cpu.exponential", "6ms"), ("services.right.memory", "40MiB")],
    );
    let options = DiffOptions { repair: false, ..runs(6) };
    let (there, back) = (compared(&base, &head, &options), compared(&head, &base, &options));
    assert_eq!(there.differences.len(), back.differences.len());
    for (one, other) in there.differences.iter().zip(&back.differences) {
        let (one, other) = (&one.change, &other.change);
        assert_eq!((one.base, one.head), (other.head, other.base));
        assert_eq!(one.difference, other.difference.map(|difference| -difference));
        let turned = other.interval.map(|IntervalReport { low, high }| (-high, -low));
        assert_eq!(one.interval.map(|span| (span.low, span.high)), turned);
    }
    assert_eq!(there.inputs.len(), back.inputs.len());
}

#[test]
fn each_side_has_the_verdict_that_check_gives() {
    let plans = [
        Plan::new(APART, &[]),
        Plan::new(APART, &[("services.right.memory", "24MiB")]),
        Plan::new(APART, &[("objectives", "['latency{endpoint:two}: p(95) < 14ms']")]),
    ];
    for base in &plans {
        for head in &plans {
            let options = DiffOptions { repair: false, ..DiffOptions::default() };
            let answer = compared(base, head, &options);
            for (side, plan) in [(&answer.base, base), (&answer.head, head)] {
                let report = check(&plan.model, &CheckOptions::default(), &|_| ());
                assert_eq!(side.verdict, report.verdict);
                for judged in &report.objectives {
                    let mine = answer.objectives.iter();
                    let mut mine = mine.filter(|one| one.expression == judged.expression);
                    let one = mine.next().expect("every objective is compared");
                    let is_head = std::ptr::eq(plan, head);
                    let side = if is_head { &one.head } else { &one.base };
                    assert_eq!(side.as_ref(), Some(judged));
                }
            }
        }
    }
}

#[test]
fn a_limit_that_is_too_small_is_found_named_and_mended() {
    let base = Plan::new(APART, &[]);
    let head = Plan::new(APART, &[("services.right.memory", "24MiB")]);
    let answer = compared(&base, &head, &DiffOptions::default());
    assert_eq!((answer.base.verdict, answer.head.verdict), (Verdict::Fits, Verdict::DoesNotFit));
    assert_eq!(answer.exit_code, 1);
    let killed = of(&answer, Subject::Service, "right", Quantity::OomProbability);
    assert_eq!(killed.judgement, Judgement::Worse);
    assert!(killed.discordant.unwrap().head_only > 10);
    let lost = of(&answer, Subject::Endpoint, "two", Quantity::LossRatio);
    assert_eq!(lost.judgement, Judgement::Worse);
    let answered = of(&answer, Subject::Endpoint, "two", Quantity::LatencyP50);
    assert_eq!(answered.judgement, Judgement::Unknown, "a refusal is not a fast answer");
    let repair = answer.repair.expect("a fix was searched");
    assert!(repair.complete);
    let [raise, revert] = repair.fixes.as_slice() else { panic!("{repair:#?}") };
    assert_eq!((raise.kind, revert.kind), (FixKind::RaiseMemory, FixKind::Revert));
    assert_eq!(revert.set[0].to.as_deref(), Some("128MiB"));
    for fix in [raise, revert] {
        let step = &fix.set[0];
        assert_eq!(step.path, "services.right.memory");
        let fixed = Plan::new(APART, &[(&step.path, step.to.as_deref().unwrap())]);
        let report = check(&fixed.model, &CheckOptions::default(), &|_| ());
        assert_eq!(report.verdict, Verdict::Fits, "{fix:?}");
    }
}

#[test]
fn where_base_is_undecided_a_fix_need_do_no_more() {
    let text = APART.replace("\ntraffic", "\n  keys: { profile: redis, memory: 64MiB }\ntraffic");
    let base = Plan::new(&text, &[]);
    let head = Plan::new(&text, &[("services.right.memory", "24MiB")]);
    let answer = compared(&base, &head, &DiffOptions::default());
    assert_eq!(
        (answer.base.verdict, answer.head.verdict),
        (Verdict::Undecided, Verdict::DoesNotFit)
    );
    let repair = answer.repair.expect("a fix was searched");
    let [raise, revert] = repair.fixes.as_slice() else { panic!("{repair:#?}") };
    assert_eq!((raise.verdict, revert.verdict), (Verdict::Undecided, Verdict::Undecided));
    assert_eq!(raise.set[0].path, "services.right.memory");
}

#[test]
fn what_fits_but_became_worse_fails_where_that_is_asked_for() {
    let base = Plan::new(APART, &[]);
    let head = Plan::new(APART, &[("endpoints.two.steps.0.cpu.exponential", "9ms")]);
    let options = runs(60);
    assert_eq!(compared(&base, &head, &options).exit_code, 0);
    let strict = DiffOptions { fail_on: FailOn::Worse, ..options };
    assert_eq!(compared(&base, &head, &strict).exit_code, 1);
    assert_eq!(compared(&head, &base, &strict).exit_code, 0, "better is not worse");
    assert_eq!(compared(&base, &base, &strict).exit_code, 0);
}

#[test]
fn what_only_one_side_has_is_said() {
    let more =
        APART.replace("traffic:", "  extra: { memory: 64MiB, memory_program: 20MiB }\ntraffic:");
    let answer = compared(&Plan::new(APART, &[]), &Plan::new(&more, &[]), &runs(2));
    let [only] = answer.only.as_slice() else { panic!("{:?}", answer.only) };
    assert_eq!(
        (only.side, only.subject, only.name.as_str()),
        (Side::Head, Subject::Service, "extra")
    );
    assert!(only.memory_peak_bytes.unwrap() > 20e6);
    let added = answer.inputs.iter().find(|input| input.path == "services.extra").unwrap();
    assert_eq!(added.base, None);
    let host = of(&answer, Subject::Host, "", Quantity::MemoryPeak);
    assert_eq!(host.judgement, Judgement::Worse);
}

#[test]
fn the_answer_is_the_same_with_any_number_of_threads() {
    let base = Plan::new(APART, &[]);
    let head = Plan::new(APART, &[("services.right.memory", "24MiB")]);
    let with =
        |jobs| compared(&base, &head, &DiffOptions { jobs: Some(jobs), ..runs(20) }).to_json();
    let one = with(1);
    assert_eq!(one, with(2));
    assert_eq!(one, with(5));
}

#[test]
fn a_spent_budget_is_said_and_never_a_pass() {
    let base = Plan::new(APART, &[]);
    let head = Plan::new(APART, &[("services.right.workers", "4")]);
    let options = DiffOptions { max_events: 30_000, ..DiffOptions::default() };
    let answer = compared(&base, &head, &options);
    assert_eq!((answer.head.verdict, answer.exit_code), (Verdict::Undecided, 3));
    assert!(answer.doubts.contains(&Doubt::Budget));
    assert!(answer.events <= 40_000, "{}", answer.events);
}

fn report_of(plan: &Plan, seed: u64) -> Report {
    let options = CheckOptions { runs: Runs::Fixed(20), seed, ..CheckOptions::default() };
    let report = check(&plan.model, &options, &|_| ());
    serde_json::from_str(&report.to_json()).expect("a report reads back")
}

#[test]
fn a_saved_report_is_compared_answer_by_answer() {
    let (base, head) =
        (Plan::new(APART, &[]), Plan::new(APART, &[("services.right.memory", "24MiB")]));
    let saved = report_of(&base, 42);
    let answer = diff(Compared::Report(&saved), head.side(), &runs(20), &|_| ());
    assert_eq!(answer.pairing, Pairing::Marginal);
    assert_eq!((answer.base.source, answer.head.source), (SideSource::Report, SideSource::Plan));
    assert!(answer.doubts.is_empty(), "{:?}", answer.doubts);
    let killed = of(&answer, Subject::Service, "right", Quantity::OomProbability);
    assert_eq!((killed.judgement, killed.pairs), (Judgement::Worse, 0));
    let left = of(&answer, Subject::Service, "left", Quantity::MemoryPeak);
    assert_eq!((left.difference, left.judgement), (Some(0.0), Judgement::Same));
    assert!(answer.inputs.iter().any(|input| input.path == "services.right.memory"));
}

#[test]
fn a_saved_report_of_another_seed_or_engine_is_said() {
    let base = Plan::new(APART, &[]);
    let mut saved = report_of(&base, 7);
    saved.engine_version = "0.0.1".to_owned();
    let answer = diff(Compared::Report(&saved), base.side(), &runs(20), &|_| ());
    assert!(answer.doubts.contains(&Doubt::Seed { base: 7, head: 42 }), "{:?}", answer.doubts);
    assert!(answer.doubts.iter().any(|doubt| matches!(doubt, Doubt::Engine { .. })));
    let again = diff(Compared::Report(&saved), Compared::Report(&saved), &runs(20), &|_| ());
    assert_eq!(again.events, 0);
    assert!(again.differences.iter().all(|one| one.change.difference == Some(0.0)));
}

#[test]
fn without_traffic_the_load_at_saturation_is_compared() {
    let text = "{version: 1, host: {cores: 2}, services: {api: {memory: 512MiB, cpu_request: 5ms, \
                cpus: 0.5}}}";
    let (base, head) = (Plan::new(text, &[]), Plan::new(text, &[("services.api.cpus", "1")]));
    let answer = compared(&base, &head, &runs(3));
    let line = of(&answer, Subject::Plan, "", Quantity::LoadLine);
    assert_eq!(line.judgement, Judgement::Better);
    assert!((line.head.unwrap() / line.base.unwrap() - 2.0).abs() < 0.2, "{line:?}");
}

#[test]
fn a_latency_of_nobody_is_none() {
    let up = "
version: 1
host: { memory: 1GiB, cores: 2 }
services: { api: { memory: 100MiB, memory_program: 60MiB, memory_worker: 20MiB, restart: always } }
traffic: { arrival_rate: 20/s }
horizon: 10s
";
    let [up, down] =
        [up.to_owned(), up.replace("60MiB", "85MiB")].map(|text| Plan::new(&text, &[]));
    let answer = compared(&up, &down, &runs(20));
    let name = &up.model.endpoints[0].name;
    let change = of(&answer, Subject::Endpoint, name, Quantity::LatencyP95);
    assert!(change.base.is_some() && change.head.is_none(), "{change:?}");
}
