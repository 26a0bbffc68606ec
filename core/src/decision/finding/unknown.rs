//! Rules about software of which nothing is known.

use super::facts::{Facts, about, bytes, is_declared, origin, range, show, size};
use super::{Draft, Rule, explained};
use crate::catalog::{self, Origin};
use crate::model::ServiceModel;
use crate::report::FindingSeverity::Error;
use crate::scenario::Parameter;

pub(super) const UNKNOWN_SOFTWARE: Rule = Rule {
    code: "PL013",
    severity: Error,
    title: explained("the memory of unknown software is a guess that its limit depends on"),
    doc: explained(
        "Nothing is known of this software, so its memory is that of a small service. Its limit is below \
          what larger software takes: a Java virtual machine, a search engine or another database would be \
          killed where the guess fits. What the limit rests on has to be measured once, on any machine, \
          and stated. A limit above the whole range of the guess is not reported.",
    ),
    check: unknown_software,
};

fn unknown_software(facts: &Facts<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (id, service) in facts.local() {
        let Some((low, high)) = guessed_range(service) else { continue };
        let Some(limit) = service.limit.filter(|&limit| limit < high) else { continue };
        let message = format!(
            "{}: its memory is guessed to be {} ({} to {}), and its limit is {}",
            known(service),
            show(bytes(service, Parameter::MemoryProgram)),
            show(low),
            show(high),
            show(limit),
        );
        let hint = "measure it (docker stats) and state `memory_program` under `x-plimsoll:` of the service";
        drafts.push(about(id, service, "memory_program", false, message, hint.to_owned()));
    }
    drafts
}

/// What is known of the software.
fn known(service: &ServiceModel) -> &'static str {
    match service.profile == catalog::GENERIC {
        true => "nothing is known of this software",
        false => "this software may take gigabytes",
    }
}

/// What software takes beside a size that its plan names, at the most, as one part in so many of it: a guess (a Java
/// machine has classes, code and stacks beside its heap).
const BESIDE_NAMED: u64 = 4;

/// The smallest and largest memory of a program of which nothing is known, which may fill what its plan names; `None` where the software is
/// known, or the plan states anything of its memory: whoever has measured any of it knows what it takes.
pub(in crate::decision) fn guessed_range(service: &ServiceModel) -> Option<(u64, u64)> {
    let program = Parameter::MemoryProgram;
    let is_guess = origin(service, program) == Some(Origin::Guess);
    if !is_guess || !catalog::is_unknown(&service.profile) {
        return None;
    }
    let parts = [Parameter::MemoryWorker, Parameter::HeapLive, Parameter::MemoryApplication];
    if parts.iter().any(|&part| is_declared(service, part)) {
        return None;
    }
    let (low, high) = range(service, program)?;
    let named = bytes(service, Parameter::MemoryNamed);
    Some((size(&low), size(&high).max(named.saturating_add(named / BESIDE_NAMED))))
}
