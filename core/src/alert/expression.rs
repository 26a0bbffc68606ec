//! An expression as it is written.

use regex_lite::Regex;

/// What an expression gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Scalar,
    Vector,
    Range,
    Text,
}

impl Kind {
    pub(super) fn words(self) -> &'static str {
        match self {
            Kind::Scalar => "a number",
            Kind::Vector => "an instant vector",
            Kind::Range => "a range vector",
            Kind::Text => "a text",
        }
    }
}

/// How a label is compared.
#[derive(Clone, Debug)]
pub(crate) enum Test {
    Equal,
    NotEqual,
    Matches(Regex),
    MatchesNot(Regex),
}

/// One condition on a label.
#[derive(Clone, Debug)]
pub(crate) struct Matcher {
    pub(crate) label: String,
    pub(crate) value: String,
    pub(crate) test: Test,
}

impl Matcher {
    /// Whether a label of this value passes; a label that is not there is empty.
    pub(crate) fn passes(&self, value: &str) -> bool {
        match &self.test {
            Test::Equal => value == self.value,
            Test::NotEqual => value != self.value,
            Test::Matches(pattern) => pattern.is_match(value),
            Test::MatchesNot(pattern) => !pattern.is_match(value),
        }
    }

    /// As it is written.
    pub(crate) fn written(&self) -> String {
        let sign = match self.test {
            Test::Equal => "=",
            Test::NotEqual => "!=",
            Test::Matches(_) => "=~",
            Test::MatchesNot(_) => "!~",
        };
        format!("{}{sign}\"{}\"", self.label, self.value)
    }
}

/// Series that are asked for.
#[derive(Clone, Debug)]
pub(crate) struct Selector {
    /// Empty where only labels are given.
    pub(crate) name: String,
    pub(crate) matchers: Vec<Matcher>,
    /// Milliseconds; `None` for an instant.
    pub(crate) range: Option<i64>,
    /// Milliseconds back.
    pub(crate) offset: i64,
    /// Whether it is asked for at a fixed time (`@`).
    pub(crate) is_fixed: bool,
}

/// `by` or `without`, and the labels.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grouping {
    pub(crate) without: bool,
    pub(crate) labels: Vec<String>,
}

/// Which side may have several series for one of the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Many {
    Neither,
    /// `group_left`, and the labels taken over.
    Left(Vec<String>),
    /// `group_right`.
    Right(Vec<String>),
}

/// Which series of both sides belong together.
#[derive(Clone, Debug)]
pub(crate) struct Matching {
    /// `on`, else `ignoring`.
    pub(crate) on: bool,
    pub(crate) labels: Vec<String>,
    pub(crate) many: Many,
}

/// An operator between two expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    Atan2,
    Equal,
    NotEqual,
    Greater,
    Less,
    AtLeast,
    AtMost,
    And,
    Or,
    Unless,
}

impl Operator {
    pub(super) const ALL: [(&'static str, Operator, u8); 16] = [
        ("or", Operator::Or, 1),
        ("and", Operator::And, 2),
        ("unless", Operator::Unless, 2),
        ("==", Operator::Equal, 3),
        ("!=", Operator::NotEqual, 3),
        (">", Operator::Greater, 3),
        ("<", Operator::Less, 3),
        (">=", Operator::AtLeast, 3),
        ("<=", Operator::AtMost, 3),
        ("+", Operator::Add, 4),
        ("-", Operator::Subtract, 4),
        ("*", Operator::Multiply, 5),
        ("/", Operator::Divide, 5),
        ("%", Operator::Remainder, 5),
        ("atan2", Operator::Atan2, 5),
        ("^", Operator::Power, 6),
    ];

    pub(crate) fn is_comparison(self) -> bool {
        use Operator::{AtLeast, AtMost, Equal, Greater, Less, NotEqual};
        matches!(self, Equal | NotEqual | Greater | Less | AtLeast | AtMost)
    }

    pub(crate) fn is_set(self) -> bool {
        matches!(self, Operator::And | Operator::Or | Operator::Unless)
    }
}

/// An expression.
#[derive(Clone, Debug)]
pub(crate) enum Expression {
    Number(f64),
    /// A text, which no function that is evaluated takes.
    Text,
    Select(Selector),
    /// `expression[range:step]`: what it gives is known, and it is not evaluated.
    Subquery,
    Negate(Box<Expression>),
    Call(&'static str, Vec<Expression>),
    Aggregate {
        operator: &'static str,
        parameter: Option<Box<Expression>>,
        of: Box<Expression>,
        grouping: Grouping,
    },
    Binary {
        operator: Operator,
        is_bool: bool,
        matching: Matching,
        sides: Box<[Expression; 2]>,
    },
}

impl Expression {
    /// What it gives.
    pub(super) fn kind(&self) -> Kind {
        match self {
            Expression::Number(_) => Kind::Scalar,
            Expression::Text => Kind::Text,
            Expression::Select(selector) if selector.range.is_some() => Kind::Range,
            Expression::Subquery => Kind::Range,
            Expression::Select(_) | Expression::Aggregate { .. } => Kind::Vector,
            Expression::Negate(of) => of.kind(),
            Expression::Call(name, _) => super::function::gives(name),
            Expression::Binary { sides, .. } => match sides.each_ref().map(Expression::kind) {
                [Kind::Scalar, Kind::Scalar] => Kind::Scalar,
                _ => Kind::Vector,
            },
        }
    }
}
