//! The run over time, in windows of equal length.

use crate::quantity::SimTime;

use super::EndpointWatch;
use super::endpoint::histogram;

/// Windows of a run.
pub const WINDOWS: u64 = 120;

/// One window of one endpoint.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EndpointWindow {
    /// Requests that ended.
    pub ended: u64,
    /// Of these, failed.
    pub failed: u64,
    /// Sum of their latencies in nanoseconds.
    pub latency_sum: u64,
    /// Median in nanoseconds; `None` below 20 requests.
    pub p50: Option<u64>,
    /// 95th percentile in nanoseconds; `None` below 20 requests.
    pub p95: Option<u64>,
    /// 99th percentile in nanoseconds; `None` below 100 requests.
    pub p99: Option<u64>,
}

/// One window of one service.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServiceWindow {
    /// Peak memory of the fullest container.
    pub memory: u64,
    /// Requests in flight at the fullest container, the most.
    pub in_flight: u32,
}

/// The run over time.
#[derive(Clone, Debug)]
pub struct SeriesWatch {
    /// Length of a window.
    pub window: SimTime,
    /// End of the present window.
    pub(crate) end: SimTime,
    /// By window, then by endpoint.
    pub endpoints: Vec<Vec<EndpointWindow>>,
    /// By window, then by service.
    pub services: Vec<Vec<ServiceWindow>>,
    /// CPU seconds used on the host, by window.
    pub host_cpu: Vec<f64>,
    pub(crate) host_cpu_before: f64,
    present: Vec<EndpointWindow>,
    latencies: Vec<hdrhistogram::Histogram<u64>>,
}

impl SeriesWatch {
    /// Nothing seen yet.
    ///
    /// `percentiles`: whether windows also get percentiles, which costs a copy of the
    /// histograms each.
    pub(crate) fn new(horizon: SimTime, endpoints: usize, percentiles: bool) -> Self {
        let window = SimTime(horizon.0.div_ceil(WINDOWS).max(1));
        SeriesWatch {
            window,
            end: window,
            endpoints: Vec::with_capacity(WINDOWS as usize),
            services: Vec::with_capacity(WINDOWS as usize),
            host_cpu: Vec::with_capacity(WINDOWS as usize),
            host_cpu_before: 0.0,
            present: vec![EndpointWindow::default(); endpoints],
            latencies: (0..if percentiles { endpoints } else { 0 }).map(|_| histogram()).collect(),
        }
    }

    /// A request ended.
    #[inline]
    pub(crate) fn record(&mut self, endpoint: u32, latency: SimTime, failed: bool) {
        let window = &mut self.present[endpoint as usize];
        window.ended += 1;
        window.failed += u64::from(failed);
        window.latency_sum = window.latency_sum.saturating_add(latency.0);
    }

    /// The window is over.
    pub(crate) fn roll(&mut self, services: Vec<ServiceWindow>, host_cpu: f64) {
        self.endpoints.push(self.present.clone());
        self.present.fill(EndpointWindow::default());
        self.services.push(services);
        // Two readings of an idle CPU may differ in their last digit, either way.
        self.host_cpu.push((host_cpu - self.host_cpu_before).max(0.0));
        self.host_cpu_before = host_cpu;
        self.end += self.window;
    }
}

/// Latencies of a window come from the difference of the endpoint's histogram between its ends.
impl SeriesWatch {
    /// Percentiles of the window that ends now.
    pub(crate) fn close_latencies(&mut self, watches: &[EndpointWatch]) {
        for ((window, before), watch) in
            self.present.iter_mut().zip(&mut self.latencies).zip(watches)
        {
            let mut inside = watch.latency.clone();
            inside.subtract(&*before).expect("the histogram only grows");
            let at =
                |ratio, least| (inside.len() >= least).then(|| inside.value_at_quantile(ratio));
            (window.p50, window.p95, window.p99) = (at(0.5, 20), at(0.95, 20), at(0.99, 100));
            before.clone_from(&watch.latency);
        }
    }
}
