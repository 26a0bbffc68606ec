//! What autoscalers did, for the report.

use crate::decision::tally::Tally;
use crate::engine::Scaling;
use crate::model::{Model, ServiceModel};
use crate::report::ScalingReport;

/// Every service that an autoscaler follows, by name.
pub(super) fn reports(model: &Model, tally: &Tally) -> Vec<ScalingReport> {
    let is_scaled = |(_, service): &(u32, &ServiceModel)| service.autoscaler.is_some();
    (0..).zip(&model.services).filter(is_scaled).map(|(id, of)| report(id, of, tally)).collect()
}

fn report(id: u32, service: &ServiceModel, tally: &Tally) -> ScalingReport {
    let begins = service.replicas;
    let (mut mosts, mut fewest, mut firsts) = (Vec::new(), begins, Vec::new());
    for run in &tally.scalings {
        let own = run.iter().filter(|one| one.service == id);
        firsts.extend(own.clone().next().map(|one| one.at.as_seconds()));
        mosts.push(own.clone().map(|one| one.wanted).fold(begins, u32::max));
        fewest = own.map(|one: &Scaling| one.wanted).fold(fewest, u32::min);
    }
    firsts.sort_by(f64::total_cmp);
    let rules = service.autoscaler;
    let room = (service.replicas - service.pending).saturating_add(service.rollout.room);
    ScalingReport {
        service: service.name.clone(),
        stated: rules.map_or(begins, |rules| rules.stated),
        begins,
        room: Some(room).filter(|&room| rules.is_some_and(|rules| room < rules.max)),
        least_most: mosts.iter().copied().min().unwrap_or(begins),
        most: mosts.iter().copied().max().unwrap_or(begins),
        fewest,
        scaled_runs: firsts.len() as u32,
        first_seconds: firsts.get(firsts.len() / 2).copied(),
    }
}
