//! The keys that Kubernetes knows and the model leaves out, per mapping.

/// Keys of a `Deployment`'s `spec` and those like it.
pub(super) const WORKLOAD: &[&str] = &[
    "activeDeadlineSeconds",
    "backoffLimit",
    "completions",
    "concurrencyPolicy",
    "failedJobsHistoryLimit",
    "minReadySeconds",
    "ordinals",
    "parallelism",
    "paused",
    "persistentVolumeClaimRetentionPolicy",
    "podManagementPolicy",
    "progressDeadlineSeconds",
    "revisionHistoryLimit",
    "schedule",
    "startingDeadlineSeconds",
    "successfulJobsHistoryLimit",
    "suspend",
    "ttlSecondsAfterFinished",
    "volumeClaimTemplates",
];
/// Keys of such a `spec` that are read.
pub(super) const WORKLOAD_READ: &[&str] = &[
    "jobTemplate",
    "replicas",
    "selector",
    "serviceName",
    "strategy",
    "template",
    "updateStrategy",
];

/// Keys of a `strategy` or `updateStrategy` that are read.
pub(super) const STRATEGY_READ: &[&str] = &["rollingUpdate", "type"];
/// Keys of its `rollingUpdate`.
pub(super) const ROLLING: &[&str] = &["partition"];
/// Keys of it that are read.
pub(super) const ROLLING_READ: &[&str] = &["maxSurge", "maxUnavailable"];

/// Keys of a pod's `spec`.
pub(super) const POD: &[&str] = &[
    "activeDeadlineSeconds",
    "affinity",
    "automountServiceAccountToken",
    "dnsConfig",
    "dnsPolicy",
    "ephemeralContainers",
    "hostAliases",
    "hostIPC",
    "hostPID",
    "hostUsers",
    "hostname",
    "hostnameOverride",
    "imagePullSecrets",
    "nodeName",
    "nodeSelector",
    "os",
    "overhead",
    "preemptionPolicy",
    "priority",
    "priorityClassName",
    "readinessGates",
    "resourceClaims",
    "runtimeClassName",
    "schedulerName",
    "schedulingGates",
    "securityContext",
    "serviceAccount",
    "serviceAccountName",
    "setHostnameAsFQDN",
    "shareProcessNamespace",
    "subdomain",
    "tolerations",
    "topologySpreadConstraints",
];
/// Keys of a pod's `spec` that are read.
pub(super) const POD_READ: &[&str] = &[
    "containers",
    "enableServiceLinks",
    "initContainers",
    "restartPolicy",
    "hostNetwork",
    "resources",
    "terminationGracePeriodSeconds",
    "volumes",
];

/// Keys of a container.
pub(super) const CONTAINER: &[&str] = &[
    "imagePullPolicy",
    "lifecycle",
    "livenessProbe",
    "readinessProbe",
    "resizePolicy",
    "restartPolicyRules",
    "securityContext",
    "startupProbe",
    "stdin",
    "stdinOnce",
    "terminationMessagePath",
    "terminationMessagePolicy",
    "tty",
    "volumeDevices",
    "workingDir",
];
/// Keys of a container that are read.
pub(super) const CONTAINER_READ: &[&str] = &[
    "name",
    "image",
    "command",
    "args",
    "env",
    "envFrom",
    "ports",
    "resources",
    "restartPolicy",
    "volumeMounts",
];

/// Keys under `resources`.
pub(super) const RESOURCES: &[&str] = &["claims"];
/// Keys under `resources` that are read.
pub(super) const RESOURCES_READ: &[&str] = &["limits", "requests"];
/// Keys under `limits` and `requests` that are read.
pub(super) const AMOUNTS_READ: &[&str] = &["cpu", "memory"];
