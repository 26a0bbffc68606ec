//! Alert rules over the scrapes of runs: when they fire, how long before a kill, what is said of those that do
//! not, and that watching changes nothing.

use plimsoll::import::{SourceFile, Sources, read};
use plimsoll::model::build;
use plimsoll::report::{AlertOutcome, AlertReport, Report};
use plimsoll::{CheckOptions, Runs, catalog, check};

fn checked(files: &[(&str, &str)]) -> Report {
    let file = |&(name, text): &(&str, &str)| SourceFile { name: name.into(), text: text.into() };
    let sources = Sources { files: files.iter().map(file).collect(), ..Sources::default() };
    let draft = read(&sources).unwrap();
    let model = build(&draft.scenario, &draft.provenance).unwrap();
    check(&model, &CheckOptions { runs: Runs::Fixed(8), ..CheckOptions::default() }, &|_| ())
}

fn alert<'r>(report: &'r Report, name: &str) -> &'r AlertReport {
    report.alerts.iter().find(|alert| alert.name == name).unwrap()
}

/// A service whose memory leaks 1 MiB each second from 60 s on: of its 256 MiB, 56 are in use, so it is killed
/// 200 s later, and again every 200 s.
const LEAK: &str = "
version: 1
host: { memory: 2GiB }
services: { api: { memory: 256MiB, memory_program: 56MiB, memory_worker: 0B, memory_kernel: 0B, memory_request: 0B, memory_connection: 0B, page_cache: 0B, workers: 1, restart: always } }
traffic: { arrival_rate: 1/s }
disturbances: [{ leak: { service: api, per_hour: 3600MiB, at: 60s } }]
horizon: 10m
scrape_interval: 10s
evaluation_interval: 10s
";

#[test]
fn an_alert_on_memory_fires_before_the_kill_of_a_leak() {
    let rules = "alerts:
  - { name: AtHalf, expr: 'container_memory_working_set_bytes / container_spec_memory_limit_bytes > 0.5' }
  - { name: Held, expr: 'container_memory_working_set_bytes / container_spec_memory_limit_bytes > 0.5', for: 1m }
  - { name: TooLong, expr: 'container_memory_working_set_bytes / container_spec_memory_limit_bytes > 0.5', for: 3m }
  - { name: Ahead, expr: 'predict_linear(container_memory_working_set_bytes[1m], 120) > 256 * 1024 * 1024' }
  - { name: Restarted, expr: 'changes(container_start_time_seconds[5m]) > 0' }
  - { name: Killed, expr: 'increase(container_oom_events_total[5m]) > 0' }
";
    let report = checked(&[("plan.yaml", &format!("{LEAK}{rules}"))]);
    let kill = report.services[0].oom.first_at_seconds.unwrap();
    assert!((kill - 260.0).abs() < 10.0, "{kill}");
    let lead = |name: &str| alert(&report, name).kill.clone().unwrap().seconds.unwrap();
    // Half of the limit is full 72 s after the leak begins, 128 s before the kill; a scrape and an evaluation
    // come up to 10 s later each.
    let half = lead("AtHalf");
    assert!(half.p5 > 105.0 && half.p95 < 130.0, "{half:?}");
    let held = lead("Held");
    assert!(half.p50 - held.p50 >= 59.0 && half.p50 - held.p50 <= 71.0, "{half:?} {held:?}");
    // 128 s are less than 3 min, whatever comes after the kill.
    assert_eq!(alert(&report, "TooLong").outcome, AlertOutcome::Quiet);
    assert_eq!(alert(&report, "TooLong").pending.unwrap().runs, 8);
    let ahead = lead("Ahead");
    assert!(ahead.p50 > 80.0 && ahead.p50 < 130.0, "{ahead:?}");
    let restarted = lead("Restarted");
    assert!(restarted.p95 < 0.0 && restarted.p5 > -60.0, "{restarted:?}");
    assert_eq!(alert(&report, "Restarted").kill.as_ref().unwrap().before.runs, 0);
    // The whole container is killed, and cAdvisor forgets its counter with it.
    let killed = alert(&report, "Killed");
    assert_eq!(killed.outcome, AlertOutcome::CannotFire);
    let finding = report.findings.iter().find(|finding| finding.code == "PL090").unwrap();
    assert!(finding.message.starts_with("`Killed` can never fire"), "{finding:?}");
    assert_eq!((finding.line, finding.file.as_deref()), (Some(16), Some("plan.yaml")));
}

#[test]
fn who_watches_changes_nothing() {
    let rules = "groups: [{name: a, interval: 7s, rules: [
        {alert: A, expr: 'rate(http_requests_total[1m]) > 1'}, {alert: B, expr: 'up == 0', for: 30s},
        {record: c, expr: 'sum(container_cpu_usage_seconds_total)'}, {alert: D, expr: 'c > 0'}]}]";
    for (name, text) in catalog::scenarios().iter().filter(|(name, _)| {
        ["fastapi-4gb-everything", "node-2gb-leak", "django-512mb"].contains(name)
    }) {
        let mut with = checked(&[(name, text), ("rules.yaml", rules)]);
        let without = checked(&[(name, text)]);
        assert_eq!(with.alerts.len(), 3);
        assert!(with.alerts.iter().any(|alert| alert.outcome == AlertOutcome::Fires), "{name}");
        with.alerts.clear();
        with.findings.retain(|finding| finding.code != "PL090");
        assert_eq!(with.to_json(), without.to_json(), "{name}");
    }
}

#[test]
fn a_service_that_is_down_is_seen_down() {
    let plan = "
version: 1
services: { api: { restart: always, start_time: 90s }, worker: {} }
entry: api
traffic: { arrival_rate: 5/s }
disturbances: [{ kill: { service: api, at: 60s } }]
horizon: 5m
scrape_interval: 5s
evaluation_interval: 5s
alerts:
  - { name: Down, expr: 'up{job=\"api\"} == 0', for: 30s }
  - { name: DownForLong, expr: 'up == 0', for: 2m }
  - { name: Errors, expr: 'rate(http_requests_total{code=~\"5..\"}[1m]) > 0' }
  - { name: NoRequests, expr: 'rate(http_requests_total[1m]) > 0 or on () absent(http_requests_total)' }
  - { name: Misspelt, expr: 'up{job=\"apii\"} == 0' }
";
    let report = checked(&[("plan.yaml", plan)]);
    let down = alert(&report, "Down");
    let at = down.first_at_seconds.unwrap();
    assert_eq!(down.firing.unwrap().runs, 8);
    assert!(at.p5 >= 90.0 && at.p95 <= 105.0, "{at:?}");
    assert_eq!(alert(&report, "DownForLong").outcome, AlertOutcome::Quiet);
    let misspelt = alert(&report, "Misspelt");
    assert_eq!(misspelt.outcome, AlertOutcome::NotSimulated);
    assert!(misspelt.reason.as_ref().unwrap().contains("did you mean `api`?"), "{misspelt:?}");
    // A kill by the scenario is no lack of memory.
    assert!(down.kill.is_none());
}

#[test]
fn runs_that_are_too_short_say_so_and_grow_where_the_plan_lets_them() {
    let plan = "{version: 1, services: {api: {}}, traffic: {arrival_rate: 5/s},
        alerts: [{name: Down, expr: 'up == 0', for: 5m}]}";
    let report = checked(&[("plan.yaml", plan)]);
    // 5 min held, two scrapes and two evaluations of a minute.
    assert_eq!(report.horizon_seconds, 540.0);
    assert_eq!(report.alerts[0].outcome, AlertOutcome::Quiet);
    let short = plan.replace("alerts:", "horizon: 1m, alerts:");
    let report = checked(&[("plan.yaml", &short)]);
    assert_eq!(report.horizon_seconds, 60.0);
    assert_eq!(report.alerts[0].outcome, AlertOutcome::NotSeenLongEnough);
    let reason = report.alerts[0].reason.as_ref().unwrap();
    assert!(reason.contains("needs runs of 9 min, and they took 1 min"), "{reason}");
    // 2,000 requests a second for nine minutes are more than a check can pay.
    let busy = plan.replace("5/s", "2000/s").replace("{api: {}}", "{api: {cpu_request: 10us}}");
    let report = checked(&[("plan.yaml", &busy)]);
    assert!(report.horizon_seconds < 540.0, "{}", report.horizon_seconds);
    assert_eq!(report.alerts[0].outcome, AlertOutcome::NotSeenLongEnough);
}

#[test]
fn the_rules_of_a_stack_are_judged_one_by_one() {
    let (_, plan) = catalog::scenarios().iter().find(|(name, _)| *name == "fastapi-4gb").unwrap();
    let plan = plan.replace("horizon: 2m", "horizon: 20m\nscrape_interval: 30s");
    let rules = include_str!("../fixtures/prometheus/fastapi-4gb.rules.yaml");
    let report = checked(&[("plan.yaml", &plan), ("rules.yaml", rules)]);
    let outcome = |name: &str| alert(&report, name).outcome;
    assert_eq!(outcome("ServiceDown"), AlertOutcome::Quiet);
    assert_eq!(outcome("HighMemoryUsage"), AlertOutcome::Quiet);
    assert_eq!(outcome("HighAPILatency"), AlertOutcome::Quiet);
    assert_eq!(outcome("HighDatabaseConnections"), AlertOutcome::CannotFire);
    for name in ["LowDiskSpace", "SlowDatabaseQueries", "HighNetworkIO"] {
        assert_eq!(outcome(name), AlertOutcome::NotSimulated);
    }
    let disk = alert(&report, "LowDiskSpace");
    let reason = disk.reason.as_ref().unwrap();
    assert!(
        reason.contains("the metric `node_filesystem_avail_bytes` is not simulated"),
        "{reason}"
    );
    assert_eq!((disk.line, disk.file.as_deref()), (Some(9), Some("rules.yaml")));
    assert_eq!(disk.labels["severity"], "critical");
    assert!(outcome("ContainerOOMKills") != AlertOutcome::Fires);
}

#[test]
fn what_is_wrong_with_rules_is_said_where_it_stands() {
    let plan = ("compose.yaml", "services: {web: {image: 'nginx:1'}}");
    let said = |text: &str| {
        let file = |(name, text): (&str, &str)| SourceFile { name: name.into(), text: text.into() };
        let files = vec![file(plan), file(("rules.yaml", text))];
        let draft = read(&Sources { files, ..Sources::default() });
        match draft.and_then(|draft| build(&draft.scenario, &draft.provenance)) {
            Ok(_) => String::new(),
            Err(errors) => errors.iter().map(|error| format!("{error}\n")).collect(),
        }
    };
    let group = |rule: &str| format!("groups:\n- name: a\n  rules:\n  - {rule}\n");
    for (rule, wanted) in [
        (
            "{alert: A, expr: 'rate(up)'}",
            "rules.yaml:4:22: error[E118]: `A`, character 1: argument 1 of `rate`",
        ),
        ("{alert: A, expr: up, fro: 5m}", "rules.yaml:4:26: error[E102]"),
        ("{alert: A, expr: up, for: 5 minutes}", "4:31: error[E105]: "),
        ("{expr: up}", "rules.yaml:4:5: error[E104]: a rule has neither"),
        ("{alert: A, record: b, expr: up}", "error[E113]: a rule has both"),
        ("{record: b, expr: up, for: 5m}", "error[E113]: a rule that records has no `for`"),
        ("{alert: A}", "error[E104]"),
    ] {
        let said = said(&group(rule));
        assert!(said.contains(wanted), "{rule}: {said}");
        // What a value should be like, or which key is missing, stands in the message.
        let says_what_to_do =
            ["hint: ", "write `", "is missing"].iter().any(|one| said.contains(one));
        assert!(says_what_to_do, "{said}");
    }
    assert_eq!(said(&group("{alert: A, expr: 1, labels: {n: 5}, annotations: {a: b}}")), "");
    let of_kubernetes =
        "{apiVersion: monitoring.coreos.com/v1, kind: PrometheusRule, metadata: {name: a},
        spec: {groups: [{name: a, interval: 500ms, rules: [{alert: A, expr: up}]}]}}";
    assert!(
        said(of_kubernetes).contains("error[E114]: an interval of 500 ms"),
        "{}",
        said(of_kubernetes)
    );
}

#[test]
fn keys_of_vmalert_are_warned_of_and_refuse_nothing() {
    let file = |name: &str, text: &str| SourceFile { name: name.into(), text: text.into() };
    let rules =
        "groups:\n- name: a\n  concurrency: 2\n  rules: [{alert: Down, expr: up == 0, for: 5m}]\n";
    let files = vec![
        file("compose.yaml", "services: {web: {image: 'nginx:1'}}"),
        file("rules.yaml", rules),
    ];
    let draft = read(&Sources { files, ..Sources::default() }).expect("rules of vmalert");
    assert_eq!(draft.scenario.alerts.len(), 1);
    let said = draft.ignored().into_iter().find(|one| one.file.as_deref() == Some("rules.yaml"));
    assert_eq!(said.map(|one| one.code.as_str() == "N100" && one.line == Some(3)), Some(true));
}

const REST: &str = "
version: 1
services: { api: { memory: 256MiB, workers: 1, threads: 1, backlog: 2 } }
endpoints: { page: { timeout: 100ms, steps: [wait: 30ms] } }
horizon: 20m
scrape_interval: 15s
evaluation_interval: 15s
";

#[test]
fn what_is_recorded_from_nothing_is_not_quiet() {
    let rules = "alerts:
  - { name: 'job:late', expr: 'job:foo * 1', record: true }
  - { name: 'job:foo', expr: 'rate(my_own_metric_total[5m])', record: true }
  - { name: Above, expr: 'job:foo > 1' }
  - { name: Chained, expr: 'job:late > 1' }
  - { name: Missing, expr: 'absent(job:foo)' }
  - { name: ':node:days', expr: 'up offset 1d', record: true }
  - { name: Old, expr: ':node:days > 0' }
  - { name: 'job:both', expr: 'up * on() http_requests_total', record: true }
  - { name: Refused, expr: 'job:both > 0' }
";
    let traffic = "traffic: { arrival_rate: 1/s }\n";
    let report = checked(&[("plan.yaml", &format!("{REST}{traffic}{rules}"))]);
    for name in ["Above", "Chained", "Missing"] {
        let alert = alert(&report, name);
        assert_eq!(alert.outcome, AlertOutcome::NotSimulated, "{alert:?}");
        let reason = alert.reason.as_deref().unwrap();
        assert!(reason.contains("the metric `my_own_metric_total` is not simulated"), "{reason}");
    }
    assert_eq!(alert(&report, "Old").outcome, AlertOutcome::NotSeenLongEnough);
}

#[test]
fn attempts_that_reach_a_service_are_counted_with_their_own_time() {
    // Half of the attempts are too late, and most of their clients come back after seconds.
    let plan = REST
        .replace("wait: 30ms", "wait: { exponential: 100ms }")
        .replace("threads: 1", "threads: 0");
    let retried = "traffic: { arrival_rate: 10/s, retries: { attempts: 3, base_delay: 5s, on: [timed_out] } }\n";
    let rules = "alerts:
  - { name: Attempts, expr: 'sum(rate(http_requests_total[5m])) > 14' }
  - { name: Failed, expr: 'sum(rate(http_requests_total{code=\"500\"}[5m])) / sum(rate(http_requests_total[5m])) > 0.3' }
  - { name: Slow, expr: 'histogram_quantile(0.9, sum by (le) (rate(http_request_duration_seconds_bucket[5m]))) > 0.5' }
";
    let report = checked(&[("plan.yaml", &format!("{plan}{retried}{rules}"))]);
    assert_eq!(alert(&report, "Attempts").outcome, AlertOutcome::Fires);
    assert_eq!(alert(&report, "Failed").outcome, AlertOutcome::Fires);
    assert_eq!(alert(&report, "Slow").outcome, AlertOutcome::Quiet);
    let once = "traffic: { arrival_rate: 10/s }\n";
    let report = checked(&[("plan.yaml", &format!("{plan}{once}{rules}"))]);
    assert_eq!(alert(&report, "Attempts").outcome, AlertOutcome::Quiet);
}

#[test]
fn who_is_dropped_at_the_door_is_seen_by_no_application() {
    let plan = REST.replace("wait: 30ms", "wait: 1s").replace("timeout: 100ms", "timeout: 5s");
    let rules = "traffic: { arrival_rate: 20/s }
alerts:
  - { name: Refused, expr: 'rate(http_requests_total{code=\"500\"}[2m]) > 5' }
";
    let report = checked(&[("plan.yaml", &format!("{plan}{rules}"))]);
    let page = &report.endpoints[0];
    assert!(page.failed.values().sum::<u64>() > page.completed, "{page:?}");
    assert_eq!(alert(&report, "Refused").outcome, AlertOutcome::Quiet);
}

#[test]
fn connections_of_postgresql_are_compared_with_its_limit() {
    let plan = "version: 1
services: { db: { profile: postgres, memory: 512MiB, max_connections: 50 }, api: { memory: 64MiB, calls: [db], pool_min: 5, pool_size: 5 } }
entry: api
traffic: { arrival_rate: 1/s }
scrape_interval: 15s
evaluation_interval: 15s
alerts:
  - { name: Many, expr: 'sum by (instance, job, server) (pg_stat_activity_count) > min by (instance, job, server) (pg_settings_max_connections * 0.02)' }
";
    let report = checked(&[("plan.yaml", plan)]);
    assert_eq!(alert(&report, "Many").outcome, AlertOutcome::Fires);
}

#[test]
fn a_label_that_holds_the_value_begins_the_wait_anew() {
    let rules = "traffic: { arrival_rate: 1/s }
alerts:
  - { name: Held, expr: 'vector(time()) > 0', for: 1m, labels: { v: '{{ $value }}' } }
  - { name: AtOnce, expr: 'vector(time()) > 0', labels: { v: '{{ $value }}' } }
";
    let report = checked(&[("plan.yaml", &format!("{REST}{rules}"))]);
    let held = alert(&report, "Held");
    assert_eq!(held.outcome, AlertOutcome::NotSimulated);
    assert!(held.reason.as_deref().unwrap().contains("`v` holds the value"), "{held:?}");
    assert_eq!(alert(&report, "AtOnce").outcome, AlertOutcome::Fires);
}

#[test]
fn hostile_rules_take_bounded_work() {
    // A thousand groups of what cannot be evaluated, each second of a day; a product of many series; years.
    let nothing =
        |group: &str| format!("  - {{ name: N, expr: 'nothing', group: {group}, interval: 1s }}\n");
    let many: String = (0..499).map(|_| nothing("a") + &nothing("b")).collect();
    let wide = vec!["rate(http_request_duration_seconds_bucket[20m])"; 100].join(" and ");
    let rules = format!(
        "traffic: {{ arrival_rate: 0.01/s }}\nalerts:\n{many}  - {{ name: Wide, expr: '{wide}', interval: 1s }}\n"
    );
    let plan = REST.replace("horizon: 20m", "horizon: 1d");
    let report = checked(&[("plan.yaml", &format!("{plan}{rules}"))]);
    assert_eq!(alert(&report, "Wide").outcome, AlertOutcome::NotEvaluated);
    assert_eq!(alert(&report, "N").outcome, AlertOutcome::NotSimulated);
    let long = "groups: [{name: a, rules: [{alert: A, expr: up == 0, for: 1000y}]}]";
    let sources = Sources {
        files: [("plan.yaml", REST), ("rules.yaml", long)]
            .map(|(name, text)| SourceFile { name: name.into(), text: text.into() })
            .to_vec(),
        ..Sources::default()
    };
    assert!(read(&sources).is_err());
}

#[test]
fn containers_of_a_rollout_are_seen_as_new() {
    let plan = "version: 1
services: { api: { memory: 256MiB, memory_program: 32MiB, replicas: 2, start_time: 2s } }
traffic: { arrival_rate: 5/s }
disturbances: [rollout: { service: api, at: 30s }]
horizon: 4m
alerts: [{ name: Young, expr: 'time() - container_start_time_seconds < 100' }]
";
    let report = checked(&[("plan.yaml", plan)]);
    assert_eq!(alert(&report, "Young").outcome, AlertOutcome::Fires);
    let steady = plan.replace("disturbances: [rollout: { service: api, at: 30s }]\n", "");
    assert_eq!(alert(&checked(&[("plan.yaml", &steady)]), "Young").outcome, AlertOutcome::Quiet);
}
