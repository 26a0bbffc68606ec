//! What a check of one point says, in a row.

use crate::decision::{CheckOptions, check};
use crate::model::Model;
use crate::report::{
    EndpointReport, ServiceReport, SweepEndpoint, SweepHost, SweepResult, SweepService,
};

/// Checks the plan at a point.
pub(super) fn result(model: &Model, options: &CheckOptions) -> SweepResult {
    let report = check(model, options, &|_| ());
    SweepResult {
        verdict: report.verdict,
        replications: report.replications,
        stopped_by: report.stopped_by,
        events: report.events,
        digest: report.digest,
        objectives: report.objectives,
        host: SweepHost {
            memory_bytes: report.host.memory_bytes,
            peak_bytes: report.host.peak_bytes,
            oom_probability: report.host.oom.probability,
            utilisation: report.host.utilisation,
        },
        services: report.services.into_iter().map(service).collect(),
        endpoints: report.endpoints.into_iter().map(endpoint).collect(),
        load_line_per_second: report.load_line.map(|line| line.rate_per_second),
    }
}

fn service(seen: ServiceReport) -> SweepService {
    SweepService {
        name: seen.name,
        limit_bytes: seen.limit_bytes,
        peak_bytes: seen.peak_bytes,
        oom_probability: seen.oom.probability,
        utilisation: seen.utilisation,
    }
}

fn endpoint(seen: EndpointReport) -> SweepEndpoint {
    let failed: u64 = seen.failed.values().sum();
    let ended = seen.completed + failed;
    let latency = seen.latency_seconds.as_ref();
    SweepEndpoint {
        name: seen.name,
        throughput_per_second: seen.throughput_per_second,
        p50_seconds: latency.map(|of| of.p50),
        p95_seconds: latency.map(|of| of.p95),
        p99_seconds: latency.map(|of| of.p99),
        loss_ratio: (ended > 0).then(|| failed as f64 / ended as f64),
    }
}
