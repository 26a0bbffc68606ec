//! What requests contend for.

pub mod store;
