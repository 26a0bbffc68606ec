//! Connections and queries, as the server at the other end has them: what each connection takes,
//! the shared memory that queries touch, and the CPU time that a crowd of processes costs.

use super::Engine;
use super::resource::memory::Part;
use super::resource::pool::Connection;
use super::resource::worker::{Life, Shared};
use super::span::Aside;
use crate::model::{DatabaseModel, NONE};

/// A page of a table.
const PAGE: f64 = 8192.0;
/// A page of a page table (4 KiB) holds the entries of 2 MiB of memory (x86-64 and arm64, pages of
/// 4 KiB).
const PAGE_TABLE: u64 = 4096;
const MAPPED_BY_PAGE_TABLE: f64 = 2_097_152.0;
/// Pages of the catalogue that the first login reads into the buffers (measured: PostgreSQL 15,
/// 0.72 MiB whatever the size of the buffers).
const CATALOGUE: u64 = 755_000;

impl DatabaseModel {
    /// Buffers that are in use after a long time in service: all that there is to read, or all that
    /// there are.
    pub(crate) fn pages_in_the_long_run(&self) -> u64 {
        let tables = self.tables.iter().map(|table| table.size);
        tables.fold(CATALOGUE, u64::saturating_add).min(self.buffers)
    }
}

/// Page tables for so many bytes of shared memory, as a number of their pages.
fn page_tables(bytes: u64) -> f64 {
    (bytes as f64 / MAPPED_BY_PAGE_TABLE).max(1.0)
}

impl Engine<'_> {
    /// A container takes the shared memory that it has at its start; `warm`: after a long time in
    /// service.
    pub(super) fn occupy_shared(&mut self, instance: u32, warm: bool) {
        let model = self.service(instance);
        let Some(database) = &model.database else { return };
        let shared = &mut self.instances[instance as usize].shared;
        shared.tables.resize(database.tables.len(), 0.0);
        let mut bytes = database.started;
        if warm && !model.is_fresh {
            for (touched, table) in shared.tables.iter_mut().zip(&database.tables) {
                *touched = table.size as f64;
            }
            // Connections of others may have been opened before: the catalogue is there then.
            let all = database.pages_in_the_long_run();
            bytes += all - shared.pages;
            shared.pages = all;
            shared.has_catalogue = true;
        }
        self.memory.grow(instance, Part::Buffers, bytes);
    }

    /// A container has died, and its shared memory with it.
    pub(super) fn forget_shared(&mut self, instance: u32) {
        self.instances[instance as usize].shared = Shared::default();
    }

    /// Opens a connection of a pool, at the start of a run as one that has worked for long where
    /// `warm`; `false` when the other end refuses it.
    pub(super) fn connect(&mut self, kind: u32, index: u32, warm: bool) -> bool {
        let pool = &mut self.pools[index as usize];
        let service = self.model.pools[kind as usize].target;
        let model = &self.model.services[service as usize];
        let instance = pool.target;
        let target = &mut self.instances[instance as usize];
        if target.connections >= model.client_connections() || target.life != Life::Up {
            return false;
        }
        target.connections += 1;
        target.connections_max = target.connections_max.max(target.connections);
        let is_used = warm && !model.is_fresh;
        let mut connection = Connection { is_used, ..Connection::default() };
        let mut bytes = model.memory.connection;
        let mut pages = 0;
        if let Some(database) = &model.database {
            if connection.is_used {
                connection.mapped = page_tables(database.pages_in_the_long_run());
            }
            if !target.shared.has_catalogue {
                target.shared.has_catalogue = true;
                pages = CATALOGUE.min(database.buffers - target.shared.pages);
                target.shared.pages += pages;
            }
        }
        if connection.is_used {
            bytes += model.memory.connection_used;
        }
        pool.open(connection);
        self.memory.grow(instance, Part::Connections, bytes);
        self.memory.grow(instance, Part::PageTables, connection.mapped as u64 * PAGE_TABLE);
        self.memory.grow(instance, Part::Buffers, pages);
        true
    }

    /// A connection to a container is closed.
    pub(super) fn disconnect(&mut self, kind: u32, target: u32, connection: &Connection) {
        let service = self.model.pools[kind as usize].target;
        let memory = &self.model.services[service as usize].memory;
        self.instances[target as usize].connections -= 1;
        let used = if connection.is_used { memory.connection_used } else { 0 };
        self.memory.shrink(target, Part::Connections, memory.connection + used + connection.kept);
        self.memory.shrink(target, Part::PageTables, connection.mapped as u64 * PAGE_TABLE);
    }

    /// A connection that somebody takes works from now on.
    #[inline]
    pub(super) fn use_connection(&mut self, kind: u32, index: u32, slot: u32) {
        let pool = &mut self.pools[index as usize];
        let connection = &mut pool.connections[slot as usize];
        if !connection.is_used {
            connection.is_used = true;
            let service = self.model.pools[kind as usize].target;
            let bytes = self.model.services[service as usize].memory.connection_used;
            self.memory.grow(pool.target, Part::Connections, bytes);
        }
    }

    /// A query starts at its database: it takes its memory, touches pages of the shared memory, and
    /// its process finds that others have had the core's cache.
    pub(super) fn query(&mut self, id: u32, query: u32) {
        let query = &self.model.queries[query as usize];
        let span = &mut self.spans[id];
        span.held += query.held;
        let (instance, process) = (span.instance, span.process);
        self.memory.grow(instance, Part::Requests, query.held);
        let Some(database) = &self.service(instance).database else { return };
        let target = &mut self.instances[instance as usize];
        let pages = touch(&mut target.shared, database, &query.reads);
        target.shared.queries += 1;
        let (now, touched) = (target.shared.queries, target.shared.pages);
        let others = u64::from(target.connections.saturating_sub(1));
        self.memory.grow(instance, Part::Buffers, pages);
        let Some(connection) = self.caller_connection(id, instance) else { return };
        let before = connection.mapped as u64;
        let most = page_tables(touched);
        if connection.mapped < most {
            let read: u64 = query.reads.iter().map(|&(_, bytes)| bytes).sum();
            let missing = 1.0 - connection.mapped / most;
            connection.mapped += (read as f64 / PAGE * missing).min(most - connection.mapped);
        }
        let tables = connection.mapped as u64 - before;
        let kept = query.kept.saturating_sub(connection.kept);
        connection.kept += kept;
        let last = std::mem::replace(&mut connection.last_query, now);
        self.memory.grow(instance, Part::PageTables, tables * PAGE_TABLE);
        self.memory.grow(instance, Part::Connections, kept);
        if last > 0 && !database.refill.is_empty() {
            let between = (now - last - 1).min(others) as usize;
            let lost = database.refill[between.min(database.refill.len() - 1)];
            self.processes[process as usize].pause += lost.0;
        }
    }

    /// The connection to a container that the caller of a span holds. The caller may have left, and
    /// what it holds may lead elsewhere: a request without a pool keeps the connection of its last
    /// query.
    fn caller_connection(&mut self, id: u32, instance: u32) -> Option<&mut Connection> {
        let (parent, generation) = (self.spans[id].parent, self.spans[id].parent_generation);
        if parent == NONE || !self.spans.is_current(parent, generation) {
            return None;
        }
        let span = &self.spans[parent];
        if span.pool == NONE {
            return None;
        }
        let index = self.pool_index(span.pool, span.process);
        let Aside { pool_epoch: epoch, connection: slot, .. } = *self.spans.aside(parent);
        let pool = &mut self.pools[index as usize];
        let is_there = pool.epoch == epoch && pool.target == instance;
        if is_there { pool.connections.get_mut(slot as usize) } else { None }
    }
}

/// Bytes of buffers that are touched for the first time. A page at a random
/// place of a table is one that was not read before with the probability of the share unread; its
/// expectation is taken, the law of the coupon collector. Buffers that are full are used again.
fn touch(shared: &mut Shared, database: &DatabaseModel, reads: &[(u32, u64)]) -> u64 {
    let mut pages = 0;
    for &(table, bytes) in reads {
        let size = database.tables[table as usize].size as f64;
        let touched = &mut shared.tables[table as usize];
        // Mostly there is nothing left to touch, and so nothing to compute.
        if *touched < size {
            let before = *touched as u64;
            *touched = (*touched + bytes as f64 * (1.0 - *touched / size)).min(size);
            pages += *touched as u64 - before;
        }
    }
    let pages = pages.min(database.buffers - shared.pages);
    shared.pages += pages;
    pages
}
