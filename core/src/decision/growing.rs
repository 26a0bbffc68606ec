//! Stores that begin without their keys, and are not full yet when the runs end: how much they will hold is not seen.

use super::load::grows;
use super::objective::services;
use super::tally::Tally;
use crate::model::{CacheModel, Model};
use crate::scenario::{Metric, Objective};

/// Why an objective about memory is not known to hold; `None` where the plan says for how long it is asked, or the
/// store has a size beyond which keys give way.
pub(super) fn reason(objective: &Objective, model: &Model, tally: &Tally) -> Option<String> {
    let is_memory = matches!(objective.metric, Metric::Oom | Metric::Memory | Metric::Headroom);
    if !is_memory || model.horizon_is_stated {
        return None;
    }
    let series = tally.series.as_ref()?;
    let mut meant = services(objective.selector.as_deref(), model);
    let growing = meant.find(|service| {
        let id = model.services.iter().position(|one| one.name == service.name).unwrap_or(0);
        let is_cold = |cache: &CacheModel| cache.service as usize == id && !cache.starts_warm;
        let is_open = service.store.as_ref().is_some_and(|store| store.most.is_none());
        is_open && !service.external && model.caches.iter().any(is_cold) && grows(series, id)
    })?;
    Some(format!(
        "what {} holds still grows when the runs end: longer runs (`horizon`) tell",
        growing.name
    ))
}
