//! Numbers of a plan that follow from the cores of its host, so that they follow an override of these as well.

use super::draft::Draft;
use crate::diagnostic::Location;
use crate::scenario::{Parameter, Value};

/// Cores of a host of which the plan says nothing, as the model has them.
pub(super) const USUAL_CORES: u32 = 2;

/// A number that follows from the cores of the host: `factor` for each of them and `more`.
#[derive(Clone, Debug, PartialEq)]
pub struct PerCore {
    /// Name of the service.
    pub service: String,
    /// What there are so many of.
    pub parameter: Parameter,
    /// How many for each core.
    pub factor: u64,
    /// How many besides.
    pub more: u64,
    /// How many at the least.
    pub least: u64,
    /// What says so.
    pub at: Location,
}

impl PerCore {
    /// So many on a host with these cores.
    pub fn value(&self, cores: u32) -> Value {
        let count = self.factor.saturating_mul(cores.into()).saturating_add(self.more);
        Value::Count(count.max(self.least))
    }

    /// The path of the parameter.
    pub fn path(&self) -> String {
        format!("services.{}.{}", self.service, self.parameter.name())
    }
}

impl Draft {
    /// Has what follows from the cores follow those that the scenario has now.
    pub(super) fn follow_cores(&mut self) {
        let cores = self.scenario.host.cores.unwrap_or(USUAL_CORES);
        for one in &self.per_core {
            let Some(service) = self.scenario.services.get_mut(&one.service) else { continue };
            service.parameters.insert(one.parameter, one.value(cores));
            self.provenance.insert(one.path(), one.at.clone());
            self.notes.retain(|note| note.code != super::code::PER_CORE || note.path != one.path());
        }
    }
}

/// How many `text` means for each core, and besides, where it asks the shell for the cores: `$(nproc)`,
/// `$((2 * $(nproc) + 1))`. A quota of the container changes nothing about what `nproc` says (coreutils manual).
///
/// ```
/// use plimsoll::import::counted_cores;
/// assert_eq!(counted_cores("$((2 * $(nproc) + 1))"), Some((2, 1)));
/// assert_eq!(counted_cores("$(nproc)"), Some((1, 0)));
/// assert_eq!(counted_cores("$WORKERS"), None);
/// ```
pub fn counted_cores(text: &str) -> Option<(u64, u64)> {
    let is_kept = |letter: &char| !letter.is_whitespace() && !"$()`\"".contains(*letter);
    let plain: String = text.chars().filter(is_kept).collect();
    let plain = plain.replace("getconf_NPROCESSORS_ONLN", "nproc").replace("nproc--all", "nproc");
    if !plain.contains("nproc") {
        return None;
    }
    let (mut factor, mut more) = (0_u64, 0_u64);
    for term in plain.split('+') {
        let (mut product, mut counts) = (1_u64, 0);
        for part in term.split('*') {
            match part {
                "nproc" => counts += 1,
                number => product = product.checked_mul(number.parse().ok()?)?,
            }
        }
        match counts {
            0 => more = more.checked_add(product)?,
            1 => factor = factor.checked_add(product)?,
            _ => return None,
        }
    }
    Some((factor, more))
}

#[cfg(test)]
mod tests {
    use super::counted_cores;

    #[test]
    fn a_shell_is_asked_for_the_cores() {
        for (text, counted) in [
            ("$(nproc)", Some((1, 0))),
            ("`nproc`", Some((1, 0))),
            ("$(nproc --all)", Some((1, 0))),
            ("$(getconf _NPROCESSORS_ONLN)", Some((1, 0))),
            ("$((2*$(nproc)+1))", Some((2, 1))),
            ("$(( $(nproc) * 2 + 1 ))", Some((2, 1))),
            ("$((1 + `nproc`))", Some((1, 1))),
            ("$(($(nproc) / 2))", None),
            ("$(($(nproc) * $(nproc)))", None),
            ("4", None),
            ("", None),
        ] {
            assert_eq!(counted_cores(text), counted, "{text}");
        }
    }
}
