//! The stable codes of everything that can be said about an input text.
//!
//! A code never changes its meaning; a new complaint gets a new code. `E…` stops the judgement,
//! `W…` is doubtful, `N…` is worth knowing.

/// The text is not YAML.
pub const SYNTAX: &str = "E100";
/// The text is larger, deeper or repeats itself more often than a budget allows.
pub const BUDGET: &str = "E101";
/// A key that does not exist here; in Compose files and manifests, one that is a misspelt key.
pub const UNKNOWN_KEY: &str = "E102";
/// A value of another kind than the key wants.
pub const WRONG_TYPE: &str = "E103";
/// A key that must be there is not.
pub const MISSING: &str = "E104";
/// A value of the right kind that means nothing here.
pub const INVALID_VALUE: &str = "E105";
/// The same key twice in one mapping.
pub const DUPLICATE_KEY: &str = "E106";
/// A merge key (`<<`) whose value is neither a mapping nor a list of mappings.
pub const MERGE_KEY: &str = "E107";
/// A `${…}` that cannot be read.
pub const VARIABLE_SYNTAX: &str = "E108";
/// A variable that the file demands (`${NAME:?…}`) is not set.
pub const VARIABLE_REQUIRED: &str = "E109";
/// A file that this one refers to was not given.
pub const MISSING_FILE: &str = "E110";
/// Files or services refer to each other in a circle.
pub const CYCLE: &str = "E111";
/// A service that is referred to and not there.
pub const UNKNOWN_SERVICE: &str = "E112";
/// Two keys say different things about the same quantity.
pub const CONFLICT: &str = "E113";
/// A number outside the range that can be judged.
pub const OUT_OF_RANGE: &str = "E114";
/// A kind of file that is known and not read yet.
pub const NOT_READ_YET: &str = "E115";
/// Files that do not go together, or no file at all.
pub const SOURCES: &str = "E116";
/// A file whose bytes are no text.
pub const NO_TEXT: &str = "E117";
/// An expression of an alert rule that cannot be read.
pub const EXPRESSION: &str = "E118";
/// An override of a path that the scenario does not have.
pub const OVERRIDE_PATH: &str = "E300";
/// An override whose value cannot stand there.
pub const OVERRIDE_VALUE: &str = "E301";
/// Overrides that contradict each other or the scenario.
pub const OVERRIDE_CONFLICT: &str = "E302";
/// A variable is not set and has no default: it became an empty text.
pub const VARIABLE_UNSET: &str = "W100";
/// A key that the language of the file (Compose, Kubernetes) does not know either.
pub const UNKNOWN_COMPOSE_KEY: &str = "W101";
/// An environment file that was not given: its variables are unknown.
pub const MISSING_ENVIRONMENT_FILE: &str = "W102";
/// Something that Compose or Kubernetes itself may refuse, though it can be judged.
pub const DOUBTFUL: &str = "W103";
/// A ConfigMap or Secret that was not given, or that lacks a key: the variable is unknown.
pub const MISSING_VALUES: &str = "W104";
/// An amount of memory in thousandths of a byte.
pub const THOUSANDTHS: &str = "W105";
/// An object of a kind that nobody knows: it may run pods.
pub const UNKNOWN_OBJECT: &str = "W106";
/// A flag or variable that states a parameter in a way that is not understood.
pub const UNREADABLE_SETTING: &str = "W200";
/// A setting that is seen and not read, such as the name of a configuration file.
pub const UNREAD_SETTING: &str = "W201";
/// A key of ours in the file says something else than the language's own.
pub const OVERLAID: &str = "W202";
/// A key that the language of the file knows and the model leaves out.
pub const NOT_MODELLED: &str = "N100";
/// A service left out because none of its profiles is active.
pub const INACTIVE_PROFILE: &str = "N101";
/// An object that runs nothing.
pub const OTHER_OBJECT: &str = "N102";
/// A service whose software is not known.
pub const UNKNOWN_SOFTWARE: &str = "N200";
/// Calls that were assumed, not read.
pub const ASSUMED_CALLS: &str = "N201";
/// A service outside the plan that a URL names.
pub const EXTERNAL_SERVICE: &str = "N202";
/// Calls left out because they lead back to the caller.
pub const CALL_CIRCLE: &str = "N203";
/// A store or database that no service was seen to call.
pub const UNCALLED: &str = "N204";
/// A database outside the plan of a kind that is not modelled.
pub const EXTERNAL_LEFT_OUT: &str = "N205";
/// Several services may receive the clients' requests.
pub const SEVERAL_ENTRIES: &str = "N206";
/// A service left out because it has no containers.
pub const NO_REPLICAS: &str = "N207";
/// As many as the host has cores, of which the plan says nothing.
pub const PER_CORE: &str = "N208";
/// A service left out because it ends, as a job does, or before others start.
pub const ENDS_FIRST: &str = "N209";
/// Replicas that an autoscaler would change.
pub const NOT_SCALED: &str = "N210";
/// Pods of a cluster, all placed on one node.
pub const ONE_NODE: &str = "N211";
/// A script in front of a program that is taken to start it.
pub const UNSEEN_SCRIPT: &str = "N212";

/// Every code with its meaning in one line, in order.
pub const ALL: [(&str, &str); 48] = [
    (SYNTAX, "the text is not YAML"),
    (BUDGET, "the text exceeds a budget of size, depth, nodes or aliases"),
    (UNKNOWN_KEY, "a key that does not exist here"),
    (WRONG_TYPE, "a value of another kind than the key wants"),
    (MISSING, "a key that must be there is not"),
    (INVALID_VALUE, "a value of the right kind that means nothing here"),
    (DUPLICATE_KEY, "the same key twice in one mapping"),
    (MERGE_KEY, "a merge key whose value is no mapping"),
    (VARIABLE_SYNTAX, "a `${…}` that cannot be read"),
    (VARIABLE_REQUIRED, "a variable that the file demands is not set"),
    (MISSING_FILE, "a file that this one refers to was not given"),
    (CYCLE, "files or services refer to each other in a circle"),
    (UNKNOWN_SERVICE, "a service that is referred to and not there"),
    (CONFLICT, "two keys say different things about the same quantity"),
    (OUT_OF_RANGE, "a number outside the range that can be judged"),
    (NOT_READ_YET, "a kind of file that is known and not read yet"),
    (SOURCES, "files that do not go together, or no file at all"),
    (NO_TEXT, "a file whose bytes are no text"),
    (EXPRESSION, "an expression of an alert rule that cannot be read"),
    (OVERRIDE_PATH, "an override of a path that the scenario does not have"),
    (OVERRIDE_VALUE, "an override whose value cannot stand there"),
    (OVERRIDE_CONFLICT, "overrides that contradict each other or the scenario"),
    (VARIABLE_UNSET, "a variable is not set and became an empty text"),
    (UNKNOWN_COMPOSE_KEY, "a key that the language of the file does not know"),
    (MISSING_ENVIRONMENT_FILE, "an environment file that was not given"),
    (DOUBTFUL, "something that Compose or Kubernetes itself may refuse"),
    (MISSING_VALUES, "a ConfigMap or Secret that was not given"),
    (THOUSANDTHS, "an amount of memory in thousandths of a byte"),
    (UNKNOWN_OBJECT, "an object of a kind that is not known, which may run pods"),
    (UNREADABLE_SETTING, "a flag or variable that is not understood"),
    (UNREAD_SETTING, "a setting that is seen and not read"),
    (OVERLAID, "a key of ours says something else than the file's own key"),
    (NOT_MODELLED, "a key that the file may have and the model leaves out"),
    (INACTIVE_PROFILE, "a service left out because none of its profiles is active"),
    (OTHER_OBJECT, "an object that runs nothing"),
    (UNKNOWN_SOFTWARE, "a service whose software is not known"),
    (ASSUMED_CALLS, "calls that were assumed, not read"),
    (EXTERNAL_SERVICE, "a service outside the plan that a URL names"),
    (CALL_CIRCLE, "calls left out because they lead back to the caller"),
    (UNCALLED, "a store or database that no service was seen to call"),
    (EXTERNAL_LEFT_OUT, "a database outside the plan that is not modelled"),
    (SEVERAL_ENTRIES, "several services may receive the clients' requests"),
    (NO_REPLICAS, "a service left out because it has no containers"),
    (PER_CORE, "as many as the host has cores, of which the plan says nothing"),
    (ENDS_FIRST, "a service left out because it ends"),
    (NOT_SCALED, "replicas that an autoscaler changes"),
    (ONE_NODE, "pods of a cluster, all placed on one node"),
    (UNSEEN_SCRIPT, "a script in front of a program, taken to start it"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_explained() {
        let mut seen = std::collections::BTreeSet::new();
        for (code, meaning) in ALL {
            assert!(seen.insert(code), "{code} twice");
            assert!(!meaning.is_empty());
        }
    }
}
