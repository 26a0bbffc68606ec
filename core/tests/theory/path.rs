//! The engine against Lindley's recursion on the very same random numbers: every request's latency
//! must be that of a single server first come first served, to the nanosecond that times are
//! rounded to. No interval, no chance.

use plimsoll::distribution::Sampler;
use plimsoll::model::Model;
use plimsoll::random::Streams;

use crate::harness::{SEED, model, replication};

/// Mean and mean square of the latencies by Wₙ₊₁ = max(0, Wₙ + Sₙ − Aₙ₊₁) (Lindley 1952).
fn lindley(model: &Model, rate: f64, id: u32) -> (u64, f64, f64) {
    let streams = Streams::new(SEED, id);
    let mut gaps = streams.stream("traffic", "arrivals");
    let mut services = streams.stream("one", &model.draws[0].purpose);
    let gap = Sampler::exponential(1.0).unwrap();
    let horizon = model.horizon.as_seconds();
    let (mut now, mut free) = (0.0, 0.0f64);
    let (mut count, mut sum, mut squares) = (0, 0.0, 0.0);
    loop {
        now += gap.draw(&mut gaps) / rate;
        free = free.max(now) + model.draws[0].sampler.draw(&mut services);
        if free > horizon {
            return (count, sum / count as f64, squares / count as f64);
        }
        count += 1;
        sum += free - now;
        squares += (free - now) * (free - now);
    }
}

#[test]
fn every_latency_is_that_of_the_recursion() {
    for service in ["workers: 1, threads: 1", "workers: 1, threads: 0, lock: event_loop"] {
        for steps in
            ["[cpu: {lognormal: {mean: 10ms, cv: 2}}]", "[cpu: {uniform: {low: 1ms, high: 19ms}}]"]
        {
            let text = format!(
                "version: 1
services:
  one: {{memory_request: 0B, backlog: 1000000, {service}}}
endpoints:
  page: {{timeout: 0s, steps: {steps}}}
traffic: {{arrival_rate: 95/s}}
horizon: 1000s
"
            );
            let model = model(&text);
            for id in 0..3 {
                let watch = &replication(&model, id).endpoints[0];
                let (count, mean, square) = lindley(&model, 95.0, id);
                assert_eq!(watch.completed, count, "{text}");
                let found = watch.mean().unwrap();
                assert!((found / mean - 1.0).abs() < 1e-6, "{found} {mean}\n{text}");
                let found = watch.latency_squares / count as f64;
                assert!((found / square - 1.0).abs() < 1e-6, "{found} {square}\n{text}");
            }
        }
    }
}
