//! How often requests come to each step of the program: from the shares of the endpoints and the weights
//! of the ways, before anything is simulated.

use super::{Branches, CacheModel, Draw, EndpointModel, Model, Op};

/// What is taken of that which only a run shows: whether a look-up hits where keys are simulated, and
/// whether a connection is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extreme {
    /// Every look-up hits and no connection is new.
    Least,
    /// Every look-up misses and no connection is new: what is asked of a cache in another's miss at the most.
    Cold,
    /// Every look-up hits and misses, and every connection is new.
    Most,
}

/// What comes to a step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Visits {
    /// The service at which the step is done.
    pub(crate) service: u32,
    /// How often it is done for each request of the traffic.
    pub(crate) per_request: f64,
}

/// What decides how often requests come to each step.
#[derive(Clone, Copy)]
pub(super) struct Course<'m> {
    pub(super) endpoints: &'m [EndpointModel],
    pub(super) program: &'m [Op],
    pub(super) branches: &'m Branches,
    pub(super) caches: &'m [CacheModel],
}

impl<'m> Course<'m> {
    fn of(model: &'m Model) -> Self {
        Course {
            endpoints: &model.endpoints,
            program: &model.program,
            branches: &model.branches,
            caches: &model.caches,
        }
    }

    /// Each step of the program, with what comes to it; steps to which nothing comes are left out.
    pub(super) fn visits(self, extreme: Extreme) -> impl Iterator<Item = (Op, Visits)> + 'm {
        let steps = self.flow(extreme);
        self.program.iter().zip(steps).filter_map(|(&op, visits)| Some((op, visits?)))
    }

    /// CPU seconds that a request costs each of so many services on average.
    pub(super) fn cpu_per_request(self, services: usize, draws: &[Draw]) -> Vec<f64> {
        let mut seconds = vec![0.0; services];
        for (op, visits) in self.visits(Extreme::Least) {
            if let Op::Cpu(draw) = op {
                let mean = draws[draw as usize].sampler.mean();
                seconds[visits.service as usize] += visits.per_request * mean;
            }
        }
        seconds
    }

    /// What comes to each step of the program; `None`: nothing does.
    fn flow(self, extreme: Extreme) -> Vec<Option<Visits>> {
        let mut flow = Flow { course: self, extreme, steps: vec![None; self.program.len() + 1] };
        for endpoint in self.endpoints {
            flow.add(endpoint.entry, endpoint.service, endpoint.share);
        }
        // Calls, ways and jumps all lead forward, so each step is complete when its turn comes.
        for (at, op) in (0..).zip(self.program) {
            if let Some(here) = flow.steps[at as usize] {
                flow.pass(at, *op, here);
            }
        }
        flow.steps.truncate(self.program.len());
        flow.steps
    }
}

/// CPU seconds that a request costs each service on average. Where keys are simulated every look-up
/// is taken to hit, and no connection is new: a lower bound.
pub(crate) fn cpu_per_request(model: &Model) -> Vec<f64> {
    Course::of(model).cpu_per_request(model.services.len(), &model.draws)
}

/// Requests that come to each service for each request of the traffic, on average, at the least.
pub(crate) fn calls_per_request(model: &Model) -> Vec<f64> {
    let mut calls = vec![0.0; model.services.len()];
    for endpoint in &model.endpoints {
        calls[endpoint.service as usize] += endpoint.share;
    }
    for (op, visits) in Course::of(model).visits(Extreme::Least) {
        if let Op::Call { service, .. } = op {
            calls[service as usize] += visits.per_request;
        }
    }
    calls
}

/// What comes to each step of the program; `None`: nothing does.
pub(crate) fn flow(model: &Model, extreme: Extreme) -> Vec<Option<Visits>> {
    Course::of(model).flow(extreme)
}

struct Flow<'m> {
    course: Course<'m>,
    extreme: Extreme,
    steps: Vec<Option<Visits>>,
}

impl Flow<'_> {
    fn add(&mut self, step: u32, service: u32, more: f64) {
        let visits = self.steps[step as usize].get_or_insert_default();
        visits.service = service;
        visits.per_request += more;
    }

    /// Passes what comes to an instruction on to where it leads.
    fn pass(&mut self, at: u32, op: Op, Visits { service, per_request: here }: Visits) {
        let Course { caches, branches, .. } = self.course;
        let next = match op {
            Op::Call { service: to, entry, .. } => {
                self.add(entry, to, here);
                here
            }
            Op::Connect { service: to, entry } => {
                let new = if self.extreme == Extreme::Most { here } else { 0.0 };
                self.add(entry, to, new);
                here
            }
            Op::Lookup { cache, hit, .. } => {
                let known = caches[cache as usize].hit_ratio;
                let (hits, misses) = match (known, self.extreme) {
                    (Some(ratio), _) => (ratio, 1.0 - ratio),
                    (None, Extreme::Least) => (1.0, 0.0),
                    (None, Extreme::Cold) => (0.0, 1.0),
                    (None, Extreme::Most) => (1.0, 1.0),
                };
                self.add(hit, service, here * hits);
                here * misses
            }
            Op::Choose { first, count, .. } => {
                let mut below = 0.0;
                for way in first as usize..(first + count) as usize {
                    let up_to = branches.cumulative[way];
                    self.add(branches.entry[way], service, here * (up_to - below));
                    below = up_to;
                }
                return;
            }
            Op::Fork { first, count } => {
                for way in first as usize..(first + count) as usize {
                    self.add(branches.entry[way], service, here);
                }
                here
            }
            Op::Jump(target) => return self.add(target, service, here),
            Op::End => return,
            Op::Cpu(_)
            | Op::Wait(_)
            | Op::Hold(_)
            | Op::Query(_)
            | Op::Retry(_)
            | Op::Keep(_)
            | Op::Recall(_)
            | Op::Fill { .. }
            | Op::Write { .. }
            | Op::Acquire(_)
            | Op::Release => here,
        };
        self.add(at + 1, service, next);
    }
}
