//! Kubernetes' HorizontalPodAutoscaler: every 15 s it compares what pods use with what is wanted, and sets their
//! number. A run begins with those that it had come to (`model/autoscaler.rs`).
//!
//! Source: kubernetes `pkg/controller/podautoscaler` (`replica_calculator.go`, `horizontal.go`). What it sees is
//! what the metrics server saw, [`AGE`] looks ago; the first looks of a run see nothing yet. Left out: several policies
//! of one kind or with several periods, and tolerances other than a tenth.

use std::collections::VecDeque;

use super::containers::beside;
use crate::engine::Engine;
use crate::engine::calendar::Event;
use crate::engine::resource::worker::Life;
use crate::engine::run::{Happening, Scaling};
use crate::model::{AutoscalerModel, Behavior, Model, USUAL_PERIOD, is_as_wanted, percent};
use crate::quantity::SimTime;
use crate::random::Streams;
use crate::scenario::{Pace, Select};

/// `--horizontal-pod-autoscaler-sync-period`, and the resolution of the metrics server.
const PERIOD: SimTime = SimTime::from_millis(15_000);
/// How many periods old the metrics are: 30 s from the kubelet's reading to the controller's, an estimate within 15
/// and 90 s.
const AGE: usize = 2;
/// A pod's CPU is not looked at for so long while it is not ready (`--horizontal-pod-autoscaler-cpu-initialization-period`).
const INITIAL: SimTime = SimTime::from_millis(300_000);
/// Decisions of a run that are kept: a day of them each 15 s.
const MOST_SCALINGS: usize = 5_760;
/// The longest time for which a pace can hold (`periodSeconds`: up to 1800).
const LONGEST: SimTime = SimTime::from_millis(1_800_000);
/// How long a recommendation counts where the plan says nothing of behaviour.
const REMEMBERED: SimTime = SimTime::from_millis(300_000);

/// What was seen of a container at one look.
#[derive(Clone, Copy)]
struct Pod {
    epoch: u32,
    life: Life,
    cpu_seconds: f64,
    memory: u64,
    /// Requests so far.
    came: u64,
}

/// One look at all places of a service.
#[derive(Clone)]
struct Look {
    at: SimTime,
    /// By place; `None` where nothing stands, or what stands there was told to end.
    pods: Vec<Option<Pod>>,
}

/// The autoscaler of a service.
#[derive(Clone)]
pub(in crate::engine) struct Autoscaler {
    service: u32,
    rules: AutoscalerModel,
    /// The first look of a run comes at any moment of a period.
    first: SimTime,
    looks: VecDeque<Look>,
    /// Replicas that it came to, the latest last.
    advice: VecDeque<(SimTime, u32)>,
    /// By how many it changed their number and when, the latest last.
    changes: VecDeque<(SimTime, i64)>,
}

/// What a metric says of the pods.
#[derive(Clone, Copy, Default)]
struct Reading {
    /// Used and set aside by those that count.
    used: f64,
    reserved: f64,
    counted: u32,
    /// Pods of which nothing is known, and those that are not ready.
    missing: u32,
    ignored: u32,
    /// Whether it is read in whole percent, as shares of what is requested are.
    is_whole: bool,
}

impl Reading {
    /// The use of `used` of `reserved` over the wanted `target` percent.
    fn ratio(&self, used: f64, reserved: f64, target: f64) -> f64 {
        let percent = if self.is_whole { percent(used, reserved) } else { 100.0 * used / reserved };
        percent / target
    }
}

impl Autoscaler {
    /// The autoscalers of a model, where traffic comes.
    pub(in crate::engine) fn all(model: &Model, streams: &Streams) -> Vec<Autoscaler> {
        let of = |(id, service): (u32, &crate::model::ServiceModel)| {
            let rules = service.autoscaler?;
            let mut stream = streams.stream(&service.name, "autoscaler");
            let first = SimTime(stream.below(PERIOD.0));
            let advice = VecDeque::from([(SimTime::ZERO, service.replicas)]);
            let (looks, changes) = (VecDeque::new(), VecDeque::new());
            Some(Autoscaler { service: id, rules, first, looks, advice, changes })
        };
        (0..).zip(&model.services).filter_map(of).collect()
    }

    /// The replicas that a metric asks for, of which one pod has `each` and is wanted to use `target` percent;
    /// `None` where nothing is known (`GetResourceReplicas`).
    fn replicas(reading: Reading, each: f64, target: f64, current: u32) -> Option<u32> {
        let Reading { used, reserved, counted, missing, ignored, .. } = reading;
        if counted == 0 {
            return None;
        }
        let ratio = reading.ratio(used, reserved, target);
        if missing == 0 && !(ignored > 0 && ratio > 1.0) {
            return Some(if is_as_wanted(ratio) {
                current
            } else {
                ceil(ratio * f64::from(counted))
            });
        }
        // Who is missing uses all that is set aside for it, or what is wanted if that is more, where fewer are
        // wanted, and nothing where more are.
        let (more_used, more) = match ratio {
            down if down < 1.0 => (f64::from(missing) * each * target.max(100.0) / 100.0, missing),
            _ => (0.0, missing + if ratio > 1.0 { ignored } else { 0 }),
        };
        let again = reading.ratio(used + more_used, reserved + f64::from(more) * each, target);
        if is_as_wanted(again) || (ratio < 1.0) != (again < 1.0) {
            return Some(current);
        }
        let wanted = ceil(again * f64::from(counted + more));
        let is_against = if again < 1.0 { wanted > current } else { wanted < current };
        Some(if is_against { current } else { wanted })
    }

    /// The replicas after all that holds it back (`stabilizeRecommendation`, `convertDesiredReplicasWithRules`).
    fn held_back(&mut self, now: SimTime, current: u32, wanted: u32) -> u32 {
        let AutoscalerModel { min, max, up_window, down_window, behavior, .. } = self.rules;
        let longest = if behavior.is_some() { up_window.max(down_window) } else { REMEMBERED };
        self.advice.retain(|&(at, _)| at + longest >= now);
        self.advice.push_back((now, wanted));
        let Some(Behavior { up, down }) = behavior else {
            let highest = self.advice.iter().map(|&(_, count)| count).max();
            return highest.unwrap_or(wanted).min((2 * current).max(4)).clamp(min, max);
        };
        // What is just as old as a window is forgotten here, and not without `behavior`.
        let within = |window: SimTime| {
            let inside = self.advice.iter().filter(move |(at, _)| *at + window > now);
            inside.map(|&(_, count)| count)
        };
        let least = within(up_window).min().unwrap_or(wanted);
        let highest = within(down_window).max().unwrap_or(wanted);
        let stable = current.max(least).min(highest);
        if stable > current {
            stable.min(self.bound(now, current, up, true).max(current).min(max))
        } else if stable < current {
            stable.max(self.bound(now, current, down, false).min(current).max(min))
        } else {
            stable.clamp(min, max)
        }
    }

    /// How many containers a pace allows at the most, or at the least where there are to be fewer
    /// (`calculateScaleUpLimitWithScalingRules`, `calculateScaleDownLimitWithBehaviors`).
    fn bound(&self, now: SimTime, current: u32, pace: Pace, is_up: bool) -> u32 {
        let period = pace.period.unwrap_or(USUAL_PERIOD);
        let lately = self.changes.iter().filter(|(at, _)| *at + period > now);
        let before = i64::from(current) - lately.map(|(_, change)| change).sum::<i64>();
        let by_number = pace.containers.map(i64::from);
        let by_number = by_number.map(|count| if is_up { before + count } else { before - count });
        let by_share = pace.share.map(|share| {
            let before = before as f64;
            // Rounded so that few can always become more.
            if is_up {
                (before * (1.0 + share.0)).ceil()
            } else {
                (before * (1.0 - share.0)).trunc()
            }
        });
        let bounds = by_number.into_iter().chain(by_share.map(|bound| bound as i64));
        let bound = match (pace.select, is_up) {
            (Select::Never, _) => None,
            (Select::Most, true) | (Select::Least, false) => bounds.max(),
            (Select::Least, true) | (Select::Most, false) => bounds.min(),
        };
        bound.map_or(current, |bound| bound.clamp(0, u32::MAX.into()) as u32)
    }
}

fn ceil(count: f64) -> u32 {
    count.ceil() as u32
}

impl Engine<'_> {
    /// Puts the first look of each autoscaler into the calendar.
    pub(in crate::engine) fn start_autoscalers(&mut self) {
        for (index, scaler) in (0..).zip(&self.autoscalers) {
            self.calendar.push(scaler.first, Event::Scale(index));
        }
    }

    /// An autoscaler looks, and sets the number of containers.
    pub(in crate::engine) fn scale(&mut self, index: u32) {
        self.calendar.push(self.now + PERIOD, Event::Scale(index));
        let service = self.autoscalers[index as usize].service;
        // Who was Pending may have room now.
        self.roll_on(service);
        let look = self.look_at(service);
        let looks = &mut self.autoscalers[index as usize].looks;
        looks.push_back(look);
        if looks.len() < AGE + 2 {
            return;
        }
        let current = self.wanted(service);
        let wanted = self.recommended(index, current);
        let scaler = &mut self.autoscalers[index as usize];
        scaler.looks.pop_front();
        let Some(wanted) = wanted else { return };
        let replicas = scaler.held_back(self.now, current, wanted);
        if replicas != current {
            scaler.changes.retain(|&(at, _)| at + LONGEST > self.now);
            scaler.changes.push_back((self.now, i64::from(replicas) - i64::from(current)));
            self.note(service, Happening::SCALED, f64::from(replicas));
            if self.scalings.len() < MOST_SCALINGS {
                self.scalings.push(Scaling { service, at: self.now, wanted: replicas });
            }
            self.set_wanted(service, replicas);
        }
    }

    fn look_at(&self, service: u32) -> Look {
        let pods = self.model.services[service as usize].instances();
        Look { at: self.now, pods: pods.map(|instance| self.pod(service, instance)).collect() }
    }

    /// What is seen of the pod in which a container of a service stands: of all its containers, or of that one alone
    /// where only the one counts. Without a reading of each container there is none of the pod (metrics-server,
    /// `pkg/storage/pod.go`: `allContainersPresent`).
    fn pod(&self, service: u32, first: u32) -> Option<Pod> {
        if !self.stays(first) {
            return None;
        }
        let rules = self.model.services[service as usize].autoscaler;
        let only_first = rules.is_some_and(|rules| rules.container_only);
        let came = self.instances[first as usize].came;
        let mut pod = Pod { epoch: 0, life: Life::Up, cpu_seconds: 0.0, memory: 0, came };
        for instance in beside(self.model, service, first) {
            let state = &self.instances[instance as usize];
            // None of them goes down: where one container is another, the sum is.
            pod.epoch += state.epoch;
            if state.life != Life::Up && pod.life != Life::Down {
                pod.life = state.life;
            }
            if instance == first || !only_first {
                pod.cpu_seconds += self.cpu.used(self.now, instance).0;
                pod.memory += self.memory.ledgers[instance as usize].charged();
            }
        }
        Some(pod)
    }

    /// The most that any metric asks for; no metric may ask for fewer while another says nothing.
    fn recommended(&self, index: u32, current: u32) -> Option<u32> {
        let Autoscaler { service, rules, looks, .. } = &self.autoscalers[index as usize];
        let (cores, bytes) = rules.reserved;
        let (before, after) = (&looks[0], &looks[1]);
        let seconds = (after.at - before.at).as_seconds();
        let by_cpu = rules.cpu.map(|target| {
            let of = |before: &Pod, after: &Pod| (after.cpu_seconds - before.cpu_seconds) / seconds;
            let reading = self.read_pods(*service, before, after, cores, true, of);
            Autoscaler::replicas(reading, cores, f64::from(target), current)
        });
        let by_memory = rules.memory.map(|target| {
            let of = |_: &Pod, after: &Pod| after.memory as f64;
            let reading = self.read_pods(*service, before, after, bytes, false, of);
            Autoscaler::replicas(reading, bytes, f64::from(target), current)
        });
        let by_requests = rules.requests.map(|target| {
            let of = |before: &Pod, after: &Pod| (after.came - before.came) as f64 / seconds;
            let reading = self.read_pods(*service, before, after, target, false, of);
            let reading = Reading { is_whole: false, ..reading };
            Autoscaler::replicas(reading, target, 100.0, current)
        });
        let all: Vec<Option<u32>> =
            [by_cpu, by_memory, by_requests].into_iter().flatten().collect();
        let most = all.iter().flatten().max().copied()?;
        (most >= current || all.iter().all(Option::is_some)).then_some(most)
    }

    /// What a metric says of the pods that are there now (`groupPods`).
    fn read_pods(
        &self,
        service: u32,
        before: &Look,
        after: &Look,
        each: f64,
        is_cpu: bool,
        of: impl Fn(&Pod, &Pod) -> f64,
    ) -> Reading {
        let model = &self.model.services[service as usize];
        let there = model.instances().filter(|&instance| self.stays(instance)).count() as u32;
        // For the others the node has no room: they are Pending.
        let ignored = self.wanted(service).saturating_sub(there);
        let mut reading = Reading { ignored, is_whole: true, ..Reading::default() };
        for (place, instance) in model.instances().enumerate() {
            let Some(now) = self.pod(service, instance) else { continue };
            let same = |look: &Look| {
                look.pods[place].filter(|pod| pod.epoch == now.epoch && pod.life != Life::Down)
            };
            let (Some(first), Some(last)) = (same(before), same(after)) else {
                reading.missing += 1;
                continue;
            };
            let is_young = self.born(instance).is_some_and(|born| self.now < born + INITIAL);
            let is_ready = now.life == Life::Up;
            if is_cpu && (!is_ready || (is_young && first.life != Life::Up)) {
                reading.ignored += 1;
                continue;
            }
            reading.used += of(&first, &last);
            reading.reserved += each;
            reading.counted += 1;
        }
        reading
    }
}

#[cfg(test)]
mod tests;
