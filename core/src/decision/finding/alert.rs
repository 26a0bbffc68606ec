//! Rule about alerts that can never fire.

use super::facts::Facts;
use super::{Draft, Rule, explained};
use crate::alert::never;
use crate::report::FindingSeverity::Warning;

pub(super) const NEVER_FIRES: Rule = Rule {
    code: "PL090",
    severity: Warning,
    title: explained("an alert that can never fire"),
    doc: explained(
        "An alert must be able to fire, or it is worse than none: it looks like a guard. What a \
          metric can be follows from the plan: connections are refused beyond max_connections, a \
          container is killed at its limit, the quantile of a histogram is never above its highest \
          finite bucket, and cAdvisor forgets container_oom_events_total with the container, so that a \
          kill which takes the whole container is never seen (google/cadvisor#3015). Only what is certain is \
          said; an alert that could fire and does not is in the list of alerts.",
    ),
    check: never_fires,
};

fn never_fires(facts: &Facts<'_>) -> Vec<Draft> {
    let Some(plan) = &facts.model.alerts else { return Vec::new() };
    let found = plan.alerts().filter_map(|(_, rule)| {
        let reason = never(rule, plan, facts.model)?;
        Some(Draft {
            service: None,
            path: format!("alerts.{}.expr", rule.index),
            message: format!("`{}` can never fire: {reason}", rule.stated.name),
            hint: hint(&rule.stated.expr),
            fix: Vec::new(),
            certain: true,
        })
    });
    found.collect()
}

fn hint(expression: &str) -> String {
    let mut hint = "choose a bound that this plan can reach, or watch another metric".to_owned();
    if expression.contains("container_oom_events_total") {
        hint += "; a kill shows as a restart: `changes(container_start_time_seconds[10m]) > 0`";
    }
    hint
}
