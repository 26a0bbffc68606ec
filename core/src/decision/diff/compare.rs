//! Two plans side by side, run by run under the same random streams.

use std::collections::BTreeMap;

use super::super::check::{CheckPhase, Progress};
use super::super::look::looks;
use super::change::{Measure, paired};
use super::quantity::Asked;
use super::running::Running;
use super::{DiffOptions, blank, input};
use crate::engine::RunOptions;
use crate::model::Model;
use crate::report::{
    DiffAnswer, Difference, Doubt, Judgement, Load, ObjectiveDifference, OnlyOneSide, Pairing,
    Quantity, Side, StoppedBy, Subject,
};
use crate::scenario::{Aggregate, MetricUnit, Objective, Operator};

/// Runs both sides until the objectives of both are settled, and compares them.
fn paired_runs<'m>(
    models: [&'m Model; 2],
    options: &DiffOptions,
    progress: &(dyn Fn(Progress) + Sync),
) -> [Running<'m>; 2] {
    let run_options = RunOptions {
        seed: options.seed,
        replication: 0,
        max_events: options.max_events / 3,
        percentiles: false,
    };
    let mut sides = models.map(|model| Running::new(model, options.seed));
    let is_saturated = models.iter().all(|model| model.traffic.is_none());
    sides.iter_mut().for_each(|side| side.ask(is_saturated));
    for look in looks(options.runs) {
        let mut before = (0, 0);
        for side in &mut sides {
            let (done, spent) = before;
            side.advance(look, options.runs, run_options, &|runs, events| {
                let phase = CheckPhase::Running;
                progress(Progress {
                    phase,
                    runs: done + runs,
                    of: 2 * look.runs,
                    events: spent + events,
                });
            });
            before = (side.tally.count(), side.tally.events);
        }
        if sides.iter().all(Running::is_settled) {
            break;
        }
    }
    sides
}

/// The comparison of two plans, without what changed in the plans themselves.
pub(super) fn paired_answer(
    models: [&Model; 2],
    options: &DiffOptions,
    progress: &(dyn Fn(Progress) + Sync),
) -> DiffAnswer {
    let sides = paired_runs(models, options, progress);
    let [base, head] = &sides;
    let mut answer = blank([base.side(), head.side()], Pairing::Paired, options);
    answer.events = base.tally.events + head.tally.events;
    answer.objectives = objectives(base, head);
    (answer.differences, answer.only) = quantities(base, head);
    answer.doubts = doubts(&answer);
    let found = models.map(|model| super::super::finding::findings(model, &model.provenance));
    (answer.findings_new, answer.findings_gone) = input::findings(found);
    answer
}

/// What keeps two sides from being compared like with like.
pub(super) fn doubts(answer: &DiffAnswer) -> Vec<Doubt> {
    let (base, head) = (&answer.base, &answer.head);
    let users = |load: &Load| match load {
        Load::Stated => None,
        Load::Saturation { users, .. } => Some(*users),
    };
    let mut doubts = Vec::new();
    let (base_users, head_users) = (users(&base.load), users(&head.load));
    if base_users != head_users {
        doubts.push(Doubt::Load { base_users, head_users });
    }
    if base.horizon_seconds != head.horizon_seconds {
        doubts.push(Doubt::Horizon {
            base_seconds: base.horizon_seconds,
            head_seconds: head.horizon_seconds,
        });
    }
    if [base, head].iter().any(|side| side.stopped_by == StoppedBy::Events) {
        doubts.push(Doubt::Budget);
    }
    doubts
}

/// The objectives of head, then those that only base has.
fn objectives(base: &Running<'_>, head: &Running<'_>) -> Vec<ObjectiveDifference> {
    let position = |side: &Running<'_>, expression: &str| {
        side.loaded.objectives.iter().position(|one| one.expression == expression)
    };
    let of_head = head.loaded.objectives.iter().enumerate().map(|(index, objective)| {
        let before = position(base, &objective.expression);
        ObjectiveDifference {
            expression: objective.expression.clone(),
            base: before.map(|before| base.objectives[before].clone()),
            head: Some(head.objectives[index].clone()),
            change: before.and_then(|before| {
                paired(&base.measured(before), &head.measured(index), measure(objective))
            }),
        }
    });
    let only_base = base.loaded.objectives.iter().enumerate();
    let only_base = only_base
        .filter(|(_, objective)| position(head, &objective.expression).is_none())
        .map(|(index, objective)| ObjectiveDifference {
            expression: objective.expression.clone(),
            base: Some(base.objectives[index].clone()),
            head: None,
            change: None,
        });
    of_head.chain(only_base).collect()
}

/// The side of its limit that an objective wants is the better one.
fn measure(objective: &Objective) -> Measure {
    Measure {
        is_share: objective.aggregate == Aggregate::Probability,
        more_is_better: matches!(objective.operator, Operator::Above | Operator::AtLeast),
        floor: match objective.metric.unit() {
            MetricUnit::Bytes => 1_048_576.0,
            MetricUnit::Seconds => 1e-4,
            MetricUnit::Ratio | MetricUnit::Count | MetricUnit::Rate => 0.0,
        },
    }
}

/// What both sides have, and what one has alone.
fn quantities(base: &Running<'_>, head: &Running<'_>) -> (Vec<Difference>, Vec<OnlyOneSide>) {
    let index = |side: &Running<'_>| -> BTreeMap<(Subject, String, Quantity), usize> {
        let keys = side.tally.questions.iter().enumerate();
        keys.map(|(index, Asked { subject, name, quantity, .. })| {
            ((*subject, name.clone(), *quantity), index)
        })
        .collect()
    };
    let (of_base, of_head) = (index(base), index(head));
    let differences = of_base.iter().filter_map(|(key, &before)| {
        let after = *of_head.get(key)?;
        let (subject, name, quantity) = key.clone();
        let change = paired(&base.asked(before), &head.asked(after), quantity.into())?;
        let unit = quantity.unit().to_owned();
        Some(Difference { subject, name, quantity, unit, change })
    });
    let mut only = alone(Side::Base, base, head);
    only.extend(alone(Side::Head, head, base));
    let mut differences: Vec<Difference> = differences.collect();
    doubt_the_dead(&mut differences);
    (differences, only)
}

/// Who answers less needs less: where kills or losses move one way, a move of the rest the other way
/// is neither better nor worse. On the host that holds for kills and losses of anybody.
pub(super) fn doubt_the_dead(differences: &mut [Difference]) {
    let is_failure =
        |one: &Difference| matches!(one.quantity, Quantity::OomProbability | Quantity::LossRatio);
    let failing: Vec<(Subject, String, Judgement)> = differences
        .iter()
        .filter(|one| is_failure(one) && one.change.judgement != Judgement::Same)
        .map(|one| (one.subject, one.name.clone(), one.change.judgement))
        .collect();
    for one in differences.iter_mut().filter(|one| !is_failure(one)) {
        let opposite = match one.change.judgement {
            Judgement::Better => Judgement::Worse,
            Judgement::Worse => Judgement::Better,
            Judgement::Same | Judgement::Unknown => continue,
        };
        let concerns = |subject: Subject, name: &str| {
            one.subject == Subject::Host || (subject == one.subject && name == one.name)
        };
        if failing.iter().any(|(subject, name, way)| *way == opposite && concerns(*subject, name)) {
            one.change.judgement = Judgement::Unknown;
        }
    }
}

/// What `mine` has and `theirs` does not.
fn alone(side: Side, mine: &Running<'_>, theirs: &Running<'_>) -> Vec<OnlyOneSide> {
    let mut only: Vec<OnlyOneSide> = Vec::new();
    for (index, asked) in mine.tally.questions.iter().enumerate() {
        let (subject, name, quantity) = asked.key();
        let is_common = theirs
            .tally
            .questions
            .iter()
            .any(|other| (other.subject, other.name.as_str()) == (subject, name));
        if is_common {
            continue;
        }
        if !only.iter().any(|one| one.subject == subject && one.name == name) {
            let name = name.to_owned();
            only.push(OnlyOneSide { side, subject, name, memory_peak_bytes: None });
        }
        if quantity == Quantity::MemoryPeak {
            let peaks: crate::statistics::Moments =
                mine.asked(index).into_iter().flatten().collect();
            if let Some(last) = only.last_mut() {
                last.memory_peak_bytes = peaks.mean();
            }
        }
    }
    only
}
