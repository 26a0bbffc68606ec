//! A check whose runs several workers make.

use super::Request;
use crate::decision::{Hand, SharedCheck};
use crate::diagnostic::Diagnostic;

/// Begins a check of a plan given as text, whose runs others make. Its report, when no task is left, is
/// that of [`super::check_text`] with the same options.
///
/// # Errors
/// Everything that is wrong with the options or the plan, at once.
///
/// ```
/// use plimsoll::face::{check_text, hand_text, shared_check_text};
/// let text = "{version: 1, services: {api: {memory: 64MiB}}, traffic: {arrival_rate: 9/s}, horizon: 5s}";
/// let mut check = shared_check_text(text, "{}").unwrap();
/// let mut hands = [hand_text(text, "{}").unwrap(), hand_text(text, "{}").unwrap()];
/// while let Some(task) = check.task() {
///     for number in 0..task.count {
///         let mut part = task.clone();
///         (part.first, part.count) = (task.first + number, 1);
///         assert!(check.take(hands[number as usize % 2].work(&part)));
///     }
/// }
/// assert_eq!(check.so_far().to_json(), check_text(text, "{}").unwrap().to_json());
/// ```
pub fn shared_check_text(text: &str, options: &str) -> Result<SharedCheck, Vec<Diagnostic>> {
    let request = Request::read(text, options)?;
    let (model, screening) = (request.model()?, request.screening());
    Ok(SharedCheck::new(request.draft, model, request.asked, screening))
}

/// One that works for such a check, of the same text and options.
///
/// # Errors
/// Everything that is wrong with the options or the plan, at once.
pub fn hand_text(text: &str, options: &str) -> Result<Hand, Vec<Diagnostic>> {
    let request = Request::read(text, options)?;
    let model = request.model()?;
    Ok(Hand::new(request.draft, model, request.asked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::check_text;

    #[test]
    fn runs_with_the_places_of_a_rollout_are_taken() {
        let text = "{version: 1, services: {api: {memory: 64MiB, rollout: {surge: 1, unavailable: 0}}}, \
                    disturbances: [rollout: {service: api, at: 1s}], traffic: {arrival_rate: 9/s}, horizon: 5s}";
        let options = r#"{"runs": 2}"#;
        let mut check = shared_check_text(text, options).unwrap();
        let mut hand = hand_text(text, options).unwrap();
        while let Some(task) = check.task() {
            assert!(check.take(hand.work(&task)));
        }
        assert_eq!(check.so_far().to_json(), check_text(text, options).unwrap().to_json());
    }
}
