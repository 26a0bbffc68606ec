//! Kubernetes manifests: the objects of all files as one [`Plan`], every value with its place.
//!
//! ```text
//! documents → objects (object) → workloads with their pods (workload, pod, container)
//!           → services, reached through Services and Ingresses (network), named (plan)
//! ```
//!
//! Workloads run containers, and each container of a pod is a service of the plan. What else the
//! model needs is looked up beside them: ConfigMaps and Secrets for variables, Services and routes
//! for who reaches whom, autoscalers for replicas, ranges for limits that a container lacks, quotas for
//! pods that would not be created. Kinds that run nothing are listed as not read; a kind that is not
//! known is a warning, since what it may run is missing. All pods are placed on one node, which is the host.

use super::code;
use super::field::Reader;
use super::node::Node;
use super::plan::{Language, Plan};
use super::yaml;
use crate::diagnostic::{Diagnostic, Severity};
use crate::ordered::Arrange;

mod annotation;
mod autoscaler;
mod behavior;
mod container;
mod downward;
mod environment;
mod host_port;
mod key;
mod kind;
mod link;
mod namespace;
mod network;
mod object;
mod plan;
mod pod;
mod quantity;
mod quota;
mod range;
mod resources;
mod rollout;
mod settings;
mod substitution;
mod values;
mod workload;

pub(super) use annotation::Texts;

/// Reads a plan from the documents of its files; `texts` are the files themselves, by name.
///
/// # Errors
/// All errors at once, with the warnings that may explain them. Values of Secrets are never shown.
pub(super) fn read(mut documents: Vec<Node>, texts: &Texts<'_>) -> Result<Plan, Vec<Diagnostic>> {
    let mut reader = Reader::of(Language::Kubernetes);
    for document in &mut documents {
        let errors = yaml::resolve_merge_keys(document);
        errors.into_iter().for_each(|error| reader.say(error));
    }
    let objects = object::objects(&mut reader, documents);
    let mut plan = plan::assemble(&mut reader, &objects, texts);
    reader.tell_left_out();
    let mut said = reader.diagnostics;
    if said.iter().any(|one| one.severity == Severity::Error) {
        said.retain(|one| one.severity != Severity::Note);
        said.arrange(|a, b| (a.severity, &a.location).cmp(&(b.severity, &b.location)));
        return Err(said);
    }
    plan.remarks = said;
    Ok(plan)
}

/// What is said where a template was not rendered.
fn template(reader: &mut Reader, path: &str, node: &Node) {
    let message = "this is a template: its `{{ … }}` are still to be filled in";
    let error = Diagnostic::error(code::SYNTAX, path, message).at(Some(node.location()));
    reader.say(error.hint(super::yaml::TEMPLATE_HINT));
}
