//! What is wrong or doubtful in a Compose file: it is said where it stands, and no text makes reading panic.

use plimsoll::diagnostic::Severity;
use plimsoll::import::compose::{read, references};

use super::{errors, pairs, project, shown, sources};

#[test]
fn what_docker_or_compose_may_refuse_is_a_warning() {
    let text = "services:\n  a: {image: a, memswap_limit: 1g}\n  \
                b: {image: b, mem_limit: 64m, deploy: {resources: {limits: {cpus: 1}}}}\n";
    let found = project(&[("f", text)]);
    let paths: Vec<_> = found.warnings.iter().map(|one| (one.code, one.path.as_str())).collect();
    assert_eq!(paths, [("W103", "services.a.memswap_limit"), ("W103", "services.b.mem_limit")]);
}

#[test]
fn limits_that_differ_by_little_still_differ() {
    let text = "services: {a: {image: a, mem_limit: 1.001g, \
                deploy: {resources: {limits: {memory: 1.002g}}}}}\n";
    assert!(errors(&sources(&[("f", text)])).contains("E113"));
}

#[test]
fn files_in_memory_are_warned_of() {
    let text =
        "services: {db: {image: postgres, tmpfs: ['/data:size=2g']}, web: {image: nginx, tmpfs: }}";
    let found = project(&[("compose.yaml", text)]);
    let notes = shown(&found.ignored) + &shown(&found.warnings);
    assert_eq!(notes.matches("warning[N100]: files in the `tmpfs` of `db` are memory").count(), 1);
    assert!(!notes.contains("`tmpfs` of `web`"), "{notes}");
}

#[test]
fn a_misspelt_key_is_an_error_since_its_limit_would_not_hold() {
    let text = "services: {web: {image: a, mem_limt: 64m, deploy: {replica: 2}}}\nx-any: 1\n";
    assert_eq!(
        errors(&sources(&[("f", text)])),
        "services.web.mem_limt f:1:28: error[E102]: Compose has no key `mem_limt` here (hint: \
         did you mean `mem_limit`?)\nservices.web.deploy.replica f:1:52: error[E102]: Compose \
         has no key `replica` here (hint: did you mean `replicas`?)\n"
    );
}

#[test]
fn a_slip_in_our_own_key_is_a_warning() {
    let text = "services: {web: {image: a, x-plimsol: {workers: 2}}}\nx-plimsol: {host: {cores: 8}}\n\
                x-logging: {}\n";
    assert_eq!(
        shown(&project(&[("f", text)]).ignored),
        "services.web.x-plimsol f:1:28: warning[W101]: Compose has no key `x-plimsol` here (hint: \
         did you mean `x-plimsoll`?)\nx-plimsol f:2:1: warning[W101]: Compose has no key \
         `x-plimsol` here (hint: did you mean `x-plimsoll`?)\n"
    );
}

#[test]
fn a_key_that_a_newer_specification_may_know_is_a_warning() {
    let text = "services: {web: {image: a, quota: 64m, restart_rules: [x]}}\n";
    let found = project(&[("f", text)]);
    assert_eq!(
        shown(&found.ignored),
        "services.web.quota f:1:28: warning[W101]: Compose has no key `quota` here\n\
         services.web.restart_rules f:1:40: warning[W101]: Compose has no key `restart_rules` here \
         (hint: did you mean `restart`?)\n"
    );
}

#[test]
fn no_flood_of_notes_hides_a_key_that_nobody_knows() {
    let one =
        |number: usize| format!("  s{number}: {{image: a, hostname: a, init: true, tty: true}}\n");
    let many: String = (0..400).map(one).collect();
    let text = format!("services:\n{many}  web: {{image: a, memory: 64m}}\n");
    let found = project(&[("f", &text)]);
    assert_eq!(found.ignored.iter().filter(|one| one.severity == Severity::Warning).count(), 1);
    let text = format!("services:\n{many}  web: {{image: a, mem_limt: 64m}}\n");
    assert!(errors(&sources(&[("f", &text)])).contains("mem_limt"));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(2_000))]

    /// Whatever a text holds, reading it ends with a project or with errors.
    #[test]
    fn no_text_makes_reading_panic(tokens in proptest::collection::vec(token(), 0..60)) {
        let text: String = tokens.concat();
        let mut all = sources(&[("a/f", &text), ("g", "services: {web: {image: a}}\n")]);
        all.referenced = pairs(&[("a/web", &text)]);
        all.environment = pairs(&[("A", "${A}")]);
        if let Err(errors) = read(&all) {
            proptest::prop_assert!(errors.iter().any(|one| one.severity == Severity::Error));
        }
        references(&all.files[0], &all.environment);
    }
}

/// Pieces of Compose files, so that random texts get past the first line.
fn token() -> impl proptest::strategy::Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "services:",
        "\n  web:",
        "\n  db:",
        "\n    ",
        "\n",
        " ",
        "\t",
        "image: ",
        "a",
        "ports: ",
        "[",
        "]",
        "{",
        "}",
        ",",
        ": ",
        "- ",
        "\"",
        "'",
        "8080:80",
        "extends: ",
        "file: ",
        "service: ",
        "web",
        "&a ",
        "*a",
        "<<: ",
        "!reset ",
        "!override ",
        "$A",
        "${A:-",
        "${",
        "$$",
        "---\n",
        "deploy: ",
        "resources: ",
        "limits: ",
        "memory: ",
        "64m",
        "-1",
        "1e9",
        ".nan",
        "é",
        "| ",
        "environment: ",
        "depends_on: ",
        "include: ",
        "env_file: ",
        "healthcheck: ",
        "test: ",
        "NONE",
        "null",
        "~",
        "#",
        "? ",
        "x-plimsoll: ",
        "profiles: ",
        "%TAG ! x\n",
        "!!int ",
        "\u{feff}",
        "\0",
        "replicas: ",
        "command: ",
        "80-",
        "99999999999999999999",
    ])
}

#[test]
fn secrets_stay_out_of_every_message() {
    let text = "services:\n  web:\n    image: a\n    restart: $SECRET\n    mem_limit: ${SECRET}\n    \
                ports: ['$SECRET']\n    environment: {P: [hunter2], Q: $SECRET}\n    \
                command: \"'$SECRET\"\n    depends_on: ['${SECRET}']\n    extends: $SECRET\n";
    let mut sources = sources(&[("f", text)]);
    sources.environment = pairs(&[("SECRET", "hunter2")]);
    let found = errors(&sources);
    assert!(!found.contains("hunter2"), "{found}");
}

#[test]
fn a_missing_environment_file_is_a_warning_that_is_listed() {
    let text = "services: {web: {image: a, env_file: [.env.web, {path: b, required: false}]}}\n";
    let found = project(&[("f", text)]);
    let codes: Vec<_> = found.ignored.iter().map(|one| (one.code, one.severity)).collect();
    assert_eq!(codes, [("W102", Severity::Warning)]);
}

#[test]
fn floods_end_soon_and_hide_no_error() {
    let keys: String = (0..20_000).map(|n| format!("    unknown{n}: 1\n")).collect();
    let text = format!("services:\n  web:\n    image: a\n{keys}    mem_limit: [1]\n");
    assert!(errors(&sources(&[("f", &text)])).contains("services.web.mem_limit"));
    let ports = "services: {web: {image: a, ports: ['1-65535']}}\n";
    assert!(errors(&sources(&[("f", ports)])).contains("E101"));
    let chain: String = (0..900).map(|n| format!("  s{n}: {{extends: s{}}}\n", n + 1)).collect();
    let text = format!("services:\n{chain}  s900: {{image: a}}\n");
    assert!(errors(&sources(&[("f", &text)])).contains("E101"));
    let many: String = (0..5_000).map(|n| format!("  s{n}: {{image: a}}\n")).collect();
    assert!(errors(&sources(&[("f", &format!("services:\n{many}"))])).contains("E101"));
}

#[test]
fn a_name_is_for_one_container() {
    let refused = |services: &str| errors(&sources(&[("f", &format!("services: {{{services}}}"))]));
    let said = refused("web: {image: a, container_name: shop, deploy: {replicas: 3}}");
    let expected = "services.web.container_name f:1:44: error[E113]: `web` has 3 containers, and they cannot all be \
                    called `shop`";
    assert!(said.starts_with(expected), "{said}");
    let said = refused("a: {image: a, container_name: shop}, b: {image: a, container_name: shop}");
    assert!(said.contains("`a` and `b` cannot both have a container called `shop`"), "{said}");
    project(&[("f", "services: {web: {image: a, container_name: shop, scale: 1}}")]);
}

#[test]
fn a_port_of_the_host_is_for_one_container() {
    let warned =
        |services: &str| shown(&project(&[("f", &format!("services: {{{services}}}"))]).warnings);
    let refused = |services: &str| errors(&sources(&[("f", &format!("services: {{{services}}}"))]));
    let expected = "each of the 2 containers of `web` publishes port 80 of the host, and only one of them starts";
    let said = refused("web: {image: a, ports: ['80:80'], scale: 2}");
    assert!(said.contains(&format!("error[E113]: {expected}")), "{said}");
    // Swarm shares it.
    let said = warned("web: {image: a, ports: ['80:80'], deploy: {replicas: 2}}");
    assert!(said.contains(&format!("warning[W103]: {expected}")), "{said}");
    let both = |one: &str, other: &str| {
        format!("a: {{image: a, ports: ['{one}']}}, b: {{image: a, ports: ['{other}']}}")
    };
    for (one, other) in [
        ("80:80", "80:8080"),
        ("127.0.0.1:80:80", "80:80"),
        ("80:80", "127.0.0.1:80:80"),
        ("0.0.0.0:80:80", "127.0.0.1:80:80"),
        ("79-81:79-81", "80:1"),
    ] {
        let found = refused(&both(one, other));
        let expected = "services.b.ports f:1:";
        assert!(found.starts_with(expected), "{one} and {other}: {found}");
        assert!(found.contains("`a` and `b` both publish port 80 of the host, and only one"));
    }
    for (one, other) in [
        ("80:80", "81:80"),
        ("80:80", "80:80/udp"),
        ("127.0.0.1:80:80", "10.0.0.1:80:80"),
        ("80-89:80", "80-89:80"),
        ("80", "80"),
    ] {
        assert_eq!(warned(&both(one, other)), "", "{one} and {other}");
    }
}
