//! What nobody knows, and so nothing may be said to hold.

use super::finding::{guessed_range, low_bytes};
use super::objective::{services, usable_cores};
use super::tally::{ServiceRun, Tally};
use super::unread;
use crate::catalog::{self, Origin};
use crate::engine::{Killer, Part};
use crate::model::{EndpointModel, Extreme, Model, Op, ServiceModel, TrafficModel, flow};
use crate::quantity::Bytes;
use crate::scenario::{Metric, Objective, Parameter};

/// Names of services that a reason gives before it counts the others.
const NAMED: usize = 3;

/// Why an objective cannot be said to hold, whatever the runs measured: about memory that nobody knows, the work of
/// unknown software, or the cores of a service elsewhere.
pub(super) fn reason(objective: &Objective, model: &Model, tally: &Tally) -> Option<String> {
    match objective.metric {
        Metric::Cpu => unknown_cores(objective, model),
        Metric::Latency | Metric::Throughput => unknown_work(objective, model),
        Metric::Oom | Metric::Memory | Metric::Headroom => {
            let store = unknown_store(objective, model);
            let software = unknown_software(objective, model, tally);
            let unread = unread::reason(objective, model, tally);
            let all: Vec<String> = store.into_iter().chain(software).chain(unread).collect();
            (!all.is_empty()).then(|| all.join("; "))
        }
        Metric::LossRatio
        | Metric::Restarts
        | Metric::HitRatio
        | Metric::PoolWaiting
        | Metric::Connections => None,
    }
}

/// What a request costs software of which nothing is known: nobody knows how fast it answers. Whoever states the steps of
/// an endpoint has said what they cost.
fn unknown_work(objective: &Objective, model: &Model) -> Option<String> {
    let name = objective.selector.as_deref();
    let is_meant = |one: &&EndpointModel| name.is_none_or(|name| name == one.name);
    let meant: Vec<EndpointModel> = model.endpoints.iter().filter(is_meant).cloned().collect();
    let alone = Model { endpoints: meant, ..model.clone() };
    let visits = model.program.iter().zip(flow(&alone, Extreme::Most));
    let guessed = visits.filter_map(|(op, visits)| {
        let Op::Cpu(draw) = *op else { return None };
        let service = &model.services[visits?.service as usize];
        let (time, origin) = service.parameters.get(&Parameter::CpuRequest)?;
        // What no step states is drawn for the work of a whole request.
        let is_implied = model.draws[draw as usize].purpose.ends_with(".work");
        let is_unknown = *origin == Origin::Guess && catalog::is_unknown(&service.profile);
        (is_implied && is_unknown && !service.external).then_some((service, time))
    });
    let (service, time) = guessed.min_by(|(one, _), (other, _)| one.name.cmp(&other.name))?;
    Some(format!(
        "nobody knows what a request costs the software of {} ({time} is a guess): state `cpu_request`, or its \
         `profile`",
        service.name
    ))
}

/// Why an objective cannot be said to break, whatever the runs measured: whoever is killed is software of which nothing
/// is known, and would live if it and its requests were as small as they may be. (Four services of the OpenTelemetry
/// demo live in 4 to 14 MiB of their 20, its pull request 1931.) What is asked of
/// another service, by name, breaks all the same, and so does what requests meet that never come to whoever is killed.
pub(super) fn excuse(objective: &Objective, model: &Model, tally: &Tally) -> Option<String> {
    if tally.runs.iter().any(|run| run.host_died.is_some()) {
        return None;
    }
    let (mut killed, mut ids) = (Vec::new(), Vec::new());
    for (id, service) in model.services.iter().enumerate() {
        let of = tally.runs.iter().map(|run| &run.services[id]);
        let mut of = of.filter(|run| run.kills > 0).peekable();
        if of.peek().is_none() {
            continue;
        }
        let guess = guess(service)?;
        if !of.all(|run| may_live(service, &guess, run, model)) {
            return None;
        }
        killed.push((service.name.as_str(), guess));
        ids.push(id as u32);
    }
    let names: Vec<&str> = killed.iter().map(|(name, _)| *name).collect();
    let asked = objective.selector.as_deref();
    let is_other =
        |name| !names.contains(&name) && model.services.iter().any(|one| one.name == name);
    if asked.is_some_and(is_other) || !may_come_of(objective, &ids, model) {
        return None;
    }
    Some(sentence(&names, &killed.first()?.1))
}

/// Whether a container that was killed would live if it took the least that it may: at its start, or with all of its
/// requests. What leaks, fills whatever there is.
fn may_live(service: &ServiceModel, guess: &Guess, run: &ServiceRun, model: &Model) -> bool {
    let Some(limit) = service.limit else { return false };
    let rest = run.fullest.idle.saturating_sub(guess.value).saturating_add(guess.low);
    if run.first_kill == Some(0.0) {
        return rest < limit;
    }
    let users = match &model.traffic {
        Some(TrafficModel::Closed { users, .. }) => *users,
        Some(TrafficModel::Open(_)) | None => 0,
    };
    let request = low_bytes(service, Parameter::MemoryRequest);
    let each = request.saturating_add(low_bytes(service, Parameter::MemoryConnection));
    let requests = each.saturating_mul(u64::from(users.max(run.in_flight_max)));
    let leaks = run.fullest.ledger[Part::Leak as usize] > 0;
    !leaks && run.killer == Some(Killer::Limit) && rest.saturating_add(requests) < limit
}

/// Whether what an objective measures may come of it that these services are not there.
fn may_come_of(objective: &Objective, killed: &[u32], model: &Model) -> bool {
    let reaches = |endpoint: &EndpointModel| {
        reached(endpoint, model).into_iter().any(|service| killed.contains(&service))
    };
    let of_requests = matches!(
        objective.metric,
        Metric::Latency
            | Metric::LossRatio
            | Metric::Throughput
            | Metric::PoolWaiting
            | Metric::HitRatio
    );
    let name = objective.selector.as_deref();
    let is_named = |one: &&EndpointModel| name == Some(one.name.as_str());
    let has_named = model.endpoints.iter().any(|one| is_named(&one));
    !of_requests || model.endpoints.iter().any(|one| (!has_named || is_named(&one)) && reaches(one))
}

/// The services that requests of an endpoint may come to, some more than once.
pub(super) fn reached(endpoint: &EndpointModel, model: &Model) -> Vec<u32> {
    let alone = Model { endpoints: vec![endpoint.clone()], ..model.clone() };
    flow(&alone, Extreme::Most).into_iter().flatten().map(|step| step.service).collect()
}

/// A service elsewhere that may have any number of cores: there is no share of them.
fn unknown_cores(objective: &Objective, model: &Model) -> Option<String> {
    let name = objective.selector.as_deref()?;
    let service = services(Some(name), model).next()?;
    let is_unknown = usable_cores(service, model).is_infinite();
    is_unknown.then(|| format!("nobody knows how many cores {name} has: state its `cpus`"))
}

/// A store without limit whose data nobody knows: it may hold anything, so nothing that depends on
/// its memory can be said to hold.
fn unknown_store(objective: &Objective, model: &Model) -> Option<String> {
    let store = services(objective.selector.as_deref(), model).find(|service| {
        !service.external && service.store.as_ref().is_some_and(|store| store.is_unknown)
    })?;
    let name = &store.name;
    Some(format!("nobody knows how much {name} will hold: state its `maxmemory` or `dataset`"))
}

/// Software of which nothing is known, where the memory of a larger one would not fit: then what was
/// simulated is a guess about a small service, and that it fits says nothing. What it was guessed to
/// take may be wrong by its whole range, for all of it at once.
fn unknown_software(objective: &Objective, model: &Model, tally: &Tally) -> Option<String> {
    let unknown = guessed(services(objective.selector.as_deref(), model));
    // It holds more than its program: kernel memory, connections, requests.
    let peak_of = |name: &str| {
        let id = model.services.iter().position(|one| one.name == name);
        id.and_then(|id| tally.runs.iter().map(|run| run.services[id].fullest.peak).max())
    };
    let above_limit = |(service, guess): &&(&ServiceModel, Guess)| {
        let beside = peak_of(&service.name).unwrap_or(0).saturating_sub(guess.value);
        service.limit.is_some_and(|limit| limit < guess.high.saturating_add(beside))
    };
    let limited: Vec<_> = unknown.iter().filter(above_limit).collect();
    let host = &model.host;
    let peak = tally.runs.iter().map(|run| run.host_peak).max().unwrap_or(0);
    // A limit bounds what it may take, if by killing it.
    let more = |(service, guess): &(&ServiceModel, Guess)| {
        let high = guess.high.min(service.limit.unwrap_or(u64::MAX));
        high.saturating_sub(guess.value).saturating_mul(u64::from(service.replicas))
    };
    let all = unknown.iter().map(more).fold(peak, u64::saturating_add);
    let breaks_host = all > host.memory.saturating_add(host.swap);
    let guilty: Vec<_> = match limited.is_empty() {
        false => limited,
        true if breaks_host => unknown.iter().collect(),
        true => return None,
    };
    let (_, guess) = guilty.first()?;
    let names: Vec<&str> = guilty.iter().map(|(service, _)| service.name.as_str()).collect();
    Some(sentence(&names, guess))
}

fn sentence(names: &[&str], guess: &Guess) -> String {
    format!(
        "nobody knows what memory the software of {} takes ({} is a guess, {} to {}): state \
         `memory_program`, or its `profile`",
        listed(names),
        Bytes(guess.value),
        Bytes(guess.low),
        Bytes(guess.high)
    )
}

/// Memory of a program that is a guess, and its range.
pub(super) struct Guess {
    pub(super) value: u64,
    pub(super) low: u64,
    pub(super) high: u64,
}

/// Those of the services that run here and of whose software nothing is known, with what they are guessed to take.
pub(super) fn guessed<'a>(
    services: impl Iterator<Item = &'a ServiceModel>,
) -> Vec<(&'a ServiceModel, Guess)> {
    let local = services.filter(|service| !service.external);
    local.filter_map(|service| Some((service, guess(service)?))).collect()
}

/// The guess that a service of unknown software rests on; `None` where the plan states anything of its
/// memory, or the software is known.
fn guess(service: &ServiceModel) -> Option<Guess> {
    let (low, high) = guessed_range(service)?;
    Some(Guess { value: service.memory.program, low, high })
}

/// `a`, `b` and `c`, or the first of many.
pub(super) fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [all @ .., last] if names.len() <= NAMED => format!("{} and {last}", all.join(", ")),
        _ => format!("{} and {} more", names[..NAMED].join(", "), names.len() - NAMED),
    }
}

#[cfg(test)]
mod tests {
    use crate::decision::{CheckOptions, Runs, check};
    use crate::import::{self, Sources};
    use crate::report::Verdict;

    fn verdict(text: &str) -> (Verdict, Option<String>) {
        let draft = import::read(&Sources::single("compose.yaml", text)).unwrap();
        let model = crate::model::build(&draft.scenario, &draft.provenance).unwrap();
        let options = CheckOptions { runs: Runs::Fixed(20), seed: 7, ..CheckOptions::default() };
        let report = check(&model, &options, &|_| {});
        (report.verdict, report.objectives[0].detail.clone())
    }

    #[test]
    fn that_a_small_service_would_fit_says_nothing_of_an_unknown_one() {
        let plan = |host: &str, keys: &str| {
            verdict(&format!(
                "services: {{a: {{build: ., ports: ['80:80']{keys}}}}}\n\
                 x-plimsoll: {{host: {{memory: {host}}}, objectives: ['oom: p < 90%']}}\n"
            ))
        };
        let (said, why) = plan("512MiB", "");
        assert_eq!(said, Verdict::Undecided);
        assert!(why.unwrap().starts_with("nobody knows what memory the software of a takes"));
        assert_eq!(plan("4GiB", "").0, Verdict::Fits);
        assert_eq!(plan("4GiB", ", mem_limit: 256m").0, Verdict::Undecided);
        assert_eq!(plan("4GiB", ", mem_limit: 600m").0, Verdict::Undecided);
        // A program of 1 GiB leaves no room for the rest of what it holds.
        assert_eq!(plan("4GiB", ", mem_limit: 1024m").0, Verdict::Undecided);
        assert_eq!(plan("4GiB", ", mem_limit: 1200m").0, Verdict::Fits);
        let stated = ", mem_limit: 256m, x-plimsoll: {memory_program: 60MiB}";
        assert_eq!(plan("4GiB", stated).0, Verdict::Fits);
        // What the plan names is what it may take.
        assert_eq!(plan("4GiB", ", environment: {MEMORY: 4G}").0, Verdict::Undecided);
        assert_eq!(plan("8GiB", ", environment: {MEMORY: 4G}").0, Verdict::Fits);
    }

    #[test]
    fn what_users_that_nobody_stated_kill_may_be_smaller() {
        for (image, limit) in [("traefik/whoami", 32), ("hashicorp/http-echo", 48), ("shop", 32)] {
            let plan = |keys: &str| {
                verdict(&format!(
                    "services: {{a: {{image: {image}, mem_limit: {limit}m, ports: ['80:80']{keys}}}}}"
                ))
            };
            let (said, why) = plan("");
            assert_eq!(said, Verdict::Undecided, "{image}: {why:?}");
            let stated = ", x-plimsoll: {memory_program: 24MiB, memory_request: 1MiB}";
            assert_eq!(plan(stated).0, Verdict::DoesNotFit, "{image}");
            // Even the smallest program has no room for these.
            let large = ", x-plimsoll: {memory_request: 4MiB}";
            assert_eq!(plan(large).0, Verdict::DoesNotFit, "{image}");
        }
    }

    #[test]
    fn nobody_knows_how_fast_unknown_software_answers() {
        let plan = |keys: &str, more: &str| {
            verdict(&format!(
                "services: {{a: {{image: example/model, ports: ['80:80']{keys}}}}}\n\
                 x-plimsoll: {{host: {{memory: 16GiB, cores: 4}}, traffic: {{arrival_rate: 2/s}}, \
                 objectives: ['latency: p(95) < 1s', 'oom: p < 90%', 'loss_ratio: rate < 50%']{more}}}"
            ))
        };
        let (said, why) = plan("", "");
        assert_eq!(said, Verdict::Undecided);
        let start = "nobody knows what a request costs the software of a (5 ms is a guess)";
        assert!(why.as_ref().is_some_and(|why| why.starts_with(start)), "{why:?}");
        assert_ne!(plan(", x-plimsoll: {cpu_request: 5ms}", "").1, why);
        let steps = ", endpoints: {page: {share: 1, service: a, steps: [{cpu: 5ms}]}}";
        assert_eq!(plan("", steps), (Verdict::Fits, None));
        assert_eq!(plan(", x-plimsoll: {cpu_request: 5ms}", "").0, Verdict::Fits);
    }

    /// A plan with software of which nothing is known, which is killed at its start, beside others.
    fn of_others(rest: &str) -> (Verdict, Option<String>) {
        verdict(&format!("services: {{a: {{build: ., mem_limit: 20m{rest}}}"))
    }

    #[test]
    fn what_is_killed_at_its_start_by_a_guess_may_be_smaller() {
        let plan = |limit: u32, keys: &str| {
            verdict(&format!("services: {{a: {{build: ., mem_limit: {limit}m{keys}}}}}"))
        };
        let (said, why) = plan(20, "");
        assert_eq!(said, Verdict::Undecided);
        assert!(why.unwrap().starts_with("nobody knows what memory the software of a takes"));
        assert_eq!(plan(20, ", x-plimsoll: {memory_program: 24MiB}").0, Verdict::DoesNotFit);
        // What is asked of others by name breaks.
        let of_db = "}, db: {image: 'postgres:16'}}\n\
                     x-plimsoll: {objectives: ['memory{service:db}: max < 10MiB'], host: {cores: 2";
        assert_eq!(plan(20, of_db).0, Verdict::DoesNotFit);
        // What requests meet that never come to it breaks too.
        let slow = "}, b: {build: ., command: node b.js, mem_limit: 512m, ports: ['80:80'], \
                    x-plimsoll: {memory_program: 60MiB, cpu_request: 50ms}}}\n\
                    x-plimsoll: {host: {cores: 2}, traffic: {arrival_rate: 12/s}, \
                    objectives: ['latency: p(50) < 1ms']";
        assert_eq!(of_others(slow).0, Verdict::DoesNotFit);
        // Who is known is killed beside it.
        let beside = "}, b: {image: 'postgres:16', mem_limit: 20m";
        assert_eq!(plan(20, beside).0, Verdict::DoesNotFit);
    }
}
