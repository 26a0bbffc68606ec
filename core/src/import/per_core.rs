//! Numbers of a plan that follow from the cores of its host, so that they follow an override of these as well.

use super::code;
use super::draft::Draft;
use crate::diagnostic::{Diagnostic, Location};
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
    /// What would follow from so many cores and lies out of range.
    pub(super) fn too_many(&self, cores: u32) -> Vec<Diagnostic> {
        let out = |one: &PerCore| {
            let message = one.parameter.check(&one.value(cores)).err()?;
            let hint = format!("fewer cores, or state it: `--set {}=…`", one.path());
            let message = format!("{cores} cores: {message}");
            Some(Diagnostic::error(code::OVERRIDE_VALUE, "host.cores", message).hint(hint))
        };
        self.per_core.iter().filter_map(out).collect()
    }

    /// Has what follows from the cores follow those that the scenario has now.
    pub(super) fn follow_cores(&mut self) {
        let cores = self.scenario.host.cores.unwrap_or(USUAL_CORES);
        for one in &self.per_core {
            let Some(service) = self.scenario.services.get_mut(&one.service) else { continue };
            service.parameters.insert(one.parameter, one.value(cores));
            self.provenance.insert(one.path(), one.at.clone());
            self.notes.retain(|note| note.code != code::PER_CORE || note.path != one.path());
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
    let is_kept = |letter: &char| !letter.is_whitespace() && !"$\"'".contains(*letter);
    let plain: String = text.chars().filter(is_kept).collect();
    let plain = plain.replace("getconf_NPROCESSORS_ONLN", "nproc").replace("nproc--all", "nproc");
    let plain = plain.replace("`nproc`", "(nproc)");
    let is_asked = plain.len() <= LONGEST && plain.contains("(nproc)");
    let mut sum = Sum { rest: &plain };
    let found = is_asked.then(|| sum.total()).flatten()?;
    sum.rest.is_empty().then_some((found.factor, found.more))
}

/// Letters of the longest sum that is read.
const LONGEST: usize = 100;

/// So many for each core, and so many besides.
#[derive(Clone, Copy)]
struct Linear {
    factor: u64,
    more: u64,
}

impl Linear {
    fn plus(self, other: Linear) -> Option<Linear> {
        let factor = self.factor.checked_add(other.factor)?;
        Some(Linear { factor, more: self.more.checked_add(other.more)? })
    }

    /// None where cores are multiplied by cores.
    fn times(self, other: Linear) -> Option<Linear> {
        let (one, number) = if other.factor == 0 { (self, other.more) } else { (other, self.more) };
        let is_linear = self.factor == 0 || other.factor == 0;
        let factor = one.factor.checked_mul(number).filter(|_| is_linear)?;
        Some(Linear { factor, more: one.more.checked_mul(number)? })
    }
}

/// What is left to read of a sum of products, with brackets.
struct Sum<'t> {
    rest: &'t str,
}

impl Sum<'_> {
    fn total(&mut self) -> Option<Linear> {
        let mut total = self.product()?;
        while self.takes("+") {
            total = total.plus(self.product()?)?;
        }
        Some(total)
    }

    fn product(&mut self) -> Option<Linear> {
        let mut product = self.part()?;
        while self.takes("*") {
            product = product.times(self.part()?)?;
        }
        Some(product)
    }

    fn part(&mut self) -> Option<Linear> {
        if self.takes("(") {
            let inner = self.total()?;
            return self.takes(")").then_some(inner);
        }
        if self.takes("nproc") {
            return Some(Linear { factor: 1, more: 0 });
        }
        let end = self.rest.find(|letter: char| !letter.is_ascii_digit());
        let (number, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        Some(Linear { factor: 0, more: number.parse().ok()? })
    }

    fn takes(&mut self, word: &str) -> bool {
        let rest = self.rest.strip_prefix(word);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
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
            ("$(( ($(nproc) + 1) * 4 ))", Some((4, 4))),
            ("$((2*($(nproc)+1)))", Some((2, 2))),
            ("$(($(nproc) + 2 * $(nproc)))", Some((3, 0))),
            ("$(($(nproc) * 4611686018427387904 * 4))", None),
            ("$(($(nproc) / 2))", None),
            ("$(($(nproc) - 1))", None),
            ("$(nproc)0", None),
            ("2$(nproc)", None),
            ("$((1 + nproc", None),
            ("$(nproc", None),
            ("nproc", None),
            ("$(($(nproc) * $(nproc)))", None),
            ("4", None),
            ("", None),
        ] {
            assert_eq!(counted_cores(text), counted, "{text}");
        }
    }
}
