//! Rules about memory: host, container, store, heap, database.

use super::{
    FindingSeverity, Provenance, Sources, build, check, find, findings, findings_beside, import,
    is_mended, only, settle,
};

#[test]
fn limits_above_the_host() {
    let plan = |swap: &str| {
        format!(
            "host: {{ memory: 512MiB, reserved: 100MiB{swap} }}\n\
             services: {{ a: {{ memory: 200MiB, replicas: 2 }}, b: {{ memory: 64MiB }} }}"
        )
    };
    let words = "464 MiB, with 100 MiB reserved 564 MiB: 52 MiB more than the host's 512 MiB";
    let finding = check("PL001", &plan(""), words, &plan(", swap: 52MiB"));
    assert!(finding.hint.contains("52 MiB in all, or take a host of 1 GiB"), "{}", finding.hint);
    assert_eq!(finding.service, None);
}

#[test]
fn a_limit_to_begin_with_is_above_the_peak_and_offered_only_where_something_is_known() {
    let text = "services: { web: { profile: nginx }, odd: {}, cache: { profile: redis } }";
    let model = settle(text);
    let id = |name: &str| model.services.iter().position(|one| one.name == name).unwrap();
    let mut peaks = [0; 3];
    peaks[id("web")] = 3 << 20;
    let all = findings_beside(&model, &Provenance::new(), &peaks);
    let finding = all.iter().find(|one| one.code == "PL012").unwrap();
    assert!(finding.hint.contains("`web` 8 MiB; measure the peak of the others"), "{finding:?}");
    assert_eq!(finding.fix.len(), 1);
    peaks[id("web")] = 624 << 20;
    let all = findings_beside(&model, &Provenance::new(), &peaks);
    assert!(all.iter().any(|one| one.hint.contains("`web` 960 MiB")), "{all:#?}");
    // Nothing was simulated: no number is made up.
    assert!(only("PL012", text).fix.is_empty());
}

#[test]
fn the_cap_that_fits_a_limit_does_not_depend_on_the_cap_there_is() {
    let offered = |cap: &str| only("PL030", &node("512MiB", &format!(", heap_limit: {cap}"))).fix;
    assert_eq!(offered("1536MiB"), offered("4GiB"));
    is_mended(
        &only("PL030", &node("512MiB", ", heap_limit: 4GiB")),
        &node("512MiB", ", heap_limit: 4GiB"),
    );
}

#[test]
fn buffers_of_unknown_data_are_an_estimate_of_what_a_database_takes_at_rest() {
    for (profile, limit) in [("postgres", "128MiB"), ("mysql", "360MiB"), ("mongodb", "256MiB")] {
        let plan = |more: &str| {
            format!("services: {{ db: {{ profile: {profile}, memory: {limit}{more} }} }}")
        };
        let finding = only("PL010", &plan(""));
        assert_eq!(finding.severity, FindingSeverity::Warning, "{finding:?}");
        assert!(finding.message.contains("an estimated"), "{finding:?}");
        assert!(
            finding.hint.ends_with("or state `dataset`, if its data would not fill its buffers")
        );
        assert!(find(&plan(", dataset: 5MiB")).iter().all(|one| one.code != "PL010"));
        let known = only("PL010", &plan(", dataset: 4GiB"));
        assert!(!known.hint.contains("dataset"), "{known:?}");
    }
}

#[test]
fn software_that_refuses_to_start() {
    let plan = |host: &str, limit: &str| {
        format!("host: {{ memory: {host} }}\nservices: {{ db: {{ profile: mssql{limit} }} }}")
    };
    let words = "it asks for 1.95 GiB when it starts, and sees less";
    check("PL014", &plan("4GiB", ", memory: 1GiB"), words, &plan("4GiB", ", memory: 2GiB"));
    check("PL014", &plan("1GiB", ""), words, &plan("2GiB", ""));
    let both = only("PL014", &plan("1GiB", ", memory: 1GiB"));
    assert_eq!(both.hint, "take a host of 2 GiB, and raise `memory` to 2 GiB");
    // It sees the host's memory whatever its limit is.
    let old = plan("4GiB", ", memory: 1GiB").replace("mssql", "mssql-2019");
    assert!(find(&old).iter().all(|finding| finding.code != "PL014"));
    let host = only("PL014", &plan("1GiB", ", memory: 3GiB").replace("mssql", "mssql-2019"));
    assert_eq!(host.hint, "take a host of 2 GiB");
    let host = only("PL014", &plan("1GiB", ", memory: 512MiB").replace("mssql", "mssql-2019"));
    assert_eq!(host.hint, "take a host of 2 GiB");
    // Nobody knows what a machine elsewhere has.
    assert!(find(&plan("1GiB", ", external: true")).iter().all(|one| one.code != "PL014"));
}

#[test]
fn rest_above_the_host() {
    let plan = |program: &str| {
        format!(
            "host: {{ memory: 512MiB, reserved: 100MiB }}\n\
             services: {{ a: {{ memory_program: {program}, memory_kernel: 1MiB, replicas: 2 }} }}"
        )
    };
    check("PL002", &plan("206MiB"), "use 414 MiB, with 100 MiB reserved 514 MiB", &plan("204MiB"));
}

#[test]
fn limits_that_need_swap() {
    let plan = |memory: &str| {
        format!(
            "host: {{ memory: 1GiB, reserved: 200MiB, swap: 1GiB }}\n\
             services: {{ a: {{ memory: {memory} }} }}"
        )
    };
    check("PL003", &plan("900MiB"), "up to 76 MiB of it in swap", &plan("824MiB"));
}

#[test]
fn requests_above_the_node() {
    let plan = |reserved: &str, cores: u32| {
        format!(
            "host: {{ memory: 1GiB, cores: {cores}, kubernetes: true }}\nservices: {{ a: {{ memory: 1GiB, \
             memory_reservation: {reserved}, replicas: 2, cpu_reservation: 0.5 }} }}"
        )
    };
    // Of 1,024 MiB, 100 are kept from pods.
    let words = "pods request 926 MiB of memory, and a node of 1 GiB has 924 MiB for them";
    check("PL004", &plan("463MiB", 1), words, &plan("462MiB", 1));
    let one =
        "host: { cores: 1, kubernetes: true }\nservices: { a: { cpu_reservation: 0.5, replicas: ";
    let words = "pods request 1.5 cores, and the node has 1";
    check("PL004", &format!("{one}3 }} }}"), words, &format!("{one}2 }} }}"));
    let all = find(&plan("462MiB", 1));
    let hint = &all.iter().find(|finding| finding.code == "PL001").expect("limits of 2 GiB").hint;
    assert!(!hint.contains("swap"), "{hint}");
    // Nothing is set aside where nothing schedules.
    let all = find(&plan("463MiB", 1).replace(", kubernetes: true", ""));
    assert!(all.iter().all(|finding| finding.code != "PL004"), "{all:#?}");
}

#[test]
fn rest_above_the_limit() {
    let plan = |worker: &str, memory: &str| {
        format!(
            "services: {{ app: {{ profile: gunicorn-sync, memory: {memory}, workers: 3{worker} }} }}"
        )
    };
    let stated = ", memory_worker: 80MiB";
    let finding = check(
        "PL010",
        &plan(stated, "250MiB"),
        "256 MiB, more than its limit of 250 MiB: 3 workers × 80 MiB, program 15.5 MiB",
        &plan(stated, "260MiB"),
    );
    assert!(finding.hint.contains("`workers: 2`"), "{}", finding.hint);
    // The same by a guess, whose low end (27.5 MiB) would fit, is one step milder and says so.
    let guessed = only("PL010", &plan("", "250MiB"));
    assert_eq!(guessed.severity, FindingSeverity::Warning);
    assert!(
        guessed.message.contains("an estimated") && guessed.message.contains("(a guess: 27.5 MiB")
    );
    // Unless even the low end does not fit.
    assert_eq!(only("PL010", &plan("", "90MiB")).severity, FindingSeverity::Error);
}

#[test]
fn rest_near_the_limit() {
    let plan = |memory: &str| {
        format!(
            "services: {{ a: {{ memory: {memory}, memory_program: 99MiB, memory_kernel: 1MiB }} }}"
        )
    };
    let finding =
        check("PL011", &plan("110MiB"), "100 MiB of its limit of 110 MiB", &plan("112MiB"));
    assert!(finding.hint.contains("128 MiB"), "{}", finding.hint);
}

#[test]
fn containers_without_a_limit() {
    let near = "services: { a: { memory: 1GiB }, elsewhere: { external: true } }";
    let finding = check("PL012", "services: { a: {}, b: {} }", "memory limit: a, b", near);
    assert_eq!(finding.service, None);
}

fn redis(memory: &str, settings: &str) -> String {
    format!("services: {{ cache: {{ profile: redis, memory: {memory}, {settings} }} }}")
}

#[test]
fn maxmemory_near_the_limit() {
    let lru = "maxmemory: 64MiB, eviction: allkeys-lru, save: \"\"";
    // As measured (redis_oom): killed at 64 MiB, alive at 72 MiB.
    let broken = redis("64MiB", lru);
    let finding = check("PL020", &broken, "takes 66.8 MiB (× 1.01", &redis("72MiB", lru));
    assert!(finding.hint.contains("`maxmemory` to 56 MiB, or raise `memory` to 80 MiB"));
    assert!(!finding.hint.contains("dumps"), "{}", finding.hint);
    // Between the low end of what the program itself takes and its usual value nobody knows.
    assert_eq!(only("PL020", &redis("68096KiB", lru)).severity, FindingSeverity::Warning);
    // Few keys never fill it.
    let few = "caches: { session: { service: cache, keys: 1000 } }";
    let finding = only("PL020", &format!("{broken}\n{few}"));
    assert_eq!(finding.severity, FindingSeverity::Warning);
}

#[test]
fn no_room_to_fork() {
    let saving = "maxmemory: 100MiB, eviction: allkeys-lru, save: \"900 1\"";
    let words = "16.9 MiB are left for the copies that writes make during dumps, 20.2 MiB";
    let finding = only("PL021", &redis("120MiB", saving));
    assert!(finding.message.contains(words), "{}", finding.message);
    assert_eq!(finding.severity, FindingSeverity::Warning);
    let codes = |plan: &str| find(plan).into_iter().map(|finding| finding.code).collect::<Vec<_>>();
    assert!(!codes(&redis("130MiB", saving)).contains(&"PL021".to_owned()));
    let off = "maxmemory: 100MiB, eviction: allkeys-lru, save: \"\"";
    assert!(!codes(&redis("120MiB", off)).contains(&"PL021".to_owned()));
    // Where the data itself does not fit, that is said once.
    assert!(!codes(&redis("100MiB", saving)).contains(&"PL021".to_owned()));
    let rewriting = format!("{off}, append_only: true");
    assert!(only("PL021", &redis("120MiB", &rewriting)).message.contains("rewrites of its file"));
}

#[test]
fn a_cache_that_drops_nothing() {
    let cache = "caches: { page: { service: cache, hit_ratio: 80% } }";
    let plan = |settings: &str| format!("{}\n{cache}", redis("128MiB", settings));
    let broken = plan("maxmemory: 64MiB");
    check(
        "PL022",
        &broken,
        "64 MiB and noeviction",
        &plan("maxmemory: 64MiB, eviction: allkeys-lfu"),
    );
}

#[test]
fn a_cache_that_bears_the_name_of_its_store_is_stated_all_the_same() {
    let plan = |caches: &str| {
        let store = redis("128MiB", "maxmemory: 64MiB, save: \"\"");
        format!("{store}\n{caches}")
    };
    let stated = only("PL022", &plan("caches: { cache: { service: cache, hit_ratio: 80% } }"));
    assert_eq!(stated.severity, FindingSeverity::Warning);
}

#[test]
fn a_store_with_keys_and_a_hit_ratio_is_without_bound() {
    let plan = |sessions: &str| {
        let store = redis("64MiB", "save: \"\"");
        let keys = "pages: { service: cache, keys: 1000 }";
        format!(
            "{store}\ncaches: {{ {keys}, sessions: {{ service: cache, hit_ratio: 90%{sessions} }} }}"
        )
    };
    check("PL023", &plan(""), "killed at 64 MiB", &plan(", keys: 1000"));
}

#[test]
fn a_store_without_bound() {
    let finding = check(
        "PL023",
        &redis("64MiB", "save: \"\""),
        "killed at 64 MiB",
        &redis("64MiB", "save: \"\", dataset: 10MiB"),
    );
    assert!(finding.hint.contains("`maxmemory` to 56 MiB"), "{}", finding.hint);
}

fn node(memory: &str, settings: &str) -> String {
    format!("services: {{ api: {{ profile: node, memory: {memory}{settings} }} }}")
}

/// The hint about a heap in a Compose file with this service.
fn heap_hint(code: &str, service: &str) -> String {
    let text = format!("services: {{ api: {{ {service} }} }}");
    let draft = import::read(&Sources::single("compose.yaml", text)).unwrap();
    let model = build(&draft.scenario, &draft.provenance).unwrap();
    let all = findings(&model, &draft.provenance);
    let found = all.iter().find(|finding| finding.code == code);
    found.unwrap_or_else(|| panic!("{code} in {all:#?}")).hint.clone()
}

#[test]
fn a_heap_is_capped_in_the_words_of_its_software_and_its_file() {
    let java = "image: 'eclipse-temurin:21', command: java -jar app.jar, mem_limit: 512m";
    let stated = format!("{java}, environment: {{ JAVA_TOOL_OPTIONS: -Xmx1g }}");
    let hint = heap_hint("PL030", &stated);
    assert!(hint.starts_with("lower the cap to `-Xmx"), "{hint}");
    let capless = "image: 'node:22', command: node app.js, mem_limit: 256m";
    let hint = heap_hint("PL030", capless);
    assert!(hint.starts_with("state `--max-old-space-size="), "{hint}");
    assert!(hint.contains("` in `NODE_OPTIONS`, or raise `memory` to"), "{hint}");
    let hint = heap_hint("PL031", "image: 'node:22', command: node app.js, mem_limit: 2g");
    assert!(hint.ends_with("` in `NODE_OPTIONS`, or less"), "{hint}");
    let hint = heap_hint("PL030", "image: 'apache/kafka:3.8.0', mem_limit: 512m");
    assert!(hint.contains("m` in `KAFKA_HEAP_OPTS`"), "{hint}");
    // Each of three machines has a flag of its own; a graph database has a variable for the size.
    let hint = heap_hint("PL030", "image: 'sonarqube:lts', mem_limit: 2g");
    let each = "` in each of `SONAR_WEB_JAVAOPTS`, `SONAR_CE_JAVAOPTS` and `SONAR_SEARCH_JAVAOPTS`";
    assert!(hint.starts_with("state `-Xmx") && hint.contains(each), "{hint}");
    let hint = heap_hint("PL030", "image: 'neo4j:5', mem_limit: 1200m");
    assert!(hint.starts_with("state `NEO4J_server_memory_heap_max__size="), "{hint}");
    let text = format!("version: 1\n{}", node("256MiB", ""));
    let draft = import::read(&Sources::single("plan.yaml", text)).unwrap();
    let model = build(&draft.scenario, &draft.provenance).unwrap();
    let all = findings(&model, &draft.provenance);
    let own = all.iter().find(|finding| finding.code == "PL030").unwrap();
    assert!(own.hint.starts_with("lower `heap_limit` to "), "{}", own.hint);
}

#[test]
fn a_heap_is_not_capped_below_its_start_nor_what_lives_on_it() {
    let java = "image: 'eclipse-temurin:21', command: java -Xms512m -Xmx1g -jar a, mem_limit: 512m";
    let hint = heap_hint("PL030", java);
    assert!(hint.starts_with("lower the cap to `-Xmx"), "{hint}");
    assert!(hint.contains("` and the start to `-Xms"), "{hint}");
    let plan =
        "services: { a: { profile: java, memory: 512MiB, heap_limit: 1GiB, heap_start: 512MiB } }";
    let finding = only("PL030", plan);
    assert!(finding.hint.starts_with("lower `heap_limit` and `heap_start` to "), "{finding:?}");
    let paths: Vec<&str> = finding.fix.iter().map(|one| one.path.as_str()).collect();
    assert_eq!(paths, ["services.a.heap_limit", "services.a.heap_start"]);
    is_mended(&finding, plan);
    // A script's own start goes with its cap.
    let hint = heap_hint("PL030", "image: 'apache/kafka:3.8.0', mem_limit: 512m");
    assert!(hint.starts_with("state `-Xmx") && hint.contains("m -Xms"), "{hint}");
    // 64 MiB live on the heap, for which 300 MiB leave no room.
    let finding = only("PL030", &plan.replace("512MiB", "300MiB"));
    assert!(finding.hint.starts_with("raise `memory` to "), "{finding:?}");
}

#[test]
fn a_heap_cap_above_the_limit() {
    // Measured (node_leak): 415 MiB with the heap at its cap of 384 MiB.
    let capped = ", heap_limit: 384MiB";
    let words = "384 MiB it takes about 412 MiB, more than its limit of 384 MiB";
    check("PL030", &node("384MiB", capped), words, &node("416MiB", capped));
    let two = only("PL030", &node("512MiB", ", heap_limit: 256MiB, workers: 2"));
    assert!(two.message.contains("256 MiB for each of 2 workers"), "{}", two.message);
    // The cap that the runtime chooses itself, of at least 256 MiB, does not fit 256 MiB.
    assert!(only("PL030", &node("256MiB", "")).message.contains("default cap of 256 MiB"));
}

#[test]
fn a_heap_that_cannot_fit_at_any_estimate_is_a_warning() {
    // 768 MiB and at the least a hundredth more of tables, 30 MiB of classes, 23 MiB of 400 threads.
    let java =
        |more: &str| format!("services: {{ app: {{ profile: java, heap_limit: 768MiB{more} }} }}");
    let certain = only("PL030", &java(", threads: 400, memory: 800MiB"));
    assert_eq!(certain.severity, FindingSeverity::Warning, "{certain:?}");
    // With 40 threads it may fit: 808 MiB and more are certain.
    let open = only("PL030", &java(", threads: 40, memory: 810MiB"));
    assert_eq!(open.severity, FindingSeverity::Note, "{open:?}");
}

#[test]
fn a_heap_cap_that_nobody_states() {
    let near = node("1GiB", ", heap_limit: 512MiB");
    let finding = check("PL031", &node("1GiB", ""), "about 512 MiB of its limit of 1 GiB", &near);
    assert!(finding.hint.contains("`heap_limit: 832 MiB`"), "{}", finding.hint);
}

fn postgres(settings: &str) -> String {
    format!("services: {{ db: {{ profile: postgres, {settings} }} }}")
}

#[test]
fn a_database_whose_settings_allow_too_much() {
    let settings = "shared_buffers: 64MiB, max_connections: 50, work_mem: 2MiB, memory: ";
    let finding = check(
        "PL050",
        &postgres(&format!("{settings}300MiB")),
        "50 connections × (1.61 MiB + work_mem 2 MiB), 3 × maintenance_work_mem 64 MiB",
        &postgres(&format!("{settings}464MiB")),
    );
    assert!(finding.hint.contains("raise `memory` to 448 MiB"), "{}", finding.hint);
    // A pool of four workers with one thread each opens four connections, whatever is accepted.
    let pooled = format!(
        "services:\n  db: {{ profile: postgres, {settings}300MiB }}\n  \
         app: {{ profile: gunicorn-sync, workers: 4, memory: 1GiB, calls: [db] }}"
    );
    assert!(find(&pooled).iter().all(|finding| finding.code != "PL050"));
}

#[test]
fn shared_buffers_that_are_too_large() {
    let finding = check(
        "PL051",
        &postgres("shared_buffers: 128MiB, memory: 256MiB"),
        "128 MiB is 50 % of its limit of 256 MiB",
        &postgres("shared_buffers: 128MiB, memory: 320MiB"),
    );
    assert!(finding.hint.contains("about 64 MiB"), "{}", finding.hint);
    let host = format!("host: {{ memory: 256MiB }}\n{}", postgres("shared_buffers: 128MiB"));
    assert!(only("PL051", &host).message.contains("the host of 256 MiB"));
}
