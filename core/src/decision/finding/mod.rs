//! Rules of thumb that a plan breaks, found on the settled model without simulating.
//!
//! A rule knows software, never a particular plan. Each says what it holds against, where that comes
//! from, and why it matters ([`RULES`]). A finding whose numbers hang on an estimate (it would not be
//! raised at the low end of every estimate's range) is one step milder than its rule, and says so.
//!
//! ```
//! use plimsoll::{decision::finding::findings, import, model};
//! let text = "{ version: 1, services: { cache: { profile: redis, memory: 5GiB } } }";
//! let draft = import::read(&import::Sources::single("plan.yaml", text)).unwrap();
//! let model = model::build(&draft.scenario, &draft.provenance).unwrap();
//! let all = findings(&model, &draft.provenance);
//! let codes: Vec<_> = all.into_iter().map(|finding| finding.code).collect();
//! assert!(codes.contains(&"PL001".to_owned())); // the limit is above the host's 4 GiB
//! ```

mod agreement;
#[cfg(feature = "alerts")]
mod alert;
mod allowance;
mod broker;
mod connection;
mod container;
mod database;
mod facts;
mod heap;
mod host;
mod objective;
mod operation;
mod possible;
mod processor;
mod rate;
mod rest;
mod retry;
mod scheduling;
mod store;
#[cfg(test)]
mod tests;
mod unknown;

use crate::diagnostic::Location;
use crate::model::{Model, Provenance};
use crate::ordered::Arrange;
use crate::report::{Finding, FindingSeverity, Setting};
use facts::Facts;
pub(super) use facts::low_bytes;
pub(super) use unknown::guessed_range;

/// A rule of thumb.
pub struct Rule {
    /// Stable code, such as `PL010`; a code is never given to another rule.
    pub code: &'static str,
    /// How bad it is where no estimate is involved; one step milder where one is.
    pub severity: FindingSeverity,
    /// What is wrong, in one line.
    pub title: &'static str,
    /// The rule, where it comes from, and why it matters.
    pub doc: &'static str,
    check: fn(&Facts<'_>) -> Vec<Draft>,
}

/// What a rule says of itself, where anybody can ask for it.
const fn explained(text: &'static str) -> &'static str {
    if cfg!(feature = "questions") { text } else { "" }
}

/// What a rule found.
struct Draft {
    /// The service, if it is about one.
    service: Option<u32>,
    /// Path of the value to change.
    path: String,
    message: String,
    hint: String,
    /// What to set, where the hint begins with a value.
    fix: Vec<Setting>,
    /// Whether it holds whatever the estimates are.
    certain: bool,
}

impl Draft {
    /// The same, mended by these values.
    fn mended_by(mut self, fix: impl IntoIterator<Item = Setting>) -> Self {
        self.fix.extend(fix);
        self
    }
}

/// Every rule, by code.
pub const RULES: &[Rule] = &[
    host::LIMITS_ABOVE_HOST,
    host::REST_ABOVE_HOST,
    host::LIMITS_NEED_SWAP,
    scheduling::REQUESTS_ABOVE_NODE,
    scheduling::ROLLOUT_WITHOUT_ROOM,
    container::REST_ABOVE_LIMIT,
    container::REST_NEAR_LIMIT,
    container::NO_LIMIT,
    unknown::UNKNOWN_SOFTWARE,
    container::SEES_TOO_LITTLE,
    store::MAXMEMORY_NEAR_LIMIT,
    store::NO_ROOM_TO_FORK,
    store::CACHE_WITHOUT_EVICTION,
    store::CACHE_WITHOUT_BOUND,
    broker::WATERMARK_BELOW_REST,
    heap::CAP_ABOVE_LIMIT,
    heap::CAP_NOT_STATED,
    connection::START_ABOVE_ACCEPTED,
    connection::POOLS_ABOVE_ACCEPTED,
    connection::SESSION_POOLING,
    connection::WAITS_FOR_EVER,
    database::WORST_CASE_ABOVE_LIMIT,
    database::BUFFERS_TOO_LARGE,
    processor::QUOTA_ABOVE_CORES,
    processor::QUOTA_STALLS,
    processor::CORES_OUT_OF_REACH,
    processor::TRAFFIC_ABOVE_CORES,
    operation::STAYS_DOWN,
    operation::USERS_ABOVE_CONNECTIONS,
    operation::USERS_ABOVE_QUEUE,
    operation::AFTER_THE_END,
    objective::NEVER_HOLDS,
    objective::NEVER_FAILS,
    agreement::CONTRADICTION,
    agreement::REDUNDANT,
    allowance::ALLOWED_MORE,
    retry::MULTIPLIED,
    #[cfg(feature = "alerts")]
    alert::NEVER_FIRES,
];

/// The rule with this code.
///
/// ```
/// assert_eq!(plimsoll::decision::finding::rule("PL010").unwrap().code, "PL010");
/// assert!(plimsoll::decision::finding::rule("PL999").is_none());
/// ```
pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.code == code)
}

/// Every rule that the model breaks, the worst first, then by code and service. The place of each is
/// that of the value to change, or of what encloses it or stands beside it where the value is not
/// written down.
pub fn findings(model: &Model, provenance: &Provenance) -> Vec<Finding> {
    findings_beside(model, provenance, &[])
}

/// The same, where runs have shown the highest peak of a container of each service, by id; empty where
/// none was made.
pub(super) fn findings_beside(
    model: &Model,
    provenance: &Provenance,
    peaks: &[u64],
) -> Vec<Finding> {
    // A version of the language stands in scenario files alone.
    let is_scenario = provenance.contains_key("version");
    let facts = Facts { peaks: peaks.to_vec(), is_scenario, ..Facts::new(model) };
    let mut all: Vec<Finding> = RULES
        .iter()
        .flat_map(|rule| {
            (rule.check)(&facts).into_iter().map(|draft| finding(rule, draft, model, provenance))
        })
        .collect();
    all.arrange(|a, b| {
        let key = |finding: &Finding| (finding.severity, finding.code.clone());
        key(a)
            .cmp(&key(b))
            .then_with(|| a.service.cmp(&b.service))
            .then_with(|| a.message.cmp(&b.message))
    });
    all
}

/// The services that are useless whatever the load is, with the reason: only what holds whatever the estimates are.
pub(super) fn unworkable(model: &Model) -> Vec<(&str, String)> {
    let facts = Facts::new(model);
    let rules = [&processor::QUOTA_ABOVE_CORES, &broker::WATERMARK_BELOW_REST];
    let found = rules.into_iter().flat_map(|rule| (rule.check)(&facts));
    let certain = found.filter(|draft| draft.certain);
    let named = |draft: Draft| {
        let service = &model.services[draft.service? as usize];
        Some((service.name.as_str(), draft.message))
    };
    certain.filter_map(named).collect()
}

fn finding(rule: &Rule, draft: Draft, model: &Model, provenance: &Provenance) -> Finding {
    let place = place(&draft.path, provenance);
    Finding {
        code: rule.code.to_owned(),
        severity: if draft.certain { rule.severity } else { milder(rule.severity) },
        service: draft.service.map(|id| model.services[id as usize].name.clone()),
        message: draft.message,
        file: place.map(|place| place.file.clone()),
        line: place.map(|place| place.line),
        column: place.map(|place| place.column),
        hint: if model.host.kubernetes { in_manifests(&draft.hint) } else { draft.hint },
        fix: draft.fix,
    }
}

/// What a hint calls a key or a tool, and what manifests of Kubernetes and their tools call it.
const IN_MANIFESTS: [(&str, &str); 6] = [
    ("`memory` to", "`resources.limits.memory` to"),
    ("`cpus` to", "`resources.limits.cpu` to"),
    // The kubelet gives containers none.
    (", or add that much swap", ""),
    ("docker stats", "kubectl top pod --containers"),
    ("under `x-plimsoll:` of the service", "in an annotation `plimsoll.dev/config`"),
    ("(in Compose: `unless-stopped`)", "(in the pod: `restartPolicy: Always`)"),
];

/// A hint in the words of manifests.
fn in_manifests(hint: &str) -> String {
    IN_MANIFESTS.iter().fold(hint.to_owned(), |hint, (ours, theirs)| hint.replace(ours, theirs))
}

const fn milder(severity: FindingSeverity) -> FindingSeverity {
    match severity {
        FindingSeverity::Error => FindingSeverity::Warning,
        FindingSeverity::Warning | FindingSeverity::Note => FindingSeverity::Note,
    }
}

/// The place of a path; else of the nearest path above it, or of what is written first beside it.
fn place<'p>(path: &str, provenance: &'p Provenance) -> Option<&'p Location> {
    let mut path = path;
    loop {
        if let Some(place) = provenance.get(path) {
            return Some(place);
        }
        // Below `services` or `host` stands what is about others.
        if path.contains('.') {
            let below = format!("{path}.");
            let inside = provenance.range(below.clone()..);
            let first = inside
                .take_while(|(other, _)| other.starts_with(&below))
                .map(|(_, place)| place)
                .min();
            if first.is_some() {
                return first;
            }
        }
        path = &path[..path.rfind('.')?];
    }
}
