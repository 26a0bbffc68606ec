use super::*;
use crate::import::yaml;

fn environment() -> Environment {
    [("SET", "value"), ("EMPTY", ""), ("FIVE", "5"), ("SECRET", "hunter2")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

fn expand(text: &str) -> Option<String> {
    let environment = environment();
    Expander { environment: &environment, produced: 0, unset: Vec::new() }.expand(text).ok()
}

fn tree(text: &str) -> (Node, Vec<Diagnostic>) {
    let mut node = yaml::read("f", text).expect("valid").remove(0);
    let diagnostics = interpolate(&mut node, &environment());
    (node, diagnostics)
}

#[test]
fn every_form_gives_what_the_table_says() {
    for (text, expected) in [
        ("$SET/${SET}", "value/value"),
        ("${EMPTY:-d}${EMPTY-d}${NO:-d}${NO-d}", "ddd"),
        ("${SET:-d}", "value"),
        ("${SET:?m}${EMPTY?m}", "value"),
        ("${SET:+a}${EMPTY:+a}${EMPTY+b}${NO+c}", "ab"),
        ("${NO:-${SET:-x}}-${NO:-${NO:-deep}}", "value-deep"),
        ("${NO:-a:b}c}", "a:bc}"),
        ("${NO:-}", ""),
        ("$${SET} $$", "${SET} $"),
        ("$SETx", ""),
        ("ü${SET}ü", "üvalueü"),
    ] {
        assert_eq!(expand(text).as_deref(), Some(expected), "{text}");
    }
    for text in ["${", "${SET", "${}", "${1}", "$1", "a $", "${SET/x/y}", "${SET:x}", "${NO?m}"] {
        assert_eq!(expand(text), None, "{text}");
    }
}

#[test]
fn nesting_and_size_are_bounded() {
    let deep = format!("{}x{}", "${NO:-".repeat(100_000), "}".repeat(100_000));
    assert!(expand(&deep).is_none());
    let (_, diagnostics) = tree(&format!("a: \"{}\"\n", "${SET}".repeat(600_000)));
    assert!(diagnostics.is_empty());
    let long = Environment::from([("L".to_owned(), "x".repeat(1 << 20))]);
    let mut node = Node::text(tree("a").0.place, "${L}".repeat(100));
    let diagnostics = interpolate(&mut node, &long);
    assert_eq!(diagnostics.iter().map(|one| one.code).collect::<Vec<_>>(), [code::BUDGET]);
}

#[test]
fn an_environment_file_cannot_multiply_itself() {
    let mut text = "A0=xxxxxxxx\n".to_owned();
    for n in 1..60 {
        text.push_str(&format!("A{n}=$A{0}$A{0}\n", n - 1));
    }
    let (variables, errors) = read_environment_file(".env", &text, &Environment::new());
    let bytes: usize = variables.iter().map(|one| one.value.len()).sum();
    assert!(bytes <= MAX_SCALAR_BYTES && !errors.is_empty());
}

#[test]
fn plain_results_are_read_again_and_quoted_ones_are_not() {
    let (node, diagnostics) = tree("a: ${FIVE}\nb: \"${FIVE}\"\nc: ${EMPTY}\n$SET: 1\n");
    assert!(diagnostics.is_empty());
    assert_eq!(node.get("a").and_then(Node::as_integer), Some(5));
    assert_eq!(node.get("b").and_then(Node::as_str), Some("5"));
    assert_eq!(node.get("c").and_then(Node::as_str), Some(""));
    assert!(node.get("$SET").is_some(), "keys are left alone");
}

#[test]
fn an_unset_variable_is_warned_of_once_with_its_place() {
    let (_, diagnostics) = tree("a: [x, $NO]\nb: $NO\nc: ${MUST:?say it}\n");
    let shown: Vec<_> = diagnostics.iter().map(|one| format!("{} {one}", one.path)).collect();
    assert_eq!(
        shown,
        [
            "a[1] f:1:8: warning[W100]: the variable `NO` is not set: it becomes an empty text \
             (hint: set it in `.env`, or write a default: `${NO:-value}`)",
            "c f:3:4: error[E109]: the variable `MUST` must be set (hint: say it)",
        ]
    );
}

#[test]
fn values_of_variables_are_never_described() {
    let (node, _) = tree("${SECRET}\n");
    assert!(!node.describe().contains("hunter2"));
}

#[test]
fn environment_files_are_read_as_compose_reads_them() {
    let text = "# comment\n\nA=1\nexport B = two words # not this\nC='$A #x'\nD=\"${A}\\n\\$A\"\n\
                E=\nF\nG=a#b\nH=\"x\ny\"\nI=${B}!\n1X=2\nJ:3\nK=\"open\n";
    let (variables, errors) = read_environment_file(".env", text, &Environment::new());
    let found: Vec<_> = variables
        .iter()
        .map(|one| (one.name.as_str(), one.value.as_str(), one.location.line))
        .collect();
    assert_eq!(
        found,
        [
            ("A", "1", 3),
            ("B", "two words", 4),
            ("C", "$A #x", 5),
            ("D", "1\n$A", 6),
            ("E", "", 7),
            ("G", "a#b", 9),
            ("H", "x\ny", 10),
            ("I", "two words!", 12),
        ]
    );
    let lines: Vec<_> = errors.iter().filter_map(|one| one.location.as_ref()).collect();
    assert_eq!(lines.iter().map(|at| at.line).collect::<Vec<_>>(), [13, 14, 15]);
}
