use super::*;

fn one(text: &str) -> Node {
    read("f", text).expect("valid").into_iter().next().expect("a document")
}

fn complaint(text: &str) -> Diagnostic {
    read("f", text).expect_err("invalid").into_iter().next().expect("a diagnostic")
}

#[test]
fn places_count_from_one_in_characters() {
    let tree = one("é: {größe: 5}\nb:\n  - x\n");
    let inner = tree.get("é").and_then(|node| node.get("größe")).expect("there");
    assert_eq!((inner.place.line, inner.place.column), (1, 12));
    let item = &tree.get("b").and_then(Node::as_sequence).expect("list")[0];
    assert_eq!((item.place.line, item.place.column), (3, 5));
}

#[test]
fn quoted_scalars_are_texts_and_plain_ones_are_resolved() {
    let tree = one("a: '5'\nb: 5\nc: no\nd: |\n  5\ne: !reset null\nf: !!str 5\ng: ! 5\n");
    assert_eq!(tree.get("a").and_then(Node::as_str), Some("5"));
    assert_eq!(tree.get("b").and_then(Node::as_integer), Some(5));
    assert_eq!(tree.get("c").and_then(Node::as_str), Some("no"));
    assert_eq!(tree.get("d").and_then(Node::as_str), Some("5\n"));
    let reset = tree.get("e").expect("there");
    assert!(reset.is_null() && reset.tag.as_deref() == Some("!reset"));
    for key in ["f", "g"] {
        let node = tree.get(key).expect("there");
        assert_eq!((node.as_str(), node.tag.as_deref()), (Some("5"), None));
    }
}

#[test]
fn json_and_several_documents_are_accepted() {
    let tree = one(r#"{"a": [1, 2.5, "x", null, true]}"#);
    assert_eq!(tree.get("a").and_then(Node::as_sequence).map(<[Node]>::len), Some(5));
    assert_eq!(read("f", "a: 1\n---\nb: 2\n").map(|all| all.len()), Ok(2));
    assert_eq!(read("f", ""), Ok(Vec::new()));
    assert_eq!(read("f", "# nothing\n"), Ok(Vec::new()));
}

#[test]
fn aliases_stand_where_their_anchor_was_written() {
    let tree = one("a: &x {k: 1}\nb: *x\n");
    let alias = tree.get("b").and_then(|node| node.get("k")).expect("there");
    assert_eq!((alias.place.line, alias.as_integer()), (1, Some(1)));
    assert_eq!(complaint("a: *x\n").code, code::SYNTAX);
    assert_eq!(complaint("a: &x [*x]\n").code, code::SYNTAX);
}

#[test]
fn merge_keys_yield_to_written_keys_and_earlier_mappings() {
    let text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  z: 3\n  <<: [*a, *b]\n  w: 3\n";
    let mut tree = one(text);
    assert_eq!(resolve_merge_keys(&mut tree), Vec::new());
    let entries = tree.get("c").and_then(Node::as_mapping).expect("mapping");
    let found: Vec<_> = entries.iter().map(|(k, v)| (k.name.as_str(), v.as_integer())).collect();
    assert_eq!(found, [("z", Some(3)), ("x", Some(1)), ("y", Some(1)), ("w", Some(3))]);
    let mut bad = one("a:\n  <<: 5\n  b: 1\n");
    let complaints = resolve_merge_keys(&mut bad);
    assert_eq!((complaints.len(), complaints[0].code), (1, code::MERGE_KEY));
    assert!(bad.get("a").is_some_and(|node| node.get("b").is_some()));
}

#[test]
fn duplicate_keys_name_both_places() {
    let found = complaint("a:\n  b: 1\n  c: 2\n  b: 3\n");
    assert_eq!(found.code, code::DUPLICATE_KEY);
    assert_eq!(found.location.map(|at| (at.line, at.column)), Some((4, 3)));
    assert!(found.message.contains("line 2, column 3"), "{}", found.message);
}

#[test]
fn a_key_that_is_indented_too_far_is_told_from_a_second_colon() {
    let hint = |text: &str| complaint(text).hint.unwrap_or_default();
    for text in ["a:\n  b: x\n   c: 1\n", "a: x\n  \"c\": 1\n", "é: x y\n größe: 1\n"] {
        assert!(hint(text).starts_with("indent it"), "{text}");
    }
    for text in ["a: b: c\n", "a:\n  - b: c: d\n", "a: x, y: z\n"] {
        assert!(hint(text).starts_with("quote the value"), "{text}");
    }
}

#[test]
fn tabs_get_their_own_hint() {
    for text in ["services:\n\tweb:\n\t\timage: x\n", "a:\n  b: 1\n\tc: 2\n"] {
        let found = complaint(text);
        assert_eq!(found.code, code::SYNTAX);
        assert!(found.hint.as_deref().is_some_and(|hint| hint.contains("spaces")), "{found}");
    }
}

#[test]
fn a_template_is_named_at_its_first_gap() {
    for (text, column) in [
        ("a: 1\nimage: {{ .Values.image }}\n", 8),
        ("a: 1\nimage: {{ .Values.image }}:{{ .Values.tag }}\n", 8),
        ("a: 1\n{{- if .Values.on }}\nb: 2\n{{- end }}\n", 1),
        ("a: 1\n{% if on %}\nb: 2\n{% endif %}\n", 1),
    ] {
        let found = complaint(text);
        assert!(found.message.contains("template"), "{text}: {found}");
        let place = found.location.map(|at| (at.line, at.column));
        assert_eq!(place, Some((2, column)), "{text}");
    }
    let quoted = "a: '{{ .Values.image }}' # {{ and }}\n";
    assert!(read("f", quoted).is_ok());
    assert!(!complaint("# {{ a }}\na: [1\n").message.contains("template"));
}

#[test]
fn every_budget_is_named() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let inner = format!("*a{}", level - 1);
        let list = vec![inner; 9].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{list}]\n"));
    }
    let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(3 << 20), ["*a"; 9].join(", "));
    let many = format!("a: &a x\nb: [{}]\n", vec!["*a"; MAX_ALIASES + 1].join(", "));
    let stairs: String = (0..100).map(|n| format!("{}a:\n", " ".repeat(n))).collect();
    for (text, word) in [
        ("[".repeat(100_000), "nested"),
        ("{a: ".repeat(100_000), "nested"),
        ("- ".repeat(100_000), "nested"),
        (stairs, "nested"),
        (bomb, "values"),
        (long, "MiB"),
        (many, "aliases"),
        (format!("[{}]", "a, ".repeat(MAX_NODES + 1)), "values"),
        (" ".repeat(5_000_000), "4 MiB"),
    ] {
        let found = complaint(&text);
        assert_eq!(found.code, code::BUDGET, "{found}");
        assert!(found.message.contains(word), "{found}");
    }
}

#[test]
fn depth_counts_what_aliases_bring() {
    let deep = format!("a: &a {}{}\n", "[".repeat(40), "]".repeat(40));
    let text = format!("{deep}b: {}*a{}\n", "[".repeat(30), "]".repeat(30));
    assert_eq!(complaint(&text).code, code::BUDGET);
    assert!(read("f", &deep).is_ok());
}

#[test]
fn nested_anchors_cost_no_more_than_their_aliases() {
    // Sixty anchors around one large list, each used: the budget ends it before any copy is made.
    let open: String = (0..60).map(|n| format!("&a{n} [")).collect();
    let uses: Vec<String> = (0..60).map(|n| format!("*a{n}")).collect();
    let text =
        format!("a: {open}{}{}\nb: [{}]\n", "x, ".repeat(200_000), "]".repeat(60), uses.join(", "));
    assert_eq!(complaint(&text).code, code::BUDGET);
}
