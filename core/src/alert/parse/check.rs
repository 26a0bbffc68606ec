//! What goes together in an expression, and what is said where it does not.

use super::super::expression::{Expression, Kind, Many, Matching, Operator};
use super::super::token::Fault;

pub(super) fn misplaced(at: usize, word: &str) -> Fault {
    let message = format!("`{word}` behind what is no metric");
    Fault::new(
        at,
        message,
        format!("`{word}` stands behind a metric, once: `rate(metric[5m] {word} …)`"),
    )
}

pub(super) fn wrong_kind(at: usize, what: &str, found: Kind, wanted: &str) -> Fault {
    let hint = match found {
        Kind::Range => "ask for a rate or a mean over that time",
        Kind::Vector => "give it a range, as in `metric[5m]`, or make it a number with `scalar()`",
        Kind::Scalar => "make it a vector with `vector()`",
        Kind::Text => "take out the quotes",
    };
    Fault::new(at, format!("{what} is {}, not {wanted}", found.words()), hint)
}

/// An operator with its sides, which must go together.
pub(super) fn binary(
    at: usize,
    operator: Operator,
    is_bool: bool,
    matching: Matching,
    sides: [Expression; 2],
) -> Result<Expression, Fault> {
    let kinds = sides.each_ref().map(Expression::kind);
    if let Some(kind) = kinds.into_iter().find(|kind| matches!(kind, Kind::Range | Kind::Text)) {
        return Err(wrong_kind(at, "a side of an operator", kind, "a number or an instant vector"));
    }
    let scalars = kinds.iter().filter(|kind| **kind == Kind::Scalar).count();
    let complaint = if is_bool && !operator.is_comparison() {
        Some(("`bool` behind what is no comparison", "take out `bool`"))
    } else if operator.is_comparison() && !is_bool && scalars == 2 {
        Some(("a comparison of two numbers", "write `bool` behind its sign"))
    } else if operator.is_set() && scalars > 0 {
        Some(("`and`, `or` and `unless` join vectors, and one side is a number", "use `vector()`"))
    } else if operator.is_set() && matching.many != Many::Neither {
        Some((
            "`group_left` and `group_right` do not go with `and`, `or` and `unless`",
            "take it out",
        ))
    } else if scalars > 0 && (matching.on || !matching.labels.is_empty()) {
        Some(("labels are matched where one side is a number", "take out `on` and `ignoring`"))
    } else {
        None
    };
    match complaint {
        Some((message, hint)) => Err(Fault::new(at, message, hint)),
        None => Ok(Expression::Binary { operator, is_bool, matching, sides: Box::new(sides) }),
    }
}
