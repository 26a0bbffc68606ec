//! What operators make of what their sides can give.

use super::Possible;
use crate::alert::binary::compute;
use crate::alert::expression::Operator;
use crate::quantity::significant;

/// What an operator can give.
pub(super) fn binary(
    operator: Operator,
    is_bool: bool,
    left: Possible,
    right: Possible,
) -> Possible {
    let is_scalar = left.is_scalar && right.is_scalar;
    let size = match (left.is_scalar, right.is_scalar) {
        _ if operator == Operator::Or => left.size + right.size,
        (true, _) => right.size,
        (false, true) => left.size,
        (false, false) => left.size.max(right.size),
    };
    let either = || left.never.clone().or_else(|| right.never.clone());
    if operator.is_set() {
        let joins = operator == Operator::Or;
        let never = match operator == Operator::And {
            true => either(),
            false if joins => left.never.clone().and(right.never.clone()),
            false => left.never.clone(),
        };
        let low = if joins { left.low.min(right.low) } else { left.low };
        let high = if joins { left.high.max(right.high) } else { left.high };
        let may_be_nan = left.may_be_nan || (joins && right.may_be_nan);
        return Possible { low, high, may_be_nan, size, is_scalar, never };
    }
    if operator.is_comparison() {
        let never = either();
        if is_bool || is_scalar {
            return Possible { low: 0.0, high: 1.0, may_be_nan: false, size, is_scalar, never };
        }
        let never = never.or_else(|| impossible(operator, &left, &right));
        let kept = if left.is_scalar { &right } else { &left };
        return Possible { size, never, ..kept.clone() };
    }
    let (low, high) =
        computed(operator, &left, &right).unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
    let is_bounded = low.is_finite() && high.is_finite();
    let may_be_nan = left.may_be_nan || right.may_be_nan || !is_bounded;
    Possible { low, high, may_be_nan, size, is_scalar, never: either() }
}

/// The range of a result: that of its corners, where the operator has no others.
fn computed(operator: Operator, left: &Possible, right: &Possible) -> Option<(f64, f64)> {
    use Operator::{Add, Divide, Multiply, Subtract};
    let has_no_zero = right.low > 0.0 || right.high < 0.0;
    let is_smooth = matches!(operator, Add | Subtract | Multiply)
        || (operator == Divide && has_no_zero)
        || (left.constant().is_some() && right.constant().is_some());
    if !is_smooth {
        return None;
    }
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for a in [left.low, left.high] {
        for b in [right.low, right.high] {
            let corner = compute(operator, a, b);
            if corner.is_nan() {
                return None;
            }
            (low, high) = (low.min(corner), high.max(corner));
        }
    }
    Some((low, high))
}

/// Why a comparison lets nothing through, if that is certain.
fn impossible(operator: Operator, left: &Possible, right: &Possible) -> Option<String> {
    // Without a sign before zero.
    let number = |value: f64| significant(value + 0.0);
    let most = |limit: f64, words: &str| {
        let reached = number(left.high);
        format!("the left side is at most {reached}, and must be {words} {}", number(limit))
    };
    let least = |limit: f64, words: &str| {
        let reached = number(left.low);
        format!("the left side is at least {reached}, and must be {words} {}", number(limit))
    };
    let equals = left.constant().is_some() && left.constant() == right.constant();
    match operator {
        Operator::Greater => (left.high <= right.low).then(|| most(right.low, "above")),
        Operator::AtLeast => (left.high < right.low).then(|| most(right.low, "at least")),
        Operator::Less => (left.low >= right.high).then(|| least(right.high, "below")),
        Operator::AtMost => (left.low > right.high).then(|| least(right.high, "at most")),
        Operator::Equal if left.high < right.low => Some(most(right.low, "equal to")),
        Operator::Equal => (left.low > right.high).then(|| least(right.high, "equal to")),
        Operator::NotEqual => equals.then(|| format!("both sides are {}", number(left.low))),
        Operator::Add
        | Operator::Subtract
        | Operator::Multiply
        | Operator::Divide
        | Operator::Remainder
        | Operator::Power
        | Operator::Atan2
        | Operator::And
        | Operator::Or
        | Operator::Unless => None,
    }
}
