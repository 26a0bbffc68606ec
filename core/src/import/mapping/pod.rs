//! Containers of one pod: as many services, which come and go together.

use super::service::path;
use super::{Book, Mapped};
use crate::diagnostic::Diagnostic;
use crate::import::code;
use crate::import::plan;

/// Tells the containers of each pod which of them says how many pods there are: the one that an autoscaler looks
/// at, or the first. What a plan states of the whole pod is kept there alone.
pub(super) fn link(services: &mut [Mapped<'_>], book: &mut Book) {
    for own in 0..services.len() {
        let Some(pod) = services[own].source.pod else { continue };
        let is_beside = |one: &&Mapped<'_>| one.source.pod == Some(pod);
        let scaled = |one: &&Mapped<'_>| is_beside(one) && one.service.autoscaler.is_some();
        let all = services.iter();
        let first = all.clone().find(scaled).or_else(|| all.clone().find(is_beside));
        let Some(name) = first.map(|first| first.name().to_owned()) else { continue };
        if name != services[own].name() {
            follow(&mut services[own], name, book);
        }
    }
    stay_in_place(services, book);
}

/// A container that stands in the pods of another one.
fn follow(mapped: &mut Mapped<'_>, pod: String, book: &mut Book) {
    let (source, service) = (mapped.source, &mut mapped.service);
    let own = source.extension.as_ref();
    macro_rules! leave_to_pod {
        ($($key:literal $field:ident;)*) => {$(
            if own.is_none_or(|node| node.get($key).is_none()) {
                service.$field = None;
                book.provenance.remove(&path(source, $key));
            }
        )*};
    }
    leave_to_pod! {
        "replicas" replicas;
        "rollout" rollout;
        "init_memory_reservation" init_memory_reservation;
        "init_cpu_reservation" init_cpu_reservation;
    }
    if service.pod.is_none() {
        book.place(path(source, "pod"), &source.location);
        service.pod = Some(pod);
    }
}

/// Lets the pods of an application be replaced in their places where a container among them keeps data: two of it
/// beside each other would need the same files or connections.
fn stay_in_place(services: &mut [Mapped<'_>], book: &mut Book) {
    let stays: Vec<(String, String)> = services
        .iter()
        .filter(|one| one.role().is_in_place())
        .filter_map(|one| Some((one.service.pod.clone()?, one.name().to_owned())))
        .collect();
    for (pod, name) in stays {
        let Some(owner) = services.iter_mut().find(|one| one.name() == pod) else { continue };
        hold(owner, &name, book);
    }
}

fn hold(owner: &mut Mapped<'_>, name: &str, book: &mut Book) {
    let source: &plan::Service = owner.source;
    let hint = "two of them beside each other would need the same files or connections";
    let rollout = owner.service.rollout.get_or_insert_default();
    if rollout.surge != Some(0) {
        (rollout.surge, rollout.unavailable) = (Some(0), Some(1));
        let message = format!(
            "a rollout of `{}` replaces each pod in its place: `{name}` is in it",
            source.name
        );
        book.note(
            code::NOT_MODELLED,
            path(source, "rollout.surge"),
            &source.location,
            message,
            hint,
        );
    }
    if owner.service.autoscaler.take().is_some() {
        let message = format!(
            "`{}` is not scaled: `{name}` in its pods keeps its files or connections",
            source.name
        );
        book.say(
            Diagnostic::warning(code::NOT_SCALED, path(source, "autoscaler"), message)
                .at(Some(source.location.clone()))
                .hint(hint),
        );
    }
}
