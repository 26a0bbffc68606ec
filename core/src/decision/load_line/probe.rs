//! One load, judged.

use crate::decision::answer::load_line::{Resources, lacking, resources};
use crate::decision::check::{CheckOptions, Gathered, gather};
use crate::decision::look;
use crate::decision::objective::direction;
use crate::decision::swamped::{USUAL_LOSS, pile};
use crate::decision::tally::Tally;
use crate::engine::Killer;
use crate::engine::observer::EndpointWatch;
use crate::model::Model;
use crate::report::{
    Binding, LoadLatency, LoadPoint, LoadService, ObjectiveReport, Outcome, StoppedBy,
};
use crate::scenario::{Metric, Objective, Operator};
use crate::statistics::Confidence;

/// What is judged at a load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// The objective at this position.
    Objective(usize),
    /// Requests are answered as fast as they come. Run on, the others would be lost: as many may be as
    /// `loss_ratio` allows. Without it a queue that only grows would pass for as long as runs are
    /// shorter than the clients' patience.
    KeepsUp,
}

/// How a rule fared at a load.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judgement {
    pub(super) rule: Rule,
    /// How far past the limit, as a share of it; below zero it holds. `None`: nothing was measured.
    pub(super) excess: Option<f64>,
    pub(super) is_broken: bool,
    /// Whether more load may mend it: a floor under the throughput.
    pub(super) is_floor: bool,
    pub(super) outcome: Outcome,
}

/// One load with what was seen.
pub(super) struct Probe {
    pub(super) load: f64,
    /// Whether it got as many runs as it takes.
    pub(super) is_thorough: bool,
    pub(super) events: u64,
    pub(super) judgements: Vec<Judgement>,
    /// Whether all runs reached their end.
    pub(super) is_complete: bool,
    pub(super) point: LoadPoint,
    /// What is full or busy, what binds most first.
    pub(super) bindings: Vec<Binding>,
    /// The service that each objective is about, with its resource, where it is not about time.
    pub(super) culprits: Vec<Option<(String, &'static str)>>,
}

impl Probe {
    /// Simulates a load.
    pub(super) fn new(
        load: f64,
        model: &Model,
        options: &CheckOptions,
        progress: &(dyn Fn(u32, u32, u64) + Sync),
    ) -> Self {
        let tell = |step: crate::decision::Progress| progress(step.runs, step.of, step.events);
        let Gathered { tally, objectives, stopped_by, .. } = gather(model, options, &tell);
        assert_eq!(tally.unbalanced, 0, "the books of a run do not balance");
        let confidence = look::confidence(options.runs, &tally);
        let judgements = judgements(model, &tally, &objectives, confidence);
        let resources = resources(model, &tally);
        let culprits = model.objectives.iter().map(|of| culprit(of, model, &tally)).collect();
        let outcome = together(&judgements);
        let bindings = resources.bindings.clone();
        Probe {
            load,
            is_thorough: false,
            events: tally.events,
            judgements,
            is_complete: stopped_by != StoppedBy::Events,
            point: point(load, model, &tally, outcome, objectives, resources),
            bindings,
            culprits,
        }
    }

    /// Whether no point estimate is past its limit, `aside` left out. A run that was cut off never
    /// holds.
    pub(super) fn holds(&self, aside: Option<Rule>) -> bool {
        self.is_complete && self.broken(aside).next().is_none()
    }

    /// Rules whose point estimate is past its limit.
    pub(super) fn broken(&self, aside: Option<Rule>) -> impl Iterator<Item = &Judgement> {
        self.judgements.iter().filter(move |one| one.is_broken && Some(one.rule) != aside)
    }

    /// Whether all that is wrong with a load is that it is too small.
    pub(super) fn wants_more(&self) -> bool {
        self.is_complete && self.broken(None).all(|one| one.is_floor)
    }

    /// How far past its limit a rule is.
    pub(super) fn excess(&self, rule: Rule) -> Option<f64> {
        self.judgements.iter().find(|one| one.rule == rule)?.excess
    }
}

/// One failure decides against the load; all must pass to decide for it.
fn together(judgements: &[Judgement]) -> Outcome {
    if judgements.iter().any(|one| one.outcome == Outcome::Fail) {
        Outcome::Fail
    } else if judgements.iter().all(|one| one.outcome == Outcome::Pass) {
        Outcome::Pass
    } else {
        Outcome::Close
    }
}

fn judgements(
    model: &Model,
    tally: &Tally,
    reports: &[ObjectiveReport],
    confidence: Confidence,
) -> Vec<Judgement> {
    let stated = model.objectives.iter().zip(reports).enumerate();
    let mut all: Vec<Judgement> = stated
        .map(|(index, (objective, report))| {
            let excess = report.measured.map(|measured| past(objective, measured));
            let holds = |measured| direction(objective.operator).holds(measured, objective.value);
            Judgement {
                rule: Rule::Objective(index),
                excess,
                is_broken: report.measured.is_some_and(|measured| !holds(measured)),
                is_floor: objective.metric == Metric::Throughput
                    && matches!(objective.operator, Operator::Above | Operator::AtLeast),
                outcome: report.outcome,
            }
        })
        .collect();
    all.extend(keeps_up(model, tally, confidence));
    all
}

/// How far a value is past its limit, as a share of it.
fn past(objective: &Objective, measured: f64) -> f64 {
    let size = if objective.value == 0.0 { 1.0 } else { objective.value.abs() };
    match objective.operator {
        Operator::Below | Operator::AtMost => (measured - objective.value) / size,
        Operator::Above | Operator::AtLeast => (objective.value - measured) / size,
    }
}

/// Whether requests are answered as fast as they come; users always wait for their answer.
fn keeps_up(model: &Model, tally: &Tally, confidence: Confidence) -> Option<Judgement> {
    let is_meant = |one: &&Objective| one.metric == Metric::LossRatio && one.selector.is_none();
    let loss = model.objectives.iter().find(is_meant).map_or(USUAL_LOSS, |one| one.value);
    let pile = pile(None, loss, model, tally, confidence)?;
    let outcome = match pile.outcome() {
        Outcome::Pass if !tally.is_finished() => Outcome::Close,
        outcome @ (Outcome::Pass | Outcome::Fail | Outcome::Close) => outcome,
    };
    let is_broken = pile.is_too_high();
    let excess = (pile.share - pile.bound) / pile.bound;
    // What is only slow is as far from breaking as nobody knows.
    let excess = (is_broken || excess <= 0.0).then_some(excess);
    Some(Judgement { rule: Rule::KeepsUp, excess, is_broken, is_floor: false, outcome })
}

/// Whose resource an objective is about; `None`: it is about time, and what is busiest is to blame.
fn culprit(objective: &Objective, model: &Model, tally: &Tally) -> Option<(String, &'static str)> {
    let named = || objective.selector.clone().unwrap_or_else(|| "host".to_owned());
    match objective.metric {
        Metric::Latency | Metric::Throughput => None,
        // Who is killed does not answer.
        Metric::LossRatio => most_killed(model, tally),
        Metric::Restarts | Metric::HitRatio => None,
        Metric::Cpu => Some((named(), "cpu")),
        Metric::Oom => {
            let id = |name: &String| model.services.iter().position(|one| one.name == *name);
            let stated = objective.selector.clone().map(|name| {
                let resource = id(&name).map_or("memory", |id| lacking(id, tally));
                (name, resource)
            });
            let killed = stated.or_else(|| most_killed(model, tally));
            Some(killed.unwrap_or_else(|| ("host".to_owned(), "memory")))
        }
        Metric::Memory | Metric::Headroom => Some((named(), "memory")),
        Metric::PoolWaiting => objective.selector.clone().map(|name| (name, "pool")),
        Metric::Connections => objective.selector.clone().map(|name| (name, "connections")),
    }
}

/// The service that is killed in the most runs and what it lacks; `host` where that is what was full.
fn most_killed(model: &Model, tally: &Tally) -> Option<(String, &'static str)> {
    let mut most: Option<(usize, usize)> = None;
    for id in 0..model.services.len() {
        let runs = tally.runs.iter().filter(|run| run.services[id].kills > 0).count();
        if runs > 0 && most.is_none_or(|(number, _)| runs > number) {
            most = Some((runs, id));
        }
    }
    let (_, id) = most?;
    let by_host = tally.runs.iter().any(|run| run.services[id].killer == Some(Killer::Host));
    Some(if by_host {
        ("host".to_owned(), "memory")
    } else {
        (model.services[id].name.clone(), lacking(id, tally))
    })
}

fn point(
    load: f64,
    model: &Model,
    tally: &Tally,
    outcome: Outcome,
    objectives: Vec<ObjectiveReport>,
    Resources { host, services, bindings }: Resources,
) -> LoadPoint {
    let mut all = EndpointWatch::default();
    tally.endpoints.iter().for_each(|watch| all.merge(watch));
    let seconds: f64 = tally.runs.iter().map(|run| run.measured_seconds).sum();
    let ended = all.completed + all.failures();
    let pile = pile(None, USUAL_LOSS, model, tally, Confidence::NINETY_FIVE);
    LoadPoint {
        load,
        replications: tally.count(),
        outcome,
        throughput_per_second: all.answered_warm as f64 / seconds.max(1e-9),
        latency_seconds: latency(&all),
        loss_ratio: (ended > 0).then(|| all.failures() as f64 / ended as f64),
        piled_up_ratio: pile.map(|pile| pile.share),
        host_peak_bytes: host.peak_bytes.p95,
        host_utilisation: host.utilisation,
        host_oom: host.oom.probability,
        services: services
            .into_iter()
            .map(|service| LoadService {
                name: service.name,
                peak_bytes: service.peak_bytes.p95,
                utilisation: service.utilisation,
                worker_utilisation: service.worker_utilisation,
                oom: service.oom.probability,
            })
            .collect(),
        binding: bindings.into_iter().next(),
        objectives,
    }
}

fn latency(all: &EndpointWatch) -> Option<LoadLatency> {
    Some(LoadLatency {
        p50: all.quantile(0.5)?,
        p95: all.quantile(0.95)?,
        p99: all.quantile(0.99)?,
        mean: all.mean()?,
    })
}
