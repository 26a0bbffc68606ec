//! A scenario under any load: one factor on its traffic, whatever the shape.

use std::borrow::Cow;

use crate::decision::load::is_steady;
use crate::decision::saturation::{horizon, saturate};
use crate::decision::settling::least;
use crate::diagnostic::Diagnostic;
use crate::model::{self, HostModel, Model, Provenance};
use crate::quantity::{Rate, SimTime};
use crate::report::LoadUnit;
use crate::scenario::{Scenario, Traffic};

/// The highest loads that a scenario may state.
const MOST_RATE: f64 = 1e7;
const MOST_USERS: f64 = 1e6;
/// A rate at which to begin where nothing gets through at saturation.
const SOME_RATE: f64 = 1.0;
/// Requests of a run at saturation. A queue just at its limit wanders off by the square root of their
/// number n, which looks as if about half of 1/√n of them piled up: less than 1 % from here on.
const ENOUGH_REQUESTS: f64 = 4_000.0;
/// Users at which to begin at the least.
const SOME_USERS: f64 = 8.0;

/// What all loads have in common.
pub(super) struct Scale<'a> {
    scenario: Cow<'a, Scenario>,
    provenance: &'a Provenance,
    pub(super) unit: LoadUnit,
    /// What the scenario states; `None` if it states nothing.
    pub(super) planned: Option<f64>,
    /// About as much as saturates it: where to begin.
    pub(super) saturation: f64,
    /// The highest load that may be tried.
    pub(super) cap: f64,
    /// Length and warm-up of the runs where no length is stated, and nothing changes that needs its time.
    length: Option<(SimTime, SimTime)>,
    /// The scenario under its own load.
    model: Model,
}

/// The plan with the containers that its autoscalers come to under its own load, and these for good: a line is
/// what so many carry. With others at each load it would have gaps, where one container more is about to come.
fn unscaled<'a>(
    scenario: &'a Scenario,
    provenance: &Provenance,
) -> Result<(Cow<'a, Scenario>, Model), Vec<Diagnostic>> {
    let model = model::build(scenario, provenance)?;
    if scenario.services.values().all(|service| service.autoscaler.is_none()) {
        return Ok((Cow::Borrowed(scenario), model));
    }
    let mut scenario = scenario.clone();
    for begun in &model.services {
        let own = scenario.services.get_mut(&begun.name).filter(|one| one.pod.is_none());
        if let Some(service) = own {
            (service.replicas, service.autoscaler) = (Some(begun.replicas), None);
        }
    }
    let model = model::build(&scenario, provenance)?;
    Ok((Cow::Owned(scenario), model))
}

impl<'a> Scale<'a> {
    /// Measures the throughput at saturation.
    ///
    /// # Errors
    /// Whatever is wrong with the scenario.
    pub(super) fn new(
        scenario: &'a Scenario,
        provenance: &'a Provenance,
        seed: u64,
        cap: Option<f64>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let (scenario, model) = unscaled(scenario, provenance)?;
        let throughput = saturate(&model, seed).throughput;
        let users = scenario.traffic.as_ref().and_then(|traffic| traffic.users);
        let (unit, planned, saturation, most) = match users {
            Some(users) => {
                let pause = scenario.traffic.as_ref().and_then(|traffic| traffic.think_time);
                let pause = pause.map_or(1.0, |time| time.mean().as_seconds());
                let busy = (throughput * pause).max(SOME_USERS);
                (LoadUnit::Users, Some(f64::from(users)), busy, MOST_USERS)
            }
            None => {
                let rate = scenario.traffic.as_ref().map(highest_rate).filter(|rate| *rate > 0.0);
                (LoadUnit::PerSecond, rate, throughput.max(SOME_RATE), MOST_RATE)
            }
        };
        let is_stated = model.horizon_is_stated;
        let cap = cap.unwrap_or(most);
        let length = None;
        let mut scale =
            Scale { scenario, provenance, unit, planned, saturation, cap, length, model };
        let loaded = scale.model(saturation.min(cap))?;
        if !is_stated && is_steady(&loaded) {
            scale.length = Some(length_of(&loaded, planned.is_none(), throughput.max(SOME_RATE)));
        }
        Ok(scale)
    }

    /// The model under a load.
    ///
    /// # Errors
    /// Whatever is wrong with the scenario; a load within the cap adds nothing.
    pub(super) fn model(&self, load: f64) -> Result<Model, Vec<Diagnostic>> {
        let mut scenario = self.scenario.clone().into_owned();
        let traffic = scenario.traffic.get_or_insert_default();
        match (self.unit, self.planned) {
            (LoadUnit::Users, _) => traffic.users = Some(load as u32),
            (LoadUnit::PerSecond, None) => {
                // What else is stated of the clients holds at any rate.
                traffic.arrival_rate = Some(Rate(load));
                traffic.stages.clear();
            }
            (LoadUnit::PerSecond, Some(planned)) => {
                let factor = load / planned;
                let scaled = |rate: Rate| Rate((rate.0 * factor).min(MOST_RATE));
                traffic.arrival_rate = traffic.arrival_rate.map(scaled);
                for stage in &mut traffic.stages {
                    stage.target = scaled(stage.target);
                }
            }
        }
        let mut model = model::build(&scenario, self.provenance)?;
        if let Some((length, warmup)) = self.length {
            (model.horizon, model.warmup) = (length, warmup);
        }
        Ok(model)
    }

    /// The machine.
    pub(super) fn host(&self) -> &HostModel {
        &self.model.host
    }

    /// Name of the scenario.
    pub(super) fn name(&self) -> &str {
        &self.model.name
    }

    /// Length of a run.
    pub(super) fn horizon(&self) -> SimTime {
        self.length.map_or(self.model.horizon, |(length, _)| length)
    }

    /// The load as it is tried: whole users, or a rate in four digits, which can be typed again.
    pub(super) fn round(&self, load: f64) -> f64 {
        match self.unit {
            LoadUnit::Users => load.round().clamp(1.0, self.cap),
            LoadUnit::PerSecond => four_digits(load).min(self.cap),
        }
    }

    /// Whether no load lies between two.
    pub(super) fn are_neighbours(&self, low: f64, high: f64) -> bool {
        match self.unit {
            LoadUnit::Users => high - low <= 1.0,
            LoadUnit::PerSecond => high - low <= 1e-3 * high,
        }
    }
}

/// Length and warm-up of a run where no length is stated: as long as those of a check at saturation, or
/// until so many requests have come that chance makes no queue look as if it grew for ever, and many times the longest
/// of them, as long as that takes no more than a usual run.
fn length_of(model: &Model, is_idle: bool, throughput: f64) -> (SimTime, SimTime) {
    let seconds = (ENOUGH_REQUESTS / throughput).max(least(model));
    let enough = SimTime::from_seconds(seconds) + model.warmup;
    let length = horizon(model).max(enough).min(model.horizon);
    let is_short = is_idle && model.warmup == SimTime::ZERO;
    (length, if is_short { SimTime(length.0 / 10) } else { model.warmup })
}

/// The highest rate before spikes and bursts.
fn highest_rate(traffic: &Traffic) -> f64 {
    let start = traffic.arrival_rate.map_or(0.0, |rate| rate.0);
    traffic.stages.iter().map(|stage| stage.target.0).fold(start, f64::max)
}

fn four_digits(value: f64) -> f64 {
    let mut size = 1.0;
    while value * size < 1e3 && size < 1e12 {
        size *= 10.0;
    }
    let mut step = 1.0;
    while value / step >= 1e4 {
        step *= 10.0;
    }
    // One of the two is 1: both are whole, so that the quotient is the nearest number to its digits.
    (value * size / step).round() * step / size
}

#[cfg(test)]
mod tests {
    use super::four_digits;

    #[test]
    fn loads_have_four_digits() {
        let pairs =
            [(612.3456, 612.3), (99.99999, 100.0), (0.012_345_6, 0.01235), (43_721.9, 43_720.0)];
        for (value, rounded) in pairs {
            assert_eq!(four_digits(value), rounded);
        }
    }
}
