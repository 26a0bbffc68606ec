//! Autoscalers: how many pods there are before any scaling, and what they look at.

use super::behavior;
use super::container::Container;
use super::object::{Object, text};
use super::quantity;
use super::resources::Amounts;
use super::workload::Workload;
use crate::diagnostic::Diagnostic;
use crate::import::code;
use crate::import::compose::MAX_REPLICAS;
use crate::import::field::{Located, Reader};
use crate::import::node::{Node, join};
use crate::quantity::{Rate, Ratio};
use crate::scenario::Autoscaler;

/// Pods that a node takes (kubernetes, `KubeletConfiguration.maxPods`, default).
const MOST_PODS: u32 = 110;

/// Lets every HorizontalPodAutoscaler bound the replicas of its workload.
pub(super) fn apply(reader: &mut Reader, objects: &[Object], workloads: &mut [Workload<'_>]) {
    for scaler in objects.iter().filter(|one| one.is("HorizontalPodAutoscaler")) {
        let Some(target) = scaler.spec("scaleTargetRef") else { continue };
        let (kind, name) = (text(target, "kind"), text(target, "name"));
        let is_target = |one: &&mut Workload<'_>| {
            one.object.namespace == scaler.namespace
                && kind.as_ref() == Some(&one.object.kind)
                && name.as_ref() == Some(&one.object.name)
        };
        match workloads.iter_mut().find(is_target) {
            Some(workload) => bound(reader, scaler, workload),
            None => {
                let message = format!("`{}` scales what is not in the files", scaler.path);
                let path = join(&scaler.path, "spec.scaleTargetRef");
                let warning = Diagnostic::warning(code::DOUBTFUL, path, message);
                reader.say(warning.at(Some(target.location())));
            }
        }
    }
}

/// An autoscaler keeps the replicas that the workload states as far as they lie between its bounds;
/// without them it begins at the lower one (kubernetes, `horizontal.go`; by default 1).
fn bound(reader: &mut Reader, scaler: &Object, workload: &mut Workload<'_>) {
    let path = join(&scaler.path, "spec");
    let mut count = |key: &str, highest: i64| {
        let node = scaler.spec(key)?;
        let count = reader.integer(&join(&path, key), node, 0, highest)?;
        Some(count.map(|count| u32::try_from(count).unwrap_or(0)))
    };
    let least = count("minReplicas", MAX_REPLICAS);
    let most = count("maxReplicas", i32::MAX.into());
    let low = least.as_ref().map_or(1, |least| least.value.max(1));
    let high = most.as_ref().map_or(u32::MAX, |most| most.value).max(low);
    // A workload without pods is switched off, and stays so.
    if workload.replicas.as_ref().is_some_and(|stated| stated.value == 0) {
        return;
    }
    let stated = workload.replicas.take();
    let judged = stated.as_ref().map_or(low, |stated| stated.value.clamp(low, high));
    let at = match &stated {
        Some(stated) if stated.value == judged => stated.location.clone(),
        _ => {
            let bound = if judged == low { least.as_ref() } else { most.as_ref() };
            bound.map_or(&scaler.location, |bound| &bound.location).clone()
        }
    };
    workload.replicas = Some(Located { value: judged, location: at });
    let place = scaler.spec("maxReplicas").map_or(scaler.location.clone(), Node::location);
    if let Some(found) = read(reader, scaler, workload) {
        let max = high.min(MOST_PODS).max(low);
        let value = Autoscaler { min: found.min.or(Some(low)), max, ..found };
        workload.autoscaler = Some(Located { value, location: place });
        return;
    }
    let up_to = if high == u32::MAX { String::new() } else { format!(" up to {high}") };
    let pods = if judged == 1 { "1 pod".to_owned() } else { format!("{judged} pods") };
    let message = format!(
        "`{}` is judged with {pods}: scaling{up_to} is not simulated, as nothing that it looks at can be",
        workload.object.path
    );
    let warning = Diagnostic::warning(code::NOT_SCALED, path, message).at(Some(place));
    let hint = "see what more pods do: `--set NAME.replicas=…`, with the name that `inspect` shows";
    reader.say(warning.hint(hint));
}

/// What an autoscaler looks at; `None` where it looks at nothing that is simulated.
fn read(reader: &mut Reader, scaler: &Object, workload: &mut Workload<'_>) -> Option<Autoscaler> {
    let path = join(&scaler.path, "spec");
    let mut found = Autoscaler::default();
    let usual = scaler.spec("targetCPUUtilizationPercentage");
    if let Some(node) = usual.filter(|node| !node.is_null()) {
        found.cpu = percent(reader, &join(&path, "targetCPUUtilizationPercentage"), node);
    }
    let list = join(&path, "metrics");
    let metrics = scaler.spec("metrics").map_or(&[][..], |node| reader.items(&list, node));
    for (index, metric) in metrics.iter().enumerate() {
        let path = join(&list, &index.to_string());
        add_metric(reader, &path, metric, &mut found, &mut workload.scaled_by);
    }
    let looks = |of: &Autoscaler| of.cpu.is_some() || of.memory.is_some() || of.requests.is_some();
    // Without any metric Kubernetes looks at the CPU.
    if !looks(&found) && metrics.is_empty() {
        found.cpu = Some(Ratio(0.8));
    }
    let lacking = without_requests(workload);
    for (name, target, lacking) in
        [("cpu", &mut found.cpu, lacking.0), ("memory", &mut found.memory, lacking.1)]
    {
        if target.is_some()
            && let Some(container) = lacking
        {
            *target = None;
            found.min = workload.replicas.as_ref().map(|replicas| replicas.value);
            let message = format!(
                "the container `{container}` of `{}` requests no {name}, of which its autoscaler looks at a share: in \
                 Kubernetes that metric fails, and as long as one does no pod is taken away",
                workload.object.path
            );
            let warning = Diagnostic::warning(code::DOUBTFUL, list.clone(), message);
            let hint = format!("set `resources.requests.{name}` of the container");
            reader.say(warning.at(Some(scaler.location.clone())).hint(hint));
        }
    }
    behavior::read(reader, scaler, &mut found);
    looks(&found).then_some(found)
}

/// The first containers that count and request no CPU and no memory: a metric is an error for a pod of which one
/// container requests nothing (kubernetes, `calculatePodRequests`).
fn without_requests<'w>(workload: &'w Workload<'_>) -> (Option<&'w str>, Option<&'w str>) {
    let counts =
        |one: &&Container| workload.scaled_by.as_ref().is_none_or(|name| *name == one.name);
    let lacking = |is_asked: fn(&Amounts) -> bool| {
        let mut all = workload.pod.containers.iter().filter(counts).peekable();
        if all.peek().is_none() {
            return workload.scaled_by.as_deref();
        }
        all.find(|one| !is_asked(&one.resources.requests)).map(|one| one.name.as_str())
    };
    (lacking(|requests| requests.cpu.is_some()), lacking(|requests| requests.memory.is_some()))
}

/// Takes over a metric that is simulated, and says so of the others.
fn add_metric(
    reader: &mut Reader,
    path: &str,
    metric: &Node,
    found: &mut Autoscaler,
    container: &mut Option<String>,
) {
    let kind = text(metric, "type").unwrap_or_default();
    let field = match kind.as_str() {
        "Resource" => "resource",
        "ContainerResource" => "containerResource",
        "Pods" => "pods",
        _ => "",
    };
    let body = metric.get(field);
    let name = match kind.as_str() {
        "Pods" => body.and_then(|body| text(body.get("metric")?, "name")),
        _ => body.and_then(|body| text(body, "name")),
    };
    let target = body.and_then(|body| body.get("target"));
    let at = |key: &str| target.and_then(|target| target.get(key)).filter(|node| !node.is_null());
    let path_of = |key: &str| join(path, &format!("{field}.target.{key}"));
    let utilisation = at("averageUtilization");
    let name = name.unwrap_or_default();
    // One container or all of them: a scenario knows the one or the other.
    let own = body.and_then(|body| text(body, "container"));
    let looks = found.cpu.is_some() || found.memory.is_some();
    let is_alike = kind != "Pods" && (!looks || own == *container);
    match (kind.as_str(), name.as_str(), utilisation, at("averageValue")) {
        (_, "cpu" | "memory", Some(node), _) if is_alike && !field.is_empty() => {
            let target = percent(reader, &path_of("averageUtilization"), node);
            *(if name == "cpu" { &mut found.cpu } else { &mut found.memory }) = target;
            (found.container_only, *container) = (own.is_some(), own);
        }
        ("Pods", name, _, Some(node)) if name.contains("requests_per_second") => {
            let rate = quantity::thousandths(reader, &path_of("averageValue"), node);
            found.requests =
                rate.map(|rate| Rate(rate as f64 / 1_000.0)).filter(|rate| rate.0 > 0.0);
        }
        _ => {
            let message = "this metric is not simulated, and scaling does not follow it".to_owned();
            let warning = Diagnostic::warning(code::NOT_MODELLED, path, message);
            let hint = "use of the CPU and of memory are, of all containers or of one, and pods' \
                        `…requests_per_second`";
            reader.say(warning.at(Some(metric.location())).hint(hint));
        }
    }
}

/// A share of what is requested; over ten times as much is never used, so that nothing follows from it.
fn percent(reader: &mut Reader, path: &str, node: &Node) -> Option<Ratio> {
    let percent = reader.integer(path, node, 1, i32::MAX.into())?;
    Some(Ratio(percent.value.min(1_000) as f64 / 100.0))
}

#[cfg(test)]
mod tests {
    use crate::import::{Draft, Sources, read};
    use crate::quantity::{Rate, Ratio, SimTime};
    use crate::scenario::{Autoscaler, Pace, Select};

    fn draft(spec: &str, containers: &str) -> Draft {
        let text = format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\n\
             spec: {{template: {{spec: {{containers: [{containers}]}}}}}}\n---\n\
             apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: web}}\n\
             spec: {{scaleTargetRef: {{kind: Deployment, name: web}}, maxReplicas: 9, {spec}}}\n"
        );
        let draft = read(&Sources::single("web.yaml", &text));
        draft.unwrap_or_else(|errors| panic!("{text}{errors:#?}"))
    }

    const ONE: &str = "{name: web, image: nginx, resources: {requests: {cpu: 500m, memory: 64Mi}}}";

    fn metric(kind: &str, name: &str, target: &str) -> String {
        format!("{{type: {kind}, resource: {{name: {name}, target: {{{target}}}}}}}")
    }

    #[test]
    fn what_an_autoscaler_looks_at_is_read() {
        let usual = Autoscaler { min: Some(1), max: 9, ..Autoscaler::default() };
        let minute = Some(SimTime::from_millis(60_000));
        let pace = Pace { containers: Some(2), share: None, period: minute, select: Select::Most };
        let both = Pace { share: Some(Ratio(0.5)), select: Select::Least, ..pace };
        let never = Pace { containers: None, period: None, select: Select::Never, ..pace };
        let cpu = Autoscaler { cpu: Some(Ratio(0.8)), ..usual };
        let waits = Autoscaler { down_window: Some(SimTime::from_millis(300_000)), ..cpu };
        let use_of = |name, percent| {
            metric("Resource", name, &format!("type: Utilization, averageUtilization: {percent}"))
        };
        let pods = "{type: Pods, pods: {metric: {name: http_requests_per_second}, target: {averageValue: 1500m}}}";
        let window = "behavior: {scaleDown: {stabilizationWindowSeconds: 60}, scaleUp: {stabilizationWindowSeconds: 30}}";
        for (spec, expected) in [
            (String::new(), cpu),
            (
                "targetCPUUtilizationPercentage: 60".to_owned(),
                Autoscaler { cpu: Some(Ratio(0.6)), ..usual },
            ),
            (
                format!(
                    "minReplicas: 1, metrics: [{}, {}, {pods}]",
                    use_of("cpu", 50),
                    use_of("memory", 90)
                ),
                Autoscaler {
                    cpu: Some(Ratio(0.5)),
                    memory: Some(Ratio(0.9)),
                    requests: Some(Rate(1.5)),
                    ..usual
                },
            ),
            (
                window.to_owned(),
                Autoscaler {
                    up_window: Some(SimTime::from_millis(30_000)),
                    down_window: Some(SimTime::from_millis(60_000)),
                    ..cpu
                },
            ),
            // Behaviour without a window has Kubernetes' own.
            (
                "behavior: {scaleUp: {policies: [{type: Pods, value: 2, periodSeconds: 60}]}}"
                    .to_owned(),
                Autoscaler { up: Some(pace), ..waits },
            ),
            (
                "behavior: {scaleUp: {selectPolicy: Min, policies: [{type: Pods, value: 2, periodSeconds: 60}, \
                 {type: Percent, value: 50, periodSeconds: 60}]}, scaleDown: {selectPolicy: Disabled}}"
                    .to_owned(),
                Autoscaler { up: Some(both), down: Some(never), ..waits },
            ),
        ] {
            let found = draft(&spec, ONE).scenario.services["web"].autoscaler;
            assert_eq!(found, Some(expected), "{spec}");
        }
    }

    #[test]
    fn containers_of_a_pod_are_scaled_together() {
        let side = "{name: side, image: envoyproxy/envoy, resources: {requests: {cpu: 100m}}}";
        let both = format!("{ONE}, {side}");
        let of = |spec: &str, name: &str| {
            let services = draft(spec, &both).scenario.services;
            (services[name].autoscaler, services[name].pod.clone())
        };
        let usual =
            Autoscaler { min: Some(1), max: 9, cpu: Some(Ratio(0.8)), ..Autoscaler::default() };
        assert_eq!(of("", "web"), (Some(usual), None));
        assert_eq!(of("", "web-side"), (None, Some("web".to_owned())));
        // One container of them counts alone, and the others follow.
        let target = "target: {type: Utilization, averageUtilization: 80}";
        let alone = format!(
            "{{type: ContainerResource, containerResource: {{name: cpu, container: side, {target}}}}}"
        );
        let spec = format!("metrics: [{alone}]");
        let found = Autoscaler { container_only: true, ..usual };
        assert_eq!(of(&spec, "web-side"), (Some(found), None));
        assert_eq!(of(&spec, "web"), (None, Some("web-side".to_owned())));
        // One that is not there requests nothing.
        let ghost = format!("metrics: [{}]", alone.replace("side", "ghost"));
        assert_eq!(of(&ghost, "web").0, None);
        // The one and the other are not looked at together.
        let spec =
            format!("metrics: [{alone}, {{type: Resource, resource: {{name: memory, {target}}}}}]");
        assert_eq!(of(&spec, "web-side").0, Some(found));
        let notes = draft(&spec, &both).notes;
        assert!(notes.iter().any(|note| note.message.starts_with("this metric")), "{notes:#?}");
    }

    #[test]
    fn what_is_not_simulated_is_said() {
        let said = |spec: &str, containers: &str, word: &str| {
            let draft = draft(spec, containers);
            assert_eq!(
                draft.scenario.services.values().next().and_then(|one| one.autoscaler),
                None
            );
            assert!(
                draft.notes.iter().any(|note| note.message.contains(word)),
                "{:#?}",
                draft.notes
            );
        };
        // A container requests nothing, though it does not count alone; a metric of somebody else.
        let side = format!("{ONE}, {{name: side, image: envoyproxy/envoy}}");
        said("", &side, "the container `side` of `Deployment/web` requests no cpu");
        said(
            "",
            "{name: web, image: nginx}",
            "is not simulated, as nothing that it looks at can be",
        );
        let external = "metrics: [{type: External, external: {metric: {name: queue}, target: {averageValue: 3}}}]";
        said(external, ONE, "this metric is not simulated");
        let policy = "{type: Pods, value: 2, periodSeconds: 60}";
        let other = policy.replace("60", "15");
        let draft =
            draft(&format!("behavior: {{scaleUp: {{policies: [{policy}, {other}]}}}}"), ONE);
        assert!(draft.notes.iter().any(|note| note.message.starts_with("not simulated: one by")));
    }
}
