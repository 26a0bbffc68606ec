//! Scripts of a shell as their commands, cut as POSIX says (The Open Group, Shell Command Language: 2.2 quoting,
//! 2.3 token recognition, 2.9 commands).

use std::mem::take;

/// Words of a shell's grammar that stand before a command.
const BEFORE_COMMANDS: &[&str] = &["while", "until", "if", "elif", "then", "else", "do", "!", "{"];
/// Commands that ask, so that what follows them on `&&` or `||` may not be run.
const TESTS: &[&str] = &["[", "[[", "test"];
/// Words of a shell's grammar that begin what is no command.
const NO_COMMANDS: &[&str] = &["for", "case", "done", "fi", "esac", "}", "set", "trap", "cd"];

/// A command of a shell script.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Command {
    /// Its words, without quotes; never empty.
    pub(super) words: Vec<String>,
    /// Whether it reads what another writes, so that it is no more than that one's helper.
    pub(super) is_piped: bool,
    /// Whether the script goes on beside it.
    pub(super) is_background: bool,
    /// Whether a `while` asks it.
    pub(super) is_loop: bool,
    /// Whether it is run only as a test before it says.
    pub(super) is_conditional: bool,
}

/// What ends a command.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Next,
    Background,
    Pipe,
}

/// The commands of a script.
pub(super) fn shell_commands(script: &str) -> Vec<Command> {
    let mut cutter = Cutter { rest: script, ..Cutter::default() };
    while let Some(letter) = cutter.next() {
        cutter.take(letter);
    }
    cutter.end(End::Next);
    cutter.commands
}

#[derive(Default)]
struct Cutter<'s> {
    rest: &'s str,
    /// The word that is being read; none between words.
    word: Option<String>,
    words: Vec<String>,
    is_piped: bool,
    /// Whether a `while` asks what a bracket holds.
    is_asked: bool,
    commands: Vec<Command>,
    /// Number of the first command of the pipe, or of the group in brackets, that is being read.
    start: usize,
    /// Numbers of the first commands of the groups that are open.
    groups: Vec<usize>,
    /// How many `if` and `case` are open.
    conditions: usize,
}

/// Groups within one another that are told apart; more of them no script has.
const MOST_GROUPS: usize = 50;

impl Cutter<'_> {
    fn next(&mut self) -> Option<char> {
        let mut letters = self.rest.chars();
        let letter = letters.next();
        self.rest = letters.as_str();
        letter
    }

    fn skip(&mut self, text: &str) -> bool {
        let after = self.rest.strip_prefix(text);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn push(&mut self, text: &str) {
        self.word.get_or_insert_default().push_str(text);
    }

    fn take(&mut self, letter: char) {
        let is_redirect = self.word.as_ref().is_some_and(|word| word.ends_with('>'))
            || self.rest.starts_with('>');
        match letter {
            '\\' if self.skip("\n") || self.skip("\r\n") => {}
            '\\' => {
                let letter = self.next().unwrap_or(letter);
                self.push(letter.encode_utf8(&mut [0; 4]));
            }
            '\'' | '"' => self.quoted(letter),
            '$' if self.rest.starts_with('(') => self.substitution(),
            '#' if self.word.is_none() => {
                self.rest = self.rest.find('\n').map_or("", |end| &self.rest[end..]);
            }
            // `2>&1` and `&>file` are no ends.
            '&' if is_redirect => self.push("&"),
            '&' if self.skip("&") => self.end(End::Next),
            '&' => self.end(End::Background),
            '|' if self.skip("|") => self.end(End::Next),
            '|' => {
                self.skip("&");
                self.end(End::Pipe);
            }
            '(' => {
                self.end(End::Next);
                if self.groups.len() < MOST_GROUPS {
                    self.groups.push(self.commands.len());
                }
            }
            ')' => {
                self.end(End::Next);
                self.start = self.groups.pop().unwrap_or(self.start);
            }
            ';' | '\n' => self.end(End::Next),
            letter if letter.is_whitespace() => self.words.extend(self.word.take()),
            letter => self.push(letter.encode_utf8(&mut [0; 4])),
        }
    }

    /// Reads what a quote holds; one that is left open is a letter, since a part of the command is better than nothing.
    fn quoted(&mut self, quote: char) {
        let escapes = quote == '"';
        let mut is_escaped = false;
        let end = self.rest.find(|letter: char| {
            let ends = letter == quote && !is_escaped;
            is_escaped = escapes && letter == '\\' && !is_escaped;
            ends
        });
        let Some(end) = end else { return self.push(quote.encode_utf8(&mut [0; 4])) };
        let (mut held, after) = (&self.rest[..end], &self.rest[end + 1..]);
        self.rest = after;
        self.push("");
        while let Some(at) = held.find('\\').filter(|_| escapes) {
            self.push(&held[..at]);
            let escaped = held[at + 1..].chars().next().unwrap_or_default();
            held = &held[at + 1..];
            match escaped {
                '\n' => held = &held[1..],
                '"' | '\\' | '$' | '`' => {
                    self.push(&held[..1]);
                    held = &held[1..];
                }
                _ => self.push("\\"),
            }
        }
        self.push(held);
    }

    /// Reads `$(…)` as it is written: what it starts ends before the command does.
    fn substitution(&mut self) {
        let mut depth = 0;
        let end = self.rest.find(|letter| {
            depth += i32::from(letter == '(') - i32::from(letter == ')');
            depth == 0
        });
        let end = end.map_or(self.rest.len(), |end| end + 1);
        let (held, after) = self.rest.split_at(end);
        self.push("$");
        self.push(held);
        self.rest = after;
    }

    fn end(&mut self, end: End) {
        self.words.extend(self.word.take());
        let is_piped =
            std::mem::replace(&mut self.is_piped, end == End::Pipe && !self.words.is_empty());
        let grammar = self.words.iter().take_while(|word| BEFORE_COMMANDS.contains(&word.as_str()));
        let count = grammar.count();
        let words = self.words.split_off(count);
        let grammar = take(&mut self.words);
        self.is_asked |= grammar.iter().any(|word| word == "while");
        let is_conditional = self.is_conditional(&grammar, &words);
        if words.first().is_some_and(|first| !NO_COMMANDS.contains(&first.as_str())) {
            let is_loop = take(&mut self.is_asked);
            let is_background = false;
            let command = Command { words, is_piped, is_background, is_loop, is_conditional };
            self.commands.push(command);
        }
        if end == End::Background {
            // All of a pipe or a group goes there.
            self.commands[self.start..].iter_mut().for_each(|one| one.is_background = true);
        }
        if end != End::Pipe {
            self.start = self.commands.len();
        }
    }

    /// Whether these words are run only as a test says, by the words of the grammar before them.
    fn is_conditional(&mut self, grammar: &[String], words: &[String]) -> bool {
        let first = words.first().map_or("", String::as_str);
        self.conditions += grammar.iter().filter(|word| *word == "if").count();
        self.conditions += usize::from(first == "case");
        if matches!(first, "fi" | "esac") {
            self.conditions = self.conditions.saturating_sub(1);
        }
        let is_test = |one: &Command| TESTS.contains(&one.words[0].as_str());
        self.conditions > 0 || self.commands.last().is_some_and(is_test)
    }
}

/// Splits text into words at blanks outside quotes, as a shell does; at every blank where a quote
/// is left open, since a part of the command is better than nothing.
pub fn split_words(text: &str) -> Vec<String> {
    shell_words::split(text)
        .unwrap_or_else(|_| text.split_whitespace().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_cut_as_a_shell_cuts_it() {
        for (script, expected) in [
            ("a b; c && d || e\nf", "a b/c/d/e/f"),
            ("a \\\n  --workers 4 \\\r\n --threads 4", "a --workers 4 --threads 4"),
            ("# don't; stop\na # it's\nb#c d", "a/b#c d"),
            ("# a comment ends with its line \\\na", "a"),
            ("a 'b; c' \"d && \\\"e\\\" \\n\" f\\;g ''", "a b; c d && \"e\" \\n f;g "),
            ("a 2>&1 &>log | b", "a 2>&1 &>log/|b"),
            ("a & b |& c & d", "&a/&b/&|c/d"),
            ("(a && b) & (c; (d)) | e & f", "&a/&b/&c/&d/&e/f"),
            ("while (true); do a; done", "~true/a"),
            ("a &| b &| c", "&a/&b/c"),
            ("while true; do a; done; if b; then c; fi; (d; e)", "~true/a/?b/?c/d/e"),
            ("[ -n x ] && a; b; test x || c", "[ -n x ]/?a/b/test x/?c"),
            ("cd /app && a $(b; c $(d)) $((1 + 2))", "a $(b; c $(d)) $((1 + 2))"),
            ("a 'b; c", "a 'b/c"),
            ("", ""),
        ] {
            let shown = |one: &Command| {
                let mark = |is: bool, mark| if is { mark } else { "" };
                let marks = [
                    (one.is_background, "&"),
                    (one.is_piped, "|"),
                    (one.is_loop, "~"),
                    (one.is_conditional, "?"),
                ];
                let marks: String = marks.map(|(is, letter)| mark(is, letter)).concat();
                format!("{marks}{}", one.words.join(" "))
            };
            let found: Vec<String> = shell_commands(script).iter().map(shown).collect();
            assert_eq!(found.join("/"), expected, "{script}");
        }
    }
}
