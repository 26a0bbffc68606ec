//! Values over time.

use crate::engine::Happening as Happened;
use crate::engine::observer::SeriesWatch;
use crate::model::Model;
use crate::report::{EndpointSeries, Happening, Series, ServiceSeries};

/// Containers of a service over time, where they are ever others than its replicas.
fn containers(seen: &SeriesWatch, id: usize, replicas: u32) -> Vec<u32> {
    let counts = || seen.services.iter().map(|window| window[id].containers);
    if counts().all(|count| count == replicas) { Vec::new() } else { counts().collect() }
}

/// A run over time.
pub(in super::super) fn series(model: &Model, seen: &SeriesWatch, happened: &[Happened]) -> Series {
    let seconds = |nanoseconds: u64| nanoseconds as f64 / 1e9;
    let endpoints = model.endpoints.iter().enumerate().map(|(id, endpoint)| {
        let windows: Vec<_> = seen.endpoints.iter().map(|window| &window[id]).collect();
        EndpointSeries {
            name: endpoint.name.clone(),
            ended: windows.iter().map(|window| window.ended).collect(),
            failed: windows.iter().map(|window| window.failed).collect(),
            p50_seconds: windows.iter().map(|window| window.p50.map(seconds)).collect(),
            p99_seconds: windows.iter().map(|window| window.p99.map(seconds)).collect(),
            p95_seconds: windows.iter().map(|window| window.p95.map(seconds)).collect(),
            mean_seconds: windows
                .iter()
                .map(|w| (w.ended > 0).then(|| seconds(w.latency_sum) / w.ended as f64))
                .collect(),
        }
    });
    let services = model.services.iter().enumerate().map(|(id, service)| ServiceSeries {
        name: service.name.clone(),
        memory_bytes: seen.services.iter().map(|window| window[id].memory).collect(),
        in_flight: seen.services.iter().map(|window| window[id].in_flight).collect(),
        containers: containers(seen, id, service.replicas),
    });
    let happenings = happened.iter().map(|happening| Happening {
        at_seconds: happening.at.as_seconds(),
        kind: Happened::KINDS[happening.kind].to_owned(),
        service: model.services.get(happening.service as usize).map(|of| of.name.clone()),
        detail: happening.detail(),
    });
    Series {
        window_seconds: seen.window.as_seconds(),
        endpoints: endpoints.collect(),
        services: services.collect(),
        happenings: happenings.collect(),
    }
}
