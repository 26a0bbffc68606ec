//! Arrival rates over time as straight pieces, and exact draws from them.

use super::draw;
use crate::distribution::Sampler;
use crate::quantity::SimTime;
use crate::scenario::{Bursts, Distribution, Spike, Stage, Traffic};

/// Who sends requests.
#[derive(Clone, Debug)]
pub enum TrafficModel {
    /// Requests come whatever happens.
    Open(Curve),
    /// Each user waits for the answer, thinks, and asks again.
    Closed {
        /// Users.
        users: u32,
        /// The pause, in seconds.
        think_time: Sampler,
        /// How much longer it is after a request that failed, in seconds.
        setback: f64,
        /// The pace is multiplied by this over time.
        pace: Curve,
        /// Services at which users stay, one after another in turn; of fewer than two, users choose
        /// among all kinds of request each time.
        homes: Vec<u32>,
    },
}

impl TrafficModel {
    /// Whether the rate, or the pace of users, is the same all the time, but for bursts.
    pub(crate) fn is_steady(&self) -> bool {
        let segments = &self.curve().segments;
        segments.iter().all(|one| one.rate == segments[0].rate && one.slope == 0.0)
    }

    /// The rate over time, or the pace of users.
    pub fn curve(&self) -> &Curve {
        match self {
            TrafficModel::Open(curve) | TrafficModel::Closed { pace: curve, .. } => curve,
        }
    }
}

/// A straight piece of the rate: from `rate` at `start`, changing by `slope` each second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    /// Start in seconds.
    pub start: f64,
    /// End in seconds; infinite for the last.
    pub end: f64,
    /// Rate at the start, per second.
    pub rate: f64,
    /// Change of the rate each second.
    pub slope: f64,
}

/// A rate over time. Pieces touch each other, the first starts at 0 and the last never ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// The pieces, in order.
    pub segments: Vec<Segment>,
    /// What multiplies it at random times, other ones in each run.
    pub bursts: Option<Bursts>,
}

impl Curve {
    /// The rate that open traffic describes: stages one after another, spikes on top.
    pub fn open(traffic: &Traffic) -> Self {
        let base = traffic.arrival_rate.map_or(0.0, |rate| rate.0);
        Curve::of(stages(base, &traffic.stages), traffic)
    }

    /// The pace of closed traffic: 1, multiplied by the spikes.
    pub fn pace(traffic: &Traffic) -> Self {
        Curve::of(stages(1.0, &[]), traffic)
    }

    fn of(segments: Vec<Segment>, traffic: &Traffic) -> Self {
        let segments = Curve::with_spikes(segments, &traffic.spikes);
        Curve { segments, bursts: traffic.bursts }
    }

    /// Cuts the pieces at the ends of the spikes and multiplies what lies inside.
    fn with_spikes(segments: Vec<Segment>, spikes: &[Spike]) -> Vec<Segment> {
        let mut cuts: Vec<f64> = segments.iter().map(|segment| segment.start).collect();
        for spike in spikes {
            cuts.push(spike.at.as_seconds());
            cuts.push((spike.at + spike.length).as_seconds());
        }
        cuts.sort_by(f64::total_cmp);
        cuts.dedup();
        let mut pieces = Vec::with_capacity(cuts.len());
        for (index, &start) in cuts.iter().enumerate() {
            let end = cuts.get(index + 1).copied().unwrap_or(f64::INFINITY);
            let Some(base) = segments.iter().rev().find(|segment| segment.start <= start) else {
                continue;
            };
            let factor: f64 = spikes
                .iter()
                .filter(|spike| {
                    spike.at.as_seconds() <= start && start < (spike.at + spike.length).as_seconds()
                })
                .map(|spike| spike.factor)
                .product();
            let rate = (base.rate + base.slope * (start - base.start)) * factor;
            pieces.push(Segment { start, end, rate, slope: base.slope * factor });
        }
        pieces
    }

    /// The time at which the integral of the rate since `from` reaches `area`, or `None` if it
    /// never does. With exponential areas of mean 1 this draws a Poisson process of this rate
    /// exactly (inversion of the cumulative rate), without rejected candidates.
    /// `hint` is the piece of the last draw; it only moves forward.
    #[inline]
    pub fn advance(&self, from: f64, area: f64, hint: &mut usize) -> Option<f64> {
        let mut at = from;
        let mut left = area;
        while let Some(segment) = self.segments.get(*hint) {
            if at < segment.end {
                let rate = segment.rate + segment.slope * (at - segment.start);
                if segment.slope == 0.0 {
                    if rate > 0.0 && at + left / rate < segment.end {
                        return Some(at + left / rate);
                    }
                } else {
                    let discriminant = rate * rate + 2.0 * segment.slope * left;
                    if discriminant >= 0.0 {
                        let step = 2.0 * left / (rate + discriminant.sqrt());
                        if at + step < segment.end {
                            return Some(at + step);
                        }
                    }
                }
                if segment.end.is_infinite() {
                    return None;
                }
                let span = segment.end - at;
                left -= (rate + 0.5 * segment.slope * span) * span;
                left = left.max(0.0);
                at = segment.end;
            }
            *hint += 1;
        }
        None
    }

    /// The integral of the rate from one time to another, both finite; `hint` as in [`Curve::advance`].
    pub fn area(&self, from: f64, to: f64, hint: usize) -> f64 {
        let pieces = self.segments.iter().skip(hint).filter(|one| one.start < to && from < one.end);
        let inside = |segment: &Segment| {
            let (start, end) = (segment.start.max(from), segment.end.min(to));
            let middle = (start + end) / 2.0 - segment.start;
            (segment.rate + segment.slope * middle) * (end - start)
        };
        pieces.map(inside).sum()
    }

    /// Whether nothing comes any more from a time on.
    pub fn is_over(&self, at: f64) -> bool {
        self.segments.last().is_none_or(|last| at >= last.start && last.rate == 0.0)
    }

    /// Moves `hint` forward to the piece that holds a time.
    #[inline]
    pub fn skip_to(&self, seconds: f64, hint: &mut usize) {
        while self.segments.get(*hint).is_some_and(|segment| segment.end <= seconds) {
            *hint += 1;
        }
    }
}

/// Who sends requests; `None`: nobody.
pub(super) fn settle(traffic: &Traffic) -> Option<TrafficModel> {
    if let Some(users) = traffic.users {
        let pause =
            traffic.think_time.unwrap_or(Distribution::Exponential(SimTime::from_millis(1000)));
        return Some(TrafficModel::Closed {
            users,
            think_time: draw::sampler(&pause)?,
            setback: 0.0,
            pace: Curve::pace(traffic),
            homes: Vec::new(),
        });
    }
    (traffic.arrival_rate.is_some() || !traffic.stages.is_empty())
        .then(|| TrafficModel::Open(Curve::open(traffic)))
}

/// Requests a second before any stage and spike, with what bursts add on average.
pub(super) fn base_rate(traffic: &Traffic) -> f64 {
    in_bursts(traffic) * traffic.arrival_rate.map_or(0.0, |rate| rate.0)
}

/// How much more bursts bring on average, as a factor.
pub(super) fn in_bursts(traffic: &Traffic) -> f64 {
    traffic.bursts.map_or(1.0, |of| 1.0 + (of.factor - 1.0) * of.share())
}

/// The stages as straight pieces, starting from `base`; the last rate stays.
fn stages(base: f64, stages: &[Stage]) -> Vec<Segment> {
    let mut segments = Vec::with_capacity(stages.len() + 1);
    let (mut start, mut rate) = (0.0, base);
    for stage in stages {
        let length = stage.duration.as_seconds();
        if length > 0.0 {
            let slope = (stage.target.0 - rate) / length;
            segments.push(Segment { start, end: start + length, rate, slope });
        }
        start += length;
        rate = stage.target.0;
    }
    segments.push(Segment { start, end: f64::INFINITY, rate, slope: 0.0 });
    segments
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::Rate;

    fn seconds(value: f64) -> SimTime {
        SimTime::from_seconds(value)
    }

    #[test]
    fn inversion_follows_ramp_and_spike() {
        let traffic = Traffic {
            arrival_rate: Some(Rate(0.0)),
            stages: vec![Stage { target: Rate(10.0), duration: seconds(10.0) }],
            spikes: vec![Spike { factor: 2.0, at: seconds(20.0), length: seconds(5.0) }],
            ..Traffic::default()
        };
        let curve = Curve::open(&traffic);
        // Area under the ramp: 50 at t = 10; half of it, 12.5, at t = 5.
        assert!((curve.advance(0.0, 12.5, &mut 0).unwrap() - 5.0).abs() < 1e-9);
        // 50 + 10/s × 10 s = 150 at t = 20; the spike gives 20/s.
        assert!((curve.advance(0.0, 170.0, &mut 0).unwrap() - 21.0).abs() < 1e-9);
        assert_eq!(curve.advance(22.0, 20.0, &mut 0), Some(23.0));
        assert_eq!(curve.advance(30.0, 10.0, &mut 0), Some(31.0));
        // Half of the ramp, all of the spike, and what lies between and behind.
        assert!((curve.area(5.0, 26.0, 0) - (37.5 + 100.0 + 100.0 + 10.0)).abs() < 1e-9);
    }

    #[test]
    fn a_rate_of_zero_never_comes() {
        let curve = Curve::open(&Traffic::default());
        assert_eq!(curve.advance(0.0, 1.0, &mut 0), None);
    }
}
