//! Autoscalers: how many pods there are before any scaling, which is not simulated.

use super::object::{Object, text};
use super::workload::Workload;
use crate::diagnostic::{Diagnostic, Severity};
use crate::import::code;
use crate::import::compose::MAX_REPLICAS;
use crate::import::field::{Located, Reader};
use crate::import::node::{Node, join};

/// Lets every HorizontalPodAutoscaler bound the replicas of its workload.
pub(super) fn apply(reader: &mut Reader, objects: &[Object], workloads: &mut [Workload<'_>]) {
    for scaler in objects.iter().filter(|one| one.kind == "HorizontalPodAutoscaler") {
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
    // The higher bound is only told.
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
    let up_to = if high == u32::MAX { String::new() } else { format!(" up to {high}") };
    let pods = if judged == 1 { "1 pod".to_owned() } else { format!("{judged} pods") };
    let message = format!(
        "`{}` is judged with {pods}: scaling{up_to} is not simulated",
        workload.object.path
    );
    let note = Diagnostic::warning(code::NOT_SCALED, path, message).at(Some(place));
    let hint = "see what more pods do: `--set NAME.replicas=…`, with the name that `inspect` shows";
    reader.say(Diagnostic { severity: Severity::Note, ..note.hint(hint) });
}
