//! Steps of endpoints, and the handling that profiles imply, into the flat program.
//!
//! Each visit to a service becomes a segment of its own; inside a segment, jumps are relative, and
//! calls name segments. [`Compiler::link`] lays the segments one after another.

use std::collections::BTreeMap;

use super::setting::Settings;
use super::{Branches, CacheModel, Draw, NONE, Op, PoolModel, ServiceModel};
use crate::catalog::Role;
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::distribution::Sampler;
use crate::quantity::SimTime;
use crate::scenario::{CacheStep, CallStep, Distribution, Parameter, QueryStep, Step};

/// Visits may be nested this deep; deeper means that services call each other in a circle.
const DEEPEST: usize = 24;
/// Instructions of all endpoints together.
const MOST_OPS: usize = 200_000;

/// A service as the compiler sees it.
pub(super) struct Callee {
    pub(super) settings: Settings,
    pub(super) calls: Vec<u32>,
    pub(super) model: ServiceModel,
}

/// The program while it is written.
pub(super) struct Compiler<'s> {
    pub(super) services: &'s [Callee],
    pub(super) ids: &'s BTreeMap<&'s str, u32>,
    pub(super) caches: &'s [CacheModel],
    pub(super) draws: Vec<Draw>,
    pub(super) pools: Vec<PoolModel>,
    pub(super) timeouts: Vec<SimTime>,
    pub(super) problems: Vec<Diagnostic>,
    segments: Vec<Vec<Op>>,
    cumulative: Vec<f64>,
    /// Segment and step of each way of a choice or fork.
    ways: Vec<(u32, u32)>,
    choices: Vec<String>,
    /// Expected look-ups of each cache by a request, hits of caches before it left aside.
    pub(super) lookups: Vec<f64>,
    /// Share of the requests that come to the step being compiled.
    weight: f64,
    /// Endpoint whose steps are compiled: its streams bear its name.
    endpoint: String,
    depth: usize,
    size: usize,
}

/// Where a step stands: the service that runs it and the segment it is written to.
#[derive(Clone, Copy)]
struct Place {
    service: u32,
    segment: u32,
}

impl<'s> Compiler<'s> {
    /// Nothing written yet.
    pub(super) fn new(
        services: &'s [Callee],
        ids: &'s BTreeMap<&'s str, u32>,
        caches: &'s [CacheModel],
    ) -> Self {
        Compiler {
            services,
            ids,
            caches,
            draws: Vec::new(),
            pools: Vec::new(),
            timeouts: Vec::new(),
            problems: Vec::new(),
            segments: Vec::new(),
            cumulative: Vec::new(),
            ways: Vec::new(),
            choices: Vec::new(),
            lookups: vec![0.0; caches.len()],
            weight: 0.0,
            endpoint: String::new(),
            depth: 0,
            size: 0,
        }
    }

    /// Writes the program of an endpoint with its share of the traffic; returns its segment.
    pub(super) fn endpoint(&mut self, name: &str, share: f64, service: u32, steps: &[Step]) -> u32 {
        self.endpoint = name.to_owned();
        self.weight = share;
        self.visit(service, steps, &format!("endpoints.{name}.steps"), NONE)
    }

    /// The id of a time-out's length; `NONE` for one that never comes.
    pub(super) fn timeout(&mut self, length: SimTime) -> u32 {
        if length == SimTime::ZERO {
            return NONE;
        }
        let known = self.timeouts.iter().position(|&other| other == length);
        known.unwrap_or_else(|| {
            self.timeouts.push(length);
            self.timeouts.len() - 1
        }) as u32
    }

    /// Lays the segments one after another; returns the program, the ways, and where each segment
    /// begins.
    pub(super) fn link(self) -> (Vec<Op>, Branches, Vec<u32>) {
        let mut starts = Vec::with_capacity(self.segments.len());
        let mut length = 0;
        for segment in &self.segments {
            starts.push(length);
            length += segment.len() as u32;
        }
        let mut program = Vec::with_capacity(length as usize);
        for (segment, ops) in self.segments.iter().enumerate() {
            let start = starts[segment];
            program.extend(ops.iter().map(|&op| match op {
                Op::Call { service, entry, timeout, soft } => {
                    Op::Call { service, entry: starts[entry as usize], timeout, soft }
                }
                Op::Connect { service, entry } => {
                    Op::Connect { service, entry: starts[entry as usize] }
                }
                Op::Lookup { cache, hit } => Op::Lookup { cache, hit: start + hit },
                Op::Jump(step) => Op::Jump(start + step),
                Op::Cpu(_)
                | Op::Wait(_)
                | Op::Hold(_)
                | Op::Fill(_)
                | Op::Acquire(_)
                | Op::Release
                | Op::Choose { .. }
                | Op::Fork { .. }
                | Op::End => op,
            }));
        }
        let entry =
            self.ways.iter().map(|&(segment, step)| starts[segment as usize] + step).collect();
        let branches = Branches { cumulative: self.cumulative, entry, choices: self.choices };
        (program, branches, starts)
    }

    /// A visit to a service: its steps, or what its profile says where there are none.
    fn visit(&mut self, service: u32, steps: &[Step], path: &str, caller: u32) -> u32 {
        let segment = self.open();
        self.depth += 1;
        if self.depth > DEEPEST || self.size > MOST_OPS {
            if self.problems.is_empty() {
                let name = &self.services[service as usize].model.name;
                let message = format!("the calls from `{name}` on never end, or are too many");
                self.problems.push(
                    Diagnostic::error("E204", path, message)
                        .hint("services that call each other in a circle need explicit steps"),
                );
            }
        } else {
            let place = Place { service, segment };
            if steps.is_empty() {
                self.handle(place, path, caller);
            } else {
                self.steps(place, steps, path);
            }
        }
        self.depth -= 1;
        self.emit(segment, Op::End);
        segment
    }

    fn open(&mut self) -> u32 {
        self.segments.push(Vec::new());
        (self.segments.len() - 1) as u32
    }

    fn emit(&mut self, segment: u32, op: Op) -> u32 {
        self.size += 1;
        let ops = &mut self.segments[segment as usize];
        ops.push(op);
        (ops.len() - 1) as u32
    }

    fn next(&self, place: Place) -> u32 {
        self.segments[place.segment as usize].len() as u32
    }

    /// What a service does with a request whose steps are not given: a proxy passes it on to one of
    /// the services that it calls; a pooler lends a connection; a store or database works; anything
    /// else works, asks its stores and databases, and calls the rest.
    fn handle(&mut self, place: Place, path: &str, caller: u32) {
        let callee = &self.services[place.service as usize];
        self.work(place, Parameter::CpuRequest, path);
        let calls: Vec<u32> = callee.calls.clone();
        match callee.model.role {
            Role::Proxy => self.pass_on(place, &calls, path),
            Role::Pooler => self.lend(place, &calls, path, caller, None),
            Role::Store | Role::Monitor => {}
            Role::Database => {
                self.wait_default(place, path);
                self.sort_memory(place, None);
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
            [(_, target)] => self.call(place, *target, &[], None, false, path),
            _ => {
                let first = self.choose(place, ways.iter().map(|way| way.0), path);
                let mut exits = Vec::new();
                for (index, &(_, target)) in ways.iter().enumerate() {
                    self.ways[first + index] = (place.segment, self.next(place));
                    self.call(place, target, &[], None, false, path);
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
                self.call(place, store, &[], None, true, path);
                if let Some(cache) = cache {
                    self.lookups[cache] += self.weight;
                    let op = Op::Lookup { cache: cache as u32, hit: 0 };
                    hits.push(self.emit(place.segment, op));
                }
            }
        }
        for &database in &databases {
            for _ in 0..queries {
                let query =
                    QueryStep { database: String::new(), cpu: None, wait: None, memory: None };
                self.query_at(place, database, &query, path);
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
            self.call(place, other, &[], None, false, path);
        }
    }

    fn steps(&mut self, place: Place, steps: &[Step], path: &str) {
        for (index, step) in steps.iter().enumerate() {
            let path = format!("{path}.{index}");
            match step {
                Step::Cpu(time) => {
                    let draw = self.draw(place, time, &format!("{path}.cpu"));
                    self.emit(place.segment, Op::Cpu(draw));
                }
                Step::Wait(time) => {
                    let draw = self.draw(place, time, &format!("{path}.wait"));
                    self.emit(place.segment, Op::Wait(draw));
                }
                Step::Hold(bytes) => {
                    self.emit(place.segment, Op::Hold(bytes.0));
                }
                Step::Call(CallStep { service, steps, timeout }) => {
                    if let Some(target) = self.service(service, &format!("{path}.call.service")) {
                        let path = format!("{path}.call.steps");
                        self.call(place, target, steps, *timeout, false, &path);
                    }
                }
                Step::Cache(cache) => self.cache(place, cache, &format!("{path}.cache")),
                Step::Query(query) => {
                    let path = format!("{path}.query");
                    if let Some(id) = self.service(&query.database, &format!("{path}.database")) {
                        self.query_at(place, id, query, &path);
                    }
                }
                Step::Choice(ways) => {
                    let total: f64 = ways.iter().map(|way| way.weight).sum();
                    let first = self.choose(place, ways.iter().map(|way| way.weight), &path);
                    let mut exits = Vec::new();
                    for (index, way) in ways.iter().enumerate() {
                        self.ways[first + index] = (place.segment, self.next(place));
                        let path = format!("{path}.choice.{index}.steps");
                        let all = self.weight;
                        self.weight *= way.weight / total;
                        self.steps(place, &way.steps, &path);
                        self.weight = all;
                        exits.push(self.emit(place.segment, Op::Jump(0)));
                    }
                    self.join(place, &exits);
                }
                Step::Parallel(ways) => self.parallel(place, ways, &path),
            }
        }
    }

    fn parallel(&mut self, place: Place, ways: &[Vec<Step>], path: &str) {
        let mut entries = Vec::new();
        for (index, steps) in ways.iter().enumerate() {
            let segment = self.open();
            let way = Place { segment, ..place };
            self.steps(way, steps, &format!("{path}.parallel.{index}"));
            self.emit(segment, Op::End);
            entries.push((segment, 0));
        }
        if entries.is_empty() {
            return;
        }
        let first = self.ways.len() as u32;
        let count = entries.len() as u32;
        self.cumulative.extend(std::iter::repeat_n(1.0, entries.len()));
        self.ways.extend(entries);
        self.emit(place.segment, Op::Fork { first, count });
    }

    /// A choice by weight; its ways still have to be placed. Returns the position of the first.
    fn choose(&mut self, place: Place, weights: impl Iterator<Item = f64>, path: &str) -> usize {
        let weights: Vec<f64> = weights.collect();
        let total: f64 = weights.iter().sum();
        let is_sound = total.is_finite() && total > 0.0 && weights.iter().all(|&w| w >= 0.0);
        if !is_sound {
            self.problems.push(
                Diagnostic::error("E105", path, "the weights of a choice must be positive numbers")
                    .hint("give every way a `weight` of at least 0, and one more than 0"),
            );
        }
        let first = self.ways.len();
        let mut up_to = 0.0;
        for weight in &weights {
            up_to += weight / total;
            self.cumulative.push(up_to);
            self.ways.push((place.segment, 0));
        }
        let owner = &self.services[place.service as usize].model.name;
        self.choices.push(format!("{owner} {} {path}", self.endpoint));
        let op = Op::Choose {
            first: first as u32,
            count: weights.len() as u32,
            draw: (self.choices.len() - 1) as u32,
        };
        self.emit(place.segment, op);
        first
    }

    /// Lets jumps meet at the next step.
    fn join(&mut self, place: Place, exits: &[u32]) {
        let end = self.next(place);
        for &exit in exits {
            self.segments[place.segment as usize][exit as usize] = Op::Jump(end);
        }
    }

    fn call(
        &mut self,
        place: Place,
        target: u32,
        steps: &[Step],
        timeout: Option<SimTime>,
        soft: bool,
        path: &str,
    ) {
        let name = &self.services[target as usize].model.name;
        let entry = self.visit(target, steps, &format!("{path}.{name}"), place.service);
        let settings = &self.services[place.service as usize].settings;
        let length = timeout.unwrap_or_else(|| settings.time(Parameter::UpstreamTimeout));
        let timeout = self.timeout(length);
        self.emit(place.segment, Op::Call { service: target, entry, timeout, soft });
    }

    fn cache(&mut self, place: Place, step: &CacheStep, path: &str) {
        let Some(id) = self.caches.iter().position(|cache| cache.name == step.cache) else {
            let names = self.caches.iter().map(|cache| cache.name.as_str());
            let problem = unknown("cache", &step.cache, names, &format!("{path}.cache"));
            self.problems.push(problem);
            return;
        };
        let store = self.caches[id].service;
        let is_remote = store != place.service;
        if is_remote {
            self.call(place, store, &[], None, true, path);
        }
        self.lookups[id] += self.weight;
        let look_up = self.emit(place.segment, Op::Lookup { cache: id as u32, hit: 0 });
        self.steps(place, &step.on_miss, &format!("{path}.on_miss"));
        if step.fill {
            if is_remote {
                self.call(place, store, &[], None, true, &format!("{path}.fill"));
            }
            self.emit(place.segment, Op::Fill(id as u32));
        }
        let hit = self.next(place);
        let op = Op::Lookup { cache: id as u32, hit };
        self.segments[place.segment as usize][look_up as usize] = op;
    }

    /// A query at a database, or through a pooler.
    fn query_at(&mut self, place: Place, target: u32, query: &QueryStep, path: &str) {
        let owner = &self.services[place.service as usize];
        let pool_size = owner.settings.count(Parameter::PoolSize);
        let pool = PoolModel {
            owner: place.service,
            target,
            size: pool_size,
            min: owner.settings.count(Parameter::PoolMin).min(pool_size),
            overflow: owner.settings.count(Parameter::PoolOverflow),
            timeout: self.timeout(owner.settings.time(Parameter::PoolTimeout)),
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
        self.emit(place.segment, Op::Call { service: target, entry, timeout: NONE, soft: false });
        if !per_request {
            self.emit(place.segment, Op::Release);
        }
    }

    /// A pooler lends one of its server connections for the query.
    fn lend(
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
                self.problems.push(
                    Diagnostic::error("E205", path, message).hint("add `calls: [your-database]`"),
                );
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
            timeout: self.timeout(settings.time(Parameter::QueueTimeout)),
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
        self.sort_memory(place, query.and_then(|query| query.memory).map(|bytes| bytes.0));
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

    /// Memory of sorts and hashes: what the query says, else work_mem times the profile's number.
    fn sort_memory(&mut self, place: Place, stated: Option<u64>) {
        let settings = &self.services[place.service as usize].settings;
        let usual =
            settings.bytes(Parameter::WorkMem) as f64 * settings.ratio(Parameter::WorkMemPerQuery);
        let bytes = stated.unwrap_or(usual as u64);
        if bytes > 0 {
            self.emit(place.segment, Op::Hold(bytes));
        }
    }

    fn work(&mut self, place: Place, parameter: Parameter, path: &str) {
        let settings = &self.services[place.service as usize].settings;
        let mean = settings.time(parameter);
        if mean > SimTime::ZERO {
            let time = Distribution::with_cv(mean, settings.ratio(Parameter::CpuRequestCv));
            let draw = self.draw(place, &time, &format!("{path}.work"));
            self.emit(place.segment, Op::Cpu(draw));
        }
    }

    fn wait_default(&mut self, place: Place, path: &str) {
        let settings = &self.services[place.service as usize].settings;
        let mean = settings.time(Parameter::WaitRequest);
        if mean > SimTime::ZERO {
            let time = Distribution::Exponential(mean);
            let draw = self.draw(place, &time, &format!("{path}.wait"));
            self.emit(place.segment, Op::Wait(draw));
        }
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

    fn draw(&mut self, place: Place, time: &Distribution, path: &str) -> u32 {
        let mean = time.mean().as_seconds();
        let sampler = match time {
            Distribution::Constant(_) => Sampler::constant(mean),
            Distribution::Exponential(_) => Sampler::exponential(mean),
            Distribution::Lognormal(spread) => Sampler::lognormal(mean, spread.cv),
            Distribution::Uniform(low, high) => {
                Sampler::uniform(low.as_seconds(), high.as_seconds())
            }
            Distribution::Erlang(spread) => Sampler::gamma(mean, spread.cv),
            Distribution::Hyperexponential(spread) => Sampler::hyperexponential(mean, spread.cv),
        };
        let sampler = sampler.unwrap_or_else(|| {
            self.problems.push(
                Diagnostic::error("E105", path, "no such distribution: a mean must be above 0 and `cv` fit the family")
                    .hint("erlang wants a cv of at most 10, hyperexponential a cv above 1, uniform low < high"),
            );
            Sampler::constant(0.0).expect("zero is a constant")
        });
        let purpose = format!("{} {path}", self.endpoint);
        self.draws.push(Draw { sampler, service: place.service, purpose });
        (self.draws.len() - 1) as u32
    }

    fn service(&mut self, name: &str, path: &str) -> Option<u32> {
        let id = self.ids.get(name).copied();
        if id.is_none() {
            let problem = unknown("service", name, self.ids.keys().copied(), path);
            self.problems.push(problem);
        }
        id
    }
}

/// A name that nothing bears.
pub(super) fn unknown<'a>(
    what: &str,
    name: &str,
    names: impl Iterator<Item = &'a str>,
    path: &str,
) -> Diagnostic {
    let names: Vec<&str> = names.collect();
    let problem = Diagnostic::error("E201", path, format!("there is no {what} `{name}`"));
    match did_you_mean(name, names.iter().copied()) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None if names.is_empty() => problem.hint(format!("the scenario has no {what} at all")),
        None => problem.hint(format!("there are: {}", names.join(", "))),
    }
}
