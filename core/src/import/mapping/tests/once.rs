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
