//! Files that set what was found: a Compose file to lay over the user's own, or patches of Kubernetes
//! workloads.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use plimsoll::report::{FitAnswer, Proposal};

use crate::engine::LimitKeys;

/// A Compose file that sets what was found, to be laid over the user's own. Compose refuses a plan whose
/// two keys of a memory limit disagree, so each limit stands under the keys that the plan itself uses.
pub(crate) fn compose(answer: &FitAnswer, keys: &dyn Fn(&str) -> LimitKeys) -> String {
    let mut text = format!(
        "# Written by plimsoll fit (seed {}): lay it over your own file, as in\n\
         # docker compose -f compose.yaml -f compose.plimsoll.yaml up\nservices:\n",
        answer.seed
    );
    for proposal in &answer.proposals {
        if let (Some(service), Some(memory)) = (&proposal.service, &proposal.memory) {
            text.push_str(&limit(service, memory.proposed_bytes >> 20, keys(service)));
        }
    }
    by_hand(&mut text, answer.proposals.iter().filter(|one| one.memory.is_none()));
    text
}

/// The limit of one service.
fn limit(service: &str, mib: u64, keys: LimitKeys) -> String {
    let top =
        if keys.top || !keys.deploy { format!("    mem_limit: {mib}m\n") } else { String::new() };
    let deploy = if keys.deploy {
        format!("    deploy:\n      resources:\n        limits:\n          memory: {mib}m\n")
    } else {
        String::new()
    };
    format!("  {}:\n{top}{deploy}", quoted(service))
}

/// What a patch says of one workload.
#[derive(Default)]
struct Workload {
    memory_mib: Option<u64>,
    cpus: Option<String>,
    replicas: Option<String>,
}

/// A strategic merge patch for each workload: memory is requested as it is limited, because what a node
/// does not set aside it cannot promise. A service stands for a Deployment and its container of the same
/// name; a plan does not say what else they are called.
pub(crate) fn kubernetes(answer: &FitAnswer) -> String {
    let mut text = format!(
        "# Written by plimsoll fit (seed {}): strategic merge patches, for a kustomization.yaml with\n\
         # patches: [{{ path: plimsoll.patch.yaml }}]\n\
         # A service is a Deployment with a container of its name: change kind and names where yours\n\
         # differ. Requests are as high as limits: memory that is not set aside may not be there.\n",
        answer.seed
    );
    let mut workloads: BTreeMap<&str, Workload> = BTreeMap::new();
    let mut others = Vec::new();
    for proposal in &answer.proposals {
        let key = proposal.path.rsplit('.').next().unwrap_or_default();
        match (proposal.service.as_deref(), &proposal.memory, key) {
            (Some(service), Some(memory), _) => {
                workloads.entry(service).or_default().memory_mib =
                    Some(memory.proposed_bytes >> 20);
            }
            (Some(service), None, "cpus") => {
                workloads.entry(service).or_default().cpus = Some(proposal.proposed.clone());
            }
            (Some(service), None, "replicas") => {
                workloads.entry(service).or_default().replicas = Some(proposal.proposed.clone());
            }
            _ => others.push(proposal),
        }
    }
    for (service, workload) in &workloads {
        text.push_str(&patch(&label(service), workload));
    }
    by_hand(&mut text, others.into_iter());
    text
}

/// The patch of one workload.
fn patch(name: &str, workload: &Workload) -> String {
    let name = quoted(name);
    let replicas = workload.replicas.iter().map(|count| format!("  replicas: {count}\n"));
    let memory = workload.memory_mib.map(|mib| format!("memory: {mib}Mi"));
    let cpu = workload.cpus.as_ref().map(|cores| format!("cpu: {}", quantity(cores)));
    let limits: Vec<String> = cpu.into_iter().chain(memory.clone()).collect();
    let requests = memory.unwrap_or_default();
    format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\nspec:\n{}  \
         template:\n    spec:\n      containers:\n        - name: {name}\n          resources:\n            \
         requests: {{ {requests} }}\n            limits: {{ {} }}\n",
        replicas.collect::<String>(),
        limits.join(", "),
    )
}

/// What no such file can set.
fn by_hand<'a>(text: &mut String, others: impl Iterator<Item = &'a Proposal>) {
    for other in others {
        let _ = writeln!(text, "# and by hand: {} = {}", other.path, other.proposed);
    }
}

/// Cores as Kubernetes writes them: thousandths.
fn quantity(cores: &str) -> String {
    match cores.trim().parse::<f64>() {
        Ok(cores) => format!("{:.0}m", (cores * 1000.0).ceil()),
        Err(_) => cores.to_owned(),
    }
}

/// The name of a service as Kubernetes allows it (RFC 1123): kompose, too, makes hyphens of the rest.
fn label(service: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    service.chars().map(letter).collect::<String>().trim_matches('-').to_owned()
}

/// A key of YAML, whatever is in it.
fn quoted(name: &str) -> String {
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    let is_word = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if is_plain
        && is_word
        && !["yes", "no", "true", "false", "null", "on", "off", "y", "n"].contains(&name)
    {
        return name.to_owned();
    }
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_quantities_are_those_of_kubernetes() {
        assert_eq!(label("django_prod"), "django-prod");
        assert_eq!(label("_My.API_"), "my-api");
        assert_eq!(quantity("0.75"), "750m");
        assert_eq!(quantity("2"), "2000m");
        assert_eq!(quoted("on"), "\"on\"");
    }

    #[test]
    fn a_limit_stands_under_the_keys_of_the_plan() {
        let of = |top, deploy| limit("api", 384, LimitKeys { top, deploy });
        assert_eq!(of(false, false), "  api:\n    mem_limit: 384m\n");
        assert_eq!(of(true, false), of(false, false));
        assert!(!of(false, true).contains("mem_limit"), "{}", of(false, true));
        assert!(of(true, true).contains("mem_limit") && of(true, true).contains("memory: 384m"));
    }

    #[test]
    fn a_patch_says_what_was_found_and_nothing_else() {
        let whole = Workload {
            memory_mib: Some(184),
            cpus: Some("1.5".to_owned()),
            replicas: Some("3".to_owned()),
        };
        let text = patch("api", &whole);
        assert!(text.contains("  replicas: 3\n  template:"), "{text}");
        assert!(text.contains("requests: { memory: 184Mi }"), "{text}");
        assert!(text.contains("limits: { cpu: 1500m, memory: 184Mi }"), "{text}");
        let small = patch("api", &Workload { memory_mib: Some(64), ..Workload::default() });
        assert!(!small.contains("replicas") && !small.contains("cpu"), "{small}");
    }
}
