//! What Go's runtime is told in variables. Any image may hold a program of Go, so it is read of all of them.

use super::Book;
use super::service::path;
use crate::diagnostic::Diagnostic;
use crate::import::code;
use crate::import::field::Located;
use crate::import::per_core::USUAL_CORES;
use crate::import::plan;
use crate::quantity::Bytes;
use crate::scenario::{Parameter, Service, Value};

/// Takes what `GOGC=off` and `GOMEMLIMIT` do together, and says of each of Go's variables what it does not change.
///
/// With `GOGC=off` garbage is collected only where the runtime would come to hold more than `GOMEMLIMIT` (Go docs:
/// package runtime, Environment Variables), and that counts all memory the runtime has mapped: heap, stacks and its own
/// (runtime/debug, SetMemoryLimit). So after a long time it holds that much, and requests add nothing. The program file
/// and kernel memory come on top.
pub(super) fn read(source: &plan::Service, service: &mut Service, book: &mut Book) {
    let name = &source.name;
    let variable =
        |name| source.environment.get(name).filter(|one: &&Located<String>| !one.value.is_empty());
    let percent = variable("GOGC");
    let is_off = percent.is_some_and(|one| one.value == "off");
    let goal = variable("GOMEMLIMIT").and_then(|one| Some((size(&one.value)?, &one.location)));
    let place = path(source, Parameter::MemoryProgram.name());
    let hint = "state what it holds as its `memory_program`";
    let warn = |message, at, book: &mut Book| {
        let warning = Diagnostic::warning(code::UNREAD_SETTING, place.clone(), message);
        book.say(warning.at(Some(at)).hint(hint));
    };
    if let Some((goal, at)) = goal {
        let message = if is_off {
            for (parameter, bytes) in held(goal) {
                book.place(path(source, parameter.name()), at);
                service.parameters.insert(parameter, Value::Bytes(bytes));
            }
            format!("`GOGC=off` lets `{name}` grow to its `GOMEMLIMIT`: it is judged with {goal}")
        } else {
            format!("`GOMEMLIMIT` of `{name}` changes nothing here: what lives may exceed it")
        };
        book.note(code::NOT_MODELLED, place.clone(), at, message, hint);
        if let Some(limit) = source.resources.memory.as_ref().filter(|limit| limit.value < goal) {
            let message = format!(
                "`GOMEMLIMIT` of `{name}`, {goal}, protects from nothing: its limit is {}",
                limit.value
            );
            warn(message, at.clone(), book);
        }
    } else if let Some(percent) = percent {
        let how = if is_off { "without end" } else { "to a share of what lives" };
        let message =
            format!("`GOGC` of `{name}` lets garbage pile up {how}, which is not simulated");
        warn(message, percent.location.clone(), book);
    }
    processors(source, book);
}

/// Says of `GOMAXPROCS` that it is not simulated, where there are more cores. Without it there is a thread for each of
/// those, since Go 1.25 for each of the quota's, which changes nothing that is simulated (Go docs: release notes 1.25).
fn processors(source: &plan::Service, book: &mut Book) {
    let Some(one) = source.environment.get("GOMAXPROCS") else { return };
    let quota = source.resources.cpus.as_ref().map(|cpus| cpus.value);
    let cores = quota.unwrap_or_else(|| book.cores.unwrap_or(USUAL_CORES).into());
    let few = one.value.parse::<u32>().ok().filter(|few| *few > 0 && f64::from(*few) < cores);
    if let Some(few) = few {
        let place = path(source, "cpus");
        let message =
            format!("`GOMAXPROCS` of `{}` is not simulated: it has more cores", source.name);
        let hint = format!("`--set {place}={few}`");
        book.note(code::NOT_MODELLED, place, &one.location, message, &hint);
    }
}

/// What a service holds whose runtime fills `goal`.
fn held(goal: Bytes) -> [(Parameter, Bytes); 4] {
    let nothing = Bytes::mib(0);
    [
        (Parameter::MemoryProgram, goal),
        (Parameter::MemoryConnection, nothing),
        (Parameter::MemoryConnectionUsed, nothing),
        (Parameter::MemoryRequest, nothing),
    ]
}

/// A size as Go writes it: bytes, or with a unit of powers of two; none for `off`.
fn size(text: &str) -> Option<Bytes> {
    let text = text.trim();
    text.parse().ok().map(Bytes).or_else(|| Bytes::parse(text))
}
