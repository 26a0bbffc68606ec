//! Which guesses are about memory, and grow it.

use crate::catalog::Origin;
use crate::model::Input;
use crate::scenario::{Parameter, Unit};

/// Sizes that are none of what a container holds: what a core's cache has to bring back, bytes each second.
const NOT_HELD: &[Parameter] = &[Parameter::WorkingSet, Parameter::DumpRate];
/// Counts and shares that a size is multiplied with, or that say how much of one there is.
const MULTIPLIERS: &[Parameter] = &[
    Parameter::WorkMemPerQuery,
    Parameter::HashMemMultiplier,
    Parameter::Fragmentation,
    Parameter::HeapOverhead,
    Parameter::HeapFree,
    Parameter::CopiedAtStart,
    Parameter::CopiedByRequest,
    Parameter::CopiedByCollection,
    Parameter::ObjectsRequest,
    Parameter::PoolSize,
    Parameter::Series,
];

/// Whether more of it is more memory.
fn grows_memory(parameter: Parameter) -> bool {
    match parameter.unit() {
        Unit::Bytes => !NOT_HELD.contains(&parameter),
        Unit::Count | Unit::Ratio => MULTIPLIERS.contains(&parameter),
        Unit::Time | Unit::Flag | Unit::Word(_) => false,
    }
}

/// Path and high end of a guess of a service's memory; `None` for all other inputs.
pub(super) fn high_end(input: Input) -> Option<(String, String)> {
    let (_, high) = input.range.filter(|_| input.origin == Origin::Guess)?;
    let (_, name) = input.path.strip_prefix("services.")?.rsplit_once('.')?;
    grows_memory(Parameter::from_name(name)?).then_some((input.path, high))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::catalog;

    #[test]
    fn every_count_and_share_that_is_guessed_is_of_memory_or_known_not_to_be() {
        let guessed: BTreeSet<&str> = catalog::profiles()
            .values()
            .flat_map(|profile| &profile.values)
            .filter(|(_, known)| known.origin == Origin::Guess)
            .map(|(&parameter, _)| parameter)
            .filter(|one| matches!(one.unit(), Unit::Count | Unit::Ratio) && !grows_memory(*one))
            .map(Parameter::name)
            .collect();
        let of_work =
            ["cpu_request_cv", "lookup_hit_ratio", "lookups_per_request", "queries_per_request"];
        assert_eq!(guessed, of_work.into());
    }
}
