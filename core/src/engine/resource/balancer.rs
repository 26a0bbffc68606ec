//! Which container of a service a request comes to.

use super::worker::{Instance, Life};
use crate::model::{NONE, ServiceModel};
use crate::random::Stream;
use crate::scenario::Balancing;

/// The balancer in front of a service: a few words for each, where most of a service's model is never
/// asked for by a visit.
#[derive(Clone)]
pub(crate) struct Balancer {
    first_instance: u32,
    /// How many there may be, those that a rollout or an autoscaler adds included.
    instances: u32,
    /// Containers that do not answer.
    pub(crate) down: u32,
    /// Next container, for round robin.
    turn: u32,
    balancing: Balancing,
}

impl Balancer {
    /// The balancer of a service at its start.
    pub(crate) fn new(service: &ServiceModel) -> Self {
        Balancer {
            first_instance: service.first_instance,
            instances: service.instances().len() as u32,
            down: service.pending + service.added + service.rollout.places,
            turn: 0,
            balancing: service.balancing,
        }
    }

    /// The container of the next request: the only one, up or not, or one of several that is up; `NONE` where
    /// none of them is.
    #[inline]
    pub(crate) fn next(&mut self, instances: &[Instance], stream: &mut Stream) -> u32 {
        if self.instances == 1 { self.first_instance } else { self.choose(instances, stream) }
    }

    /// A container that is up, by the rule of the service; `NONE` if there is none.
    fn choose(&mut self, instances: &[Instance], stream: &mut Stream) -> u32 {
        let up = self.instances - self.down;
        if up == 0 {
            return NONE;
        }
        let nth_up = |position: u32| {
            if self.down == 0 {
                return self.first_instance + position;
            }
            (self.first_instance..self.first_instance + self.instances)
                .filter(|&instance| instances[instance as usize].life == Life::Up)
                .nth(position as usize)
                .unwrap_or(NONE)
        };
        let load = |instance: u32| instances[instance as usize].in_flight;
        let turn = self.turn;
        let chosen = match self.balancing {
            Balancing::RoundRobin => nth_up(turn % up),
            Balancing::Random => nth_up(stream.below(u64::from(up)) as u32),
            Balancing::LeastConnections => {
                let all = self.first_instance..self.first_instance + self.instances;
                let is_up = |instance: &u32| instances[*instance as usize].life == Life::Up;
                let after = |position: u32| (position + up - turn % up) % up;
                all.filter(is_up)
                    .zip(0..)
                    .min_by_key(|&(instance, position)| (load(instance), after(position)))
                    .map_or(NONE, |(instance, _)| instance)
            }
            Balancing::PowerOfTwo => {
                let one = nth_up(stream.below(u64::from(up)) as u32);
                let two = nth_up(stream.below(u64::from(up)) as u32);
                if load(two) < load(one) { two } else { one }
            }
        };
        self.turn = turn.wrapping_add(1);
        chosen
    }
}
