//! What Redis does ten times a second on its own: dropping expired keys and moving buckets.

use super::Store;
use crate::quantity::SimTime;

/// Cycles a second (Redis's `hz`).
pub(super) const CYCLES: f64 = 10.0;
/// Keys looked at before the share of expired ones is judged.
pub(super) const SAMPLE: u32 = 20;
/// Share of expired keys in percent (rounded down) above which the sweep goes on at once.
pub(super) const ACCEPTED: u32 = 10;
/// Rounds of one cycle at the most: Redis stops after a quarter of the 100 ms between cycles, and a
/// round of 20 keys takes about 10 µs (estimate).
const ROUNDS: u32 = 2500;
/// Buckets moved by one cycle: Redis gives it 1 ms, at about 0.1 µs for each (estimate).
const BUCKETS: u64 = 10_000;

impl Store {
    /// The periodic job, to be called every 100 ms of simulated time; returns how many keys it
    /// dropped.
    ///
    /// Goes round the keys with a time to live, 20 at a time, and on while more than 10 % of the
    /// last 20 had expired. So a tenth of what has expired may still hold memory. Source: `expire.c`
    /// of Redis 7; its fast cycle does not run unless a slow one ran out of time, and is left out.
    /// Also moves buckets of growing tables, and shrinks tables that are mostly empty.
    pub fn expire_cycle(&mut self, now: SimTime) -> u32 {
        if let Some(memory) = &mut self.memory {
            memory.advance(now + self.epoch);
        }
        let dropped = self.sweep(now + self.epoch);
        self.table.shrink(u64::from(self.held));
        self.expires.shrink(u64::from(self.expiry.held()));
        self.step_tables(BUCKETS);
        dropped
    }

    fn sweep(&mut self, now: SimTime) -> u32 {
        let mut dropped = 0;
        for _ in 0..ROUNDS {
            let sample = SAMPLE.min(self.expiry.held());
            let mut expired = 0;
            for _ in 0..sample {
                let Some(id) = self.expiry.advance() else { break };
                if now > self.expiry.at(id) {
                    let group = self.group(id);
                    self.groups[group].counters.expirations += 1;
                    self.drop_key(id, group);
                    expired += 1;
                }
            }
            dropped += expired;
            if sample == 0 || expired * 100 / sample <= ACCEPTED {
                break;
            }
        }
        dropped
    }
}
