//! Queries: through the caller's pool, perhaps a pooler's, to a database.

use super::{Compiler, Place};
use crate::catalog::Role;
use crate::diagnostic::Diagnostic;
use crate::model::{NONE, Op, PoolModel};
use crate::quantity::SimTime;
use crate::scenario::{Distribution, Parameter, QueryStep};

impl Compiler<'_> {
    /// A query at a database, or through a pooler.
    pub(super) fn query_at(&mut self, place: Place, target: u32, query: &QueryStep, path: &str) {
        let owner = &self.services[place.service as usize];
        let pool_size = owner.settings.count(Parameter::PoolSize);
        let pool = PoolModel {
            owner: place.service,
            target,
            size: pool_size,
            min: owner.settings.count(Parameter::PoolMin).min(pool_size),
            overflow: owner.settings.count(Parameter::PoolOverflow),
            timeout: self.timeout(place.service, owner.settings.time(Parameter::PoolTimeout)),
            per_request: pool_size == 0,
            client: None,
        };
        let per_request = pool.per_request;
        let is_pooler = self.services[target as usize].model.role == Role::Pooler;
        let pool = self.pool(pool);
        self.emit(place.segment, Op::Acquire(pool));
        self.connect(place, target, path);
        let entry = if is_pooler {
            let segment = self.open();
            let at_pooler = Place { service: target, segment };
            self.work(at_pooler, Parameter::CpuRequest, path);
            let calls = self.services[target as usize].calls.clone();
            self.lend(at_pooler, &calls, path, place.service, Some(query));
            self.emit(segment, Op::End);
            segment
        } else {
            self.database(target, Some(query), path)
        };
        self.callers.insert(place.service);
        self.emit(place.segment, Op::Call { service: target, entry, timeout: NONE, soft: false });
        if !per_request {
            self.emit(place.segment, Op::Release);
        }
    }

    /// A pooler lends one of its server connections for the query.
    pub(super) fn lend(
        &mut self,
        place: Place,
        calls: &[u32],
        path: &str,
        caller: u32,
        query: Option<&QueryStep>,
    ) {
        let Some(&database) = calls.first() else {
            let name = &self.services[place.service as usize].model.name;
            let path = format!("services.{name}.calls");
            if !self.problems.iter().any(|problem| problem.path == path) {
                let message =
                    format!("the pooler `{name}` does not say which database it leads to");
                self.problems.push(Diagnostic::error("E205", path, message).hint(
                    "add `calls: [your-database]`, in a Compose file under `x-plimsoll:` of the \
                         service; one that runs elsewhere is a service with `external: true`",
                ));
            }
            return;
        };
        let settings = &self.services[place.service as usize].settings;
        let client = self.services.get(caller as usize).map(|caller| caller.model.name.clone());
        let pool = PoolModel {
            owner: place.service,
            target: database,
            size: settings.count(Parameter::ServerPoolSize).max(1),
            min: 0,
            overflow: 0,
            timeout: self.timeout(place.service, settings.time(Parameter::QueueTimeout)),
            per_request: false,
            client,
        };
        let pool = self.pool(pool);
        self.emit(place.segment, Op::Acquire(pool));
        self.connect(place, database, path);
        let entry = self.database(database, query, path);
        let op = Op::Call { service: database, entry, timeout: NONE, soft: false };
        self.emit(place.segment, op);
        self.emit(place.segment, Op::Release);
    }

    /// The work that a new connection costs its target.
    fn connect(&mut self, place: Place, target: u32, path: &str) {
        let work = self.services[target as usize].settings.time(Parameter::CpuConnect);
        if work == SimTime::ZERO {
            return;
        }
        let segment = self.open();
        let at_target = Place { service: target, segment };
        let time = Distribution::Constant(work);
        let draw = self.draw(at_target, &time, &format!("{path}.connect"));
        self.emit(segment, Op::Cpu(draw));
        self.emit(segment, Op::End);
        self.emit(place.segment, Op::Connect { service: target, entry: segment });
    }

    /// A query's work at the database.
    fn database(&mut self, service: u32, query: Option<&QueryStep>, path: &str) -> u32 {
        let segment = self.open();
        let place = Place { service, segment };
        self.query(place, query, path);
        match query.and_then(|query| query.cpu) {
            Some(time) => {
                let draw = self.draw(place, &time, &format!("{path}.cpu"));
                self.emit(segment, Op::Cpu(draw));
            }
            None => self.work(place, Parameter::CpuRequest, path),
        }
        match query.and_then(|query| query.wait) {
            Some(time) => {
                let draw = self.draw(place, &time, &format!("{path}.wait"));
                self.emit(segment, Op::Wait(draw));
            }
            None => self.wait_default(place, path),
        }
        self.emit(segment, Op::End);
        segment
    }

    fn pool(&mut self, pool: PoolModel) -> u32 {
        let same = |other: &PoolModel| {
            other.owner == pool.owner && other.target == pool.target && other.client == pool.client
        };
        if let Some(known) = self.pools.iter().position(same) {
            return known as u32;
        }
        self.pools.push(pool);
        (self.pools.len() - 1) as u32
    }
}
