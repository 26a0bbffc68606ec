//! Plans that are refused before any run, and those that are not.

use crate::support::try_model;

#[test]
fn objectives_name_the_endpoints_that_there_are() {
    let plan = |name: &str| {
        try_model(&format!(
            "
services: {{ a: {{ profile: uvicorn }}, b: {{ profile: uvicorn }} }}
traffic: {{ arrival_rate: 20/s }}
objectives: ['latency{{endpoint:{name}}}: p(95) < 1s']
"
        ))
    };
    assert!(plan("a").is_ok() && plan("b").is_ok());
    let problems = plan("request").expect_err("no endpoint has that name");
    assert_eq!((problems.len(), problems[0].code), (1, "E201"));
}

#[test]
fn keys_of_containers_that_may_be_added_count() {
    let plan = |scaling: &str| {
        try_model(&format!(
            "
host: {{ memory: 64GiB, kubernetes: true }}
services: {{ web: {{ profile: uvicorn, memory_reservation: 1MiB, cpu_reservation: 0.001, {scaling} }} }}
caches: {{ local: {{ service: web, keys: 5000000 }} }}
endpoints: {{ page: {{ steps: [wait: 1ms] }} }}
traffic: {{ arrival_rate: 20/s }}
"
        ))
    };
    for scaling in ["autoscaler: { max: 200, requests: 1000/s }", "replicas: 200"] {
        let problems = plan(scaling).expect_err("too many keys");
        assert_eq!((problems.len(), problems[0].code), (1, "E203"), "{scaling}");
    }
}

#[test]
fn one_mistake_is_said_once() {
    let problems = try_model(
        "
host: { kubernetes: true }
services:
  a: { profile: uvicorn, calls: [b] }
  c: { profile: uvicorn, calls: [b] }
  b: { profile: uvicorn, cpu_reservation: 0.1, autoscaler: { max: 5 } }
endpoints:
  x: { service: a, steps: [query: { database: b }] }
  y: { service: c, steps: [query: { database: b }] }
traffic: { arrival_rate: 20/s }
",
    );
    assert_eq!(problems.expect_err("pools lead to b").len(), 1);
}
