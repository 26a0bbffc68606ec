//! What a simulated request costs: the hand-written loops, which are the limit.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use plimsoll_benches::hand::{mm1, w3};

/// Whether the benches are measured (`cargo bench`), and not only run once (`cargo test`).
fn measuring() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

fn bench_mm1(criterion: &mut Criterion) {
    let customers = if measuring() { 1_000_000 } else { 10_000 };
    let mut group = criterion.benchmark_group("mm1");
    group.throughput(Throughput::Elements(customers));
    group.bench_function("hand", |bencher| {
        bencher.iter(|| mm1::run(black_box(1), customers, 80.0, 100.0));
    });
    group.finish();
}

fn bench_w3(criterion: &mut Criterion) {
    let horizon_seconds = if measuring() { w3::HOUR.horizon_seconds } else { 60 };
    let load = w3::Load { horizon_seconds, ..w3::HOUR };
    let mut group = criterion.benchmark_group("w3");
    group.throughput(Throughput::Elements(w3::run(1, load).completed));
    group.bench_function("hand", |bencher| bencher.iter(|| w3::run(black_box(1), load)));
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).measurement_time(Duration::from_secs(5));
    targets = bench_mm1, bench_w3
}
criterion_main!(benches);
