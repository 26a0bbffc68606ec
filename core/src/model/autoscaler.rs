//! How many containers an autoscaler may add, what it looks at, and how many it had come to before the run.

use std::collections::BTreeMap;

use super::flow::{calls_per_request, cpu_per_request};
use super::traffic::base_rate;
use super::{Model, ServiceModel, TrafficModel};
use crate::diagnostic::Diagnostic;
use crate::ordered::Ordered;
use crate::quantity::{Ratio, SimTime};
use crate::scenario::{Autoscaler, Pace, Scenario, Select};

/// How a service follows its load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AutoscalerModel {
    /// Fewest containers.
    pub min: u32,
    /// Most containers.
    pub max: u32,
    /// The replicas that the plan states, within these bounds.
    pub stated: u32,
    /// Wanted use of the CPU in whole percent of what is reserved.
    pub cpu: Option<u32>,
    /// Wanted use of memory in whole percent of what is reserved.
    pub memory: Option<u32>,
    /// Whether the containers beside its own in its pods do not count.
    pub container_only: bool,
    /// Cores and bytes that a pod reserves, of which the use is a share.
    pub reserved: (f64, f64),
    /// Wanted requests a second for each container.
    pub requests: Option<f64>,
    /// For how long more must be wanted.
    pub up_window: SimTime,
    /// For how long fewer must be wanted.
    pub down_window: SimTime,
    /// How fast there may be more and fewer, where the plan says anything of how it behaves; where it says nothing,
    /// how fast it grows is bounded in another way.
    pub behavior: Option<Behavior>,
}

/// How fast there may be more and fewer (`HorizontalPodAutoscalerBehavior` of Kubernetes).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Behavior {
    /// More.
    pub up: Pace,
    /// Fewer.
    pub down: Pace,
}

/// Kubernetes' pace where one is not stated (`pkg/apis/autoscaling/v2/defaults.go`).
const USUAL_UP: Pace = Pace {
    containers: Some(4),
    share: Some(Ratio(1.0)),
    period: Some(USUAL_PERIOD),
    select: Select::Most,
};
const USUAL_DOWN: Pace = Pace { containers: None, ..USUAL_UP };
/// The time within which a pace holds unless it says another.
pub(crate) const USUAL_PERIOD: SimTime = SimTime::from_millis(15_000);

/// Kubernetes' default without a metric (facts: `SetDefaults_HorizontalPodAutoscaler`).
const USUAL_CPU: u32 = 80;
/// Kubernetes' `--horizontal-pod-autoscaler-downscale-stabilization`.
const DOWN_WINDOW: SimTime = SimTime::from_millis(300_000);

/// Changes smaller than this are none (`--horizontal-pod-autoscaler-tolerance`), either way.
const TOLERANCE: f64 = 0.1;

/// Whether a use is as wanted: between nine and eleven tenths of the target.
pub(crate) fn is_as_wanted(ratio: f64) -> bool {
    (1.0 - TOLERANCE..=1.0 + TOLERANCE).contains(&ratio)
}

/// Used of what is set aside, in whole percent, cut as Kubernetes does.
pub(crate) fn percent(used: f64, reserved: f64) -> f64 {
    (100.0 * used / reserved).floor()
}

/// What an autoscaler does. What it looks at must be reserved.
pub(super) fn settle(
    name: &str,
    given: &Autoscaler,
    service: &ServiceModel,
    problems: &mut Vec<Diagnostic>,
) -> Option<AutoscalerModel> {
    let percent = |ratio: Ratio| (ratio.0 * 100.0).round() as u32;
    let only_usual = given.cpu.is_none() && given.memory.is_none() && given.requests.is_none();
    let windows = [given.up_window, given.down_window];
    let is_stated =
        windows.iter().any(Option::is_some) || given.up.is_some() || given.down.is_some();
    let model = AutoscalerModel {
        min: given.min.unwrap_or(1),
        max: given.max,
        stated: service.replicas.clamp(given.min.unwrap_or(1).min(given.max), given.max),
        cpu: given.cpu.map(percent).or(only_usual.then_some(USUAL_CPU)),
        memory: given.memory.map(percent),
        container_only: given.container_only,
        reserved: reserved(service),
        requests: given.requests.map(|rate| rate.0),
        up_window: given.up_window.unwrap_or(SimTime::ZERO),
        down_window: given.down_window.unwrap_or(DOWN_WINDOW),
        behavior: is_stated.then_some(Behavior {
            up: given.up.unwrap_or(USUAL_UP),
            down: given.down.unwrap_or(USUAL_DOWN),
        }),
    };
    let path = format!("services.{name}.autoscaler");
    if service.role.is_in_place() {
        let message = format!("two containers of `{name}` cannot stand beside each other");
        let hint = "what keeps data has its files to itself: leave `autoscaler` out";
        problems.push(Diagnostic::error("E202", path, message).hint(hint));
        return None;
    }
    if let Some(problem) = unreserved(name, &path, given, service) {
        problems.push(problem);
        return None;
    }
    Some(model)
}

/// That a container of the pods reserves nothing of what an autoscaler looks at.
pub(super) fn unreserved(
    name: &str,
    path: &str,
    given: &Autoscaler,
    service: &ServiceModel,
) -> Option<Diagnostic> {
    let only_usual = given.cpu.is_none() && given.memory.is_none() && given.requests.is_none();
    let (cores, bytes) = reserved(service);
    let (what, hint) = if (given.cpu.is_some() || only_usual) && cores <= 0.0 {
        ("the CPU", "set `cpu_reservation`, or scale by `memory` or `requests`")
    } else if given.memory.is_some() && bytes <= 0.0 {
        ("memory", "set `memory_reservation`, or scale by `cpu` or `requests`")
    } else {
        return None;
    };
    let message = format!("the use of {what} is a share of what `{name}` reserves: nothing");
    Some(Diagnostic::error("E202", path, message).hint(hint))
}

/// Cores and bytes that one container reserves.
pub(super) fn reserved(service: &ServiceModel) -> (f64, f64) {
    let bytes = service.memory_reservation.unwrap_or(0) as f64;
    (service.cpu_reservation.unwrap_or(0.0), bytes)
}

/// The replicas that autoscalers had come to before the run, by service: a plan runs for weeks, so each begins
/// with those that the load before any stage or spike asks for, by the CPU that requests cost at the least and by
/// their number, and never with fewer than are stated. Not so by memory, which only a run shows, nor where clients
/// wait for their answers.
pub(super) fn followed(scenario: &Scenario, model: &Model) -> BTreeMap<String, u32> {
    let Some(TrafficModel::Open(_)) = &model.traffic else { return BTreeMap::new() };
    let rate = scenario.traffic.as_ref().map_or(0.0, base_rate);
    let (cpu, calls) = (cpu_per_request(model), calls_per_request(model));
    let of = |(service, (own, calls)): (&ServiceModel, (&f64, &f64))| {
        let rules = service.autoscaler?;
        let by_cpu = rules.cpu.map(|target| {
            let beside = model.services.iter().zip(&cpu).filter(|(one, _)| one.pod == service.pod);
            let cpu = if rules.container_only { *own } else { beside.map(|(_, cpu)| cpu).sum() };
            let reserved = rules.reserved.0;
            let use_of =
                |count: u32| percent(rate * cpu, reserved * f64::from(count)) / f64::from(target);
            come_to(use_of, rules)
        });
        let by_requests = rules
            .requests
            .map(|each| come_to(|count: u32| rate * calls / (each * f64::from(count)), rules));
        Some((service.name.clone(), by_cpu.max(by_requests).unwrap_or(rules.stated)))
    };
    model.services.iter().zip(cpu.iter().zip(&calls)).filter_map(of).into_map()
}

/// The containers at which a use is as wanted, from those that are stated upwards.
fn come_to(use_of: impl Fn(u32) -> f64, rules: AutoscalerModel) -> u32 {
    let mut count = rules.stated;
    while count < rules.max {
        let ratio = use_of(count);
        if ratio < 1.0 || is_as_wanted(ratio) {
            break;
        }
        count = ((ratio * f64::from(count)).ceil() as u32).clamp(count + 1, rules.max);
    }
    count
}

/// A service that connections of a pool lead to cannot grow: a pool leads to one container for good.
pub(super) fn stay(service: &ServiceModel) -> Option<Diagnostic> {
    service.autoscaler?;
    let path = format!("services.{}.autoscaler", service.name);
    let message = format!("connections of pools lead to `{}`, to one container each", service.name);
    Some(Diagnostic::error("E202", path, message).hint("leave `autoscaler` out"))
}
