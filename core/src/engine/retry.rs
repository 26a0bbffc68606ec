//! Callers and clients who try again: attempts, pauses between them, and budgets.
//!
//! An attempt is a visit of its own with a time-out of its own. The one that timed out is worked on until
//! it ends, and its answer finds nobody. A caller keeps its worker and its memory while it pauses; a client
//! comes back with a fresh request that bears the time of the first.

use super::calendar::Event;
use super::run::RetryWatch;
use super::span::{Cause, Span, State};
use super::{Engine, Failure};
use crate::model::{BudgetModel, CREDIT, CREDIT_SECONDS, Lock, Model, NONE, Op, RetryModel};
use crate::quantity::SimTime;
use crate::random::{Stream, Streams};
use crate::scenario::RetryOn;

/// The credits of the last ten seconds, by second (Finagle's `RetryBudget` over the leaky `TokenBucket` of
/// Twitter's util, whose window has ten slices).
#[derive(Clone)]
struct Budget {
    slices: [i64; CREDIT_SECONDS],
    second: u64,
}

impl Budget {
    const FULL: Budget = Budget { slices: [0; CREDIT_SECONDS], second: 0 };

    /// The slice of now, when those that are too old are gone.
    fn slice(&mut self, now: SimTime) -> &mut i64 {
        const WINDOW: u64 = CREDIT_SECONDS as u64;
        let second = now.0 / 1_000_000_000;
        for gone in (self.second + 1..=second).take(CREDIT_SECONDS) {
            self.slices[(gone % WINDOW) as usize] = 0;
        }
        self.second = second;
        &mut self.slices[(second % WINDOW) as usize]
    }

    /// Pays for an attempt, if it can.
    fn spend(&mut self, now: SimTime, of: BudgetModel) -> bool {
        *self.slice(now) -= CREDIT;
        let is_enough = self.slices.iter().sum::<i64>() + of.reserve >= 0;
        if !is_enough {
            *self.slice(now) += CREDIT;
        }
        is_enough
    }
}

/// One way to try again.
#[derive(Clone)]
struct Policy {
    /// One; of clients one for each kind of request, so that none changes the draws of another.
    pauses: Vec<Stream>,
    /// Of each worker of the caller; one of all clients. None where there is no bound.
    budgets: Vec<Budget>,
    /// The first of these workers.
    first_process: u32,
    seen: RetryWatch,
}

/// What a span lost so far, and how often it tried.
#[derive(Clone, Copy, Default)]
struct Attempts {
    /// The span that it is about.
    generation: u32,
    /// Attempts of its present call that failed.
    of_call: u32,
    /// Attempts of its client before it.
    of_client: u32,
    /// How long after the first attempt of its client it was sent.
    after_first: SimTime,
    /// Time in attempts that failed and in pauses, its own and of those that it called.
    lost: SimTime,
}

/// All ways to try again, and the attempts of the spans under way. Empty where nothing is tried again.
#[derive(Clone, Default)]
pub(super) struct Retrials {
    policies: Vec<Policy>,
    attempts: Vec<Attempts>,
}

impl Retrials {
    /// Nothing tried yet.
    pub(super) fn new(model: &Model, streams: &Streams, first_process: &[u32]) -> Self {
        let policy = |retry: &RetryModel| {
            let owner = model.services.get(retry.caller as usize);
            let workers = owner.map_or(1, |owner| owner.instances().len() as u32 * owner.workers);
            Policy {
                pauses: pauses(model, retry, streams),
                budgets: vec![Budget::FULL; retry.budget.map_or(0, |_| workers as usize)],
                first_process: owner.map_or(0, |_| first_process[retry.caller as usize]),
                seen: RetryWatch::default(),
            }
        };
        Retrials { policies: model.retries.iter().map(policy).collect(), attempts: Vec::new() }
    }

    /// Draws on from other streams.
    pub(super) fn reseed(&mut self, model: &Model, streams: &Streams) {
        for (policy, retry) in self.policies.iter_mut().zip(&model.retries) {
            policy.pauses = pauses(model, retry, streams);
        }
    }

    /// Whether nothing is ever tried again.
    #[inline]
    pub(super) fn is_idle(&self) -> bool {
        self.policies.is_empty()
    }

    /// What was seen of each way.
    pub(super) fn seen(&self) -> Vec<RetryWatch> {
        self.policies.iter().map(|policy| policy.seen).collect()
    }

    fn attempts(&mut self, id: u32, generation: u32) -> &mut Attempts {
        let place = id as usize;
        if self.attempts.len() <= place {
            self.attempts.resize(place + 1, Attempts::default());
        }
        let attempts = &mut self.attempts[place];
        if attempts.generation != generation {
            *attempts = Attempts { generation, ..Attempts::default() };
        }
        attempts
    }

    /// The pause before the next attempt after so many; `None` where it was the last, where the failure is
    /// none to try again after, or where the budget is spent.
    fn pause(
        &mut self,
        (id, model): (u32, &RetryModel),
        (made, after): (u32, RetryOn),
        (process, draw): (u32, u32),
        now: SimTime,
    ) -> Option<SimTime> {
        let policy = &mut self.policies[id as usize];
        if made >= model.attempts || !model.on[after as usize] {
            return None;
        }
        let own = if process == NONE { 0 } else { process - policy.first_process };
        if let Some(budget) = model.budget
            && !policy.budgets[own as usize].spend(now, budget)
        {
            policy.seen.denied += 1;
            return None;
        }
        policy.seen.retries += 1;
        let longest = model.longest_pause(made + 1);
        Some(if model.has_jitter {
            SimTime((policy.pauses[draw as usize].unit() * longest.0 as f64) as u64)
        } else {
            longest
        })
    }

    /// A request or a call is made for the first time.
    fn begin(&mut self, id: u32, model: &RetryModel, process: u32, now: SimTime) {
        let policy = &mut self.policies[id as usize];
        policy.seen.requests += 1;
        if let Some(budget) = model.budget {
            let own = if process == NONE { 0 } else { process - policy.first_process };
            *policy.budgets[own as usize].slice(now) += budget.deposit;
        }
    }
}

fn pauses(model: &Model, retry: &RetryModel, streams: &Streams) -> Vec<Stream> {
    let stream = |owner: &str, of: &str| streams.stream(owner, &format!("{} {of}", retry.path));
    if retry.is_of_clients() {
        return model.endpoints.iter().map(|one| stream("traffic", &one.name)).collect();
    }
    let name = |id: u32| model.services[id as usize].name.as_str();
    vec![stream(name(retry.caller), name(retry.target))]
}

impl Engine<'_> {
    /// A span is about to make a call that is tried again when it fails.
    #[cold]
    pub(super) fn begin_call(&mut self, id: u32, retry: u32) {
        let model = &self.model.retries[retry as usize];
        self.retrials.begin(retry, model, self.spans[id].process, self.now);
        self.attempts(id).of_call = 0;
    }

    /// Whether a span whose call has failed makes it again.
    #[cold]
    pub(super) fn calls_again(&mut self, id: u32, after: RetryOn) -> bool {
        let Span { step, process, .. } = self.spans[id];
        let before = (step as usize).checked_sub(2).map(|step| self.program[step]);
        let Some(Op::Retry(retry)) = before else { return false };
        let model = &self.model.retries[retry as usize];
        let generation = self.spans.generation(id);
        let made = self.attempts(id).of_call;
        let pause = self.retrials.pause((retry, model), (made, after), (process, 0), self.now);
        let Some(pause) = pause else { return false };
        self.attempts(id).of_call += 1;
        let span = &mut self.spans[id];
        span.state = State::Pausing;
        span.child = NONE;
        span.step -= 1;
        self.calendar.push(self.now + pause, Event::Retry { span: id, generation });
        true
    }

    /// Whether a caller makes a call again whose visit has failed; a parallel way is no call. Where it does not,
    /// what the visit lost is lost to its caller, too.
    #[cold]
    #[inline(never)]
    pub(super) fn calls_anew(&mut self, caller: u32, visit: u32, failure: Option<Failure>) -> bool {
        let after = failure.map(|failure| self.reason(visit, failure));
        let is_call = self.spans[caller].state == State::Calling;
        if after.is_some_and(|after| is_call && self.calls_again(caller, after)) {
            return true;
        }
        let lost = self.lost(visit);
        if lost > SimTime::ZERO {
            self.attempts(caller).lost += lost;
        }
        false
    }

    /// What a visit that failed is to who waits for it: one that got no worker was refused, unless it was
    /// killed on the way.
    fn reason(&self, visit: u32, failure: Failure) -> RetryOn {
        match failure {
            Failure::TimedOut => RetryOn::TimedOut,
            Failure::Refused if self.spans[visit].process == NONE => RetryOn::Refused,
            Failure::Refused
            | Failure::UpstreamTimedOut
            | Failure::TooManyConnections
            | Failure::PoolTimedOut
            | Failure::Killed => RetryOn::Failed,
        }
    }

    /// A client sends a request for the first time.
    #[cold]
    pub(super) fn begin_request(&mut self) {
        let retry = self.model.client_retry;
        self.retrials.begin(retry, &self.model.retries[retry as usize], NONE, self.now);
    }

    /// Whether the client of a request that has failed sends it again: as a fresh one, which pauses where
    /// nobody has it yet.
    #[cold]
    pub(super) fn asks_again(&mut self, id: u32, failure: Failure) -> bool {
        let retry = self.model.client_retry;
        let Some(model) = self.model.retries.get(retry as usize) else { return false };
        let after = self.reason(id, failure);
        let made = self.attempts(id).of_client;
        let endpoint = self.spans[id].endpoint;
        let pause = self.retrials.pause((retry, model), (made, after), (NONE, endpoint), self.now);
        let Some(pause) = pause else { return false };
        let before = self.spans[id];
        let (again, span) = self.spans.create();
        span.state = State::Pausing;
        span.step = self.model.endpoints[before.endpoint as usize].entry;
        span.endpoint = before.endpoint;
        span.arrived = before.arrived;
        span.since = self.now;
        span.user = before.user;
        let generation = self.spans.generation(again);
        self.attempts(again).of_client = made + 1;
        self.calendar.push(self.now + pause, Event::Retry { span: again, generation });
        true
    }

    /// A pause is over: the next attempt.
    pub(super) fn try_again(&mut self, id: u32, generation: u32) {
        if !self.spans.is_current(id, generation) {
            return;
        }
        let span = &mut self.spans[id];
        let attempts = self.retrials.attempts(id, generation);
        if span.process != NONE {
            attempts.lost += self.now - span.since;
            if span.lock == Lock::EventLoop {
                return self.line_up(id, true);
            }
            span.state = State::Ready;
            return self.go_on_with(id);
        }
        attempts.after_first = self.now - span.arrived;
        attempts.lost = attempts.after_first;
        let model = &self.model.endpoints[span.endpoint as usize];
        if model.timeout != NONE {
            self.watch_deadline(model.timeout, id);
        }
        self.admit(id, model.service, None);
    }

    /// When the present attempt of a client's request was sent.
    pub(super) fn sent(&mut self, id: u32) -> SimTime {
        let arrived = self.spans[id].arrived;
        if self.retrials.is_idle() { arrived } else { arrived + self.attempts(id).after_first }
    }

    /// Time that a visit lost in attempts that failed and in pauses, calls included.
    pub(super) fn lost(&mut self, visit: u32) -> SimTime {
        if self.retrials.is_idle() { SimTime::ZERO } else { self.attempts(visit).lost }
    }

    /// Nanoseconds that an answered request lost in attempts that failed and in pauses, calls included.
    #[cold]
    pub(super) fn count_loss(&mut self, id: u32, is_warm: bool) -> u64 {
        let lost = self.lost(id).0;
        if is_warm {
            let watch = &mut self.endpoints[self.spans[id].endpoint as usize];
            watch.causes[Cause::Retried as usize] += u128::from(lost);
        }
        lost
    }

    fn attempts(&mut self, id: u32) -> &mut Attempts {
        self.retrials.attempts(id, self.spans.generation(id))
    }
}
