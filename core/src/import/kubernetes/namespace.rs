//! The namespace of objects that name none.

use std::collections::BTreeSet;

use super::kind::Meaning;
use super::object::Object;
use crate::diagnostic::{Diagnostic, Severity};
use crate::import::code;
use crate::import::field::Reader;
use crate::import::node::shorten;

/// Gives objects that name no namespace the one that all others name: a chart that was rendered writes it at some
/// alone, and is applied with `-n`. Where several are named, nobody knows which one is meant; and where one of them is
/// there already under its name, they are in another.
pub(super) fn give(reader: &mut Reader, objects: &mut [Object]) {
    let mut named = objects.iter().filter(|one| one.names_namespace && takes_part(one));
    let Some(namespace) = named.next().map(|one| one.namespace.clone()) else { return };
    if named.any(|one| one.namespace != namespace) {
        return;
    }
    let identity = |one: &Object| (one.kind.clone(), one.name.clone());
    let there: BTreeSet<_> =
        objects.iter().filter(|one| one.names_namespace && takes_part(one)).map(identity).collect();
    if objects.iter().any(|one| !one.names_namespace && there.contains(&identity(one))) {
        return;
    }
    let is_moved = |one: &&mut Object| !one.names_namespace && one.namespace != namespace;
    let (mut first, mut count) = (None, 0);
    for one in objects.iter_mut().filter(is_moved) {
        one.namespace.clone_from(&namespace);
        if takes_part(one) {
            first.get_or_insert_with(|| (one.path.clone(), one.location.clone()));
            count += 1;
        }
    }
    let Some((path, at)) = first else { return };
    let namespace = shorten(&namespace);
    let names =
        if count == 1 { format!("`{path}` names") } else { format!("{count} objects name") };
    let message =
        format!("{names} no namespace, and is taken to be in `{namespace}` as all others");
    let message = if count == 1 { message } else { message.replace("and is", "and are") };
    let note = Diagnostic::warning(code::NOT_MODELLED, path, message).at(Some(at));
    let hint = format!("apply them with `-n {namespace}`, or name their own");
    reader.say(Diagnostic { severity: Severity::Note, ..note.hint(hint) });
}

/// Whether it runs pods, or is looked up for those that do.
fn takes_part(object: &Object) -> bool {
    // What only carries our own annotations is nobody's.
    object.runs_pods() || (object.meaning() == Meaning::Aside && object.own.is_empty())
}

#[cfg(test)]
mod tests {
    use crate::import::{Sources, read};

    /// What is noted of a Deployment without a namespace, which reads a ConfigMap in this one.
    fn said(namespace: &str, more: &str) -> Vec<String> {
        let text = format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec: {{template: {{spec: \
             {{containers: [{{name: a, image: nginx, envFrom: [{{configMapRef: {{name: all}}}}]}}]}}}}}}\n\
             ---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: all, namespace: {namespace}}}\n{more}"
        );
        let draft = read(&Sources::single("plan.yaml", text));
        let draft = draft.unwrap_or_else(|errors| panic!("{errors:#?}"));
        let wanted = |code: &str| ["N100", "W104"].contains(&code);
        let notes = draft.notes.into_iter().filter(|note| wanted(note.code));
        notes.map(|note| format!("{} {} ({:?})", note.code, note.message, note.hint)).collect()
    }

    #[test]
    fn an_object_without_a_namespace_is_where_the_others_are() {
        let found = said("shop", "");
        let [note] = &found[..] else { panic!("{found:?}") };
        let expected =
            "N100 `Deployment/web` names no namespace, and is taken to be in `shop` as all others";
        assert!(note.starts_with(expected), "{note}");
        assert_eq!(said("default", ""), [""; 0]);
    }

    #[test]
    fn of_several_namespaces_none_is_meant() {
        let other = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: b, namespace: other}\n";
        let found = said("shop", other);
        let [warning] = &found[..] else { panic!("{found:?}") };
        assert!(warning.contains("the ConfigMap `all` is not in the files"), "{warning}");
        assert!(warning.contains("in the namespace `shop`, and not in `default`"), "{warning}");
        // What runs nothing has a namespace of its own.
        let role = "---\napiVersion: v1\nkind: Role\nmetadata: {name: b, namespace: kube-system}\n";
        assert!(!format!("{:?}", said("shop", role)).contains("not in the files"));
    }
}
