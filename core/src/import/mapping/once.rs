//! Services that end, such as jobs, and migrations that run before others start.

use std::collections::BTreeMap;

use super::Book;
use super::service::{command, path};
use crate::catalog;
use crate::import::code;
use crate::import::plan::{Plan, Service};
use crate::scenario::Restart;

/// That a service runs a client or a job and ends with it: whoever is started again goes on.
fn runs_once(service: &Service) -> Option<String> {
    let again = service.restart.as_ref().is_some_and(|at| at.value == Restart::Always);
    if again && !service.restarts_failed_only {
        return None;
    }
    let ending = catalog::client_that_ends(&command(service)?.0)?;
    Some(format!("its command `{ending}` ends when it has done its work"))
}

/// The services that stay. One that ends as it is, or on which another waits with `service_completed_successfully` is gone
/// when that one starts, so the two never need memory together; its own need, and what it adds to
/// those that do not wait for it, is not judged. With keys of the scenario of its own it counts.
pub(super) fn staying<'p>(plan: &'p Plan, book: &mut Book) -> Vec<&'p Service> {
    let mut waiting: BTreeMap<&str, &Service> = BTreeMap::new();
    for service in &plan.services {
        for dependency in service.dependencies.iter().filter(|one| one.ended) {
            waiting.entry(&dependency.service).or_insert(service);
        }
    }
    let mut staying = Vec::new();
    for service in &plan.services {
        let waits = waiting.get(service.name.as_str());
        let ends = service.ends.clone();
        let ends = ends.or_else(|| Some(format!("it ends before `{}` starts", waits?.name)));
        let ends = ends.or_else(|| runs_once(service));
        match ends.filter(|_| service.extension.is_none()) {
            None => staying.push(service),
            Some(reason) => {
                let message = format!(
                    "`{}` is left out: {reason}, and its own memory is not judged",
                    service.name
                );
                let own = book.language.an_extension();
                let hint = format!("{own} of its own makes it count, as if it ran all the time");
                book.note(code::ENDS_FIRST, path(service, ""), &service.location, message, &hint);
            }
        }
    }
    staying
}
