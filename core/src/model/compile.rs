//! Steps of endpoints, and the handling that profiles imply, into the flat program.
//!
//! Each visit to a service becomes a segment of its own; inside a segment, jumps are relative, and
//! calls name segments. [`Compiler::link`] lays the segments one after another.

mod call;
mod handle;
mod link;
mod plan;
mod query;

pub(super) use handle::looks_up;

use std::collections::{BTreeMap, BTreeSet};

use super::setting::Settings;
use super::{
    CacheModel, Draw, MOST_NESTED, NONE, Op, PoolModel, QueryModel, RetryModel, ServiceModel,
};
use crate::catalog::Profile;
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::distribution::Sampler;
use crate::quantity::SimTime;
use crate::scenario::{CacheStep, Distribution, Parameter, Retries, Step, WriteStep};

/// Visits may be nested this deep; deeper means that services call each other in a circle.
const DEEPEST: usize = 24;
/// Instructions of all endpoints together.
const MOST_OPS: usize = 200_000;

/// A service as the compiler sees it.
pub(super) struct Callee {
    pub(super) settings: Settings,
    pub(super) calls: Vec<u32>,
    pub(super) retries: Option<Retries>,
    pub(super) model: ServiceModel,
    pub(super) profile: &'static Profile,
}

/// The program while it is written.
pub(super) struct Compiler<'s> {
    pub(super) services: &'s [Callee],
    pub(super) ids: &'s BTreeMap<&'s str, u32>,
    pub(super) caches: &'s [CacheModel],
    pub(super) queries: Vec<QueryModel>,
    pub(super) draws: Vec<Draw>,
    pub(super) pools: Vec<PoolModel>,
    pub(super) timeouts: Vec<(u32, SimTime)>,
    pub(super) retries: Vec<RetryModel>,
    pub(super) problems: Vec<Diagnostic>,
    /// Services that call others.
    pub(super) callers: BTreeSet<u32>,
    segments: Vec<Vec<Op>>,
    cumulative: Vec<f64>,
    /// Segment and step of each way of a choice or fork.
    ways: Vec<(u32, u32)>,
    choices: Vec<String>,
    /// Endpoint whose steps are compiled: its streams bear its name.
    endpoint: String,
    depth: usize,
    /// Caches of the present visit in whose miss the step stands.
    missed: usize,
    /// Services of several containers that the present visit has asked for keys: each has its place.
    asked: Vec<u32>,
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
            queries: Vec::new(),
            draws: Vec::new(),
            pools: Vec::new(),
            timeouts: Vec::new(),
            retries: Vec::new(),
            problems: Vec::new(),
            callers: BTreeSet::new(),
            segments: Vec::new(),
            cumulative: Vec::new(),
            ways: Vec::new(),
            choices: Vec::new(),
            endpoint: String::new(),
            depth: 0,
            missed: 0,
            asked: Vec::new(),
            size: 0,
        }
    }

    /// Writes the program of an endpoint; returns its segment.
    pub(super) fn endpoint(&mut self, name: &str, service: u32, steps: &[Step]) -> u32 {
        self.endpoint = name.to_owned();
        self.visit(service, steps, &format!("endpoints.{name}.steps"), NONE)
    }

    /// The id of the time-outs of one length at a service; `NONE` for one that never comes. Services share none:
    /// deadlines that come at the same moment would come in an order that another service has a say in.
    pub(super) fn timeout(&mut self, service: u32, length: SimTime) -> u32 {
        if length == SimTime::ZERO {
            return NONE;
        }
        let known = self.timeouts.iter().position(|&other| other == (service, length));
        known.unwrap_or_else(|| {
            self.timeouts.push((service, length));
            self.timeouts.len() - 1
        }) as u32
    }

    /// A visit to a service: its steps, or what its profile says where there are none.
    fn visit(&mut self, service: u32, steps: &[Step], path: &str, caller: u32) -> u32 {
        let segment = self.open();
        let missed = std::mem::take(&mut self.missed);
        let asked = std::mem::take(&mut self.asked);
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
        self.missed = missed;
        self.asked = asked;
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
                Step::Call(call) => {
                    let path = format!("{path}.call");
                    if let Some(target) = self.service(&call.service, &format!("{path}.service")) {
                        self.call(place, target, Some(call), false, &path);
                    }
                }
                Step::Cache(cache) => self.cache(place, cache, &format!("{path}.cache")),
                Step::Write(write) => self.write(place, write, &format!("{path}.write")),
                Step::Query(query) => {
                    let path = format!("{path}.query");
                    if let Some(id) = self.service(&query.database, &format!("{path}.database")) {
                        self.query_at(place, id, query, &path);
                    }
                }
                Step::Choice(ways) => {
                    let first = self.choose(place, ways.iter().map(|way| way.weight), &path);
                    let mut exits = Vec::new();
                    for (index, way) in ways.iter().enumerate() {
                        self.ways[first + index] = (place.segment, self.next(place));
                        let path = format!("{path}.choice.{index}.steps");
                        self.steps(place, &way.steps, &path);
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

    fn cache(&mut self, place: Place, step: &CacheStep, path: &str) {
        let Some(id) = self.known_cache(&step.cache, path) else { return };
        if self.missed == MOST_NESTED {
            let message = format!("more than {MOST_NESTED} caches, one in the other's miss");
            let problem = Diagnostic::error("E202", path, message);
            self.problems.push(problem.hint("leave the innermost out, or call a service for it"));
            return;
        }
        self.look_up(place, id, step.fill, path, &mut |this| {
            this.steps(place, &step.on_miss, &format!("{path}.on_miss"));
        });
    }

    /// A look-up, what follows a miss, and the fill of the key that was missed.
    fn look_up(
        &mut self,
        place: Place,
        cache: usize,
        fills: bool,
        path: &str,
        on_miss: &mut dyn FnMut(&mut Self),
    ) {
        let depth = self.missed as u8;
        let store = self.caches[cache].service;
        let is_remote = store != place.service;
        let cache = cache as u32;
        if is_remote {
            self.ask(place, store, path);
        }
        let look_up = self.emit(place.segment, Op::Lookup { cache, hit: 0, depth });
        self.missed += 1;
        on_miss(self);
        self.missed -= 1;
        if fills {
            if is_remote {
                self.ask(place, store, &format!("{path}.fill"));
            }
            self.emit(place.segment, Op::Fill { cache, depth });
        }
        let hit = self.next(place);
        self.segments[place.segment as usize][look_up as usize] = Op::Lookup { cache, hit, depth };
    }

    fn write(&mut self, place: Place, step: &WriteStep, path: &str) {
        let Some(id) = self.known_cache(&step.cache, path) else { return };
        let store = self.caches[id].service;
        if store != place.service {
            self.ask(place, store, path);
        }
        self.emit(place.segment, Op::Write { cache: id as u32 });
    }

    fn known_cache(&mut self, name: &str, path: &str) -> Option<usize> {
        let id = self.caches.iter().position(|cache| cache.name == name);
        if id.is_none() {
            let names = self.caches.iter().map(|cache| cache.name.as_str());
            self.problems.push(unknown("cache", name, names, &format!("{path}.cache")));
        }
        id
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

    fn draw(&mut self, place: Place, time: &Distribution, path: &str) -> u32 {
        let sampler = super::draw::sampler(time);
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
