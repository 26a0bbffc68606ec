//! What requests' own records leave on the heap of a worker whose allocator gives back only its top.

use plimsoll::engine::Part;

use crate::support::{Seen, simulate};

/// Bytes of a request.
const EACH: u64 = 10 << 10;
/// What stays at the top of a heap that was trimmed.
const TOP_PAD: u64 = 128 << 10;

/// One proxy with 10 KiB for each request, and what else a plan says.
fn proxy(allocator: &str, rest: &str) -> Seen {
    simulate(&format!(
        "
services:
  proxy: {{ BARE, lock: event_loop, workers: 1, threads: 0, memory_request: 10KiB, allocator: {allocator} }}
{rest}
"
    ))
}

/// What the workers of the proxy have at the end of the run.
fn left(seen: &Seen) -> u64 {
    seen.container("proxy").end_ledger[Part::Workers as usize]
}

/// A hundred at once at 1 s, answered at 3 s in the order in which they came.
const CROWD: &str = "
endpoints: { page: { steps: [wait: 2s] } }
traffic: { users: 100, think_time: 1s }
horizon: 3500ms
";

/// Half of all stay for 20 s and half for 1 s; after 10 s nobody comes, so the last to come and the
/// first to leave are short ones.
const MIXED: &str = "
endpoints: { long: { steps: [wait: 20s] }, short: { steps: [wait: 1s] } }
traffic: { arrival_rate: 20/s, spikes: [{ factor: 0, at: 10s, for: 60s }] }
horizon: 45s
";

#[test]
fn a_crowd_that_leaves_in_the_order_in_which_it_came_gives_back_all_but_a_little() {
    let seen = proxy("glibc_records", CROWD);
    assert_eq!(seen.part("proxy", Part::Requests), 100 * EACH);
    assert_eq!(left(&seen), 7 * EACH + TOP_PAD);
    assert_eq!(left(&proxy("glibc", CROWD)), 0);
}

#[test]
fn one_that_came_late_and_left_early_holds_up_what_lies_below() {
    let seen = proxy("glibc_records", MIXED);
    let peak = seen.part("proxy", Part::Requests);
    assert!(peak > 80 * EACH, "{peak}");
    assert!(left(&seen) > peak * 9 / 10, "{} of {peak}", left(&seen));
    assert_eq!(left(&proxy("none", MIXED)), 0);
}

#[test]
fn what_stayed_is_used_again() {
    let twice = CROWD.replace("3500ms", "6500ms");
    let seen = proxy("glibc_records", &twice);
    // The second crowd finds the 198 KiB that the first has left: no higher peak.
    assert_eq!(seen.container("proxy").peak, 100 * EACH);
    assert_eq!(left(&seen), 7 * EACH + TOP_PAD);
}
