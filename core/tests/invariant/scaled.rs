//! Scenarios whose first service has an autoscaler.

use plimsoll::quantity::{Bytes, Rate, Ratio, SimTime};
use plimsoll::scenario::{Autoscaler, Pace, Retries, Select, Spike, Traffic};
use proptest::option;
use proptest::prelude::*;

use crate::sketch::{Case, case, millis};

/// A scenario that lasts long enough for the autoscaler of its first service to see a rush and its end.
pub(crate) fn scaled() -> impl Strategy<Value = Case> {
    let rush = (3.0..30.0, millis(20_000..90_000), millis(20_000..60_000));
    let windows = || option::of(proptest::sample::select(&[0u64, 15, 30, 60][..]));
    let selects = || proptest::sample::select(&[Select::Most, Select::Least, Select::Never][..]);
    let paces = || {
        let pace = (1u32..4, 0.1..2.0, millis(1_000..90_000), selects());
        option::of(pace.prop_map(|(containers, share, period, select)| Pace {
            containers: Some(containers),
            share: Some(Ratio(share)),
            period: Some(period),
            select,
        }))
    };
    let bounds =
        (1u32..3, 0u32..6, 0.5..5.0, any::<bool>(), (windows(), windows()), (paces(), paces()));
    (case(), rush, 1.0..6.0, bounds).prop_map(|(case, (factor, at, length), rate, bounds)| {
        let (min, more, each, by_memory, (wait, wait_down), (up, down)) = bounds;
        let mut scenario = case.0;
        let retries = scenario.traffic.take().and_then(|traffic| traffic.retries);
        scenario.traffic = Some(Traffic {
            arrival_rate: Some(Rate(rate)),
            spikes: vec![Spike { factor, at, length }],
            retries: retries.map(|retries| Retries { budget: None, ..retries }),
            ..Traffic::default()
        });
        scenario.horizon = Some(SimTime::from_millis(240_000));
        scenario.host.memory = scenario.host.memory.map(|memory| Bytes(4 * memory.0));
        let window =
            |seconds: Option<u64>| seconds.map(|seconds| SimTime::from_millis(1000 * seconds));
        if let Some(first) = scenario.services.get_mut("s0").filter(|first| first.profile.is_none())
        {
            first.memory_reservation = by_memory.then_some(Bytes::mib(40));
            first.autoscaler = Some(Autoscaler {
                min: Some(min),
                max: min + more,
                requests: Some(Rate(each)),
                memory: by_memory.then_some(Ratio(0.8)),
                up_window: window(wait),
                down_window: window(wait_down),
                up,
                down,
                ..Autoscaler::default()
            });
        }
        Case(scenario)
    })
}
