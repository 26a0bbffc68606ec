//! What a metric can be at all, whatever the traffic does.

use super::facts::{Facts, show};
use super::rate::highest_rate;
use crate::catalog::Role;
use crate::model::TrafficModel;
use crate::quantity::{Rate, significant};
use crate::scenario::{Aggregate, Metric, Objective, Restart};

/// An end of what a metric can be.
pub(super) struct End {
    /// In the metric's unit.
    pub(super) value: f64,
    /// The same at the low end of every estimate.
    pub(super) surely: f64,
    /// Why it cannot be beyond.
    pub(super) reason: String,
}

impl End {
    fn sure(value: f64, reason: String) -> Option<Self> {
        Some(End { value, surely: value, reason })
    }
}

/// The ends of what the metric of an objective can be, where they are known.
#[derive(Default)]
pub(super) struct Possible {
    pub(super) low: Option<End>,
    pub(super) high: Option<End>,
}

impl Possible {
    pub(super) fn of(facts: &Facts<'_>, objective: &Objective) -> Self {
        let selector = objective.selector.as_deref();
        let share = || Possible {
            low: None,
            high: End::sure(1.0, "it is a share, at most 100 %".to_owned()),
        };
        match objective.metric {
            Metric::Latency => Possible { low: None, high: patience(facts, selector) },
            Metric::LossRatio | Metric::Oom | Metric::Cpu => share(),
            Metric::HitRatio => fixed_ratio(facts, selector).unwrap_or_else(share),
            Metric::Throughput => Possible { low: None, high: arrivals(facts, selector) },
            Metric::Memory => memory(facts, selector, objective.aggregate),
            Metric::Headroom => headroom(facts, selector),
            Metric::PoolWaiting => Possible { low: None, high: pool_patience(facts, selector) },
            Metric::Connections => Possible { low: None, high: connections(facts, selector) },
            Metric::Restarts => Possible { low: None, high: restarts(facts, selector) },
        }
    }
}

fn find(facts: &Facts<'_>, name: Option<&str>) -> Option<u32> {
    facts.services().find(|(_, service)| Some(service.name.as_str()) == name).map(|(id, _)| id)
}

/// Clients give up, so nothing takes longer for them.
fn patience(facts: &Facts<'_>, selector: Option<&str>) -> Option<End> {
    let mut longest: f64 = 0.0;
    for endpoint in &facts.model.endpoints {
        if selector.is_none_or(|name| name == endpoint.name) {
            longest = longest.max(facts.timeout(endpoint.timeout)?);
        }
    }
    let Some(retry) = facts.model.retries.get(facts.model.client_retry as usize) else {
        return End::sure(longest, format!("clients give up after {} s", significant(longest)));
    };
    // Who tries again waits once more, and before that for a pause.
    let (attempts, pause) = (f64::from(retry.attempts), retry.max_delay.as_seconds());
    let all = (attempts + 1.0) * longest + attempts * pause;
    End::sure(
        all,
        format!("clients give up after {} attempts and {} s", attempts + 1.0, significant(all)),
    )
}

/// A hit ratio that the plan states is no result.
fn fixed_ratio(facts: &Facts<'_>, selector: Option<&str>) -> Option<Possible> {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for cache in &facts.model.caches {
        if selector.is_none_or(|name| name == cache.name) {
            low = low.min(cache.hit_ratio?);
            high = high.max(cache.hit_ratio?);
        }
    }
    let reason = "hit ratios are stated, not simulated".to_owned();
    Some(Possible { low: End::sure(low, reason.clone()), high: End::sure(high, reason) })
}

/// No more requests are completed than arrive.
fn arrivals(facts: &Facts<'_>, selector: Option<&str>) -> Option<End> {
    let all = match facts.model.traffic.as_ref()? {
        TrafficModel::Open(_) => highest_rate(facts.model)?,
        TrafficModel::Closed { .. } => return None,
    };
    let chosen = facts.model.endpoints.iter().filter(|end| selector.is_none_or(|n| n == end.name));
    let rate = all * chosen.map(|endpoint| endpoint.share).sum::<f64>();
    End::sure(rate, format!("no more than {} arrive", Rate(rate)))
}

/// At rest, and up to where the kernel kills.
fn memory(facts: &Facts<'_>, selector: Option<&str>, aggregate: Aggregate) -> Possible {
    let host = &facts.model.host;
    let Some(id) = find(facts, selector) else {
        let (used, low) = facts.host_at_rest();
        let room = host.memory.saturating_add(host.swap);
        return Possible {
            low: at_rest(used, low, aggregate),
            high: End::sure(room as f64, format!("the host has {}", show(room))),
        };
    };
    let rest = &facts.rest[id as usize];
    let high = facts
        .room(facts.service(id))
        .and_then(|room| End::sure(room as f64, format!("the kernel kills it at {}", show(room))));
    Possible { low: at_rest(rest.settled(), rest.low(), aggregate), high }
}

/// Peaks are no lower than what is there at rest; a mean may be, when a container is down.
fn at_rest(used: u64, low: u64, aggregate: Aggregate) -> Option<End> {
    let estimated = if low < used { "an estimated " } else { "" };
    let reason = format!("at rest it takes {estimated}{}", show(used));
    let end = End { value: used as f64, surely: low as f64, reason };
    Some(end).filter(|_| aggregate == Aggregate::Max)
}

fn headroom(facts: &Facts<'_>, selector: Option<&str>) -> Possible {
    let (limit, used, low) = match find(facts, selector) {
        Some(id) => {
            let rest = &facts.rest[id as usize];
            let Some(limit) = facts.service(id).limit else { return Possible::default() };
            (limit, rest.settled(), rest.low())
        }
        None => {
            let (used, low) = facts.host_at_rest();
            (facts.model.host.memory, used, low)
        }
    };
    let estimated = if low < used { "an estimated " } else { "" };
    let reason = format!("at rest it takes {estimated}{} of {}", show(used), show(limit));
    let left = |used: u64| limit as f64 - used as f64;
    Possible { low: None, high: Some(End { value: left(used), surely: left(low), reason }) }
}

/// Requests give up waiting for a connection.
fn pool_patience(facts: &Facts<'_>, selector: Option<&str>) -> Option<End> {
    let owner = find(facts, selector);
    let mut longest = None;
    for pool in facts.model.pools.iter().filter(|pool| !pool.per_request) {
        if owner.is_none_or(|owner| owner == pool.owner) {
            longest = Some(facts.timeout(pool.timeout)?.max(longest.unwrap_or(0.0)));
        }
    }
    let longest = longest?;
    End::sure(longest, format!("requests give up after {} s", significant(longest)))
}

/// A server refuses beyond its own number.
fn connections(facts: &Facts<'_>, selector: Option<&str>) -> Option<End> {
    let service = facts.service(find(facts, selector)?);
    let accepted = Some(service.max_connections).filter(|&most| most < u32::MAX)?;
    let verb = match service.role {
        Role::Database | Role::Pooler => "it refuses beyond its max_connections of",
        Role::Proxy | Role::App | Role::Store | Role::Monitor | Role::Generic => {
            "it accepts no more than"
        }
    };
    End::sure(f64::from(accepted), format!("{verb} {accepted}"))
}

fn restarts(facts: &Facts<'_>, selector: Option<&str>) -> Option<End> {
    let is_chosen = |id: u32| selector.is_none() || find(facts, selector) == Some(id);
    let never = facts
        .services()
        .filter(|(id, _)| is_chosen(*id))
        .all(|(_, service)| service.restart == Restart::No);
    never.then(|| End::sure(0.0, "without a restart policy what dies stays down".to_owned()))?
}
