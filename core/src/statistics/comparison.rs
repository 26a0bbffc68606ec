//! Does an estimate keep its limit? Yes, no, or not yet known.

use super::Interval;

/// On which side of its limit a number has to stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// `value < limit`
    Less,
    /// `value <= limit`
    LessOrEqual,
    /// `value > limit`
    Greater,
    /// `value >= limit`
    GreaterOrEqual,
}

/// What an interval says about a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The whole interval keeps the limit.
    Pass,
    /// No point of the interval keeps it.
    Fail,
    /// The interval straddles the limit, or there is none: more runs are needed.
    Close,
}

impl Direction {
    /// Whether one exact number keeps the limit.
    pub fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Direction::Less => value < limit,
            Direction::LessOrEqual => value <= limit,
            Direction::Greater => value > limit,
            Direction::GreaterOrEqual => value >= limit,
        }
    }
}

/// Judges an interval against `limit`: settled only where both ends agree. No interval, or NaN
/// anywhere, is [`Outcome::Close`]: what is not known never passes.
///
/// ```
/// use plimsoll::statistics::{Direction, Interval, Outcome, compare};
/// let p95 = Some(Interval { low: 0.180, high: 0.195 });
/// assert_eq!(compare(p95, 0.200, Direction::Less), Outcome::Pass);
/// assert_eq!(compare(p95, 0.190, Direction::Less), Outcome::Close);
/// assert_eq!(compare(p95, 0.150, Direction::Less), Outcome::Fail);
/// ```
pub fn compare(interval: Option<Interval>, limit: f64, direction: Direction) -> Outcome {
    let Some(Interval { low, high }) = interval else {
        return Outcome::Close;
    };
    if low.is_nan() || high.is_nan() || limit.is_nan() {
        return Outcome::Close;
    }
    match (direction.holds(low, limit), direction.holds(high, limit)) {
        (true, true) => Outcome::Pass,
        (false, false) => Outcome::Fail,
        (true, false) | (false, true) => Outcome::Close,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(low: f64, high: f64, direction: Direction) -> Outcome {
        compare(Some(Interval { low, high }), 1.0, direction)
    }

    #[test]
    fn both_ends_decide() {
        use Direction::{Greater, GreaterOrEqual, Less, LessOrEqual};
        for (low, high, direction, expected) in [
            (0.0, 0.9, Less, Outcome::Pass),
            (0.0, 1.0, Less, Outcome::Close),
            (0.0, 1.0, LessOrEqual, Outcome::Pass),
            (1.0, 2.0, Less, Outcome::Fail),
            (1.0, 2.0, LessOrEqual, Outcome::Close),
            (1.0, 2.0, GreaterOrEqual, Outcome::Pass),
            (1.0, 2.0, Greater, Outcome::Close),
            (0.0, 1.0, Greater, Outcome::Fail),
            (0.0, 0.9, GreaterOrEqual, Outcome::Fail),
            (1.0, 1.0, LessOrEqual, Outcome::Pass),
            (1.0, 1.0, Less, Outcome::Fail),
        ] {
            assert_eq!(judged(low, high, direction), expected, "{low} {high} {direction:?}");
        }
    }

    #[test]
    fn what_is_not_known_never_passes() {
        assert_eq!(compare(None, 1.0, Direction::Less), Outcome::Close);
        assert_eq!(judged(f64::NAN, 0.5, Direction::Less), Outcome::Close);
        let interval = Some(Interval { low: 0.0, high: 0.5 });
        assert_eq!(compare(interval, f64::NAN, Direction::Greater), Outcome::Close);
    }
}
