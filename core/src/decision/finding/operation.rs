//! Rules about what happens around requests: restarts, connections of clients, listen queues.

use super::facts::{Facts, about, round_count, set};
use super::{Draft, Rule, explained};
use crate::catalog::Role;
use crate::model::{Segment, ServiceModel, TrafficModel};
use crate::quantity::SimTime;
use crate::report::FindingSeverity::Warning;
use crate::scenario::{Parameter, Restart};

pub(super) const STAYS_DOWN: Rule = Rule {
    code: "PL070",
    severity: Warning,
    title: explained("a service that requests need is not restarted"),
    doc: explained(
        "A service on the way of a request should have a restart policy. Compose's default is `no` \
          (Compose specification, restart): after one kill for lack of memory, one crash or one \
          reboot it stays down until somebody starts it. Services that no request reaches are left \
          out. Where no service of the plan has a policy, nothing was forgotten: such a plan may well be \
          started by hand, and it is only a note.",
    ),
    check: stays_down,
};

pub(super) const USERS_ABOVE_CONNECTIONS: Rule = Rule {
    code: "PL071",
    severity: Warning,
    title: explained("more users than the entry accepts connections"),
    doc: explained(
        "The service that clients reach should accept as many requests at the same time as there \
          are users, who all may wait while something behind it is slow. nginx refuses beyond \
          worker_connections, of which a proxied request takes two, one to the client and one to the \
          upstream, and one that it answers itself takes one (nginx documentation, core module; measured \
          in nginx, nginx 1.22.1). A service that passes some requests on is taken to pass on all.",
    ),
    check: users_above_connections,
};

pub(super) const USERS_ABOVE_QUEUE: Rule = Rule {
    code: "PL072",
    severity: Warning,
    title: explained("more users than the entry can serve and queue"),
    doc: explained(
        "Users who wait for a worker stand in the listen queue. When it is full, the kernel drops \
          connection attempts, and clients try again after 1, 3 and 7 s (Linux, ip-sysctl, \
          tcp_syn_retries), so a short stall is felt for seconds. The queue is the smaller of the \
          server's backlog and net.core.somaxconn, 4096 since Linux 5.4.",
    ),
    check: users_above_queue,
};

pub(super) const AFTER_THE_END: Rule = Rule {
    code: "PL073",
    severity: Warning,
    title: explained("something stated happens after the end of the run"),
    doc: explained(
        "A stage, spike or disturbance that begins when the run is over is not simulated: what the \
          answer says holds without it. Without a stated `horizon` a run lasts until a minute after the \
          last of them.",
    ),
    check: after_the_end,
};

fn stays_down(facts: &Facts<'_>) -> Vec<Draft> {
    let is_fragile = |(id, service): &(u32, &ServiceModel)| {
        service.restart == Restart::No && service.replicas == 1 && facts.is_called(*id)
    };
    let fragile: Vec<_> = facts.local().filter(is_fragile).collect();
    let Some(&(first, service)) = fragile.first() else { return Vec::new() };
    let is_forgotten = facts.local().any(|(_, service)| service.restart != Restart::No);
    let names: Vec<&str> = fragile.iter().map(|(_, service)| service.name.as_str()).collect();
    vec![Draft {
        service: (fragile.len() == 1).then_some(first),
        path: format!("services.{}.restart", service.name),
        message: format!("without a restart policy, though requests need it: {}", names.join(", ")),
        hint: "state `restart: always` (in Compose: `unless-stopped`)".to_owned(),
        fix: fragile.iter().map(|(_, service)| set(service, "restart", "always")).collect(),
        certain: is_forgotten,
    }]
}

/// Users of closed traffic, and the services that they reach.
fn entries<'m>(facts: &Facts<'m>) -> Option<(u64, Vec<(u32, &'m ServiceModel)>)> {
    let Some(TrafficModel::Closed { users, .. }) = &facts.model.traffic else { return None };
    let is_entry = |id: u32| facts.model.endpoints.iter().any(|endpoint| endpoint.service == id);
    Some((u64::from(*users), facts.services().filter(|(id, _)| is_entry(*id)).collect()))
}

fn users_above_connections(facts: &Facts<'_>) -> Vec<Draft> {
    let Some((users, entries)) = entries(facts) else { return Vec::new() };
    let mut drafts = Vec::new();
    for (id, service) in entries {
        if service.max_connections == u32::MAX {
            continue;
        }
        let accepted = u64::from(service.max_connections) * u64::from(service.replicas);
        if users <= accepted {
            continue;
        }
        let each_takes = u64::from(service.slots_of_request());
        let is_halved = service.role == Role::Proxy && each_takes > 1;
        let halved = if is_halved { " (two of worker_connections each)" } else { "" };
        let message = format!("{users} users, and it serves {accepted} at the same time{halved}");
        let each =
            round_count(Parameter::MaxConnections, users.div_ceil(u64::from(service.replicas)));
        let hint = if service.role == Role::Proxy {
            format!(
                "set `max_connections: {each}`: in nginx `worker_connections {}`, summed over its \
                 workers",
                each * each_takes.min(2)
            )
        } else {
            format!("set `max_connections` to {each}")
        };
        let draft = about(id, service, "max_connections", true, message, hint);
        drafts.push(draft.mended_by([set(service, "max_connections", each)]));
    }
    drafts
}

fn users_above_queue(facts: &Facts<'_>) -> Vec<Draft> {
    let Some((users, entries)) = entries(facts) else { return Vec::new() };
    let mut drafts = Vec::new();
    for (id, service) in entries {
        let slots = u64::from(service.threads) * u64::from(service.workers);
        // A proxy that is full refuses: PL071.
        if slots == 0 || service.role == Role::Proxy {
            continue;
        }
        let queued = u64::from(service.backlog);
        let room = (slots + queued) * u64::from(service.replicas);
        if users <= room {
            continue;
        }
        let message = format!(
            "{users} users, and it serves {slots} and queues {queued} in each container: the rest \
             are dropped and try again after 1, 3 and 7 s",
        );
        let wanted = users.div_ceil(u64::from(service.replicas)).saturating_sub(slots);
        let wanted = round_count(Parameter::Backlog, wanted);
        let hint = format!(
            "raise `backlog` to {wanted} (and net.core.somaxconn, where it is lower), or shed load early",
        );
        let draft = about(id, service, "backlog", true, message, hint);
        drafts.push(draft.mended_by([set(service, "backlog", wanted)]));
    }
    drafts
}

fn after_the_end(facts: &Facts<'_>) -> Vec<Draft> {
    let model = facts.model;
    let end = model.horizon.as_seconds();
    let peak = || highest_after(model.traffic.as_ref()?, end);
    let traffic = peak().map(|at| ("traffic", "the highest load comes", SimTime::from_seconds(at)));
    let mut times = model.disturbances.iter().map(|one| one.at);
    let late = times.find(|&at| at >= model.horizon);
    let disturbance = late.map(|at| ("disturbances", "a disturbance sets in", at));
    let bursts = model.traffic.as_ref().and_then(|traffic| traffic.curve().bursts);
    let rare = bursts.filter(|bursts| bursts.every >= model.horizon);
    let burst =
        rare.map(|bursts| ("traffic.bursts", "the next burst comes, on average,", bursts.every));
    let Some((path, what, at)) = traffic.or(disturbance).or(burst) else { return Vec::new() };
    vec![Draft {
        service: None,
        path: path.to_owned(),
        message: format!("{what} after {at}, and a run ends after {}", model.horizon),
        hint: format!("lengthen `horizon` (`--for`) beyond {at}, or leave it out"),
        fix: Vec::new(),
        certain: true,
    }]
}

/// When the traffic is higher than it ever was, if that is after the end of the run.
fn highest_after(traffic: &TrafficModel, end: f64) -> Option<f64> {
    let curve = traffic.curve();
    let peak = |segment: &Segment, end: f64| {
        let length = segment.end.min(end) - segment.start;
        let change = if segment.slope == 0.0 { 0.0 } else { segment.slope * length };
        segment.rate.max(segment.rate + change)
    };
    let (early, late): (Vec<&Segment>, Vec<&Segment>) =
        curve.segments.iter().partition(|segment| segment.start < end);
    let before = early.into_iter().map(|segment| peak(segment, end)).fold(0.0, f64::max);
    late.into_iter().find(|segment| peak(segment, f64::MAX) > before).map(|segment| segment.start)
}
