//! Plimsoll: how much memory a deployment plan will really use, how slow it will get, and how much
//! load it can carry, before the first deploy.
//!
//! The way of the data is one-directional, and each arrow is one public function:
//!
//! ```text
//! text → Scenario → Model → runs → Report → Verdict
//! ```
//!
//! This crate does no I/O, reads no clock and no environment, and prints nothing. The same scenario
//! and seed give the same report, to the bit, natively, in a browser and in Python.

#[cfg(feature = "alerts")]
pub mod alert;
pub mod catalog;
pub mod decision;
pub mod diagnostic;
pub mod distribution;
pub mod engine;
pub mod face;
pub mod import;
pub mod math;
pub mod model;
mod ordered;
pub mod quantity;
pub mod random;
pub mod report;
pub mod scenario;
pub mod schema;
pub mod statistics;
pub mod store;
pub mod theory;

pub use decision::{CheckOptions, Progress, Runs, check, run_once};
pub use decision::{LoadLineOptions, LoadLineProgress, MaxLoad, load_line};
