//! Flags and settings that cannot act on a side of `diff`, since it was simulated before: refused where they were typed
//! for head, said where they leave the sides unlike.

use plimsoll::quantity::{Bytes, SimTime};
use plimsoll::report::Report;

use crate::arguments::DiffArguments;
use crate::failure::Failure;
use crate::settings::Defaults;

/// What is laid over plans: the flags that were typed, and those that the settings gave.
#[derive(Debug, Default, PartialEq)]
struct Laid {
    typed: Vec<&'static str>,
    settled: Vec<&'static str>,
}

/// What to say of a base or a head that was saved.
///
/// # Errors
/// If head was, and flags were typed to change it.
pub(super) fn judge(
    arguments: &DiffArguments,
    defaults: &Defaults,
    [base, head]: [Option<&Report>; 2],
) -> Result<Option<String>, Failure> {
    if let Some(report) = head {
        let mut laid = laid(arguments, defaults, report);
        if !arguments.set_head.is_empty() {
            laid.typed.push("--set-head");
        }
        if laid.typed.is_empty() {
            return Ok(note(&arguments.head, " of plimsoll.toml", &laid.settled));
        }
        let (name, flags) = (&arguments.head, laid.typed.join(", "));
        let message = format!("`{name}` is a saved report, which {flags} cannot change");
        let hint = "give the plan itself as HEAD, or leave them out";
        return Err(Failure::with_hint(message, hint));
    }
    let Some(report) = base else { return Ok(None) };
    let Laid { typed, settled } = laid(arguments, defaults, report);
    Ok(note(&arguments.base, "", &[typed, settled].concat()))
}

fn note(name: &str, whose: &str, flags: &[&str]) -> Option<String> {
    let list = flags.join(", ");
    let text = format!("`{name}` is a saved report, which these{whose} do not change: {list}");
    (!flags.is_empty()).then_some(text)
}

/// What is laid over plans, apart from what says what holds in `saved` anyway.
fn laid(arguments: &DiffArguments, defaults: &Defaults, saved: &Report) -> Laid {
    let mut laid = Laid::default();
    let mut put = |flag, is_there: bool, is_settled: bool| match (is_there, is_settled) {
        (false, _) => {}
        (true, false) => laid.typed.push(flag),
        (true, true) => laid.settled.push(flag),
    };
    let DiffArguments { target, traffic, users, spike, horizon, set, objective, .. } = arguments;
    let memory = target.as_deref().and_then(Bytes::parse).map(|memory| memory.0);
    let is_same = Some(saved.target.memory_bytes) == memory;
    put("--target", target.is_some() && !is_same, *target == defaults.target);
    put("--traffic", traffic.is_some(), *traffic == defaults.traffic);
    put("--users", users.is_some(), *users == defaults.users);
    put("--spike", !spike.is_empty(), *spike == defaults.spike);
    let seconds = horizon.as_deref().and_then(SimTime::parse).map(SimTime::as_seconds);
    let is_same = Some(saved.horizon_seconds) == seconds;
    put("--for", horizon.is_some() && !is_same, *horizon == defaults.horizon);
    // Those of the settings stand first.
    put("--set", !set.is_empty(), set.len() == defaults.set.len());
    put("--objective", !objective.is_empty(), objective.len() == defaults.objectives.len());
    put("--compose-profile", !arguments.compose_profile.is_empty(), false);
    put("--env-file", !arguments.env_file.is_empty(), false);
    laid
}
