//! What a second core brings to a check: the same number of runs of W3 on one thread and on two; and how
//! long the longest check of the largest stack takes.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use plimsoll::import::Sources;
use plimsoll::model::Model;
use plimsoll::quantity::SimTime;
use plimsoll::{CheckOptions, Runs, catalog, check, import, model};

/// Whether the benches are measured (`cargo bench`), and not only run once (`cargo test`).
fn measuring() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

fn stack(horizon_seconds: u64) -> Model {
    let text = catalog::scenario("w3").expect("the catalogue has it");
    let draft = import::read(&Sources::single("w3", text)).expect("it can be read");
    let mut model = model::build(&draft.scenario, &draft.provenance).expect("it settles");
    model.horizon = SimTime::from_millis(horizon_seconds * 1000);
    model
}

/// A whole check of the largest ready stack: as many runs as a decision takes at the most, and as many
/// as somebody who wants to be sure may ask for.
fn bench_largest(criterion: &mut Criterion) {
    let text = catalog::scenario("ha-replicas-large").expect("the catalogue has it");
    let draft = import::read(&Sources::single("ha", text)).expect("it can be read");
    let model = model::build(&draft.scenario, &draft.provenance).expect("it settles");
    for runs in [300, 1000] {
        let runs = if measuring() { runs } else { runs / 300 };
        let options =
            CheckOptions { runs: Runs::Fixed(runs), max_events: u64::MAX, ..Default::default() };
        criterion.bench_function(&format!("{runs} runs of ha-replicas-large"), |bencher| {
            bencher.iter(|| check(black_box(&model), &options, &|_| ()));
        });
    }
}

fn bench_cores(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("replications");
    let model = stack(if measuring() { 3600 } else { 10 });
    for runs in [2, 20] {
        group.throughput(Throughput::Elements(u64::from(runs)));
        for jobs in [1, 2] {
            let options =
                CheckOptions { runs: Runs::Fixed(runs), jobs: Some(jobs), ..Default::default() };
            group.bench_function(format!("{runs} runs of w3 on {jobs}"), |bencher| {
                bencher.iter(|| check(black_box(&model), &options, &|_| ()));
            });
        }
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).measurement_time(Duration::from_secs(5));
    targets = bench_cores, bench_largest
}
criterion_main!(benches);
