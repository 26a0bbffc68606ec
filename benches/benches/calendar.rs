//! What a pending event costs: one `pop` and one `push` (a "hold") at a given number of pending
//! events, times drawn as in a queue.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use plimsoll::distribution::Sampler;
use plimsoll::engine::calendar::{Calendar, Event};
use plimsoll::quantity::SimTime;
use plimsoll::random::Streams;

fn bench_hold(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("calendar");
    let pause = Sampler::exponential(1.0).expect("one second is a mean");
    for pending in [4u32, 64, 1024, 65_536] {
        let mut stream = Streams::new(1, 0).stream("calendar", "bench");
        let mut calendar = Calendar::default();
        for id in 0..pending {
            calendar.push(pause.draw_time(&mut stream), Event::Think(id));
        }
        group.bench_function(format!("hold at {pending}"), |bencher| {
            bencher.iter(|| {
                let (now, event) = calendar.pop().unwrap_or((SimTime::ZERO, Event::Arrive));
                calendar.push(now + pause.draw_time(&mut stream), black_box(event));
            });
        });
    }
    group.finish();
}

criterion_group!(benches, bench_hold);
criterion_main!(benches);
