//! A rule about attempts that multiply from layer to layer.

use super::facts::Facts;
use super::{Draft, Rule, explained};
use crate::model::{Model, Op, RetryModel};
use crate::report::FindingSeverity::Warning;

pub(super) const MULTIPLIED: Rule = Rule {
    code: "PL086",
    severity: Warning,
    title: explained("retries multiply over layers"),
    doc: explained(
        "Calls should be tried again at one layer alone, or within a budget. Where each of several layers \
          tries again, what is down is asked by the product of their attempts: 3 attempts at 5 layers are 243 \
          (Brooker, Timeouts, retries, and backoff with jitter, Amazon Builders' Library). A brief stall then \
          becomes an outage that outlives it, because nearly all the work is for callers who have left (Bronson \
          et al., Metastable Failures in Distributed Systems, HotOS 2021). Layers with a budget are left out; it \
          is said where the load may grow eightfold and more.",
    ),
    check: multiplied,
};

/// By how much the load may grow before it is worth a word.
const MANY: u64 = 8;

/// The layers without a budget that come to a visit, and the product of their attempts.
#[derive(Clone, Default)]
struct Layers<'m> {
    all: Vec<&'m RetryModel>,
    product: u64,
}

impl<'m> Layers<'m> {
    /// One layer more, where there is one and it has no budget.
    fn and(&self, retry: Option<&'m RetryModel>) -> Self {
        let mut layers = self.clone();
        if let Some(retry) = retry.filter(|retry| retry.budget.is_none()) {
            layers.all.push(retry);
            layers.product = layers.product.saturating_mul(1 + u64::from(retry.attempts));
        }
        layers
    }
}

fn multiplied(facts: &Facts<'_>) -> Vec<Draft> {
    let model = facts.model;
    let worst = worst(model);
    let Some(last) = worst.all.last().filter(|_| worst.all.len() > 1 && worst.product >= MANY)
    else {
        return Vec::new();
    };
    let name = |id: u32| facts.service(id).name.as_str();
    let each = worst.all.iter().map(|retry| {
        let attempts = retry.attempts + 1;
        if retry.is_of_clients() {
            return format!("{attempts} by clients");
        }
        format!("{attempts} by {} at {}", name(retry.caller), name(retry.target))
    });
    let each = each.collect::<Vec<_>>().join(" × ");
    vec![Draft {
        service: Some(last.caller),
        path: last.path.clone(),
        message: format!(
            "where {} fails, it is asked up to {} times for a request: {each} attempts",
            name(last.target),
            worst.product,
        ),
        hint: "try again at one layer alone (`attempts: 0` at the others), or set a `budget`"
            .to_owned(),
        fix: Vec::new(),
        certain: true,
    }]
}

/// The layers whose product is the largest.
fn worst(model: &Model) -> Layers<'_> {
    let mut worst = Layers { all: Vec::new(), product: 1 };
    if model.retries.is_empty() {
        return worst;
    }
    let clients = worst.and(model.retries.get(model.client_retry as usize));
    let mut visits: Vec<Option<Layers<'_>>> = vec![None; model.program.len() + 1];
    for endpoint in &model.endpoints {
        visits[endpoint.entry as usize] = Some(clients.clone());
    }
    // Calls and parallel ways lead forward, to where a visit begins.
    let mut here = clients;
    for (at, op) in model.program.iter().enumerate() {
        here = visits[at].take().unwrap_or(here);
        if here.product > worst.product {
            worst = here.clone();
        }
        match *op {
            Op::Call { entry, .. } => {
                let retry = match at.checked_sub(1).map(|before| model.program[before]) {
                    Some(Op::Retry(retry)) => model.retries.get(retry as usize),
                    _ => None,
                };
                visits[entry as usize] = Some(here.and(retry));
            }
            Op::Connect { entry, .. } => visits[entry as usize] = Some(here.clone()),
            Op::Fork { first, count } => {
                for way in first..first + count {
                    visits[model.branches.entry[way as usize] as usize] = Some(here.clone());
                }
            }
            Op::Cpu(_)
            | Op::Wait(_)
            | Op::Hold(_)
            | Op::Query(_)
            | Op::Retry(_)
            | Op::Keep(_)
            | Op::Recall(_)
            | Op::Lookup { .. }
            | Op::Fill { .. }
            | Op::Write { .. }
            | Op::Acquire(_)
            | Op::Release
            | Op::Choose { .. }
            | Op::Jump(_)
            | Op::End => {}
        }
    }
    worst
}
