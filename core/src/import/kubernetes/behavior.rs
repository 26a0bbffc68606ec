//! How fast an autoscaler changes the number of pods, and for how long more or fewer must be wanted.

use super::object::{Object, text};
use crate::diagnostic::Diagnostic;
use crate::import::code;
use crate::import::field::Reader;
use crate::import::node::{Node, join};
use crate::quantity::{Ratio, SimTime};
use crate::scenario::{Autoscaler, Pace, Select};

/// Kubernetes' `--horizontal-pod-autoscaler-downscale-stabilization`.
const DOWN_WINDOW: SimTime = SimTime::from_millis(300_000);

/// Reads the `behavior` of an autoscaler, where there is one.
pub(super) fn read(reader: &mut Reader, scaler: &Object, found: &mut Autoscaler) {
    let Some(behavior) = scaler.spec("behavior").filter(|node| !node.is_null()) else { return };
    let path = join(&join(&scaler.path, "spec"), "behavior");
    (found.up_window, found.up) = rules(reader, &path, behavior, "scaleUp");
    let (window, pace) = rules(reader, &path, behavior, "scaleDown");
    (found.down_window, found.down) = (Some(window.unwrap_or(DOWN_WINDOW)), pace);
}

/// The window and the pace of one direction.
fn rules(
    reader: &mut Reader,
    path: &str,
    behavior: &Node,
    way: &str,
) -> (Option<SimTime>, Option<Pace>) {
    let Some(rules) = behavior.get(way).filter(|node| !node.is_null()) else { return (None, None) };
    let path = join(path, way);
    let at = |key: &str| rules.get(key).filter(|node| !node.is_null());
    if let Some(node) = at("tolerance") {
        not_simulated(reader, join(&path, "tolerance"), node, "a tenth is simulated");
    }
    let window = at("stabilizationWindowSeconds").and_then(|node| {
        seconds(reader, &join(&path, "stabilizationWindowSeconds"), node, (0, 3_600))
    });
    let select = match text(rules, "selectPolicy").as_deref() {
        None | Some("Max") => Select::Most,
        Some("Min") => Select::Least,
        Some("Disabled") => {
            let pace = Pace { containers: None, share: None, period: None, select: Select::Never };
            return (window, Some(pace));
        }
        Some(_) => {
            if let Some(node) = at("selectPolicy") {
                let message = "this is `Max`, `Min` or `Disabled`";
                let error =
                    Diagnostic::error(code::INVALID_VALUE, join(&path, "selectPolicy"), message);
                reader.say(error.at(Some(node.location())));
            }
            Select::Most
        }
    };
    (window, at("policies").and_then(|node| pace(reader, &join(&path, "policies"), node, select)))
}

/// The policies of one direction: one by number, one by share, both for the same time.
fn pace(reader: &mut Reader, path: &str, list: &Node, select: Select) -> Option<Pace> {
    let mut pace = Pace { containers: None, share: None, period: None, select };
    let policies = reader.items(path, list);
    for (index, policy) in policies.iter().enumerate() {
        let path = join(path, &index.to_string());
        let value =
            reader.integer(&join(&path, "value"), policy.get("value")?, 1, i32::MAX.into())?;
        let key = "periodSeconds";
        let period = seconds(reader, &join(&path, key), policy.get(key)?, (1, 1_800))?;
        let is_share = text(policy, "type").as_deref() == Some("Percent");
        let is_second = if is_share { pace.share.is_some() } else { pace.containers.is_some() };
        if is_second || pace.period.is_some_and(|other| other != period) {
            let what = "one by number and one by share, both for the same time, are simulated";
            not_simulated(reader, path, policy, what);
            continue;
        }
        pace.period = Some(period);
        if is_share {
            pace.share = Some(Ratio(value.value.min(10_000) as f64 / 100.0));
        } else {
            pace.containers = Some(value.value.min(1_000) as u32);
        }
    }
    (!policies.is_empty()).then_some(pace)
}

fn seconds(reader: &mut Reader, path: &str, node: &Node, range: (i64, i64)) -> Option<SimTime> {
    let seconds = reader.integer(path, node, range.0, range.1)?;
    Some(SimTime::from_seconds(seconds.value as f64))
}

fn not_simulated(reader: &mut Reader, path: String, node: &Node, what: &str) {
    let warning = Diagnostic::warning(code::NOT_MODELLED, path, format!("not simulated: {what}"));
    reader.say(warning.at(Some(node.location())));
}
