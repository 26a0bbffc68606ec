use super::*;
use crate::distribution::Zipf;
#[test]
fn probe() {
    for (ttl, m, k) in [(2.0, 0.5667, 4183.0), (8.0, 0.6874, 11961.0)] {
        let law = Zipf::new(100_000, 0.99).unwrap();
        let (mut h, mut live) = (0.0, 0.0);
        for r in 1..=100_000 {
            let p = law.probability(r);
            let x = 4000.0 * p * ttl;
            h += p * x / (1.0 + x);
            live += x / (1.0 + x);
        }
        let classes = [Class {
            ttl: Some(SimTime::from_seconds(ttl)),
            value_size: 200,
            ..class(100_000, 0.99)
        }];
        for seed in 1..=3 {
            let mut store = store(redis(Policy::NoEviction, None), &classes, seed);
            let mut clock = SimTime::ZERO;
            cache_aside(&mut store, 160_000, 4000.0, &mut clock);
            let (mut hits, mut held) = (0.0, 0.0);
            for _ in 0..40 {
                hits += cache_aside(&mut store, 4000, 4000.0, &mut clock) / 40.0;
                held += f64::from(store.keys_held()) / 40.0;
            }
            println!(
                "ttl {ttl}: theory {h:.4} live {live:.0}; sim {hits:.4} held {held:.0}; measured {m} {k}"
            );
        }
    }
    for (skew, samples, m, k) in
        [(0.8, 5, 0.7909, 48096.0), (0.99, 5, 0.9009, 47997.0), (1.2, 5, 0.9489, 25673.0)]
    {
        let law = Zipf::new(100_000, skew).unwrap();
        let d = super::super::fork::distinct_keys(&law, 350_000.0);
        let d2 = super::super::fork::distinct_keys(&law, 200_000.0);
        for rate in [2_000.0, 10_000.0, 20_000.0, 50_000.0] {
            let settings = StoreSettings { samples, ..redis(Policy::AllkeysLru, Some(64 << 20)) };
            let mut s = store(settings, &[class(100_000, skew)], 1);
            let mut clock = SimTime::ZERO;
            cache_aside(&mut s, 200_000, rate, &mut clock);
            let f = cache_aside(&mut s, 150_000, rate, &mut clock);
            println!(
                "skew {skew} rate {rate}: {f:.4} ({m}) held {} ({k}) distinct {d:.0} cold miss {:.4} used/max {:.4}",
                s.keys_held(),
                1.0 - (d - d2) / 150000.0,
                s.used() as f64 / (64 << 20) as f64
            );
        }
    }
    for rate in [10.0, 100.0, 1000.0, 10_000.0] {
        for samples in [1, 5, 10] {
            let mut t = 0.0;
            for seed in 1..=5 {
                let mut s = store(
                    StoreSettings { samples, ..entries(Policy::AllkeysLru, 2000) },
                    &[class(20_000, 0.99)],
                    seed,
                );
                s.fill_warm(SimTime::ZERO, &[crate::quantity::Rate(rate)]);
                let mut clock = SimTime::ZERO;
                cache_aside(&mut s, 50_000, rate, &mut clock);
                t += cache_aside(&mut s, 200_000, rate, &mut clock) / 5.0;
            }
            println!("rate {rate} samples {samples}: {t:.4}");
        }
    }
    for limit in [4u64 << 20] {
        for policy in [Policy::AllkeysLfu] {
            for rate in [20.0, 200.0, 2000.0] {
                let settings = redis(policy, Some(limit));
                let mut w = store(settings, &[class(20_000, 0.9)], 1);
                w.fill_warm(SimTime::ZERO, &[crate::quantity::Rate(rate)]);
                let mut clock = SimTime::ZERO;
                print!("lfu rate {rate}:");
                for _ in 0..25 {
                    print!(" {:.3}", cache_aside(&mut w, 100_000, rate, &mut clock));
                }
                let mut w = store(settings, &[class(20_000, 0.9)], 1);
                let mut clock = SimTime::ZERO;
                print!("\n cold:");
                for _ in 0..25 {
                    print!(" {:.3}", cache_aside(&mut w, 100_000, rate, &mut clock));
                }
                println!();
            }
        }
    }
}
