//! What a query takes at its database: memory of its plan, pages.

use super::{Compiler, Place, unknown};
use crate::diagnostic::Diagnostic;
use crate::model::{Op, QueryModel, hash_aggregate};
use crate::quantity::Bytes;
use crate::scenario::{Parameter, QueryStep};

/// Pages that a query reads where nothing is known of tables: 64 KiB. A guess; a query on one row
/// reads less, a scan more.
const USUAL_READ: u64 = 64 << 10;

/// A process that builds an index gets so much of `maintenance_work_mem`, or is not started (PostgreSQL:
/// `plan_create_index_workers`; measured on 15: none with 16 MiB, one with 64, two with 256).
const INDEX_SHARE: u64 = 32 << 20;

/// Hash aggregates of one query: the growth of each is followed step by step.
const MOST_AGGREGATES: usize = 64;

impl Compiler<'_> {
    /// What a query does at its database beside work and waiting; `None`: what is usual.
    pub(super) fn query(&mut self, place: Place, query: Option<&QueryStep>, path: &str) {
        let usual = QueryStep::default();
        let query = query.unwrap_or(&usual);
        if query.aggregates.len() > MOST_AGGREGATES {
            let message =
                format!("{} aggregates; at most {MOST_AGGREGATES}", query.aggregates.len());
            let problem = Diagnostic::error("E202", format!("{path}.aggregates"), message);
            self.problems.push(problem.hint("state those that take the most"));
            return;
        }
        let model = QueryModel {
            held: self.plan_memory(place, query),
            kept: if query.jit {
                self.services[place.service as usize].settings.bytes(Parameter::MemoryJit)
            } else {
                0
            },
            reads: self.reads(place, query, path),
        };
        let known = self.queries.iter().position(|other| *other == model);
        let id = known.unwrap_or_else(|| {
            self.queries.push(model);
            self.queries.len() - 1
        });
        self.emit(place.segment, Op::Query(id as u32));
    }

    /// Memory of sorts, hashes and parallel workers: what the query says, each part at its limit at
    /// the most; where it says nothing, work_mem times the profile's number.
    ///
    /// Workers divide the rows, and so a sort or the one hash table of a join that they share (measured,
    /// PostgreSQL 15: a sort of 23 MiB by three processes under a work_mem of 32 MiB takes 26 MiB, the hash
    /// table of a join 54 where one process takes 46). An aggregate each of them has with all its groups,
    /// and the connection's process another of what they found (measured: a count of 300,000 groups by
    /// three processes takes 144 MiB where one process takes 35). A worker is a process like that of a connection, and
    /// compiles expressions of its own (measured: a sort by three processes under 4 MiB takes 17.1, 16.9 and 16.6 MiB,
    /// and 18.9 in all with `jit = off`).
    fn plan_memory(&self, place: Place, query: &QueryStep) -> u64 {
        let settings = &self.services[place.service as usize].settings;
        let work = settings.bytes(Parameter::WorkMem);
        let hash = (work as f64 * settings.ratio(Parameter::HashMemMultiplier).max(1.0)) as u64;
        let most = settings.bytes(Parameter::MaintenanceWorkMem);
        let workers = match query.maintenance {
            None => u64::from(query.parallel),
            Some(_) => u64::from(query.parallel).min((most / INDEX_SHARE).saturating_sub(1)),
        };
        let of = |nodes: &[Bytes], most: u64| {
            let shares = nodes.iter().map(|node| (node.0 / (workers + 1)).min(most));
            shares.fold(0, u64::saturating_add)
        };
        let tables = query.aggregates.iter().map(|table| hash_aggregate::peak(table, work, hash));
        let tables = tables.fold(0, u64::saturating_add);
        let whole = if workers > 0 { tables } else { 0 };
        let nodes = of(&query.sorts, work).saturating_add(of(&query.hashes, hash));
        let maintenance = query.maintenance.map_or(0, |bytes| bytes.0.min(most));
        let usual = (work as f64 * settings.ratio(Parameter::WorkMemPerQuery)) as u64;
        let unsaid = if is_planned(query) { 0 } else { usual };
        let stated = query.memory.map_or(unsaid, |bytes| bytes.0);
        let jit = if query.jit { settings.bytes(Parameter::MemoryJit) } else { 0 };
        let worker = settings.bytes(Parameter::MemoryConnection).saturating_add(jit);
        nodes
            .saturating_add(tables)
            .saturating_add(stated)
            .saturating_mul(workers + 1)
            .saturating_add(workers.saturating_mul(worker))
            .saturating_add(whole)
            .saturating_add(maintenance)
    }

    /// Pages of tables; where the database has none, of the data that fills its buffers.
    fn reads(&mut self, place: Place, query: &QueryStep, path: &str) -> Vec<(u32, u64)> {
        let Some(database) = &self.services[place.service as usize].model.database else {
            return Vec::new();
        };
        let tables = &database.tables;
        if query.reads.is_empty() && tables.iter().all(|table| table.name.is_empty()) {
            return tables.iter().zip(0..).map(|(_, table)| (table, USUAL_READ)).collect();
        }
        let mut reads = Vec::with_capacity(query.reads.len());
        for (name, bytes) in &query.reads {
            match tables.iter().position(|table| table.name == *name) {
                Some(table) => reads.push((table as u32, bytes.0)),
                None => {
                    let names = tables.iter().map(|table| table.name.as_str());
                    let names = names.filter(|name| !name.is_empty());
                    let problem = unknown("table", name, names, &format!("{path}.reads.{name}"));
                    self.problems.push(problem);
                }
            }
        }
        reads
    }
}

/// Whether a query says what its plan consists of.
fn is_planned(query: &QueryStep) -> bool {
    !query.sorts.is_empty()
        || !query.hashes.is_empty()
        || !query.aggregates.is_empty()
        || query.maintenance.is_some()
}
