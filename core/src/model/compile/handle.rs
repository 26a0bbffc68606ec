//! What the profile of a service implies where its steps are not given.

use super::{Compiler, Op, Place};
use crate::catalog::Role;
use crate::scenario::{Parameter, QueryStep};

impl Compiler<'_> {
    /// What a service does with a request whose steps are not given: a proxy passes it on to one of
    /// the services that it calls; a pooler lends a connection; a store or database works; anything
    /// else works, asks its stores and databases, and calls the rest.
    pub(super) fn handle(&mut self, place: Place, path: &str, caller: u32) {
        let callee = &self.services[place.service as usize];
        self.work(place, Parameter::CpuRequest, path);
        let calls: Vec<u32> = callee.calls.clone();
        match callee.model.role {
            Role::Proxy => self.pass_on(place, &calls, path),
            Role::Pooler => self.lend(place, &calls, path, caller, None),
            Role::Store => {}
            Role::Monitor => self.ask_stores_and_databases(place, &calls, path),
            Role::Database => {
                self.wait_default(place, path);
                self.query(place, None, path);
            }
            Role::App | Role::Generic => {
                self.wait_default(place, path);
                self.ask_stores_and_databases(place, &calls, path);
            }
        }
    }

    fn pass_on(&mut self, place: Place, calls: &[u32], path: &str) {
        let ways: Vec<(f64, u32)> = calls.iter().map(|&target| (1.0, target)).collect();
        match ways.as_slice() {
            [] => {}
            [(_, target)] => self.call(place, *target, None, false, path),
            _ => {
                let first = self.choose(place, ways.iter().map(|way| way.0), path);
                let mut exits = Vec::new();
                for (index, &(_, target)) in ways.iter().enumerate() {
                    self.ways[first + index] = (place.segment, self.next(place));
                    self.call(place, target, None, false, path);
                    exits.push(self.emit(place.segment, Op::Jump(0)));
                }
                self.join(place, &exits);
            }
        }
    }

    fn ask_stores_and_databases(&mut self, place: Place, calls: &[u32], path: &str) {
        let role = |id: u32| self.services[id as usize].model.role;
        let by_role = |wanted: &[Role]| -> Vec<u32> {
            calls.iter().copied().filter(|&id| wanted.contains(&role(id))).collect()
        };
        let stores = by_role(&[Role::Store]);
        let databases = by_role(&[Role::Database, Role::Pooler]);
        let others = by_role(&[Role::Proxy, Role::App, Role::Generic]);
        let settings = &self.services[place.service as usize].settings;
        let lookups = settings.count(Parameter::LookupsPerRequest);
        let queries = settings.count(Parameter::QueriesPerRequest);
        let mut hits = Vec::new();
        for &store in &stores {
            let name = &self.services[store as usize].model.name;
            let cache = self.caches.iter().position(|cache| cache.name == *name);
            for _ in 0..lookups {
                self.call(place, store, None, true, path);
                if let Some(cache) = cache {
                    self.lookups[cache] += self.weight;
                    let op = Op::Lookup { cache: cache as u32, hit: 0, depth: 0 };
                    hits.push(self.emit(place.segment, op));
                }
            }
        }
        for &database in &databases {
            for _ in 0..queries {
                self.query_at(place, database, &QueryStep::default(), path);
            }
        }
        let end = self.next(place);
        for hit in hits {
            if let Op::Lookup { hit, .. } = &mut self.segments[place.segment as usize][hit as usize]
            {
                *hit = end;
            }
        }
        for other in others {
            self.call(place, other, None, false, path);
        }
    }
}
