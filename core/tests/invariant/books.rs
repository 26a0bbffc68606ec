//! Conservation, limits and numbers of any run.

use plimsoll::engine::Run;
use plimsoll::model::{Model, ServiceModel};
use proptest::prelude::*;

use crate::outline::{MOST_EVENTS, cases, model, replication};
use crate::{scaled, sketch};

/// Every number is a number.
fn is_finite(run: &Run) -> bool {
    let instances = run.instances.iter().flat_map(|instance| {
        [instance.cpu_seconds, instance.throttled_seconds, instance.slot_seconds]
    });
    let endpoints = run.endpoints.iter().flat_map(|watch| {
        [watch.latency_squares, watch.mean().unwrap_or(0.0), watch.quantile(0.5).unwrap_or(0.0)]
    });
    let whole = [run.measured_seconds, run.host_utilisation];
    let pools = run.pools.iter().map(|pool| pool.in_use_mean);
    let mut all =
        instances.chain(endpoints).chain(whole).chain(pools).chain(run.series.host_cpu.clone());
    all.all(|number| number.is_finite() && number >= 0.0)
}

/// Requests: every arrival has ended or has not, and the windows saw every end.
fn requests(run: &Run) -> Result<(), TestCaseError> {
    for (id, watch) in run.endpoints.iter().enumerate() {
        let ended = watch.completed + watch.failures();
        prop_assert_eq!(watch.arrivals, ended + watch.in_flight);
        prop_assert!(watch.completed_warm <= watch.completed);
        prop_assert!(watch.latency.len() <= ended + watch.overdue);
        if run.finished {
            let windows = || run.series.endpoints.iter().map(|window| &window[id]);
            prop_assert_eq!(windows().map(|window| window.ended).sum::<u64>(), ended);
            prop_assert_eq!(windows().map(|window| window.failed).sum::<u64>(), watch.failures());
        }
    }
    for cache in &run.caches {
        prop_assert!(cache.hits <= cache.lookups);
    }
    Ok(())
}

/// Containers: parts sum to the peak, a limit passed is a kill, CPU within quota and threads.
fn containers(model: &Model, run: &Run) -> Result<(), TestCaseError> {
    let cores = f64::from(model.host.cores);
    let seconds = run.measured_seconds;
    for service in &model.services {
        for id in service.instances() {
            let seen = &run.instances[id as usize];
            prop_assert_eq!(seen.ledger.iter().sum::<u64>(), seen.peak, "{}", service.name);
            prop_assert!(seen.idle <= seen.peak);
            let room =
                service.limit.map(|limit| limit.saturating_add(service.swap.min(model.host.swap)));
            prop_assert!(
                seen.kills > 0 || room.is_none_or(|room| seen.peak <= room),
                "{} peaks at {} of {room:?} and lives",
                service.name,
                seen.peak
            );
            prop_assert_eq!(seen.kills > 0, seen.killer.is_some());
            prop_assert_eq!(seen.kills > 0, seen.first_kill.is_some());
            // Who was accepted and has no thread waits too.
            let accepted = service.accepted_connections.saturating_mul(service.workers);
            let most = service.backlog.saturating_add(accepted);
            prop_assert!(seen.queue_max <= most, "{}: {}", service.name, seen.queue_max);
            prop_assert!(seen.connections_max <= service.connection_slots);
            if !service.external {
                prop_assert!(seen.cpu_seconds <= cores * seconds + 1e-6);
            }
            if let Some(quota) = service.quota {
                // The periods that the run touches, each with a whole quota.
                let most = quota * (seconds + 0.2) + 1e-6;
                prop_assert!(seen.cpu_seconds <= most, "{} over its quota", service.name);
            }
            if service.threads > 0 {
                let slots = f64::from(service.threads * service.workers);
                prop_assert!(seen.slot_seconds <= slots * seconds * (1.0 + 1e-9));
            }
        }
    }
    let deaths = run.instances.iter().any(|seen| seen.kills > 0) || !run.happenings.is_empty();
    let is_killable = |service: &ServiceModel| !service.external && service.oom_score_adj > -1000;
    let room = model.host.memory + model.host.swap;
    prop_assert!(
        deaths || run.host_peak <= room || !model.services.iter().any(is_killable),
        "the host peaks at {} of {room} and nobody dies",
        run.host_peak
    );
    prop_assert!(run.host_utilisation <= 1.0 + 1e-9, "host at {}", run.host_utilisation);
    Ok(())
}

/// Pools: no more in use than there can be.
fn pools(model: &Model, run: &Run) -> Result<(), TestCaseError> {
    for (kind, seen) in model.pools.iter().zip(&run.pools) {
        if !kind.per_request {
            let most = kind.size + kind.overflow;
            prop_assert!(seen.in_use_max <= most, "{} of {most} in use", seen.in_use_max);
        }
        prop_assert!(seen.in_use_mean <= f64::from(seen.in_use_max) * (1.0 + 1e-9));
    }
    Ok(())
}

/// All of it.
fn balanced(model: &Model, run: &Run) -> Result<(), TestCaseError> {
    prop_assert!(run.finished, "{} events of {MOST_EVENTS}", run.events);
    prop_assert!(run.balanced);
    prop_assert_eq!(run.unexplained, 0);
    prop_assert!(is_finite(run));
    requests(run)?;
    containers(model, run)?;
    pools(model, run)
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn the_books_of_any_run_balance(case in sketch::case()) {
        let model = model(&case.0);
        balanced(&model, &replication(&model, 0))?;
    }
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn the_books_balance_where_containers_come_and_go(case in scaled::scaled()) {
        let model = model(&case.0);
        let run = replication(&model, 0);
        balanced(&model, &run)?;
        for service in &model.services {
            let stood: f64 = service.instances().map(|id| run.instances[id as usize].stood).sum();
            let most = service.most_replicas() + service.rollout.places;
            prop_assert!(stood <= f64::from(most) * (1.0 + 1e-9), "{stood} of {most} stood");
        }
    }
}
