//! What watches a run and never influences it.

mod endpoint;
mod series;

pub use endpoint::EndpointWatch;
pub(super) use endpoint::histogram as histogram_of_times;
pub use series::{EndpointWindow, SeriesWatch, ServiceWindow, WINDOWS};
