//! What a plan is deployed with.

use std::collections::BTreeMap;

/// What a plan is deployed with, which is also how a command gets into its containers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Deployment {
    /// The plan does not say: it is a scenario file.
    #[default]
    Unsaid,
    /// Compose.
    Compose,
    /// Kubernetes, with what each service is called there, by its name in the scenario.
    Kubernetes(BTreeMap<String, PodContainer>),
}

impl Deployment {
    /// What a service is called in Kubernetes; `None` elsewhere, and where manifests do not define it.
    pub fn pod_container(&self, service: &str) -> Option<&PodContainer> {
        match self {
            Deployment::Kubernetes(containers) => containers.get(service),
            Deployment::Compose | Deployment::Unsaid => None,
        }
    }
}

/// What a service of a plan is called in Kubernetes: a container in the pods of a workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodContainer {
    /// The version of the workload's API, such as `apps/v1`.
    pub api_version: String,
    /// The kind of the workload, such as `Deployment`.
    pub kind: String,
    /// The namespace, where the file states one.
    pub namespace: Option<String>,
    /// The workload's name.
    pub workload: String,
    /// The container's name.
    pub container: String,
    /// Whether it stands among the `initContainers`, as a sidecar does that is restarted.
    pub is_init: bool,
}
