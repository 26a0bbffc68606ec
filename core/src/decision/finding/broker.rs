//! Rules about brokers of messages, such as RabbitMQ.

use super::facts::{Facts, MIB, about, at_least, bytes, is_declared, low_bytes, set_bytes, show};
use super::{Draft, Rule, explained};
use crate::model::ServiceModel;
use crate::report::FindingSeverity::Error;
use crate::scenario::{Parameter, Value};

/// Pages of its own files that an idle node counts beside the memory of its program: it counts what is
/// resident, some 129 MiB (measured: idle server, RabbitMQ 3.10.8), of which 91 MiB are the program's.
const COUNTED_PAGES: u64 = 38 * MIB;
/// The largest watermark that is suggested: the rest is for what the node takes beyond it while it frees memory
/// (RabbitMQ documentation, memory: the threshold is where publishers are throttled, and no cap).
const LARGEST: f64 = 0.8;

pub(super) const WATERMARK_BELOW_REST: Rule = Rule {
    code: "PL024",
    severity: Error,
    title: explained("a broker that blocks its publishers from the start"),
    doc: explained(
        "RabbitMQ blocks every connection that publishes while its memory is above its watermark: 60 % of \
          the memory that it sees, 40 % before 4.0 (RabbitMQ documentation, memory). An idle node \
          counts some 129 MiB (measured: idle server, RabbitMQ 3.10.8), so under a small limit the alarm \
          is there from the start and never clears: the container lives, and no message gets in.",
    ),
    check: watermark_below_rest,
};

fn watermark_below_rest(facts: &Facts<'_>) -> Vec<Draft> {
    facts.local().filter_map(|(id, service)| below_rest(facts, id, service)).collect()
}

fn below_rest(facts: &Facts<'_>, id: u32, service: &ServiceModel) -> Option<Draft> {
    let (Value::Ratio(share), _) = service.parameters.get(&Parameter::MemoryWatermark)? else {
        return None;
    };
    // Its place is known, but not its value: it stands in a file that was not read.
    let path = format!("services.{}.memory_watermark", service.name);
    let is_unread = !is_declared(service, Parameter::MemoryWatermark)
        && facts.model.provenance.contains_key(&path);
    let seen = service.limit.unwrap_or(facts.model.host.memory);
    let watermark = (seen as f64 * share.0) as u64;
    let counted = bytes(service, Parameter::MemoryProgram).saturating_add(COUNTED_PAGES);
    if share.0 == 0.0 || is_unread || counted <= watermark {
        return None;
    }
    let message = format!(
        "it blocks those who publish beyond {} ({} % of the {} that it sees), and counts about {} when \
         it is idle: no message gets in",
        show(watermark),
        (share.0 * 100.0).round(),
        show(seen),
        show(counted),
    );
    // Half as much again is for its queues.
    let wanted = at_least(((counted + counted / 2) as f64 / share.0) as u64);
    let raise = format!("raise `memory` to {}", show(wanted));
    let hint = if counted as f64 <= seen as f64 * LARGEST {
        format!(
            "{raise}, or set `vm_memory_high_watermark.relative = {LARGEST}` in its rabbitmq.conf"
        )
    } else {
        raise
    };
    let low = low_bytes(service, Parameter::MemoryProgram).saturating_add(COUNTED_PAGES);
    let draft = about(id, service, "memory", low > watermark, message, hint);
    Some(draft.mended_by([set_bytes(service, "memory", wanted)]))
}
