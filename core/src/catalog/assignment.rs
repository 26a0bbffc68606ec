//! Variables that a command sets for the program that it starts: `PORT=80 node a.js`, `export PORT=80; exec node a.js`.

use super::program::started;
use super::shell::Command;
use super::starter::is_assignment;

/// Builtins that hand variables to programs, with the flag that they need for it (The Open Group, Shell Command Language:
/// export; Bash manual: declare, typeset).
const EXPORTS: &[(&str, &str)] = &[("export", ""), ("declare", "-x"), ("typeset", "-x")];
/// What makes a script hand over every variable that it sets (The Open Group, Shell Command Language: set).
const EXPORTS_ALL: &[&str] = &["set -a", "allexport"];

/// A variable that a command sets for the program that it starts.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// Its name.
    pub name: String,
    /// Its text without quotes; what a shell fills in is written as it stands there.
    pub value: String,
    /// Whether the program gets it; else it gets one that the plan gives to the container as well.
    pub is_exported: bool,
    /// Whether a script sets it only as a test says.
    pub is_conditional: bool,
}

/// The variables that a command sets for the program that it starts in the end, the last of them counts.
///
/// ```
/// use plimsoll::catalog::assignments;
/// let command = ["sh", "-c", "export WEB_CONCURRENCY=4; exec uvicorn shop:app"].map(String::from);
/// let found = &assignments(&command)[0];
/// assert_eq!((found.name.as_str(), found.value.as_str()), ("WEB_CONCURRENCY", "4"));
/// ```
pub fn assignments(command: &[String]) -> Vec<Assignment> {
    started(command).assignments
}

/// The variable that a word in front of a program sets for it.
pub(super) fn assigned(word: &str) -> Option<Assignment> {
    let (name, value) = word.split_once('=').filter(|_| is_assignment(word))?;
    let (name, value) = (name.to_owned(), value.to_owned());
    Some(Assignment { name, value, is_exported: true, is_conditional: false })
}

/// The variables that a script has set after these of its commands.
pub(super) fn exported(commands: &[Command], script: &str) -> Vec<Assignment> {
    let exports_all = EXPORTS_ALL.iter().any(|how| script.contains(how));
    let mut found: Vec<Assignment> = Vec::new();
    for Command { words, is_conditional, .. } in commands {
        let is_export = EXPORTS.iter().any(|(name, flag)| {
            words[0] == *name && (flag.is_empty() || words.iter().any(|word| word == flag))
        });
        if !is_export && !words.iter().all(|word| is_assignment(word)) {
            continue;
        }
        let is_exported = is_export || exports_all;
        for word in words {
            if let Some(one) = assigned(word) {
                let is_conditional = *is_conditional;
                found.push(Assignment { is_exported, is_conditional, ..one });
            } else if is_export {
                let named = found.iter_mut().filter(|one| one.name == *word);
                named.for_each(|one| one.is_exported = true);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::split_words;

    #[test]
    fn a_command_sets_variables_for_its_program_alone() {
        for (command, expected) in [
            ("env -i A=1 B='2 3' uvicorn a:b", "A=1 B=2 3"),
            ("sh -c 'A=1 exec uvicorn a:b'", "A=1"),
            ("sh -c \"export A=1 B='-x -y'; exec env C=3 uvicorn a:b\"", "A=1 B=-x -y C=3"),
            ("sh -c 'A=1; B=2; export A && uvicorn a:b'", "A=1 (B=2)"),
            ("sh -c 'set -a; A=1; uvicorn a:b'", "A=1"),
            ("bash -c 'declare -x A=1; declare B=2; uvicorn a:b'", "A=1"),
            // What another command gets, or what is set too late, is nothing to it.
            ("sh -c 'A=1 ./migrate && uvicorn a:b; export B=2'", ""),
            ("sh -c 'if [ -z \"$A\" ]; then export A=1; fi; export B=2; uvicorn a:b'", "?A=1 B=2"),
            ("sh -c '[ -n \"$A\" ] || export A=1; uvicorn a:b'", "?A=1"),
            ("npx cross-env A=1 node a.js", "A=1"),
            ("uvicorn a:b --env A=1", ""),
            ("", ""),
        ] {
            let found = assignments(&split_words(command));
            let shown = |one: &Assignment| {
                let mark = if one.is_conditional { "?" } else { "" };
                let text = format!("{mark}{}={}", one.name, one.value);
                if one.is_exported { text } else { format!("({text})") }
            };
            let found: Vec<String> = found.iter().map(shown).collect();
            assert_eq!(found.join(" "), expected, "{command}");
        }
    }
}
