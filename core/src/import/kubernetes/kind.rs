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

/// What an object of this kind is.
pub(super) fn meaning(kind: &str) -> Meaning {
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
        kind if INERT.contains(&kind) => Meaning::Inert,
        _ => Meaning::Unknown,
    }
}
