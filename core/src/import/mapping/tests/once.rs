//! Services that end are left out, by name.

use super::{draft, notes};

#[test]
fn jobs_of_swarm_are_left_out() {
    for mode in ["replicated-job", "global-job"] {
        let job = format!("image: example/web, mem_limit: 1g, deploy: {{mode: {mode}}}");
        let plan = |more: &str| {
            draft(&format!("services: {{web: {{image: nginx}}, sum: {{{job}{more}}}}}"))
        };
        let gone = plan("");
        assert_eq!(gone.scenario.services.keys().collect::<Vec<_>>(), ["web"]);
        let said = format!("`sum` is left out: a `{mode}` ends, and its own memory is not judged");
        assert_eq!(notes(&gone, "N209"), [said]);
        assert_eq!(plan(", x-plimsoll: {profile: generic}").scenario.services.len(), 2);
    }
    for mode in ["replicated", "global"] {
        let text = format!("services: {{web: {{image: nginx, deploy: {{mode: {mode}}}}}}}");
        assert_eq!(draft(&text).scenario.services.len(), 1);
    }
}

#[test]
fn a_plan_says_how_often_a_container_is_started_again() {
    let attempts = |keys: &str| {
        let draft = super::one(&format!("image: redis, {keys}"));
        super::service(&draft, "a").restart_attempts
    };
    assert_eq!(attempts("restart: 'on-failure:3'"), Some(3));
    assert_eq!(attempts("restart: 'on-failure:0'"), None);
    assert_eq!(attempts("restart: on-failure"), None);
    let policy = "deploy: {restart_policy: {condition: on-failure, max_attempts: 2, delay: 5s}}";
    assert_eq!(attempts(policy), Some(2));
    let notes = super::notes(&super::one(&format!("image: redis, {policy}")), "N100");
    assert!(notes.iter().any(|note| note.contains("deploy.restart_policy.delay")), "{notes:?}");
    assert_eq!(attempts("restart: 'on-failure:3', x-plimsoll: {restart: always}"), None);
}
