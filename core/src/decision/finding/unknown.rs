//! Rules about software of which nothing is known.

use super::facts::{Facts, about, bytes, is_declared, origin, range, show, size};
use super::{Draft, Rule};
use crate::catalog::{self, Origin};
use crate::report::FindingSeverity::Error;
use crate::scenario::Parameter;

pub(super) const UNKNOWN_SOFTWARE: Rule = Rule {
    code: "PL013",
    severity: Error,
    title: "the memory of unknown software is a guess that its limit depends on",
    doc: "Nothing is known of this software, so its memory is that of a small service. Its limit is below \
          what larger software takes: a Java virtual machine, a search engine or another database would be \
          killed where the guess fits. What the limit rests on has to be measured once, on any machine, \
          and stated. A limit above the whole range of the guess is not reported.",
    check: unknown_software,
};

fn unknown_software(facts: &Facts<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (id, service) in facts.local() {
        let program = Parameter::MemoryProgram;
        let is_guess = origin(service, program) == Some(Origin::Guess);
        let Some(limit) = service.limit.filter(|_| service.profile == catalog::GENERIC) else {
            continue;
        };
        // Whoever has measured anything of it knows what it takes.
        let parts = [Parameter::MemoryWorker, Parameter::HeapLive, Parameter::MemoryApplication];
        if !is_guess || parts.iter().any(|&part| is_declared(service, part)) {
            continue;
        }
        let Some((low, high)) = range(service, program) else { continue };
        if limit >= size(&high) {
            continue;
        }
        let message = format!(
            "nothing is known of this software: its memory is guessed to be {} ({} to {}), and its limit is {}",
            show(bytes(service, program)),
            show(size(&low)),
            show(size(&high)),
            show(limit),
        );
        let hint = "measure it (docker stats) and state `memory_program` under `x-plimsoll:` of the service";
        drafts.push(about(id, service, "memory_program", false, message, hint.to_owned()));
    }
    drafts
}
