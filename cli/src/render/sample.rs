//! A report as the engine might give it, for tests of what readers see. The numbers are invented.

use std::collections::BTreeMap;

use plimsoll::diagnostic::Severity;
use plimsoll::import::Deployment;
use plimsoll::report::*;

use super::layout::Symbols;
use super::{Context, Detail};

const MIB: u64 = 1 << 20;

/// What a rendering knows besides the report.
pub(crate) fn context(detail: Detail) -> Context {
    Context {
        label: "compose.yaml".to_owned(),
        command: "check",
        words: " compose.yaml --target 512mb".to_owned(),
        deployment: Deployment::Compose,
        detail,
        symbols: Symbols::Unicode,
    }
}

/// Six services on 512 MiB of which one is killed now and then.
pub(crate) fn report() -> Report {
    Report {
        schema_version: SCHEMA_VERSION,
        scenario: "shop".to_owned(),
        verdict: Verdict::DoesNotFit,
        exit_code: 1,
        engine_version: "0.1.0".to_owned(),
        stream_version: 1,
        seed: 42,
        replications: 32,
        stopped_by: StoppedBy::Decision,
        precision: None,
        within: None,
        horizon_seconds: 120.0,
        warmup: None,
        events: 1_204_331,
        load: Load::Stated,
        digest: "6f1e0b2a".to_owned(),
        target: Target { name: "512mb".to_owned(), memory_bytes: 512 * MIB, cores: 2 },
        host: host(),
        objectives: objectives(),
        services: vec![
            service("api", 256, 249.0, 0.0, 0.62),
            service("db", 128, 96.5, 0.0, 0.11),
            service("nginx", 32, 8.5, 0.0, 0.04),
            service("prometheus", 0, 61.0, 0.0, 0.01),
            service("redis", 64, 51.0, 0.0, 0.03),
            ServiceReport { replicas: 3, ..service("worker", 96, 104.0, 0.0703, 0.22) },
        ],
        endpoints: vec![endpoint("page", 9_600, 12), endpoint("search", 2_400, 0)],
        caches: vec![CacheReport {
            name: "session".to_owned(),
            service: "redis".to_owned(),
            hit_ratio: Some(0.731),
            lookups: 12_000,
            evictions: 310,
            expirations: 0,
            keys: 4_100.0,
            used_bytes: 6_300_000.0,
        }],
        retries: Vec::new(),
        scalings: Vec::new(),
        pools: vec![PoolReport {
            name: "api → db".to_owned(),
            size: 5,
            pools: 2,
            in_use: InUse { p50: 3, mean: 1.8, max: 5 },
            waiting_seconds: Waiting { mean: 0.000_4, p95: 0.002, p99: 0.018 },
            timeouts: 0,
            refused: 0,
        }],
        load_line: None,
        findings: findings(),
        assumptions: vec![
            assumption("services.worker.memory_per_request", "guess"),
            assumption("services.api.base_memory", "profile"),
        ],
        screening: None,
        ignored: ignored(),
        alerts: Vec::new(),
        series: None,
    }
}

/// Three alerts of it, which a screen has no room for.
pub(crate) fn alerts() -> Vec<AlertReport> {
    let share = |runs: u32, of: u32, low, high| AlertShare {
        runs,
        probability: f64::from(runs) / f64::from(of),
        interval: between(low, high),
    };
    let quiet = AlertReport {
        name: "ServiceDown".to_owned(),
        group: "shop".to_owned(),
        expression: "up == 0".to_owned(),
        labels: BTreeMap::new(),
        for_seconds: 60.0,
        outcome: AlertOutcome::Quiet,
        reason: None,
        firing: Some(share(0, 32, 0.0, 0.107)),
        pending: Some(share(0, 32, 0.0, 0.107)),
        first_at_seconds: None,
        kill: None,
        notes: Vec::new(),
        file: Some("rules.yaml".to_owned()),
        line: Some(4),
        column: Some(9),
    };
    let fires = AlertReport {
        name: "MemoryHigh".to_owned(),
        outcome: AlertOutcome::Fires,
        firing: Some(share(30, 32, 0.799, 0.983)),
        first_at_seconds: Some(AlertQuantiles { p5: 41.0, p50: 55.0, p95: 70.0 }),
        kill: Some(AlertLead {
            runs: 2,
            before: share(1, 2, 0.095, 0.905),
            seconds: Some(AlertQuantiles { p5: 12.0, p50: 19.0, p95: 26.0 }),
        }),
        notes: vec![
            "`job=\"api\"` is taken for the job that has `container_memory_rss`".to_owned(),
        ],
        ..quiet.clone()
    };
    let unknown = AlertReport {
        name: "DiskFull".to_owned(),
        outcome: AlertOutcome::NotSimulated,
        reason: Some("the metric `node_filesystem_avail_bytes` is not simulated".to_owned()),
        firing: None,
        pending: None,
        ..quiet.clone()
    };
    vec![fires, quiet, unknown]
}

fn host() -> HostReport {
    HostReport {
        memory_bytes: 512 * MIB,
        reserved_bytes: 170 * MIB,
        peak_bytes: Peak { p50: 480 * MIB, p95: 501 * MIB, max: 510 * MIB },
        idle_bytes: 402 * MIB,
        limits_bytes: 768 * MIB,
        oom: Oom { probability: 0.0, interval: between(0.0, 0.107), first_at_seconds: None },
        utilisation: 0.51,
        utilisation_max: 0.93,
    }
}

fn objectives() -> Vec<ObjectiveReport> {
    let objective = |expression: &str, measured, interval, unit: &str, outcome| ObjectiveReport {
        expression: expression.to_owned(),
        measured,
        interval,
        unit: unit.to_owned(),
        outcome,
        detail: None,
    };
    vec![
        ObjectiveReport {
            detail: Some("worker first, at 1 min 14 s".to_owned()),
            ..objective(
                "oom: p < 1%",
                Some(0.0703),
                Some(between(0.044, 0.105)),
                "ratio",
                Outcome::Fail,
            )
        },
        objective(
            "latency{endpoint:page}: p(99) < 300ms",
            Some(0.212),
            Some(between(0.205, 0.221)),
            "seconds",
            Outcome::Pass,
        ),
        objective(
            "memory.headroom: min > 8MiB",
            Some(11.0 * MIB as f64),
            Some(between(2.0 * MIB as f64, 21.0 * MIB as f64)),
            "bytes",
            Outcome::Close,
        ),
    ]
}

pub(crate) fn between(low: f64, high: f64) -> IntervalReport {
    IntervalReport { low, high }
}

fn service(name: &str, limit: u64, peak: f64, killed: f64, utilisation: f64) -> ServiceReport {
    let size = |mib: f64| (mib * MIB as f64) as u64;
    let limit = (limit > 0).then_some(limit * MIB);
    ServiceReport {
        name: name.to_owned(),
        profile: "generic".to_owned(),
        replicas: 1,
        limit_bytes: limit,
        idle_bytes: size(peak * 0.6),
        peak_bytes: Peak { p50: size(peak * 0.95), p95: size(peak), max: size(peak * 1.01) },
        headroom_bytes: limit.map(|limit| limit as i64 - size(peak) as i64),
        oom: Oom {
            probability: killed,
            interval: between(killed * 0.6, killed * 1.5),
            first_at_seconds: (killed > 0.0).then_some(74.0),
        },
        exit_code: (killed > 0.0).then_some(137),
        ledger: vec![
            LedgerPart { part: "program".to_owned(), bytes: size(peak * 0.5) },
            LedgerPart { part: "workers".to_owned(), bytes: size(peak * 0.3) },
            LedgerPart { part: "in_flight".to_owned(), bytes: size(peak * 0.1) },
            LedgerPart { part: "connections".to_owned(), bytes: size(peak * 0.06) },
            LedgerPart { part: "buffers".to_owned(), bytes: size(peak * 0.04) },
        ],
        charged_bytes: Peak { p50: size(peak), p95: size(peak * 1.1), max: size(peak * 1.2) },
        page_cache_peak_bytes: Peak { p50: size(4.0), p95: size(4.0), max: size(4.0) },
        dump: None,
        end_ledger: vec![LedgerPart { part: "program".to_owned(), bytes: size(peak * 0.5) }],
        end_page_cache_bytes: size(4.0),
        utilisation,
        throttled: 0.0,
        worker_utilisation: Some(utilisation),
        in_flight_max: 12,
        queue_max: 4,
        connections_max: 16,
        restarts: killed,
    }
}

fn endpoint(name: &str, arrivals: u64, failed: u64) -> EndpointReport {
    let failures = [("timeout".to_owned(), failed)].into_iter().filter(|(_, number)| *number > 0);
    EndpointReport {
        name: name.to_owned(),
        arrivals,
        completed: arrivals - failed,
        failed: failures.collect::<BTreeMap<_, _>>(),
        in_flight: 0,
        throughput_per_second: arrivals as f64 / 120.0,
        latency_seconds: Some(LatencyReport {
            p50: 0.023,
            p95: 0.118,
            p99: 0.212,
            mean: 0.036,
            max: 1.4,
            interval_p95: None,
        }),
        time_by_cause: vec![
            CauseTime { cause: "queued_cpu".to_owned(), seconds: 0.014 },
            CauseTime { cause: "worked".to_owned(), seconds: 0.022 },
        ],
    }
}

fn findings() -> Vec<Finding> {
    let finding = |code: &str, severity, service: &str, message: &str, hint: &str| Finding {
        code: code.to_owned(),
        severity,
        service: Some(service.to_owned()),
        message: message.to_owned(),
        file: Some("compose.yaml".to_owned()),
        line: Some(31),
        column: Some(7),
        hint: hint.to_owned(),
        fix: Vec::new(),
    };
    vec![
        finding(
            "PL007",
            FindingSeverity::Note,
            "prometheus",
            "no memory limit",
            "set deploy.resources.limits.memory",
        ),
        finding(
            "PL003",
            FindingSeverity::Error,
            "worker",
            "the limit of 96 MiB is below the peak at start of 104 MiB",
            "raise the limit, or start fewer workers",
        ),
    ]
}

fn ignored() -> Vec<Ignored> {
    let one = |code: &str, path: &str, line, message: &str, hint: Option<&str>| Ignored {
        code: code.to_owned(),
        severity: Some(match code.starts_with('W') {
            true => Severity::Warning,
            false => Severity::Note,
        }),
        path: path.to_owned(),
        file: Some("compose.yaml".to_owned()),
        line: Some(line),
        column: Some(5),
        message: message.to_owned(),
        hint: hint.map(str::to_owned),
    };
    vec![
        one("W101", "services.api.memory", 12, "Compose has no key `memory` here", None),
        one("N100", "services.api.tty", 13, "`tty` is not part of the model", None),
        one(
            "W201",
            "services.redis.maxmemory",
            20,
            "the file of settings of `redis` is not read: no `maxmemory` is assumed",
            Some("state what holds under `x-plimsoll:`"),
        ),
        one("N209", "services.job", 40, "`job` is left out: it ends", None),
    ]
}

fn assumption(path: &str, origin: &str) -> Assumption {
    Assumption {
        path: path.to_owned(),
        value: "2 MiB".to_owned(),
        origin: origin.to_owned(),
        source: "an estimate".to_owned(),
        range: Some(["1 MiB".to_owned(), "8 MiB".to_owned()]),
        influence: None,
        decides: None,
    }
}

/// How a run of it went.
pub(crate) fn series() -> Series {
    Series {
        window_seconds: 5.0,
        endpoints: vec![EndpointSeries {
            name: "page".to_owned(),
            ended: vec![40, 41, 200, 180, 40, 39],
            failed: vec![0, 0, 9, 3, 0, 0],
            p50_seconds: vec![None; 6],
            p99_seconds: vec![None; 6],
            p95_seconds: vec![Some(0.08), Some(0.09), Some(1.2), Some(0.9), None, Some(0.08)],
            mean_seconds: vec![Some(0.03); 6],
        }],
        services: vec![ServiceSeries {
            name: "worker".to_owned(),
            memory_bytes: [60, 62, 96, 20, 58, 61].map(|mib| mib * MIB).to_vec(),
            in_flight: vec![1, 1, 9, 7, 1, 1],
            containers: Vec::new(),
        }],
        happenings: vec![
            happening(10.0, "spike", None, "traffic × 5"),
            happening(74.2, "killed", Some("worker"), "over its limit of 96 MiB, exit code 137"),
            happening(74.3, "restarted", Some("worker"), "after 100 ms"),
        ],
    }
}

fn happening(at_seconds: f64, kind: &str, service: Option<&str>, detail: &str) -> Happening {
    Happening {
        at_seconds,
        kind: kind.to_owned(),
        service: service.map(str::to_owned),
        detail: detail.to_owned(),
    }
}

/// Holds `text` against the file `name` in `tests/golden`; `UPDATE=1` rewrites the file.
pub(crate) fn golden(name: &str, text: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().expect("a file stands in a folder")).expect("folder");
        std::fs::write(&path, text).expect("golden file");
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept, text, "{name} differs: read the change, then run with UPDATE=1");
}

/// The text without colours.
pub(crate) fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}
