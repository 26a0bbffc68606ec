//! How long the sweep leaves an expired key in place, once fills and drops balance.

use super::popularity::blocks;
use super::sweep::{ACCEPTED, CYCLES, SAMPLE};
use super::{Demand, Group};
use crate::math;

/// No round of the sweep takes longer, in seconds (a year).
const LONGEST: f64 = 3.2e7;

/// Keys of about equal popularity.
#[derive(Clone, Copy, Debug)]
struct Block {
    /// Look-ups and writes a second of each key.
    rate: f64,
    keys: f64,
    /// Seconds from a fill to expiry on average.
    life: f64,
}

/// Seconds that the sweep takes to go round all keys with a time to live, in the steady state of
/// these look-ups and writes of each class; 0 if there are none.
///
/// A key expires, and is then dropped by its next look-up (after 1/λ on average) or by the sweep
/// (anywhere within one round S), whichever comes first. That gives the keys held and the share f of
/// them that the sweep finds expired. The sweep looks at 20 keys ten times a second, and at 20 more
/// while more than a tenth of them had expired, so f gives its speed, and the speed S: the one S for
/// which both agree is returned.
pub(super) fn sweep_round(groups: &[Group], demands: &[Demand]) -> f64 {
    let blocks: Vec<Block> = groups
        .iter()
        .zip(demands)
        .filter_map(|(group, demand)| Some((group, demand, group.ttl?.as_seconds())))
        .filter(|&(_, demand, ttl)| demand.all() > 0.0 && ttl > 0.0)
        .flat_map(|(group, demand, ttl)| {
            blocks(&group.law).map(move |(share, keys)| {
                let demand = demand.of_key(share);
                Block { rate: demand.all(), keys, life: demand.life(ttl) }
            })
        })
        .collect();
    if blocks.is_empty() {
        return 0.0;
    }
    math::bisect(0.0, LONGEST, |round| {
        let (held, found) = held_and_found(&blocks, round);
        let speed = CYCLES * f64::from(SAMPLE) * rounds_in_cycle(found * round / held);
        speed * round > held
    })
}

/// Keys held, and expired keys that the sweep drops a second, when it comes round every `round`
/// seconds.
fn held_and_found(blocks: &[Block], round: f64) -> (f64, f64) {
    let sums = blocks.iter().map(|block| {
        // In one round the key is asked for so often; the chance that the sweep comes first follows.
        let asked = block.rate * round;
        let sweep_first = if asked > 1e-9 { -math::exp_m1(-asked) / asked } else { 1.0 };
        let stale = if asked > 1e-4 { (1.0 - sweep_first) / block.rate } else { round / 2.0 };
        let cycles = block.keys / (block.life + 1.0 / block.rate);
        (cycles * (block.life + stale), cycles * sweep_first)
    });
    sums.fold((0.0, 0.0), |sum, part| (sum.0 + part.0, sum.1 + part.1))
}

/// Samples that a cycle takes until one has few enough expired keys, when `share` of them have.
fn rounds_in_cycle(share: f64) -> f64 {
    let share = share.clamp(0.0, 0.999);
    let accepted = SAMPLE * ACCEPTED / 100;
    let mut term = math::pow(1.0 - share, f64::from(SAMPLE));
    let mut stop = term;
    for expired in 1..=accepted {
        term *= share / (1.0 - share) * f64::from(SAMPLE + 1 - expired) / f64::from(expired);
        stop += term;
    }
    1.0 / stop.max(1e-9)
}
