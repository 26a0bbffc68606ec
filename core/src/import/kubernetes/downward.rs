//! What a container is told of the resources of its pod (`resourceFieldRef`).

use std::collections::BTreeMap;

use super::link::Variables;
use super::object::text;
use super::quantity;
use super::resources::{self, Amounts, Defaults, Resources};
use crate::diagnostic::{Diagnostic, Severity};
use crate::import::code;
use crate::import::field::{Located, Reader};
use crate::import::node::{Node, join, shorten};
use crate::import::plan::Language;

/// The resources of a pod's containers, by their names.
pub(super) type Stated = BTreeMap<String, Resources>;

/// The container that asks, and what may be known to it.
pub(super) struct Asker<'a> {
    pub(super) namespace: &'a str,
    pub(super) container: &'a str,
    pub(super) stated: &'a Stated,
    /// What it is told of Services.
    pub(super) links: &'a Variables,
}

/// The resources of the containers in the `spec` of a pod, as a cluster completes them. What is wrong with them is said
/// where each container is read.
pub(super) fn stated(pod: &Node, defaults: &Defaults) -> Stated {
    let mut silent = Reader::of(Language::Kubernetes);
    let mut stated = Stated::new();
    for key in ["containers", "initContainers"] {
        for one in pod.get(key).and_then(Node::as_sequence).unwrap_or_default() {
            let Some(name) = text(one, "name") else { continue };
            let own = one.get("resources").map(|node| resources::read(&mut silent, "", node));
            stated.insert(name, own.unwrap_or_default().complete(defaults));
        }
    }
    stated
}

/// The amount that `node` names in units of its divisor, rounded up (kubernetes, `ExtractContainerResourceValue`). A
/// limit that nobody states is what the node can give, which is not known here.
pub(super) fn value(
    reader: &mut Reader,
    path: &str,
    node: &Node,
    asker: &Asker<'_>,
) -> Option<Located<String>> {
    let container = text(node, "containerName").filter(|name| !name.is_empty());
    let container = container.as_deref().unwrap_or(asker.container);
    let Some(resource) = text(node, "resource") else {
        reader.error(code::MISSING, path, node, "the key `resource` is missing");
        return None;
    };
    let Some(resources) = asker.stated.get(container) else {
        let message = format!("the pod has no container `{}`", shorten(container));
        let warning = Diagnostic::warning(code::DOUBTFUL, join(path, "containerName"), message);
        reader.say(warning.at(Some(node.location())).hint("such a pod does not start"));
        return None;
    };
    let divisor = node.get("divisor").filter(|divisor| !divisor.is_null());
    let amount = match resource.split_once('.') {
        Some(("limits", kind)) => amount(reader, path, kind, &resources.limits, divisor),
        Some(("requests", kind)) => {
            // What is not requested is none.
            let known = matches!(kind, "memory" | "cpu").then_some(0);
            amount(reader, path, kind, &resources.requests, divisor).or(known)
        }
        _ => None,
    };
    if amount.is_none() {
        let message = format!(
            "the container `{}` states no `{}`: what the cluster says instead, such as all that the node has, is not \
             known here",
            shorten(container),
            shorten(&resource)
        );
        let note = Diagnostic::warning(code::NOT_MODELLED, path, message);
        let note = note.at(Some(node.location())).hint("the variable is taken as unknown");
        reader.say(Diagnostic { severity: Severity::Note, ..note });
    }
    Some(Located { value: amount?.to_string(), location: node.location() })
}

/// One of the amounts over the divisor, 1 where that is not stated or 0.
fn amount(
    reader: &mut Reader,
    path: &str,
    kind: &str,
    amounts: &Amounts,
    divisor: Option<&Node>,
) -> Option<u64> {
    let path = &join(path, "divisor");
    let (amount, unit, whole) = match kind {
        "memory" => {
            let unit = divisor.and_then(|node| quantity::memory(reader, path, node));
            (amounts.memory.as_ref()?.value.0, unit.map(|unit| unit.value.0), 1)
        }
        "cpu" => {
            let unit = divisor.and_then(|node| quantity::cpu(reader, path, node));
            (amounts.cpu.as_ref()?.value, unit.map(|unit| unit.value), 1_000)
        }
        _ => return None,
    };
    Some(amount.div_ceil(unit.filter(|unit| *unit > 0).unwrap_or(whole)))
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Diagnostic;
    use crate::import::{Draft, Sources, read};
    use crate::quantity::Bytes;
    use crate::scenario::{Parameter, Value};

    const RANGE: &str = "---\napiVersion: v1\nkind: LimitRange\nmetadata: {name: usual}\n\
                         spec: {limits: [{type: Container, default: {memory: 768Mi}}]}\n";

    /// A pod of a container `app` and one beside it of 1000 MB; `more` stands in the first.
    fn found(image: &str, env: &str, more: &str, range: &str) -> Result<Draft, Vec<Diagnostic>> {
        let text = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: app}}\nspec: {{containers: [\n\
             {{name: app, image: '{image}', env: [{env}], {more}}},\n\
             {{name: side, image: nginx, resources: {{limits: {{memory: 1000M, cpu: 1500m}}}}}}]}}\n{range}"
        );
        read(&Sources::single("app.yaml", text))
    }

    fn of(resource: &str) -> String {
        format!("{{name: LIMIT, valueFrom: {{resourceFieldRef: {{{resource}}}}}}}")
    }

    /// What a heap of V8 is limited to, by way of `$(LIMIT)`; in MiB, as the flag counts them.
    fn heap(resource: &str, more: &str, range: &str) -> Option<f64> {
        let option = "{name: NODE_OPTIONS, value: --max-old-space-size=$(LIMIT)}";
        let env = format!("{}, {option}", of(resource));
        let found = found("node:22", &env, &format!("args: [node, a.js], {more}"), range);
        let draft = found.unwrap_or_else(|errors| panic!("{errors:#?}"));
        match draft.scenario.services["app"].parameters.get(&Parameter::HeapLimit) {
            Some(Value::Bytes(bytes)) => Some(bytes.as_mib()),
            _ => None,
        }
    }

    #[test]
    fn a_container_is_told_its_amounts() {
        let limits = "resources: {limits: {memory: 512Mi, cpu: 250m}}";
        let memory = "resource: limits.memory, divisor: ";
        assert_eq!(heap(&format!("{memory}1Mi"), limits, ""), Some(512.0));
        assert_eq!(heap(&format!("{memory}1M"), limits, ""), Some(537.0));
        assert_eq!(heap("resource: requests.memory, divisor: 1Mi", limits, ""), Some(512.0));
        assert_eq!(heap("resource: limits.cpu, divisor: 1m", limits, ""), Some(250.0));
        assert_eq!(heap("resource: limits.cpu", limits, ""), Some(1.0));
        let other = "containerName: side, resource: limits.memory, divisor: 1Mi";
        assert_eq!(heap(other, limits, ""), Some(954.0));
        assert_eq!(heap(&format!("{memory}1Mi"), "", RANGE), Some(768.0));
    }

    #[test]
    fn go_is_told_its_limit_in_bytes() {
        let env = of("resource: limits.memory, divisor: '0'").replace("LIMIT", "GOMEMLIMIT");
        let env = format!("{env}, {{name: GOGC, value: 'off'}}");
        let draft = found("shop", &env, "resources: {limits: {memory: 256Mi}}", "").unwrap();
        let said = draft.notes.iter().find(|note| note.message.contains("grow to its"));
        let said = &said.expect("GOMEMLIMIT is read").message;
        assert!(said.contains(&Bytes::mib(256).to_string()), "{said}");
    }

    #[test]
    fn what_is_not_stated_is_not_known() {
        let asked = of("resource: limits.memory, divisor: 1Mi");
        let draft = found("node:22", &asked, "", "").expect("a plan");
        let said = |text: &str| draft.notes.iter().any(|note| note.message.contains(text));
        assert!(said("the container `app` states no `limits.memory`"), "{:#?}", draft.notes);
        assert_eq!(heap("resource: limits.memory", "", ""), None);
        assert_eq!(heap("resource: limits.ephemeral-storage", "", ""), None);
        let draft = found("node:22", &of("resource: requests.cpu"), "", "").expect("a plan");
        assert!(!format!("{:?}", draft.notes).contains("states no"), "{:#?}", draft.notes);
        let draft = found("node:22", &of("resource: limits.cpu, containerName: b"), "", "");
        assert!(format!("{:?}", draft.unwrap().notes).contains("the pod has no container `b`"));
        let refused = found("node:22", &of("resource: limits.cpu, divisor: 1x"), "", "");
        assert!(format!("{refused:?}").contains("E105"), "{refused:?}");
    }
}
