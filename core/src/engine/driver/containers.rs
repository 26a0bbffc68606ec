//! The containers of a service, which come and go: the places that they stand at, and how many are wanted.
//!
//! A container that was told to end gets no new requests, works on those that it has, and is killed after its
//! grace.

use std::cmp::Ordering;

use crate::engine::Engine;
use crate::engine::calendar::Event;
use crate::engine::resource::worker::Life;
use crate::engine::run::Happening;
use crate::model::{Model, ServiceModel};
use crate::quantity::SimTime;

/// What stands at a place of a service.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Nothing: it may be taken.
    Free,
    /// A container of the version before.
    Old,
    /// One that was told to end.
    Leaving,
    /// A container of the new version.
    New,
}

/// The places of a service, and whether a rollout renews them.
#[derive(Clone)]
pub(in crate::engine) struct Containers {
    pub(super) places: Vec<Place>,
    /// Whether a rollout is under way.
    pub(super) is_under_way: bool,
    /// Containers that are wanted, those for which the node has no room included.
    pub(super) wanted: u32,
    /// When what stands at each place came there; `None` where it was there from the start.
    born: Vec<Option<SimTime>>,
    /// How long each place was taken before its last change, and when that was.
    taken: Vec<(SimTime, SimTime)>,
}

/// What comes next, at an instance.
pub(super) enum Step {
    Start(u32),
    End(u32),
}

impl Containers {
    /// Every service at the start, with the containers that run then.
    pub(in crate::engine) fn all(model: &Model) -> Vec<Containers> {
        let of = |service: &ServiceModel| {
            let present = (service.replicas - service.pending) as usize;
            let stands = |place: usize| if place < present { Place::Old } else { Place::Free };
            let places: Vec<Place> = (0..service.instances().len()).map(stands).collect();
            let (born, taken) = (vec![None; places.len()], vec![Default::default(); places.len()]);
            Containers { places, is_under_way: false, wanted: service.replicas, born, taken }
        };
        model.services.iter().map(of).collect()
    }

    pub(super) fn count(&self, of: Place) -> u32 {
        self.places.iter().filter(|&&place| place == of).count() as u32
    }
}

/// The containers of the pod in which one of a service stands, itself among them.
pub(super) fn beside(
    model: &Model,
    service: u32,
    instance: u32,
) -> impl Iterator<Item = u32> + Clone + '_ {
    let own = &model.services[service as usize];
    let place = instance - own.first_instance;
    model.in_pods_of(own.pod).map(move |one| one.first_instance + place)
}

impl Engine<'_> {
    /// Whether nothing stands at a place: it was never taken, or is free again.
    pub(in crate::engine) fn is_vacant(&self, instance: u32) -> bool {
        let (containers, place) = self.place_of(instance);
        containers.places[place] == Place::Free
    }

    /// Starts or ends all containers of a pod.
    pub(super) fn take_step(&mut self, step: Step) {
        let (Step::Start(first) | Step::End(first)) = step;
        let service = self.instances[first as usize].service;
        for instance in beside(self.model, service, first) {
            match step {
                Step::Start(_) => {
                    self.put(instance, Place::New);
                    self.start_anew(instance);
                }
                Step::End(_) => self.tell_to_end(instance),
            }
        }
    }

    /// A place of a service where nothing of a pod stands.
    pub(super) fn free_place(&self, service: u32) -> Option<u32> {
        self.model.services[service as usize].instances().find(|&first| !self.holds_pod(first))
    }

    /// Whether anything stands there of the pod of a container.
    fn holds_pod(&self, first: u32) -> bool {
        let service = self.instances[first as usize].service;
        beside(self.model, service, first).any(|instance| {
            let (containers, place) = self.place_of(instance);
            containers.places[place] != Place::Free
        })
    }

    /// Whether all containers of a pod answer.
    pub(super) fn is_ready(&self, first: u32) -> bool {
        let service = self.instances[first as usize].service;
        let is_up = |instance: u32| self.instances[instance as usize].life == Life::Up;
        beside(self.model, service, first).all(is_up)
    }

    /// Lets there be as many containers as are wanted. Of too many, one that does not answer ends first, then
    /// the youngest (kubernetes, `ActivePods`).
    pub(super) fn keep_count(&mut self, service: u32) {
        if self.model.services[service as usize].autoscaler.is_none() {
            return;
        }
        let stay =
            |containers: &Containers| containers.count(Place::Old) + containers.count(Place::New);
        loop {
            let (model, containers) =
                (&self.model.services[service as usize], &self.containers[service as usize]);
            let most = self.most_standing(service);
            let wanted = containers.wanted.min(most);
            let standing = stay(containers) + containers.count(Place::Leaving);
            let step = match stay(containers).cmp(&wanted) {
                Ordering::Less if standing < most => self.free_place(service).map(Step::Start),
                Ordering::Greater => {
                    let there = model.instances().filter(|&instance| self.stays(instance));
                    let last = |&one: &u32| (!self.is_ready(one), self.born(one), one);
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
        self.containers[service as usize].wanted
    }

    /// So many are wanted from now on.
    pub(in crate::engine) fn set_wanted(&mut self, service: u32, replicas: u32) {
        self.containers[service as usize].wanted = replicas;
        self.roll_on(service);
    }

    /// Whether a container stands there that was not told to end.
    pub(in crate::engine) fn stays(&self, instance: u32) -> bool {
        let (containers, place) = self.place_of(instance);
        matches!(containers.places[place], Place::Old | Place::New)
    }

    /// When a container came; `None`: it was there from the start.
    pub(in crate::engine) fn born(&self, instance: u32) -> Option<SimTime> {
        let (containers, place) = self.place_of(instance);
        containers.born[place]
    }

    fn place_of(&self, instance: u32) -> (&Containers, usize) {
        let service = self.instances[instance as usize].service as usize;
        let place = instance - self.model.services[service].first_instance;
        (&self.containers[service], place as usize)
    }

    fn put(&mut self, instance: u32, what: Place) {
        let stood = self.stood(instance);
        let service = self.instances[instance as usize].service as usize;
        let place = (instance - self.model.services[service].first_instance) as usize;
        let had_room = self.holds_pod(instance);
        let containers = &mut self.containers[service];
        containers.taken[place] = (stood, self.now);
        if what == Place::New {
            containers.born[place] = Some(self.now);
        }
        containers.places[place] = what;
        let has_room = self.holds_pod(instance);
        let pod = self.model.services[service].pod;
        if let Some(room) = &mut self.room {
            let each = &self.model.services[pod as usize].room;
            match (had_room, has_room) {
                (false, true) => _ = room.take(each, 1),
                (true, false) => room.give_back(each),
                _ => {}
            }
        }
    }

    /// How long a container stood at a place up to now.
    pub(in crate::engine) fn stood(&self, instance: u32) -> SimTime {
        let (containers, place) = self.place_of(instance);
        let (taken, since) = containers.taken[place];
        let is_taken = containers.places[place] != Place::Free;
        if is_taken { taken + self.now.saturating_sub(since) } else { taken }
    }

    /// Containers of a service that stand, and those beside them for which the node has room.
    pub(super) fn most_standing(&self, service: u32) -> u32 {
        let each = &self.model.services[service as usize].room;
        let beside = self.room.as_ref().map_or(u32::MAX, |room| room.holds(each));
        self.standing(service).saturating_add(beside)
    }

    /// Containers of a service that stand, those that were told to end included.
    pub(in crate::engine) fn standing(&self, service: u32) -> u32 {
        let containers = &self.containers[service as usize];
        containers.places.len() as u32 - containers.count(Place::Free)
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
        if self.containers[service as usize].is_under_way {
            self.note(service, Happening::ROLLOUT, 3.0);
        }
        self.roll_on(service);
    }
}
