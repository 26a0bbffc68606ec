//! Random scenarios: small enough to run in milliseconds, tight enough that queues overflow, pools
//! run dry, and containers are killed and come back.

use std::collections::BTreeMap;
use std::fmt;

use plimsoll::quantity::{Bytes, Rate, Ratio, SimTime};
use plimsoll::scenario::{
    Branch, Cache, CacheStart, CacheStep, CallStep, Distribution, Disturbance, Endpoint, Host,
    Jitter, Leak, QueryStep, Retries, RetryBudget, RetryOn, Scenario, Slowdown, Spike, Spread,
    Stage, Step, Traffic, WriteStep,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::member::{Kind, Member, member};
use crate::outline::text;

/// A step before its services and caches have names. Numbers are taken modulo what there is.
#[derive(Clone, Debug)]
enum Draft {
    Cpu(Distribution),
    Wait(Distribution),
    Hold(u64),
    Call(u8, Vec<Draft>, Option<SimTime>, Option<Retries>),
    Cache(u8, Vec<Draft>, bool),
    Write(u8),
    Query(u8, Option<Distribution>, Option<Distribution>, Option<u64>),
    Choice(Vec<(f64, Vec<Draft>)>),
    Parallel(Vec<Vec<Draft>>),
}

pub(crate) fn millis(range: std::ops::Range<u64>) -> impl Strategy<Value = SimTime> {
    range.prop_map(SimTime::from_millis)
}

/// Times from a microsecond to some 20 ms.
fn distribution() -> impl Strategy<Value = Distribution> {
    let time = || (1u64..20_000).prop_map(|micros| SimTime(micros * 1000));
    prop_oneof![
        time().prop_map(Distribution::Constant),
        time().prop_map(Distribution::Exponential),
        (time(), 0.1..3.0).prop_map(|(mean, cv)| Distribution::Lognormal(Spread { mean, cv })),
        (time(), time()).prop_map(|(low, width)| Distribution::Uniform(low, low + width)),
        (time(), 1.1..3.0)
            .prop_map(|(mean, cv)| Distribution::Hyperexponential(Spread { mean, cv })),
    ]
}

fn drafts() -> impl Strategy<Value = Vec<Draft>> {
    let leaf = prop_oneof![
        3 => distribution().prop_map(Draft::Cpu),
        3 => distribution().prop_map(Draft::Wait),
        1 => (1u64..4000).prop_map(Draft::Hold),
        1 => any::<u8>().prop_map(Draft::Write),
        2 => (any::<u8>(), option::of(distribution()), option::of(distribution()), option::of(0u64..2000))
            .prop_map(|(to, cpu, wait, memory)| Draft::Query(to, cpu, wait, memory)),
    ];
    let step = leaf.prop_recursive(3, 12, 3, |inner| {
        let steps = || vec(inner.clone(), 0..3);
        prop_oneof![
            (any::<u8>(), steps(), option::of(millis(1..60)), option::weighted(0.3, retries()))
                .prop_map(|(to, steps, timeout, retries)| Draft::Call(to, steps, timeout, retries)),
            (any::<u8>(), steps(), any::<bool>())
                .prop_map(|(cache, steps, fill)| Draft::Cache(cache, steps, fill)),
            vec((0.1..3.0, steps()), 1..4).prop_map(Draft::Choice),
            vec(steps(), 1..4).prop_map(Draft::Parallel),
        ]
    });
    vec(step, 1..4)
}

/// Up to three more attempts after some failures.
pub(crate) fn retries() -> impl Strategy<Value = Retries> {
    let budget = (0.0..0.5, 0.0..20.0)
        .prop_map(|(share, rate)| RetryBudget { share: Ratio(share), min_rate: Rate(rate) });
    let all = vec![RetryOn::TimedOut, RetryOn::Refused, RetryOn::Failed];
    let on = prop::sample::subsequence(all, 1..=3);
    (0u32..4, millis(0..60), millis(0..200), any::<bool>(), option::of(budget), on).prop_map(
        |(attempts, base_delay, more, is_spread, budget, on)| Retries {
            attempts,
            base_delay,
            max_delay: base_delay + more,
            jitter: if is_spread { Jitter::Full } else { Jitter::None },
            budget,
            on,
        },
    )
}

/// A cache in the store of some service.
fn cache() -> impl Strategy<Value = (u8, Cache)> {
    let variation = prop_oneof![Just(0.0), 0.01..1.5];
    let law = (1u64..3000, 0.0..1.4, 1u64..30, variation);
    let fixed = option::weighted(0.2, (0.0..1.0).prop_map(Ratio));
    let start = option::of(prop_oneof![
        Just(CacheStart::Warm),
        Just(CacheStart::Empty),
        Just(CacheStart::Loaded)
    ]);
    (any::<u8>(), law, option::of(millis(50..3000)), fixed, start).prop_map(
        |(owner, (keys, skew, size, cv), ttl, hit_ratio, start)| {
            let cache = Cache {
                service: String::new(),
                hit_ratio,
                keys: Some(keys),
                skew: Some(skew),
                value_size: Some(Bytes::kib(size)),
                value_size_cv: Some(cv),
                key_size: None,
                ttl,
                // Of those with a hit ratio all or none begin empty at one service, which another draw decides.
                start: start.filter(|_| hit_ratio.is_none()),
            };
            (owner, cache)
        },
    )
}

fn spikes() -> impl Strategy<Value = Vec<Spike>> {
    let spike = (0.0..8.0, millis(0..4000), millis(10..1500));
    vec(spike.prop_map(|(factor, at, length)| Spike { factor, at, length }), 0..3)
}

/// Open traffic of up to some hundred requests a second.
pub(crate) fn open_traffic() -> impl Strategy<Value = Traffic> {
    let stage = (0.0..200.0, millis(0..2000))
        .prop_map(|(target, duration)| Stage { target: Rate(target), duration });
    // Clients share a budget: with one, what fails in a part of a plan is felt in another.
    let retries = option::weighted(0.3, retries());
    (0.0..200.0, vec(stage, 0..3), spikes(), retries).prop_map(|(rate, stages, spikes, retries)| {
        Traffic {
            arrival_rate: Some(Rate(rate)),
            stages,
            spikes,
            retries: retries.map(|retries| Retries { budget: None, ..retries }),
            ..Traffic::default()
        }
    })
}

fn traffic() -> impl Strategy<Value = Traffic> {
    let retries = option::weighted(0.3, retries());
    let closed = (1u32..40, 20u64..300, any::<bool>(), spikes(), retries);
    let closed = closed.prop_map(|(users, pause, is_constant, spikes, retries)| {
        // Users who pause for microseconds after a refusal would only fill the run with refusals.
        let pause = SimTime::from_millis(pause);
        let think_time = if is_constant {
            Distribution::Constant(pause)
        } else {
            Distribution::Exponential(pause)
        };
        let (users, think_time) = (Some(users), Some(think_time));
        Traffic { users, think_time, spikes, retries, ..Traffic::default() }
    });
    prop_oneof![open_traffic(), closed]
}

/// A disturbance of a service by its number.
fn disturbance() -> impl Strategy<Value = (u8, Disturbance)> {
    let at = || millis(0..4000);
    let service = String::new;
    let leak =
        (option::of(1u64..400), option::of(1u64..4000), at()).prop_map(move |(each, hour, at)| {
            Disturbance::Leak(Leak {
                outside_heap: false,
                service: service(),
                per_request: each.map(Bytes::kib),
                // MiB by the second, so that an hour's leak shows in seconds.
                per_hour: hour.map(|kib| Bytes(Bytes::kib(kib).0 * 3600)),
                at,
            })
        });
    let slowdown = (0.0..10.0, at(), millis(1..3000)).prop_map(move |(factor, at, length)| {
        Disturbance::Slowdown(Slowdown { service: service(), factor, at, length })
    });
    let flush = at().prop_map(move |at| Disturbance::CacheFlush { service: service(), at });
    let kill = at().prop_map(move |at| Disturbance::Kill { service: service(), at });
    let dump = at().prop_map(move |at| Disturbance::Dump { service: service(), at });
    let rollout = at().prop_map(move |at| Disturbance::Rollout { service: service(), at });
    (any::<u8>(), prop_oneof![leak, slowdown, flush, dump, rollout, kill])
}

/// Parts of a plan that do not depend on the rest: services, caches, endpoints and disturbances.
#[derive(Clone)]
pub(crate) struct Sketch {
    members: Vec<Member>,
    caches: Vec<(u8, Cache)>,
    endpoints: Vec<(f64, Option<SimTime>, Vec<Draft>)>,
    disturbances: Vec<(u8, Disturbance)>,
}

/// A random part of a plan with up to five services.
pub(crate) fn sketch() -> impl Strategy<Value = Sketch> {
    let patience = prop_oneof![
        1 => Just(None),
        1 => millis(1..300).prop_map(Some),
        2 => Just(Some(SimTime::ZERO)),
    ];
    let endpoint = (0.1..3.0, patience, drafts());
    (vec(member(), 1..6), vec(cache(), 0..3), vec(endpoint, 1..4), vec(disturbance(), 0..4))
        .prop_map(|(members, caches, endpoints, disturbances)| Sketch {
            members,
            caches,
            endpoints,
            disturbances,
        })
}

impl Sketch {
    /// Adds this part to a scenario; every name begins with `prefix`.
    pub(crate) fn add_to(&self, scenario: &mut Scenario, prefix: &str) {
        let names: Vec<String> =
            (0..self.members.len()).map(|index| format!("{prefix}{index}")).collect();
        let pick = |number: u8| names[usize::from(number) % names.len()].clone();
        for (index, member) in self.members.iter().enumerate() {
            let mut service = member.service.clone();
            let others = names[index + 1..].to_vec();
            match (member.kind, others.first()) {
                // Nothing to lend connections of: it works as any other.
                (Kind::Pooler, None) => service.profile = None,
                _ => service.calls = others,
            }
            // Pools may lead to all but the first, and then none may stand beside the old ones.
            if let Some(rollout) = service.rollout.as_mut().filter(|_| index > 0) {
                rollout.surge = None;
                rollout.unavailable = rollout.unavailable.map(|count| count.max(1));
            }
            scenario.services.insert(names[index].clone(), service);
        }
        for (index, (owner, cache)) in self.caches.iter().enumerate() {
            let cache = Cache { service: pick(*owner), ..cache.clone() };
            scenario.caches.insert(format!("{prefix}cache{index}"), cache);
        }
        for (index, (share, timeout, drafts)) in self.endpoints.iter().enumerate() {
            let endpoint = Endpoint {
                share: Some(*share),
                service: Some(names[0].clone()),
                timeout: *timeout,
                steps: self.steps(drafts, 0, prefix),
            };
            scenario.endpoints.insert(format!("{prefix}page{index}"), endpoint);
        }
        for (number, disturbance) in &self.disturbances {
            let mut disturbance = disturbance.clone();
            match &mut disturbance {
                Disturbance::Leak(Leak { service, .. })
                | Disturbance::Slowdown(Slowdown { service, .. })
                | Disturbance::CacheFlush { service, .. }
                | Disturbance::Dump { service, .. }
                | Disturbance::Rollout { service, .. }
                | Disturbance::Kill { service, .. } => *service = pick(*number),
            }
            // What nobody says the size of cannot be flushed.
            if let Disturbance::CacheFlush { service, .. } = &disturbance
                && !scenario.caches.values().any(|cache| cache.service == *service)
            {
                continue;
            }
            scenario.disturbances.push(disturbance);
        }
    }

    /// Steps at a service. Calls only go to later services, so that they end.
    fn steps(&self, drafts: &[Draft], at: usize, prefix: &str) -> Vec<Step> {
        let later = self.members.len() - at - 1;
        let target = |number: u8| (later > 0).then(|| at + 1 + usize::from(number) % later);
        let name = |index: usize| format!("{prefix}{index}");
        let inside = |drafts: &[Draft]| self.steps(drafts, at, prefix);
        let step = |draft: &Draft| match draft {
            Draft::Cpu(time) => Some(Step::Cpu(*time)),
            Draft::Wait(time) => Some(Step::Wait(*time)),
            Draft::Hold(kib) => Some(Step::Hold(Bytes::kib(*kib))),
            Draft::Call(number, drafts, timeout, retries) => target(*number).map(|to| {
                let steps = self.steps(drafts, to, prefix);
                let (timeout, retries) = (*timeout, retries.clone());
                Step::Call(CallStep { service: name(to), steps, timeout, retries })
            }),
            Draft::Cache(number, drafts, fill) if !self.caches.is_empty() => {
                let index = usize::from(*number) % self.caches.len();
                let cache = format!("{prefix}cache{index}");
                Some(Step::Cache(CacheStep { cache, on_miss: inside(drafts), fill: *fill }))
            }
            Draft::Write(number) => (!self.caches.is_empty()).then(|| {
                let index = usize::from(*number) % self.caches.len();
                Step::Write(WriteStep { cache: format!("{prefix}cache{index}") })
            }),
            Draft::Cache(_, drafts, _) => Some(Step::Parallel(vec![inside(drafts)])),
            Draft::Query(number, cpu, wait, memory) => target(*number).map(|to| {
                let memory = memory.map(Bytes::kib);
                let query = QueryStep {
                    database: name(to),
                    cpu: *cpu,
                    wait: *wait,
                    memory,
                    ..QueryStep::default()
                };
                Step::Query(query)
            }),
            Draft::Choice(ways) => Some(Step::Choice(
                ways.iter()
                    .map(|(weight, drafts)| Branch { weight: *weight, steps: inside(drafts) })
                    .collect(),
            )),
            Draft::Parallel(ways) => {
                Some(Step::Parallel(ways.iter().map(|drafts| inside(drafts)).collect()))
            }
        };
        drafts.iter().filter_map(step).collect()
    }
}

/// A scenario with nothing in it, on a host.
pub(crate) fn empty(host: Host, traffic: Traffic, horizon: SimTime) -> Scenario {
    Scenario {
        version: 1,
        name: String::new(),
        description: String::new(),
        host,
        services: BTreeMap::new(),
        entry: None,
        caches: BTreeMap::new(),
        tables: BTreeMap::new(),
        endpoints: BTreeMap::new(),
        traffic: Some(traffic),
        disturbances: Vec::new(),
        objectives: Vec::new(),
        horizon: Some(horizon),
        warmup: None,
        alerts: Vec::new(),
        scrape_interval: None,
        evaluation_interval: None,
    }
}

/// A scenario that shows itself as the text that the scenario reader reads.
#[derive(Clone)]
pub(crate) struct Case(pub(crate) Scenario);

impl fmt::Debug for Case {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&text(&self.0))
    }
}

impl fmt::Debug for Sketch {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut scenario = empty(Host::default(), Traffic::default(), SimTime::from_millis(1));
        self.add_to(&mut scenario, "s");
        out.write_str(&text(&scenario))
    }
}

/// A whole random scenario on a small host.
pub(crate) fn case() -> impl Strategy<Value = Case> {
    let steal = option::of(0.0..0.9).prop_map(|steal| steal.map(Ratio));
    let slice =
        option::of(prop_oneof![Just(0), 100u64..4000].prop_map(|micros| SimTime(micros * 1000)));
    let kubernetes = option::of(any::<bool>());
    let host = (64u64..300, 1u32..5, 0u64..40, option::of(0u64..60), steal, slice, kubernetes);
    let host =
        host.prop_map(|(memory, cores, reserved, swap, steal, time_slice, kubernetes)| Host {
            memory: Some(Bytes::mib(memory)),
            cores: Some(cores),
            steal,
            // Threads take turns on one core only.
            time_slice: time_slice.filter(|&slice| cores == 1 || slice == SimTime::ZERO),
            reserved: Some(Bytes::mib(reserved)),
            swap: swap.map(Bytes::mib),
            kubernetes,
            cpu_groups: None,
            core_cache: None,
        });
    (sketch(), host, traffic(), millis(500..6000), option::of(0.0..0.9)).prop_map(
        |(sketch, host, traffic, horizon, warmup)| {
            let mut scenario = empty(host, traffic, horizon);
            scenario.warmup =
                warmup.map(|share| SimTime::from_seconds(share * horizon.as_seconds()));
            sketch.add_to(&mut scenario, "s");
            Case(scenario)
        },
    )
}
