//! Prometheus alert rules over the simulated metrics: when each fires, how long before the damage, and
//! which never can.
//!
//! ```text
//! text → Expression → bound to the plan's series (Plan) → evaluated over the scrapes of a run (Seen)
//!        parse        bind                              evaluate
//! ```
//!
//! A run is sampled at the instants of a scrape, never in between, as Prometheus does it; the observer reads
//! and changes nothing. Rules are evaluated once the run is over. The semantics are those of Prometheus 3
//! (prometheus/prometheus, docs/querying and docs/configuration/alerting_rules.md): the newest sample of the
//! last five minutes, staleness at the first scrape that lacks a series, ranges open at their left end,
//! extrapolated rates with counter resets, `for` and `keep_firing_for` for each set of labels.
//!
//! What is left out: Prometheus itself never fails or lags, every target is scraped at the same instants, and
//! there is no history from before the run.

mod aggregate;
mod binary;
mod bind;
mod bound;
mod check;
mod duration;
mod evaluate;
mod expression;
mod function;
mod histogram;
mod metric;
mod over;
mod parse;
mod plan;
mod sample;
mod state;
#[cfg(test)]
mod tests;
mod token;

pub(crate) use bound::never;
pub(crate) use check::problems;
pub use duration::parse_duration;
pub use evaluate::Stop;
pub(crate) use metric::{
    BOUNDS, ContainerGauge, DatabaseGauge, HostGauge, RequestGauge, Source, StoreGauge, maximum,
};
pub use plan::Plan;
pub(crate) use plan::{Rule, milliseconds};
pub(crate) use sample::{Point, stale};
pub use state::AlertWatch;
pub(crate) use state::{EPOCH, watch};
