//! Rules about the memory of databases with shared buffers.

use super::facts::{Facts, about, at_least, at_most, bytes, count, exceeds, set_bytes, show};
use super::{Draft, Rule, explained};
use crate::model::ServiceModel;
use crate::report::FindingSeverity::Warning;
use crate::scenario::Parameter;

pub(super) const WORST_CASE_ABOVE_LIMIT: Rule = Rule {
    code: "PL050",
    severity: Warning,
    title: explained("the database's settings allow more memory than its limit"),
    doc: explained(
        "Shared memory, every connection that can be open after its first work with one work_mem \
          each, and one CREATE INDEX with maintenance_work_mem should fit the limit. PostgreSQL \
          grants work_mem to each sort or hash, not to each query (PostgreSQL documentation, \
          work_mem), so this is not even the worst. Measured: 1.3 MiB for an idle connection and 1.7 \
          MiB after work (postgres_connections), 66 MiB for CREATE INDEX with 64 MiB \
          (postgres_maintenance; VACUUM took 0.4), PostgreSQL 15. When the kernel kills one backend, \
          the postmaster ends all sessions and recovers.",
    ),
    check: worst_case_above_limit,
};

pub(super) const BUFFERS_TOO_LARGE: Rule = Rule {
    code: "PL051",
    severity: Warning,
    title: explained("shared_buffers above 40 % of the memory"),
    doc: explained(
        "A quarter of the memory is a reasonable start for shared_buffers, and more than 40 % is \
          unlikely to work better (PostgreSQL documentation, shared_buffers), since PostgreSQL also \
          relies on the page cache. In a container the limit is the memory: page cache, connections \
          and sorts share what is left, and shared buffers cannot be given up.",
    ),
    check: buffers_too_large,
};

/// The most connections that can be open at one container, as far as the pools are known.
fn open_at_most(facts: &Facts<'_>, id: u32, service: &ServiceModel) -> Option<u64> {
    let accepted =
        Some(u64::from(service.max_connections)).filter(|&most| most < u64::from(u32::MAX));
    let mut pooled = Some(0).filter(|_| facts.pools_to(id).next().is_some());
    for pool in facts.pools_to(id) {
        pooled = pooled.zip(facts.most_connections(pool)).map(|(sum, more)| sum + more);
    }
    let pooled = pooled.map(|all| all.div_ceil(u64::from(service.replicas.max(1))));
    accepted.into_iter().chain(pooled).min()
}

/// Processes that clean up at once, each with its own `maintenance_work_mem` (PostgreSQL docs: autovacuum_max_workers 3).
const AT_ONCE: u64 = 3;

fn worst_case_above_limit(facts: &Facts<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (id, service) in facts.local() {
        let (Some(limit), Some(room)) = (service.limit, facts.room(service)) else { continue };
        let memory = &service.memory;
        let Some(open) = open_at_most(facts, id, service).filter(|_| memory.buffers > 0) else {
            continue;
        };
        let sort = bytes(service, Parameter::WorkMem);
        let maintenance = bytes(service, Parameter::MaintenanceWorkMem);
        let own = memory.buffers.saturating_add(memory.program).saturating_add(memory.kernel);
        // A process that has touched all of the shared memory has page tables for it: 4 KiB for each
        // 2 MiB.
        let page_tables = memory.buffers / 512;
        let connection =
            memory.connection.saturating_add(memory.connection_used).saturating_add(page_tables);
        let all = connection.saturating_add(sort).saturating_mul(open);
        let worst = own.saturating_add(all).saturating_add(maintenance.saturating_mul(AT_ONCE));
        if worst <= room {
            continue;
        }
        let message = format!(
            "may reach {}, more than its limit of {}: shared memory and program {}, {} × ({} + \
             work_mem {}), {AT_ONCE} × maintenance_work_mem {}",
            show(worst),
            show(limit),
            show(own),
            count(open, "connection"),
            show(connection),
            show(sort),
            show(maintenance),
        );
        let hint = relief(service, worst, limit);
        let draft = about(id, service, "memory", true, message, hint);
        drafts.push(draft.mended_by([set_bytes(service, "memory", at_least(worst))]));
    }
    drafts
}

/// A limit that would do, or smaller shared buffers.
fn relief(service: &ServiceModel, worst: u64, limit: u64) -> String {
    let raise = format!("raise `memory` to {}", show(at_least(worst)));
    let buffers = bytes(service, Parameter::SharedBuffers);
    let smaller = at_most(buffers.saturating_sub(at_least(worst.saturating_sub(limit))));
    if smaller >= buffers / 4 && smaller > 0 {
        format!("{raise}, or lower `shared_buffers` to {}", show(smaller))
    } else {
        format!("{raise}, or lower `max_connections`, `work_mem` and `maintenance_work_mem`")
    }
}

fn buffers_too_large(facts: &Facts<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (id, service) in facts.local() {
        let host = facts.model.host.memory;
        let buffers = bytes(service, Parameter::SharedBuffers);
        let (memory, whose) = match service.limit {
            Some(limit) if limit < host => (limit, "its limit"),
            _ => (host, "the host"),
        };
        if !exceeds(buffers, 40, memory) {
            continue;
        }
        let message = format!(
            "shared_buffers {} is {} % of {whose} of {}",
            show(buffers),
            u128::from(buffers) * 100 / u128::from(memory.max(1)),
            show(memory),
        );
        let hint = format!(
            "set `shared_buffers` to about {}, a quarter; or raise `memory` to {}",
            show(at_most(memory / 4)),
            show(at_least(buffers.saturating_add(buffers / 2).saturating_add(buffers))),
        );
        let draft = about(id, service, "shared_buffers", true, message, hint);
        drafts.push(draft.mended_by([set_bytes(service, "shared_buffers", at_most(memory / 4))]));
    }
    drafts
}
