//! The arguments of a service's program: of its command, and of variables that hold more of them.

use super::service::command;
use crate::catalog::{
    Profile, Recognise, is_named, own_words, program_words, read_instead, split_words,
    unseen_script,
};
use crate::diagnostic::Location;
use crate::import::field::Located;
use crate::import::plan;

/// Arguments of a service's program, and where they stand.
pub(super) struct Arguments<'s> {
    /// The program, without its folder; empty where the image has its own.
    pub(super) program: String,
    /// The variable that they stand in; empty: they stand in the command.
    pub(super) variable: &'s str,
    pub(super) words: Vec<String>,
    /// Words that it gives to the program that it runs.
    pub(super) behind: Vec<String>,
    /// The variable that its program reads, where it does not read this one.
    pub(super) unheeded: Option<&'static str>,
    pub(super) at: &'s Location,
}

/// The arguments in variables that win over the command, those in the command, then those in other variables.
pub(super) fn arguments<'s>(source: &'s plan::Service, profile: &Profile) -> Vec<Arguments<'s>> {
    let (mut own, mut program, mut all, mut is_handed) = (None, String::new(), Vec::new(), false);
    if let Some((words, at)) = command(source) {
        all.clone_from(&words);
        is_handed = unseen_script(&words).is_some();
        let mut words = program_words(&words);
        if words.first().is_some_and(|word| !word.starts_with('-')) {
            let first = words.remove(0);
            first.rsplit('/').next().unwrap_or_default().clone_into(&mut program);
        }
        let behind = words.split_off(own_words(&program, &words));
        own = Some(Arguments {
            program: program.clone(),
            variable: "",
            words,
            behind,
            unheeded: None,
            at,
        });
    }
    let of = |wanted: &String| {
        let variables = source.environment.iter();
        let named = variables.filter(|(name, _)| is_named(wanted, name));
        let arguments = |(name, given): (&'s String, &'s Located<String>)| {
            let (words, at) = (split_words(&given.value), &given.location);
            let hands_over = |word: &String| mentions(word, name);
            // A script that nobody has seen may hand it over as well.
            let is_read = is_handed || all.iter().any(hands_over);
            let unheeded = read_instead(&program, name).filter(|_| !is_read);
            let program = program.clone();
            Arguments { program, variable: name, words, behind: Vec::new(), unheeded, at }
        };
        named.map(arguments).collect::<Vec<_>>()
    };
    let Recognise { overriding_variables, argument_variables, .. } = &profile.recognise;
    let first = overriding_variables.iter().flat_map(of);
    first.chain(own).chain(argument_variables.iter().flat_map(of)).collect()
}

/// Whether a word of a command has the value of a variable filled in by a shell.
pub(super) fn mentions(word: &str, variable: &str) -> bool {
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    word.split('$').skip(1).any(|rest| {
        let name = rest.strip_prefix('{').unwrap_or(rest);
        name.strip_prefix(variable).is_some_and(ends)
    })
}
