//! `inspect`: what was understood, before anything is simulated.

use std::collections::BTreeSet;

use crate::import::Draft;
use crate::model::{Extreme, Model, Op, Visits, flow};
use crate::ordered::Ordered;
use crate::report::{
    INSPECTION_SCHEMA_VERSION, InspectedCall, InspectedInput, InspectedService, Inspection,
};

/// Every input with its origin, what was not understood, and who asks whom.
///
/// ```
/// use plimsoll::{import, model};
/// let text = "{version: 1, services: {api: {calls: [db]}, db: {profile: postgres}}}";
/// let draft = import::read(&import::Sources::single("plan.yaml", text)).unwrap();
/// let model = model::build(&draft.scenario, &draft.provenance).unwrap();
/// let inspection = plimsoll::decision::inspect(&draft, &model);
/// assert_eq!(inspection.calls[0].to, "db");
/// ```
pub fn inspect(draft: &Draft, model: &Model) -> Inspection {
    let name = |id: u32| model.services[id as usize].name.clone();
    let call = |&(from, to): &(u32, u32)| InspectedCall { from: name(from), to: name(to) };
    let entries: BTreeSet<u32> = model.endpoints.iter().map(|endpoint| endpoint.service).into_set();
    let services = (0u32..).zip(&model.services).map(|(id, service)| InspectedService {
        name: service.name.clone(),
        profile: service.profile.clone(),
        role: service.role,
        replicas: service.replicas,
        external: service.external,
        entry: entries.contains(&id),
    });
    let limit = |most: u32| (most != u32::MAX).then_some(most);
    Inspection {
        schema_version: INSPECTION_SCHEMA_VERSION,
        name: draft.name.clone(),
        inputs: inputs(model),
        notes: draft.notes.clone(),
        services: services.collect(),
        calls: calls(model).iter().map(call).collect(),
        pools: model.pools.iter().map(|pool| call(&(pool.owner, pool.target))).collect(),
        connection_limits: model.services.iter().map(|of| limit(of.max_connections)).collect(),
        scenario: draft.scenario.clone(),
    }
}

fn inputs(model: &Model) -> Vec<InspectedInput> {
    let inputs = model.inputs.iter().cloned();
    inputs
        .map(|input| InspectedInput {
            path: input.path,
            value: input.value,
            origin: input.origin,
            source: input.source,
            range: input.range.map(|(low, high)| [low, high]),
            location: input.location,
        })
        .collect()
}

/// Pairs of services of which one asks the other in some endpoint's program, whatever way it takes.
fn calls(model: &Model) -> BTreeSet<(u32, u32)> {
    let call = |(op, visits): (&Op, Option<Visits>)| {
        let (Op::Call { service: to, .. } | Op::Connect { service: to, .. }) = *op else {
            return None;
        };
        Some((visits?.service, to))
    };
    model.program.iter().zip(flow(model, Extreme::Most)).filter_map(call).into_set()
}
