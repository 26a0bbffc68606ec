//! Hit ratios of caches under independent requests with known popularity.
//!
//! Che's approximation: a full cache behaves as if every item stayed for one common time, the
//! characteristic time, which is the one that fills the capacity on average. So a replacement policy
//! and a time to live come down to the same two formulas, and a cache with both keeps an item for
//! the shorter of the two times.
//!
//! Sources: Che, Tung & Wang 2002; Fricker, Robert & Roberts 2012 (arXiv 1202.3974), who also treat
//! first-in-first-out and random replacement; Jung, Berger & Balakrishnan 2003 for times to live.

use super::{is_amount, is_positive};
use crate::math;

/// An item that may be cached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Item {
    /// Look-ups per second (or a weight in proportion to it), at least 0.
    pub rate: f64,
    /// Its size in the unit of the capacity: bytes, or 1 where the capacity counts items.
    pub size: f64,
}

/// From when on an item's time in the cache counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Residence {
    /// From the last look-up: least-recently-used replacement; a time to live renewed by each hit.
    SinceLastHit,
    /// From the fill: first-in-first-out and random replacement; a time to live set once, on the
    /// miss.
    SinceFill,
}

impl Residence {
    /// The share of an item's look-ups that hit when it stays for `time` (≥ 0, may be ∞) and is
    /// asked for `rate` times a second (≥ 0): 1 − e^(−λT) since the last hit, λT/(1 + λT) since the
    /// fill.
    ///
    /// ```
    /// use plimsoll::theory::cache::Residence;
    /// assert_eq!(Residence::SinceFill.hit_ratio(0.1, 30.0), 0.75);
    /// ```
    pub fn hit_ratio(self, rate: f64, time: f64) -> f64 {
        let expected = rate * time;
        if expected == f64::INFINITY {
            return 1.0;
        }
        match self {
            // Also where the product is NaN, 0 · ∞: what nobody asks for is never there.
            Residence::SinceLastHit | Residence::SinceFill if rate <= 0.0 => 0.0,
            Residence::SinceLastHit => -math::exp_m1(-expected),
            Residence::SinceFill => expected / (1.0 + expected),
        }
    }
}

/// The characteristic time in seconds: how long an item stays in a cache of this `capacity` (> 0)
/// under replacement alone. ∞ when everything that is asked for fits; `None` when a rate, a size or
/// the capacity is not usable.
///
/// Solves Σ sᵢ·hᵢ(T) = capacity by bisection.
///
/// ```
/// use plimsoll::theory::cache::{Item, Residence, characteristic_time};
/// let items = [Item { rate: 1.0, size: 1.0 }; 2];
/// let time = characteristic_time(&items, 1.0, Residence::SinceLastHit).expect("valid");
/// assert!((time - std::f64::consts::LN_2).abs() < 1e-12);
/// ```
pub fn characteristic_time(items: &[Item], capacity: f64, residence: Residence) -> Option<f64> {
    let are_valid = items.iter().all(|item| is_amount(item.rate) && is_positive(item.size));
    if !are_valid || !is_positive(capacity) {
        return None;
    }
    let asked = items.iter().filter(|item| item.rate > 0.0);
    let (size, rate) = asked.fold((0.0, 0.0), |(s, r), item| (s + item.size, r + item.rate));
    if size <= capacity {
        return Some(f64::INFINITY);
    }
    let occupied = |time: f64| -> f64 {
        items.iter().map(|item| item.size * residence.hit_ratio(item.rate, time)).sum()
    };
    let mut high = 1.0 / rate;
    while occupied(high) < capacity && high < 1e300 {
        high *= 2.0;
    }
    Some(math::bisect(0.0, high, |time| occupied(time) >= capacity))
}

/// The share of all look-ups that hit when each item stays for `time` (≥ 0, may be ∞).
///
/// `time` is the characteristic time, a time to live, or the shorter of both. `None` when nothing is
/// asked for or a parameter is not usable.
///
/// ```
/// use plimsoll::theory::cache::{Item, Residence, characteristic_time, hit_ratio};
/// let items = [Item { rate: 9.0, size: 4.0 }, Item { rate: 1.0, size: 4.0 }];
/// let residence = Residence::SinceLastHit;
/// let time = characteristic_time(&items, 4.0, residence).expect("valid");
/// let time_to_live = 0.1;
/// let replaced = hit_ratio(&items, time, residence).expect("valid");
/// let expired = hit_ratio(&items, time.min(time_to_live), residence).expect("valid");
/// assert!(expired < replaced);
/// ```
pub fn hit_ratio(items: &[Item], time: f64, residence: Residence) -> Option<f64> {
    let total: f64 = items.iter().map(|item| item.rate).sum();
    let are_valid = items.iter().all(|item| is_amount(item.rate)) && is_positive(total);
    (are_valid && time >= 0.0).then(|| {
        let hits = items.iter().map(|item| item.rate * residence.hit_ratio(item.rate, time));
        hits.sum::<f64>() / total
    })
}

/// The hit ratio of the best content that never changes: the items asked for most for their size,
/// as many as fit whole. No replacement policy beats it under independent requests of unit size.
///
/// `None` as for [`hit_ratio`] and [`characteristic_time`].
///
/// ```
/// use plimsoll::theory::cache::{Item, best_static_hit_ratio};
/// let items = [3.0, 1.0, 4.0, 2.0].map(|rate| Item { rate, size: 1.0 });
/// assert_eq!(best_static_hit_ratio(&items, 2.0), Some(0.7));
/// ```
pub fn best_static_hit_ratio(items: &[Item], capacity: f64) -> Option<f64> {
    let total: f64 = items.iter().map(|item| item.rate).sum();
    let are_valid = items.iter().all(|item| is_amount(item.rate) && is_positive(item.size));
    if !are_valid || !is_positive(total) || !is_amount(capacity) {
        return None;
    }
    let mut by_worth = items.to_vec();
    // A stable sort: equals keep the order given.
    by_worth.sort_by(|a, b| (b.rate / b.size).total_cmp(&(a.rate / a.size)));
    let (mut free, mut hits) = (capacity, 0.0);
    for item in by_worth {
        if item.size <= free {
            free -= item.size;
            hits += item.rate;
        }
    }
    Some(hits / total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution::{Sampler, Zipf};
    use crate::random::Streams;

    fn zipf_items(count: u32, skew: f64) -> Vec<Item> {
        let law = Zipf::new(count, skew).unwrap();
        (1..=count).map(|rank| Item { rate: law.probability(rank), size: 1.0 }).collect()
    }

    fn che(items: &[Item], capacity: f64, residence: Residence) -> f64 {
        let time = characteristic_time(items, capacity, residence).unwrap();
        hit_ratio(items, time, residence).unwrap()
    }

    #[test]
    fn least_recently_used_reference_values() {
        for (count, skew, capacity, recent, fixed) in [
            (100_000, 0.64, 1e4, 0.2869, 0.4293),
            (100_000, 0.8, 1e4, 0.4687, 0.5950),
            (100_000, 0.99, 1e4, 0.7250, 0.8001),
            (100_000, 0.99, 1e3, 0.4894, 0.6048),
            (100_000, 1.2, 1e3, 0.7953, 0.8516),
            (1_000_000, 0.99, 1e4, 0.5662, 0.6643),
            (20_000, 0.99, 2e3, 0.6853, 0.0),
        ] {
            let items = zipf_items(count, skew);
            let hits = che(&items, capacity, Residence::SinceLastHit);
            assert!((hits - recent).abs() < 6e-5, "{count} {skew} {capacity}: {hits}");
            let best = best_static_hit_ratio(&items, capacity).unwrap();
            assert!(fixed == 0.0 || (best - fixed).abs() < 6e-5, "{count} {skew}: {best}");
        }
    }

    #[test]
    fn random_replacement_agrees_with_a_simulated_cache() {
        let items = zipf_items(1000, 0.9);
        let expected = che(&items, 100.0, Residence::SinceFill);
        let law = Zipf::new(1000, 0.9).unwrap();
        let mut stream = Streams::new(42, 0).stream("theory", "random replacement");
        let (mut cached, mut is_cached) = (Vec::new(), vec![false; 1001]);
        let mut hits = 0;
        for request in 0..1_100_000 {
            let rank = law.draw(&mut stream);
            if is_cached[rank as usize] {
                hits += u32::from(request >= 100_000);
                continue;
            }
            is_cached[rank as usize] = true;
            if cached.len() < 100 {
                cached.push(rank);
            } else {
                let victim = &mut cached[stream.below(100) as usize];
                is_cached[*victim as usize] = false;
                *victim = rank;
            }
        }
        let simulated = f64::from(hits) / 1e6;
        assert!((simulated - expected).abs() < 0.005, "{simulated} {expected}");
    }

    #[test]
    fn times_to_live_agree_with_a_simulated_item() {
        let (rate, time_to_live) = (0.5, 3.0);
        let gap = Sampler::exponential(1.0 / rate).unwrap();
        for residence in [Residence::SinceLastHit, Residence::SinceFill] {
            let mut stream = Streams::new(42, 0).stream("theory", "time to live");
            let (mut now, mut expires, mut hits) = (0.0, -1.0, 0);
            for _ in 0..1_000_000 {
                now += gap.draw(&mut stream);
                let is_hit = now < expires;
                hits += u32::from(is_hit);
                if !is_hit || residence == Residence::SinceLastHit {
                    expires = now + time_to_live;
                }
            }
            let expected = residence.hit_ratio(rate, time_to_live);
            assert!((f64::from(hits) / 1e6 - expected).abs() < 0.002, "{residence:?} {expected}");
        }
    }

    #[test]
    fn sizes_count_in_the_unit_of_the_capacity() {
        let unit = zipf_items(500, 1.0);
        let kib: Vec<_> = unit.iter().map(|item| Item { size: 1024.0, ..*item }).collect();
        let (a, b) = (
            che(&unit, 50.0, Residence::SinceLastHit),
            che(&kib, 51_200.0, Residence::SinceLastHit),
        );
        assert!((a - b).abs() < 1e-12);
        // The popular half ten times as large: fewer hits for the same bytes.
        let large: Vec<_> =
            (0..500).map(|i| Item { size: if i < 250 { 1.9 } else { 0.1 }, ..unit[i] }).collect();
        assert!(che(&large, 50.0, Residence::SinceLastHit) < a);
    }

    #[test]
    fn a_cache_that_holds_everything_always_hits() {
        let items = [Item { rate: 2.0, size: 1.0 }, Item { rate: 0.0, size: 1.0 }];
        for residence in [Residence::SinceLastHit, Residence::SinceFill] {
            assert_eq!(characteristic_time(&items, 1.0, residence), Some(f64::INFINITY));
            assert_eq!(hit_ratio(&items, f64::INFINITY, residence), Some(1.0));
            assert_eq!(residence.hit_ratio(0.0, f64::INFINITY), 0.0);
        }
    }

    #[test]
    fn nonsense_is_refused() {
        let residence = Residence::SinceLastHit;
        let item = Item { rate: 1.0, size: 1.0 };
        assert_eq!(characteristic_time(&[item], 0.0, residence), None);
        assert_eq!(characteristic_time(&[Item { size: 0.0, ..item }], 1.0, residence), None);
        assert_eq!(hit_ratio(&[Item { rate: -1.0, ..item }], 1.0, residence), None);
        assert_eq!(hit_ratio(&[], 1.0, residence), None);
        assert_eq!(hit_ratio(&[item], f64::NAN, residence), None);
        assert_eq!(best_static_hit_ratio(&[Item { rate: 0.0, ..item }], 1.0), None);
    }
}
