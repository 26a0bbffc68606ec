//! Bursts of the traffic: calm and burst take turns, each for an exponential time.

use std::collections::VecDeque;

use crate::distribution::standard_exponential;
use crate::model::Curve;
use crate::random::{Stream, Streams};
use crate::scenario::Bursts;

/// Bursts after which nobody looks further ahead: what is asked for comes a hundred times sooner on average
/// (`model::check`), so that nothing but a plan's end is ever cut off.
const AHEAD: f64 = 100_000.0;

/// When the bursts of one run are. They are drawn as far ahead as somebody asks.
#[derive(Clone)]
pub(in crate::engine) struct Pulse {
    /// The rate is multiplied by this in a burst.
    factor: f64,
    /// Mean seconds of a calm and of a burst.
    means: [f64; 2],
    stream: Stream,
    /// A time that nobody asks before, and whether there is a burst at it.
    start: f64,
    is_burst: bool,
    /// When calm and burst change places after it, in order.
    changes: VecDeque<f64>,
}

impl Pulse {
    /// At the start of a run, which lies in a burst as often as not one.
    pub(in crate::engine) fn new(bursts: &Bursts, streams: &Streams) -> Self {
        let mut stream = streams.stream("traffic", "bursts");
        let length = bursts.length.as_seconds();
        Pulse {
            factor: bursts.factor,
            means: [bursts.every.as_seconds() - length, length],
            is_burst: stream.unit() < bursts.share(),
            stream,
            start: 0.0,
            changes: VecDeque::new(),
        }
    }

    /// Draws on from another stream after `now`: exponential times have no memory. Where pauses under way
    /// hang on the bursts that are drawn already, these stay.
    pub(in crate::engine) fn reseed(&mut self, now: f64, are_awaited: bool, streams: &Streams) {
        self.forget_before(now);
        if !are_awaited {
            self.changes.clear();
            self.start = now;
        }
        self.stream = streams.stream("traffic", "bursts");
    }

    /// [`Curve::advance`] with the bursts on top. Nobody asks for a time before `now` any more.
    pub(in crate::engine) fn advance(
        &mut self,
        curve: &Curve,
        now: f64,
        from: f64,
        area: f64,
        hint: &mut usize,
    ) -> Option<f64> {
        self.forget_before(now);
        let (mut at, mut left, mut piece) = (from, area, *hint);
        let mut is_burst = self.is_burst;
        let last = from + AHEAD * (self.means[0] + self.means[1]);
        for index in 0.. {
            if at > last {
                return None;
            }
            let until = self.change(index);
            let factor = if is_burst { self.factor } else { 1.0 };
            is_burst = !is_burst;
            if until <= at {
                continue;
            }
            let mut reached_piece = piece;
            if factor > 0.0
                && let Some(reached) = curve.advance(at, left / factor, &mut reached_piece)
                && reached < until
            {
                *hint = reached_piece;
                return Some(reached);
            }
            if curve.is_over(at) {
                return None;
            }
            left = (left - factor * curve.area(at, until, piece)).max(0.0);
            at = until;
            curve.skip_to(at, &mut piece);
        }
        None
    }

    fn forget_before(&mut self, now: f64) {
        while self.change(0) <= now {
            self.start = self.changes.pop_front().unwrap_or(now);
            self.is_burst = !self.is_burst;
        }
    }

    /// The change of this number after the start.
    fn change(&mut self, index: usize) -> f64 {
        while self.changes.len() <= index {
            let last = self.changes.back().copied().unwrap_or(self.start);
            let is_burst = self.is_burst ^ (self.changes.len() % 2 == 1);
            let mean = self.means[usize::from(is_burst)];
            self.changes.push_back(last + mean * standard_exponential(&mut self.stream));
        }
        self.changes[index]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::{Rate, SimTime};
    use crate::scenario::Traffic;

    fn curve(rate: f64, factor: f64) -> Curve {
        let seconds = SimTime::from_seconds;
        let bursts = Bursts { factor, every: seconds(10.0), length: seconds(2.0) };
        Curve::open(&Traffic {
            arrival_rate: Some(Rate(rate)),
            bursts: Some(bursts),
            ..Traffic::default()
        })
    }

    /// Arrivals in each of so many windows of a second.
    fn counts(factor: f64, replication: u32, windows: usize) -> Vec<f64> {
        let curve = curve(20.0, factor);
        let streams = Streams::new(1, replication);
        let mut pulse = Pulse::new(&curve.bursts.unwrap(), &streams);
        let mut arrivals = streams.stream("traffic", "arrivals");
        let (mut counts, mut at, mut hint) = (vec![0.0; windows], 0.0, 0);
        loop {
            let unit = standard_exponential(&mut arrivals);
            at = pulse.advance(&curve, at, at, unit, &mut hint).unwrap();
            let Some(count) = counts.get_mut(at as usize) else { return counts };
            *count += 1.0;
        }
    }

    /// The mean and the index of dispersion of counts over long times: Heffes and Lucantoni, *A Markov
    /// modulated characterization of packetized voice* (1986).
    #[test]
    fn arrivals_are_those_of_a_markov_modulated_poisson_process() {
        let square = |value: f64| value * value;
        let (factor, windows) = (6.0, 400_000);
        let counts = counts(factor, 0, windows);
        let (low, high): (f64, f64) = (20.0, 20.0 * factor);
        let (to_burst, to_calm): (f64, f64) = (1.0 / 8.0, 1.0 / 2.0);
        let mean = (low * to_calm + high * to_burst) / (to_calm + to_burst);
        let seen = counts.iter().sum::<f64>() / windows as f64;
        assert!((seen / mean - 1.0).abs() < 0.02, "{seen} of {mean}");
        let dispersion = 1.0
            + 2.0 * square(high - low) * to_burst * to_calm
                / (square(to_burst + to_calm) * (low * to_calm + high * to_burst));
        // Windows of 200 s are long against turns of 1.6 s.
        let sums: Vec<f64> = counts.chunks_exact(200).map(|some| some.iter().sum()).collect();
        let average = sums.iter().sum::<f64>() / sums.len() as f64;
        let squares = sums.iter().map(|sum| square(sum - average)).sum::<f64>();
        let seen = squares / (sums.len() - 1) as f64 / average;
        assert!((seen / dispersion - 1.0).abs() < 0.1, "{seen} of {dispersion}");
    }

    #[test]
    fn a_run_starts_in_a_burst_as_often_as_it_is_in_one() {
        let bursts = curve(20.0, 6.0).bursts.unwrap();
        let begins = |run| Pulse::new(&bursts, &Streams::new(1, run)).is_burst;
        let in_burst = (0..2_000).filter(|&run| begins(run)).count();
        assert!((340..460).contains(&in_burst), "{in_burst} of 2000");
    }

    #[test]
    fn bursts_without_requests_are_pauses_and_nothing_comes_of_nothing() {
        let share = counts(0.0, 3, 100_000).iter().sum::<f64>() / 2e6;
        assert!((share - 0.8).abs() < 0.02, "{share}");
        let silent = curve(0.0, 5.0);
        let mut pulse = Pulse::new(&silent.bursts.unwrap(), &Streams::new(1, 0));
        assert_eq!(pulse.advance(&silent, 0.0, 0.0, 1.0, &mut 0), None);
        let hardly = curve(1e-300, 5.0);
        assert_eq!(pulse.advance(&hardly, 0.0, 0.0, 1.0, &mut 0), None);
    }
}
