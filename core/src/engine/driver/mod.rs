//! What makes things happen: traffic, time-outs, disturbances, stores' own work, death and return.

mod append;
mod autoscaler;
mod burst;
mod containers;
mod deadline;
mod disturbance;
mod dump;
mod lifecycle;
mod master;
mod rollout;
mod store;
mod traffic;

pub(super) use autoscaler::Autoscaler;
pub(super) use containers::Containers;
pub(super) use deadline::{Deadlines, Expiry};
pub(super) use store::{StoreState, create_stores};
pub(super) use traffic::Source;
