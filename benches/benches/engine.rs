//! What a simulated request costs: the engine, and the hand-written loops, which are the limit.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use plimsoll::engine::{RunOptions, run};
use plimsoll::model::{Model, build};
use plimsoll::quantity::SimTime;
use plimsoll::{catalog, import};
use plimsoll_benches::hand::{mm1, w3};

/// Whether the benches are measured (`cargo bench`), and not only run once (`cargo test`).
fn measuring() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

/// A ready scenario of the catalogue, cut to a horizon.
fn model(name: &str, horizon_seconds: u64) -> Model {
    let text = catalog::scenario(name).expect("the catalogue has it");
    let nodes = import::yaml::read(name, text).expect("it is YAML");
    let scenario = import::decode::decode(&nodes[0], "").expect("it is a scenario");
    let mut model = build(&scenario, &Default::default()).expect("it settles");
    model.horizon = SimTime::from_millis(horizon_seconds * 1000);
    model
}

/// One run with everything that a user gets: ledger, histograms, windows, causes.
fn simulate(model: &Model) -> u64 {
    let options = RunOptions { seed: 1, replication: 0, max_events: u64::MAX, percentiles: false };
    run(black_box(model), options).events
}

fn bench_mm1(criterion: &mut Criterion) {
    let customers = if measuring() { 1_000_000 } else { 10_000 };
    let mut group = criterion.benchmark_group("mm1");
    group.throughput(Throughput::Elements(customers));
    group.bench_function("hand", |bencher| {
        bencher.iter(|| mm1::run(black_box(1), customers, 80.0, 100.0));
    });
    let model = model("mm1", customers / 80);
    group.bench_function("engine", |bencher| bencher.iter(|| simulate(&model)));
    group.finish();
}

fn bench_w3(criterion: &mut Criterion) {
    let horizon_seconds = if measuring() { w3::HOUR.horizon_seconds } else { 60 };
    let load = w3::Load { horizon_seconds, ..w3::HOUR };
    let mut group = criterion.benchmark_group("w3");
    group.throughput(Throughput::Elements(w3::run(1, load).completed));
    group.bench_function("hand", |bencher| bencher.iter(|| w3::run(black_box(1), load)));
    let hour = model("w3", horizon_seconds);
    group.bench_function("engine", |bencher| bencher.iter(|| simulate(&hour)));
    group.finish();
}

/// The cost of a request must not grow with the length of a run.
fn bench_horizon(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("horizon");
    let horizons: &[u64] = if measuring() { &[60, 600, 6000, 36_000] } else { &[6] };
    for &seconds in horizons {
        let model = model("w3", seconds);
        group.throughput(Throughput::Elements(simulate(&model)));
        group.bench_function(format!("w3 for {seconds} s"), |bencher| {
            bencher.iter(|| simulate(&model));
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).measurement_time(Duration::from_secs(5));
    targets = bench_mm1, bench_w3, bench_horizon
}
criterion_main!(benches);
