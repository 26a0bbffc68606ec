//! Calls that lead back to the caller: a front end and an API often know each other's address, but
//! a request goes one way.

use std::collections::{BTreeMap, BTreeSet};

use super::service::path;
use super::{Book, Mapped};
use crate::catalog::Role;
use crate::import::code;
use crate::ordered::{Arrange, Ordered};

/// Leaves out every call that closes a circle. The walk starts at the proxies and then at the
/// services that no other calls, so that it goes the way of the requests.
pub(super) fn cut(services: &mut [Mapped<'_>], book: &mut Book) {
    let targets = targets(services);
    let called: BTreeSet<usize> = targets.iter().flatten().map(|(_, target)| *target).into_set();
    let mut order: Vec<usize> = (0..services.len()).collect();
    let rank = |index: usize| (services[index].role() != Role::Proxy, called.contains(&index));
    order.arrange(|&one, &other| rank(one).cmp(&rank(other)));
    for (from, call) in closing(&targets, &order).into_iter().rev() {
        let caller = &mut services[from];
        // What the plan itself states is its own affair: the model says what is wrong with it.
        if caller.states_calls {
            continue;
        }
        let cut = caller.calls.remove(call);
        let message = format!(
            "the call of `{}` to `{}` is left out: it would lead back to where it came from",
            caller.name(),
            cut.target
        );
        let hint = book.state_calls();
        book.note(code::CALL_CIRCLE, path(caller.source, "calls"), &cut.at, message, &hint);
    }
}

/// Positions of the services by their names.
pub(super) fn positions(services: &[Mapped<'_>]) -> BTreeMap<String, usize> {
    services.iter().zip(0..).map(|(one, position)| (one.name().to_owned(), position)).into_map()
}

/// For each service, its calls by position, and the services that they lead to.
fn targets(services: &[Mapped<'_>]) -> Vec<Vec<(usize, usize)>> {
    let positions = positions(services);
    let of = |one: &Mapped<'_>| {
        let calls = one.calls.iter().enumerate();
        calls.filter_map(|(at, call)| Some((at, *positions.get(&call.target)?))).collect()
    };
    services.iter().map(of).collect()
}

/// The calls (service, position) that close a circle, in order.
fn closing(targets: &[Vec<(usize, usize)>], order: &[usize]) -> Vec<(usize, usize)> {
    let (mut is_open, mut is_done) = (vec![false; targets.len()], vec![false; targets.len()]);
    let mut found = Vec::new();
    for &start in order {
        if is_done[start] {
            continue;
        }
        // Services being walked, each with the number of its calls already followed.
        let mut way = vec![(start, 0)];
        is_open[start] = true;
        while let Some((service, followed)) = way.last_mut() {
            let service = *service;
            let Some(&(call, target)) = targets[service].get(*followed) else {
                is_open[service] = false;
                is_done[service] = true;
                way.pop();
                continue;
            };
            *followed += 1;
            if is_open[target] {
                found.push((service, call));
            } else if !is_done[target] {
                is_open[target] = true;
                way.push((target, 0));
            }
        }
    }
    found.arrange(Ord::cmp);
    found
}
