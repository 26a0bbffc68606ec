//! Overrides: what each changes, what is said about a wrong one, and that wrong ones change nothing.

use plimsoll::catalog;
use plimsoll::diagnostic::Diagnostic;
use plimsoll::import::{Draft, Overrides, Sources, read};
use plimsoll::model;
use plimsoll::quantity::{Bytes, Rate, SimTime};
use plimsoll::scenario::{Parameter, Value};

const STACK: &str = "fastapi-4gb-spike";

fn stack(name: &str) -> Draft {
    let text = catalog::scenario(name).expect("a scenario of the catalogue");
    read(&Sources::single("plan.yaml", text)).expect("a valid scenario")
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(path, value)| ((*path).to_owned(), (*value).to_owned())).collect()
}

fn set(values: &[(&str, &str)]) -> Overrides {
    Overrides { set: pairs(values), ..Overrides::default() }
}

fn shown(diagnostics: &[Diagnostic]) -> Vec<String> {
    diagnostics.iter().map(|one| format!("{} {one}", one.path)).collect()
}

/// What is said about wrong overrides, which must not change the draft.
fn refused(overrides: &Overrides) -> Vec<String> {
    let mut draft = stack(STACK);
    let errors = draft.apply(overrides).expect_err("wrong overrides must be refused");
    assert_eq!(draft, stack(STACK));
    shown(&errors)
}

#[test]
fn nothing_overridden_changes_nothing() {
    for (name, _) in catalog::scenarios() {
        let mut draft = stack(name);
        draft.apply(&Overrides::default()).expect("nothing is wrong");
        assert_eq!(draft, stack(name));
    }
}

#[test]
fn the_tree_of_every_scenario_reads_back_as_itself() {
    for (name, _) in catalog::scenarios() {
        let mut draft = stack(name);
        draft.apply(&set(&[("name", "other")])).expect("nothing is wrong");
        let expected = stack(name).scenario;
        assert_eq!(draft.scenario.name, "other");
        draft.scenario.name.clone_from(&expected.name);
        assert_eq!(draft.scenario, expected, "{name}");
    }
}

#[test]
fn each_kind_of_override_does_what_it_says() {
    let mut draft = stack(STACK);
    let (spikes, objectives) = (
        draft.scenario.traffic.as_ref().map_or(0, |traffic| traffic.spikes.len()),
        draft.scenario.objectives.len(),
    );
    let overrides = Overrides {
        target: Some("512mb".into()),
        traffic: Some("90/min".into()),
        spikes: vec!["5x@10m+2m".into()],
        horizon: Some("1h".into()),
        objectives: vec!["oom: p < 5%".into(), "oom:  p < 5%".into()],
        set: pairs(&[
            ("services.backend.memory", "768m"),
            ("services.backend.workers", "4"),
            ("services.redis.save", "900 1"),
            ("services.redis.cpus", "null"),
            ("host.cores", "8"),
            ("caches.user.keys", "77"),
            ("endpoints.search.timeout", "5s"),
            ("endpoints.search.steps.0.cpu", "2ms"),
            ("traffic.spikes.0.factor", "3"),
            ("services.backend.calls", "[redis]"),
        ]),
        ..Overrides::default()
    };
    draft.apply(&overrides).unwrap_or_else(|errors| panic!("{:?}", shown(&errors)));
    let scenario = &draft.scenario;
    assert_eq!(scenario.host.memory, Some(Bytes::mib(512)));
    assert_eq!((scenario.host.cores, scenario.horizon), (Some(8), SimTime::parse("1h")));
    let traffic = scenario.traffic.as_ref().expect("traffic");
    assert_eq!(traffic.arrival_rate, Some(Rate(1.5)));
    assert_eq!((traffic.spikes.len(), traffic.spikes[0].factor), (spikes + 1, 3.0));
    assert_eq!(scenario.objectives.len(), objectives + 1);
    let backend = &scenario.services["backend"];
    assert_eq!(backend.memory, Some(Bytes::mib(768)));
    assert_eq!(backend.parameters[&Parameter::Workers], Value::Count(4));
    assert_eq!(backend.calls, ["redis"]);
    assert_eq!(scenario.caches["user"].keys, Some(77));
    assert_eq!(scenario.endpoints["search"].timeout, SimTime::parse("5s"));
    for path in ["services.backend.memory", "host.memory", "services.backend.calls.1"] {
        assert!(!draft.provenance.contains_key(path), "{path}");
    }
    assert!(draft.provenance.contains_key("services.redis.memory"));
    model::build(&draft.scenario, &draft.provenance).expect("a valid scenario");
}

#[test]
fn users_take_the_place_of_a_rate_and_a_rate_that_of_users() {
    let mut draft = stack(STACK);
    let users = Overrides { users: Some("40".into()), ..Overrides::default() };
    draft.apply(&users).expect("nothing is wrong");
    let traffic = draft.scenario.traffic.clone().expect("traffic");
    assert_eq!((traffic.users, traffic.arrival_rate), (Some(40), None));
    let rate = Overrides { traffic: Some("10/s".into()), ..Overrides::default() };
    draft.apply(&rate).expect("nothing is wrong");
    let traffic = draft.scenario.traffic.clone().expect("traffic");
    assert_eq!((traffic.users, traffic.arrival_rate), (None, Some(Rate(10.0))));
    model::build(&draft.scenario, &draft.provenance).expect("a valid scenario");
}

#[test]
fn names_with_dots_are_paths_too_and_notes_about_what_is_set_go() {
    let text = "services: {api: {image: node, environment: {A: 'postgres://db.internal/x'}}}";
    let mut draft = read(&Sources::single("compose.yaml", text)).expect("a valid plan");
    assert_eq!(draft.notes.len(), 1);
    let overrides = set(&[("services.db.internal.max_connections", "7")]);
    draft.apply(&overrides).expect("nothing is wrong");
    let database = &draft.scenario.services["db.internal"];
    assert_eq!(database.parameters[&Parameter::MaxConnections], Value::Count(7));
    assert_eq!(draft.notes.len(), 1);
    let text = "services: {api: {build: .}}";
    let mut draft = read(&Sources::single("compose.yaml", text)).expect("a valid plan");
    draft.apply(&set(&[("services.api.profile", "node")])).expect("nothing is wrong");
    assert_eq!(draft.notes, []);
}

#[test]
fn every_wrong_override_is_said_at_once() {
    let overrides = Overrides {
        target: Some("2".into()),
        traffic: Some("100".into()),
        users: Some("-1".into()),
        spikes: vec!["5@10m".into()],
        horizon: Some("soon".into()),
        objectives: vec!["latncy: p(95) < 1s".into()],
        set: pairs(&[("services.backnd.memory", "1g"), ("host.memroy", "1g")]),
    };
    assert_eq!(
        refused(&overrides),
        [
            "host.memory error[E301]: `2` is not a size of a host: write it as in `2gb`",
            "horizon error[E301]: `soon` is not a length of time: write it as in `1h`",
            "objectives error[E301]: `latncy: p(95) < 1s`: there is no metric `latncy`; did you \
             mean `latency`? (hint: write it as in `latency: p(95) < 200ms`)",
            "traffic error[E302]: traffic is either open (a rate) or closed (users), not both \
             (hint: leave one of the two out)",
            "traffic.arrival_rate error[E301]: `100` is not a rate: write it as in `100/s`",
            "traffic.users error[E301]: `-1` is not a number of users: write it as in `100`",
            "traffic.spikes error[E301]: `5@10m` is not a spike: write it as in `5x@10m+2m`",
            "services.backnd.memory error[E300]: there is no service `backnd` (hint: did you mean \
             `backend`?)",
            "host.memroy error[E300]: `host.memroy`: there is no key `memroy` here (hint: did you \
             mean `memory`?)",
        ]
    );
}

#[test]
fn a_wrong_path_or_value_is_explained_at_every_level() {
    for (path, value, expected) in [
        (
            "hots.memory",
            "1g",
            "hots error[E300]: `hots`: there is no key `hots` here (hint: did you mean `host`?)",
        ),
        (
            "services.backend.memroy",
            "1g",
            "services.backend.memroy error[E300]: `services.backend.memroy`: there is no key `memroy` here (hint: did you mean `memory`?)",
        ),
        (
            "services.backend.mem_limit",
            "1g",
            "services.backend.mem_limit error[E300]: `services.backend.mem_limit`: there is no key `mem_limit` here (hint: did you mean `services.backend.memory`?)",
        ),
        (
            "services.backend.memory",
            "-1",
            "services.backend.memory error[E301]: `services.backend.memory`: expected a size with a unit, such as 512MiB, found the number -1 (hint: it may not be negative)",
        ),
        (
            "caches.usr.keys",
            "1",
            "caches.usr.keys error[E300]: there is no cache `usr` (hint: did you mean `user`?)",
        ),
        (
            "endpoints.x.share",
            "1",
            "endpoints.x.share error[E300]: there is no endpoint `x` (hint: there are: conversation, document, search)",
        ),
        (
            "endpoints.search.steps.9.cpu",
            "1ms",
            "endpoints.search.steps.9.cpu error[E300]: `endpoints.search.steps` has no item `9` (hint: items count from 0 to 3)",
        ),
        (
            "services.backend.memory.max",
            "1g",
            "services.backend.memory.max error[E300]: `services.backend.memory` is a single value without keys of its own (hint: set `services.backend.memory` itself)",
        ),
        (
            "services.backend.memory",
            "64",
            "services.backend.memory error[E301]: `services.backend.memory`: expected a size with a unit, such as 512MiB, found the number 64 (hint: write a unit: 64MiB)",
        ),
        (
            "services.backend.workers",
            "many",
            "services.backend.workers error[E301]: `services.backend.workers`: expected a whole number of at least 0, found the text `many`",
        ),
        ("services.redis.eviction", "lrru", "services.redis.eviction error[E301]"),
        ("traffic.arrival_rate", "{", "traffic.arrival_rate error[E301]: `traffic.arrival_rate`: "),
        ("services", "null", " error[E300]: the key `services` is missing"),
        ("", "1", " error[E300]: the path is empty"),
    ] {
        let said = refused(&set(&[(path, value)]));
        assert!(said.len() == 1 && said[0].starts_with(expected), "{path}={value}: {said:?}");
    }
}

#[test]
fn a_spike_wants_traffic() {
    let mut draft = read(&Sources::single("c.yaml", "services: {a: {image: nginx}}")).expect("ok");
    let mut overrides = Overrides { spikes: vec!["2x@1m+1m".into()], ..Overrides::default() };
    let errors = draft.apply(&overrides).expect_err("nothing to multiply");
    assert_eq!(errors[0].code, "E302");
    overrides.traffic = Some("5/s".into());
    draft.apply(&overrides).expect("nothing is wrong");
}

#[test]
fn bindings_read_overrides_from_json() {
    let text = r#"{"target": "2gb", "set": [["host.cores", "4"]]}"#;
    let overrides: Overrides = serde_json::from_str(text).expect("valid");
    assert_eq!(overrides, Overrides { target: Some("2gb".into()), ..set(&[("host.cores", "4")]) });
    assert!(serde_json::from_str::<Overrides>(r#"{"targte": "2gb"}"#).is_err());
}

#[test]
fn a_path_may_start_with_the_name_of_a_service() {
    let (mut short, mut long) = (stack(STACK), stack(STACK));
    short.apply(&set(&[("redis.memory", "96MiB")])).expect("redis is a service");
    long.apply(&set(&[("services.redis.memory", "96MiB")])).expect("the whole path");
    assert_eq!(short, long);
    // What is no service stays what it was: a key that no scenario has.
    assert!(stack(STACK).apply(&set(&[("rediss.memory", "96MiB")])).is_err());
    assert!(stack(STACK).apply(&set(&[("redis.memroy", "96MiB")])).is_err());
}

#[test]
fn what_follows_from_cores_and_lies_out_of_range_is_refused() {
    let text = "services: {a: {build: ., command: sh -c 'gunicorn a -w $$((1000 * $$(nproc)))'}}";
    let mut draft = read(&Sources::single("compose.yaml", text)).expect("a plan");
    let errors = draft.apply(&set(&[("host.cores", "8")])).expect_err("8000 workers");
    assert!(errors[0].message.starts_with("8 cores: workers is 8000"), "{}", errors[0].message);
    draft.apply(&set(&[("host.cores", "4")])).expect("4000 workers");
}

#[test]
fn what_the_plan_has_for_each_core_follows_an_override_of_the_cores() {
    let workers = |service: &str, more: &str, values: &[&[(&str, &str)]]| {
        let text = format!("services: {{a: {{{service}}}}}\n{more}");
        let mut draft = read(&Sources::single("compose.yaml", &text)).expect("a plan");
        for values in values {
            draft.apply(&set(values)).expect("overrides");
        }
        assert!(values.is_empty() || !draft.notes.iter().any(|note| note.code == "N208"));
        let of = model::build(&draft.scenario, &draft.provenance).expect("a model");
        of.services[0].workers
    };
    let eight: &[(&str, &str)] = &[("host.cores", "8")];
    let formula = "build: ., command: sh -c 'gunicorn shop.wsgi -w $$((2 * $$(nproc) + 1))'";
    for (service, usual, many) in [
        ("image: 'nginx:1.27'", 2, 8),
        ("build: ., command: celery -A shop worker", 2, 8),
        ("image: node, command: pm2-runtime -i max a.js", 2, 8),
        (formula, 5, 17),
        ("build: ., command: gunicorn shop.wsgi -w 3", 3, 3),
    ] {
        assert_eq!(workers(service, "", &[]), usual, "{service}");
        assert_eq!(workers(service, "", &[eight]), many, "{service}");
        let stated = "x-plimsoll: {host: {cores: 4}}\n";
        assert_eq!(workers(service, stated, &[eight]), many, "{service}");
        // What is set by hand stays, whichever comes first.
        let own: &[(&str, &str)] = &[("services.a.workers", "6")];
        assert_eq!(workers(service, "", &[own, eight]), 6, "{service}");
        assert_eq!(workers(service, "", &[eight, own]), 6, "{service}");
        let own = format!("{service}, x-plimsoll: {{workers: 6}}");
        assert_eq!(workers(&own, "", &[eight]), 6, "{service}");
    }
}
