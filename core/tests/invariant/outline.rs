//! How scenarios are run here, and everything that a run says as one comparable text.

use std::fmt::Write;

use plimsoll::engine::{Run, RunOptions, run};
use plimsoll::import;
use plimsoll::model::{self, Model};
use plimsoll::scenario::Scenario;
use proptest::prelude::ProptestConfig;

/// Events after which a run is stopped: far more than any of these scenarios needs.
pub(crate) const MOST_EVENTS: u64 = 3_000_000;

/// So many cases, or as many as `PROPTEST_CASES` says.
pub(crate) fn cases(usual: u32) -> ProptestConfig {
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => ProptestConfig::default(),
        None => ProptestConfig::with_cases(usual),
    }
}

/// The scenario as text, without what is not given.
pub(crate) fn text(scenario: &Scenario) -> String {
    let mut data = serde_json::to_value(scenario).expect("a scenario is data");
    drop_absent(&mut data);
    data.to_string()
}

fn drop_absent(data: &mut serde_json::Value) {
    if let Some(map) = data.as_object_mut() {
        map.retain(|_, value| !value.is_null());
        map.values_mut().for_each(drop_absent);
    } else if let Some(list) = data.as_array_mut() {
        list.iter_mut().for_each(drop_absent);
    }
}

/// The scenario that a text of our own says.
fn scenario(text: &str) -> Scenario {
    let nodes = import::yaml::read("scenario.yaml", text).expect("it was written by us");
    import::decode::decode(&nodes[0], "").unwrap_or_else(|problems| panic!("{problems:#?}\n{text}"))
}

/// Reads and settles a text of our own.
pub(crate) fn read(text: &str) -> Model {
    model::build(&scenario(text), &model::Provenance::default())
        .unwrap_or_else(|problems| panic!("{problems:#?}\n{text}"))
}

/// Settles a scenario that came through its own text.
pub(crate) fn model(given: &Scenario) -> Model {
    let text = text(given);
    assert_eq!(scenario(&text), *given, "its text says something else: {text}");
    read(&text)
}

/// Runs one replication.
pub(crate) fn replication(model: &Model, replication: u32) -> Run {
    let options =
        RunOptions { seed: 7, replication, max_events: MOST_EVENTS, percentiles: replication == 0 };
    run(model, options)
}

/// One endpoint of a run.
pub(crate) fn endpoint(run: &Run, id: usize) -> String {
    let watch = &run.endpoints[id];
    let quantiles = [0.0, 0.1, 0.5, 0.9, 0.99, 1.0].map(|ratio| watch.quantile(ratio));
    format!(
        "arrivals {} completed {} {} failed {:?} in flight {} latency {} {} {:?} causes {:?}",
        watch.arrivals,
        watch.completed,
        watch.completed_warm,
        watch.failed,
        watch.in_flight,
        watch.latency_sum,
        watch.latency_squares.to_bits(),
        quantiles,
        watch.causes,
    )
}

/// All that a run says but for the percentiles of its windows, floats by all their digits.
pub(crate) fn outline(run: &Run) -> String {
    let mut out = String::new();
    let mut line = |part: std::fmt::Arguments<'_>| writeln!(out, "{part}").expect("a string grows");
    line(format_args!("finished {} events {}", run.finished, run.events));
    for id in 0..run.endpoints.len() {
        line(format_args!("endpoint {id}: {}", endpoint(run, id)));
    }
    for (id, instance) in run.instances.iter().enumerate() {
        line(format_args!("instance {id}: {instance:?}"));
    }
    for (id, pool) in run.pools.iter().enumerate() {
        line(format_args!(
            "pool {id}: {} waits, {} ns, {} {} {} {:?}",
            pool.waits.len(),
            pool.wait_sum,
            pool.timeouts,
            pool.refused,
            pool.in_use_max,
            pool.in_use_mean
        ));
    }
    line(format_args!("caches {:?}", run.caches));
    line(format_args!("retries {:?}", run.retries));
    line(format_args!("host {} {:?}", run.host_peak, run.host_utilisation));
    line(format_args!("happenings {:?}", run.happenings));
    for window in &run.series.endpoints {
        for one in window {
            line(format_args!("{} {} {}", one.ended, one.failed, one.latency_sum));
        }
    }
    line(format_args!("{:?} {:?}", run.series.services, run.series.host_cpu));
    out
}
