//! A new version is rolled out: new containers start, old ones end, as many at a time as the plan allows.
//!
//! The steps are those of Kubernetes' Deployments (kubernetes/website, controllers/deployment): at most `surge`
//! containers more than wanted, at least wanted less `unavailable` that answer, the old ones that do not answer
//! first. A Deployment counts no container that was told to end, so that for its grace there may be even more. In a
//! StatefulSet, and with Compose, the place of each must be free before a new one stands there. With
//! `Recreate` all are gone before the first new one starts.

use super::containers::{Place, Step};
use crate::engine::Engine;
use crate::engine::run::Happening;
use crate::model::RolloutModel;
use crate::scenario::Awaits;

impl Engine<'_> {
    /// What runs is old from now on.
    pub(in crate::engine) fn begin_rollout(&mut self, service: u32) {
        let service = self.model.services[service as usize].pod;
        let containers = &mut self.containers[service as usize];
        for place in containers.places.iter_mut().filter(|place| **place == Place::New) {
            *place = Place::Old;
        }
        containers.is_under_way = true;
        self.note(service, Happening::ROLLOUT, 0.0);
        if self.next_step(service).is_none()
            && self.model.services[service as usize].rollout.is_stuck()
        {
            self.note(service, Happening::ROLLOUT, 2.0);
        }
        self.roll_on(service);
    }

    /// Does what may be done now.
    pub(in crate::engine) fn roll_on(&mut self, service: u32) {
        let service = self.model.services[service as usize].pod;
        if !self.containers[service as usize].is_under_way {
            return self.keep_count(service);
        }
        while let Some(step) = self.next_step(service) {
            self.take_step(step);
        }
        let first = self.model.services[service as usize].first_instance;
        let containers = &self.containers[service as usize];
        let answers = |(place, instance): (&Place, u32)| match place {
            Place::Free => true,
            Place::New => self.is_ready(instance),
            Place::Old | Place::Leaving => false,
        };
        if containers.places.iter().zip(first..).all(answers) {
            self.containers[service as usize].is_under_way = false;
            self.note(service, Happening::ROLLOUT, 1.0);
            self.keep_count(service);
        }
    }

    fn next_step(&self, service: u32) -> Option<Step> {
        let model = &self.model.services[service as usize];
        let containers = &self.containers[service as usize];
        let RolloutModel { surge, unavailable, awaits, .. } = model.rollout;
        let most = self.most_standing(service);
        let wanted = containers.wanted.min(most);
        let [old, leaving, new] =
            [Place::Old, Place::Leaving, Place::New].map(|of| containers.count(of));
        let standing = old + leaving + new;
        let may_start = match awaits {
            Awaits::Nothing => old + new < wanted + surge,
            Awaits::Place => standing < wanted + surge,
            Awaits::All => old + leaving == 0,
        };
        if new < wanted
            && may_start
            && standing < most
            && let Some(first) = self.free_place(service)
        {
            return Some(Step::Start(first));
        }
        let is_up = |instance: &u32| self.is_ready(*instance);
        let at = |of: Place| {
            let places = containers.places.iter().zip(model.first_instance..);
            places.filter(move |(place, _)| **place == of).map(|(_, instance)| instance)
        };
        if let Some(dead) = at(Place::Old).find(|instance| !is_up(instance)) {
            return Some(Step::End(dead));
        }
        let answering = at(Place::Old).chain(at(Place::New)).filter(is_up).count() as u32;
        // An autoscaler may want more than the replicas that the plan may miss.
        let may_end =
            awaits == Awaits::All || answering > containers.wanted.saturating_sub(unavailable);
        at(Place::Old).next().filter(|_| may_end).map(Step::End)
    }
}
