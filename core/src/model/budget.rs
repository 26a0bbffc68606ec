//! What a scenario may cost whoever simulates it: numbers that no plan reaches, so that a hostile one
//! ends in a sentence and not in a full machine. With them no sum of bytes leaves 64 bits.

use super::compile::Callee;
use super::{Op, PoolModel, QueryModel};
use crate::diagnostic::Diagnostic;
use crate::quantity::Bytes;
use crate::scenario::{Cache, Disturbance, Scenario};

/// Endpoints and kinds of connection pool together: each keeps a histogram of 220 KiB.
const MOST_HISTOGRAMS: usize = 256;
/// Items of each list that a scenario states.
const MOST_ITEMS: usize = 1_000;
/// Keys of all stores, each container by itself.
const MOST_KEYS: u64 = 50_000_000;
/// What one request may hold at all services together.
const MOST_HELD: Bytes = Bytes(1 << 40);
/// What one request may leave behind.
const MOST_LEAKED: Bytes = Bytes(64 << 30);
/// What an hour may leave behind.
const MOST_LEAKED_BY_HOUR: Bytes = Bytes(64 << 40);
/// What all containers may take at rest.
const MOST_AT_REST: f64 = (1u64 << 50) as f64;
/// Connection pools, and connections that they open at the start.
const MOST_POOLS: u64 = 100_000;

fn problem(path: impl Into<String>, message: String, hint: &str) -> Diagnostic {
    Diagnostic::error("E202", path, message).hint(hint)
}

/// What the text of a scenario exceeds.
pub(super) fn stated(scenario: &Scenario) -> Vec<Diagnostic> {
    let (stages, spikes) =
        scenario.traffic.as_ref().map_or((0, 0), |given| (given.stages.len(), given.spikes.len()));
    let lists = [
        ("endpoints", scenario.endpoints.len(), MOST_HISTOGRAMS),
        ("objectives", scenario.objectives.len(), MOST_ITEMS),
        ("tables", scenario.tables.len(), MOST_ITEMS),
        ("disturbances", scenario.disturbances.len(), MOST_ITEMS),
        ("traffic.stages", stages, MOST_ITEMS),
        ("traffic.spikes", spikes, MOST_ITEMS),
    ];
    let mut problems = Vec::new();
    for (path, length, most) in lists {
        if length > most {
            let message =
                format!("{length} {}; at most {most}", path.rsplit('.').next().unwrap_or(path));
            problems.push(problem(path, message, "simulate a part of the plan"));
        }
    }
    for (index, disturbance) in scenario.disturbances.iter().enumerate() {
        if let Disturbance::Leak(leak) = disturbance
            && (leak.per_request.is_some_and(|bytes| bytes > MOST_LEAKED)
                || leak.per_hour.is_some_and(|bytes| bytes > MOST_LEAKED_BY_HOUR))
        {
            let path = format!("disturbances.{index}.leak");
            let hint = "at most 64 GiB for each request and 64 TiB for each hour";
            problems.push(problem(path, "the leak is out of range".to_owned(), hint));
        }
    }
    problems
}

/// Keys that would have to be simulated, those of containers that an autoscaler or a rollout adds among them.
pub(super) fn keys(scenario: &Scenario, callees: &[Callee]) -> Option<Diagnostic> {
    let of = |cache: &Cache| {
        let holder = callees.iter().find(|callee| callee.model.name == cache.service);
        let containers = holder.map_or(0, |holder| holder.model.instances().len() as u64);
        cache.keys.unwrap_or(super::store::KEYS).saturating_mul(containers)
    };
    let simulated = scenario.caches.values().filter(|cache| cache.hit_ratio.is_none());
    let keys = simulated.map(of).fold(0, u64::saturating_add);
    (keys > MOST_KEYS).then(|| {
        let message = format!("{keys} keys in all stores; at most {MOST_KEYS} can be simulated");
        Diagnostic::error("E203", "caches", message)
            .hint("give a `hit_ratio` instead of `keys`, or fewer keys")
    })
}

/// What a scenario exceeds once its parameters are known.
pub(super) fn settled(
    callees: &[Callee],
    program: &[Op],
    queries: &[QueryModel],
    pools: &[PoolModel],
    endpoints: usize,
) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let rest: f64 = callees.iter().map(at_rest).sum();
    if rest > MOST_AT_REST {
        let message = "the containers take more than 1024 TiB at rest".to_owned();
        problems.push(problem("services", message, "look for a unit that is too large"));
    }
    let held = program.iter().map(|op| op.held(queries));
    let held = Bytes(held.fold(0, u64::saturating_add));
    if held > MOST_HELD {
        let message = format!("requests hold {held}; at most {MOST_HELD}");
        problems.push(problem("endpoints", message, "look for a unit that is too large"));
    }
    if endpoints + pools.len() > MOST_HISTOGRAMS {
        let (kinds, most) = (pools.len(), MOST_HISTOGRAMS);
        let message = format!("{endpoints} endpoints and {kinds} kinds of pool; at most {most}");
        problems.push(problem("endpoints", message, "simulate a part of the plan"));
    }
    let each = pools.iter().map(|pool| {
        let owner = &callees[pool.owner as usize].model;
        let workers = owner.instances().len() as u64 * u64::from(owner.workers);
        workers.saturating_mul(u64::from(pool.min).max(1))
    });
    let connections = each.fold(0, u64::saturating_add);
    if connections > MOST_POOLS {
        let message = format!("{connections} connections at the start; at most {MOST_POOLS}");
        problems.push(problem("services", message, "lower pool_min, workers or replicas"));
    }
    problems
}

/// Bytes of all containers of a service before any request.
fn at_rest(callee: &Callee) -> f64 {
    let model = &callee.model;
    let of = &model.memory;
    let worker = of.worker as f64
        + model.heap.map_or(0.0, |heap| heap.live as f64 + heap.spaces(u64::MAX) as f64);
    let shared = [of.program, of.kernel, of.buffers, of.series];
    let sum: f64 = shared.iter().map(|&bytes| bytes as f64).sum();
    model.instances().len() as f64 * (sum + f64::from(model.first_workers) * worker)
}
