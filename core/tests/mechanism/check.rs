//! A check as a whole: the same answer on any number of threads, budgets, objectives and saturation.

use plimsoll::report::{Load, Outcome, Report, Verdict};
use plimsoll::{CheckOptions, Runs, check};

use crate::support::{MIB, check_runs, close, model};

const BUSY: &str = "
host: { memory: 1GiB, cores: 2 }
services:
  app: { BARE, memory_program: 40MiB, memory: 200MiB, cpu_request: 5ms, lock: event_loop, pool_size: 3 }
  db: { BARE, memory_program: 30MiB, memory_connection: 2MiB, memory: 100MiB }
endpoints:
  page:
    service: app
    steps: [cpu: { exponential: 3ms }, query: { database: db, cpu: { exponential: 4ms }, wait: 2ms }]
traffic: { arrival_rate: 100/s }
horizon: 20s
";

fn with(jobs: Option<usize>, max_events: u64, runs: Runs, text: &str) -> Report {
    let options = CheckOptions { jobs, max_events, runs, ..CheckOptions::default() };
    check(&model(text), &options, &|_| ())
}

#[test]
fn the_number_of_threads_never_changes_the_answer() {
    let one = with(Some(1), 40_000_000, Runs::Auto, BUSY);
    for jobs in [Some(2), Some(5), None] {
        let other = with(jobs, 40_000_000, Runs::Auto, BUSY);
        assert_eq!(one.digest, other.digest);
        assert_eq!(one.to_json(), other.to_json());
    }
    // Nor where the budget ends.
    let events = one.events / 3 + 7;
    let one = with(Some(1), events, Runs::Auto, BUSY);
    let two = with(Some(2), events, Runs::Auto, BUSY);
    assert_eq!(one.to_json(), two.to_json());
}

#[test]
fn a_budget_that_ends_is_never_a_pass() {
    for budget in [1, 10, 1_000, 50_000] {
        for objective in [
            "oom: p < 99%",
            "memory: max < 1TiB",
            "latency: p(50) < 1h",
            "pool.waiting: p(99) < 1h",
        ] {
            let text = format!("{BUSY}objectives: ['{objective}']\n");
            let report = with(None, budget, Runs::Auto, &text);
            assert_eq!((report.verdict, report.exit_code), (Verdict::Undecided, 3), "{objective}");
        }
    }
    // A breach that was seen counts all the same.
    let text = format!("{BUSY}objectives: ['memory: max < 1MiB']\n");
    assert_eq!(with(None, 1_000, Runs::Auto, &text).exit_code, 1);
}

/// Two requests, of 10 and of 30 ms: both users ask at 10 s and one has to wait for the other's
/// worker.
fn plan(objectives: &[&str]) -> String {
    let list: Vec<String> = objectives.iter().map(|one| format!("'{one}'")).collect();
    format!(
        "
host: {{ memory: 256MiB, reserved: 56MiB, cores: 2 }}
services:
  api:
    BARE
    memory: 64MiB
    memory_program: 20MiB
    memory_request: 5MiB
    workers: 1
    threads: 2
    pool_size: 1
    restart: always
  db: {{ BARE, memory_program: 30MiB, max_connections: 5 }}
  cache: {{ BARE }}
caches: {{ keys: {{ service: cache, hit_ratio: 100% }} }}
endpoints:
  page:
    service: api
    timeout: 50ms
    steps: [cache: {{ cache: keys }}, query: {{ database: db, cpu: 20ms, wait: 0s }}, cpu: 10ms]
traffic: {{ users: 3, think_time: 10s }}
disturbances: [kill: {{ service: api, at: 15s }}]
objectives: [{}]
horizon: 19s
",
        list.join(", ")
    )
}

#[test]
fn objectives_of_every_metric_are_judged_as_computed_by_hand() {
    // Three requests at 10 s; two threads, one connection. The first: query 0–20, work to 30 ms. The
    // second: waits 20 ms for the connection, query to 40, work to 50 ms: its client leaves in that
    // moment or just before. The third gets the thread at 30 ms, the connection at 40, the query
    // ends at 60 ms: given up at 50 ms.
    let both = [
        ("latency: p(10) < 30.1ms", "latency: p(10) < 29.9ms"),
        ("latency: max < 50.1ms", "latency: max < 49.9ms"),
        ("latency{endpoint:page}: max < 50.1ms", "latency{endpoint:page}: max < 49.9ms"),
        ("loss_ratio: rate < 70%", "loss_ratio: rate < 30%"),
        ("throughput: rate > 0.05/s", "throughput: rate > 0.12/s"),
        ("memory{service:api}: max <= 30MiB", "memory{service:api}: max < 30MiB"),
        ("memory: max <= 116MiB", "memory: max < 116MiB"),
        ("memory.headroom{service:api}: min >= 34MiB", "memory.headroom{service:api}: min > 34MiB"),
        ("memory.headroom: min >= 140MiB", "memory.headroom: min > 140MiB"),
        ("cpu{service:db}: avg < 0.16%", "cpu{service:db}: avg < 0.15%"),
        ("cpu: avg < 0.24%", "cpu: avg < 0.23%"),
        ("pool.waiting: max < 20.1ms", "pool.waiting: max < 19.9ms"),
        ("pool.waiting{service:api}: avg < 10.1ms", "pool.waiting{service:api}: avg < 9.9ms"),
        ("hit_ratio: rate >= 100%", "hit_ratio: rate < 100%"),
        ("hit_ratio{cache:keys}: rate > 99%", "hit_ratio{cache:keys}: rate <= 99%"),
        ("connections{service:db}: max <= 1", "connections{service:db}: max < 1"),
        ("restarts{service:api}: count <= 1", "restarts{service:api}: count < 1"),
        ("oom: p < 7%", "oom: p > 99%"),
    ];
    let passing: Vec<&str> = both.iter().map(|pair| pair.0).collect();
    let failing: Vec<&str> = both.iter().map(|pair| pair.1).collect();
    let report = check_runs(&plan(&passing), 60);
    for objective in &report.objectives {
        assert_eq!(objective.outcome, Outcome::Pass, "{objective:#?}");
    }
    assert_eq!((report.verdict, report.exit_code), (Verdict::Fits, 0));
    let report = check_runs(&plan(&failing), 60);
    for objective in &report.objectives {
        assert_eq!(objective.outcome, Outcome::Fail, "{objective:#?}");
    }
    assert_eq!((report.verdict, report.exit_code), (Verdict::DoesNotFit, 1));
}

#[test]
fn one_failure_decides_against_the_plan() {
    let report = check_runs(&plan(&["latency: max < 1s", "latency: max < 1ms"]), 60);
    let outcomes: Vec<Outcome> = report.objectives.iter().map(|one| one.outcome).collect();
    assert_eq!(outcomes[..2], [Outcome::Pass, Outcome::Fail]);
    assert_eq!(report.exit_code, 1);
}

#[test]
fn what_never_happens_is_neither_kept_nor_broken() {
    let text = plan(&["latency: p(95) < 1s"]).replace("users: 3", "users: 1");
    let text = text.replace("think_time: 10s", "think_time: 100s");
    let report = check_runs(&text, 20);
    assert_eq!((report.objectives[0].outcome, report.exit_code), (Outcome::Close, 3));
    assert_eq!(report.objectives[0].measured, None);
}

#[test]
fn nobody_gets_faster_by_failing() {
    let text = "
services: { app: { BARE, memory: 64MiB, memory_program: 65MiB, restart: no } }
endpoints: { page: { steps: [wait: 10ms] } }
traffic: { arrival_rate: 100/s }
objectives: ['latency: p(50) < 200ms', 'latency: avg < 200ms']
";
    let report = with(None, 40_000_000, Runs::Fixed(20), text);
    assert_eq!(report.verdict, Verdict::DoesNotFit);
    for objective in report.objectives.iter().filter(|one| one.expression.starts_with("latency")) {
        assert_eq!((objective.measured, objective.outcome), (None, Outcome::Close));
    }
}

#[test]
fn work_that_costs_nothing_is_done_in_no_time() {
    let text = "
services: { app: { BARE, memory: 64MiB, memory_program: 5MiB } }
endpoints: { page: { steps: [cpu: 0ms] } }
traffic: { arrival_rate: 100/s }
horizon: 20s
objectives: ['latency: p(95) < 200ms', 'latency: avg < 200ms', 'oom: p < 20%']
";
    let report = with(None, 40_000_000, Runs::Fixed(20), text);
    assert_eq!(report.verdict, Verdict::Fits, "{:#?}", report.objectives);
    assert_eq!(report.objectives[0].measured, Some(0.0));
}

#[test]
fn no_kill_in_300_runs_bounds_its_probability_by_1_percent() {
    let text = plan(&["oom: p < 1%", "loss_ratio: rate <= 100%"]);
    let report = with(None, 40_000_000, Runs::Auto, &text);
    assert_eq!((report.verdict, report.replications), (Verdict::Fits, 300));
    let objective = &report.objectives[0];
    let interval = objective.interval.expect("an interval");
    assert_eq!((objective.measured, interval.low), (Some(0.0), 0.0));
    assert!(interval.high < 0.01 && interval.high > 0.003, "{interval:?}");
    assert!(report.services.iter().all(|service| service.oom.interval.high < 0.01));
    // Fewer runs do not.
    let report = with(None, 40_000_000, Runs::Fixed(150), &text);
    assert_eq!((report.verdict, report.exit_code), (Verdict::Undecided, 3));
}

#[test]
fn without_traffic_the_load_line_and_what_binds_are_measured() {
    // One event loop, 10 ms of work: a hundred each second.
    let text = "
host: { memory: 1GiB, cores: 4 }
services: { api: { BARE, lock: event_loop, memory_program: 20MiB } }
endpoints: { page: { steps: [cpu: 10ms] } }
";
    let report = with(None, 40_000_000, Runs::Fixed(20), text);
    let Load::Saturation { users, .. } = report.load else { panic!("{:?}", report.load) };
    assert_eq!(users, 256);
    let line = report.load_line.expect("a load line");
    close(line.rate_per_second, 100.0, 2.0);
    let binding = line.binding.expect("something binds");
    assert_eq!((binding.service.as_str(), binding.resource.as_str()), ("api", "event_loop"));
    close(binding.utilisation, 1.0, 0.02);
}

/// The resource that binds a plan without traffic, and its load line.
fn binding(text: &str) -> (String, String, f64) {
    let report = with(None, 40_000_000, Runs::Fixed(5), text);
    let line = report.load_line.expect("a load line");
    let binding = line.binding.expect("something binds");
    (binding.service, binding.resource, line.rate_per_second)
}

#[test]
fn what_binds_is_named_by_service_and_resource() {
    let pool = binding(
        "
services: { app: { BARE, pool_size: 2 }, db: { BARE } }
endpoints: { page: { service: app, steps: [query: { database: db, cpu: 0s, wait: 50ms }] } }
",
    );
    assert_eq!((pool.0.as_str(), pool.1.as_str()), ("app", "pool"));
    close(pool.2, 40.0, 2.0);
    let workers = binding(
        "
services: { app: { BARE, workers: 3, threads: 1 } }
endpoints: { page: { steps: [wait: 100ms] } }
",
    );
    assert_eq!((workers.0.as_str(), workers.1.as_str()), ("app", "workers"));
    close(workers.2, 30.0, 2.0);
    // Four workers could use four cores, one each: the quota is what is short.
    let quota = binding(
        "
host: { cores: 8 }
services: { app: { BARE, lock: interpreter, workers: 4, threads: 2, cpus: 1.0 } }
endpoints: { page: { steps: [cpu: { exponential: 20ms }] } }
",
    );
    assert_eq!((quota.0.as_str(), quota.1.as_str()), ("app", "cpu"));
    close(quota.2, 50.0, 4.0);
    let host = binding(
        "
host: { cores: 2 }
services: { app: { BARE } }
endpoints: { page: { steps: [cpu: { exponential: 20ms }] } }
",
    );
    assert_eq!(host.1, "cpu");
    close(host.2, 100.0, 3.0);
    let memory = binding(
        "
services: { app: { BARE, memory: 64MiB, memory_program: 20MiB, restart: always } }
endpoints: { page: { steps: [hold: 10MiB, wait: 1s] } }
",
    );
    assert_eq!((memory.0.as_str(), memory.1.as_str()), ("app", "memory"));
}

#[test]
fn a_host_that_is_full_binds_and_not_its_victim() {
    let text = "
host: { memory: 256MiB, reserved: 16MiB }
services: { app: { BARE, workers: 1, threads: 4, memory_program: 120MiB, memory: 200MiB }, other: { BARE, memory_program: 130MiB } }
entry: app
endpoints: { page: { steps: [wait: 10ms] } }
";
    let (service, resource, _) = binding(text);
    assert_eq!((service.as_str(), resource.as_str()), ("host", "memory"));
}

#[test]
fn a_plan_that_lets_nobody_in_is_judged_at_once() {
    let text = "
services: { app: { BARE, memory: 64MiB, memory_program: 65MiB } }
endpoints: { page: { steps: [wait: 10ms] } }
";
    let report = with(None, 40_000_000, Runs::Auto, text);
    assert_eq!((report.verdict, report.exit_code), (Verdict::DoesNotFit, 1));
    assert!(report.events < 2_000_000, "{} events", report.events);
    let Load::Saturation { users, .. } = report.load else { panic!("{:?}", report.load) };
    assert_eq!(users, 1);
}

#[test]
fn memory_at_saturation_counts_the_requests_that_pile_up() {
    let report = with(
        None,
        40_000_000,
        Runs::Fixed(20),
        "
services: { app: { BARE, memory_program: 20MiB, memory_request: 1MiB, workers: 4, threads: 2 } }
endpoints: { page: { steps: [wait: 100ms] } }
",
    );
    // Eight slots, whoever is waiting in the listen queue.
    assert_eq!(report.services[0].peak_bytes.max, 28 * MIB);
    assert_eq!(report.services[0].idle_bytes, 20 * MIB);
}

#[test]
fn the_cpu_of_a_service_is_at_its_most_in_its_busiest_window() {
    let text = "
host: { memory: 4GiB, cores: 8 }
services: { api: { BARE, memory: 512MiB, cpus: 1 } }
endpoints: { page: { steps: [cpu: 10ms] } }
traffic: { arrival_rate: 10/s, spikes: [{ factor: 8, at: 10s, for: 10s }] }
horizon: 40s
objectives: ['cpu{service:api}: max < 50%', 'cpu{service:api}: avg < 50%']
";
    let report = with(None, 40_000_000, Runs::Fixed(60), text);
    let [most, mean, ..] = &report.objectives[..] else { panic!("two objectives") };
    assert_eq!((most.outcome, mean.outcome), (Outcome::Fail, Outcome::Pass));
    assert!(most.measured.expect("a share") > 0.8, "{most:?}");
    assert!((0.2..0.4).contains(&mean.measured.expect("a share")), "{mean:?}");
}

#[test]
fn that_few_runs_lose_nothing_says_little_of_losses_that_come_together() {
    // In one run of some twenty a burst fills the backlog.
    let text = "
host: { memory: 4GiB, cores: 4 }
services: { api: { BARE, memory: 512MiB, lock: event_loop, backlog: 50 } }
endpoints: { page: { timeout: 5s, steps: [cpu: 10ms] } }
traffic: { arrival_rate: 20/s, bursts: { factor: 30, every: 20m, for: 10s } }
horizon: 20s
objectives: ['loss_ratio: rate < 1%', 'oom: p < 90%']
";
    let report = with(None, 40_000_000, Runs::Auto, text);
    let loss = &report.objectives[0];
    assert_ne!(report.verdict, Verdict::Fits, "{loss:?}");
    assert!(loss.interval.as_ref().expect("an interval").low >= 0.0, "{loss:?}");
    // Who loses nothing at all is run as often as kills take.
    let calm = with(None, 40_000_000, Runs::Auto, &text.replace("factor: 30", "factor: 1.5"));
    assert_eq!((calm.verdict, calm.replications), (Verdict::Fits, 300));
}
