//! From a plan to a scenario: which software each service runs, what its flags and
//! variables say, who calls whom, and where requests come in.
//!
//! What the plan states is read with its place. What it leaves open is assumed by rules that are
//! written beside each step, and every assumption is a note.

use std::collections::BTreeSet;

use super::MAX_DIAGNOSTICS;
use super::deployment::Deployment;
use super::draft::Draft;
use super::per_core::PerCore;
use super::plan::{self, Language, Plan};
use crate::catalog::{Profile, Role};
use crate::diagnostic::{Diagnostic, Location, Provenance, Severity};
use crate::ordered::Ordered;
use crate::scenario::{self, Scenario};

mod address;
mod arguments;
mod assigned;
mod backend;
mod call;
mod circle;
mod entry;
mod extension;
mod go;
mod named;
mod names;
mod once;
mod parameter;
mod pod;
mod reference;
mod service;
mod spelling;
mod unread;

/// What is gathered while a plan is mapped.
#[derive(Debug, Default)]
struct Book {
    language: Language,
    errors: Vec<Diagnostic>,
    notes: Vec<Diagnostic>,
    provenance: Provenance,
    /// Cores of the host, where the plan states them.
    cores: Option<u32>,
    /// What follows from the cores.
    per_core: Vec<PerCore>,
    /// Variables that tell nothing of whoever has them, with their values.
    strayed: BTreeSet<(String, String)>,
}

impl Book {
    /// Notes something that was assumed.
    fn note(
        &mut self,
        code: &'static str,
        path: String,
        at: &Location,
        message: String,
        hint: &str,
    ) {
        let note = Diagnostic::warning(code, path, message).at(Some(at.clone())).hint(hint);
        self.say(Diagnostic { severity: Severity::Note, ..note });
    }

    /// Keeps a warning or note; a flood of them helps nobody.
    fn say(&mut self, remark: Diagnostic) {
        if self.notes.len() < MAX_DIAGNOSTICS {
            self.notes.push(remark);
        }
    }

    /// How a hint writes keys of the scenario, as in `x-plimsoll: {calls: […]}`, in the plan's language.
    fn own(&self, keys: &str) -> String {
        self.language.own(keys)
    }

    /// The hint where calls were assumed.
    fn state_calls(&self) -> String {
        format!("state whom it calls: `{}`", self.own("calls: […]"))
    }

    /// Remembers where the value at `path` stands.
    fn place(&mut self, path: String, at: &Location) {
        self.provenance.insert(path, at.clone());
    }
}

/// A service on its way into the scenario.
struct Mapped<'p> {
    source: &'p plan::Service,
    /// What is known of its software; `generic` where it is not known.
    profile: &'static Profile,
    service: scenario::Service,
    /// Whether the plan itself says whom it calls.
    states_calls: bool,
    calls: Vec<Call>,
}

impl Mapped<'_> {
    fn name(&self) -> &str {
        &self.source.name
    }

    fn role(&self) -> Role {
        self.profile.role
    }
}

/// One service that another calls, and the place that shows it.
#[derive(Clone, Debug, PartialEq)]
struct Call {
    target: String,
    at: Location,
}

/// Maps a plan.
///
/// # Errors
/// Everything that is wrong with the keys of the scenario in it, at once.
pub(super) fn map(mut plan: Plan) -> Result<Draft, Vec<Diagnostic>> {
    let mut book = Book { language: plan.language, ..Book::default() };
    book.notes.extend(plan.remarks.iter().cloned());
    plan.services.iter_mut().for_each(|source| assigned::lay_over(source, &mut book));
    let plan = &plan;
    let mut scenario = extension::scenario(plan, &mut book);
    if plan.language == Language::Kubernetes {
        scenario.host.kubernetes.get_or_insert(true);
    }
    book.cores = scenario.host.cores;
    book.strayed = plan.services.iter().flat_map(service::strayed).into_set();
    let staying = once::staying(plan, &mut book);
    let mut services: Vec<Mapped<'_>> =
        staying.into_iter().filter_map(|source| service::map(source, &mut book)).collect();
    pod::link(&mut services, &mut book);
    if !book.errors.is_empty() {
        return Err(book.errors);
    }
    let external = call::connect(&mut services, &mut book);
    entry::choose(&services, &mut scenario, &mut book);
    for mapped in services {
        let (name, mut service) = (mapped.name().to_owned(), mapped.service);
        if !mapped.states_calls {
            for (index, call) in mapped.calls.iter().enumerate() {
                book.place(format!("services.{name}.calls.{index}"), &call.at);
            }
            service.calls = mapped.calls.into_iter().map(|call| call.target).collect();
        }
        scenario.services.insert(name, service);
    }
    scenario.services.extend(external);
    if scenario.name.is_empty()
        && let Some(name) = &plan.name
    {
        scenario.name.clone_from(&name.value);
        book.place("name".to_owned(), &name.location);
    }
    let name = scenario.name.clone();
    let deployment = deployment(plan, &scenario);
    let Book { notes, provenance, per_core, .. } = book;
    Ok(Draft { scenario, notes, provenance, per_core, deployment, name })
}

/// What the plan is deployed with, and what its services are called there.
fn deployment(plan: &Plan, scenario: &Scenario) -> Deployment {
    match plan.language {
        Language::Compose => Deployment::Compose,
        Language::Kubernetes => {
            let here = plan.services.iter().filter(|one| scenario.services.contains_key(&one.name));
            let called = |one: &plan::Service| Some((one.name.clone(), one.pod_container.clone()?));
            Deployment::Kubernetes(here.filter_map(called).into_map())
        }
    }
}

#[cfg(test)]
mod tests;
