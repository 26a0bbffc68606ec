//! From files of any kind to a draft: a scenario with the places of its values, and what was
//! assumed on the way.

use super::code;
use super::decode::decode;
use super::deployment::Deployment;
use super::node::{Node, Value};
use super::per_core::PerCore;
use super::sources::{Kind, Sources, kind};
use super::yaml;
#[cfg(feature = "plans")]
use super::{compose, kubernetes, mapping, plan::Plan};
use crate::diagnostic::{Diagnostic, Provenance, Severity, no_services};
use crate::report::Ignored;
use crate::scenario::Scenario;

/// The only version of the scenario language.
const VERSION: i128 = 1;

/// A scenario as it was understood, before it is settled into a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The scenario.
    pub scenario: Scenario,
    /// What was not understood or had to be assumed: warnings and notes, never errors.
    pub notes: Vec<Diagnostic>,
    /// Where values stand in the files, by path (`services.api.memory`; items of lists by their
    /// index, as in `traffic.spikes.0.factor`). A value without an entry was derived or is a
    /// default.
    pub provenance: Provenance,
    /// What follows from the cores of the host, unless it is overridden itself.
    pub per_core: Vec<PerCore>,
    /// What the plan is deployed with.
    pub deployment: Deployment,
    /// A name for reports: the scenario's, else the Compose project's, else the first file's.
    pub name: String,
}

impl Draft {
    /// What stands in the files and was not read or is doubtful, in the order of the notes: every warning,
    /// and the notes of that kind.
    pub fn ignored(&self) -> Vec<Ignored> {
        let notes = [
            code::NOT_MODELLED,
            code::INACTIVE_PROFILE,
            code::ENDS_FIRST,
            code::OTHER_OBJECT,
            code::NOT_SCALED,
        ];
        let is_wanted =
            |note: &&Diagnostic| note.severity == Severity::Warning || notes.contains(&note.code);
        self.notes
            .iter()
            .filter(is_wanted)
            .map(|note| Ignored {
                code: note.code.to_owned(),
                severity: Some(note.severity),
                path: note.path.clone(),
                file: note.location.as_ref().map(|location| location.file.clone()),
                line: note.location.as_ref().map(|location| location.line),
                column: note.location.as_ref().map(|location| location.column),
                message: note.message.clone(),
                hint: note.hint.clone(),
            })
            .collect()
    }
}

/// Reads a draft from files, which are recognised by their content: Compose files (several are
/// merged; `x-plimsoll` carries our keys), Kubernetes manifests (the objects of all files together;
/// annotations `plimsoll.dev/config` carry our keys), or one scenario file (`version: 1`); Prometheus rule
/// files may be given with any of them.
///
/// # Errors
/// All errors at once, with the warnings that may explain them. Kustomizations
/// are recognised and refused, and so is a plan without services
/// ([`NO_SERVICES`](crate::model::NO_SERVICES)). The values of environment variables are never shown.
///
/// ```
/// use plimsoll::import::{Sources, read};
/// let text = "services: {cache: {image: 'redis:7', command: redis-server --maxmemory 48mb}}";
/// let draft = read(&Sources::single("compose.yaml", text)).unwrap();
/// let cache = &draft.scenario.services["cache"];
/// assert_eq!(cache.profile.as_deref(), Some("redis"));
/// assert_eq!(draft.provenance["services.cache.maxmemory"].line, 1);
///
/// let text = "{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [
///     {name: web, image: nginx, resources: {limits: {memory: 64Mi}}}]}}";
/// let draft = read(&Sources::single("pod.yaml", text)).unwrap();
/// assert_eq!(draft.scenario.services["web"].memory.unwrap().as_mib(), 64.0);
/// assert_eq!(draft.deployment.pod_container("web").unwrap().kind, "Pod");
/// ```
pub fn read(sources: &Sources) -> Result<Draft, Vec<Diagnostic>> {
    let documents = documents(sources)?;
    let refused: Vec<Diagnostic> = documents.iter().filter_map(refuse).collect();
    if !refused.is_empty() {
        return Err(refused);
    }
    #[cfg(feature = "alerts")]
    let (rules, documents, ref sources) = super::prometheus::take(sources, documents)?;
    let first = |wanted: &Kind| documents.iter().find(|(kind, _)| kind == wanted);
    let mut draft = if let Some((_, tree)) = first(&Kind::Scenario) {
        if documents.len() > 1 {
            return Err(vec![mixed(tree)]);
        }
        scenario(tree.clone())?
    } else {
        planned(documents, sources)?
    };
    #[cfg(feature = "alerts")]
    super::prometheus::add(&rules, &mut draft)?;
    if draft.name.is_empty() {
        draft.name = sources.files.first().map(|file| file.name.clone()).unwrap_or_default();
    }
    draft.name.clone_into(&mut draft.scenario.name);
    if draft.scenario.services.is_empty() {
        return Err(vec![no_services().hint(why_empty(&draft.notes))]);
    }
    Ok(draft)
}

/// What to do about a plan without services.
fn why_empty(notes: &[Diagnostic]) -> &'static str {
    let has = |code: &str| notes.iter().any(|note| note.code == code);
    if has(code::INACTIVE_PROFILE) {
        "services that a Compose profile guards need `--compose-profile` (`profiles` in Python), or \
         `COMPOSE_PROFILES` in `.env`"
    } else if has(code::NO_REPLICAS) {
        "a service with no replicas has no containers: give one at least one replica"
    } else if has(code::ENDS_FIRST) {
        "jobs end and are not judged: give the files of what runs for good as well"
    } else {
        "write them under `services:`, or begin with a ready scenario"
    }
}

/// Every document of every file with its kind.
fn documents(sources: &Sources) -> Result<Vec<(Kind, Node)>, Vec<Diagnostic>> {
    if sources.files.is_empty() {
        let hint = "give a Compose file, Kubernetes manifests or a scenario file";
        return Err(vec![Diagnostic::error(code::SOURCES, "", "there is no file").hint(hint)]);
    }
    let (mut documents, mut errors) = (Vec::new(), Vec::new());
    for file in &sources.files {
        match yaml::read(&file.name, &file.text) {
            Ok(found) => {
                let found = found.into_iter().filter(|tree| !tree.is_null());
                documents.extend(found.map(|tree| (kind(&tree), tree)));
            }
            Err(mut found) => errors.append(&mut found),
        }
    }
    if errors.is_empty() { Ok(documents) } else { Err(errors) }
}

fn refuse((kind, tree): &(Kind, Node)) -> Option<Diagnostic> {
    let (message, hint) = match kind {
        Kind::Rules if !cfg!(feature = "alerts") => (
            "this is a file of Prometheus rules, which is not read yet",
            "give a Compose file, Kubernetes manifests or a scenario file (`version: 1`)",
        ),
        Kind::Kustomization => (
            "this is a kustomization, which names manifests and is none",
            "build it first and give what comes out: `kubectl kustomize . | plimsoll check -`",
        ),
        Kind::Compose | Kind::Kubernetes | Kind::Scenario | Kind::Rules => return None,
    };
    Some(Diagnostic::error(code::NOT_READ_YET, "", message).at(Some(tree.location())).hint(hint))
}

/// A plan of Compose files or Kubernetes manifests, where nobody can read it.
#[cfg(not(feature = "plans"))]
fn planned(documents: Vec<(Kind, Node)>, _: &Sources) -> Result<Draft, Vec<Diagnostic>> {
    let message = "this is no scenario file, and this engine was built without any other";
    let error = Diagnostic::error(code::NOT_READ_YET, "", message);
    Err(vec![error.at(documents.first().map(|(_, tree)| tree.location()))])
}

/// Reads Compose files or Kubernetes manifests.
#[cfg(feature = "plans")]
fn planned(documents: Vec<(Kind, Node)>, sources: &Sources) -> Result<Draft, Vec<Diagnostic>> {
    let has_manifests = documents.iter().any(|(kind, _)| *kind == Kind::Kubernetes);
    let plan =
        if has_manifests { manifests(documents, sources)? } else { compose::read(sources)?.into() };
    mapping::map(plan)
}

/// Reads Kubernetes manifests; a file of another kind does not go with them.
#[cfg(feature = "plans")]
fn manifests(documents: Vec<(Kind, Node)>, sources: &Sources) -> Result<Plan, Vec<Diagnostic>> {
    let stranger = |(kind, tree): &(Kind, Node)| {
        // Without `services` it is more likely an object that lacks its `kind`.
        *kind != Kind::Kubernetes && tree.get("services").is_some()
    };
    if let Some((_, tree)) = documents.iter().find(|document| stranger(document)) {
        let message = "a Compose file was given together with Kubernetes manifests";
        let error = Diagnostic::error(code::SOURCES, "", message).at(Some(tree.location()));
        return Err(vec![error.hint("judge each by itself")]);
    }
    let texts = sources.files.iter().map(|file| (file.name.as_str(), file.text.as_str()));
    kubernetes::read(documents.into_iter().map(|(_, tree)| tree).collect(), &texts.collect())
}

fn mixed(scenario: &Node) -> Diagnostic {
    let message = "a scenario file stands alone, but other files were given with it";
    let hint = "in a Compose file, traffic, host and objectives stand under `x-plimsoll`, in a \
                Kubernetes manifest under the annotation `plimsoll.dev/config`";
    Diagnostic::error(code::SOURCES, "", message).at(Some(scenario.location())).hint(hint)
}

/// Reads a scenario file.
fn scenario(mut tree: Node) -> Result<Draft, Vec<Diagnostic>> {
    check_version(&tree)?;
    let errors = yaml::resolve_merge_keys(&mut tree);
    if !errors.is_empty() {
        return Err(errors);
    }
    let scenario: Scenario = decode(&tree, "")?;
    let mut provenance = Provenance::new();
    trace(&tree, "", &mut provenance);
    let name = scenario.name.clone();
    let (notes, per_core) = (Vec::new(), Vec::new());
    Ok(Draft { scenario, notes, provenance, per_core, deployment: Deployment::Unsaid, name })
}

/// A wrong version explains every other complaint, so it is the only one.
fn check_version(tree: &Node) -> Result<(), Vec<Diagnostic>> {
    let found = tree.get("version").filter(|version| !version.is_null());
    if found.and_then(Node::as_integer) == Some(VERSION) {
        return Ok(());
    }
    let (code, message) = match found {
        Some(found) => {
            let message = format!("{} is no version of the scenario language", found.describe());
            (code::INVALID_VALUE, message)
        }
        None => (code::MISSING, "the key `version` is missing".to_owned()),
    };
    let hint = "a scenario file says `version: 1`; in a Compose file, keys of the scenario stand \
                under `x-plimsoll`, and `version` is a text";
    let place = found.unwrap_or(tree).location();
    Err(vec![Diagnostic::error(code, "version", message).at(Some(place)).hint(hint)])
}

/// Notes where every value under `node` stands, `path` first.
pub(super) fn trace(node: &Node, path: &str, provenance: &mut Provenance) {
    let inside = |name: &str| match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    if !path.is_empty() {
        provenance.insert(path.to_owned(), node.location());
    }
    match &node.value {
        Value::Mapping(entries) => {
            for (key, value) in entries {
                trace(value, &inside(&key.name), provenance);
            }
        }
        Value::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                trace(item, &inside(&index.to_string()), provenance);
            }
        }
        Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) | Value::String(_) => {}
    }
}
