//! CPU quotas: what a container gets of 100 ms and how long it stands still.

use crate::harness::{claim, exactly, mean_latency, model, prove, replication};

/// A flooded container uses its quota whole and stands still for the rest of each period: with n
/// threads it is used up n times as fast.
#[test]
fn a_quota_is_the_throughput_of_a_flooded_container() {
    for (threads, quota, still) in [(1, 0.5, 0.5), (4, 0.5, 0.875), (4, 2.0, 0.5), (2, 3.0, 0.0)] {
        let text = format!(
            "version: 1
host: {{cores: 8}}
services:
  one: {{memory_request: 0B, threads: {threads}, max_connections: 20, cpus: {quota}}}
endpoints:
  page: {{timeout: 0s, steps: [cpu: {{exponential: 5ms}}]}}
traffic: {{arrival_rate: 8000/s}}
warmup: 1s
horizon: 21s
"
        );
        let run = replication(&model(&text), 0);
        let used = f64::min(quota, f64::from(threads)) * 20.0;
        exactly(&format!("CPU of {threads} threads"), used, run.instances[0].cpu_seconds);
        let stalled = run.instances[0].throttled_seconds;
        assert!((stalled - still * 20.0).abs() < 1e-5, "{threads} threads: {stalled}");
    }
}

/// One request of 60 ms under a quota of half a core, which begins at a random moment u of a
/// period (ms). Up to u = 50 it uses 50 ms, stands still until 100 and ends 110 − u after its
/// start; up to 90 the new period comes before the quota ends, and it takes 60; beyond that it
/// runs into the quota of the next period and takes 110. On average 77.5 ms.
///
/// A pause of 1 to 2 s is ten whole periods wide, so every moment is as likely as any other.
#[test]
fn a_quota_stalls_who_works_too_long() {
    let text = "version: 1
services:
  one: {memory_request: 0B, cpus: 0.5}
endpoints:
  page: {timeout: 0s, steps: [cpu: 60ms]}
traffic: {users: 1, think_time: {uniform: {low: 1s, high: 2s}}}
horizon: 3000s
";
    let claims =
        |[latency]: &[Vec<f64>; 1]| vec![claim("60 ms of work on half a core", 0.0775, latency)];
    prove(text, 30, |run| [mean_latency(run)], claims);
}
