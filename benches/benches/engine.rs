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
    settle(catalog::scenario(name).expect("the catalogue has it"), horizon_seconds)
}

/// A scenario, cut to a horizon.
fn settle(text: &str, horizon_seconds: u64) -> Model {
    let nodes = import::yaml::read("scenario", text).expect("it is YAML");
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
    group.bench_function("hand, with a calendar", |bencher| {
        bencher.iter(|| mm1::run_on_calendar(black_box(1), customers, 80.0, 100.0));
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

/// Services on one host of which the first calls the others one after another, each for 1 ms of one
/// worker's time, at so many requests in flight.
fn tour(services: u32, in_flight: f64) -> String {
    let rate = in_flight * 1e3 / f64::from(services);
    let mut list = String::from("  s0: { threads: 0, cpu_connect: 0s }\n");
    let mut steps = String::new();
    for service in 1..services {
        list += &format!("  s{service}: {{ workers: 1, threads: 1, cpu_connect: 0s }}\n");
        let work = "[ { cpu: { exponential: 1ms } } ]";
        steps += &format!("      - call: {{ service: s{service}, steps: {work} }}\n");
    }
    format!(
        "version: 1\nname: tour\ntraffic: {{ arrival_rate: {rate}/s }}\nhorizon: 1h\n\
         host: {{ memory: 64GiB, cores: 64 }}\nentry: s0\nservices:\n{list}\
         endpoints:\n  request:\n    steps:\n{steps}"
    )
}

/// One service that only waits: as many requests in flight as one second of arrivals.
fn waiting(in_flight: u32) -> String {
    format!(
        "version: 1\nname: waiting\ntraffic: {{ arrival_rate: {in_flight}/s }}\nhorizon: 1h\n\
         host: {{ memory: 64GiB, cores: 4 }}\nentry: api\nservices:\n  api: {{ threads: 0, cpu_connect: 0s }}\n\
         endpoints:\n  request:\n    steps: [ {{ wait: {{ exponential: 1s }} }} ]\n"
    )
}

/// The cost of an event must not grow with the number of services, nor with requests in flight.
fn bench_size(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("size");
    let mut bench = |name: String, model: &Model| {
        group.throughput(Throughput::Elements(simulate(model)));
        group.bench_function(name, |bencher| bencher.iter(|| simulate(model)));
    };
    for (services, in_flight) in [(3u32, 0.3), (10, 0.3), (30, 0.3), (100, 0.3), (100, 10.0)] {
        let seconds = if measuring() { (900.0 / in_flight) as u64 } else { 1 };
        let name = format!("{services} services, {in_flight} requests at once");
        bench(name, &settle(&tour(services, in_flight), seconds));
    }
    for in_flight in [10u32, 100, 1000, 10_000, 100_000] {
        let seconds = if measuring() { (3_000_000 / u64::from(in_flight)).max(3) } else { 1 };
        bench(format!("{in_flight} in flight"), &settle(&waiting(in_flight), seconds));
    }
    group.finish();
}

/// Two replications on one thread, and on two: the second should take half as long.
fn bench_threads(criterion: &mut Criterion) {
    let model = model("w3", if measuring() { 600 } else { 6 });
    let replicate = |replication: u32| {
        let options = RunOptions { seed: 1, replication, max_events: u64::MAX, percentiles: false };
        run(black_box(&model), options).events
    };
    let mut group = criterion.benchmark_group("replications");
    group.throughput(Throughput::Elements(2 * simulate(&model)));
    group.bench_function("two on one thread", |bencher| {
        bencher.iter(|| replicate(0) + replicate(1));
    });
    group.bench_function("two on two threads", |bencher| {
        bencher.iter(|| {
            std::thread::scope(|scope| {
                let other = scope.spawn(|| replicate(1));
                replicate(0) + other.join().expect("a replication does not panic")
            })
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).measurement_time(Duration::from_secs(5));
    targets = bench_mm1, bench_w3, bench_horizon, bench_size, bench_threads
}
criterion_main!(benches);
