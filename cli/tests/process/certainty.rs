//! How sure an answer is: a wanted precision, and kills within a time longer than any run.

use crate::shell::Folder;

const PLAN: &str = "
version: 1
host: { memory: 512MiB, cores: 1 }
services:
  api: { memory: 64MiB, memory_program: 24MiB, cpu_request: 5ms, lock: event_loop }
endpoints: { page: { steps: [wait: { exponential: 50ms }] } }
traffic: { arrival_rate: 50/s }
objectives: ['latency: avg < 1s', 'oom: p < 60%']
horizon: 5s
";

#[test]
fn a_wanted_precision_is_reached_and_said() {
    let folder = Folder::with("precision", "plan.yaml", PLAN);
    let json = folder.run(&["check", "plan.yaml", "--precision", "2%", "--format", "json"]).json();
    assert_eq!(json["stopped_by"], "precision");
    assert_eq!(json["precision"]["wanted"], 0.02);
    assert!(json["precision"]["reached"].as_f64().expect("a number") <= 0.02);
    let interval = &json["objectives"][0]["interval"];
    let [low, high] = ["low", "high"].map(|end| interval[end].as_f64().expect("a number"));
    assert!((high - low) / 2.0 <= 0.02 * json["objectives"][0]["measured"].as_f64().unwrap());
    let text = folder.run(&["check", "plan.yaml", "--precision", "2%"]).expect(0).out();
    assert!(text.contains("precise to") && text.contains("wanted"), "{text}");
}

#[test]
fn kills_within_a_week_are_judged() {
    let folder = Folder::with("within", "plan.yaml", PLAN);
    let words = ["check", "plan.yaml", "--within", "1w", "--max-events", "2000000", "--verbose"];
    let text = folder.run(&words).expect(0).out();
    assert!(text.contains("oom: p < 60% within 7d"), "{text}");
    assert!(text.contains("kills within"), "{text}");
    // 30 MiB an hour fill the 64 MiB within the day, and not within the minute.
    let leak = "disturbances: [leak: { service: api, per_hour: 30MiB }]\n";
    folder.write("leak.yaml", format!("{PLAN}{leak}"));
    let words = ["check", "leak.yaml", "--max-events", "3000000", "--format", "json", "--within"];
    let json = folder.run(&[&words[..], &["1d"]].concat()).expect(1).json();
    assert!(json["within"]["interval"]["low"].as_f64().expect("a number") > 0.99);
    assert!(json["within"]["pieces"].as_array().is_some_and(|pieces| !pieces.is_empty()));
    folder.run(&[&words[..], &["1m"]].concat()).expect(0);
}

#[test]
fn wrong_words_are_refused() {
    let folder = Folder::with("certainty-wrong", "plan.yaml", PLAN);
    for wrong in [&["--precision", "0%"][..], &["--within", "0s"], &["--within", "long"]] {
        folder.run(&[&["check", "plan.yaml"], wrong].concat()).expect(2);
    }
    folder.run(&["check", "plan.yaml", "--runs", "20", "--precision", "5%"]).expect(2);
}
