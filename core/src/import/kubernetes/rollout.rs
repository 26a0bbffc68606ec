//! How the pods of a workload make way for new ones: `strategy` of a Deployment, `updateStrategy` of the others.

use super::key;
use crate::diagnostic::{Diagnostic, Location};
use crate::import::code;
use crate::import::compose::MAX_REPLICAS;
use crate::import::field::{Located, Reader};
use crate::import::node::{Node, join};
use crate::quantity::SimTime;
use crate::scenario::{Awaits, Rollout};

/// What a workload states of it.
#[derive(Clone, Debug)]
pub(super) struct Strategy {
    location: Location,
    recreates: bool,
    surge: Option<Amount>,
    unavailable: Option<Amount>,
}

/// More pods than there may be: all of them.
const MOST: u32 = 1_000;

/// Pods, or a share of them in hundredths.
#[derive(Clone, Copy, Debug)]
enum Amount {
    Pods(u32),
    Percent(u32),
}

/// Percentages beyond this, of however few pods, are more than there may be.
const MOST_PERCENT: u32 = 100_000;

/// What Kubernetes takes for either of a Deployment.
const USUAL: Amount = Amount::Percent(25);

/// Reads a strategy.
pub(super) fn read(reader: &mut Reader, path: &str, node: &Node) -> Strategy {
    let location = node.location();
    let mut strategy = Strategy { location, recreates: false, surge: None, unavailable: None };
    for (key, value) in reader.entries(path, node) {
        let inner = &join(path, &key.name);
        match key.name.as_str() {
            _ if value.is_null() => {}
            "type" => {
                let words = [("RollingUpdate", false), ("OnDelete", false), ("Recreate", true)];
                let found = reader.choice(inner, value, &words);
                strategy.recreates = found.is_some_and(|word| word.value);
                if value.as_str() == Some("OnDelete") {
                    let message = "with `OnDelete` nothing is replaced before somebody deletes it: a \
                                   rollout deletes one pod after the other";
                    let warning = Diagnostic::warning(code::NOT_MODELLED, inner, message);
                    reader.say(warning.at(Some(value.location())));
                }
            }
            "rollingUpdate" => {
                for (key, value) in reader.entries(inner, value) {
                    let path = &join(inner, &key.name);
                    match key.name.as_str() {
                        _ if value.is_null() => {}
                        "maxSurge" => strategy.surge = amount(reader, path, value),
                        "maxUnavailable" => strategy.unavailable = amount(reader, path, value),
                        _ => reader.left_out(inner, key, key::ROLLING, key::ROLLING_READ),
                    }
                }
            }
            _ => reader.left_out(path, key, &[], key::STRATEGY_READ),
        }
    }
    strategy
}

fn amount(reader: &mut Reader, path: &str, node: &Node) -> Option<Amount> {
    let percent = node.as_str().and_then(|text| text.strip_suffix('%'));
    if let Some(percent) = percent.and_then(|digits| digits.parse().ok()) {
        return Some(Amount::Percent(u32::min(percent, MOST_PERCENT)));
    }
    let count = reader.integer(path, node, 0, MAX_REPLICAS)?;
    Some(Amount::Pods(u32::try_from(count.value).unwrap_or(u32::MAX)))
}

impl Amount {
    /// Kubernetes rounds what may be added up, and what may be missing down.
    fn of(self, pods: u32, rounds_up: bool) -> u32 {
        match self {
            Amount::Pods(count) => count,
            Amount::Percent(percent) if rounds_up => (pods * percent).div_ceil(100).min(MOST),
            Amount::Percent(percent) => (pods * percent / 100).min(MOST),
        }
    }
}

/// How `pods` of a workload of this kind make way; `None` where it is as the engine takes it anyway.
pub(super) fn of(
    kind: &str,
    pods: u32,
    strategy: Option<&Strategy>,
    grace: Option<&Located<SimTime>>,
    location: &Location,
) -> Option<Located<Rollout>> {
    // Pods with a name of their own, or a node of their own, are replaced in their place.
    let in_place = matches!(kind, "StatefulSet" | "DaemonSet");
    let at = strategy.map(|strategy| &strategy.location).or(grace.map(|grace| &grace.location));
    let at = at.or(in_place.then_some(location))?;
    let mut rollout = Rollout { grace: grace.map(|grace| grace.value), ..Rollout::default() };
    let usual = if in_place { (Amount::Pods(0), Amount::Pods(1)) } else { (USUAL, USUAL) };
    let stated = strategy.map_or((None, None), |one| (one.surge, one.unavailable));
    let (mut surge, mut unavailable) =
        (stated.0.unwrap_or(usual.0).of(pods, true), stated.1.unwrap_or(usual.1).of(pods, false));
    if strategy.is_some_and(|strategy| strategy.recreates) {
        (surge, unavailable) = (0, MOST);
    }
    let awaits = match strategy.is_some_and(|strategy| strategy.recreates) {
        true => Awaits::All,
        false if in_place => Awaits::Place,
        false => Awaits::Nothing,
    };
    // Where both round to nothing, one may be missing (kubernetes, `ResolveFenceposts`).
    if surge == 0 && unavailable == 0 {
        unavailable = 1;
    }
    if strategy.is_some() || in_place {
        (rollout.surge, rollout.unavailable) = (Some(surge), Some(unavailable));
        rollout.awaits = Some(awaits);
    }
    Some(Located { value: rollout, location: at.clone() })
}

#[cfg(test)]
mod tests {
    use crate::import::{Sources, read};
    use crate::scenario::Awaits;

    #[test]
    fn workloads_make_way_as_kubernetes_lets_them() {
        let rollout = |kind: &str, keys: &str, pod: &str| {
            let text = format!(
                "apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: web}}\nspec: {{{keys} template: {{spec: \
             {{{pod} containers: [{{name: web, image: nginx}}]}}}}}}\n"
            );
            let draft = read(&Sources::single("web.yaml", &text));
            let draft = draft.unwrap_or_else(|errors| panic!("{text}{errors:#?}"));
            let one = draft.scenario.services["web"].rollout;
            one.map(|one| {
                (one.surge, one.unavailable, one.grace.map(|grace| grace.as_seconds()), one.awaits)
            })
        };
        assert_eq!(rollout("Deployment", "replicas: 5,", ""), None);
        let grace = "terminationGracePeriodSeconds: 45,";
        assert_eq!(
            rollout("Deployment", "replicas: 5,", grace),
            Some((None, None, Some(45.0), None))
        );
        let rolling = |limits: &str| format!("strategy: {{rollingUpdate: {{{limits}}}}},");
        let updating = |limits: &str| format!("updateStrategy: {{rollingUpdate: {{{limits}}}}},");
        for (kind, replicas, keys, surge, unavailable, awaits) in [
            ("Deployment", 10, rolling("maxSurge: 31%"), 4, 2, Awaits::Nothing),
            ("Deployment", 10, rolling("maxUnavailable: 39%"), 3, 3, Awaits::Nothing),
            ("Deployment", 3, rolling("maxSurge: 2, maxUnavailable: 0"), 2, 0, Awaits::Nothing),
            ("Deployment", 3, rolling("maxSurge: 150%"), 5, 0, Awaits::Nothing),
            // Both round to nothing.
            ("Deployment", 3, rolling("maxSurge: 0, maxUnavailable: 10%"), 0, 1, Awaits::Nothing),
            // All at once, and still beside those that end.
            ("Deployment", 1, rolling("maxSurge: 0, maxUnavailable: 1"), 0, 1, Awaits::Nothing),
            ("Deployment", 3, "strategy: {type: Recreate},".to_owned(), 0, 1000, Awaits::All),
            ("StatefulSet", 3, String::new(), 0, 1, Awaits::Place),
            ("StatefulSet", 5, updating("maxUnavailable: 2"), 0, 2, Awaits::Place),
            ("DaemonSet", 1, updating("maxSurge: 1, maxUnavailable: 0"), 1, 0, Awaits::Place),
        ] {
            let count =
                if kind == "DaemonSet" { String::new() } else { format!("replicas: {replicas}, ") };
            let found = rollout(kind, &(count + &keys), "");
            assert_eq!(
                found,
                Some((Some(surge), Some(unavailable), None, Some(awaits))),
                "{kind} {keys}"
            );
        }
    }
}
