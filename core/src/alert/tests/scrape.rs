//! What a scrape finds, against what the run itself counted.

use super::super::metric::{
    ContainerGauge, DatabaseGauge, HostGauge, RequestGauge, Source, StoreGauge,
};
use super::super::sample::Point;
use crate::engine::{Part, Run, RunOptions, run};
use crate::import::{self, Sources};
use crate::model::{Model, build};

/// Cache, database and application, with rules that ask for every metric, scraped every second.
const PLAN: &str = "
version: 1
host: { memory: 2GiB, cores: 2 }
scrape_interval: 1s
services:
  api: { profile: uvicorn, restart: always, memory: 256MiB, cpus: 1, workers: 1, pool_min: 2, pool_size: 5, calls: [db, cache] }
  db: { profile: postgres, memory: 512MiB, max_connections: 50 }
  cache: { profile: redis, memory: 64MiB, maxmemory: 8MiB, eviction: allkeys-lru }
caches: { pages: { service: cache, keys: 20000, value_size: 1KiB } }
endpoints:
  page: { steps: [{ cpu: 2ms }, { cache: { cache: pages, on_miss: [{ query: { database: db, wait: 20ms } }] } }] }
traffic: { arrival_rate: 60/s }
warmup: 5s
horizon: 20s
disturbances: []
alerts:
";

fn plan(more: &str) -> Model {
    let rules: Vec<String> = super::super::metric::NAMES
        .iter()
        .map(|name| format!("  - {{ name: {name}, expr: {name} }}"))
        .collect();
    let text = format!("{PLAN}{}\n", rules.join("\n")).replace("disturbances: []", more);
    let draft = import::read(&Sources::single("plan.yaml", &text)).unwrap();
    build(&draft.scenario, &draft.provenance).unwrap()
}

fn one(model: &Model) -> Run {
    run(model, RunOptions { seed: 7, replication: 0, max_events: u64::MAX, percentiles: false })
}

/// The samples of the only series from a source that passes.
fn of(model: &Model, run: &Run, passes: impl Fn(Source) -> bool) -> Vec<Point> {
    let plan = model.alerts.as_ref().unwrap();
    let found: Vec<usize> =
        (0..plan.series.len()).filter(|&id| passes(plan.series[id].source)).collect();
    assert_eq!(found.len(), 1);
    run.samples[found[0]].clone()
}

fn last(points: &[Point]) -> f64 {
    points.last().unwrap().1
}

fn service(model: &Model, name: &str) -> (usize, u32) {
    let id = model.services.iter().position(|service| service.name == name).unwrap();
    (id, model.services[id].first_instance)
}

#[test]
fn every_metric_of_the_plan_is_scraped_once_a_second() {
    let model = plan("disturbances: []");
    let run = one(&model);
    let plan = model.alerts.as_ref().unwrap();
    assert!(plan.alerts().all(|(_, rule)| rule.node.is_ok()));
    for (series, points) in plan.series.iter().zip(&run.samples) {
        let may_begin_late = matches!(series.source, Source::Requests { .. });
        assert!(points.len() == 20 || (may_begin_late && points.len() <= 20), "{series:?}");
        assert!(points.windows(2).all(|pair| pair[1].0 - pair[0].0 == 1000));
        assert!(points.iter().all(|(_, value)| value.is_finite()), "{series:?}");
    }
}

#[test]
fn requests_are_those_of_the_run() {
    let model = plan("disturbances: []");
    let run = one(&model);
    let seen = &run.endpoints[0];
    let (completed, failed) = (seen.completed as f64, seen.failures() as f64);
    // Between the last scrape and the end lies less than a second of 60 requests.
    let answered = of(&model, &run, |source| {
        matches!(source, Source::Requests { of: RequestGauge::Answered, .. })
    });
    assert!(last(&answered) <= completed && last(&answered) > completed - 100.0);
    assert!(completed > 1000.0 && failed == 0.0);
    let count = of(&model, &run, |source| {
        matches!(source, Source::Requests { of: RequestGauge::Count, .. })
    });
    assert_eq!(last(&count), last(&answered));
    let whole = of(&model, &run, |source| {
        matches!(source, Source::Requests { of: RequestGauge::Bucket(11), .. })
    });
    assert_eq!(whole, count);
    let sum = of(&model, &run, |source| {
        matches!(source, Source::Requests { of: RequestGauge::Seconds, .. })
    });
    let mean = last(&sum) / last(&count);
    assert!((mean / seen.mean().unwrap() - 1.0).abs() < 0.2, "{mean} {:?}", seen.mean());
    // Buckets are cumulative, and the median lies where they say.
    let median = seen.quantile(0.5).unwrap();
    let below = (0..11).find(|&bound| {
        let bucket = of(
            &model,
            &run,
            |source| matches!(source, Source::Requests { of: RequestGauge::Bucket(b), .. } if b == bound),
        );
        last(&bucket) >= last(&count) / 2.0
    });
    let bound = super::super::BOUNDS[below.unwrap()];
    assert!(median <= bound * 1.05, "{median} {bound}");
}

#[test]
fn memory_is_that_of_the_ledgers() {
    let model = plan("disturbances: []");
    let run = one(&model);
    for service in &model.services {
        let instance = service.first_instance;
        let seen = &run.instances[instance as usize];
        let of = |passes: &dyn Fn(Source) -> bool| of(&model, &run, passes);
        let working = of(
            &|one| matches!(one, Source::Container { instance: i, of: ContainerGauge::WorkingSet } if i == instance),
        );
        let usage = of(
            &|one| matches!(one, Source::Container { instance: i, of: ContainerGauge::Usage } if i == instance),
        );
        let rss = of(
            &|one| matches!(one, Source::Container { instance: i, of: ContainerGauge::Rss } if i == instance),
        );
        let limit = of(
            &|one| matches!(one, Source::Container { instance: i, of: ContainerGauge::Limit } if i == instance),
        );
        assert_eq!(last(&limit), service.limit.unwrap() as f64);
        assert!(working.iter().all(|(_, value)| *value <= seen.peak as f64));
        assert!(usage.iter().zip(&working).all(|(all, part)| all.1 >= part.1));
        let end: u64 = seen.end_ledger.iter().sum();
        assert!((last(&working) / end as f64 - 1.0).abs() < 0.05, "{}", service.name);
        let kernel = seen.end_ledger[Part::Kernel as usize]
            + seen.end_ledger[Part::Buffers as usize]
            + seen.end_ledger[Part::PageTables as usize];
        assert!(((last(&working) - last(&rss)) / kernel.max(1) as f64 - 1.0).abs() < 0.1);
    }
    let available = of(&model, &run, |one| one == Source::Host(HostGauge::Available));
    let total = of(&model, &run, |one| one == Source::Host(HostGauge::Memory));
    assert_eq!(last(&total), model.host.memory as f64);
    let lowest = available.iter().map(|(_, value)| *value).fold(f64::INFINITY, f64::min);
    assert!(lowest >= (model.host.memory - run.host_peak) as f64);
}

#[test]
fn look_ups_connections_and_cpu_are_those_of_the_run() {
    let model = plan("disturbances: []");
    let run = one(&model);
    let hits = of(&model, &run, |one| matches!(one, Source::Store { of: StoreGauge::Hits, .. }));
    let misses =
        of(&model, &run, |one| matches!(one, Source::Store { of: StoreGauge::Misses, .. }));
    // Counters never fall, though the report leaves out what was before the end of the warm-up.
    assert!(hits.windows(2).all(|pair| pair[1].1 >= pair[0].1));
    let looked_up = last(&hits) + last(&misses);
    let at_warm_up = hits[5].1 + misses[5].1;
    let seen = &run.caches[0];
    assert!((looked_up - at_warm_up) / seen.lookups as f64 > 0.85);
    assert!(looked_up > 1.2 * seen.lookups as f64);
    let evicted =
        of(&model, &run, |one| matches!(one, Source::Store { of: StoreGauge::Evicted, .. }));
    assert!(last(&evicted) > 0.0 && last(&evicted) <= seen.evictions as f64);
    let used = of(&model, &run, |one| matches!(one, Source::Store { of: StoreGauge::Used, .. }));
    assert!((last(&used) / seen.used as f64 - 1.0).abs() < 0.02);
    let (_, db) = service(&model, "db");
    let active =
        of(&model, &run, |one| matches!(one, Source::Database { of: DatabaseGauge::Active, .. }));
    let idle =
        of(&model, &run, |one| matches!(one, Source::Database { of: DatabaseGauge::Idle, .. }));
    let open: Vec<f64> = active.iter().zip(&idle).map(|(a, b)| a.1 + b.1).collect();
    let most = f64::from(run.instances[db as usize].connections_max);
    assert!(open.iter().all(|open| *open >= 2.0 && *open <= most), "{open:?} {most}");
    let (_, api) = service(&model, "api");
    let cpu = of(&model, &run, |one| {
        one == Source::Container { instance: api, of: ContainerGauge::CpuSeconds }
    });
    // 2 ms for each request, and what answering costs.
    let warm: Vec<Point> = cpu.into_iter().filter(|(at, _)| *at >= 5000).collect();
    let rate = (last(&warm) - warm[0].1) / (warm.len() - 1) as f64;
    assert!((rate / (run.instances[api as usize].cpu_seconds / 15.0) - 1.0).abs() < 0.15);
}

#[test]
fn a_kill_takes_the_series_of_a_container_and_its_counters() {
    let model = plan("disturbances: [{ kill: { service: api, at: 10s } }]");
    let run = one(&model);
    let (_, api) = service(&model, "api");
    let up = of(&model, &run, |one| one == Source::Up { instance: api });
    assert_eq!(
        up.iter().filter(|(_, value)| *value == 0.0).map(|(at, _)| at / 1000).min(),
        Some(10)
    );
    assert_eq!(last(&up), 1.0);
    let answered =
        of(&model, &run, |one| matches!(one, Source::Requests { of: RequestGauge::Answered, .. }));
    let ends =
        answered.iter().filter(|(_, value)| value.to_bits() == super::super::stale().to_bits());
    assert_eq!(ends.count(), 1);
    assert!(last(&answered) < run.endpoints[0].completed as f64 / 1.5);
    let restarts = of(&model, &run, |one| {
        one == Source::Container { instance: api, of: ContainerGauge::Restarts }
    });
    assert_eq!(last(&restarts), 1.0);
    let start = of(&model, &run, |one| {
        one == Source::Container { instance: api, of: ContainerGauge::StartTime }
    });
    assert!(start[0].1 < super::super::EPOCH && last(&start) >= super::super::EPOCH + 10.0);
}
