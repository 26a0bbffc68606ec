//! What a plan is worth: questions about it, answered from the model or from simulated runs.

pub mod finding;
