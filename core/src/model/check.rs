//! Ranges of what a scenario states beside parameters.

use super::budget;
use crate::diagnostic::{Diagnostic, no_services};
use crate::quantity::{Bytes, SimTime};
use crate::scenario::{
    Autoscaler, Bursts, Disturbance, Parameter, Retries, Rollout, Scenario, Select, Service,
    Traffic, Value,
};

/// Services of a scenario.
const MOST_SERVICES: usize = 1000;
/// Containers of one service.
const MOST_REPLICAS: u32 = 1000;
/// Worker processes of all containers.
const MOST_PROCESSES: u64 = 100_000;
/// Kubernetes' longest window of an autoscaler (`stabilizationWindowSeconds`: up to 3600).
const LONGEST_WINDOW: SimTime = SimTime::from_millis(3_600_000);
/// Kubernetes' bounds of a policy's time (`periodSeconds`: 1 to 1800).
const SECOND: SimTime = SimTime::from_millis(1_000);
const LONGEST_PERIOD: SimTime = SimTime::from_millis(1_800_000);
/// Longest run.
const LONGEST: SimTime = SimTime(400 * 86_400 * 1_000_000_000);

const DAY: SimTime = SimTime(86_400 * 1_000_000_000);
/// Attempts after the first one.
const MOST_ATTEMPTS: u32 = 10;

/// Bursts no rarer than this.
const RAREST: SimTime = DAY;
/// Bursts from one request to the next, or in a user's pause; in all stages; in one pause of every user.
const MOST_BURSTS: f64 = 1_000.0;
const MOST_IN_STAGES: f64 = 50_000.0;
const MOST_OF_USERS: f64 = 1e8;

/// Everything that is out of range.
pub(super) fn scenario(scenario: &Scenario) -> Vec<Diagnostic> {
    if scenario.services.is_empty() {
        return vec![no_services().hint("write at least one under `services:`")];
    }
    let mut problems = budget::stated(scenario);
    let mut say = |path: &str, message: String, hint: &str| {
        problems.push(Diagnostic::error("E202", path, message).hint(hint));
    };
    if scenario.version != 1 {
        let message = format!("version {} is not known", scenario.version);
        say("version", message, "write `version: 1`");
    }
    if scenario.services.len() > MOST_SERVICES {
        let message = format!("{} services; at most {MOST_SERVICES}", scenario.services.len());
        say("services", message, "simulate a part of the plan");
    }
    host(scenario, &mut say);
    if let Some(horizon) = scenario.horizon
        && (horizon == SimTime::ZERO || horizon > LONGEST)
    {
        say("horizon", format!("a run of {horizon} is out of range"), "up to 400 days");
    }
    if let Some(warmup) = scenario.warmup
        && warmup >= scenario.horizon.unwrap_or(SimTime::NEVER)
    {
        let message = format!("a warm-up of {warmup} leaves nothing of the run");
        say("warmup", message, "make it shorter than the horizon");
    }
    for (index, disturbance) in scenario.disturbances.iter().enumerate() {
        if let Disturbance::Slowdown(slow) = disturbance
            && !(slow.factor > 0.0 && slow.factor <= 1000.0)
        {
            let path = format!("disturbances.{index}.slowdown.factor");
            say(&path, "the factor is out of range".to_owned(), "above 0, at most 1000");
        }
    }
    let mut processes = 0_u64;
    for (name, given) in &scenario.services {
        service(name, given, &mut say);
        let workers = match given.parameters.get(&Parameter::Workers) {
            Some(Value::Count(workers)) => *workers,
            _ => 1,
        };
        let given = pod_of(scenario, given);
        let most = given.autoscaler.map_or(0, |autoscaler| autoscaler.max.min(MOST_REPLICAS));
        let containers = u64::from(given.replicas.unwrap_or(1).max(most));
        processes = containers.saturating_mul(workers).saturating_add(processes);
    }
    if processes > MOST_PROCESSES {
        let message = format!("{processes} worker processes; at most {MOST_PROCESSES}");
        say("services", message, "fewer replicas or workers");
    }
    for (name, cache) in &scenario.caches {
        let keys = cache.keys.unwrap_or(1);
        if !(1..=50_000_000).contains(&keys) {
            let message = format!("{keys} keys are out of range");
            say(&format!("caches.{name}.keys"), message, "between 1 and 50,000,000");
        }
        if cache.skew.is_some_and(|skew| !(0.0..=4.0).contains(&skew)) {
            let path = format!("caches.{name}.skew");
            say(&path, "the skew is out of range".to_owned(), "between 0 and 4");
        }
        if cache.hit_ratio.is_some_and(|ratio| ratio.0 > 1.0) {
            let path = format!("caches.{name}.hit_ratio");
            say(&path, "a hit ratio cannot exceed 1".to_owned(), "write it as in `70%`");
        }
        if cache.value_size.is_some_and(|size| size.0 > 512 << 20) {
            let path = format!("caches.{name}.value_size");
            say(&path, "a value cannot exceed 512 MiB".to_owned(), "Redis's own limit");
        }
    }
    for (name, endpoint) in &scenario.endpoints {
        if endpoint.share.is_some_and(|share| !(0.0..=1e9).contains(&share)) {
            let path = format!("endpoints.{name}.share");
            say(&path, "the share is out of range".to_owned(), "a number of at least 0");
        }
    }
    let shares = scenario.endpoints.values().map(|endpoint| endpoint.share.unwrap_or(1.0));
    if !scenario.endpoints.is_empty() && shares.sum::<f64>() <= 0.0 {
        say("endpoints", "no endpoint has a share".to_owned(), "give one a share above 0");
    }
    if let Some(given) = &scenario.traffic {
        traffic(given, &mut say);
    }
    problems
}

/// The machine.
fn host(scenario: &Scenario, say: &mut impl FnMut(&str, String, &str)) {
    let host = &scenario.host;
    if let Some(memory) = host.memory
        && !(Bytes::mib(64).0..=64 << 40).contains(&memory.0)
    {
        let message = format!("a host of {memory} is out of range");
        say("host.memory", message, "between 64 MiB and 64 TiB");
    }
    if host.cores.is_some_and(|cores| !(1..=1024).contains(&cores)) {
        say("host.cores", "the number of cores is out of range".to_owned(), "between 1 and 1024");
    }
    if host.steal.is_some_and(|steal| !(0.0..=0.9).contains(&steal.0)) {
        say("host.steal", "the stolen share of the CPU is out of range".to_owned(), "0 to 0.9");
    }
    let slices = SimTime(100_000)..=SimTime::from_millis(4);
    let slice = host.time_slice.filter(|&slice| slice > SimTime::ZERO);
    if slice.is_some_and(|slice| !slices.contains(&slice)) {
        let message = "the slice of the scheduler is out of range".to_owned();
        say("host.time_slice", message, "0.1 ms to 4 ms, or 0");
    }
    if slice.is_some() && host.cores != Some(1) {
        let message = "threads take turns on hosts with one core only".to_owned();
        say("host.time_slice", message, "leave it out, or set `cores: 1`");
    }
    if host.cpu_groups == Some(false) {
        ungrouped(scenario, say);
    }
    if host.core_cache.is_some_and(|cache| !(64 << 10..=1 << 30).contains(&cache.0)) {
        let message = "the cache of a core is out of range".to_owned();
        say("host.core_cache", message, "between 64 KiB and 1 GiB");
    }
}

/// A machine whose containers have no CPU groups.
fn ungrouped(scenario: &Scenario, say: &mut impl FnMut(&str, String, &str)) {
    if scenario.host.cores != Some(1) || scenario.host.time_slice == Some(SimTime::ZERO) {
        let message = "threads without CPU groups are simulated where they take turns on one core";
        say("host.cpu_groups", message.to_owned(), "leave it out, or set `cores: 1`");
    }
    let in_group = |service: &Service| service.cpus.is_some() || service.cpu_shares.is_some();
    if let Some((name, _)) = scenario.services.iter().find(|(_, service)| in_group(service)) {
        let message =
            format!("the CPU time of `{name}` is bounded, which takes a group of its own");
        say("host.cpu_groups", message, "leave it out, or `cpus` and `cpu_shares` of all services");
    }
}

/// The service that says how many containers there are.
fn pod_of<'s>(scenario: &'s Scenario, given: &'s Service) -> &'s Service {
    given.pod.as_ref().and_then(|pod| scenario.services.get(pod)).unwrap_or(given)
}

fn service(name: &str, given: &Service, say: &mut impl FnMut(&str, String, &str)) {
    if let Some(replicas) = given.replicas
        && !(1..=MOST_REPLICAS).contains(&replicas)
    {
        let path = format!("services.{name}.replicas");
        say(&path, format!("{replicas} replicas are out of range"), "between 1 and 1000");
    }
    if given.cpus.is_some_and(|cpus| !(0.0..=1024.0).contains(&cpus)) {
        let path = format!("services.{name}.cpus");
        say(&path, "the CPU quota is out of range".to_owned(), "between 0 and 1024 cores");
    }
    if given.cpu_shares.is_some_and(|shares| !(2..=262_144).contains(&shares)) {
        let path = format!("services.{name}.cpu_shares");
        say(&path, "the CPU shares are out of range".to_owned(), "between 2 and 262,144");
    }
    for (key, cores) in [
        ("cpu_reservation", given.cpu_reservation),
        ("init_cpu_reservation", given.init_cpu_reservation),
    ] {
        if cores.is_some_and(|cores| !(0.0..=1024.0).contains(&cores)) {
            let path = format!("services.{name}.{key}");
            say(
                &path,
                "the reserved cores are out of range".to_owned(),
                "between 0 and 1024 cores",
            );
        }
    }
    if given.oom_score_adj.is_some_and(|adjust| !(-1000..=1000).contains(&adjust)) {
        let path = format!("services.{name}.oom_score_adj");
        say(&path, "oom_score_adj is out of range".to_owned(), "between -1000 and 1000");
    }
    if let Some(given) = &given.rollout {
        rollout(given, &format!("services.{name}.rollout"), say);
    }
    if let Some(given) = &given.autoscaler {
        autoscaler(given, &format!("services.{name}.autoscaler"), say);
    }
    if let Some(given) = &given.retries {
        retries(given, &format!("services.{name}.retries"), say);
    }
    if let Some(memory) = given.memory
        && !(6 << 20..=64 << 40).contains(&memory.0)
    {
        let path = format!("services.{name}.memory");
        say(&path, format!("a limit of {memory} is out of range"), "Docker's least is 6 MiB");
    }
}

/// How containers make way for new ones.
fn rollout(given: &Rollout, path: &str, say: &mut impl FnMut(&str, String, &str)) {
    for (key, count) in [("surge", given.surge), ("unavailable", given.unavailable)] {
        if count.is_some_and(|count| count > MOST_REPLICAS) {
            let message = format!("{key} is out of range");
            say(&format!("{path}.{key}"), message, "between 0 and 1000");
        }
    }
    if given.grace.is_some_and(|grace| grace > DAY) {
        let message = "the grace is out of range".to_owned();
        say(&format!("{path}.grace"), message, "up to a day");
    }
}

/// How many containers there are as the load asks for.
fn autoscaler(given: &Autoscaler, path: &str, say: &mut impl FnMut(&str, String, &str)) {
    let mut at = |key: &str, what: &str, range: &str| {
        say(&format!("{path}.{key}"), format!("{what} out of range"), range);
    };
    if !(1..=MOST_REPLICAS).contains(&given.max) {
        at("max", "the most containers are", "between 1 and 1000");
    }
    if given.min.is_some_and(|min| min == 0 || min > given.max) {
        at("min", "the fewest containers are", "between 1 and `max`");
    }
    for (key, target) in [("cpu", given.cpu), ("memory", given.memory)] {
        if target.is_some_and(|target| !(0.01..=10.0).contains(&target.0)) {
            at(key, "the wanted share is", "between 1 % and 1000 %");
        }
    }
    if given.requests.is_some_and(|rate| !(rate.0 > 0.0 && rate.0 <= 1e9)) {
        at("requests", "the wanted rate is", "above 0, up to 1,000,000,000/s");
    }
    for (key, window) in [("up_window", given.up_window), ("down_window", given.down_window)] {
        if window.is_some_and(|window| window > LONGEST_WINDOW) {
            at(key, "the window is", "up to an hour");
        }
    }
    for (key, pace) in [("up", given.up), ("down", given.down)] {
        let Some(pace) = pace else { continue };
        if pace.containers.is_some_and(|count| !(1..=MOST_REPLICAS).contains(&count)) {
            at(&format!("{key}.containers"), "the number of containers is", "between 1 and 1000");
        }
        if pace.share.is_some_and(|share| !(0.01..=100.0).contains(&share.0)) {
            at(&format!("{key}.share"), "the share is", "between 1 % and 10,000 %");
        }
        if pace.period.is_some_and(|period| !(SECOND..=LONGEST_PERIOD).contains(&period)) {
            at(&format!("{key}.period"), "the time is", "between 1 s and half an hour");
        }
        if pace.containers.is_none() && pace.share.is_none() && pace.select != Select::Never {
            at(key, "a pace without `containers` and `share` is", "state one, or `select: never`");
        }
    }
}

/// How a caller or a client tries again.
pub(super) fn retries(given: &Retries, path: &str, say: &mut impl FnMut(&str, String, &str)) {
    let mut at = |key: &str, what: &str, range: &str| {
        say(&format!("{path}.{key}"), format!("{what} out of range"), range);
    };
    if given.attempts > MOST_ATTEMPTS {
        at("attempts", "the number of attempts is", "between 0 and 10");
    }
    if given.max_delay > DAY {
        at("max_delay", "the longest pause is", "up to a day");
    } else if given.base_delay > given.max_delay {
        at("base_delay", "the first pause is", "at most `max_delay`, which is 20 s if not stated");
    }
    if given.on.is_empty() {
        at("on", "the list of failures is", "name one at least, or set `attempts: 0`");
    }
    if let Some(budget) = given.budget {
        if !(0.0..=10.0).contains(&budget.share.0) {
            at("budget.share", "the share of requests is", "between 0 and 10");
        }
        if !(0.0..=1e6).contains(&budget.min_rate.0) {
            at("budget.min_rate", "the rate is", "between 0 and 1,000,000/s");
        }
    }
}

fn traffic(traffic: &Traffic, say: &mut impl FnMut(&str, String, &str)) {
    if traffic.users.is_some() && (traffic.arrival_rate.is_some() || !traffic.stages.is_empty()) {
        let message = "traffic is either open (arrival_rate, stages) or closed (users)".to_owned();
        say("traffic", message, "leave one of them out");
    }
    let rates = traffic.arrival_rate.into_iter().chain(traffic.stages.iter().map(|s| s.target));
    if rates.into_iter().any(|rate| !(0.0..=1e7).contains(&rate.0)) {
        say("traffic", "a rate is out of range".to_owned(), "between 0 and 10,000,000/s");
    }
    if traffic.users.is_some_and(|users| !(1..=1_000_000).contains(&users)) {
        let message = "the number of users is out of range".to_owned();
        say("traffic.users", message, "between 1 and 1,000,000");
    }
    if traffic.idle_connections.is_some_and(|idle| idle > 1_000_000) {
        let message = "the number of idle connections is out of range".to_owned();
        say("traffic.idle_connections", message, "at most 1,000,000");
    }
    for (index, spike) in traffic.spikes.iter().enumerate() {
        if !(0.0..=1000.0).contains(&spike.factor) {
            let path = format!("traffic.spikes.{index}.factor");
            say(&path, "the factor is out of range".to_owned(), "between 0 and 1000");
        }
    }
    if let Some(given) = &traffic.retries {
        retries(given, "traffic.retries", say);
    }
    if let Some(bursts) = &traffic.bursts {
        self::bursts(bursts, traffic, say);
    }
    if let Some(pause) = traffic.think_time {
        if pause.mean() < SimTime(1000) {
            let message = "users who never pause would send without end".to_owned();
            say("traffic.think_time", message, "give them a pause of at least 1us on average");
        } else if super::draw::sampler(&pause).is_none() {
            let message = "there is no such distribution".to_owned();
            say("traffic.think_time", message, super::draw::HINT);
        }
    }
}

fn bursts(given: &Bursts, traffic: &Traffic, say: &mut impl FnMut(&str, String, &str)) {
    if !(0.0..=1000.0).contains(&given.factor) {
        let message = "the factor is out of range".to_owned();
        say("traffic.bursts.factor", message, "between 0 and 1000");
    }
    let every = given.every.as_seconds();
    let pause = traffic.think_time.map_or(1.0, |pause| pause.mean().as_seconds()) / every;
    let users = f64::from(traffic.users.unwrap_or(0));
    let rate = traffic.arrival_rate.map_or(0.0, |rate| rate.0);
    let stages = traffic.stages.iter().map(|stage| stage.duration.as_seconds()).sum::<f64>();
    let is_rare = rate > 0.0 && rate * every * MOST_BURSTS < 1.0;
    let is_patient = users > 0.0 && (pause > MOST_BURSTS || pause * users > MOST_OF_USERS);
    if !(SimTime::from_millis(1000)..=RAREST).contains(&given.every) {
        let message = format!("bursts every {} are out of range", given.every);
        say("traffic.bursts.every", message, "between 1 s and a day");
    } else if is_rare || is_patient || stages / every > MOST_IN_STAGES {
        let message = format!("bursts every {} are too many for this traffic", given.every);
        let hint = "at least a 1,000th of what is between two requests of a user or of all, a 50,000th \
                    of all stages, and a 100,000,000th of the pauses of all users";
        say("traffic.bursts.every", message, hint);
    }
    if !(SimTime::from_millis(1)..given.every).contains(&given.length) {
        let message = format!("a burst of {} is out of range", given.length);
        say("traffic.bursts.for", message, "at least 1 ms, and shorter than `every`");
    }
    if traffic.users.is_none() && traffic.arrival_rate.is_none() && traffic.stages.is_empty() {
        let message = "bursts of no traffic".to_owned();
        say("traffic.bursts", message, "give `arrival_rate` or `users`, too");
    }
}
