//! Scratch.
use plimsoll::engine::{Cause, Failure, Part, RunOptions, run};
use plimsoll::{catalog, import, model, scenario::Scenario};
fn main() {
    let name = std::env::args().nth(1).unwrap();
    let text = catalog::scenario(&name).unwrap();
    let mut nodes = import::yaml::read("x", text).unwrap();
    let s: Scenario = import::decode::decode(&nodes.remove(0), "").unwrap();
    let model = model::build(&s, &Default::default()).unwrap();
    let mut total = 0;
    let t = std::time::Instant::now();
    let n: u32 = std::env::args().nth(2).map_or(1, |n| n.parse().unwrap());
    let mut last = None;
    for r in 0..n {
        let run = run(
            &model,
            RunOptions { seed: 42, replication: r, max_events: 100_000_000, percentiles: false },
        );
        total += run.events;
        last = Some(run);
    }
    let el = t.elapsed();
    let run = last.unwrap();
    println!(
        "events {} finished {} balanced {} unexplained {} t {:?} ns/ev {:.1}",
        run.events,
        run.finished,
        run.balanced,
        run.unexplained,
        el,
        el.as_nanos() as f64 / total as f64
    );
    let req: u64 = run.endpoints.iter().map(|e| e.arrivals).sum();
    println!(
        "requests {} ns/req {:.1} host util {:.3} host peak {} MiB",
        req,
        el.as_nanos() as f64 / (req * n as u64) as f64,
        run.host_utilisation,
        run.host_peak >> 20
    );
    for (e, m) in run.endpoints.iter().zip(&model.endpoints) {
        println!(
            "{} arr {} ok {} failed {:?} inflight {} mean {:?} p50 {:?} p95 {:?}",
            m.name,
            e.arrivals,
            e.completed,
            Failure::NAMES.iter().zip(e.failed).filter(|x| x.1 > 0).collect::<Vec<_>>(),
            e.in_flight,
            e.mean(),
            e.quantile(0.5),
            e.quantile(0.95)
        );
        println!(
            "   {:?}",
            Cause::NAMES
                .iter()
                .zip(e.causes)
                .map(|(n, c)| format!("{n} {:.3}ms", c as f64 / 1e6 / e.completed.max(1) as f64))
                .collect::<Vec<_>>()
        );
    }
    for s in &model.services {
        let i = &run.instances[s.first_instance as usize];
        println!(
            "{} limit {:?} idle {} peak {} kills {} first {:?} restarts {} cpu {:.2}s inflight {} q {} conn {}",
            s.name,
            s.limit.map(|l| l >> 20),
            i.idle >> 20,
            i.peak >> 20,
            i.kills,
            i.first_kill,
            i.restarts,
            i.cpu_seconds,
            i.in_flight_max,
            i.queue_max,
            i.connections_max
        );
        println!(
            "   {:?}",
            Part::NAMES
                .iter()
                .zip(i.ledger)
                .filter(|x| x.1 > 0)
                .map(|(n, b)| format!("{n} {:.1}", b as f64 / 1048576.0))
                .collect::<Vec<_>>()
        );
    }
    for (p, m) in run.pools.iter().zip(&model.pools) {
        println!(
            "pool {}->{} size {} max {} mean {:.2} waits {} p95 {} timeouts {} refused {}",
            model.services[m.owner as usize].name,
            model.services[m.target as usize].name,
            m.size,
            p.in_use_max,
            p.in_use_mean,
            p.waits.len(),
            p.waits.value_at_quantile(0.95),
            p.timeouts,
            p.refused
        );
    }
    for (c, m) in run.caches.iter().zip(&model.caches) {
        println!(
            "cache {} lookups {} hit {:.3} unreachable {} ev {} exp {} keys {}",
            m.name,
            c.lookups,
            c.hits as f64 / c.lookups.max(1) as f64,
            c.unreachable,
            c.evictions,
            c.expirations,
            c.keys
        );
    }
}
