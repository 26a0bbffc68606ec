//! The same scenario, seed and replication give the same run; another replication gives another;
//! and watching changes nothing.

use plimsoll::engine::observer::EndpointWatch;
use plimsoll::engine::{RunOptions, run};
use plimsoll::quantity::SimTime;
use proptest::prelude::*;

use crate::outline::{MOST_EVENTS, cases, model, outline, replication};
use crate::sketch;

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn the_same_seed_gives_the_same_run(case in sketch::case()) {
        let first = outline(&replication(&model(&case.0), 3));
        let again = outline(&replication(&model(&case.0), 3));
        prop_assert_eq!(first, again);
    }

    #[test]
    fn another_replication_is_another_run(case in sketch::case()) {
        let model = model(&case.0);
        let runs = [0, 1].map(|id| replication(&model, id));
        let arrivals = |id: usize| runs[id].endpoints.iter().map(|w| w.arrivals).sum::<u64>();
        // Where anything random happened at all, the arrivals alone tell two runs apart; constant
        // pauses and work may not.
        if arrivals(0) > 20 && case.0.traffic.as_ref().is_some_and(|t| t.users.is_none()) {
            prop_assert_ne!(outline(&runs[0]), outline(&runs[1]));
        }
    }

    #[test]
    fn percentiles_of_windows_change_nothing(case in sketch::case()) {
        let model = model(&case.0);
        let [with, without] = [true, false].map(|percentiles| {
            let options =
                RunOptions { seed: 7, replication: 0, max_events: MOST_EVENTS, percentiles };
            outline(&run(&model, options))
        });
        prop_assert_eq!(with, without);
    }

    /// The warm-up only says from when on latencies count.
    #[test]
    fn a_warm_up_changes_nothing_that_happens(case in sketch::case()) {
        let mut without = case.0.clone();
        without.warmup = None;
        let mut with = case.0.clone();
        with.warmup = Some(SimTime::from_millis(400));
        let [with, without] = [with, without].map(|one| replication(&model(&one), 0));
        for (with, without) in with.endpoints.iter().zip(&without.endpoints) {
            let counts = |watch: &EndpointWatch| {
                (watch.arrivals, watch.completed, watch.failed, watch.in_flight)
            };
            prop_assert_eq!(counts(with), counts(without));
        }
        prop_assert_eq!(&with.happenings, &without.happenings);
        prop_assert_eq!(with.host_peak, without.host_peak);
    }
}
