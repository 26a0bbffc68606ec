//! Each mechanism of the engine by itself: a small plan as text, one run or one check, and facts that
//! would be false if the mechanism were missing or wrong.
//!
//! Times of work are constant and users of closed traffic arrive together after a constant pause, so
//! most facts are exact.

mod support;

mod alert;
mod autoscaler;
mod backlog;
mod check;
mod cpu;
mod database;
mod disturbance;
mod dump;
mod heap;
mod host_memory;
mod limit;
mod load_line;
mod lookup;
mod master;
mod pod;
mod pool;
mod pooler;
mod preload;
mod record;
mod refusal;
mod restart;
mod retry;
mod rollout;
mod settling;
mod spike;
mod step;
mod store;
mod swamped;
mod thread_pool;
mod timeout;
mod traffic;
mod turns;
mod unseen;
mod warm;
mod worker;
