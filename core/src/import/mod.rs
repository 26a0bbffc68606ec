//! From the text of a file to values with a place: YAML, variables, typed decoding, Compose.
//!
//! ```text
//! text → Node tree (yaml) → variables filled in (interpolate) → typed values (decode, compose)
//! ```
//!
//! Every step keeps file, line and column, reports all it can find wrong at once, and stays within
//! the budgets of [`yaml`] whatever it is fed.

pub mod code;
pub mod compose;
pub mod decode;
pub mod interpolate;
pub mod node;
mod scalar;
pub mod yaml;

/// Most diagnostics that one step reports; what a person can mend at once is far less.
pub const MAX_DIAGNOSTICS: usize = 500;
