//! Arrivals over time are a Poisson process of the rate that the plan draws.

use crate::harness::{claim, claim_with_control, mean_latency, prove};

/// A ramp from 0 to 60/s over 60 s, then 60/s, with a threefold spike from 80 to 90 s.
const TEXT: &str = "version: 1
services:
  one: {memory_request: 0B}
endpoints:
  page: {timeout: 0s, steps: [cpu: 0s]}
traffic:
  arrival_rate: 0/s
  stages: [{duration: 60s, target: 60/s}]
  spikes: [{factor: 3, at: 80s, for: 10s}]
horizon: 120s
";

/// Expected arrivals in the second that begins at `second`.
fn expected(second: usize) -> f64 {
    match second {
        0..60 => second as f64 + 0.5,
        80..90 => 180.0,
        _ => 60.0,
    }
}

/// A window of the series is a second here, and a request takes no time.
#[test]
fn counts_follow_ramp_and_spike_and_vary_as_poisson() {
    let square = |(second, count): (usize, &f64)| {
        let missed = count - expected(second);
        missed * missed / expected(second)
    };
    prove(
        TEXT,
        2000,
        |run| {
            let count: Vec<f64> = run.series.endpoints.iter().map(|w| w[0].ended as f64).collect();
            assert_eq!(count.len(), 120);
            let dispersion = count.iter().enumerate().map(square).sum::<f64>() / 120.0;
            [count[..60].iter().sum(), count[80..90].iter().sum(), dispersion]
        },
        |[ramp, spike, dispersion]| {
            vec![
                claim("arrivals of a ramp", 1800.0, ramp),
                claim("arrivals of a spike", 1800.0, spike),
                claim("variance over mean of the arrivals", 1.0, dispersion),
            ]
        },
    );
}

/// Two by two.
type Matrix = [[f64; 2]; 2];

fn product(a: Matrix, b: Matrix) -> Matrix {
    std::array::from_fn(|i| std::array::from_fn(|j| a[i][0] * b[0][j] + a[i][1] * b[1][j]))
}

fn inverse([[a, b], [c, d]]: Matrix) -> Matrix {
    let determinant = a * d - b * c;
    [[d / determinant, -b / determinant], [-c / determinant, a / determinant]]
}

/// Mean number of requests in an MMPP/M/1 queue: with R the least solution of R²μ + R(Q − Λ − μ) + Λ = 0
/// and π₀ of π₀(Q − Λ + Rμ) = 0, π₀(I − R)⁻¹1 = 1, it is π₀R(I − R)⁻²1. Neuts, *Matrix-geometric solutions in
/// stochastic models* (1981).
fn mean_in_queue(arrivals: [f64; 2], leaves: [f64; 2], service_rate: f64) -> f64 {
    let [[low, high], [to_burst, to_calm]] = [arrivals, leaves];
    let minus =
        |extra: f64| [[-to_burst - low - extra, to_burst], [to_calm, -to_calm - high - extra]];
    let inverted = inverse(minus(service_rate));
    let mut r: Matrix = [[0.0; 2]; 2];
    for _ in 0..10_000 {
        let mut sum = product(r, r).map(|row| row.map(|one| one * service_rate));
        sum[0][0] += low;
        sum[1][1] += high;
        r = product(sum, inverted).map(|row| row.map(|one| -one));
    }
    let mut boundary = minus(0.0);
    (0..4)
        .for_each(|place| boundary[place / 2][place % 2] += r[place / 2][place % 2] * service_rate);
    let geometric = inverse([[1.0 - r[0][0], -r[0][1]], [-r[1][0], 1.0 - r[1][1]]]);
    let sum = |row: [f64; 2], matrix: Matrix| -> f64 {
        (0..2).map(|i| row[i] * (matrix[i][0] + matrix[i][1])).sum()
    };
    // One equation of the two is enough: π₀ is a multiple of this.
    let empty = [-boundary[1][0], boundary[0][0]];
    sum(empty, product(r, product(geometric, geometric))) / sum(empty, geometric)
}

/// Bursts in which more come than one server can answer, and calm in which the queue drains.
#[test]
fn bursts_queue_as_in_mmpp_m_1() {
    let text = "version: 1
host: {cores: 1, time_slice: 0s}
services:
  one: {memory_request: 0B, backlog: 1000000, workers: 1, threads: 1}
endpoints:
  page: {timeout: 0s, steps: [cpu: {exponential: 50ms}]}
traffic:
  arrival_rate: 8/s
  bursts: {factor: 3, every: 1s, for: 250ms}
warmup: 60s
horizon: 20060s
";
    let mean_rate = 8.0 * 1.5;
    let latency = mean_in_queue([8.0, 24.0], [1.0 / 0.75, 4.0], 20.0) / mean_rate;
    // Without bursts it would be 1/(20 - 12) s.
    assert!((0.18..0.30).contains(&latency), "{latency}");
    prove(
        text,
        30,
        |run| [mean_latency(run), run.host_utilisation],
        |[mean, busy]| {
            vec![
                claim("MMPP/M/1, busy share", 0.6, busy),
                claim_with_control("MMPP/M/1, mean latency", latency, mean, busy, 0.6),
            ]
        },
    );
}
