//! Cores dealt max–min fair by weight between containers that always want more: known without
//! chance.

use crate::harness::{exactly, model, replication};

/// Three containers on four cores, each flooded. `narrow` has one thread and so takes one core at
/// most; the other three cores go one to two by the shares of the others.
#[test]
fn cores_are_dealt_max_min_fair() {
    let text = "version: 1
host: {cores: 4}
services:
  narrow: {memory_request: 0B, threads: 1, max_connections: 20, cpu_shares: 2048}
  small: {memory_request: 0B, threads: 6, max_connections: 40, cpu_shares: 1024}
  large: {memory_request: 0B, threads: 6, max_connections: 40, cpu_shares: 2048}
endpoints:
  narrow: {service: narrow, timeout: 0s, steps: [cpu: {exponential: 10ms}]}
  small: {service: small, timeout: 0s, steps: [cpu: {exponential: 10ms}]}
  large: {service: large, timeout: 0s, steps: [cpu: {exponential: 10ms}]}
traffic: {arrival_rate: 9000/s}
warmup: 1s
horizon: 21s
";
    let run = replication(&model(text), 0);
    // Services stand in the order of their names: large, narrow, small.
    for (id, name, cores) in [(0, "large", 2.0), (1, "narrow", 1.0), (2, "small", 1.0)] {
        exactly(&format!("cores of {name}"), cores * 20.0, run.instances[id].cpu_seconds);
    }
    exactly("all cores", 1.0, run.host_utilisation);
}

/// Who wants less than its part gets what it wants, and the rest is dealt again.
#[test]
fn what_one_leaves_the_others_share() {
    let text = "version: 1
host: {cores: 3}
services:
  idle: {memory_request: 0B}
  modest: {memory_request: 0B, threads: 1, max_connections: 20, cpu_shares: 1024}
  small: {memory_request: 0B, threads: 8, max_connections: 40, cpu_shares: 1024}
  large: {memory_request: 0B, threads: 8, max_connections: 40, cpu_shares: 3072}
  away: {memory_request: 0B, external: true, threads: 2, max_connections: 20}
endpoints:
  away: {service: away, timeout: 0s, steps: [cpu: {exponential: 10ms}]}
  modest: {service: modest, timeout: 0s, steps: [cpu: {exponential: 10ms}]}
  small: {service: small, timeout: 0s, steps: [cpu: {exponential: 10ms}]}
  large: {service: large, timeout: 0s, steps: [cpu: {exponential: 10ms}]}
traffic: {arrival_rate: 12000/s}
warmup: 1s
horizon: 21s
";
    let run = replication(&model(text), 0);
    // In the order of names: away, idle, large, modest, small. Modest's part by weight is 0.6 of a
    // core, which its one thread fills.
    for (id, name, cores) in
        [(0, "away", 2.0), (2, "large", 1.8), (3, "modest", 0.6), (4, "small", 0.6)]
    {
        exactly(&format!("cores of {name}"), cores * 20.0, run.instances[id].cpu_seconds);
    }
}
