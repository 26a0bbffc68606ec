//! What requests contend for.

mod agenda;
pub(crate) mod cpu;
pub mod memory;
pub(crate) mod pool;
pub(crate) mod worker;
