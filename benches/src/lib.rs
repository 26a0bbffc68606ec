//! What the engine is measured against: [`hand`], loops written by hand for one workload each.
//!
//! The benches themselves are in `benches/benches`.

pub mod hand;
