//! Rules about the CPU.

use super::{FindingSeverity, check, find, only};

fn machine(cores: u32, service: &str) -> String {
    format!("host: {{ memory: 4GiB, cores: {cores} }}\nservices: {{ app: {{ {service} }} }}")
}

#[test]
fn a_quota_above_the_cores() {
    let plan = |quota: &str| machine(2, &format!("profile: node, cpus: {quota}"));
    check("PL060", &plan("2.5"), "a quota of 2.5 cores on a host of 2", &plan("2"));
    let unknown = "services: { app: { profile: node, cpus: 4 } }";
    assert_eq!(only("PL060", unknown).severity, FindingSeverity::Warning);
}

#[test]
fn a_quota_that_stalls() {
    let plan = |workers: u32| {
        machine(4, &format!("profile: gunicorn-sync, workers: {workers}, cpus: 0.5"))
    };
    let words =
        "2 busy workers spend its quota of 0.5 cores in 25 ms of each 100 ms, then all wait 75 ms";
    check("PL061", &plan(2), words, &plan(1));
}

#[test]
fn cores_that_nobody_can_use() {
    let plan = |quota: &str| machine(8, &format!("profile: uvicorn, workers: 2, cpus: {quota}"));
    check("PL062", &plan("4"), "4 cores, of which 2 workers can use 2", &plan("2.5"));
}

#[test]
fn traffic_above_the_cores() {
    let plan = |rate: u32, steps: &str| {
        format!(
            "traffic: {{ arrival_rate: {rate}/s }}\nhost: {{ cores: 4 }}\n\
             services: {{ app: {{ profile: uvicorn, workers: 2 }}, cache: {{ profile: redis }} }}\n\
             caches: {{ page: {{ service: cache, hit_ratio: 75% }} }}\n\
             endpoints: {{ request: {{ service: app, steps: [{steps}] }} }}"
        )
    };
    // 10 ms and a quarter of 40 ms: 20 ms.
    let steps = "{ cpu: 10ms }, { cache: { cache: page, on_miss: [{ cpu: 40ms }] } }";
    let words = "120/s × 20 ms of CPU a request are 2.4 cores; its workers and quota allow 2";
    check("PL063", &plan(120, steps), words, &plan(95, steps));
    // Ways of a choice by weight, all ways of a parallel step.
    let choice = "{ choice: [{ weight: 1, steps: [{ cpu: 10ms }] }, { weight: 3 }] }";
    let parallel = "{ parallel: [[{ cpu: 5ms }], [{ cpu: 5ms }]] }";
    let both = plan(200, &format!("{choice}, {parallel}"));
    assert!(only("PL063", &both).message.contains("200/s × 12.5 ms"));
}

#[test]
fn traffic_above_the_host() {
    let plan = |rate: u32| {
        format!(
            "traffic: {{ arrival_rate: {rate}/s, spikes: [{{ factor: 2, at: 10s, for: 10s }}] }}\n\
             host: {{ cores: 2 }}\nservices: {{ app: {{}} }}\n\
             endpoints: {{ request: {{ steps: [{{ cpu: 10ms }}] }} }}"
        )
    };
    let finding = only("PL063", &plan(110));
    assert_eq!(finding.service, None);
    assert_eq!(finding.message, "220/s ask for 2.2 cores; the host has 2");
    assert!(find(&plan(95)).iter().all(|finding| finding.code != "PL063"));
}
