//! Calls of other services, and how they are tried again: as the step says, else as the caller does.

use super::{Compiler, NONE, Place};
use crate::diagnostic::Diagnostic;
use crate::model::{Op, RetryModel, check};
use crate::scenario::{CallStep, Parameter, Scenario};

/// Stores with several containers that a program asks: a run keeps for each visit which of them it asked.
const MOST_ASKED: usize = 16;

impl Compiler<'_> {
    /// A call of a service: with its steps and time-out where they are given.
    pub(super) fn call(
        &mut self,
        place: Place,
        target: u32,
        given: Option<&CallStep>,
        soft: bool,
        path: &str,
    ) {
        let name = &self.services[target as usize].model.name;
        let (steps, inside) = match given {
            Some(call) => (call.steps.as_slice(), format!("{path}.steps.{name}")),
            None => (&[][..], format!("{path}.{name}")),
        };
        let entry = self.visit(target, steps, &inside, place.service);
        let retry = if soft { NONE } else { self.retry(place.service, target, given, path) };
        let settings = &self.services[place.service as usize].settings;
        let length = given
            .and_then(|call| call.timeout)
            .unwrap_or_else(|| settings.time(Parameter::UpstreamTimeout));
        let timeout = self.timeout(place.service, length);
        let buffers = settings.bytes(Parameter::MemoryCall);
        if buffers > 0 {
            self.emit(place.segment, Op::Hold(buffers));
        }
        if retry != NONE {
            self.emit(place.segment, Op::Retry(retry));
        }
        self.callers.insert(place.service);
        self.emit(place.segment, Op::Call { service: target, entry, timeout, soft });
    }

    /// A call of a service for a key. A visit stays with the container that it asked first, whatever others it
    /// asks in between: a client keeps its connection.
    pub(super) fn ask(&mut self, place: Place, store: u32, path: &str) {
        let model = &self.services[store as usize].model;
        let most = model.autoscaler.map_or(model.replicas, |rules| rules.max.max(model.replicas));
        if most + model.rollout.places == 1 {
            return self.call(place, store, None, true, path);
        }
        let known = self.asked.iter().position(|&other| other == store);
        let kept = known.unwrap_or_else(|| {
            self.asked.push(store);
            if self.asked.len() == MOST_ASKED + 1 {
                let message = format!(
                    "it asks more than {MOST_ASKED} stores that have several containers each"
                );
                let problem = Diagnostic::error("E202", path, message);
                self.problems.push(problem.hint("call some of them by services of their own"));
            }
            self.asked.len() - 1
        }) as u32;
        if known.is_some() {
            self.emit(place.segment, Op::Recall(kept));
        }
        self.call(place, store, None, true, path);
        self.emit(place.segment, Op::Keep(kept));
    }

    /// The id of how a call is tried again; `NONE`: it is not.
    fn retry(&mut self, caller: u32, target: u32, given: Option<&CallStep>, path: &str) -> u32 {
        let callee = &self.services[caller as usize];
        let (retries, path) = match given.and_then(|call| call.retries.as_ref()) {
            Some(retries) => {
                let path = format!("{path}.retries");
                let mut say = |path: &str, message: String, hint: &str| {
                    self.problems.push(Diagnostic::error("E202", path, message).hint(hint));
                };
                check::retries(retries, &path, &mut say);
                (retries, path)
            }
            None => match &callee.retries {
                Some(retries) => (retries, format!("services.{}.retries", callee.model.name)),
                None => return NONE,
            },
        };
        self.add_retry(RetryModel::settle(retries, caller, target, &path))
    }

    /// The same for the requests of clients.
    pub(in crate::model) fn retry_of_clients(&mut self, scenario: &Scenario) -> u32 {
        let given = scenario.traffic.as_ref().and_then(|traffic| traffic.retries.as_ref());
        self.add_retry(
            given.and_then(|given| RetryModel::settle(given, NONE, NONE, "traffic.retries")),
        )
    }

    /// Calls of one service by another that are tried again in the same way share a budget.
    fn add_retry(&mut self, retry: Option<RetryModel>) -> u32 {
        let Some(retry) = retry else { return NONE };
        let known = self.retries.iter().position(|other| other.is_like(&retry));
        known.unwrap_or_else(|| {
            self.retries.push(retry);
            self.retries.len() - 1
        }) as u32
    }
}
