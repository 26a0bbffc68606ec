//! Variables that a command sets for its program.

use super::{notes, one, service};
use crate::scenario::{Parameter, Value};

#[test]
fn what_a_command_sets_is_read_like_what_the_plan_sets() {
    for (keys, workers) in [
        ("command: 'sh -c \"WEB_CONCURRENCY=60 uvicorn a:b\"'", 60),
        ("command: 'sh -c \"export WEB_CONCURRENCY=60; exec uvicorn a:b\"'", 60),
        ("command: 'env WEB_CONCURRENCY=60 uvicorn a:b'", 60),
        ("command: 'env WEB_CONCURRENCY=6 uvicorn a:b', environment: {WEB_CONCURRENCY: 2}", 6),
        ("command: 'sh -c \"N=7; export WEB_CONCURRENCY=$$N; uvicorn a:b\"'", 7),
        ("command: 'sh -c \"N=7; uvicorn a:b --workers $$N\"'", 7),
        (
            "command: 'sh -c \"export WEB_CONCURRENCY=$${WEB_CONCURRENCY:-4}; uvicorn a:b\"', \
             environment: {WEB_CONCURRENCY: 9}",
            9,
        ),
        ("command: 'sh -c \"WEB_CONCURRENCY=$$(nproc) uvicorn a:b\"'", 2),
    ] {
        let draft = one(&format!("build: ., {keys}"));
        let stated = &service(&draft, "a").parameters;
        assert_eq!(stated.get(&Parameter::Workers), Some(&Value::Count(workers)), "{keys}");
        assert_eq!(notes(&draft, "W201"), [""; 0], "{keys}");
    }
    // A variable that is not exported is nothing to the program.
    let draft = one("build: ., command: 'sh -c \"WEB_CONCURRENCY=60; uvicorn a:b\"'");
    assert!(!service(&draft, "a").parameters.contains_key(&Parameter::Workers));
    let heap = one("image: elasticsearch:8.14.0, \
        command: 'sh -c \"ES_JAVA_OPTS=\\\"-Xms6g -Xmx6g\\\" exec /usr/local/bin/docker-entrypoint.sh eswrapper\"'");
    assert!(service(&heap, "a").parameters.contains_key(&Parameter::HeapLimit));
}

#[test]
fn what_nobody_knows_of_a_variable_is_said() {
    let said = |keys: &str| notes(&one(&format!("build: ., {keys}")), "W201");
    assert_eq!(
        said("command: 'sh -c \"WEB_CONCURRENCY=$$(cat n) uvicorn a:b\"'"),
        [
            "`WEB_CONCURRENCY` of `a` has a text that its command asks other programs for, which is not read"
        ]
    );
    let tested = "command: 'sh -c \"[ -n x ] && export WEB_CONCURRENCY=1; exec uvicorn a:b\"'";
    assert_eq!(
        said(tested),
        ["`WEB_CONCURRENCY` of `a` is set by its command only as a test says, which is not read"]
    );
    // A default yields to what the plan states.
    let both = one(&format!("build: ., environment: {{WEB_CONCURRENCY: 9}}, {tested}"));
    let stated = &service(&both, "a").parameters;
    assert_eq!(stated.get(&Parameter::Workers), Some(&Value::Count(9)));
    assert_eq!(said("command: 'env NAME=$$(hostname) uvicorn a:b'"), [""; 0]);
}
