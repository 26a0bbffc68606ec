//! From the text of files to a [`Draft`]: YAML, variables, typed decoding, Compose, Kubernetes,
//! scenario.
//!
//! ```text
//! text → Node tree (yaml) → variables filled in (interpolate) → typed values (decode, compose,
//!      kubernetes) → services of any language (plan) → scenario (mapping) → overrides
//! ```
//!
//! Every step keeps file, line and column, reports all it can find wrong at once, and stays within
//! the budgets of [`yaml`] whatever it is fed.

#[cfg(feature = "plans")]
pub mod compose;
pub mod decode;
mod deployment;
mod draft;
#[cfg(feature = "plans")]
mod field;
pub mod interpolate;
#[cfg(feature = "plans")]
mod kubernetes;
#[cfg(feature = "plans")]
mod mapping;
pub mod node;
mod overrides;
mod per_core;
#[cfg(feature = "plans")]
mod plan;
#[cfg(feature = "alerts")]
mod prometheus;
mod scalar;
mod sources;
pub mod yaml;

pub use crate::diagnostic::code;
#[cfg(feature = "plans")]
pub use compose::references;
pub use deployment::{Deployment, PodContainer};
pub use draft::{Draft, read};
pub use overrides::Overrides;
pub use per_core::{PerCore, counted_cores};

pub use sources::{SourceFile, Sources, text_of};

/// Most diagnostics that one step reports; what a person can mend at once is far less.
pub const MAX_DIAGNOSTICS: usize = 500;
