//! Rules over a run: what is pending, what fires (prometheus/prometheus,
//! docs/configuration/alerting_rules.md and rules/alerting.go).

use std::collections::{BTreeMap, BTreeSet};

use super::evaluate::{Evaluator, MATCHED, Stop};
use super::plan::{EMPTY, Labels, NAME, Plan, Rule, Word};
use super::sample::{Point, Recorded, Sample, Value, stale};

/// What `time()` is when a run begins, in seconds: any moment at which containers have run for months.
pub(crate) const EPOCH: f64 = 1_700_000_000.0;

/// What it costs to keep a sample that a rule records, in samples that are looked at.
const KEPT: usize = 10;

/// What one run saw of one alert.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AlertWatch {
    /// When it was pending first, in milliseconds.
    pub first_pending: Option<i64>,
    /// When it fired first, in milliseconds.
    pub first_firing: Option<i64>,
    /// Whether it was pending and did not fire when the run ended.
    pub pending_at_end: bool,
    /// Why its evaluation gave nothing, the first time that it did.
    pub stop: Option<Stop>,
}

/// An alert with one set of labels.
struct Active {
    since: i64,
    fires: bool,
    /// Since when its expression no longer holds, while it goes on firing.
    kept_since: Option<i64>,
}

/// What the alerts of a plan did in a run, in the order of [`Plan::alerts`].
///
/// `scrapes` are the samples of the plan's series, `phases` the moments of each group's first evaluation and
/// `end` that of the run, in milliseconds. Groups take their turns in order of time, and rules of a group
/// in the order in which they stand; what a rule records is seen by those behind it.
pub(crate) fn watch(
    plan: &Plan,
    scrapes: &[Vec<Point>],
    phases: &[i64],
    end: i64,
) -> Vec<AlertWatch> {
    let mut evaluator = Evaluator::new(plan, scrapes, EPOCH);
    let mut rules: Vec<Vec<Watched>> = plan
        .groups
        .iter()
        .map(|group| group.rules.iter().map(|_| Watched::default()).collect())
        .collect();
    let can_be = |group: &usize| plan.groups[*group].rules.iter().any(|rule| rule.node.is_ok());
    let mut next: BTreeSet<(i64, usize)> =
        (0..plan.groups.len()).filter(can_be).map(|group| (phases[group], group)).collect();
    while let Some((now, group)) = next.pop_first().filter(|&(now, _)| now <= end) {
        evaluator.now = now;
        for (rule, watched) in plan.groups[group].rules.iter().zip(&mut rules[group]) {
            watched.evaluate(rule, &mut evaluator);
        }
        if evaluator.is_spent() {
            let all = rules.iter_mut().flatten();
            all.for_each(|watched| _ = watched.seen.stop.get_or_insert(Stop::Budget));
            break;
        }
        next.insert((now + plan.groups[group].interval, group));
    }
    let all =
        plan.groups.iter().zip(rules).flat_map(|(group, rules)| group.rules.iter().zip(rules));
    let alerts = all.filter(|(rule, _)| !rule.stated.record);
    alerts.map(|(_, watched)| watched.into_seen()).collect()
}

/// A rule during a run.
#[derive(Default)]
struct Watched {
    seen: AlertWatch,
    active: BTreeMap<Labels, Active>,
    /// Series that it recorded at its last evaluation, by position.
    recorded: BTreeMap<Labels, usize>,
}

impl Watched {
    fn into_seen(self) -> AlertWatch {
        let is_pending = self.active.values().any(|active| !active.fires);
        AlertWatch { pending_at_end: is_pending && self.seen.first_firing.is_none(), ..self.seen }
    }

    fn evaluate(&mut self, rule: &Rule, evaluator: &mut Evaluator<'_>) {
        let Ok(node) = &rule.node else { return };
        let found = evaluator.value(node).and_then(|value| {
            // Each is told apart from the others and looked up among those that were there before.
            evaluator.spend((MATCHED + rule.labels.len()) * value.weight())?;
            labelled(rule, value)
        });
        let done = found.and_then(|samples| match rule.stated.record {
            true => self.record(samples, evaluator),
            false => {
                self.judge(rule, samples, evaluator.now);
                Ok(())
            }
        });
        if let Err(stop) = done {
            self.seen.stop.get_or_insert(stop);
            if rule.stated.record {
                evaluator.failed.insert(rule.name, stop);
            }
        }
    }

    fn judge(&mut self, rule: &Rule, samples: Vec<Sample>, now: i64) {
        let samples: BTreeSet<Labels> = samples.into_iter().map(|sample| sample.labels).collect();
        for labels in &samples {
            if let Some(active) = self.active.get_mut(labels) {
                active.kept_since = None;
            } else {
                let new = Active { since: now, fires: false, kept_since: None };
                self.active.insert(labels.clone(), new);
            }
        }
        let keeps = rule.keeps_firing();
        self.active.retain(|labels, active| {
            let holds = samples.contains(labels);
            if !holds && active.fires && keeps > 0 {
                let since = *active.kept_since.get_or_insert(now);
                return now - since < keeps;
            }
            holds
        });
        for active in self.active.values_mut() {
            self.seen.first_pending.get_or_insert(active.since);
            if now - active.since >= rule.held() {
                active.fires = true;
                self.seen.first_firing.get_or_insert(now);
            }
        }
    }

    /// Appends what a rule records; what it no longer does has ended.
    fn record(&mut self, samples: Vec<Sample>, evaluator: &mut Evaluator<'_>) -> Result<(), Stop> {
        // What is kept costs memory as well.
        evaluator.spend(samples.len() * KEPT)?;
        let mut before = std::mem::take(&mut self.recorded);
        for Sample { labels, value } in samples {
            let place = before.remove(&labels).unwrap_or_else(|| {
                let new = evaluator.recorded.len();
                let place = *evaluator.known.entry(labels.clone()).or_insert(new);
                if place == new {
                    let series = Recorded { labels: labels.clone(), points: Vec::new() };
                    evaluator.recorded.push(series);
                }
                place
            });
            let points = &mut evaluator.recorded[place].points;
            // Prometheus takes the first of two samples of one moment.
            if points.last().is_none_or(|&(at, _)| at < evaluator.now) {
                points.push((evaluator.now, value));
            }
            self.recorded.insert(labels, place);
        }
        for place in before.into_values() {
            evaluator.recorded[place].points.push((evaluator.now, stale()));
        }
        Ok(())
    }
}

/// What a rule's expression gives, with the labels that the rule adds; an alert's have no name, and a
/// number is one sample without labels.
fn labelled(rule: &Rule, value: Value) -> Result<Vec<Sample>, Stop> {
    let mut samples = value.vector();
    let mut seen = BTreeSet::new();
    let is_replaced =
        |label: Word| label == NAME || rule.labels.iter().any(|&(own, _)| own == label);
    let own = rule.labels.iter().filter(|&&(label, value)| label != NAME && value != EMPTY);
    for sample in &mut samples {
        sample.labels.retain(|&(label, _)| !is_replaced(label));
        sample.labels.extend(own.clone());
        sample.labels.extend(rule.stated.record.then_some((NAME, rule.name)));
        sample.labels.sort_unstable();
        if !seen.insert(sample.labels.clone()) {
            return Err(Stop::SameLabels);
        }
    }
    Ok(samples)
}
