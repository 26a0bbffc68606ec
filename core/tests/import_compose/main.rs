//! Compose files as teams write them: fixtures, overrides, `extends`, `include`, variables.

mod doubt;

use std::collections::BTreeMap;

use plimsoll::diagnostic::Diagnostic;
use plimsoll::import::compose::{
    Condition, FailureAction, Project, Protocol, Restart, Service, SourceFile, Sources, SwapLimit,
    UpdateOrder, read, references,
};
use plimsoll::import::node::Node;
use plimsoll::quantity::{Bytes, SimTime};

const DJANGO: &str = include_str!("../fixtures/compose/django-512mb.compose.yaml");
const NODE: &str = include_str!("../fixtures/compose/node-2gb.compose.yaml");
const FASTAPI: &str = include_str!("../fixtures/compose/fastapi-4gb.compose.yaml");
const REPLICAS: &str = include_str!("../fixtures/compose/ha-replicas.compose.yaml");

fn sources(files: &[(&str, &str)]) -> Sources {
    let file = |(name, text): &(&str, &str)| SourceFile {
        name: (*name).to_owned(),
        text: (*text).to_owned(),
    };
    Sources { files: files.iter().map(file).collect(), ..Sources::default() }
}

fn pairs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn project(files: &[(&str, &str)]) -> Project {
    read(&sources(files)).unwrap_or_else(|errors| panic!("{}", shown(&errors)))
}

fn shown(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(|one| format!("{} {one}\n", one.path)).collect()
}

fn errors(sources: &Sources) -> String {
    shown(&read(sources).expect_err("invalid"))
}

fn service<'p>(project: &'p Project, name: &str) -> &'p Service {
    project.service(name).unwrap_or_else(|| panic!("no service {name}"))
}

fn limits(project: &Project) -> Vec<(&str, f64)> {
    let limit = |service: &Service| service.memory_limit().map_or(0.0, |at| at.value.as_mib());
    project.services.iter().map(|service| (service.name.as_str(), limit(service))).collect()
}

#[test]
fn django_is_read_whole() {
    let project = project(&[("compose.yaml", DJANGO)]);
    assert_eq!(
        limits(&project),
        [
            ("nginx", 50.0),
            ("django_prod", 150.0),
            ("django_staging", 100.0),
            ("postgres", 200.0),
            ("pgbouncer", 30.0),
            ("redis", 50.0)
        ]
    );
    let production = service(&project, "django_prod");
    let command = production.command.as_ref().expect("a command");
    assert_eq!(command.value.len(), 12);
    assert_eq!(command.value[..2], ["gunicorn", "config.wsgi:application"]);
    assert_eq!(command.location.line, 12);
    let check = production.healthcheck.as_ref().expect("a check");
    let interval = check.interval.as_ref().map(|at| at.value);
    assert_eq!(interval, Some(SimTime::from_millis(30_000)));
    assert_eq!(production.environment["REDIS_URL"].value, "redis://redis:6379/0");
    assert_eq!(production.environment["REDIS_URL"].location.line, 16);
    assert_eq!(production.depends_on.len(), 2);
    assert_eq!(production.restart.as_ref().map(|at| at.value), Some(Restart::UnlessStopped));
    assert!(production.build.is_some() && production.image.is_none());
    let ports = &service(&project, "nginx").ports;
    assert_eq!(ports[1].value.published, Some(443));
    assert_eq!(shown(&project.warnings), "");
    let expected = "volumes compose.yaml:46:1: note[N100]: `volumes` is not part of the model\n";
    assert_eq!(shown(&project.ignored), expected);
}

#[test]
fn anchors_and_merge_keys_give_the_node_stack_its_limits() {
    let project = project(&[("compose.yaml", NODE)]);
    let small = ["frontend", "prometheus", "grafana", "loki"];
    for name in small {
        let limit = service(&project, name).memory_limit().expect("a limit");
        assert_eq!((limit.value, limit.location.line), (Bytes::mib(128), 5), "{name}");
    }
    let api = service(&project, "api");
    assert_eq!(api.cpu_limit().map(|at| at.value), Some(0.75));
    assert_eq!(api.memory_reservation().map(|at| at.value), Some(Bytes::mib(192)));
    assert_eq!(api.command.as_ref().map(|at| at.value.len()), Some(3));
    let total: f64 = limits(&project).iter().map(|(_, mib)| mib).sum();
    assert_eq!(total, 1504.0);
}

#[test]
fn variables_take_their_defaults_or_what_is_set() {
    let mut sources = sources(&[("compose.yaml", FASTAPI)]);
    let workers = |sources: &Sources| {
        let project = read(sources).expect("valid");
        service(&project, "backend").command.as_ref().and_then(|at| at.value.last().cloned())
    };
    assert_eq!(workers(&sources).as_deref(), Some("2"));
    sources.environment = pairs(&[("UVICORN_WORKERS", "5")]);
    assert_eq!(workers(&sources).as_deref(), Some("5"));
}

#[test]
fn replicas_and_updates_are_read() {
    let project = project(&[("compose.yaml", REPLICAS)]);
    let web = service(&project, "web");
    assert_eq!(web.replicas().map(|at| at.value), Some(3));
    assert_eq!(web.cpu_limit().map(|at| at.value), Some(2.0));
    let update = web.deploy.update.as_ref().expect("an update");
    assert_eq!(update.order.as_ref().map(|at| at.value), Some(UpdateOrder::StartFirst));
    assert_eq!(update.failure_action.as_ref().map(|at| at.value), None::<FailureAction>);
    let sticky = "traefik.http.services.backend.loadbalancer.sticky.cookie.name";
    assert_eq!(web.labels[sticky].value, "session");
}

#[test]
fn overrides_merge_as_compose_merges() {
    let base = "services:\n  web:\n    image: a\n    command: [x, y]\n    mem_limit: 100m\n    \
                environment: {A: '1', B: '2'}\n    ports: ['80:80', '81:81']\n    \
                volumes: ['one:/data']\n    depends_on: [db]\n    \
                healthcheck: {test: [CMD, a], retries: 3}\n    x-plimsoll: {a: 1, b: {c: 2}}\n  \
                db: {image: postgres}\n";
    let over = "services:\n  web:\n    command: z\n    mem_limit: 200m\n    \
                environment: ['B=3', 'C=4']\n    ports: ['82:82', '80:80']\n    \
                volumes: ['two:/data']\n    depends_on: {cache: {condition: service_healthy}}\n    \
                healthcheck: {test: [CMD, b]}\n    x-plimsoll: {b: {d: 3}}\n  \
                cache: {image: redis}\n";
    let project = project(&[("compose.yaml", base), ("compose.override.yaml", over)]);
    let web = service(&project, "web");
    assert_eq!(web.image.as_ref().map(|at| at.value.as_str()), Some("a"));
    assert_eq!(web.command.as_ref().map(|at| at.value.clone()), Some(vec!["z".to_owned()]));
    let limit = web.memory_limit().expect("a limit");
    let place = (limit.location.file.as_str(), limit.location.line);
    assert_eq!((limit.value, place), (Bytes::mib(200), ("compose.override.yaml", 4)));
    let environment: Vec<_> =
        web.environment.iter().map(|(name, at)| (name.as_str(), at.value.as_str())).collect();
    assert_eq!(environment, [("A", "1"), ("B", "3"), ("C", "4")]);
    let ports: Vec<_> = web.ports.iter().map(|at| at.value.container).collect();
    assert_eq!(ports, [80, 81, 82]);
    let volumes = web.volumes.as_ref().and_then(Node::as_sequence).expect("volumes");
    assert_eq!(volumes.iter().filter_map(Node::as_str).collect::<Vec<_>>(), ["two:/data"]);
    let conditions: Vec<_> = web.depends_on.iter().map(|at| at.value.condition).collect();
    assert_eq!(conditions, [Condition::Started, Condition::Healthy]);
    let check = web.healthcheck.as_ref().expect("a check");
    assert_eq!(check.test.as_ref().map(|at| at.value[1].as_str()), Some("b"));
    assert_eq!(check.retries.as_ref().map(|at| at.value), Some(3));
    let extension = web.extension.as_ref().expect("an extension");
    assert!(extension.get("b").is_some_and(|b| b.get("c").is_some() && b.get("d").is_some()));
}

#[test]
fn reset_removes_and_override_replaces() {
    let base = "services:\n  web:\n    image: a\n    mem_limit: 100m\n    ports: ['80:80']\n    \
                expose: ['90']\n    environment: {A: '1', B: '2'}\n";
    let over = "services:\n  web:\n    mem_limit: !reset null\n    ports: !override ['81:81']\n    \
                expose: !reset []\n    environment: {A: !reset null}\n";
    let project = project(&[("a", base), ("b", over)]);
    let web = service(&project, "web");
    assert!(web.memory_limit().is_none() && web.expose.is_empty());
    assert_eq!(web.ports.iter().map(|at| at.value.container).collect::<Vec<_>>(), [81]);
    assert_eq!(web.environment.keys().collect::<Vec<_>>(), ["B"]);
}

#[test]
fn several_documents_of_one_file_are_laid_over_each_other() {
    let text = "services: {web: {image: a, mem_limit: 64m}}\n---\nservices: {web: {image: b}}\n";
    let project = project(&[("compose.yaml", text)]);
    let web = service(&project, "web");
    assert_eq!(web.image.as_ref().map(|at| at.value.as_str()), Some("b"));
    assert_eq!(web.memory_limit().map(|at| at.value), Some(Bytes::mib(64)));
}

#[test]
fn extends_reaches_through_files_and_services() {
    let main = "services:\n  web:\n    extends: {file: common/base.yaml, service: app}\n    \
                environment: {B: own}\n  worker:\n    extends: web\n    command: work\n";
    let base = "services:\n  app:\n    extends: {file: ../deep.yaml, service: root}\n    \
                mem_limit: 300m\n    environment: [A=base, B=base]\n    env_file: base.env\n";
    let deep = "services: {root: {image: deep, mem_limit: 1g}}\n";
    let mut sources = sources(&[("compose.yaml", main)]);
    assert_eq!(references(&sources.files[0], &sources.environment), ["common/base.yaml"]);
    let file = SourceFile { name: "common/base.yaml".into(), text: base.into() };
    assert_eq!(references(&file, &sources.environment), ["common/base.env", "deep.yaml"]);
    sources.referenced = pairs(&[
        ("common/base.yaml", base),
        ("deep.yaml", deep),
        ("common/base.env", "A=file\nF=from file\n"),
    ]);
    let project = read(&sources).expect("valid");
    for name in ["web", "worker"] {
        let found = service(&project, name);
        assert_eq!(found.image.as_ref().map(|at| at.value.as_str()), Some("deep"));
        assert_eq!(found.memory_limit().map(|at| at.value), Some(Bytes::mib(300)));
        let environment: Vec<_> = found.environment.values().map(|at| at.value.as_str()).collect();
        assert_eq!(environment, ["base", "own", "from file"]);
        assert_eq!(found.environment["F"].location.file, "common/base.env");
    }
    sources.referenced.remove("deep.yaml");
    assert!(errors(&sources).contains("error[E110]: the file `deep.yaml` was not given"));
}

#[test]
fn extends_in_a_circle_is_an_error() {
    let text = "services: {a: {extends: b}, b: {extends: {service: c}}, c: {extends: a}}\n";
    let found = errors(&sources(&[("f", text)]));
    assert!(found.contains("error[E111]: services extend each other in a circle"), "{found}");
}

#[test]
fn included_services_stand_beside_the_others() {
    let main = "include: [sub/compose.yaml]\nservices: {web: {image: a, depends_on: [db]}}\n";
    let sub = "include: [{path: more.yaml}]\nservices: {db: {image: postgres}}\n";
    let more = "services: {cache: {image: redis}}\n";
    let mut sources = sources(&[("compose.yaml", main)]);
    sources.referenced = pairs(&[("sub/compose.yaml", sub), ("sub/more.yaml", more)]);
    let project = read(&sources).expect("valid");
    let names: Vec<_> = project.services.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["web", "db", "cache"]);
    sources.referenced.insert("sub/more.yaml".into(), "include: [compose.yaml]\n".into());
    assert!(errors(&sources).contains("E111"));
    sources.referenced.insert("sub/more.yaml".into(), "services: {web: {image: b}}\n".into());
    assert!(errors(&sources).contains("E113"));
}

#[test]
fn included_services_have_the_variables_of_their_own_project() {
    let limit = |entry: &str, environment: &[(&str, &str)], files: &[(&str, &str)]| {
        let main =
            format!("include: [{entry}]\nservices: {{web: {{image: '${{IMAGE:-none}}'}}}}\n");
        let sub = "services: {db: {image: '${IMAGE:-none}', mem_limit: '${LIMIT:-8}m'}}\n";
        let mut sources = sources(&[("app/compose.yaml", main.as_str())]);
        sources.environment = pairs(environment);
        sources.referenced = pairs(files);
        sources.referenced.insert("app/sub/compose.yaml".into(), sub.into());
        let project = read(&sources).unwrap_or_else(|errors| panic!("{}", shown(&errors)));
        let image = |name: &str| service(&project, name).image.clone().expect("an image").value;
        let limit = service(&project, "db").memory_limit().map(|at| at.value.as_mib());
        (image("web"), image("db"), limit, shown(&project.ignored))
    };
    let usual = [("app/sub/.env", "IMAGE=a\nLIMIT=64\n"), ("app/b.env", "LIMIT=32\n")];
    let (web, db, bytes, said) = limit("sub/compose.yaml", &[], &usual);
    assert_eq!((web.as_str(), db.as_str(), bytes, said.as_str()), ("none", "a", Some(64.0), ""));
    // What the project that includes it has wins.
    let found = limit("sub/compose.yaml", &[("LIMIT", "16")], &usual);
    assert_eq!((found.1.as_str(), found.2), ("a", Some(16.0)));
    let found = limit("{path: sub/compose.yaml, env_file: b.env}", &[], &usual);
    assert_eq!((found.1.as_str(), found.2), ("none", Some(32.0)));
    let both = "{path: sub/compose.yaml, env_file: [sub/.env, ./b.env]}";
    assert_eq!(
        (limit(both, &[], &usual).1.as_str(), limit(both, &[], &usual).2),
        ("a", Some(32.0))
    );
    let other = [("app/other/.env", "LIMIT=128\n")];
    let found = limit("{path: sub/compose.yaml, project_directory: other}", &[], &other);
    assert_eq!(found.2, Some(128.0));
    let found = limit("{path: sub/compose.yaml, env_file: b.env}", &[("LIMIT", "8")], &[]);
    let expected = "warning[W102]: the environment file `app/b.env` was not given";
    assert!(found.3.contains(expected), "{}", found.3);
    assert_eq!(limit("sub/compose.yaml", &[("LIMIT", "8")], &[]).3, "");
    assert_eq!(
        limit("{path: sub/compose.yaml, env_file: /dev/null}", &[("LIMIT", "8")], &[]).3,
        ""
    );
}

#[test]
fn a_file_that_two_projects_include_has_the_variables_of_each() {
    let main = "include: [a/compose.yaml, b/compose.yaml]\nservices: {}\n";
    let one = |name: &str| {
        format!("services: {{{name}: {{extends: {{file: ../base.yaml, service: one}}}}}}")
    };
    let mut sources = sources(&[("compose.yaml", main)]);
    let (a, b) = (one("a"), one("b"));
    sources.referenced = pairs(&[
        ("a/compose.yaml", a.as_str()),
        ("b/compose.yaml", b.as_str()),
        ("a/.env", "LIMIT=64\n"),
        ("b/.env", "LIMIT=128\n"),
        ("base.yaml", "services: {one: {image: a, mem_limit: '${LIMIT}m'}}"),
    ]);
    let named = references(&sources.files[0], &sources.environment);
    assert_eq!(named, ["a/.env", "a/compose.yaml", "b/.env", "b/compose.yaml"]);
    assert_eq!(limits(&read(&sources).expect("valid")), [("a", 64.0), ("b", 128.0)]);
}

#[test]
fn profiles_decide_what_is_there() {
    let text = "services: {web: {image: a}, debug: {image: b, profiles: [dev, test]}}\n";
    let mut sources = sources(&[("f", text)]);
    let found = read(&sources).expect("valid");
    assert_eq!(found.services.len(), 1);
    assert_eq!(
        shown(&found.ignored),
        "services.debug f:1:29: note[N101]: `debug` is left out: no profile of it is active\n"
    );
    for profile in ["test", "*"] {
        sources.profiles = vec![profile.to_owned()];
        assert_eq!(read(&sources).map(|found| found.services.len()), Ok(2));
    }
}

#[test]
fn ports_are_read_in_all_forms() {
    let text = "services:\n  web:\n    image: a\n    ports:\n      - 80\n      - '8080:81/udp'\n      \
                - '127.0.0.1:9000-9001:90-91'\n      - '[::1]:7000:70'\n      - '127.0.0.1::60'\n      \
                - {target: 50, published: '5000', host_ip: 10.0.0.1, mode: host}\n    \
                expose: [3000, '3001-3002']\n";
    let project = project(&[("f", text)]);
    let web = service(&project, "web");
    let found: Vec<_> = web
        .ports
        .iter()
        .map(|at| &at.value)
        .map(|port| (port.container, port.published, port.host_ip.as_deref()))
        .collect();
    assert_eq!(
        found,
        [
            (80, None, None),
            (81, Some(8080), None),
            (90, Some(9000), Some("127.0.0.1")),
            (91, Some(9001), Some("127.0.0.1")),
            (70, Some(7000), Some("::1")),
            (60, None, Some("127.0.0.1")),
            (50, Some(5000), Some("10.0.0.1")),
        ]
    );
    assert_eq!(web.ports[1].value.protocol, Protocol::Udp);
    let expose: Vec<_> = web.expose.iter().map(|at| at.value).collect();
    assert_eq!(expose, [3000, 3001, 3002]);
}

#[test]
fn sizes_and_swap_follow_docker() {
    let text = "services:\n  a: {image: a, mem_limit: 536870912, memswap_limit: -1, cpus: '0.5'}\n  \
                b: {image: b, mem_limit: 64mb, memswap_limit: 128MiB, shm_size: 1g}\n  \
                c: {image: c, mem_limit: 0, memswap_limit: 0}\n";
    let project = project(&[("f", text)]);
    let (a, b, c) = (service(&project, "a"), service(&project, "b"), service(&project, "c"));
    assert_eq!(a.memory_limit().map(|at| at.value), Some(Bytes::mib(512)));
    assert_eq!(a.memswap_limit.as_ref().map(|at| at.value), Some(SwapLimit::Unlimited));
    assert_eq!(a.cpu_limit().map(|at| at.value), Some(0.5));
    let total = b.memswap_limit.as_ref().map(|at| at.value);
    assert_eq!(total, Some(SwapLimit::Total(Bytes::mib(128))));
    assert!(c.memory_limit().is_none() && c.memswap_limit.is_none());
}

#[test]
fn quotas_and_sets_of_cpus_are_limits() {
    for (keys, cpus) in [
        ("cpu_quota: 25000, cpu_period: 50000", Some(0.5)),
        ("cpu_quota: 25000", Some(0.25)),
        ("cpu_quota: 150ms, cpu_period: 100ms", Some(1.5)),
        ("cpu_quota: -1", None),
        ("cpuset: '0-2,5'", Some(4.0)),
        ("cpuset: '3', cpus: 2", Some(1.0)),
        ("cpuset: '0,1', cpus: 0.5", Some(0.5)),
    ] {
        let project = project(&[("f", &format!("services: {{a: {{image: a, {keys}}}}}\n"))]);
        assert_eq!(service(&project, "a").cpu_limit().map(|at| at.value), cpus, "{keys}");
        assert!(project.ignored.is_empty(), "{keys}");
    }
    let wrong = "services: {a: {image: a, cpuset: '3-1'}}\n";
    assert!(errors(&sources(&[("f", wrong)])).contains("a set of CPUs"));
}

#[test]
fn variables_without_a_value_come_from_outside_or_stay_out() {
    let text = "services: {web: {image: a, environment: [A, B, C=$X]}}\n";
    let mut sources = sources(&[("f", text)]);
    sources.environment = pairs(&[("A", "1")]);
    let project = read(&sources).expect("valid");
    let found = &service(&project, "web").environment;
    assert_eq!(found.keys().collect::<Vec<_>>(), ["A", "C"]);
    assert_eq!(found["C"].value, "");
    assert_eq!(project.warnings.len(), 1);
}
