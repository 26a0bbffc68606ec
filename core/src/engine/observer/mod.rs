//! What watches a run and never influences it.

mod endpoint;
mod series;

pub use endpoint::EndpointWatch;
pub use series::SeriesWatch;
