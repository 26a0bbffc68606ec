//! The way that a `case` of a shell script takes, as POSIX says (The Open Group, Shell Command Language: 2.9.4.3 case
//! conditional construct, 2.14 pattern matching).

use super::starter::{is_shell, script_at};

/// Constructs of one script that are looked at, and ways of each; more of them no script has.
const MOST: usize = 20;
const MOST_WAYS: usize = 100;
/// Bytes of the longest word and pattern that are compared: the time that it takes follows their product.
const LONGEST: usize = 1024;

/// The words of a command whose shell script asks with `case` what to start: in place of each `case` whose word is
/// known stands the way that it takes. A word is an argument of the script (`$1`) or a variable.
///
/// ```
/// use plimsoll::catalog::taken_branch;
/// let script = "case \"$1\" in web) gunicorn shop.wsgi;; worker) celery -A shop worker;; esac";
/// let command = ["sh", "-c", script, "--", "worker"].map(String::from);
/// assert_eq!(taken_branch(&command, &|_| None)[2], " celery -A shop worker");
/// ```
pub fn taken_branch(words: &[String], variable: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
    let mut words = words.to_vec();
    let shell = words.iter().position(|word| is_shell(word));
    let Some(at) = shell.and_then(|shell| Some(shell + script_at(&words[shell..])?)) else {
        return words;
    };
    let Some(script) = words.get(at).filter(|script| script.contains("esac")) else { return words };
    let value = |name: &str| match name.parse::<u16>() {
        // The first word after the script is `$0`.
        Ok(number) => Some(words.get(at + 1 + usize::from(number)).cloned().unwrap_or_default()),
        Err(_) => variable(name),
    };
    words[at] = resolved(script, &value);
    words
}

fn resolved(script: &str, value: &dyn Fn(&str) -> Option<String>) -> String {
    let mut script = without_comments(script);
    let mut from = 0;
    for _ in 0..MOST {
        let Some(found) = construct(&script, from) else { break };
        let (start, end) = (found.start, found.end);
        let word = found.word.and_then(|word| known(word, value));
        let word = word.filter(|word| word.len() <= LONGEST && found.ways.len() <= MOST_WAYS);
        match word.and_then(|word| found.way(&word).map(str::to_owned)) {
            Some(way) => {
                script.replace_range(start..end, &way);
                from = start;
            }
            None => from = end,
        }
    }
    script
}

/// A `case … esac` of a script.
struct Construct<'s> {
    start: usize,
    end: usize,
    /// The word that it asks for, with its quotes; none where the construct is not understood.
    word: Option<&'s str>,
    /// Patterns and what stands behind each.
    ways: Vec<(&'s str, &'s str)>,
}

impl Construct<'_> {
    /// What is done with this word; none where a pattern is not understood.
    fn way(&self, word: &str) -> Option<&str> {
        for (patterns, way) in &self.ways {
            for pattern in patterns.trim().trim_start_matches('(').split('|') {
                let pattern = plain(pattern.trim());
                if pattern.contains(['[', '$', '\\', '`']) || pattern.len() > LONGEST {
                    return None;
                }
                if matches(&pattern, word) {
                    return Some(way);
                }
            }
        }
        Some("")
    }
}

/// The first construct from a place on.
fn construct(script: &str, from: usize) -> Option<Construct<'_>> {
    let mut words = Scan { script, at: from };
    let start = loop {
        let (at, word) = words.next()?;
        if word == "case" && is_command(&script[..at]) {
            break at;
        }
    };
    let (_, word) = words.next()?;
    let (_, is_in) = words.next()?;
    let end = words.end()?;
    let open = words.at;
    let none = Construct { start, end, word: None, ways: Vec::new() };
    let body = &script[open..end - "esac".len()];
    // One within another is left as it is.
    let mut within = Scan { script: body, at: 0 };
    if is_in != "in" || within.any(|(_, word)| word == "case") {
        return Some(none);
    }
    let Some(ways) = ways(body) else { return Some(none) };
    Some(Construct { word: Some(word), ways, ..none })
}

/// Whether a command begins behind this text.
fn is_command(before: &str) -> bool {
    let before = before.trim_end_matches([' ', '\t']);
    before.is_empty()
        || before.ends_with([';', '\n', '&', '|', '(', '{'])
        || ["then", "do", "else"].iter().any(|word| before.ends_with(word))
}

/// Patterns and what stands behind each; none where brackets are missing.
fn ways(body: &str) -> Option<Vec<(&str, &str)>> {
    let mut ways = Vec::new();
    let mut rest = body;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r', ';']);
        if rest.is_empty() {
            return Some(ways);
        }
        let close = unquoted(rest, |text| text.starts_with(')')).filter(|close| *close > 0)?;
        let after = &rest[close + 1..];
        let end = unquoted(after, |text| text.starts_with(";;")).unwrap_or(after.len());
        ways.push((&rest[..close], &after[..end]));
        rest = &after[end..];
    }
}

/// A script without its comments: a `#` where a word may begin, and what follows it on its line.
fn without_comments(script: &str) -> String {
    let mut kept = String::with_capacity(script.len());
    let mut rest = script;
    loop {
        let mut before = ' ';
        let start = unquoted(rest, |text| {
            let can_begin = before.is_whitespace() || ";&|()".contains(before);
            let letter = text.chars().next().unwrap_or(' ');
            before = letter;
            letter == '#' && can_begin
        });
        let Some(start) = start else {
            kept.push_str(rest);
            return kept;
        };
        kept.push_str(&rest[..start]);
        rest = &rest[start..];
        rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
    }
}

/// The first place outside quotes at which the text `is_it`.
fn unquoted(text: &str, mut is_it: impl FnMut(&str) -> bool) -> Option<usize> {
    let mut quote = None;
    let mut is_escaped = false;
    text.char_indices().find_map(|(at, letter)| {
        let is_plain = quote.is_none() && !is_escaped;
        if is_plain && is_it(&text[at..]) {
            return Some(at);
        }
        match (letter, quote) {
            _ if is_escaped => {}
            ('\'' | '"', None) => quote = Some(letter),
            (letter, Some(open)) if letter == open => quote = None,
            _ => {}
        }
        is_escaped = letter == '\\' && !is_escaped && quote != Some('\'');
        None
    })
}

/// Words of a script, cut at blanks and at what ends a command outside quotes.
struct Scan<'s> {
    script: &'s str,
    at: usize,
}

impl<'s> Scan<'s> {
    /// Goes behind the `esac` of the construct whose body begins here; gives that place.
    fn end(&self) -> Option<usize> {
        let mut depth = 1;
        for (at, word) in (Scan { script: self.script, at: self.at }) {
            match word {
                "case" if is_command(&self.script[..at]) => depth += 1,
                "esac" => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Some(at + word.len());
            }
        }
        None
    }
}

impl<'s> Iterator for Scan<'s> {
    type Item = (usize, &'s str);

    fn next(&mut self) -> Option<(usize, &'s str)> {
        let ends = |letter: char| letter.is_whitespace() || ";&|()".contains(letter);
        let rest = &self.script[self.at..];
        let start = self.at + rest.find(|letter| !ends(letter))?;
        let word = &self.script[start..];
        let length = unquoted(word, |text| text.starts_with(ends)).unwrap_or(word.len());
        self.at = start + length;
        Some((start, &word[..length]))
    }
}

/// What a word comes to; none where nobody knows.
fn known(word: &str, value: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let word = plain(word);
    let Some(name) = word.strip_prefix('$') else {
        return (!word.contains(['$', '`'])).then_some(word);
    };
    let inner = name.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
    let (name, usual) = match inner.and_then(|inner| inner.split_once('-')) {
        Some((name, usual)) => (name.trim_end_matches(':'), Some(usual.to_owned())),
        None => (inner.unwrap_or(name), None),
    };
    if usual.as_ref().is_some_and(|usual| usual.contains(['$', '`'])) {
        return None;
    }
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let set = value(name).filter(|value| usual.is_none() || !value.is_empty());
    set.or(usual).filter(|_| is_name)
}

/// A word without its quotes.
fn plain(word: &str) -> String {
    word.chars().filter(|letter| !matches!(letter, '"' | '\'')).collect()
}

/// Whether a pattern of letters, `*` and `?` fits all of a word: what stands behind the last star is tried one letter
/// further each time.
fn matches(pattern: &str, word: &str) -> bool {
    let [pattern, word] = [pattern, word].map(|text| text.chars().collect::<Vec<_>>());
    let (mut at, mut star, mut place) = (0, None, 0);
    while place < word.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, place));
                at += 1;
            }
            Some(&wanted) if wanted == '?' || wanted == word[place] => {
                at += 1;
                place += 1;
            }
            _ => {
                let Some((behind, last)) = star else { return false };
                star = Some((behind, last + 1));
                at = behind + 1;
                place = last + 1;
            }
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(script: &str, arguments: &[&str], variables: &[(&str, &str)]) -> String {
        let mut words = ["sh", "-c", script].map(String::from).to_vec();
        words.extend(arguments.iter().map(|&word| word.to_owned()));
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        taken_branch(&words, &variable)[2].trim().to_owned()
    }

    #[test]
    fn the_way_of_a_known_word_is_taken() {
        let script = "set -e\ncase \"$1\" in\n  web|http) exec gunicorn a ;;\n  'worker') celery -A a \
                      worker ;;\n  w*) echo \"a;; b)\" ;;\n  *) exec \"$@\" ;;\nesac";
        for (arguments, expected) in [
            (&["-", "web"][..], "set -e\n exec gunicorn a"),
            (&["-", "http"], "set -e\n exec gunicorn a"),
            (&["-", "worker"], "set -e\n celery -A a worker"),
            (&["-", "wait"], "set -e\n echo \"a;; b)\""),
            (&[], "set -e\n exec \"$@\""),
        ] {
            assert_eq!(taken(script, arguments, &[]), expected, "{arguments:?}");
        }
        let script = "case \"$1\" in # don't ask\n # background jobs\nworker) a#b;; *) c;; esac";
        assert_eq!(taken(script, &["-", "worker"], &[]), "a#b");
        let script = "case ${ROLE:-web} in web) a;; (job) b;; esac; c";
        assert_eq!(taken(script, &[], &[]), "a; c");
        assert_eq!(taken(script, &[], &[("ROLE", "job")]), "b; c");
        assert_eq!(taken(script, &[], &[("ROLE", "other")]), "; c");
    }

    #[test]
    fn what_is_not_known_stays() {
        for script in [
            "case $ROLE in web) a;; esac",
            "case $(uname) in Linux) a;; esac",
            "case \"$1-$2\" in web-*) a;; *) b;; esac",
            "case $1-$2 in web) a;; *) b;; esac",
            "case ${ROLE:-$1} in web) a;; *) b;; esac",
            "case $18446744073709551615 in web) a;; esac",
            "case $1 in [a-z]*) a;; esac",
            "case $1 in web) case $2 in x) a;; esac;; esac",
            "case $1 in web) a;;",
            "case $1",
            "echo case a in a) b esac",
            "case",
            "case 'a",
        ] {
            assert_eq!(taken(script, &["-", "web"], &[]), script);
        }
        assert_eq!(taken_branch(&["case".into(), "esac".into()], &|_| None).len(), 2);
        let long = "a".repeat(LONGEST + 1);
        let script = format!("case $1 in *{long}) a;; esac");
        assert_eq!(taken(&script, &["-", "web"], &[]), script);
        assert_eq!(taken("case $1 in *) a;; esac", &["-", &long], &[]), "case $1 in *) a;; esac");
    }
}
