//! Reads an expression in Prometheus's query language.
//!
//! Why not an existing parser: the one in Rust that is kept up to date (`promql-parser`) is built on a
//! generator of LR parsers, which brings some 40 crates with it, among them one that is no longer maintained
//! (bincode, RUSTSEC-2025-0141), a clock and files; and what it reads has no places. The language is small:
//! precedences from prometheus/prometheus, docs/querying/operators.md.

mod check;
mod selector;

use check::{binary, misplaced, wrong_kind};
use selector::plain;

use super::expression::{Expression, Kind, Operator, Selector};
use super::function::{aggregation, function, names};
use super::token::{Fault, Token, tokens};
use crate::diagnostic::did_you_mean;

/// Longest expression, in characters; those of published rule sets have a few hundred.
const LONGEST: usize = 10_000;
/// Most expressions inside one another.
const DEEPEST: usize = 50;
/// Most parts of one expression.
const MOST_PARTS: usize = 500;
/// Precedence of a sign before an expression: that of a product.
const SIGN: u8 = 5;

/// Reads an expression that can be a rule's: one that gives a number or an instant vector.
pub(crate) fn parse(text: &str) -> Result<Expression, Fault> {
    if text.chars().count() > LONGEST {
        let message = format!("an expression of more than {LONGEST} characters");
        return Err(Fault::new(0, message, "cut it into recording rules"));
    }
    let mut parser = Parser { tokens: tokens(text)?, next: 0, depth: 0, parts: 0 };
    let expression = parser.expression(0)?;
    if *parser.peek() != Token::End {
        return Err(parser.unexpected("an operator or the end"));
    }
    let kind = expression.kind();
    if matches!(kind, Kind::Scalar | Kind::Vector) {
        return Ok(expression);
    }
    let message = format!("a rule's expression gives {}", kind.words());
    Err(Fault::new(0, message, "ask for it as it is at one moment, as in `rate(metric[5m])`"))
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    next: usize,
    depth: usize,
    parts: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.next.min(self.tokens.len() - 1)].1
    }

    fn place(&self) -> usize {
        self.tokens[self.next.min(self.tokens.len() - 1)].0
    }

    fn advance(&mut self) -> Token {
        let token = self.peek().clone();
        self.next += 1;
        token
    }

    fn has(&mut self, sign: &str) -> bool {
        let is_next = matches!(self.peek(), Token::Sign(next) if *next == sign);
        self.next += usize::from(is_next);
        is_next
    }

    fn has_word(&mut self, word: &str) -> bool {
        let is_next = matches!(self.peek(), Token::Name(next) if next.eq_ignore_ascii_case(word));
        self.next += usize::from(is_next);
        is_next
    }

    fn want(&mut self, sign: &str) -> Result<(), Fault> {
        if self.has(sign) { Ok(()) } else { Err(self.unexpected(&format!("`{sign}`"))) }
    }

    fn unexpected(&self, wanted: &str) -> Fault {
        let found = match self.peek() {
            Token::Number(number) => format!("the number {number}"),
            Token::Duration(_) => "a length of time".to_owned(),
            Token::Text(_) => "a text".to_owned(),
            Token::Name(name) => format!("`{name}`"),
            Token::Sign(sign) => format!("`{sign}`"),
            Token::End => "the end".to_owned(),
        };
        Fault::new(self.place(), format!("{found} where {wanted} should be"), "mend the expression")
    }

    fn count(&mut self) -> Result<(), Fault> {
        self.parts += 1;
        if self.parts <= MOST_PARTS {
            return Ok(());
        }
        let message = format!("an expression of more than {MOST_PARTS} parts");
        Err(Fault::new(self.place(), message, "cut it into recording rules"))
    }

    /// An expression whose operators bind at least so strongly.
    fn expression(&mut self, least: u8) -> Result<Expression, Fault> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let message = format!("more than {DEEPEST} expressions inside one another");
            return Err(Fault::new(self.place(), message, "cut it into recording rules"));
        }
        let mut left = self.signed()?;
        while let Some((operator, strength)) = self.operator().filter(|found| found.1 >= least) {
            let at = self.place();
            self.next += 1;
            self.count()?;
            let is_bool = self.has_word("bool");
            let matching = self.matching()?;
            // A power binds to the right, everything else to the left.
            let above = strength + u8::from(operator != Operator::Power);
            let right = self.expression(above)?;
            left = binary(at, operator, is_bool, matching, [left, right])?;
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operator(&self) -> Option<(Operator, u8)> {
        let word = match self.peek() {
            Token::Sign(sign) => sign.to_string(),
            Token::Name(name) => name.to_lowercase(),
            Token::Number(_) | Token::Duration(_) | Token::Text(_) | Token::End => return None,
        };
        let known = Operator::ALL.iter().find(|(name, ..)| *name == word);
        known.map(|(_, operator, strength)| (*operator, *strength))
    }

    /// An expression with a sign before it.
    fn signed(&mut self) -> Result<Expression, Fault> {
        let at = self.place();
        if self.has("+") {
            return self.expression(SIGN + 1);
        }
        if !self.has("-") {
            return self.postfixed();
        }
        self.count()?;
        let of = self.expression(SIGN + 1)?;
        let kind = of.kind();
        if let Expression::Number(number) = of {
            return Ok(Expression::Number(-number));
        }
        if matches!(kind, Kind::Scalar | Kind::Vector) {
            return Ok(Expression::Negate(Box::new(of)));
        }
        Err(wrong_kind(at, "what a sign stands before", kind, "a number or an instant vector"))
    }

    /// An expression with what may follow it: a range, an offset, a fixed time.
    fn postfixed(&mut self) -> Result<Expression, Fault> {
        let mut of = self.primary()?;
        loop {
            let at = self.place();
            if self.has("[") {
                of = self.range(at, of)?;
            } else if self.has_word("offset") {
                let sign = if self.has("-") { -1 } else { 1 };
                let offset = sign * self.duration()?;
                if let Expression::Select(selector) = &mut of
                    && selector.offset == 0
                {
                    selector.offset = offset;
                } else if !matches!(of, Expression::Subquery) {
                    return Err(misplaced(at, "offset"));
                }
            } else if self.has("@") {
                self.fixed_time()?;
                if let Expression::Select(selector) = &mut of {
                    selector.is_fixed = true;
                } else if !matches!(of, Expression::Subquery) {
                    return Err(misplaced(at, "@"));
                }
            } else {
                return Ok(of);
            }
        }
    }

    fn duration(&mut self) -> Result<i64, Fault> {
        let length = if let Token::Duration(length) = self.peek() {
            *length
        } else if let Token::Number(seconds) = self.peek()
            // Prometheus 3 takes seconds without a unit as well.
            && (0.0..1e10).contains(seconds)
        {
            (seconds * 1e3) as i64
        } else {
            return Err(self.unexpected("a length of time such as `5m`"));
        };
        self.next += 1;
        Ok(length)
    }

    /// What stands in brackets behind an expression.
    fn range(&mut self, at: usize, of: Expression) -> Result<Expression, Fault> {
        let length = self.duration()?;
        if self.has(":") {
            if !self.has("]") {
                self.duration()?;
                self.want("]")?;
            }
            let kind = of.kind();
            if matches!(kind, Kind::Vector | Kind::Scalar) {
                return Ok(Expression::Subquery);
            }
            return Err(wrong_kind(at, "what a subquery asks for", kind, "an instant vector"));
        }
        self.want("]")?;
        if length == 0 {
            return Err(Fault::new(at, "a range of no length", "write one such as `[5m]`"));
        }
        if let Expression::Select(selector) = of
            && selector.range.is_none()
        {
            return Ok(Expression::Select(Selector { range: Some(length), ..selector }));
        }
        let hint = "a range stands behind a metric: `rate(metric[5m])`; behind anything else it is a \
                    subquery, `[5m:]`";
        Err(Fault::new(at, "a range behind what is no metric", hint))
    }

    fn fixed_time(&mut self) -> Result<(), Fault> {
        self.has("-");
        if self.has_word("start") || self.has_word("end") {
            self.want("(")?;
            return self.want(")");
        }
        let is_number = matches!(self.peek(), Token::Number(_));
        if !is_number {
            return Err(self.unexpected("a time"));
        }
        self.next += 1;
        Ok(())
    }

    fn primary(&mut self) -> Result<Expression, Fault> {
        self.count()?;
        let at = self.place();
        match self.advance() {
            Token::Number(number) => Ok(Expression::Number(number)),
            Token::Duration(length) => Ok(Expression::Number(length as f64 / 1e3)),
            Token::Text(_) => Ok(Expression::Text),
            Token::Sign("(") => {
                let inside = self.expression(0)?;
                self.want(")")?;
                Ok(inside)
            }
            Token::Sign("{") => self.selector(at, String::new()),
            Token::Name(name) => self.named(at, name),
            Token::Sign(_) | Token::End => {
                self.next -= 1;
                Err(self.unexpected("an expression"))
            }
        }
    }

    /// What begins with a name: an aggregation, a function, a number, a metric.
    fn named(&mut self, at: usize, name: String) -> Result<Expression, Fault> {
        let is_grouped = |next: &Token| matches!(next, Token::Name(word) if word.eq_ignore_ascii_case("by") || word.eq_ignore_ascii_case("without"));
        let is_called = *self.peek() == Token::Sign("(");
        if let Some((operator, parameter)) =
            aggregation(&name).filter(|_| is_called || is_grouped(self.peek()))
        {
            return self.aggregate(at, operator, parameter);
        }
        if is_called {
            return self.call(at, &name);
        }
        match name.to_lowercase().as_str() {
            "inf" => Ok(Expression::Number(f64::INFINITY)),
            "nan" => Ok(Expression::Number(f64::NAN)),
            _ => {
                let has_labels = self.has("{");
                if has_labels { self.selector(at, name) } else { Ok(plain(name)) }
            }
        }
    }

    fn call(&mut self, at: usize, name: &str) -> Result<Expression, Fault> {
        let Some((name, takes)) = function(name) else {
            let hint = match did_you_mean(name, names()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "functions are listed in Prometheus's documentation".to_owned(),
            };
            return Err(Fault::new(at, format!("there is no function `{name}`"), hint));
        };
        let arguments = self.arguments()?;
        if arguments.len() < takes.least()
            || takes.at(arguments.len().saturating_sub(1)).is_none() && !arguments.is_empty()
        {
            let message = format!("`{name}` with {} arguments", arguments.len());
            return Err(Fault::new(at, message, "look up what it takes"));
        }
        for (position, argument) in arguments.iter().enumerate() {
            let wanted = takes.at(position).unwrap_or(Kind::Vector);
            if argument.kind() != wanted {
                let what = format!("argument {} of `{name}`", position + 1);
                return Err(wrong_kind(at, &what, argument.kind(), wanted.words()));
            }
        }
        Ok(Expression::Call(name, arguments))
    }

    fn arguments(&mut self) -> Result<Vec<Expression>, Fault> {
        self.want("(")?;
        let mut all = Vec::new();
        while !self.has(")") {
            all.push(self.expression(0)?);
            if !self.has(",") {
                self.want(")")?;
                break;
            }
        }
        Ok(all)
    }

    /// An aggregation; `by` and `without` stand before or behind what is aggregated.
    fn aggregate(
        &mut self,
        at: usize,
        operator: &'static str,
        parameter: Option<Kind>,
    ) -> Result<Expression, Fault> {
        let before = self.grouping()?;
        let mut arguments = self.arguments()?;
        let behind = if before.is_none() { self.grouping()? } else { None };
        let wanted = 1 + usize::from(parameter.is_some());
        let Some(of) = arguments.pop().filter(|_| arguments.len() + 1 == wanted) else {
            let message = format!("`{operator}` takes {wanted} arguments");
            return Err(Fault::new(at, message, "look up what it takes"));
        };
        if of.kind() != Kind::Vector {
            let hint = Kind::Vector.words();
            return Err(wrong_kind(at, &format!("what `{operator}` aggregates"), of.kind(), hint));
        }
        let given = arguments.pop();
        if let (Some(given), Some(wanted)) = (&given, parameter)
            && given.kind() != wanted
        {
            let what = format!("the parameter of `{operator}`");
            return Err(wrong_kind(at, &what, given.kind(), wanted.words()));
        }
        let grouping = before.or(behind).unwrap_or_default();
        Ok(Expression::Aggregate {
            operator,
            parameter: given.map(Box::new),
            of: Box::new(of),
            grouping,
        })
    }
}
