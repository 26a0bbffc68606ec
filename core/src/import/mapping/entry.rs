//! Where the clients' requests come in.

use super::{Book, Mapped};
use crate::catalog::Role;
use crate::import::code;

/// The first proxy with a published port, else the first application with one, else the first
/// service of unknown software with one; `None` where the plan publishes no such port.
pub(super) fn choose(services: &[Mapped<'_>], book: &mut Book) -> Option<String> {
    let candidates = [Role::Proxy, Role::App, Role::Generic].map(|role| {
        let fits = |one: &&Mapped<'_>| one.role() == role && !one.source.ports.is_empty();
        services.iter().filter(fits).collect::<Vec<_>>()
    });
    let candidates = candidates.into_iter().find(|found| !found.is_empty())?;
    let (first, others) = candidates.split_first()?;
    let at = &first.source.ports.first()?.location;
    book.place("entry".to_owned(), at);
    if !others.is_empty() {
        let others: Vec<_> = others.iter().map(|other| format!("`{}`", other.name())).collect();
        let message = format!(
            "requests are taken to come in at `{}`, though {} publish ports too",
            first.name(),
            others.join(", ")
        );
        let hint = "say which: `x-plimsoll: {entry: …}`, or give endpoints a `service`";
        book.note(code::SEVERAL_ENTRIES, "entry".to_owned(), at, message, hint);
    }
    Some(first.name().to_owned())
}
