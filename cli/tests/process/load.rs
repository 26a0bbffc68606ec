//! Loads and objectives from the command line.

use serde_json::Value;

use crate::shell::{Folder, SMALL};

fn check(folder: &Folder, words: &[&str]) -> Value {
    let usual = ["check", "--target", "2gb", "--runs", "20", "--format", "json"];
    folder.run(&[&usual[..], words].concat()).json()
}

#[test]
fn traffic_is_so_many_requests_each_second() {
    let folder = Folder::with("traffic", "compose.yaml", SMALL);
    for (rate, per_second) in [("20/s", 20.0), ("1200/min", 20.0), ("72000/h", 20.0)] {
        let json = check(&folder, &["--traffic", rate, "--for", "1m"]);
        assert_eq!(
            (json["horizon_seconds"].as_f64(), &json["load"]),
            (Some(60.0), &"stated".into())
        );
        let arrivals = json["endpoints"][0]["arrivals"].as_f64().expect("a number");
        let mean = 20.0 * 60.0 * per_second;
        assert!((arrivals - mean).abs() < 4.0 * mean.sqrt(), "{rate}: {arrivals}");
    }
}

#[test]
fn a_spike_adds_what_arithmetic_says() {
    let folder = Folder::with("spike", "compose.yaml", SMALL);
    let json = check(&folder, &["--traffic", "20/s", "--spike", "5x@30s+10s", "--for", "1m"]);
    let arrivals = json["endpoints"][0]["arrivals"].as_f64().expect("a number");
    let mean = 20.0 * 20.0 * (50.0 + 5.0 * 10.0);
    assert!((arrivals - mean).abs() < 4.0 * mean.sqrt(), "{arrivals}");
    for wrong in ["5x", "x@30s+10s", "5x@30+10", "-5x@30s+10s", "1e9x@30s+10s"] {
        folder.run(&["check", "--traffic", "20/s", &format!("--spike={wrong}")]).expect(2);
    }
}

#[test]
fn users_wait_think_and_ask_again() {
    let folder = Folder::with("users", "compose.yaml", SMALL);
    let json = check(&folder, &["--users", "30", "--for", "1m"]);
    // One request of a few milliseconds and a pause of a second on average.
    let rate = json["endpoints"][0]["throughput_per_second"].as_f64().expect("a number");
    assert!((29.0..30.5).contains(&rate), "{rate}");
    folder.run(&["check", "--users", "0"]).expect(2);
    folder.run(&["check", "--users", "1000001"]).expect(2);
    folder.run(&["check", "--users", "10", "--traffic", "10/s"]).expect(2);
}

#[test]
fn objectives_are_judged_one_by_one() {
    let folder = Folder::with("objectives", "compose.yaml", SMALL);
    let json = check(
        &folder,
        &[
            "--traffic",
            "20/s",
            "--objective",
            "latency: p(95) < 200ms",
            "--objective",
            "loss_ratio: rate < 1%",
            "--objective",
            "latency: avg < 1us",
        ],
    );
    let list = json["objectives"].as_array().expect("a list");
    let outcome = |expression: &str| {
        let found = list.iter().find(|objective| objective["expression"] == expression);
        found.unwrap_or_else(|| panic!("`{expression}` is not judged"))["outcome"].clone()
    };
    assert_eq!(outcome("latency: p(95) < 200ms"), "pass");
    assert_eq!(outcome("loss_ratio: rate < 1%"), "pass");
    assert_eq!(outcome("latency: avg < 1us"), "fail");
    assert_eq!(json["verdict"], "does_not_fit");
    for wrong in
        ["latency", "latency: p(95)", "latency: p(95) < 200", "memory{service:none}: max < 1g"]
    {
        folder.run(&["check", "--objective", wrong]).expect(2);
    }
}

#[test]
fn targets_are_sizes() {
    let folder = Folder::with("target", "compose.yaml", SMALL);
    for (target, bytes) in [("512mb", 512u64 << 20), ("2gb", 2 << 30), ("1.5GiB", 3 << 29)] {
        let words = ["check", "--target", target, "--runs", "1", "--format", "json"];
        let json = folder.run(&words).json();
        assert_eq!(json["target"]["memory_bytes"].as_u64(), Some(bytes), "{target}");
        assert_eq!(json["host"]["memory_bytes"].as_u64(), Some(bytes), "{target}");
    }
    for wrong in ["much", "0", "512", "-1gb", "1mb", "999999tb"] {
        folder.run(&["check", &format!("--target={wrong}")]).expect(2);
    }
}

#[test]
fn a_smaller_host_is_never_better() {
    let folder = Folder::with("smaller", "compose.yaml", SMALL);
    let peak = |target: &str| {
        let words =
            ["check", "--target", target, "--traffic", "20/s", "--runs", "5", "--format", "json"];
        let json = folder.run(&words).json();
        (json["exit_code"].as_i64(), json["host"]["oom"]["probability"].as_f64())
    };
    assert_eq!(peak("2gb"), (Some(3), Some(0.0)));
    assert_eq!(peak("256mb"), (Some(1), Some(1.0)));
}
