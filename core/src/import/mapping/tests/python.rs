//! Which processes an application of Python has.

use super::{builds, notes, one};

/// Profile, program and worker in KiB, and workers.
fn processes(command: &str) -> (String, u64, u64, u32) {
    let own = "x-plimsoll: {memory_application: 10MiB}";
    let draft = one(&format!("build: ., command: {command}, {own}"));
    let of = builds(&draft).services.remove(0);
    (of.profile, of.memory.program >> 10, of.memory.worker >> 10, of.workers)
}

#[test]
fn gunicorn_has_a_master_beside_uvicorns_workers() {
    for class in ["uvicorn.workers.UvicornWorker", "uvicorn_worker.UvicornWorker"] {
        let one = format!("gunicorn -k {class} app:app");
        let expected = ("gunicorn-uvicorn".to_owned(), 18_944, 37_888, 1);
        assert_eq!(processes(&one), expected);
        let (_, program, worker, workers) = processes(&format!("{one} -w 4"));
        assert_eq!((program, worker, workers), (18_944, 37_888, 4));
        // With what was loaded before the fork: 18.5 MiB, 45 % of 27 and the application.
        let (_, program, worker, _) = processes(&format!("{one} -w 4 --preload"));
        assert_eq!((program, worker), (41_625, 5_411));
    }
    assert_eq!(processes("uvicorn app:app").1, 0);
}

#[test]
fn uvicorn_that_reloads_has_one_worker() {
    assert_eq!(processes("uvicorn app:app --workers 8").3, 8);
    assert_eq!(processes("uvicorn app:app --workers 8 --reload").3, 1);
    assert_eq!(processes("uvicorn --reload app:app --workers=8").3, 1);
    assert_eq!(processes("fastapi run app.py --reload --workers 8").3, 1);
    let by_variable = "uvicorn app:app --reload, environment: {WEB_CONCURRENCY: 8}";
    assert_eq!(processes(by_variable).3, 1);
    assert_eq!(processes("hypercorn app:app --reload --workers 8").3, 8);
    assert_eq!(processes("uvicorn app:app --reload-dir src --workers 8").3, 8);
    let said = one("build: ., command: uvicorn app:app --workers 8 --reload");
    let expected =
        "`--reload` of `a` starts a single worker: uvicorn ignores `--workers` beside it";
    assert!(notes(&said, "N100").iter().any(|note| note == expected), "{:?}", said.notes);
}

#[test]
fn what_ends_workers_and_what_turns_requests_away_is_said_to_be_unread() {
    let said = |command: &str| notes(&one(&format!("build: ., command: {command}")), "W201");
    for command in [
        "gunicorn shop.wsgi --max-requests 1000 --max-requests-jitter 50",
        "gunicorn shop.wsgi --threads 4 --max-requests=1000",
        "gunicorn shop.wsgi -k gevent --max-requests 1000",
        "gunicorn -k uvicorn.workers.UvicornWorker app:app --max-requests 1000",
        "uvicorn app:app --limit-max-requests 1000",
        "uwsgi --http :80 --max-requests 1000",
    ] {
        let all = said(command);
        let words = "ends a worker after so many requests and gives back what it has kept";
        assert_eq!(all.len(), 1, "{command}: {all:?}");
        assert!(all[0].contains(words), "{command}: {all:?}");
    }
    let turned = said("uvicorn app:app --limit-concurrency 100");
    assert!(turned.len() == 1 && turned[0].contains("answers with 503"), "{turned:?}");
    assert_eq!(said("gunicorn shop.wsgi --max-requests 0"), [""; 0]);
}

#[test]
fn beat_and_flower_start_no_workers() {
    assert_eq!(processes("celery -A shop beat -l info").3, 1);
    assert_eq!(processes("celery -A shop beat -l info").0, "celery-beat");
    assert_eq!(processes("celery -A shop flower").0, "flower");
    assert_eq!(processes("celery -A shop worker -c 4").3, 4);
}

#[test]
fn a_script_that_asks_what_to_start_starts_it() {
    let script = "case \"$$1\" in web) exec gunicorn shop.wsgi -w 3;; worker) exec celery -A shop \
                  worker -c 4;; esac";
    let command = |word: &str| format!("[sh, -c, '{script}', --, {word}]");
    let (profile, _, _, workers) = processes(&command("web"));
    assert_eq!((profile.as_str(), workers), ("gunicorn-sync", 3));
    let (profile, _, _, workers) = processes(&command("worker"));
    assert_eq!((profile.as_str(), workers), ("celery", 4));
    let by_variable = |role: &str| {
        let script = script.replace("$$1", "$$ROLE");
        processes(&format!("[sh, -c, '{script}'], environment: {{ROLE: {role}}}"))
    };
    assert_eq!(by_variable("web").0, "gunicorn-sync");
    assert_eq!(by_variable("worker").0, "celery");
}

#[test]
fn a_worker_of_airflow_has_sixteen_processes() {
    let workers = |keys: &str| {
        let draft = one(&format!("image: 'apache/airflow:2.9.2', {keys}"));
        builds(&draft).services[0].workers
    };
    assert_eq!(workers("command: celery worker"), 16);
    assert_eq!(workers("command: [bash, -c, exec airflow celery worker -c 4]"), 4);
    let stated = "environment: {AIRFLOW__CELERY__WORKER_CONCURRENCY: 8}";
    assert_eq!(workers(&format!("command: celery worker, {stated}")), 8);
    assert_eq!(workers("command: webserver"), 4);
    assert_eq!(workers("command: triggerer"), 1);
    assert_eq!(workers("command: api-server"), 1);
    assert_eq!(workers("command: api-server --workers 3"), 3);
}

#[test]
fn the_scheduler_of_airflow_has_processes_for_files_and_for_local_tasks() {
    let workers = |command: &str, variables: &str| {
        let image = "image: 'apache/airflow:2.10.5'";
        let draft =
            one(&format!("{image}, command: {command}, environment: {{A: b, {variables}}}"));
        let model = builds(&draft);
        (model.services[0].profile.clone(), model.services[0].workers)
    };
    let parser = |processes| ("airflow-parser".to_owned(), processes);
    let local = |processes| ("airflow-local".to_owned(), processes);
    let executor = "AIRFLOW__CORE__EXECUTOR: LocalExecutor";
    let parsing = "AIRFLOW__SCHEDULER__PARSING_PROCESSES: 8";
    assert_eq!(workers("scheduler", ""), parser(2));
    assert_eq!(workers("scheduler", parsing), parser(8));
    assert_eq!(
        workers("dag-processor", "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES: 40"),
        parser(40)
    );
    assert_eq!(workers("dag-processor", executor), parser(2));
    assert_eq!(workers("scheduler", "AIRFLOW__CORE__EXECUTOR: CeleryExecutor"), parser(2));
    assert_eq!(workers("scheduler", executor), local(32));
    assert_eq!(
        workers("scheduler", &format!("{executor}, AIRFLOW__CORE__PARALLELISM: 64")),
        local(64)
    );
    assert_eq!(workers("webserver", parsing).1, 4);
}
