//! What requests contend for.

pub(crate) mod allocator;
pub(crate) mod balancer;
pub(crate) mod cpu;
pub mod memory;
pub(crate) mod pool;
pub(crate) mod record;
pub(crate) mod worker;
