//! What the files of a plan say of its services, whatever language they are written in: what the
//! readers of Compose and Kubernetes fill in, and the mapping reads.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::deployment::PodContainer;
use super::field::Located;
use super::node::Node;
use crate::diagnostic::{Diagnostic, Location};
use crate::quantity::Bytes;
use crate::scenario::{Autoscaler, Restart, Rollout};

/// The language of the files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Language {
    /// Compose files.
    #[default]
    Compose,
    /// Kubernetes manifests.
    Kubernetes,
}

impl Language {
    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Language::Compose => "Compose",
            Language::Kubernetes => "Kubernetes",
        }
    }

    /// The key under which keys of the scenario stand.
    pub(super) fn extension(self) -> &'static str {
        match self {
            Language::Compose => "x-plimsoll",
            Language::Kubernetes => "plimsoll.dev/config",
        }
    }

    /// The same as one of several things that a service may have: `an x-plimsoll`.
    pub(super) fn an_extension(self) -> String {
        match self {
            Language::Compose => format!("an `{}:`", self.extension()),
            Language::Kubernetes => format!("an annotation `{}`", self.extension()),
        }
    }

    /// How `keys` of the scenario are written, for hints: as in `x-plimsoll: {calls: […]}`. What an
    /// annotation holds is a text.
    pub(super) fn own(self, keys: &str) -> String {
        match self {
            Language::Compose => format!("{}: {{{keys}}}", self.extension()),
            Language::Kubernetes => format!("{}: '{{{keys}}}'", self.extension()),
        }
    }
}

/// A plan as its files state it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Plan {
    pub(super) language: Language,
    pub(super) name: Option<Located<String>>,
    pub(super) services: Vec<Service>,
    /// Keys of the scenario that stand in the files, as written.
    pub(super) extension: Option<Node>,
    /// Warnings and notes of the reading.
    pub(super) remarks: Vec<Diagnostic>,
}

/// One service as its file states it; what the file does not say is `None` or empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Service {
    pub(super) name: String,
    /// Where it is defined.
    pub(super) location: Location,
    /// The namespace in which its names hold, and in which it looks for others; empty where there are
    /// none.
    pub(super) namespace: String,
    /// Further names by which others reach it.
    pub(super) aliases: Vec<Alias>,
    /// Whether it shares a network with the others of its host that do.
    pub(super) on_host: bool,
    /// Names that it alone has for others, with the service that each means.
    pub(super) links: BTreeMap<String, String>,
    /// Services that it reaches through ports of `localhost`.
    pub(super) neighbours: Arc<BTreeMap<u16, String>>,
    pub(super) image: Option<Located<String>>,
    /// Where it is said that the image is built here.
    pub(super) build: Option<Location>,
    /// The words that replace the image's entrypoint.
    pub(super) entrypoint: Option<Located<Vec<String>>>,
    /// The words that replace the image's arguments.
    pub(super) command: Option<Located<Vec<String>>>,
    /// Environment variables; values may be secrets.
    pub(super) environment: BTreeMap<String, Located<String>>,
    pub(super) labels: BTreeMap<String, Located<String>>,
    pub(super) resources: Resources,
    /// The pod in which it stands, as a number; `None`: there are none.
    pub(super) pod: Option<usize>,
    /// Containers of this kind.
    pub(super) replicas: Option<Located<u32>>,
    pub(super) restart: Option<Located<Restart>>,
    /// How often it is started again at the most.
    pub(super) restart_attempts: Option<Located<u32>>,
    /// How its containers make way for new ones.
    pub(super) rollout: Option<Located<Rollout>>,
    /// How many containers there are as the load asks for.
    pub(super) autoscaler: Option<Located<Autoscaler>>,
    /// Whether it is started again only where it failed.
    pub(super) restarts_failed_only: bool,
    pub(super) ports: Ports,
    /// The longest listen queue that the kernel lets it have; `None`: as long as usual.
    pub(super) somaxconn: Option<Located<u32>>,
    /// Services that must be there first.
    pub(super) dependencies: Vec<Dependency>,
    /// Why it ends though nothing waits for it, if so.
    pub(super) ends: Option<String>,
    /// Files and folders of the plan's own that it sees.
    pub(super) mounts: Vec<Mount>,
    /// Files with settings that are seen and not read.
    pub(super) settings: Vec<Located<Settings>>,
    /// What it is called in Kubernetes.
    pub(super) pod_container: Option<PodContainer>,
    /// Keys that were read and that the model does not use.
    pub(super) unused: Vec<(&'static str, Location)>,
    /// Keys of the scenario that stand at the service, as written.
    pub(super) extension: Option<Node>,
}

/// A name by which others reach a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Alias {
    /// The namespace in which it holds; empty where there are none.
    pub(super) namespace: String,
    pub(super) name: String,
}

/// A host without what may follow the namespace in the whole name of a Service: `.svc`, and the domain of the cluster,
/// which is `cluster.local` unless its operators chose another (kubernetes/website, DNS for Services and Pods).
pub(super) fn without_cluster(host: &str) -> &str {
    let host = host.trim_end_matches('.');
    let end = host.find(".svc.").or_else(|| host.strip_suffix(".svc").map(str::len));
    // Before it stand a name and a namespace, unless it is a host of the world.
    end.map(|end| &host[..end]).filter(|rest| rest.contains('.')).unwrap_or(host)
}

/// What one container may use, and what is set aside for it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Resources {
    pub(super) memory: Option<Located<Bytes>>,
    /// The keys that state `memory`, with their places: whoever writes the limit anew must know.
    pub(super) memory_keys: Vec<(&'static str, Location)>,
    pub(super) swap: Option<Located<Bytes>>,
    pub(super) cpus: Option<Located<f64>>,
    pub(super) cpu_shares: Option<Located<u32>>,
    pub(super) oom_score_adj: Option<Located<i32>>,
    /// Memory that a scheduler sets aside.
    pub(super) memory_reservation: Option<Located<Bytes>>,
    /// Cores that a scheduler sets aside.
    pub(super) cpu_reservation: Option<Located<f64>>,
    /// What it sets aside for the whole pod at the least, for what runs first.
    pub(super) init_memory_reservation: Option<Located<Bytes>>,
    /// Likewise in cores.
    pub(super) init_cpu_reservation: Option<Located<f64>>,
}

/// Where a service can be reached.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Ports {
    /// Where it is said that clients outside reach it.
    pub(super) published: Option<Location>,
    /// Where it is given a name inside, under which anybody may be meant to reach it.
    pub(super) served: Option<Location>,
    /// Whether it names any port, published or not.
    pub(super) any: bool,
}

/// A file with settings, or a folder of them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Settings {
    /// What it is, in words.
    pub(super) shown: String,
    /// Where it is mounted; `None`: it is a file of the service's software, which another one includes.
    pub(super) path: Option<String>,
}

/// A file or folder that a service sees.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mount {
    /// Where the service sees it.
    pub(super) path: String,
    /// Whether a variable was filled in: the path is never shown then.
    pub(super) is_secret: bool,
    pub(super) location: Location,
}

/// A service that must be there before another.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Dependency {
    pub(super) service: String,
    /// Whether it must have ended, and succeeded.
    pub(super) ended: bool,
    pub(super) location: Location,
}
