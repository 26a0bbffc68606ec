//! Files that set what was found: a Compose file to lay over the user's own, or patches of Kubernetes
//! workloads.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use plimsoll::report::{FitAnswer, Proposal};

use crate::engine::{LimitKeys, PodContainer};

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

/// A workload of Kubernetes, in the order of a manifest's keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Workload {
    api_version: String,
    kind: String,
    namespace: Option<String>,
    name: String,
}

/// What a patch says of one workload.
#[derive(Default)]
struct Patch {
    replicas: Option<String>,
    /// By the key under which its containers stand, and their names.
    containers: BTreeMap<(&'static str, String), Limits>,
}

/// What a patch says of one container.
#[derive(Default)]
struct Limits {
    memory_mib: Option<u64>,
    cpus: Option<String>,
}

/// A strategic merge patch for each workload: memory is requested as it is limited, because what a node
/// does not set aside it cannot promise. `known` tells what a service is called in the manifests that the
/// plan was read from; where it was not read from any, a service stands for a Deployment and its container
/// of the same name.
pub(crate) fn kubernetes(
    answer: &FitAnswer,
    known: &dyn Fn(&str) -> Option<PodContainer>,
) -> String {
    let is_known = answer
        .proposals
        .iter()
        .any(|one| one.service.as_deref().is_some_and(|name| known(name).is_some()));
    let names = if is_known {
        ""
    } else {
        "# A service is a Deployment with a container of its name: change kind and names where yours\n\
         # differ.\n"
    };
    let mut text = format!(
        "# Written by plimsoll fit (seed {}): strategic merge patches, for a kustomization.yaml with\n\
         # patches: [{{ path: plimsoll.patch.yaml }}]\n\
         {names}# Requests are as high as limits: memory that is not set aside may not be there.\n",
        answer.seed
    );
    let mut patches: BTreeMap<Workload, Patch> = BTreeMap::new();
    let mut others = Vec::new();
    for proposal in &answer.proposals {
        let Some(service) = proposal.service.as_deref() else {
            others.push(proposal);
            continue;
        };
        let (workload, container) = called(service, known(service));
        let key = proposal.path.rsplit('.').next().unwrap_or_default();
        if proposal.memory.is_none() && !matches!(key, "cpus" | "replicas") {
            others.push(proposal);
            continue;
        }
        let patch = patches.entry(workload).or_default();
        let limits = patch.containers.entry(container).or_default();
        match (&proposal.memory, key) {
            (Some(memory), _) => limits.memory_mib = Some(memory.proposed_bytes >> 20),
            (None, "cpus") => limits.cpus = Some(proposal.proposed.clone()),
            (None, _) => patch.replicas = Some(proposal.proposed.clone()),
        }
    }
    for (workload, patch) in &patches {
        text.push_str(&written(workload, patch));
    }
    by_hand(&mut text, others.into_iter());
    text
}

/// The workload and the container that a service stands for, under its key.
fn called(service: &str, known: Option<PodContainer>) -> (Workload, (&'static str, String)) {
    let named = known.unwrap_or_else(|| PodContainer {
        api_version: "apps/v1".to_owned(),
        kind: "Deployment".to_owned(),
        namespace: None,
        workload: label(service),
        container: label(service),
        is_init: false,
    });
    let PodContainer { api_version, kind, namespace, workload: name, container, is_init } = named;
    let key = if is_init { "initContainers" } else { "containers" };
    (Workload { api_version, kind, namespace, name }, (key, container))
}

/// The patch of one workload.
fn written(workload: &Workload, patch: &Patch) -> String {
    let Workload { api_version, kind, namespace, name } = workload;
    let mut text = format!("---\napiVersion: {api_version}\nkind: {kind}\nmetadata:\n");
    let _ = writeln!(text, "  name: {}", quoted(name));
    if let Some(namespace) = namespace {
        let _ = writeln!(text, "  namespace: {}", quoted(namespace));
    }
    // Where the containers stand below the workload.
    let way: &[&str] = match kind.as_str() {
        "Pod" => &["spec"],
        "CronJob" => &["spec", "jobTemplate", "spec", "template", "spec"],
        _ => &["spec", "template", "spec"],
    };
    for (depth, key) in way.iter().enumerate() {
        let _ = writeln!(text, "{:1$}{key}:", "", depth * 2);
        if let Some(count) = patch.replicas.as_ref().filter(|_| depth == 0) {
            let _ = writeln!(text, "  replicas: {count}");
        }
    }
    let indent = " ".repeat(way.len() * 2);
    let mut last = "";
    for ((key, container), limits) in &patch.containers {
        if *key != last {
            let _ = writeln!(text, "{indent}{key}:");
            last = key;
        }
        let _ =
            write!(text, "{indent}  - name: {}\n{}", quoted(container), limits.written(&indent));
    }
    text
}

impl Limits {
    /// `resources` of a container; nothing where nothing was found of it.
    fn written(&self, indent: &str) -> String {
        let memory = self.memory_mib.map(|mib| format!("memory: {mib}Mi"));
        let cpu = self.cpus.as_ref().map(|cores| format!("cpu: {}", quantity(cores)));
        let limits: Vec<String> = cpu.into_iter().chain(memory.clone()).collect();
        if limits.is_empty() {
            return String::new();
        }
        let requests = memory.map(|memory| format!("{indent}      requests: {{ {memory} }}\n"));
        format!(
            "{indent}    resources:\n{}{indent}      limits: {{ {} }}\n",
            requests.unwrap_or_default(),
            limits.join(", ")
        )
    }
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

    fn deployment(patch: &Patch) -> String {
        written(&called("api", None).0, patch)
    }

    #[test]
    fn a_patch_says_what_was_found_and_nothing_else() {
        let whole = Limits { memory_mib: Some(184), cpus: Some("1.5".to_owned()) };
        let containers = BTreeMap::from([(("containers", "api".to_owned()), whole)]);
        let text = deployment(&Patch { replicas: Some("3".to_owned()), containers });
        assert!(text.contains("  replicas: 3\n  template:"), "{text}");
        assert!(text.contains("          requests: { memory: 184Mi }"), "{text}");
        assert!(text.contains("limits: { cpu: 1500m, memory: 184Mi }"), "{text}");
        let small = Limits { memory_mib: Some(64), cpus: None };
        let containers = BTreeMap::from([(("containers", "api".to_owned()), small)]);
        let small = deployment(&Patch { replicas: None, containers });
        assert!(!small.contains("replicas") && !small.contains("cpu"), "{small}");
    }

    #[test]
    fn what_manifests_call_a_service_is_kept() {
        let named = PodContainer {
            api_version: "v1".to_owned(),
            kind: "Pod".to_owned(),
            namespace: Some("shop".to_owned()),
            workload: "web".to_owned(),
            container: "on".to_owned(),
            is_init: false,
        };
        let (workload, container) = called("web-on", Some(named));
        let limits = Limits { memory_mib: Some(64), cpus: None };
        let containers = BTreeMap::from([(container, limits)]);
        let text = written(&workload, &Patch { replicas: None, containers });
        let expected = "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  namespace: shop\n\
                        spec:\n  containers:\n    - name: \"on\"\n      resources:\n        \
                        requests: { memory: 64Mi }\n        limits: { memory: 64Mi }\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_sidecar_stays_among_the_init_containers() {
        let named = |container: &str, is_init: bool| PodContainer {
            api_version: "apps/v1".to_owned(),
            kind: "Deployment".to_owned(),
            namespace: None,
            workload: "web".to_owned(),
            container: container.to_owned(),
            is_init,
        };
        let mut patch = Patch::default();
        for (container, is_init) in [("proxy", true), ("app", false), ("tail", true)] {
            let limits = Limits { memory_mib: Some(64), cpus: None };
            patch.containers.insert(called("", Some(named(container, is_init))).1, limits);
        }
        let text = written(&called("", Some(named("app", false))).0, &patch);
        let lines: Vec<&str> = text.lines().skip(7).map(str::trim).collect();
        let lines: Vec<_> = lines.into_iter().filter(|line| !line.contains('{')).collect();
        let expected = [
            "spec:",
            "containers:",
            "- name: app",
            "resources:",
            "initContainers:",
            "- name: proxy",
            "resources:",
            "- name: tail",
            "resources:",
        ];
        assert_eq!(lines, expected);
    }
}
