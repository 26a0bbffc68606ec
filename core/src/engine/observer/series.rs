//! The run over time, in windows of equal length.

use crate::quantity::SimTime;

use super::EndpointWatch;

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
    /// Requests whose clients wait at its end.
    pub in_flight: u64,
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
    /// Containers that stand at its end.
    pub containers: u32,
    /// CPU seconds that all its containers used.
    pub cpu_seconds: f64,
}

/// The run over time.
#[derive(Clone, Debug, Default)]
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
    /// CPU seconds of each service up to the last window's end.
    pub(crate) service_cpu_before: Vec<f64>,
    present: Vec<EndpointWindow>,
    /// By endpoint, the latencies of the present window; empty where nobody wants percentiles.
    latencies: Vec<Vec<u64>>,
}

impl SeriesWatch {
    /// Nothing seen yet.
    ///
    /// `percentiles`: whether windows also get percentiles, for which their latencies are kept until
    /// their end.
    pub(crate) fn new(horizon: SimTime, endpoints: usize, percentiles: bool) -> Self {
        let window = SimTime(horizon.0.div_ceil(WINDOWS).max(1));
        SeriesWatch {
            window,
            end: window,
            endpoints: Vec::with_capacity(WINDOWS as usize),
            services: Vec::with_capacity(WINDOWS as usize),
            host_cpu: Vec::with_capacity(WINDOWS as usize),
            host_cpu_before: 0.0,
            service_cpu_before: Vec::new(),
            present: vec![EndpointWindow::default(); endpoints],
            latencies: vec![Vec::new(); if percentiles { endpoints } else { 0 }],
        }
    }

    /// A latency that counts: its request arrived after the warm-up.
    #[inline]
    pub(crate) fn keep(&mut self, endpoint: u32, latency: SimTime) {
        if let Some(inside) = self.latencies.get_mut(endpoint as usize) {
            inside.push(latency.0);
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

    /// The window is over. CPU seconds, of the services too, come as sums since the start of the run.
    pub(crate) fn roll(
        &mut self,
        endpoints: &[EndpointWatch],
        mut services: Vec<ServiceWindow>,
        host_cpu: f64,
    ) {
        for (window, watch) in self.present.iter_mut().zip(endpoints) {
            window.in_flight = watch.arrivals - watch.completed - watch.failures();
        }
        self.endpoints.push(self.present.clone());
        self.present.fill(EndpointWindow::default());
        // Two readings of an idle CPU may differ in their last digit, either way.
        self.service_cpu_before.resize(services.len(), 0.0);
        for (window, before) in services.iter_mut().zip(&mut self.service_cpu_before) {
            let used = std::mem::replace(before, window.cpu_seconds);
            window.cpu_seconds = (window.cpu_seconds - used).max(0.0);
        }
        self.services.push(services);
        self.host_cpu.push((host_cpu - self.host_cpu_before).max(0.0));
        self.host_cpu_before = host_cpu;
        self.end += self.window;
    }
}

/// Percentiles of a window come from the latencies in it, and not from the difference of the endpoint's
/// histogram between its ends: that has 28,000 cells, a window a few dozen requests.
impl SeriesWatch {
    /// Percentiles of the window that ends now: what the endpoint's histogram would say of its
    /// latencies alone.
    pub(crate) fn close_latencies(&mut self, watches: &[EndpointWatch]) {
        for ((window, inside), watch) in
            self.present.iter_mut().zip(&mut self.latencies).zip(watches)
        {
            inside.sort_unstable();
            let at = |ratio, least| (inside.len() >= least).then(|| value_at(inside, ratio, watch));
            (window.p50, window.p95, window.p99) = (at(0.5, 20), at(0.95, 20), at(0.99, 100));
            inside.clear();
        }
    }
}

/// A quantile of sorted times as a histogram reads it: the highest time of the cell of the first one that
/// so large a share does not exceed.
fn value_at(times: &[u64], ratio: f64, watch: &EndpointWatch) -> u64 {
    let rank = ((ratio * times.len() as f64).ceil() as usize).clamp(1, times.len());
    watch.latency.highest_equivalent(times[rank - 1].min(watch.latency.high()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_of_a_window_are_those_of_a_histogram_of_it() {
        let mut watch = EndpointWatch::default();
        let mut series = SeriesWatch::new(SimTime::from_seconds(1.0), 1, true);
        for round in 1..6_u64 {
            let mut alone = EndpointWatch::default();
            for step in 0..40 * round {
                let latency =
                    SimTime((step * 7_919 + round * 104_729).pow(2) % (round * 10_000_019));
                watch.record(latency);
                alone.record(latency);
                series.keep(0, latency);
            }
            series.close_latencies(std::slice::from_ref(&watch));
            let window = std::mem::take(&mut series.present[0]);
            let of = |ratio| Some(alone.latency.value_at_quantile(ratio));
            assert_eq!((window.p50, window.p95), (of(0.5), of(0.95)));
            assert_eq!(window.p99, of(0.99).filter(|_| alone.latency.len() >= 100));
        }
        let longest = SimTime::from_seconds(1e5);
        (0..20).for_each(|_| series.keep(0, longest));
        series.close_latencies(std::slice::from_ref(&watch));
        assert_eq!(
            series.present[0].p50,
            Some(watch.latency.highest_equivalent(watch.latency.high()))
        );
    }
}
