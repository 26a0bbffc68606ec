//! Reads what selects, groups and matches series by their labels.

use regex_lite::RegexBuilder;

use super::super::expression::{Expression, Grouping, Many, Matcher, Matching, Selector, Test};
use super::super::token::{Fault, Token};
use super::Parser;

/// Bytes of a compiled regular expression.
const LARGEST_PATTERN: usize = 1 << 15;

impl Parser {
    pub(super) fn grouping(&mut self) -> Result<Option<Grouping>, Fault> {
        let without = self.has_word("without");
        if !without && !self.has_word("by") {
            return Ok(None);
        }
        Ok(Some(Grouping { without, labels: self.labels()? }))
    }

    /// Names of labels in parentheses.
    pub(super) fn labels(&mut self) -> Result<Vec<String>, Fault> {
        self.want("(")?;
        let mut all = Vec::new();
        while !self.has(")") {
            let (Token::Name(name) | Token::Text(name)) = self.advance() else {
                self.next -= 1;
                return Err(self.unexpected("a label"));
            };
            all.push(name);
            if !self.has(",") {
                self.want(")")?;
                break;
            }
        }
        Ok(all)
    }

    pub(super) fn matching(&mut self) -> Result<Matching, Fault> {
        let mut matching = Matching { on: false, labels: Vec::new(), many: Many::Neither };
        matching.on = self.has_word("on");
        if !matching.on && !self.has_word("ignoring") {
            return Ok(matching);
        }
        matching.labels = self.labels()?;
        let is_left = self.has_word("group_left");
        if is_left || self.has_word("group_right") {
            let has_labels = *self.peek() == Token::Sign("(");
            let taken = if has_labels { self.labels()? } else { Vec::new() };
            matching.many = if is_left { Many::Left(taken) } else { Many::Right(taken) };
        }
        Ok(matching)
    }

    /// The conditions behind a `{`.
    pub(super) fn selector(&mut self, at: usize, name: String) -> Result<Expression, Fault> {
        let mut matchers = Vec::new();
        let mut name = name;
        while !self.has("}") {
            self.count()?;
            let place = self.place();
            let is_quoted = matches!(self.peek(), Token::Text(_));
            let (Token::Name(label) | Token::Text(label)) = self.advance() else {
                self.next -= 1;
                return Err(self.unexpected("a label"));
            };
            // In Prometheus 3 a quoted name without a condition is the metric's.
            if is_quoted && matches!(self.peek(), Token::Sign("," | "}")) {
                name = label;
            } else {
                matchers.push(self.matcher(place, label)?);
            }
            if !self.has(",") {
                self.want("}")?;
                break;
            }
        }
        if name.is_empty() && !matchers.iter().any(|matcher| !matcher.passes("")) {
            let hint = "name a metric, or one label that must not be empty";
            return Err(Fault::new(at, "a selector that every series matches", hint));
        }
        if let Expression::Select(selector) = plain(name) {
            return Ok(Expression::Select(Selector { matchers, ..selector }));
        }
        Err(self.unexpected("a selector"))
    }

    fn matcher(&mut self, at: usize, label: String) -> Result<Matcher, Fault> {
        let Token::Sign(sign @ ("=" | "!=" | "=~" | "!~")) = self.advance() else {
            self.next -= 1;
            return Err(self.unexpected("`=`, `!=`, `=~` or `!~`"));
        };
        let Token::Text(value) = self.advance() else {
            self.next -= 1;
            return Err(self.unexpected("a text in quotes"));
        };
        let test = match sign {
            "=" => Test::Equal,
            "!=" => Test::NotEqual,
            "=~" => Test::Matches(pattern(at, &value)?),
            _ => Test::MatchesNot(pattern(at, &value)?),
        };
        Ok(Matcher { label, value, test })
    }
}

/// A regular expression that must match the whole text.
fn pattern(at: usize, text: &str) -> Result<regex_lite::Regex, Fault> {
    let whole = format!("^(?s:{text})$");
    RegexBuilder::new(&whole).size_limit(LARGEST_PATTERN).build().map_err(|error| {
        let message = format!("`{text}` is no regular expression that is understood: {error}");
        Fault::new(at, message, "mend it")
    })
}

pub(super) fn plain(name: String) -> Expression {
    let (matchers, range, offset, is_fixed) = (Vec::new(), None, 0, false);
    Expression::Select(Selector { name, matchers, range, offset, is_fixed })
}
