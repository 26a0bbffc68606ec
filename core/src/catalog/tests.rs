//! The data files hold together: every value is typed, in range and sourced, and the software of
//! real plans is recognised.

mod services;

use std::collections::BTreeMap;

use super::{
    Origin, Profile, Role, flag_values, profile, profiles, program_words, recognise, scenario,
    scenarios, split_words,
};
use crate::import::{decode::decode, yaml};
use crate::quantity::{Bytes, Ratio, SimTime};
use crate::scenario::{Disturbance, Leak, Parameter, Scenario, Slowdown, Step, Unit, Value};

/// A value as a number, in bytes, seconds or as it is; none for words and flags.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Bytes(bytes) => Some(bytes.0 as f64),
        Value::Time(time) => Some(time.as_seconds()),
        Value::Count(count) => Some(*count as f64),
        Value::Ratio(ratio) => Some(ratio.0),
        Value::Flag(_) | Value::Word(_) => None,
    }
}

fn words(text: &str) -> Vec<String> {
    split_words(text)
}

#[test]
fn every_profile_bears_the_name_of_its_file() {
    for (name, profile) in profiles() {
        assert_eq!(*name, profile.name);
        assert!(profile.description.ends_with('.'), "{name}");
    }
}

#[test]
fn every_value_lies_in_the_range_of_its_parameter_and_in_its_own() {
    for (name, profile) in profiles() {
        for (parameter, known) in &profile.values {
            let place = format!("{name}.{}", parameter.name());
            parameter.check(&known.value).unwrap_or_else(|error| panic!("{place}: {error}"));
            let Some((low, high)) = &known.range else { continue };
            let ends = (number(low), number(&known.value), number(high));
            let (Some(low), Some(value), Some(high)) = ends else {
                panic!("{place} is no number and has a range");
            };
            assert!(low <= value && value <= high && low < high, "{place}: {low} {value} {high}");
        }
    }
}

#[test]
fn every_value_says_where_it_came_from() {
    for (name, profile) in profiles() {
        for (parameter, known) in &profile.values {
            let place = format!("{name}.{}", parameter.name());
            let source = known.source.as_str();
            assert!(source.len() > 12 && !source.contains("/work"), "{place}: {source}");
            match known.origin {
                Origin::Declared => panic!("{place}: only a plan declares"),
                Origin::Measured => {
                    let versioned = source.contains(|c: char| c.is_ascii_digit());
                    assert!(source.starts_with("measured: ") && versioned, "{place}: {source}");
                    assert!(source.contains(", "), "{place} names no experiment and software");
                }
                Origin::Guess => {
                    assert!(source.starts_with("estimate: "), "{place}: {source}");
                    assert!(known.range.is_some(), "{place}: a guess has a range");
                }
                Origin::ImageDefault | Origin::Profile => {
                    assert!(!source.starts_with("measured"), "{place}: {source}");
                }
            }
        }
    }
}

#[test]
fn generic_knows_every_parameter_that_has_a_neutral_value() {
    let generic = profile(super::GENERIC).expect("generic");
    assert_eq!(generic.role, Role::Generic);
    for parameter in Parameter::ALL {
        // Without a dataset, a store whose keys are not simulated is as full as its maxmemory lets it; what a plan
        // names, only a plan states.
        let expected = !matches!(parameter, Parameter::Dataset | Parameter::MemoryNamed);
        assert_eq!(generic.values.contains_key(parameter), expected, "{}", parameter.name());
    }
}

#[test]
fn every_setting_can_be_stated() {
    for (name, profile) in profiles() {
        let recognise = &profile.recognise;
        let settings = recognise.options.iter().chain(&recognise.assignments);
        let settings = settings.chain(&recognise.directives).chain(&recognise.environment);
        let settings = settings.chain(&recognise.url_options);
        let settings = settings.chain(recognise.texts.values().flatten());
        for (spelled, setting) in settings {
            let text = match setting.parameter.unit() {
                Unit::Bytes | Unit::Time if setting.bare.is_some() => "64",
                Unit::Bytes => "64MiB",
                Unit::Time => "3s",
                Unit::Count => "4",
                Unit::Ratio => "1",
                Unit::Flag => "yes",
                Unit::Word(allowed) => allowed.first().copied().unwrap_or("900 1"),
            };
            setting.read(text).unwrap_or_else(|error| panic!("{name} {spelled}: {error}"));
            assert!(setting.same.iter().all(|same| same.unit() == setting.parameter.unit()));
        }
    }
}

#[test]
fn sizes_are_read_as_each_software_spells_them() {
    let mib = |n| Ok(Value::Bytes(Bytes::mib(n)));
    let postgres = &profile("postgres").expect("postgres").recognise.assignments;
    assert_eq!(postgres["shared_buffers"].read("128MB"), mib(128));
    assert_eq!(postgres["shared_buffers"].read("16384"), mib(128));
    assert_eq!(postgres["work_mem"].read("4096"), mib(4));
    assert_eq!(postgres["work_mem"].read("2662kB"), Ok(Value::Bytes(Bytes(2662 * 1024))));
    assert!(postgres["max_connections"].read("many").is_err());
    let redis = &profile("redis").expect("redis").recognise.options;
    assert_eq!(redis["--maxmemory"].read("50mb"), mib(50));
    assert_eq!(redis["--maxmemory"].read("50m"), Ok(Value::Bytes(Bytes(50_000_000))));
    assert_eq!(redis["--maxmemory"].read("1048576"), mib(1));
    assert!(redis["--maxmemory"].read("-1").is_err());
    assert!(redis["--maxmemory-policy"].read("allkeys-lur").is_err());
    assert_eq!(redis["--save"].read("\"\""), Ok(Value::Word(String::new())));
    let node = &profile("node").expect("node").recognise.options;
    assert_eq!(node["--max-old-space-size"].read("384"), mib(384));
    let gunicorn = &profile("gunicorn-sync").expect("gunicorn-sync").recognise.options;
    assert_eq!(gunicorn["--timeout"].read("30"), Ok(Value::Time(SimTime::from_seconds(30.0))));
    let puma = &profile("puma").expect("puma").recognise.options;
    assert_eq!(puma["-t"].read("0:16"), Ok(Value::Count(16)));
    let dotnet = &profile("dotnet").expect("dotnet").recognise.environment;
    assert_eq!(dotnet["DOTNET_GCHeapHardLimit"].read("0xC800000"), mib(200));
    assert_eq!(dotnet["DOTNET_GCHeapHardLimitPercent"].read("50"), Ok(Value::Ratio(Ratio(0.8))));
}

#[test]
fn a_pool_given_by_its_largest_size_has_no_overflow() {
    let environment = &profile("uvicorn").expect("uvicorn").recognise.environment;
    let implied = &environment["DB_POOL_MAX_SIZE"].implies;
    assert_eq!(implied.get(&Parameter::PoolOverflow), Some(&Value::Count(0)));
    assert!(environment["DB_POOL_SIZE"].implies.is_empty());
}

#[test]
fn the_command_wins_over_the_image_and_starters_are_looked_through() {
    let name = |image: &str, command: &[&str]| {
        let command: Vec<String> = command.iter().map(|&word| word.to_owned()).collect();
        recognise(Some(image), &command, &BTreeMap::new()).map(|profile| profile.name.clone())
    };
    let is = |profile: &str| Some(profile.to_owned());
    assert_eq!(name("redis:7", &["uvicorn", "app:app"]), is("uvicorn"));
    assert_eq!(name("python:3.12", &["python", "-m", "uvicorn", "app:app"]), is("uvicorn"));
    assert_eq!(name("python:3.12", &["gunicorn", "app"]), is("gunicorn-sync"));
    assert_eq!(name("python:3.12", &["gunicorn", "--threads=1", "app"]), is("gunicorn-sync"));
    assert_eq!(name("python:3.12", &["gunicorn", "-kgthread", "app"]), is("gunicorn-gthread"));
    assert_eq!(
        name("python:3.12", &["/venv/bin/gunicorn", "-k", "uvicorn.workers.UvicornWorker"]),
        is("gunicorn-uvicorn")
    );
    assert_eq!(
        name("python:3.12", &["sh", "-c", "./manage.py migrate && exec gunicorn shop.wsgi"]),
        is("gunicorn-sync")
    );
    assert_eq!(name("python:3.12", &["uwsgi", "--http", ":80", "-p", "4"]), is("uwsgi"));
    assert_eq!(name("python:3.12", &["uwsgi", "--lazy-apps", "--http", ":80"]), is("uwsgi-lazy"));
    assert_eq!(name("tiangolo/uvicorn-gunicorn:python3.11", &[]), is("uvicorn-gunicorn"));
    assert_eq!(name("x", &["tini", "--", "env", "PORT=80", "node", "server.js"]), is("node"));
    assert_eq!(name("localhost:5000/team/postgres:16@sha256:ab", &[]), is("postgres"));
    assert_eq!(name("redis:7", &["/usr/local/bin/docker-entrypoint.sh"]), is("redis"));
    assert_eq!(name("oliver006/redis_exporter:v1", &[]), is("exporter"));
    assert_eq!(name("example/redis-tools", &["backup"]), None);
}

#[test]
fn a_variable_of_its_own_tells_software_that_nothing_else_tells() {
    let java = BTreeMap::from([("SPRING_PROFILES_ACTIVE".to_owned(), "prod".to_owned())]);
    let name = |image: &str, command: &str| {
        recognise(Some(image), &words(command), &java).map(|profile| profile.name.as_str())
    };
    assert_eq!(name("example/orders:1", ""), Some("java"));
    assert_eq!(name("example/orders:1", "node server.js"), Some("node"));
    assert_eq!(name("postgres:16", "pg_dump shop"), None);
}

#[test]
fn arguments_in_a_variable_decide_as_well() {
    let environment =
        BTreeMap::from([("GUNICORN_CMD_ARGS".to_owned(), "--threads '4' -w 2".to_owned())]);
    let found = recognise(None, &words("gunicorn app"), &environment).expect("gunicorn");
    assert_eq!(found.name, "gunicorn-gthread");
}

#[test]
fn no_program_or_image_is_claimed_twice() {
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, profile) in profiles() {
        for claim in profile.recognise.images.iter().chain(&profile.recognise.programs) {
            let before = owners.insert(claim, name);
            assert!(before.is_none_or(|other| other == *name), "{claim}: {before:?} and {name}");
        }
    }
}

#[test]
fn commands_are_cut_into_words_as_a_shell_does() {
    assert_eq!(split_words(r#"redis-server --save "" --save '900 1'"#).len(), 5);
    assert_eq!(program_words(&words("sh -c 'sh -c \"nginx -g x\"'")), ["nginx", "-g", "x"]);
    assert!(program_words(&words("sh -c ''")).is_empty());
    assert!(program_words(&words("python -m")).is_empty());
    assert_eq!(split_words("echo 'open"), ["echo", "'open"]);
    let arguments = words("--save 60 --save=900 -w4 --worker-class sync -w");
    assert_eq!(flag_values(&arguments, "--save"), ["60", "900"]);
    assert_eq!(flag_values(&arguments, "-w"), ["4"]);
}

#[test]
fn a_broken_profile_is_refused_with_the_reason() {
    let text = |values: &str| {
        format!(r#"{{"name": "x", "description": "X.", "role": "app", "values": {{{values}}}}}"#)
    };
    let cases = [
        (r#""wrokers": {"value": 1, "origin": "guess", "source": "s"}"#, "no parameter"),
        (r#""workers": {"value": 0, "origin": "guess", "source": "s"}"#, "must lie between"),
        (r#""workers": {"value": 1, "origin": "hearsay", "source": "s"}"#, "hearsay"),
        (r#""cpu_request": {"value": "5", "origin": "guess", "source": "s"}"#, "not a length"),
        (r#""lock": {"value": "gil", "origin": "guess", "source": "s"}"#, "not one of"),
    ];
    for (values, reason) in cases {
        let error = Profile::parse(&text(values)).expect_err(values);
        assert!(error.contains(reason), "{error}");
    }
    let once = r#""workers": {"value": 1, "origin": "guess", "source": "s"}"#;
    assert!(Profile::parse(&text(once)).is_ok());
    assert!(Profile::parse(&text(&format!("{once}, {once}"))).is_err_and(|e| e.contains("twice")));
}

/// Where the part of a scenario begins that its variants share.
const PLAN: &str = "# The plan.";

/// The variants that change what happens and nothing in the plan.
const VARIANTS: &[(&str, &[&str])] = &[
    ("django-512mb", &["200-users", "500-users"]),
    ("node-2gb", &["spike", "leak"]),
    ("fastapi-4gb", &["spike", "leak", "slow-queries", "cold-cache", "outage", "everything"]),
    ("ha-replicas", &["spike", "slow-queries"]),
];

/// Mended by `UPDATE=1`, which copies the plan of the stack into its variants.
#[test]
fn variants_of_a_stack_share_its_plan() {
    for (base, variants) in VARIANTS {
        let text = scenario(base).expect(base);
        let plan = &text[text.find(PLAN).expect(base)..];
        for variant in *variants {
            let name = format!("{base}-{variant}");
            let text = scenario(&name).unwrap_or_else(|| panic!("there is no `{name}`"));
            let at = text.find(PLAN).expect("the plan");
            if std::env::var_os("UPDATE").is_some() {
                let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/catalog/scenarios");
                let mended = format!("{}{plan}", &text[..at]);
                std::fs::write(format!("{folder}/{name}.yaml"), mended).expect("write");
            } else {
                assert_eq!(&text[at..], plan, "run UPDATE=1 cargo test to mend `{name}`");
            }
        }
    }
}

/// Every service, cache and database that the steps name.
fn names<'a>(steps: &'a [Step], found: &mut Vec<(&'static str, &'a str)>) {
    for step in steps {
        match step {
            Step::Cpu(_) | Step::Wait(_) | Step::Hold(_) => {}
            Step::Call(call) => {
                found.push(("service", &call.service));
                names(&call.steps, found);
            }
            Step::Cache(look_up) => {
                found.push(("cache", &look_up.cache));
                names(&look_up.on_miss, found);
            }
            Step::Write(write) => found.push(("cache", &write.cache)),
            Step::Query(query) => found.push(("service", &query.database)),
            Step::Choice(branches) => branches.iter().for_each(|way| names(&way.steps, found)),
            Step::Parallel(ways) => ways.iter().for_each(|way| names(way, found)),
        }
    }
}

/// Every name that a scenario uses, with what it names.
fn used_names(scenario: &Scenario) -> Vec<(&'static str, &str)> {
    let mut found: Vec<(&'static str, &str)> = Vec::new();
    found.extend(scenario.entry.iter().map(|name| ("service", name.as_str())));
    found.extend(scenario.caches.values().map(|cache| ("service", cache.service.as_str())));
    for service in scenario.services.values() {
        found.extend(service.calls.iter().map(|name| ("service", name.as_str())));
        found.extend(service.profile.iter().map(|name| ("profile", name.as_str())));
    }
    for endpoint in scenario.endpoints.values() {
        names(&endpoint.steps, &mut found);
    }
    for objective in &scenario.objectives {
        let label = objective.metric.label();
        found.extend(objective.selector.iter().map(|name| (label, name.as_str())));
    }
    found.extend(scenario.disturbances.iter().map(|disturbance| {
        let (Disturbance::Leak(Leak { service, .. })
        | Disturbance::Slowdown(Slowdown { service, .. })
        | Disturbance::CacheFlush { service, .. }
        | Disturbance::Dump { service, .. }
        | Disturbance::Rollout { service, .. }
        | Disturbance::Kill { service, .. }) = disturbance;
        ("service", service.as_str())
    }));
    found
}

#[test]
fn every_scenario_decodes_and_names_only_what_it_has() {
    for (name, text) in scenarios() {
        let documents = yaml::read(name, text).unwrap_or_else(|errors| panic!("{errors:#?}"));
        let scenario: Scenario =
            decode(&documents[0], "").unwrap_or_else(|errors| panic!("{errors:#?}"));
        assert_eq!((scenario.version, scenario.name.as_str()), (1, *name));
        assert!(!scenario.description.is_empty() && !scenario.objectives.is_empty(), "{name}");
        for (kind, used) in used_names(&scenario) {
            let known = match kind {
                "service" => scenario.services.contains_key(used),
                "cache" => scenario.caches.contains_key(used),
                "endpoint" => scenario.endpoints.contains_key(used),
                _ => profile(used).is_some(),
            };
            assert!(known, "{name}: there is no {kind} `{used}`");
        }
    }
}
