//! A database's shared memory, and what its processes cost one another.

use std::collections::BTreeMap;

use super::compile::{Callee, unknown};
use super::setting::Settings;
use super::{DatabaseModel, HostModel, TableModel};
use crate::diagnostic::Diagnostic;
use crate::math;
use crate::quantity::SimTime;
use crate::scenario::{Parameter, Scenario};

const MIB: f64 = 1_048_576.0;
/// What PostgreSQL touches of its shared memory at its start besides the buffers of its log: fixed
/// structures, headers of the buffers, slots of connections (measured: PostgreSQL 15 without connections,
/// buffers of 16 MiB to 2 GiB and 20 to 300 connections: 0.72 MiB, 1.93 % of the buffers and 0.0333 MiB
/// for each connection, residual at most 0.6 MiB).
const FIXED: f64 = 0.72 * MIB;
const FOR_BUFFERS: f64 = 0.0193;
const FOR_CONNECTION: f64 = 0.0333 * MIB;
/// A page of a table: the least that a table has.
const PAGE: u64 = 8192;

/// Ways of a set of the second-level cache, and bytes of a line (an
/// estimate: 8 to 16 ways of 64 bytes are usual).
const WAYS: u32 = 16;
const LINE: f64 = 64.0;
/// Time to bring a line from where others have pushed it: the cache that all cores share. An
/// estimate, chosen with the profile's working set on the measured fall of pgbench; 20 ns on a desktop, 30 to 70 ns on servers with many cores and under a hypervisor.
const LINE_REFILL: f64 = 45e-9;
/// Processes for which the loss is tabulated; with more it has long been whole.
const MOST_PROCESSES: u32 = 1024;

/// The database of a service; `None` where it has no shared buffers.
pub(super) fn settle(
    settings: &Settings,
    host: &HostModel,
    external: bool,
) -> Option<DatabaseModel> {
    let buffers = settings.bytes(Parameter::SharedBuffers);
    if buffers == 0 {
        return None;
    }
    let connections = f64::from(settings.count(Parameter::MaxConnections));
    let started = FIXED + FOR_BUFFERS * buffers as f64 + FOR_CONNECTION * connections;
    // wal_buffers -1: a 32nd of the buffers, 64 KiB to 16 MiB (PostgreSQL docs), cleared at the start.
    let log = (buffers / 32).clamp(64 << 10, 16 << 20);
    let working_set = settings.bytes(Parameter::WorkingSet);
    // Data of which nothing is said fill all buffers in the long run.
    let dataset = Some(settings.bytes(Parameter::Dataset)).filter(|&bytes| bytes > 0);
    Some(DatabaseModel {
        tables: vec![TableModel {
            name: String::new(),
            size: dataset.unwrap_or(buffers).max(PAGE),
        }],
        started: started as u64 + log,
        buffers,
        refill: if external { Vec::new() } else { refill(working_set, host) },
    })
}

/// CPU time that a process loses to a cold cache, by the number of other processes that have run
/// since it ran last.
///
/// They share the cores evenly. A line of its working set has been pushed out of a set of `WAYS` lines
/// with least-recently-used replacement when at least so many others have come to that set; where
/// pages lie at random, their number is Poisson with the mean `WAYS` × their working sets / cache.
/// (A. J. Smith 1978, "A comparative study of set associative memory mapping algorithms".)
fn refill(working_set: u64, host: &HostModel) -> Vec<SimTime> {
    if working_set == 0 {
        return Vec::new();
    }
    let whole = working_set as f64 / LINE * LINE_REFILL;
    let share = working_set as f64 / host.core_cache as f64;
    let lost = |others: u32| {
        let processes = 1.0 + f64::from(others) / f64::from(host.cores);
        let mean = f64::from(WAYS) * share * processes;
        let fitting: f64 = (0..WAYS)
            .map(|lines| {
                let lines = f64::from(lines);
                math::exp(lines * math::ln(mean) - mean - math::ln_gamma(lines + 1.0))
            })
            .sum();
        if others == 0 {
            SimTime::ZERO
        } else {
            SimTime::from_seconds(whole * (1.0 - fitting).max(0.0))
        }
    };
    (0..MOST_PROCESSES).map(lost).collect()
}

/// Gives every database the tables that the scenario describes.
pub(super) fn add_tables(
    scenario: &Scenario,
    ids: &BTreeMap<&str, u32>,
    callees: &mut [Callee],
    problems: &mut Vec<Diagnostic>,
) {
    for (name, table) in &scenario.tables {
        let path = format!("tables.{name}.service");
        let Some(&id) = ids.get(table.service.as_str()) else {
            problems.push(unknown("service", &table.service, ids.keys().copied(), &path));
            continue;
        };
        let Some(callee) = callees.get_mut(id as usize) else { continue };
        let Some(database) = &mut callee.model.database else {
            let message = format!("`{}` has no shared buffers to read tables into", table.service);
            let problem = Diagnostic::error("E202", path, message);
            problems.push(problem.hint("name the database, and give it `shared_buffers`"));
            continue;
        };
        if table.size.0 < PAGE {
            let message = format!("a table of {} is smaller than a page", table.size);
            let problem = Diagnostic::error("E202", format!("tables.{name}.size"), message);
            problems.push(problem.hint("at least 8KiB"));
            continue;
        }
        database.tables.retain(|known| !known.name.is_empty());
        database.tables.push(TableModel { name: name.clone(), size: table.size.0 });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use crate::quantity::Bytes;
    use crate::scenario::{Service, Value};

    fn database(buffers: u64, connections: u64) -> DatabaseModel {
        let mut service = Service::default();
        let size = Value::Bytes(Bytes::mib(buffers));
        service.parameters.insert(Parameter::SharedBuffers, size);
        service.parameters.insert(Parameter::MaxConnections, Value::Count(connections));
        let profile = catalog::profile("postgres").unwrap();
        let settings = Settings::new(&service, profile, 1 << 32);
        settle(&settings, &host(), false).unwrap()
    }

    fn host() -> HostModel {
        HostModel {
            name: String::new(),
            memory: 4 << 30,
            cores: 1,
            reserved: 0,
            kubernetes: false,
            swap: 0,
            core_cache: 2 << 20,
            steal: 0.0,
            time_slice: None,
            cpu_groups: true,
        }
    }

    #[test]
    fn shared_memory_at_the_start_is_the_measured_one() {
        // Measured on a loopback server of version 15: MiB of shared memory without connections.
        for (buffers, connections, measured) in [
            (16, 20, 2.43),
            (64, 100, 7.34),
            (128, 300, 17.24),
            (512, 20, 27.68),
            (1024, 50, 38.70),
            (1024, 300, 46.81),
            (2048, 120, 60.2),
        ] {
            let started = database(buffers, connections).started as f64 / MIB;
            assert!((started - measured).abs() < 0.7, "{buffers} {connections}: {started}");
        }
    }

    #[test]
    fn shared_memory_at_its_most_is_the_measured_one() {
        // Measured: postgres_connections, prewarmed, 100 connections at the most: 138.6 to 139.3
        // MiB resident.
        let of = database(128, 120);
        let most = (of.started + of.buffers) as f64 / MIB;
        assert!((138.0..140.0).contains(&most), "{most}");
    }

    #[test]
    fn a_few_processes_share_a_cache_and_many_do_not() {
        let lost = refill(80 << 10, &host());
        assert_eq!(lost[0], SimTime::ZERO);
        let whole = 1280.0 * LINE_REFILL;
        assert!(lost[7].as_seconds() < 0.01 * whole);
        assert!(lost[63].as_seconds() > 0.99 * whole);
        // Twice the cores have twice the cache.
        let two = refill(80 << 10, &HostModel { cores: 2, ..host() });
        assert_eq!(two[30], lost[15]);
    }
}
