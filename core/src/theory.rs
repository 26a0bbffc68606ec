//! Closed forms: the fast estimate before a simulation, and the referee after it.
//!
//! Rates are per second and times in seconds, or both in any other consistent unit. A function
//! returns `None` where its parameters make no sense or the system has no steady state; it never
//! returns a number for an overloaded queue.

pub mod balance;
pub mod birth_death;
pub mod cache;
pub mod closed;
pub mod general_service;

/// Whether a rate, a time or a load is usable: at least zero and finite.
fn is_amount(value: f64) -> bool {
    value >= 0.0 && value.is_finite()
}

/// Whether a value can be divided by: above zero and finite.
fn is_positive(value: f64) -> bool {
    value > 0.0 && value.is_finite()
}
