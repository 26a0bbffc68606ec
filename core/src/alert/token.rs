//! The words of an expression.

use super::duration::parse_duration;

/// Something wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Where, in characters from 0.
    pub(crate) at: usize,
    pub(crate) message: String,
    pub(crate) hint: String,
}

impl Fault {
    pub(super) fn new(at: usize, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Fault { at, message: message.into(), hint: hint.into() }
    }
}

/// A word.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Number(f64),
    /// Milliseconds.
    Duration(i64),
    Text(String),
    /// A name of a metric, label or function, or a keyword.
    Name(String),
    /// An operator, a bracket or a comma.
    Sign(&'static str),
    End,
}

/// Signs; longer ones before those that they begin with.
const SIGNS: [&str; 25] = [
    "==", "!=", "=~", "!~", ">=", "<=", "+", "-", "*", "/", "%", "^", ">", "<", "=", "(", ")", "{",
    "}", "[", "]", ",", ":", "@", "!",
];

/// The words of `text` with their places, an end after them.
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, Fault> {
    let characters: Vec<char> = text.chars().collect();
    let mut scanner = Scanner { characters: &characters, at: 0, is_in_brackets: false };
    let mut found = Vec::new();
    loop {
        scanner.skip();
        let start = scanner.at;
        let token = scanner.next()?;
        let is_end = token == Token::End;
        found.push((start, token));
        if is_end {
            return Ok(found);
        }
    }
}

struct Scanner<'a> {
    characters: &'a [char],
    at: usize,
    is_in_brackets: bool,
}

impl Scanner<'_> {
    fn peek(&self, ahead: usize) -> char {
        self.characters.get(self.at + ahead).copied().unwrap_or('\0')
    }

    /// Skips blanks and comments.
    fn skip(&mut self) {
        while self.at < self.characters.len() {
            if self.peek(0) == '#' {
                while self.at < self.characters.len() && self.peek(0) != '\n' {
                    self.at += 1;
                }
            } else if self.peek(0).is_whitespace() {
                self.at += 1;
            } else {
                return;
            }
        }
    }

    fn next(&mut self) -> Result<Token, Fault> {
        let first = self.peek(0);
        if self.at >= self.characters.len() {
            return Ok(Token::End);
        }
        if first.is_ascii_digit() || (first == '.' && self.peek(1).is_ascii_digit()) {
            return self.number();
        }
        // A colon inside brackets belongs to a subquery; elsewhere a name of a recorded series may begin with it.
        let begins_name = |c: char| c.is_ascii_alphabetic() || c == '_';
        if begins_name(first) || (first == ':' && !self.is_in_brackets && begins_name(self.peek(1)))
        {
            return Ok(Token::Name(
                self.take(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':'),
            ));
        }
        if matches!(first, '"' | '\'' | '`') {
            return self.text(first);
        }
        let begins = |sign: &&&str| sign.chars().enumerate().all(|(i, c)| self.peek(i) == c);
        let Some(sign) = SIGNS.iter().find(begins) else {
            let message = format!("`{first}` means nothing in an expression");
            return Err(Fault::new(self.at, message, "take it out"));
        };
        self.at += sign.len();
        if matches!(*sign, "[" | "]") {
            self.is_in_brackets = *sign == "[";
        }
        Ok(Token::Sign(sign))
    }

    fn take(&mut self, belongs: impl Fn(char) -> bool) -> String {
        let start = self.at;
        while self.at < self.characters.len() && belongs(self.peek(0)) {
            self.at += 1;
        }
        self.characters[start..self.at].iter().collect()
    }

    /// A number, or a length of time where a unit follows.
    fn number(&mut self) -> Result<Token, Fault> {
        let start = self.at;
        let is_hex = self.peek(0) == '0' && matches!(self.peek(1), 'x' | 'X');
        let mut word = self.take(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_');
        let is_power = word.ends_with(['e', 'E']) && matches!(self.peek(0), '+' | '-');
        if is_power && !is_hex {
            word.push(self.peek(0));
            self.at += 1;
            word.push_str(&self.take(|c| c.is_ascii_digit()));
        }
        let number = if is_hex {
            u64::from_str_radix(&word[2..], 16).ok().map(|number| number as f64)
        } else {
            word.parse().ok()
        };
        let token =
            number.map(Token::Number).or_else(|| parse_duration(&word).map(Token::Duration));
        token.ok_or_else(|| {
            let message = format!("`{word}` is neither a number nor a length of time");
            let hint = "write numbers as 1.5 or 1e9, times as 5m or 1h30m";
            Fault::new(start, message, hint)
        })
    }

    /// A text in quotes, in which `\` begins an escape unless they are back quotes.
    fn text(&mut self, quote: char) -> Result<Token, Fault> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        while self.at < self.characters.len() {
            let next = self.peek(0);
            self.at += 1;
            if next == quote {
                return Ok(Token::Text(text));
            }
            if next == '\\' && quote != '`' {
                text.push(self.escape()?);
            } else {
                text.push(next);
            }
        }
        Err(Fault::new(start, "the text that begins here does not end", "close its quote"))
    }

    /// What stands after a `\`: the escapes of Go.
    fn escape(&mut self) -> Result<char, Fault> {
        let at = self.at - 1;
        let kind = self.peek(0);
        self.at += 1;
        let digits = match kind {
            'n' => return Ok('\n'),
            't' => return Ok('\t'),
            'r' => return Ok('\r'),
            'a' => return Ok('\u{7}'),
            'b' => return Ok('\u{8}'),
            'f' => return Ok('\u{c}'),
            'v' => return Ok('\u{b}'),
            '\\' | '"' | '\'' => return Ok(kind),
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        let code: String = (0..digits).map(|ahead| self.peek(ahead)).collect();
        self.at += digits;
        let read = u32::from_str_radix(&code, 16).ok().and_then(char::from_u32);
        read.filter(|_| digits > 0).ok_or_else(|| {
            let hint = "double it: in a regular expression, a dot is `\\\\.` between these quotes";
            Fault::new(at, format!("`\\{kind}` is no escape"), hint)
        })
    }
}
