//! A new version is rolled out: new containers start, old ones end, as many at a time as the plan allows.
//!
//! The steps are those of Kubernetes' Deployments (kubernetes/website, controllers/deployment): at most `surge`
//! containers more than wanted, at least wanted less `unavailable` that answer, the old ones that do not answer
//! first. Kubernetes counts no container that was told to end, so that for its grace there may be even more. Where
//! nothing may be added, and with Compose, the place of each must be free before a new one stands there. With
//! `Recreate` all are gone before the first new one starts. A container that was told to end gets no new requests,
//! works on those that it has, and is killed after its grace.

use crate::engine::Engine;
use crate::engine::calendar::Event;
use crate::engine::resource::worker::Life;
use crate::engine::run::Happening;
use crate::model::{Awaits, Model, RolloutModel, ServiceModel};

/// What stands at a place of a service.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Nothing: it may be taken.
    Free,
    /// A container of the version before.
    Old,
    /// One that was told to end.
    Leaving,
    /// A container of the new version.
    New,
}

/// The places of a service, and whether they are being renewed.
#[derive(Clone)]
pub(in crate::engine) struct Rollout {
    places: Vec<Place>,
    is_under_way: bool,
}

/// What comes next, at an instance.
enum Step {
    Start(u32),
    End(u32),
}

impl Rollout {
    /// Every service at the start, with the containers that run then.
    pub(in crate::engine) fn all(model: &Model) -> Vec<Rollout> {
        let of = |service: &ServiceModel| {
            let present = (service.replicas - service.pending) as usize;
            let stands = |place: usize| if place < present { Place::Old } else { Place::Free };
            let places = (0..service.instances().len()).map(stands).collect();
            Rollout { places, is_under_way: false }
        };
        model.services.iter().map(of).collect()
    }

    fn count(&self, of: Place) -> u32 {
        self.places.iter().filter(|&&place| place == of).count() as u32
    }

    fn find(&self, of: Place) -> Option<u32> {
        self.places.iter().position(|&place| place == of).map(|place| place as u32)
    }
}

impl Engine<'_> {
    /// What runs is old from now on.
    pub(in crate::engine) fn begin_rollout(&mut self, service: u32) {
        let rollout = &mut self.rollouts[service as usize];
        for place in rollout.places.iter_mut().filter(|place| **place == Place::New) {
            *place = Place::Old;
        }
        rollout.is_under_way = true;
        self.note(service, Happening::ROLLOUT, 0.0);
        if self.next_step(service).is_none()
            && self.model.services[service as usize].rollout.is_stuck()
        {
            self.note(service, Happening::ROLLOUT, 2.0);
        }
        self.roll_on(service);
    }

    /// Whether nothing stands at a place: it was never taken, or is free again.
    #[cfg(feature = "alerts")]
    pub(in crate::engine) fn is_vacant(&self, instance: u32) -> bool {
        let service = self.instances[instance as usize].service as usize;
        let place = instance - self.model.services[service].first_instance;
        self.rollouts[service].places[place as usize] == Place::Free
    }

    /// Does what may be done now.
    pub(in crate::engine) fn roll_on(&mut self, service: u32) {
        if !self.rollouts[service as usize].is_under_way {
            return;
        }
        while let Some(step) = self.next_step(service) {
            match step {
                Step::Start(instance) => {
                    *self.place(instance) = Place::New;
                    self.start_anew(instance);
                }
                Step::End(instance) => self.tell_to_end(instance),
            }
        }
        let first = self.model.services[service as usize].first_instance;
        let rollout = &mut self.rollouts[service as usize];
        let answers = |(place, instance): (&Place, u32)| match place {
            Place::Free => true,
            Place::New => self.instances[instance as usize].life == Life::Up,
            Place::Old | Place::Leaving => false,
        };
        if rollout.places.iter().zip(first..).all(answers) {
            rollout.is_under_way = false;
            self.note(service, Happening::ROLLOUT, 1.0);
        }
    }

    fn next_step(&self, service: u32) -> Option<Step> {
        let model = &self.model.services[service as usize];
        let rollout = &self.rollouts[service as usize];
        let RolloutModel { surge, unavailable, room, awaits, .. } = model.rollout;
        let wanted = model.replicas - model.pending;
        let [old, leaving, new] =
            [Place::Old, Place::Leaving, Place::New].map(|of| rollout.count(of));
        let standing = old + leaving + new;
        let may_start = match awaits {
            Awaits::Nothing => old + new < wanted + surge,
            Awaits::Place => standing < wanted + surge,
            Awaits::All => old + leaving == 0,
        };
        if new < wanted
            && may_start
            && standing < wanted.saturating_add(room)
            && let Some(place) = rollout.find(Place::Free)
        {
            return Some(Step::Start(model.first_instance + place));
        }
        let is_up = |instance: &u32| self.instances[*instance as usize].life == Life::Up;
        let at = |of: Place| {
            let places = rollout.places.iter().zip(model.first_instance..);
            places.filter(move |(place, _)| **place == of).map(|(_, instance)| instance)
        };
        if let Some(dead) = at(Place::Old).find(|instance| !is_up(instance)) {
            return Some(Step::End(dead));
        }
        let answering = at(Place::Old).chain(at(Place::New)).filter(is_up).count() as u32;
        let may_end = answering > model.replicas.saturating_sub(unavailable);
        at(Place::Old).next().filter(|_| may_end).map(Step::End)
    }

    fn place(&mut self, instance: u32) -> &mut Place {
        let service = self.instances[instance as usize].service as usize;
        let first = self.model.services[service].first_instance;
        &mut self.rollouts[service].places[(instance - first) as usize]
    }

    /// An old container gets no new requests, and ends when it has none left, or after its grace.
    fn tell_to_end(&mut self, instance: u32) {
        let state = &mut self.instances[instance as usize];
        if state.life != Life::Up {
            self.stop_container(instance);
            *self.place(instance) = Place::Free;
            return;
        }
        state.life = Life::Leaving;
        // Whoever leaves the container looks whether it was the last.
        state.rules.leaves_behind = true;
        let (epoch, service) = (state.epoch, state.service as usize);
        let is_idle = state.in_flight == 0;
        self.balancers[service].down += 1;
        *self.place(instance) = Place::Leaving;
        let grace = self.model.services[service].rollout.grace;
        let at = if is_idle { self.now } else { self.now + grace };
        self.calendar.push(at, Event::Exit { instance, epoch });
    }

    /// A container that was told to end may have worked on its last request.
    #[cold]
    pub(in crate::engine) fn exit_if_idle(&mut self, instance: u32) {
        let state = &self.instances[instance as usize];
        if state.life == Life::Leaving && state.in_flight == 0 {
            self.calendar.push(self.now, Event::Exit { instance, epoch: state.epoch });
        }
    }

    /// A container that was told to end ends.
    pub(in crate::engine) fn exit(&mut self, instance: u32, epoch: u32) {
        let state = &self.instances[instance as usize];
        if state.epoch == epoch && state.life == Life::Leaving {
            self.stop_container(instance);
            self.has_left(instance);
        }
    }

    /// A container that was told to end is gone, and its place is free.
    pub(in crate::engine) fn has_left(&mut self, instance: u32) {
        *self.place(instance) = Place::Free;
        let service = self.instances[instance as usize].service;
        self.note(service, Happening::ROLLOUT, 3.0);
        self.roll_on(service);
    }
}
