//! Which services are active: those without a profile, and those of an active one.

use super::Sources;
use super::service::Service;
use crate::diagnostic::{Diagnostic, Severity};
use crate::import::code;
use crate::import::field::Reader;
use crate::import::node::{Key, join};

/// The variable that names the active profiles, with `,` between them.
const VARIABLE: &str = "COMPOSE_PROFILES";

/// The active profiles: those that the caller names, else those of `COMPOSE_PROFILES`. As in Compose
/// (compose-go, `WithDefaultProfiles`), a variable that is not set names the profile `""`.
pub(super) fn active(sources: &Sources) -> Vec<&str> {
    if !sources.profiles.is_empty() {
        return sources.profiles.iter().map(String::as_str).collect();
    }
    let variable = sources.environment.get(VARIABLE).map(String::as_str);
    variable.unwrap_or_default().split(',').map(str::trim).collect()
}

/// Whether one of the `active` profiles, or `*`, switches the service on.
pub(super) fn is_active(service: &Service, active: &[&str]) -> bool {
    let asked = |profile: &str| active.iter().any(|one| *one == profile || *one == "*");
    service.profiles.is_empty() || service.profiles.iter().any(|one| asked(&one.value))
}

/// Notes that the service under `key` is left out.
pub(super) fn leave_out(reader: &mut Reader, key: &Key) {
    let message = format!("`{}` is left out: no profile of it is active", key.name);
    let path = join("services", &key.name);
    let note = Diagnostic::warning(code::INACTIVE_PROFILE, path, message);
    let note = Diagnostic { severity: Severity::Note, ..note };
    reader.say(note.at(Some(key.place.location())));
}

#[cfg(test)]
mod tests {
    use super::super::{SourceFile, Sources, read};

    const PLAN: &str = "services:
  always: {image: nginx}
  unnamed: {image: nginx, profiles: ['', pg]}
  tools: {image: nginx, profiles: [tools, debug]}
  pg: {image: postgres, profiles: [pg]}
";

    fn services(variable: Option<&str>, profiles: &[&str]) -> Vec<String> {
        let file = SourceFile { name: "compose.yaml".to_owned(), text: PLAN.to_owned() };
        let sources = Sources {
            files: vec![file],
            profiles: profiles.iter().map(|name| (*name).to_owned()).collect(),
            environment: variable
                .map(|text| ("COMPOSE_PROFILES".to_owned(), text.to_owned()))
                .into_iter()
                .collect(),
            ..Sources::default()
        };
        let project = read(&sources).expect("a valid plan");
        project.services.into_iter().map(|service| service.name).collect()
    }

    #[test]
    fn the_variable_names_profiles() {
        assert_eq!(services(Some("pg"), &[]), ["always", "unnamed", "pg"]);
        assert_eq!(services(Some(" tools , pg"), &[]), ["always", "unnamed", "tools", "pg"]);
        assert_eq!(services(Some("*"), &[]), ["always", "unnamed", "tools", "pg"]);
    }

    #[test]
    fn without_a_variable_the_empty_profile_is_active() {
        for variable in [None, Some("")] {
            assert_eq!(services(variable, &[]), ["always", "unnamed"], "{variable:?}");
        }
        assert_eq!(services(Some("debug"), &[]), ["always", "tools"]);
    }

    #[test]
    fn what_the_caller_names_wins_over_the_variable() {
        assert_eq!(services(Some("pg"), &["tools"]), ["always", "tools"]);
    }
}
