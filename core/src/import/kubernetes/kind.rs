//! The kinds of objects, and what each is for the model.

/// What an object is for the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It runs pods for good; whether it has `replicas`.
    Runs {
        /// Whether `spec.replicas` says how many; else there is one on the node.
        replicated: bool,
    },
    /// It is a pod itself.
    Pod,
    /// It runs pods that end.
    Ends,
    /// It is looked up for others: a ConfigMap, a Service and the like.
    Aside,
    /// It takes no part; the model leaves out what it does.
    Unmodelled,
    /// It runs nothing.
    Inert,
    /// Nobody knows what it runs.
    Unknown,
}

/// Kinds that run nothing that a plan would miss.
const INERT: &[&str] = &[
    "APIService",
    "CSIDriver",
    "Certificate",
    "ClusterIssuer",
    "ClusterRole",
    "ClusterRoleBinding",
    "ControllerRevision",
    "CustomResourceDefinition",
    "Endpoints",
    "EndpointSlice",
    "Event",
    "Gateway",
    "GatewayClass",
    "IngressClass",
    "Issuer",
    "Lease",
    "MutatingWebhookConfiguration",
    "Namespace",
    "NetworkPolicy",
    "Node",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "PodMonitor",
    "PodSecurityPolicy",
    "PodTemplate",
    "PriorityClass",
    "PrometheusRule",
    "Role",
    "RoleBinding",
    "RuntimeClass",
    "SealedSecret",
    "SecretStore",
    "ServiceAccount",
    "ServiceMonitor",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "VolumeSnapshot",
    "VolumeSnapshotClass",
];

/// Groups of Kubernetes itself whose names have no dot; the others end with [`OWN_DOMAIN`].
const OWN_GROUPS: [&str; 6] = ["", "apps", "autoscaling", "batch", "extensions", "policy"];
/// How the other groups of Kubernetes itself end, such as `networking.k8s.io` (kubernetes/website, "API groups").
const OWN_DOMAIN: &str = ".k8s.io";

/// What an object of this kind is. Kinds of other groups may be called like those of Kubernetes: the `Service` of
/// Knative runs pods, and the `Job` of Volcano has several templates.
pub(super) fn meaning(kind: &str, api_version: &str) -> Meaning {
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let is_own = OWN_GROUPS.contains(&group) || group.ends_with(OWN_DOMAIN);
    match kind {
        // Many of them come with other groups.
        kind if INERT.contains(&kind) => Meaning::Inert,
        kind if is_own => own(kind),
        _ => Meaning::Unknown,
    }
}

/// What an object of a kind of Kubernetes itself is.
fn own(kind: &str) -> Meaning {
    match kind {
        "Deployment" | "StatefulSet" | "ReplicaSet" | "ReplicationController" => {
            Meaning::Runs { replicated: true }
        }
        "DaemonSet" => Meaning::Runs { replicated: false },
        "Pod" => Meaning::Pod,
        "Job" | "CronJob" => Meaning::Ends,
        "ConfigMap"
        | "Secret"
        | "Service"
        | "Ingress"
        | "HTTPRoute"
        | "LimitRange"
        | "HorizontalPodAutoscaler"
        | "ResourceQuota" => Meaning::Aside,
        "PodDisruptionBudget" | "VerticalPodAutoscaler" => Meaning::Unmodelled,
        _ => Meaning::Unknown,
    }
}
