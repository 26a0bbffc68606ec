//! What a spike of five times the traffic does to one worker that answers 50 requests a second: a
//! queue that is worked off, a listen queue that drops, connections that are refused.

use plimsoll::engine::{Cause, Failure};

use crate::support::{Seen, close, simulate};

/// 20 requests a second, five times as many from 20 to 25 s; windows of half a second.
fn spike(settings: &str) -> Seen {
    simulate(&format!(
        "
services: {{ api: {{ BARE, workers: 1, threads: 1, {settings} }} }}
endpoints: {{ page: {{ timeout: 0s, steps: [wait: 20ms] }} }}
traffic: {{ arrival_rate: 20/s, spikes: [{{ factor: 5, at: 20s, for: 5s }}] }}
horizon: 60s
"
    ))
}

/// The most requests in flight in the window that begins at so many seconds.
fn in_flight(seen: &Seen, second: f64) -> u32 {
    let window = seen.run.series.window.as_seconds();
    seen.run.series.services[(second / window) as usize][0].in_flight
}

/// The last moment at which more than `calm` requests were in flight, in seconds.
fn recovered(seen: &Seen, calm: u32) -> f64 {
    let windows = &seen.run.series.services;
    let last = windows.iter().rposition(|window| window[0].in_flight > calm).unwrap();
    (last + 1) as f64 * seen.run.series.window.as_seconds()
}

#[test]
fn a_long_queue_is_worked_off_long_after_the_spike() {
    let seen = spike("backlog: 100000");
    assert_eq!(seen.only().failures(), 0);
    // The queue grows by 100 - 50 a second to about 250; 30 a second are then to spare: 8.3 s.
    let peak = f64::from(in_flight(&seen, 24.5));
    close(peak, 250.0, 50.0);
    close(recovered(&seen, 10), 25.0 + peak / 30.0, 3.0);
}

#[test]
fn a_short_queue_drops_what_comes_back_seconds_later() {
    let seen = spike("backlog: 10");
    let api = seen.container("api");
    assert_eq!((api.queue_max, seen.only().failures()), (10, 0));
    assert!(seen.cause(Cause::Refused) > 0.1);
    // Who was dropped knocks 1, 3, 7 and 15 s after the first time: the queue is short again at
    // once, and yet some are answered many seconds after the spike.
    assert!(in_flight(&seen, 24.5) <= 11);
    let latest = seen.latencies().last().copied().unwrap();
    assert!(latest > 3_000.0, "{latest}");
}

#[test]
fn connections_beyond_the_most_are_reset_during_the_spike_only() {
    let seen = spike("backlog: 100000, max_connections: 8");
    let refused = seen.failed(Failure::Refused);
    assert_eq!(refused, seen.only().failures());
    // 100 come and 50 are answered each second.
    close(refused as f64, 250.0, 60.0);
    let window = seen.run.series.window.as_seconds();
    let late = &seen.run.series.endpoints[(25.5 / window) as usize..];
    assert!(late.iter().map(|all| all[0].failed).sum::<u64>() <= 2);
    assert!(recovered(&seen, 7) < 26.0);
}
