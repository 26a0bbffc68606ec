//! What is said of software by name, of whose memory reports of others tell.

use super::{build, findings};
use crate::decision::{CheckOptions, Runs, check};
use crate::import::{self, Sources};
use crate::model::Model;
use crate::report::Verdict;

fn plan(services: &str, more: &str) -> Model {
    let text = format!("services: {{{services}}}\nx-plimsoll: {{{more}}}\n");
    let draft = import::read(&Sources::single("compose.yaml", text)).unwrap();
    build(&draft.scenario, &draft.provenance).unwrap()
}

fn judged(services: &str, more: &str) -> (Verdict, String) {
    let options = CheckOptions { runs: Runs::Fixed(20), seed: 7, ..CheckOptions::default() };
    let report = check(&plan(services, more), &options, &|_| {});
    (report.verdict, report.objectives[0].detail.clone().unwrap_or_default())
}

/// Mebibytes of the only service of a plan at rest.
fn at_rest(service: &str) -> u64 {
    let model = plan(&format!("a: {{{service}}}"), "");
    super::super::Facts::new(&model).rest[0].bytes() >> 20
}

#[test]
fn software_that_takes_gigabytes_never_fits_by_a_guess() {
    let host = "host: {memory: 32GiB}, objectives: ['oom: p < 50%']";
    for image in
        ["vllm/vllm-openai", "ollama/ollama", "gvenzl/oracle-free", "dragonflydb/dragonfly"]
    {
        let with = |keys: &str| judged(&format!("a: {{image: '{image}'{keys}}}"), host);
        for keys in ["", ", mem_limit: 1g", ", mem_limit: 8g"] {
            let (said, why) = with(keys);
            assert_eq!(said, Verdict::Undecided, "{image}{keys}");
            assert!(why.starts_with("nobody knows what memory the software of a takes"), "{why}");
        }
        let stated = ", mem_limit: 8g, x-plimsoll: {memory_program: 4GiB}";
        assert_eq!(with(stated).0, Verdict::Fits, "{image}");
    }
    let model = plan("a: {image: 'ollama/ollama', mem_limit: 8g}", host);
    let all = findings(&model, &crate::model::Provenance::new());
    let own = all.iter().find(|one| one.code == "PL013").expect("PL013");
    assert!(own.message.starts_with("this software may take gigabytes"), "{}", own.message);
}

#[test]
fn a_store_that_is_not_redis_has_none_of_its_advice() {
    let codes = |image: &str| {
        let all = findings(
            &plan(&format!("a: {{image: '{image}', mem_limit: 512m}}"), ""),
            &crate::model::Provenance::new(),
        );
        all.into_iter().map(|one| one.code).collect::<Vec<_>>()
    };
    assert!(codes("redis:7").contains(&"PL023".to_owned()));
    assert!(!codes("docker.dragonflydb.io/dragonflydb/dragonfly").contains(&"PL023".to_owned()));
}

#[test]
fn what_others_measured_at_rest() {
    // elastic/kibana issue 76783: 700 to 750 MiB.
    assert!((650..750).contains(&at_rest("image: 'kibana:8.15.0', mem_limit: 2g")));
    // Two processes of five, and an opcode cache that is full.
    assert!((130..200).contains(&at_rest("image: 'nextcloud:30-fpm', mem_limit: 1g")));
    let airflow = "image: 'apache/airflow:2.10.5', command: scheduler, mem_limit: 4g, \
                   environment: {AIRFLOW__CORE__EXECUTOR: LocalExecutor}";
    assert!((700..1000).contains(&at_rest(airflow)), "{}", at_rest(airflow));
    let dev = "image: 'node:20', command: npx next dev, mem_limit: 2g";
    assert!((300..400).contains(&at_rest(dev)), "{}", at_rest(dev));
}

#[test]
fn a_database_that_refuses_large_queries_is_not_killed_by_small_ones() {
    let clickhouse = "db: {image: 'clickhouse/clickhouse-server:24.8', mem_limit: 1g}";
    let load = "host: {memory: 4GiB}, traffic: {users: 256, think_time: 1s}, \
                objectives: ['oom: p < 10%']";
    assert_ne!(judged(clickhouse, load).0, Verdict::DoesNotFit);
}
