//! Services that end before others start, such as migrations.

use std::collections::BTreeMap;

use super::Book;
use super::service::path;
use crate::import::code;
use crate::import::compose::{Condition, Project, Service};

/// The services that stay. One on which another waits with `service_completed_successfully` is gone
/// when that one starts, so the two never need memory together; its own need, and what it adds to
/// those that do not wait for it, is not judged. With an `x-plimsoll` of its own it counts.
pub(super) fn staying<'p>(project: &'p Project, book: &mut Book) -> Vec<&'p Service> {
    let mut waiting: BTreeMap<&str, &Service> = BTreeMap::new();
    for service in &project.services {
        for dependency in &service.depends_on {
            if dependency.value.condition == Condition::CompletedSuccessfully {
                waiting.entry(&dependency.value.service).or_insert(service);
            }
        }
    }
    let mut staying = Vec::new();
    for service in &project.services {
        match waiting.get(service.name.as_str()).filter(|_| service.extension.is_none()) {
            None => staying.push(service),
            Some(waits) => {
                let message = format!(
                    "`{}` is left out: it ends before `{}` starts, and its own memory is not judged",
                    service.name, waits.name
                );
                let hint = "an `x-plimsoll:` of its own makes it count, as if it ran all the time";
                book.note(code::ENDS_FIRST, path(service, ""), &service.location, message, hint);
            }
        }
    }
    staying
}
