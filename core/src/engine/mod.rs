//! The engine: what requests contend for, and the loop that makes them.

pub mod resource;
