//! Disturbances of the scenario, leaks by the hour, and the end of the warm-up.

use super::dump::Child;
use crate::engine::Engine;
use crate::engine::calendar::Event;
use crate::engine::resource::memory::Killer;
use crate::engine::resource::worker::Life;
use crate::engine::run::Happening;
use crate::model::DisturbanceKind;
use crate::quantity::SimTime;

/// How often a leak by the hour grows.
const LEAK_STEP: SimTime = SimTime::from_millis(1000);
/// Of these steps make an hour.
const LEAKS_PER_HOUR: u128 = 3_600;

impl Engine<'_> {
    /// Puts all disturbances into the calendar.
    pub(in crate::engine) fn start_disturbances(&mut self) {
        for (index, disturbance) in self.model.disturbances.iter().enumerate() {
            self.calendar.push(disturbance.at, Event::Disturb(index as u32));
        }
        if self.model.disturbances.iter().any(|disturbance| {
            matches!(disturbance.kind, DisturbanceKind::Leak { per_hour, .. } if per_hour > 0)
        }) {
            self.calendar.push(LEAK_STEP, Event::Leak);
        }
        for (instance, state) in self.stores.iter().enumerate() {
            if let Some(interval) = state.as_ref().and_then(|state| state.cron_interval()) {
                self.calendar.push(interval, Event::Cron(instance as u32));
            }
        }
    }

    /// A disturbance sets in.
    pub(in crate::engine) fn disturb(&mut self, index: u32) {
        let disturbance = self.model.disturbances[index as usize];
        let service = disturbance.service as usize;
        let model = &self.model.services[service];
        let instances = model.instances();
        match disturbance.kind {
            DisturbanceKind::Leak { per_request, per_hour, outside_heap } => {
                let place = usize::from(outside_heap);
                self.leaks[service].by_request[place] += per_request;
                self.leaks[service].by_hour[place] += per_hour;
                for instance in instances {
                    self.instances[instance as usize].rules.leaves_behind = true;
                }
            }
            DisturbanceKind::Slow(factor) => {
                self.slowdowns[service].push(factor);
                self.slow_down(disturbance.service);
                self.note(disturbance.service, Happening::SLOWDOWN, factor);
            }
            DisturbanceKind::Recover(factor) => {
                let active = &mut self.slowdowns[service];
                if let Some(over) = active.iter().position(|&one| one == factor) {
                    active.remove(over);
                }
                let slow = self.slow_down(disturbance.service);
                self.note(disturbance.service, Happening::SLOWDOWN, slow);
            }
            DisturbanceKind::Flush => {
                for instance in instances {
                    self.flush_store(instance);
                }
                self.note(disturbance.service, Happening::FLUSH, 0.0);
            }
            DisturbanceKind::Dump => {
                for instance in instances {
                    self.fork_child(instance, Child::Dump);
                }
            }
            DisturbanceKind::Rollout => self.begin_rollout(disturbance.service),
            DisturbanceKind::Kill => {
                for instance in instances {
                    if self.instances[instance as usize].life != Life::Down {
                        self.memory.doomed.push((instance, Killer::Disturbance));
                    }
                }
            }
        }
    }

    /// The times of a service are stretched by the product of its slowdowns.
    fn slow_down(&mut self, service: u32) -> f64 {
        let slow = self.slowdowns[service as usize].iter().product();
        for dice in self.dice.iter_mut().filter(|dice| dice.service == service) {
            dice.stretch(slow);
        }
        slow
    }

    /// A second's part of the leaks by the hour.
    pub(in crate::engine) fn leak_by_hour(&mut self) {
        let step = self.now.0 / LEAK_STEP.0;
        let until = |bytes: u64, step: u64| u128::from(bytes) * u128::from(step) / LEAKS_PER_HOUR;
        // What no step has whole is not lost.
        let part = |bytes| (until(bytes, step) - until(bytes, step.saturating_sub(1))) as u64;
        for instance in 0..self.instances.len() as u32 {
            let state = &self.instances[instance as usize];
            let by_hour = self.leaks[state.service as usize].by_hour;
            if by_hour != [0; 2] && state.life == Life::Up {
                self.leak(instance, by_hour.map(part));
            }
        }
        self.calendar.push(self.now + LEAK_STEP, Event::Leak);
    }
}
