//! How far a plan is from its limits, as one number between −1 and 1.

use crate::report::ObjectiveReport;
use crate::scenario::{Objective, Operator};

/// Distance of the worst objective from its limit, by what was measured: above 0 all hold, below 0
/// one does not; `None` where nothing was measured.
///
/// The distance is a share of the larger one of what was measured and the limit. Unlike a share of
/// the limit it cannot exceed 1 on either side: one latency of minutes would drown all else in a
/// variance.
pub(super) fn worst(objectives: &[ObjectiveReport]) -> Option<f64> {
    objectives.iter().filter_map(distance).reduce(f64::min)
}

fn distance(objective: &ObjectiveReport) -> Option<f64> {
    let Objective { operator, value: limit, .. } = Objective::parse(&objective.expression).ok()?;
    let measured = objective.measured?;
    let is_upper = matches!(operator, Operator::Below | Operator::AtMost);
    let is_strict = matches!(operator, Operator::Below | Operator::Above);
    let scale = limit.abs().max(measured.abs());
    if scale == 0.0 || measured == limit {
        // On the limit itself: on the right side of it only where that is allowed.
        return Some(if is_strict { -f64::EPSILON } else { f64::EPSILON });
    }
    let room = if is_upper { limit - measured } else { measured - limit };
    Some((room / scale).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Outcome;

    fn of(expression: &str, measured: f64) -> f64 {
        distance(&ObjectiveReport {
            expression: expression.to_owned(),
            measured: Some(measured),
            interval: None,
            unit: "seconds".to_owned(),
            outcome: Outcome::Close,
            detail: None,
        })
        .unwrap()
    }

    #[test]
    fn the_sign_says_whether_it_holds() {
        assert_eq!(of("latency: p(95) < 200ms", 0.1), 0.5);
        assert_eq!(of("latency: p(95) < 200ms", 0.4), -0.5);
        assert!(of("latency: p(95) < 200ms", 0.2) < 0.0);
        assert!(of("latency: p(95) <= 200ms", 0.2) > 0.0);
        assert_eq!(of("hit_ratio: rate > 80%", 0.4), -0.5);
        assert_eq!(of("oom: p < 1%", 0.0), 1.0);
        assert!(of("restarts: count <= 0", 0.0) > 0.0);
        assert_eq!(of("restarts: count <= 0", 3.0), -1.0);
    }
}
