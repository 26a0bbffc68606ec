use super::*;
use crate::decision::check;
use crate::import::{Sources, read};
use crate::report::Verdict;

const SHOP: &str = "
version: 1
host: { memory: 2GiB, cores: 2 }
services:
  api: { memory: 128MiB, memory_program: 60MiB, memory_worker: 20MiB, workers: 1 }
  database: { profile: postgres, memory: 700MiB }
traffic: { arrival_rate: 20/s }
horizon: 5s
objectives: ['oom: p < 20%']
";

fn draft() -> Draft {
    read(&Sources::single("plan.yaml", SHOP)).unwrap()
}

fn options(vary: &[&str]) -> SweepOptions {
    let vary = vary.iter().map(|text| SweepAxis::parse(text).unwrap()).collect();
    SweepOptions { vary, runs: Runs::Fixed(20), ..SweepOptions::default() }
}

const GRID: [&str; 2] = ["services.api.memory=64mb,512mb", "traffic.arrival_rate=10/s..40/s:3"];

#[test]
fn every_combination_has_a_row_in_order() {
    let answer = sweep(&draft(), &options(&GRID), &|_| ()).unwrap();
    let points: Vec<String> = answer
        .rows
        .iter()
        .map(|row| row.values.values().map(String::as_str).collect::<Vec<_>>().join(" "))
        .collect();
    let expected =
        ["64mb 10/s", "64mb 25/s", "64mb 40/s", "512mb 10/s", "512mb 25/s", "512mb 40/s"];
    assert_eq!(points, expected);
    assert_eq!((answer.count.does_not_fit, answer.count.fits), (3, 3));
    let ids: BTreeSet<&String> = answer.rows.iter().map(|row| &row.row).collect();
    assert_eq!(ids.len(), 6);
}

#[test]
fn a_row_is_what_a_check_of_its_point_says() {
    let answer = sweep(&draft(), &options(&GRID), &|_| ()).unwrap();
    let row = &answer.rows[4];
    let values: Vec<_> = row.values.clone().into_iter().collect();
    let options = CheckOptions { runs: Runs::Fixed(20), ..CheckOptions::default() };
    let report = check(&model_at(&draft(), &values).unwrap(), &options, &|_| ());
    let result = row.result.as_ref().unwrap();
    assert_eq!(result.digest, report.digest);
    assert_eq!(result.verdict, Verdict::Fits);
    assert_eq!(result.services[0].peak_bytes, report.services[0].peak_bytes);
}

#[test]
fn rows_depend_neither_on_threads_nor_on_what_is_known() {
    let draft = draft();
    let with = |jobs| SweepOptions { jobs: Some(jobs), ..options(&GRID) };
    let whole = sweep(&draft, &with(1), &|_| ()).unwrap();
    assert_eq!(whole, sweep(&draft, &with(3), &|_| ()).unwrap());
    let known = [0, 3].map(|index: usize| whole.rows[index].row.clone()).into_iter().collect();
    let mut rest = Vec::new();
    let options = with(2);
    Sweep::new(&draft, &options).unwrap().run(&known, |row| {
        rest.push(row);
        true
    });
    let expected: Vec<_> = [1, 2, 4, 5].map(|index| whole.rows[index].clone()).into();
    assert_eq!(rest, expected);
}

#[test]
fn more_samples_continue_the_same_sweep_and_cover_it() {
    let draft = draft();
    let vary = ["services.api.memory=64mb..192mb", "traffic.arrival_rate=1/s..100/s:log"];
    let sampled = |count| SweepOptions { samples: Some(count), ..options(&vary) };
    let (few, many) = (sampled(8), sampled(64));
    let few = Sweep::new(&draft, &few).unwrap();
    let many = Sweep::new(&draft, &many).unwrap();
    assert_eq!(few.points, many.points[..8]);
    // A (0, m, 2)-net: 8 intervals of equal width get 8 of 64 points each, on every axis.
    let mut counts = [0; 8];
    for point in &many.points {
        let size: f64 = point.values[0].1.trim_end_matches("mb").parse().unwrap();
        counts[((size - 64.0) / 16.0) as usize] += 1;
    }
    assert_eq!(counts, [8; 8]);
}

#[test]
fn another_plan_seed_or_effort_has_other_rows() {
    let draft = draft();
    let base = options(&GRID);
    let first = Sweep::new(&draft, &base).unwrap();
    let mut other = draft.clone();
    other.apply(&Overrides { target: Some("4gb".into()), ..Overrides::default() }).unwrap();
    assert_ne!(first.basis.plan, Sweep::new(&other, &base).unwrap().basis.plan);
    let seed = SweepOptions { seed: 7, ..base.clone() };
    let runs = SweepOptions { runs: Runs::Auto, ..base.clone() };
    for changed in [seed, runs] {
        let changed = Sweep::new(&draft, &changed).unwrap();
        assert_eq!(first.basis.plan, changed.basis.plan);
        assert!(first.rows().zip(changed.rows()).all(|(one, other)| one != other));
    }
}

#[test]
fn what_cannot_vary_is_said_before_anything_is_computed() {
    let wrong = |vary: &[&str]| Sweep::new(&draft(), &options(vary)).map(|_| ()).unwrap_err();
    assert!(wrong(&["services.api.wrokers=1,2"])[0].message.contains("wrokers"));
    assert!(wrong(&["services.api.workers=1,many"])[0].message.contains("many"));
    assert_eq!(wrong(&[])[0].code, "E306");
    assert_eq!(wrong(&["host.cores=1,2", "host.cores=4"])[0].code, "E306");
    let twice = &wrong(&["api.workers=1,2", "services.api.workers=3,4"])[0];
    assert_eq!(
        (twice.code, twice.hint.as_deref()),
        ("E306", Some("`api.workers` is the same input"))
    );
    assert_eq!(
        wrong(&["services.api.threads=1..9999", "services.api.workers=1..4096"])[0].code,
        "E306"
    );
}

#[test]
fn a_point_that_is_no_plan_is_a_row_with_the_reason() {
    let vary = ["services.api.memory_worker=20mb,9tb", "services.api.workers=1,4096"];
    let options = SweepOptions { runs: Runs::Fixed(1), ..options(&vary) };
    let answer = sweep(&draft(), &options, &|_| ()).unwrap();
    assert_eq!(answer.count.errors, 1);
    assert_eq!(answer.rows[3].result, None);
    assert!(answer.rows[3].errors[0].contains("1024 TiB"), "{:?}", answer.rows[3].errors);
}
