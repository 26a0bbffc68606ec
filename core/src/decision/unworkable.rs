//! Plans that do not work, whatever the runs measure: what no objective is about.

use super::finding::unworkable;
use crate::model::Model;
use crate::report::{ObjectiveReport, Outcome};

/// What is said of it, beside the objectives of the plan.
const EXPRESSION: &str = "services that cannot work: none";

/// That a container is not created, or does nothing of what it is for, as an objective that fails; `None` where nothing
/// of the kind is sure.
pub(super) fn objective(model: &Model) -> Option<ObjectiveReport> {
    let found = unworkable(model);
    let (service, message) = found.first()?;
    Some(ObjectiveReport {
        expression: EXPRESSION.to_owned(),
        measured: Some(found.len() as f64),
        interval: None,
        unit: "count".to_owned(),
        outcome: Outcome::Fail,
        detail: Some(format!("{service}: {message}")),
    })
}

#[cfg(test)]
mod tests {
    use crate::decision::{CheckOptions, Runs, check};
    use crate::import::{self, Sources};
    use crate::report::{Outcome, Verdict};

    fn verdict(services: &str, host: &str) -> (Verdict, Option<String>) {
        let text = format!(
            "services: {{{services}}}\nx-plimsoll: {{host: {{{host}}}, objectives: ['oom: p < 90%']}}"
        );
        let draft = import::read(&Sources::single("compose.yaml", text)).unwrap();
        let model = crate::model::build(&draft.scenario, &draft.provenance).unwrap();
        let options = CheckOptions { runs: Runs::Fixed(20), seed: 7, ..CheckOptions::default() };
        let report = check(&model, &options, &|_| {});
        let failed = report.objectives.into_iter().find(|one| one.outcome == Outcome::Fail);
        (report.verdict, failed.and_then(|one| one.detail))
    }

    #[test]
    fn a_container_that_docker_does_not_create_does_not_fit() {
        let web = "web: {image: 'nginx:1.27', mem_limit: 256m, cpus: 4}";
        let (said, why) = verdict(web, "cores: 2, memory: 4GiB");
        assert_eq!(said, Verdict::DoesNotFit);
        assert!(why.unwrap().starts_with("web: a quota of 4 cores on a host of 2"));
        assert_eq!(verdict(web, "cores: 4, memory: 4GiB").0, Verdict::Fits);
        // Nobody says that the host has but two.
        assert_eq!(verdict(web, "memory: 4GiB").0, Verdict::Fits);
    }

    #[test]
    fn a_broker_that_takes_no_message_does_not_fit() {
        let plan = |limit: u32| {
            let broker = format!("mq: {{image: 'rabbitmq:4', mem_limit: {limit}m}}");
            verdict(&broker, "cores: 2, memory: 4GiB")
        };
        let (said, why) = plan(160);
        assert_eq!(said, Verdict::DoesNotFit);
        assert!(why.unwrap().ends_with("no message gets in"));
        assert_eq!(plan(512), (Verdict::Fits, None));
    }
}
