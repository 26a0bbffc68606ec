//! Rules about connections: pools, poolers and what a database accepts.

use super::facts::{Facts, about, count, origin, set};
use super::{Draft, Rule, explained};
use crate::catalog::{Origin, Role};
use crate::model::{PoolModel, ServiceModel};
use crate::report::FindingSeverity::{Error, Note, Warning};
use crate::report::Setting;
use crate::scenario::{Parameter, Value};

pub(super) const START_ABOVE_ACCEPTED: Rule = Rule {
    code: "PL040",
    severity: Error,
    title: explained("pools open more connections at the start than the server accepts"),
    doc: explained(
        "Replicas × workers × pool_min connections are opened before the first request. Beyond the \
          server's max_connections they are refused (PostgreSQL documentation, max_connections; \
          three of them are kept for superusers), and most applications end when their pool cannot \
          start.",
    ),
    check: start_above_accepted,
};

pub(super) const POOLS_ABOVE_ACCEPTED: Rule = Rule {
    code: "PL041",
    severity: Warning,
    title: explained("pools may open more connections than the server accepts"),
    doc: explained(
        "A pool belongs to one worker process, so the database sees replicas × workers × (pool_size \
          + overflow) connections (SQLAlchemy documentation, QueuePool, defaults 5 and 10; \
          node-postgres 10), and through a pooler its pool for each user and database (PgBouncer \
          documentation, default_pool_size). Beyond max_connections, of which PostgreSQL keeps three \
          for superusers, it refuses: requests fail in the very moment of the highest load, although \
          every pool is configured within its own bounds.",
    ),
    check: pools_above_accepted,
};

pub(super) const SESSION_POOLING: Rule = Rule {
    code: "PL042",
    severity: Warning,
    title: explained("session pooling with more clients than server connections"),
    doc: explained(
        "In session mode, PgBouncer's default, a server connection belongs to a client until it \
          disconnects (PgBouncer documentation, pool_mode). Applications with pools of their own do \
          not disconnect, so once the server connections are lent, the other clients wait without \
          any work being done, and are disconnected after query_wait_timeout (120 s). The simulation \
          gives connections back after each query.",
    ),
    check: session_pooling,
};

pub(super) const WAITS_FOR_EVER: Rule = Rule {
    code: "PL043",
    severity: Note,
    title: explained("requests wait for a connection without end"),
    doc: explained(
        "A pool should give up before the client does. With a time-out of 0 (the default of \
          node-postgres, connectionTimeoutMillis) requests queue without end while queries are slow; \
          they are served in order, also after their clients have left, so the queue outlives its \
          cause.",
    ),
    check: waits_for_ever,
};

/// Connections that clients may have of each container of a service; `None`: without limit.
fn accepted(service: &ServiceModel) -> Option<u64> {
    let is_bounded = service.max_connections < u32::MAX;
    is_bounded.then(|| u64::from(service.client_connections()))
}

/// What a service accepts, in words.
fn acceptance(service: &ServiceModel, accepted: u64) -> String {
    let (name, all) = (&service.name, service.max_connections);
    match service.reserved_connections {
        0 => format!("`{name}` accepts {accepted}"),
        kept => format!("`{name}` accepts {accepted} ({all} less {kept} kept for superusers)"),
    }
}

/// A max_connections that accepts `all` connections, in tens.
fn accepting(target: &ServiceModel, all: u64) -> u64 {
    let reserved = u64::from(target.reserved_connections);
    let each = all.div_ceil(u64::from(target.replicas.max(1))) + reserved;
    each.div_ceil(10) * 10
}

fn raised(target: &ServiceModel, all: u64) -> String {
    format!("raise `max_connections` of `{}` to {}", target.name, accepting(target, all))
}

/// Workers of all containers, as many as there may be.
fn workers(owner: &ServiceModel) -> u64 {
    u64::from(owner.most_replicas()) * u64::from(owner.workers)
}

/// `3 replicas × 2 workers × 20 = 120 by web`.
fn product(facts: &Facts<'_>, pool: &PoolModel, each: u64, all: u64) -> String {
    let owner = facts.service(pool.owner);
    let mut text = String::new();
    let of_replica = u64::from(owner.workers) * each;
    let replicas = all / of_replica.max(1);
    if all > each && replicas * of_replica == all {
        if replicas > 1 {
            let up_to = if replicas > u64::from(owner.replicas) { "up to " } else { "" };
            text += &format!("{up_to}{} × ", count(replicas, "replica"));
        }
        if owner.workers > 1 {
            text += &format!("{} × ", count(u64::from(owner.workers), "worker"));
        }
        text += &format!("{each} = ");
    }
    match &pool.client {
        Some(client) => format!("{text}{all} by {} for {client}", owner.name),
        None => format!("{text}{all} by {}", owner.name),
    }
}

fn start_above_accepted(facts: &Facts<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (id, target) in facts.services() {
        let Some(accepted) = accepted(target) else { continue };
        let pools: Vec<_> = facts.pools_to(id).filter(|pool| pool.min > 0).collect();
        // What an autoscaler adds comes later.
        let opened = |pool: &PoolModel| {
            let owner = facts.service(pool.owner);
            u64::from(owner.replicas) * u64::from(owner.workers) * u64::from(pool.min)
        };
        let all: u64 = pools.iter().map(|pool| opened(pool)).sum();
        let room = accepted * u64::from(target.replicas);
        if all <= room {
            continue;
        }
        let (owner, parts) =
            owners(facts, &pools, |pool| (u64::from(pool.min), Some(opened(pool))));
        let message =
            format!("connections at the start: {parts}; {}", acceptance(target, accepted));
        let hint = format!("lower `pool_min`, or {}", raised(target, all));
        let fix = set(target, "max_connections", accepting(target, all));
        let draft = about(owner, facts.service(owner), "pool_min", true, message, hint);
        drafts.push(draft.mended_by([fix]));
    }
    drafts
}

fn pools_above_accepted(facts: &Facts<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (id, target) in facts.services() {
        let Some(accepted) = accepted(target) else { continue };
        let pools: Vec<_> = facts.pools_to(id).collect();
        let mut all = Some(0);
        for pool in &pools {
            all = all.zip(facts.most_connections(pool)).map(|(sum, more)| sum + more);
        }
        let room = accepted * u64::from(target.replicas);
        if pools.is_empty() || all.is_some_and(|all| all <= room) {
            continue;
        }
        let (owner, parts) = owners(facts, &pools, |pool| {
            (u64::from(pool.size) + u64::from(pool.overflow), facts.most_connections(pool))
        });
        let message = format!("connections at the most: {parts}; {}", acceptance(target, accepted));
        let (hint, fix) = smaller_pools(facts, &pools, target, room, all);
        let key = if facts.service(owner).role == Role::Pooler {
            "server_pool_size"
        } else {
            "pool_size"
        };
        let certain = !is_guessed(facts, &pools);
        let draft = about(owner, facts.service(owner), key, certain, message, hint);
        drafts.push(draft.mended_by(fix));
    }
    drafts
}

/// The owner of the most connections, and all owners with theirs in words.
fn owners(
    facts: &Facts<'_>,
    pools: &[&PoolModel],
    each: impl Fn(&PoolModel) -> (u64, Option<u64>),
) -> (u32, String) {
    let most = |pool: &&&PoolModel| each(pool).1.unwrap_or(u64::MAX);
    let owner = pools.iter().rev().max_by_key(most).map_or(0, |pool| pool.owner);
    let parts = pools.iter().map(|pool| match each(pool) {
        (size, Some(all)) => product(facts, pool, size, all),
        (_, None) => {
            format!("one for each request by {}, which has no pool", facts.service(pool.owner).name)
        }
    });
    (owner, parts.collect::<Vec<_>>().join(" + "))
}

/// Whether the size of one of the pools is a guess.
fn is_guessed(facts: &Facts<'_>, pools: &[&PoolModel]) -> bool {
    pools.iter().any(|pool| {
        let owner = facts.service(pool.owner);
        origin(owner, Parameter::PoolSize) == Some(Origin::Guess) && owner.role != Role::Pooler
    })
}

/// What to do, and what to set where it begins with a value.
fn smaller_pools(
    facts: &Facts<'_>,
    pools: &[&PoolModel],
    target: &ServiceModel,
    room: u64,
    all: Option<u64>,
) -> (String, Vec<Setting>) {
    let Some(all) = all else {
        let hint = "give every worker a pool with a `pool_size`, or put a pooler in between";
        return (hint.to_owned(), Vec::new());
    };
    let raise = raised(target, all);
    let more = set(target, "max_connections", accepting(target, all));
    match pools {
        [pool] => {
            let owner = facts.service(pool.owner);
            let (key, beside) = match (owner.role == Role::Pooler, pool.overflow) {
                (true, _) => ("server_pool_size", ""),
                (false, 0) => ("pool_size", ""),
                (false, _) => ("pool_size", " with `pool_overflow: 0`"),
            };
            match room / workers(owner) {
                0 => (format!("fewer workers than connections, or {raise}"), vec![more]),
                size => {
                    let hint =
                        format!("set `{key}: {size}`{beside} in `{}`, or {raise}", owner.name);
                    let none = (!beside.is_empty()).then(|| set(owner, "pool_overflow", 0));
                    (hint, [set(owner, key, size)].into_iter().chain(none).collect())
                }
            }
        }
        _ => {
            let fewer = count(all - room, "connection");
            (format!("make the pools smaller by {fewer} in all, or {raise}"), vec![more])
        }
    }
}

fn session_pooling(facts: &Facts<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for lent in &facts.model.pools {
        let pooler = facts.service(lent.owner);
        let Some(client) = lent.client.as_deref().filter(|_| pooler.role == Role::Pooler) else {
            continue;
        };
        let in_sessions = super::facts::word(pooler, Parameter::PoolMode) == "session";
        let held = facts
            .pools_to(lent.owner)
            .find(|pool| facts.service(pool.owner).name == client && !pool.per_request);
        let Some(held) = held.filter(|_| in_sessions) else { continue };
        let servers = workers(pooler) * u64::from(lent.size);
        let Some(clients) = facts.most_connections(held).filter(|&most| most > servers) else {
            continue;
        };
        let message = format!(
            "{client} may hold {clients} connections, and in session mode each keeps one of {servers} \
             server connections: the others wait",
        );
        let hint =
            "set `pool_mode: transaction` (without session state such as advisory locks), or \
                    make the application's pools smaller"
                .to_owned();
        let draft = about(lent.owner, pooler, "pool_mode", true, message, hint);
        drafts.push(draft.mended_by([set(pooler, "pool_mode", "transaction")]));
    }
    drafts
}

fn waits_for_ever(facts: &Facts<'_>) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    for pool in &facts.model.pools {
        let owner = facts.service(pool.owner);
        let timeout = owner.parameters.get(&Parameter::PoolTimeout);
        let is_endless = matches!(timeout, Some((Value::Time(time), _)) if time.0 == 0);
        let is_told = drafts.iter().any(|draft| draft.service == Some(pool.owner));
        if !is_endless || pool.per_request || pool.client.is_some() || is_told {
            continue;
        }
        let patience = facts.model.endpoints.iter().filter_map(|end| facts.timeout(end.timeout));
        let patience = patience.fold(f64::INFINITY, f64::min);
        if patience.is_infinite() {
            continue;
        }
        let message = format!(
            "its requests wait for a connection to {} without end, the clients only {} s",
            facts.service(pool.target).name,
            crate::quantity::significant(patience),
        );
        let seconds = crate::quantity::significant((patience / 3.0).clamp(1.0, 10.0).floor());
        let hint = format!("set `pool_timeout: {seconds}s`");
        let draft = about(pool.owner, owner, "pool_timeout", true, message, hint);
        drafts.push(draft.mended_by([set(owner, "pool_timeout", format!("{seconds}s"))]));
    }
    drafts
}
