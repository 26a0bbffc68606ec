//! The arguments of this command as words, to name the next command with.

use std::fmt::Write as _;

use crate::arguments::PlanArguments;

/// The plan and its load as they would be typed, each word after a blank.
pub(crate) fn words(plan: &PlanArguments) -> String {
    let mut line = String::new();
    let mut flag = |name: &str, value: &str| {
        let _ = write!(line, " {name}{}", quoted(value));
    };
    plan.files.iter().for_each(|file| flag("", file));
    plan.target.iter().for_each(|size| flag("--target ", size));
    plan.traffic.iter().for_each(|rate| flag("--traffic ", rate));
    plan.users.iter().for_each(|users| flag("--users ", &users.to_string()));
    plan.spike.iter().for_each(|spike| flag("--spike ", spike));
    plan.horizon.iter().for_each(|time| flag("--for ", time));
    plan.set.iter().for_each(|(path, value)| flag("--set ", &format!("{path}={value}")));
    plan.objective.iter().for_each(|objective| flag("--objective ", objective));
    plan.compose_profile.iter().for_each(|name| flag("--compose-profile ", name));
    plan.env_file.iter().for_each(|path| flag("--env-file ", &path.display().to_string()));
    line
}

/// The word as a POSIX shell reads it back.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "-_./:=@%+,".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_can_be_typed_again() {
        let plan = PlanArguments {
            files: vec!["my plan.yaml".to_owned()],
            target: Some("512mb".to_owned()),
            spike: vec!["5x@10m+2m".to_owned()],
            set: vec![("services.api.command".to_owned(), "it's".to_owned())],
            ..PlanArguments::default()
        };
        assert_eq!(
            words(&plan),
            r" 'my plan.yaml' --target 512mb --spike 5x@10m+2m --set 'services.api.command=it'\''s'"
        );
    }
}
