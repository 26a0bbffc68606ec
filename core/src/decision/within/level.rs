//! How near to a kill a state is.

use crate::engine::Branch;
use crate::quantity::SimTime;

/// Memory as a number: 0 where every container is as full as usual, 1 where one of them is at its limit.
/// The fullest counts, measured from its own usual fill: a store that is always nearly full would else
/// hide what moves.
#[derive(Clone, Debug)]
pub(super) struct Level {
    /// Usual memory, and the way from there to the limit; for each container with a limit and the host.
    ways: Vec<(f64, f64)>,
}

impl Level {
    /// Learns what is usual from a run, until a time; `None` where somebody is killed before.
    pub(super) fn learn(branch: &mut Branch<'_>, until: SimTime) -> Option<Self> {
        let mut sums: Vec<(f64, f64)> =
            branch.memory().map(|(_, room)| (0.0, room as f64)).collect();
        let (start, mut before) = (branch.now(), branch.now());
        let mut held: Vec<u64> = branch.memory().map(|(used, _)| used).collect();
        while branch.step(until) {
            if branch.is_killed() {
                return None;
            }
            let passed = (branch.now() - before).as_seconds();
            before = branch.now();
            for ((sum, used), now) in sums.iter_mut().zip(&mut held).zip(branch.memory()) {
                sum.0 += *used as f64 * passed;
                *used = now.0;
            }
        }
        let seconds = (before - start).as_seconds();
        let usual = |sum: f64, used: u64| if seconds > 0.0 { sum / seconds } else { used as f64 };
        let ways = sums.iter().zip(&held).map(|(&(sum, room), &used)| {
            let usual = usual(sum, used);
            (usual, (room - usual).max(1.0))
        });
        Some(Level { ways: ways.collect() })
    }

    /// Bytes from what is usual to the limit, of the container at a place in [`Branch::memory`].
    pub(super) fn way(&self, place: usize) -> f64 {
        self.ways.get(place).map_or(f64::INFINITY, |&(_, way)| way)
    }

    /// Of a state. Whoever is killed has come all the way, however little memory is left in use.
    #[inline]
    pub(super) fn of(&self, branch: &Branch<'_>) -> f64 {
        if branch.is_killed() {
            return f64::INFINITY;
        }
        let fills = self.ways.iter().zip(branch.memory());
        fills.fold(f64::NEG_INFINITY, |most, (&(usual, way), (used, _))| {
            most.max((used as f64 - usual) / way)
        })
    }
}

/// The value below which a share of them lies; `None` without values.
pub(super) fn quantile(values: &mut [f64], share: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let place = ((values.len() as f64 * share) as usize).min(values.len().checked_sub(1)?);
    values.get(place).copied()
}
