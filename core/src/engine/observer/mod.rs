//! What watches a run and never influences it.

mod endpoint;
mod series;

pub(super) use endpoint::histogram as histogram_of_times;
pub use endpoint::{EndpointWatch, seconds_at};
pub use series::{EndpointWindow, SeriesWatch, ServiceWindow, WINDOWS};
