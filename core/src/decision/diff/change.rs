//! From the values of two sides to how they differ, and whether that is chance.

use crate::report::{Change, Discordant, IntervalReport, Judgement, Quantity};
use crate::statistics::{Confidence, Interval, Moments, Pairs};

/// A change below this share of base is minor.
const MINOR: f64 = 0.01;

/// Differences that nobody acts on, whatever they are relative to: one MiB, a tenth of a
/// millisecond, one percent of the cores.
fn floor(quantity: Quantity) -> f64 {
    match quantity.unit() {
        "bytes" => 1_048_576.0,
        "seconds" => 1e-4,
        _ if quantity == Quantity::Utilisation => 0.01,
        _ => 0.0,
    }
}

/// What makes a difference good or bad, and large or small.
#[derive(Clone, Copy)]
pub(super) struct Measure {
    /// Whether the values are 0 or 1 for each run.
    pub(super) is_share: bool,
    pub(super) more_is_better: bool,
    /// Differences below it are minor.
    pub(super) floor: f64,
}

impl From<Quantity> for Measure {
    fn from(quantity: Quantity) -> Self {
        Measure {
            is_share: quantity == Quantity::OomProbability,
            more_is_better: quantity.more_is_better(),
            floor: floor(quantity),
        }
    }
}

/// Compares what runs of the same number measured; `None` where neither side measured anything.
pub(super) fn paired(
    base: &[Option<f64>],
    head: &[Option<f64>],
    measure: Measure,
) -> Option<Change> {
    let both: Vec<(f64, f64)> =
        base.iter().zip(head).filter_map(|(base, head)| (*base).zip(*head)).collect();
    if both.is_empty() {
        let mean = |values: &[Option<f64>]| values.iter().flatten().copied().collect::<Moments>();
        let (base, head) = (mean(base).mean(), mean(head).mean());
        return (base.is_some() || head.is_some()).then_some(Change {
            base,
            head,
            difference: None,
            interval: None,
            relative: None,
            pairs: 0,
            discordant: None,
            judgement: Judgement::Unknown,
            minor: false,
        });
    }
    let mean = |of: fn(&(f64, f64)) -> f64| both.iter().map(of).collect::<Moments>();
    let base = mean(|pair| pair.0).mean()?;
    let head = mean(|pair| pair.1).mean()?;
    let (difference, interval, discordant) = if measure.is_share {
        let mut pairs = Pairs::default();
        both.iter().for_each(|(base, head)| pairs.push(*base > 0.5, *head > 0.5));
        let (difference, interval) = pairs.difference(Confidence::NINETY_FIVE)?;
        let discordant =
            Discordant { base_only: pairs.first_only as u32, head_only: pairs.second_only as u32 };
        (difference, Some(interval), Some(discordant))
    } else {
        let estimate = mean(|pair| pair.1 - pair.0).estimate(Confidence::NINETY_FIVE)?;
        (estimate.value, estimate.interval, None)
    };
    let change = of(base, head, difference, interval, measure);
    Some(Change { pairs: both.len() as u32, discordant, ..change })
}

/// Compares two answers, with the intervals of both where they have one (the ends of an interval of a
/// difference lie apart by the square root of the squares: Zou & Donner 2008).
pub(super) fn marginal(base: Marginal, head: Marginal, measure: Measure) -> Change {
    let difference = head.value - base.value;
    let interval = base.interval.zip(head.interval).map(|(one, two)| {
        let apart = |a: f64, b: f64| {
            let (a, b) = (a.max(0.0), b.max(0.0));
            (a * a + b * b).sqrt()
        };
        Interval {
            low: difference - apart(head.value - two.low, one.high - base.value),
            high: difference + apart(two.high - head.value, base.value - one.low),
        }
    });
    of(base.value, head.value, difference, interval, measure)
}

/// A number of one side alone.
#[derive(Clone, Copy)]
pub(super) struct Marginal {
    pub(super) value: f64,
    pub(super) interval: Option<IntervalReport>,
}

fn of(
    base: f64,
    head: f64,
    difference: f64,
    interval: Option<Interval>,
    measure: Measure,
) -> Change {
    let relative = (base != 0.0).then(|| difference / base);
    let is_small =
        relative.is_some_and(|relative| relative.abs() < MINOR) || difference.abs() < measure.floor;
    Change {
        base: Some(base),
        head: Some(head),
        difference: Some(difference),
        interval: interval.map(|of| IntervalReport { low: of.low, high: of.high }),
        relative,
        pairs: 0,
        discordant: None,
        judgement: judgement(difference, interval, measure.more_is_better),
        minor: !measure.is_share && difference != 0.0 && is_small,
    }
}

fn judgement(difference: f64, interval: Option<Interval>, more_is_better: bool) -> Judgement {
    if difference == 0.0 {
        return Judgement::Same;
    }
    let Some(interval) = interval else { return Judgement::Unknown };
    if interval.contains(0.0) {
        return Judgement::Same;
    }
    if (interval.low > 0.0) == more_is_better { Judgement::Better } else { Judgement::Worse }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATENCY: Measure = Measure { is_share: false, more_is_better: false, floor: 0.0 };
    const KILLED: Measure = Measure { is_share: true, ..LATENCY };

    fn all(values: &[f64]) -> Vec<Option<f64>> {
        values.iter().copied().map(Some).collect()
    }

    #[test]
    fn a_constant_difference_is_certain() {
        let (base, head) = (all(&[1.0, 5.0, 3.0]), all(&[1.5, 5.5, 3.5]));
        let change = paired(&base, &head, LATENCY).unwrap();
        assert_eq!((change.difference, change.pairs), (Some(0.5), 3));
        assert_eq!(change.interval, Some(IntervalReport { low: 0.5, high: 0.5 }));
        assert_eq!(change.judgement, Judgement::Worse);
        assert_eq!(paired(&head, &base, LATENCY).unwrap().judgement, Judgement::Better);
        let more = Measure { more_is_better: true, ..LATENCY };
        assert_eq!(paired(&base, &head, more).unwrap().judgement, Judgement::Better);
    }

    #[test]
    fn what_may_be_chance_is_the_same() {
        let change = paired(&all(&[1.0, 2.0, 3.0]), &all(&[1.1, 1.9, 3.1]), LATENCY).unwrap();
        assert_eq!(change.judgement, Judgement::Same);
        let one = paired(&all(&[1.0]), &all(&[2.0]), LATENCY).unwrap();
        assert_eq!((one.interval, one.judgement), (None, Judgement::Unknown));
    }

    #[test]
    fn runs_that_measured_nothing_on_one_side_are_no_pairs() {
        let change =
            paired(&[Some(1.0), None, Some(3.0)], &all(&[2.0, 9.0, 4.0]), LATENCY).unwrap();
        assert_eq!((change.pairs, change.difference), (2, Some(1.0)));
        assert_eq!(paired(&[None], &[None], LATENCY), None);
        let gone = paired(&[Some(1.0)], &[None], LATENCY).unwrap();
        assert_eq!((gone.base, gone.head, gone.difference), (Some(1.0), None, None));
    }

    #[test]
    fn kills_are_compared_by_the_runs_that_disagree() {
        let change = paired(&all(&[0.0; 20]), &all(&[1.0; 20]), KILLED).unwrap();
        assert_eq!(change.discordant, Some(Discordant { base_only: 0, head_only: 20 }));
        assert_eq!((change.difference, change.judgement), (Some(1.0), Judgement::Worse));
    }

    #[test]
    fn saved_answers_have_wider_intervals_than_either() {
        let between = |low, high| Some(IntervalReport { low, high });
        let base = Marginal { value: 1.0, interval: between(0.9, 1.1) };
        let head = Marginal { value: 2.0, interval: between(1.7, 2.4) };
        let change = marginal(base, head, LATENCY);
        let span = change.interval.unwrap();
        assert!(span.low < 0.7 && span.high > 1.4, "{span:?}");
        assert_eq!((change.judgement, change.pairs), (Judgement::Worse, 0));
    }
}
