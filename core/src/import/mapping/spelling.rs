//! How commands and texts spell the values of settings.

use crate::catalog::flag_values;

/// The flag with which software takes assignments.
const ASSIGNMENT_FLAG: &str = "-c";
/// The flag with which software takes directives.
const DIRECTIVE_FLAG: &str = "-g";

/// All words after each `flag` up to the next flag, in one line; `None` where the flag is missing. An empty one takes
/// back those before it (Redis source: config.c, setConfigSaveOption).
pub(super) fn repeated(words: &[String], flag: &str) -> Option<String> {
    let mut found: Option<Vec<&str>> = None;
    let mut is_inside = false;
    for word in words {
        if let Some(rest) = word.strip_prefix(flag).filter(|r| r.is_empty() || r.starts_with('=')) {
            is_inside = true;
            let values = found.get_or_insert_default();
            values.extend(rest.strip_prefix('='));
        } else if word.starts_with('-') {
            is_inside = false;
        } else if is_inside && word.trim_matches(['"', '\'']).is_empty() {
            found = Some(Vec::new());
        } else if is_inside {
            found.get_or_insert_default().push(word);
        }
    }
    found.map(|values| values.join(" ").trim().to_owned())
}

/// The last value that `-c name=value` or `--name=value` gives. Names may have `-` for `_`.
pub(super) fn assigned(words: &[String], name: &str) -> Option<String> {
    let short = flag_values(words, ASSIGNMENT_FLAG);
    let long = words.iter().filter_map(|word| word.strip_prefix("--"));
    let value = |text: &str| {
        let (found, value) = text.split_once('=')?;
        let found = found.trim().to_ascii_lowercase().replace('-', "_");
        (found == name).then(|| value.trim().to_owned())
    };
    short.into_iter().chain(long).filter_map(value).next_back()
}

/// The last value that a directive of `-g 'name value; …'` has.
pub(super) fn directed(words: &[String], name: &str) -> Option<String> {
    let texts = flag_values(words, DIRECTIVE_FLAG);
    let directives = texts.into_iter().flat_map(|text| text.split(';'));
    let value = |text: &str| {
        let (found, value) = text.trim().split_once(char::is_whitespace)?;
        (found == name).then(|| value.trim().to_owned())
    };
    directives.filter_map(value).next_back()
}

/// The last value that a text gives to a name: `name = value`, one on a line or before a `;`, without a comment.
pub(super) fn written<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let assignments = text.split(['\n', ';']).filter_map(|line| line.split_once('='));
    let of_name = assignments.filter(|(found, _)| {
        found.chars().filter(|letter| !letter.is_whitespace()).eq(name.chars())
    });
    of_name.map(|(_, value)| value.split('#').next().unwrap_or(value).trim()).next_back()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::split_words;

    fn words(text: &str) -> Vec<String> {
        split_words(text)
    }

    #[test]
    fn a_repeated_flag_gathers_its_words() {
        let save = |text: &str| repeated(&words(text), "--save");
        let expected = Some("900 1 300 10".to_owned());
        assert_eq!(save("--save 900 1 --appendonly yes --save 300 10"), expected);
        assert_eq!(save("--save '900 1 300 10'"), expected);
        assert_eq!(save("--save ''"), Some(String::new()));
        assert_eq!(save("--save 900 1 --save ''"), Some(String::new()));
        assert_eq!(save("--save 900 1 --save '' --save 60 1").as_deref(), Some("60 1"));
        assert_eq!(save("--saved 1"), None);
    }

    #[test]
    fn a_directive_is_found_among_others() {
        let found = |text: &str| directed(&words(text), "worker_processes");
        assert_eq!(found("-g 'daemon off; worker_processes 8;'").as_deref(), Some("8"));
        assert_eq!(found("-g 'worker_processes\tauto;daemon off;'").as_deref(), Some("auto"));
        assert_eq!(found("-g 'daemon off;'"), None);
    }

    #[test]
    fn a_text_of_assignments_is_read_by_its_lines() {
        let text = "# puma['a'] = 9\npuma['a'] = 1; puma['b']= '4GB' # why\npuma['a'] =2";
        assert_eq!(written(text, "puma['a']"), Some("2"));
        assert_eq!(written(text, "puma['b']"), Some("'4GB'"));
        assert_eq!(written(text, "puma"), None);
    }

    #[test]
    fn an_assignment_has_two_spellings_and_the_last_one_counts() {
        let found = |text: &str| assigned(&words(text), "max_connections");
        assert_eq!(found("-c max_connections=50"), Some("50".to_owned()));
        assert_eq!(found("-cmax_connections=50 --max-connections=60").as_deref(), Some("60"));
        assert_eq!(found("-c max_connection=50"), None);
    }
}
