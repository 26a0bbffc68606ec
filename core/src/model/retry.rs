//! How often, when and after what callers and clients try again.

use super::NONE;
use crate::quantity::SimTime;
use crate::scenario::{Jitter, Retries, RetryOn};

/// What one request earns or an attempt spends, so that shares are whole numbers.
pub const CREDIT: i64 = 1_000_000;
/// Seconds after which what was earned is lost (Finagle's `RetryBudget`).
pub const CREDIT_SECONDS: usize = 10;

/// How the calls from one service to another, or the requests of the clients, are tried again.
#[derive(Clone, Debug, PartialEq)]
pub struct RetryModel {
    /// The service that calls, or `NONE` for the clients.
    pub caller: u32,
    /// The service that is called, or `NONE` for all that clients reach.
    pub target: u32,
    /// Attempts after the first.
    pub attempts: u32,
    /// Longest pause before the second attempt.
    pub base_delay: SimTime,
    /// Longest pause of all.
    pub max_delay: SimTime,
    /// Whether a pause is anything up to the longest.
    pub has_jitter: bool,
    /// By [`RetryOn`], whether it is a reason to try again.
    pub on: [bool; 3],
    /// What all attempts after the first may come to.
    pub budget: Option<BudgetModel>,
    /// Where it is stated.
    pub path: String,
}

/// A budget in units of [`CREDIT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetModel {
    /// What a request earns.
    pub deposit: i64,
    /// What is there without any request.
    pub reserve: i64,
}

impl RetryModel {
    /// As it was stated at a path; `None` where nothing is tried again.
    pub(super) fn settle(given: &Retries, caller: u32, target: u32, path: &str) -> Option<Self> {
        let budget = given.budget.map(|budget| BudgetModel {
            deposit: (budget.share.0 * CREDIT as f64).round() as i64,
            reserve: (budget.min_rate.0 * (CREDIT_SECONDS as i64 * CREDIT) as f64).round() as i64,
        });
        let mut on = [false; 3];
        given.on.iter().for_each(|failure: &RetryOn| on[*failure as usize] = true);
        (given.attempts > 0).then(|| RetryModel {
            caller,
            target,
            attempts: given.attempts,
            base_delay: given.base_delay,
            max_delay: given.max_delay,
            has_jitter: given.jitter == Jitter::Full,
            on,
            budget,
            path: path.to_owned(),
        })
    }

    /// The longest pause after so many attempts.
    pub fn longest_pause(&self, attempts: u32) -> SimTime {
        let doubled = self.base_delay.0.saturating_mul(1 << attempts.saturating_sub(1).min(63));
        SimTime(doubled).min(self.max_delay)
    }

    /// Whether clients try again, and not a service.
    pub fn is_of_clients(&self) -> bool {
        self.caller == NONE
    }

    /// Whether both say the same of the same calls.
    pub(super) fn is_like(&self, other: &RetryModel) -> bool {
        RetryModel { path: String::new(), ..self.clone() }
            == RetryModel { path: String::new(), ..other.clone() }
    }
}
