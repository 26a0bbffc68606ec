//! What is wrong in manifests: it is said where it stands, and no text makes reading panic.

use std::fs;
use std::path::Path;

use plimsoll::import::{Sources, read};
use plimsoll::model;
use proptest::prelude::*;

use super::{deployment, draft, errors, notes, try_draft};

#[test]
fn a_misspelt_key_is_an_error_and_a_newer_one_is_not() {
    let text = deployment("web", "nginx", "resources: {limits: {memry: 64Mi}}");
    let said = errors(&text);
    assert!(said.contains("E102") && said.contains("did you mean `memory`?"), "{said}");
    let newer = "restartPolicyWindow: 5\n          restartPolicyRules: []";
    let found = draft(&deployment("web", "nginx", newer));
    assert_eq!(notes(&found, "W101").len(), 1, "{:?}", found.notes);
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_all_at_once() {
    let text = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations:
    plimsoll.dev/config: |
      profile: gunicorn-sync

      wokers: 4
spec:
  template:
    spec:
      containers:
        - name: web
          image: nginx
          resources: {limits: {memory: 512MB}, requests: {cpu: 1x}}
        - name: big
          image: nginx
          resources:
            limits: {memory: 64Mi, cpu: 500m}
            requests: {memory: 65Mi, cpu: 0.6}
        - {name: big, image: nginx, resources: {limits: {memory: 400m}}}
";
    let said = errors(text);
    for expected in [
        "plan.yaml:16:40: error[E105]: expected an amount of memory, found the text `512MB`",
        "plan.yaml:16:64: error[E105]: expected an amount of cores up to 1024, found the text `1x`",
        "plan.yaml:21:32: error[E113]: 65 MiB of memory are requested, but the limit is 64 MiB",
        "plan.yaml:21:43: error[E113]: 600m of cpu are requested, but the limit is 500m",
        "plan.yaml:22:18: error[E113]: two containers are called `big`",
        "plan.yaml:22:66: warning[W105]: `400m` of memory is 1 B: `m` means thousandths",
        "plan.yaml:22:66: error[E114]: a memory limit of 1 B: no container starts in it (hint: write it as in `512Mi`: `m` \
         means thousandths of a byte, no unit bytes)",
    ] {
        assert!(said.contains(expected), "{expected} in:\n{said}");
    }
    let own = text.replace("512MB", "512Mi").replace("1x", "1");
    let own = own.split("        - name: big").next().unwrap_or_default();
    let said = errors(own);
    assert!(said.contains("plan.yaml:9:7: error[E102]: there is no key `wokers` here"), "{said}");
    assert!(said.starts_with("services.web.plimsoll.dev/config.wokers"), "{said}");
}

#[test]
fn what_is_no_manifest_yet_is_told_what_to_do() {
    let said = errors("a: {{ .Values.name }}\nkind: {{ x }}");
    assert!(said.contains("helm template . | plimsoll check -"), "{said}");
    let quoted = deployment("web", "\"{{ .Values.image }}\"", "")
        .replace("name: web}", "name: '{{ .Release.Name }}'}");
    let said = errors(&quoted);
    assert!(said.contains("this is a template") && said.contains("helm template"), "{said}");
    for text in [
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]",
        "resources: [a.yaml]\nimages: []",
    ] {
        let said = errors(text);
        assert!(said.contains("kubectl kustomize . | plimsoll check -"), "{said}");
    }
    for kind in ["Namespace", "ConfigMap"] {
        let said = errors(&format!("apiVersion: v1\nkind: {kind}\nmetadata: {{name: shop}}"));
        assert!(said.contains("error[E206]: no workload in the files"), "{said}");
    }
}

#[test]
fn variables_that_feed_each_other_are_cut_off() {
    let mut env = "env: [{name: V0, value: xxxxxxxxxxxxxxxx}".to_owned();
    for n in 1..40 {
        env += &format!(", {{name: V{n}, value: $(V{0})$(V{0})}}", n - 1);
    }
    let said = errors(&deployment("web", "nginx", &format!("{env}]")));
    assert!(said.contains("E101") && said.contains("exceed 16 MiB"), "{said}");
}

/// A fixture with one of its lines left out, doubled, indented or cut.
fn damaged(text: &str, line: usize, how: u8) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let line = line % lines.len();
    match how % 5 {
        0 => drop(lines.remove(line)),
        1 => lines.insert(line, lines[line].clone()),
        2 => lines[line].insert_str(0, "  "),
        3 => lines[line] = lines[line].split(':').next().unwrap_or_default().to_owned(),
        _ => {
            let value = lines[line].split(':').next().unwrap_or_default().to_owned();
            lines[line] = format!("{value}: [{{}}, ~, -1, 9e99, $(X)]");
        }
    }
    lines.join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn damaged_manifests_are_read_or_refused(line in 0usize..400, other in 0usize..400, how: u8, then: u8) {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/kubernetes"));
        for file in ["shop.yaml", "sidecars.yaml", "list.json"] {
            let text = fs::read_to_string(folder.join(file)).expect("a plan");
            let text = damaged(&damaged(&text, line, how), other, then);
            match read(&Sources::single(file, text)) {
                Ok(draft) => drop(model::build(&draft.scenario, &draft.provenance)),
                Err(errors) => prop_assert!(!errors.is_empty()),
            }
        }
    }

    #[test]
    fn any_text_is_a_quantity_or_none(text in "[-+]?[0-9.]{0,30}[A-Za-z]{0,4}[-+0-9]{0,4}") {
        let resources = format!("resources: {{limits: {{memory: '{text}', cpu: '{text}'}}}}");
        drop(try_draft(&deployment("web", "nginx", &resources)));
    }
}

#[test]
fn values_of_variables_are_never_shown() {
    let text = deployment(
        "web",
        "nginx",
        "env: [{name: PASSWORD, value: 271828}, {name: URL, value: $(PASSWORD)}, {name: LIST, value: [314159]}]",
    );
    let said = errors(&text);
    assert!(said.contains("W103") && said.contains("E103"), "{said}");
    assert!(!said.contains("271828") && !said.contains("314159"), "{said}");
    let secret =
        "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: '!!', b: 271828}\n";
    let draft = draft(&(deployment("web", "nginx", "") + secret));
    assert_eq!(notes(&draft, "W103").len(), 3, "{:?}", draft.notes);
    assert!(!format!("{:?}", draft.notes).contains("271828"));
}
