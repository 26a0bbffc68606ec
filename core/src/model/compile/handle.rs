//! What the profile of a service implies where its steps are not given.

use super::{Compiler, Op, Place};
use crate::catalog::Role;
use crate::model::lookup::asked;
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

    /// The look-ups of a request are all made, and the last of them decides whether it asks the databases.
    fn ask_stores_and_databases(&mut self, place: Place, calls: &[u32], path: &str) {
        let role = |id: u32| self.services[id as usize].model.role;
        let by_role = |wanted: &[Role]| -> Vec<u32> {
            calls.iter().copied().filter(|&id| wanted.contains(&role(id))).collect()
        };
        let stores = by_role(&[Role::Store]);
        let databases = by_role(&[Role::Database, Role::Pooler]);
        let others = by_role(&[Role::Proxy, Role::App, Role::Generic]);
        let settings = &self.services[place.service as usize].settings;
        let lookups = settings.count(Parameter::LookupsPerRequest) as usize;
        let queries = settings.count(Parameter::QueriesPerRequest);
        let mut ask_databases = |this: &mut Self| {
            for &database in &databases {
                for _ in 0..queries {
                    this.query_at(place, database, &QueryStep::default(), path);
                }
            }
        };
        let asked: Vec<u32> =
            stores.iter().flat_map(|&store| std::iter::repeat_n(store, lookups)).collect();
        match asked.split_last() {
            None => ask_databases(self),
            Some((&last, before)) => {
                for (number, &store) in before.iter().enumerate() {
                    // Each draws for itself.
                    let path = format!("{path}.lookup {number}");
                    self.ask_store(place, store, &path, &mut |_| ());
                }
                self.ask_store(place, last, path, &mut ask_databases);
            }
        }
        for other in others {
            self.call(place, other, None, false, path);
        }
    }

    /// A look-up at a store: in one of the groups of keys that the plan states there, each as likely as the
    /// others (a guess), whose misses are filled; or in the one of a fixed hit ratio that stands for them.
    fn ask_store(
        &mut self,
        place: Place,
        store: u32,
        path: &str,
        on_miss: &mut dyn FnMut(&mut Self),
    ) {
        let caller = &self.services[place.service as usize];
        let caches: Vec<usize> = asked(caller, store, self.caches).collect();
        if let &[only] = caches.as_slice() {
            return self.look_up(place, only, true, path, on_miss);
        }
        let first = self.choose(place, caches.iter().map(|_| 1.0), path);
        let mut exits = Vec::new();
        for (index, &id) in caches.iter().enumerate() {
            self.ways[first + index] = (place.segment, self.next(place));
            self.look_up(place, id, true, path, on_miss);
            exits.push(self.emit(place.segment, Op::Jump(0)));
        }
        self.join(place, &exits);
    }
}

/// Whether software of a role looks keys up in the stores that it calls, where no steps are given.
pub(in crate::model) fn looks_up(role: Role) -> bool {
    match role {
        Role::App | Role::Generic | Role::Monitor => true,
        Role::Proxy | Role::Pooler | Role::Store | Role::Database => false,
    }
}
