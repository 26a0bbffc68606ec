//! What watches a run and never influences it.

mod endpoint;
#[cfg(feature = "alerts")]
mod scrape;
mod series;

pub(crate) use endpoint::LONGEST;
pub(super) use endpoint::histogram as histogram_of_times;
pub use endpoint::{EndpointWatch, seconds_at};
#[cfg(feature = "alerts")]
pub(crate) use scrape::{Extent, RequestCount, ScrapeWatch};
pub use series::{EndpointWindow, SeriesWatch, ServiceWindow, WINDOWS};
