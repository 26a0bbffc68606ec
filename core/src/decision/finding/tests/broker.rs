//! Rules about brokers.

use super::{check, find, only};
use crate::import::{self, Sources};
use crate::model::build;
use crate::report::FindingSeverity;

#[test]
fn a_watermark_below_what_an_idle_broker_counts() {
    let plan = |profile: &str, limit: &str, keys: &str| {
        format!("services: {{ queue: {{ profile: {profile}, memory: {limit}{keys} }} }}")
    };
    let finding = check(
        "PL024",
        &plan("rabbitmq-3", "256MiB", ""),
        "beyond 102 MiB (40 % of the 256 MiB that it sees), and counts about 129 MiB",
        &plan("rabbitmq-3", "324MiB", ""),
    );
    assert!(finding.hint.contains("`vm_memory_high_watermark.relative = 0.8`"), "{}", finding.hint);
    // Since 4.0 it is 60 %.
    check("PL024", &plan("rabbitmq", "192MiB", ""), "60 % of", &plan("rabbitmq", "256MiB", ""));
    let stated = find(&plan("rabbitmq-3", "256MiB", ", memory_watermark: 80%"));
    assert!(stated.iter().all(|finding| finding.code != "PL024"), "{stated:#?}");
    // No watermark leaves room for it.
    let small = only("PL024", &plan("rabbitmq-3", "140MiB", ""));
    assert!(!small.hint.contains("relative"), "{}", small.hint);
    // Whether it is above hangs on an estimate.
    let near = only("PL024", &plan("rabbitmq-3", "312MiB", ""));
    assert_eq!(near.severity, FindingSeverity::Warning);
}

#[test]
fn a_watermark_in_a_plan_is_read_and_one_in_a_file_that_is_not_read_is_not_judged() {
    let codes = |keys: &str| {
        let text = format!(
            "services: {{queue: {{image: 'rabbitmq:3-management', mem_limit: 256m{keys}}}}}"
        );
        let draft = import::read(&Sources::single("compose.yaml", text)).unwrap();
        let model = build(&draft.scenario, &draft.provenance).unwrap();
        let all = crate::decision::finding::findings(&model, &draft.provenance);
        all.iter().any(|finding| finding.code == "PL024")
    };
    assert!(codes(""));
    let arguments = "'-rabbit vm_memory_high_watermark 0.8'";
    assert!(!codes(&format!(
        ", environment: {{RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: {arguments}}}"
    )));
    assert!(!codes(", volumes: ['./rabbitmq.conf:/etc/rabbitmq/rabbitmq.conf:ro']"));
}
