//! Plans that want to break the program: each ends soon, with a sentence, and never as an internal
//! error.

use crate::shell::{Answer, Folder};

/// Seconds of CPU. Generous: what takes more is a budget that does not hold. Counted by the kernel, so
/// that a busy machine makes no difference.
const CPU_SECONDS: u32 = 10;

/// Runs `check` on a plan and fails unless it ends within its time, with one of these codes.
fn judged(name: &str, text: impl AsRef<[u8]>, words: &[&str], codes: &[i32]) -> Answer {
    let folder = Folder::with(name, "plan.yaml", text);
    let answer = folder.run_within(CPU_SECONDS, &[&["check", "plan.yaml"], words].concat());
    let code = answer.code();
    assert!(code.is_some_and(|code| codes.contains(&code)), "{name}: {code:?}: {}", answer.talk());
    answer
}

/// The same, and it says what is wrong: a code and a part of the sentence.
fn refused(name: &str, text: impl AsRef<[u8]>, code: &str, part: &str) {
    let answer = judged(name, text, &[], &[2]);
    let talk = answer.talk();
    assert!(talk.contains(code) && talk.contains(part), "{name}: {talk}");
    assert!(talk.len() < 10_000, "{name}: {} bytes of complaint", talk.len());
    assert_eq!(answer.out(), "");
}

/// A scenario of these lines.
fn scenario(lines: &str) -> String {
    format!("version: 1\n{lines}\n")
}

#[test]
fn aliases_cannot_explode() {
    let mut text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (letter, before) in ('b'..='m').zip('a'..) {
        let ten = vec![format!("*{before}"); 10].join(", ");
        text.push_str(&format!("{letter}: &{letter} [{ten}]\n"));
    }
    refused("bomb", text + "services: { web: { image: nginx } }\n", "E101", "values");
}

#[test]
fn manifests_cannot_explode() {
    let pod = |containers: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{ name: web }}\nspec: {{ containers: [{containers}] }}\n"
        )
    };
    let many: String = (0..1_001).map(|n| format!("{{ name: c{n}, image: nginx }},")).collect();
    refused("containers", pod(&many), "E101", "at most 1000");
    let mut doubled = "{ name: V0, value: xxxxxxxxxxxxxxxx }".to_owned();
    for (before, name) in (0..60).zip(1..) {
        doubled += &format!(", {{ name: V{name}, value: $(V{before})$(V{before}) }}");
    }
    let env = pod(&format!("{{ name: web, image: nginx, env: [{doubled}] }}"));
    refused("variables", env, "E101", "16 MiB");
    // A file of settings that a thousand containers name, and names that all lead to one another.
    let line = "maxmemory 1mb\\n".repeat(10_000);
    let file = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: s }}\ndata: {{ redis.conf: \"{line}\" }}\n"
    );
    let one = |n: usize| {
        format!(
            "{{ name: c{n}, image: redis, args: [redis-server, /s/redis.conf], \
             volumeMounts: [{{ name: s, mountPath: /s }}] }},"
        )
    };
    let many: String = (0..900).map(one).collect();
    let redis =
        pod(&many).replace("spec: {", "spec: { volumes: [{ name: s, configMap: { name: s } }],");
    judged("settings", format!("{file}---\n{redis}"), &["--runs", "1"], &[0, 1, 2, 3]);
}

#[test]
fn nesting_has_an_end() {
    let deep = |open: &str, close: &str| open.repeat(100_000) + &close.repeat(100_000);
    refused("lists", scenario(&format!("services: {}", deep("[", "]"))), "E101", "deeper than");
    refused("maps", scenario(&format!("services: {}", deep("{a: ", "}"))), "E101", "deeper than");
    let block: String = (0..2_000).map(|depth| " ".repeat(depth) + "a:\n").collect();
    refused("block", block, "E101", "deeper than");
}

#[test]
fn numbers_have_ranges() {
    for (name, lines, code, part) in [
        ("replicas", "services: { web: { replicas: 1000000000 } }", "E202", "replicas"),
        ("processes", "services: { web: { replicas: 1000, workers: 4096 } }", "E202", "processes"),
        ("workers", "services: { web: { workers: 18446744073709551615 } }", "E105", "workers"),
        ("rate", "services: { web: {} }\ntraffic: { arrival_rate: 1e308/s }", "E105", "rate"),
        ("fast", "services: { web: {} }\ntraffic: { arrival_rate: 10000001/s }", "E202", "rate"),
        (
            "no-pause",
            "services: { web: {} }\ntraffic: { users: 9, think_time: 0s }",
            "E202",
            "pause",
        ),
        (
            "no-mean-pause",
            "services: { web: {} }\ntraffic: { users: 9, think_time: { exponential: 0s } }",
            "E202",
            "pause",
        ),
        ("cpus", "services: { web: { cpus: .nan } }", "E202", "CPU"),
        ("for-ever", "services: { web: {} }\nhorizon: 401d", "E202", "run"),
        (
            "leak",
            "services: { web: {} }\ndisturbances: [leak: { service: web, per_hour: 8000000TiB }]",
            "E202",
            "leak",
        ),
        (
            "hold",
            "services: { web: {} }\nendpoints: { p: { steps: [hold: 8000000TiB, hold: 8000000TiB] } }",
            "E202",
            "hold",
        ),
        (
            "rest",
            "services: { web: { workers: 4096, threads: 1000000, memory_thread: 1TiB } }",
            "E202",
            "at rest",
        ),
        (
            "pools",
            "services: { a: { workers: 4096, pool_min: 100000, pool_size: 100000 }, db: {} }\n\
             endpoints: { p: { service: a, steps: [query: { database: db }] } }",
            "E202",
            "connections",
        ),
        (
            "weights",
            "services: { web: {} }\nendpoints: { p: { steps: [choice: [{ weight: .nan }]] } }",
            "E105",
            "weights",
        ),
    ] {
        refused(name, scenario(lines), code, part);
    }
    let compose = "services: { web: { image: nginx, deploy: { replicas: 1000000000 } } }";
    refused("compose-replicas", compose, "E114", "out of range");
}

#[test]
fn flags_have_ranges_too() {
    let plan = scenario("services: { web: {} }");
    for words in [
        &["--traffic", "1e308/s"][..],
        &["--traffic", "10000001/s"],
        &["--traffic", "-1/s"],
        &["--traffic", "nan/s"],
        &["--for", "100000d"],
        &["--target", "1e300gb"],
        &["--set", "services.web.replicas=1000000000"],
        &["--seed", "18446744073709551616"],
        &["--runs", "0"],
    ] {
        let answer = judged("flags", &plan, words, &[2]);
        assert!(answer.talk().contains("error"), "{words:?}: {}", answer.talk());
    }
}

#[test]
fn calls_in_a_circle_are_named() {
    for (name, services) in [
        ("itself", "web: { calls: [web] }"),
        ("app-itself", "web: { profile: uvicorn, calls: [web] }"),
        ("three", "a: { calls: [b] }, b: { calls: [c] }, c: { calls: [a] }"),
    ] {
        let text =
            scenario(&format!("services: {{ {services} }}\ntraffic: {{ arrival_rate: 1/s }}"));
        refused(name, text, "E204", "never end");
    }
    // 2^23 ways through services that each call all after them.
    let services: Vec<String> = (0..24)
        .map(|from| {
            let calls: Vec<String> = (from + 1..24).map(|to| format!("s{to}")).collect();
            format!("s{from}: {{ calls: [{}] }}", calls.join(", "))
        })
        .collect();
    refused(
        "fan",
        scenario(&format!("services: {{ {} }}", services.join(", "))),
        "E204",
        "too many",
    );
}

#[test]
fn plans_may_be_large_but_not_endless() {
    let million: String = (0..1_000_000).map(|id| format!("  s{id}: {{}}\n")).collect();
    refused("million", format!("services:\n{million}"), "error", "larger than 4 MiB");
    let many: String = (0..60_000).map(|id| format!("  s{id}: {{image: a}}\n")).collect();
    refused("many", format!("services:\n{many}"), "E101", "at most 1000");
    let endpoints: Vec<String> = (0..5_000).map(|id| format!("p{id}: {{}}")).collect();
    let text = format!("services: {{ web: {{}} }}\nendpoints: {{ {} }}", endpoints.join(", "));
    refused("endpoints", scenario(&text), "E202", "at most 256");
    let spikes = ["{ factor: 1, at: 1s, for: 1s }"; 20_000].join(", ");
    let text =
        format!("services: {{ web: {{}} }}\ntraffic: {{ arrival_rate: 1/s, spikes: [{spikes}] }}");
    refused("spikes", scenario(&text), "E202", "at most 1000");
    let keys = "services: { web: {}, r: { profile: redis, replicas: 1000 } }\n\
                caches: { k: { service: r, keys: 50000000 } }";
    refused("keys", scenario(keys), "E203", "keys");
}

#[test]
fn a_flood_within_the_ranges_ends_with_the_budget() {
    let budget = ["--max-events", "300000"];
    for (name, lines) in [
        ("rate", "services: { web: {} }\ntraffic: { arrival_rate: 10000000/s }"),
        ("users", "services: { web: {} }\ntraffic: { users: 1000000, think_time: 1us }"),
        (
            "ways",
            &format!(
                "services: {{ web: {{}} }}\nendpoints: {{ p: {{ steps: [parallel: [{}]] }} }}\n\
                 traffic: {{ arrival_rate: 10000/s }}",
                ["[wait: 1s]"; 40_000].join(", ")
            ),
        ),
        ("year", "services: { web: {} }\nhorizon: 400d\ntraffic: { arrival_rate: 1000/s }"),
    ] {
        // A breach that was seen counts; but nothing passes.
        judged(name, scenario(lines), &budget, &[1, 3]);
    }
}

#[test]
fn odd_bytes_are_no_plan() {
    refused("latin", b"services:\n  web: {image: caf\xe9}\n", "error", "UTF-8");
    refused("nul", b"services:\n  web: {image: 'a\x00b'}\n", "E100", "not YAML");
    let blank = judged("blank", " ".repeat(1_000_000), &[], &[4]);
    assert!(blank.talk().contains("nothing to check"), "{}", blank.talk());
    refused("binary", [0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0xff, 0xfe], "error", "UTF-8");
}

/// The shell can limit the address space of a program, text and stacks included; what the program
/// takes of it must stay below 128 MiB.
#[cfg(target_os = "linux")]
#[test]
fn hostile_plans_stay_within_256_mib_of_address_space() {
    use std::process::{Command, Stdio};
    let aliases = "x: &x [1, 2, 3]\nservices: { web: { image: nginx } }\ny: [".to_owned()
        + &["*x"; 9_000].join(", ")
        + "]\n";
    let nodes: String = (0..120_000).map(|id| format!("  s{id}:\n")).collect();
    let nodes = scenario("services:") + &nodes;
    let flood = scenario("services: { web: {} }\ntraffic: { arrival_rate: 10000000/s }");
    for (name, text) in [("aliases", aliases), ("nodes", nodes), ("flood", flood)] {
        let folder = Folder::with(&format!("memory-{name}"), "plan.yaml", text);
        let program = env!("CARGO_BIN_EXE_plimsoll");
        let script = format!(
            "ulimit -v {}; exec '{program}' check plan.yaml --jobs 1 --max-events 2000000",
            256 * 1024
        );
        let mut command = Command::new("bash");
        command.current_dir(folder.path()).args(["-c", &script]).stdin(Stdio::null());
        // One arena for all threads: each of its own would reserve 64 MiB of addresses.
        let output = command.env("MALLOC_ARENA_MAX", "1").output().expect("bash starts");
        let talk = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(matches!(output.status.code(), Some(0..=4)), "{name}: {:?} {talk}", output.status);
    }
}
