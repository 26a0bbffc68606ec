//! The containers of a service: those that an autoscaler wants, and a new version that is rolled out: new containers
//! start, old ones end, as many at a time as the plan allows.
//!
//! The steps are those of Kubernetes' Deployments (kubernetes/website, controllers/deployment): at most `surge`
//! containers more than wanted, at least wanted less `unavailable` that answer, the old ones that do not answer
//! first. Kubernetes counts no container that was told to end, so that for its grace there may be even more. Where
//! nothing may be added, and with Compose, the place of each must be free before a new one stands there. With
//! `Recreate` all are gone before the first new one starts. A container that was told to end gets no new requests,
//! works on those that it has, and is killed after its grace.

use std::cmp::Ordering;

use crate::engine::Engine;
use crate::engine::calendar::Event;
use crate::engine::resource::worker::Life;
use crate::engine::run::Happening;
use crate::model::{Awaits, Model, RolloutModel, Room, ServiceModel};
use crate::quantity::SimTime;

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
    /// Containers that are wanted, those for which the node has no room included.
    wanted: u32,
    /// When what stands at each place came there; `None` where it was there from the start.
    born: Vec<Option<SimTime>>,
    /// How long each place was taken before its last change, and when that was.
    taken: Vec<(SimTime, SimTime)>,
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
            let places: Vec<Place> = (0..service.instances().len()).map(stands).collect();
            let (born, taken) = (vec![None; places.len()], vec![Default::default(); places.len()]);
            Rollout { places, is_under_way: false, wanted: service.replicas, born, taken }
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
        let (rollout, place) = self.place_of(instance);
        rollout.places[place] == Place::Free
    }

    /// Does what may be done now.
    pub(in crate::engine) fn roll_on(&mut self, service: u32) {
        if !self.rollouts[service as usize].is_under_way {
            return self.keep_count(service);
        }
        while let Some(step) = self.next_step(service) {
            self.take_step(step);
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
            self.keep_count(service);
        }
    }

    fn take_step(&mut self, step: Step) {
        match step {
            Step::Start(instance) => {
                self.put(instance, Place::New);
                self.start_anew(instance);
            }
            Step::End(instance) => self.tell_to_end(instance),
        }
    }

    /// Lets there be as many containers as are wanted. Of too many, one that does not answer ends first, then
    /// the youngest (kubernetes, `ActivePods`).
    fn keep_count(&mut self, service: u32) {
        if self.model.services[service as usize].autoscaler.is_none() {
            return;
        }
        let stay = |rollout: &Rollout| rollout.count(Place::Old) + rollout.count(Place::New);
        loop {
            let (model, rollout) =
                (&self.model.services[service as usize], &self.rollouts[service as usize]);
            let most = self.most_standing(service);
            let wanted = rollout.wanted.min(most);
            let standing = stay(rollout) + rollout.count(Place::Leaving);
            let step = match stay(rollout).cmp(&wanted) {
                Ordering::Less if standing < most => {
                    rollout.find(Place::Free).map(|place| Step::Start(model.first_instance + place))
                }
                Ordering::Greater => {
                    let there = model.instances().filter(|&instance| self.stays(instance));
                    let is_up = |instance: u32| self.instances[instance as usize].life == Life::Up;
                    let last = |&instance: &u32| (!is_up(instance), self.born(instance), instance);
                    there.max_by_key(last).map(Step::End)
                }
                Ordering::Less | Ordering::Equal => None,
            };
            match step {
                Some(step) => self.take_step(step),
                None => return,
            }
        }
    }

    /// How many containers of a service are wanted.
    pub(in crate::engine) fn wanted(&self, service: u32) -> u32 {
        self.rollouts[service as usize].wanted
    }

    /// So many are wanted from now on.
    pub(in crate::engine) fn set_wanted(&mut self, service: u32, replicas: u32) {
        self.rollouts[service as usize].wanted = replicas;
        self.roll_on(service);
    }

    /// Whether a container stands there that was not told to end.
    pub(in crate::engine) fn stays(&self, instance: u32) -> bool {
        let (rollout, place) = self.place_of(instance);
        matches!(rollout.places[place], Place::Old | Place::New)
    }

    /// When a container came; `None`: it was there from the start.
    pub(in crate::engine) fn born(&self, instance: u32) -> Option<SimTime> {
        let (rollout, place) = self.place_of(instance);
        rollout.born[place]
    }

    fn place_of(&self, instance: u32) -> (&Rollout, usize) {
        let service = self.instances[instance as usize].service as usize;
        let place = instance - self.model.services[service].first_instance;
        (&self.rollouts[service], place as usize)
    }

    fn next_step(&self, service: u32) -> Option<Step> {
        let model = &self.model.services[service as usize];
        let rollout = &self.rollouts[service as usize];
        let RolloutModel { surge, unavailable, awaits, .. } = model.rollout;
        let most = self.most_standing(service);
        let wanted = rollout.wanted.min(most);
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
            && standing < most
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
        let may_end = answering > rollout.wanted.saturating_sub(unavailable);
        at(Place::Old).next().filter(|_| may_end).map(Step::End)
    }

    fn put(&mut self, instance: u32, what: Place) {
        let stood = self.stood(instance);
        let service = self.instances[instance as usize].service as usize;
        let place = (instance - self.model.services[service].first_instance) as usize;
        let rollout = &mut self.rollouts[service];
        rollout.taken[place] = (stood, self.now);
        if let Some(room) = &mut self.room {
            let each = Room::of(&self.model.services[service]);
            match (rollout.places[place], what) {
                (Place::Free, Place::Old | Place::Leaving | Place::New) => _ = room.take(&each, 1),
                (_, Place::Free) => room.give_back(&each),
                _ => {}
            }
        }
        if what == Place::New {
            rollout.born[place] = Some(self.now);
        }
        rollout.places[place] = what;
    }

    /// How long a container stood at a place up to now.
    pub(in crate::engine) fn stood(&self, instance: u32) -> SimTime {
        let (rollout, place) = self.place_of(instance);
        let (taken, since) = rollout.taken[place];
        let is_taken = rollout.places[place] != Place::Free;
        if is_taken { taken + self.now.saturating_sub(since) } else { taken }
    }

    /// Containers of a service that stand, and those beside them for which the node has room.
    fn most_standing(&self, service: u32) -> u32 {
        let each = Room::of(&self.model.services[service as usize]);
        let beside = self.room.as_ref().map_or(u32::MAX, |room| room.holds(&each));
        self.standing(service).saturating_add(beside)
    }

    /// Containers of a service that stand, those that were told to end included.
    pub(in crate::engine) fn standing(&self, service: u32) -> u32 {
        let rollout = &self.rollouts[service as usize];
        rollout.places.len() as u32 - rollout.count(Place::Free)
    }

    /// An old container gets no new requests, and ends when it has none left, or after its grace.
    fn tell_to_end(&mut self, instance: u32) {
        let state = &mut self.instances[instance as usize];
        if state.life != Life::Up {
            self.stop_container(instance);
            self.put(instance, Place::Free);
            return;
        }
        state.life = Life::Leaving;
        // Whoever leaves the container looks whether it was the last.
        state.rules.leaves_behind = true;
        let (epoch, service) = (state.epoch, state.service as usize);
        let is_idle = state.in_flight == 0;
        self.balancers[service].down += 1;
        self.put(instance, Place::Leaving);
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
        self.put(instance, Place::Free);
        let service = self.instances[instance as usize].service;
        if self.rollouts[service as usize].is_under_way {
            self.note(service, Happening::ROLLOUT, 3.0);
        }
        self.roll_on(service);
    }
}
