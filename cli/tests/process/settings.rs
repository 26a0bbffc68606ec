//! `plimsoll.toml`: which one holds, what flags win over, what is refused, and what does not count.

use crate::shell::{Folder, SMALL, example};

const DJANGO: &str = "django-512mb.compose.yaml";

/// A folder with a plan that does not fit 512 MiB, and settings.
fn django(name: &str, settings: &str) -> Folder {
    let folder = Folder::with(name, DJANGO, example(DJANGO));
    folder.write("plimsoll.toml", settings);
    folder
}

#[test]
fn the_file_gives_flags_and_flags_win() {
    let text = "target = '4gb'\nseed = 7\nruns = 3\n[profile.ci]\nseed = 8\n";
    let folder = Folder::with("settings-flags", "compose.yaml", SMALL);
    folder.write("plimsoll.toml", text);
    let seed = |words: &[&str]| {
        let json = folder.run(&[&["check", "--format", "json"], words].concat()).json();
        let numbers = [&json["seed"], &json["replications"]].map(|it| it.as_u64());
        (numbers, json["target"]["memory_bytes"].as_u64())
    };
    assert_eq!(seed(&[]), ([Some(7), Some(3)], Some(4 << 30)));
    assert_eq!(seed(&["--profile", "ci"]), ([Some(8), Some(3)], Some(4 << 30)));
    // The default's own value, typed, wins too.
    assert_eq!(
        seed(&["--seed", "42", "--target", "2gb", "--profile", "ci"]),
        ([Some(42), Some(3)], Some(2 << 30))
    );
    assert_eq!(seed(&["--no-config", "--runs", "2"]).0, [Some(42), Some(2)]);
}

#[test]
fn a_team_can_ask_for_a_precision_and_for_a_long_time_once_and_for_all() {
    let text = "runs = 3\n[profile.sure]\nprecision = '20%'\nwithin = '1h'\nmax_events = 2000000\n";
    let folder = Folder::with("settings-certainty", "compose.yaml", SMALL);
    folder.write("plimsoll.toml", text);
    let asked = |words: &[&str]| {
        let json = folder.run(&[&["check", "--format", "json"], words].concat()).json();
        let wanted = json["precision"]["wanted"].as_f64();
        (wanted, json["within"]["seconds"].as_f64(), json["replications"].as_u64())
    };
    assert_eq!(asked(&[]), (None, None, Some(3)));
    let sure = ["--profile", "sure"];
    let (wanted, seconds, runs) = asked(&sure);
    assert_eq!((wanted, seconds), (Some(0.2), Some(3600.0)));
    assert!(runs > Some(3), "{runs:?}");
    // Flags win: a number of runs over the precision, a time over the time.
    assert_eq!(asked(&[&sure[..], &["--runs", "2"]].concat()), (None, Some(3600.0), Some(2)));
    assert_eq!(
        asked(&[&sure[..], &["--precision", "30%", "--within", "2h"]].concat()).0,
        Some(0.3)
    );
    folder.write("plimsoll.toml", "runs = 3\nprecision = 'exact'\nwithin = '0s'\n");
    let talk = folder.run(&["check"]).expect(2).talk();
    assert!(talk.contains("plimsoll.toml:2:") && talk.contains("such as 5%"), "{talk}");
    assert!(talk.contains("plimsoll.toml:3:") && talk.contains("such as 1d"), "{talk}");
    folder.write("plimsoll.toml", "runs = 3\nprecision = '5%'\n");
    let talk = folder.run(&["check"]).expect(2).talk();
    assert!(talk.contains("`runs` and `precision` exclude each other"), "{talk}");
}

#[test]
fn the_nearest_file_upwards_holds_and_the_repository_is_its_end() {
    let folder = Folder::new("settings-nearest");
    let inner = folder.path().join("repository/deploy/one");
    std::fs::create_dir_all(&inner).expect("folders");
    folder.write("repository/deploy/one/compose.yaml", SMALL);
    let plan = "repository/deploy/one/compose.yaml";
    let said = |words: &[&str]| folder.run(&[&["inspect", plan], words].concat()).expect(0).talk();
    folder.write("plimsoll.toml", "seed = 1\n");
    assert!(said(&[]).contains("settings: plimsoll.toml"), "{}", said(&[]));
    std::fs::create_dir_all(folder.path().join("repository/.git")).expect("a folder");
    assert!(said(&[]).contains("settings: no plimsoll.toml"), "{}", said(&[]));
    folder.write("repository/plimsoll.toml", "seed = 1\n[profile.ci]\n");
    assert!(said(&["--profile", "ci"]).contains("plimsoll.toml, profile ci"));
    folder.write("repository/deploy/plimsoll.toml", "target = '2gb'\n");
    assert!(said(&[]).contains("deploy/plimsoll.toml"), "{}", said(&[]));
    assert!(said(&["--config", "plimsoll.toml"]).contains("settings: plimsoll.toml"));
    assert!(said(&["--no-config"]).contains("no plimsoll.toml"));
}

#[test]
fn what_is_wrong_is_shown_where_it_stands() {
    let folder = Folder::with("settings-wrong", "compose.yaml", SMALL);
    folder.write("plimsoll.toml", "target = '2gb'\ntraffik = '1/s'\n");
    let talk = folder.run(&["check"]).expect(2).talk();
    assert!(
        talk.contains("plimsoll.toml:2:1") && talk.contains("did you mean `traffic`?"),
        "{talk}"
    );
    folder.write("plimsoll.toml", "[profile.ci]\n");
    let talk = folder.run(&["check", "--profile", "cj"]).expect(2).talk();
    assert!(talk.contains("no profile `cj`") && talk.contains("it has: ci"), "{talk}");
    folder.run(&["check", "--config", "nowhere.toml"]).expect(2);
    folder.run(&["check", "--no-config", "--profile", "ci"]).expect(2);
    folder.write("plimsoll.toml", "baseline = 'nowhere.json'\n");
    assert!(folder.run(&["check"]).expect(2).talk().contains("--no-baseline"));
}

#[test]
fn an_ignore_holds_until_its_day_and_is_always_said() {
    let ignore = |expires: &str| {
        format!(
            "target = '512mb'\nruns = 20\n[[ignore]]\nobjective = 'oom: p < 1%'\n\
             reason = 'moves next week'\nexpires = {expires}\n"
        )
    };
    let folder = django("settings-ignore", &ignore("2999-12-31"));
    let held = folder.run(&["check", DJANGO]).expect(0);
    assert!(held.talk().contains("ignored until 2999-12-31") && held.out().contains("FITS"));
    folder.write("plimsoll.toml", ignore("2020-01-01"));
    let over = folder.run(&["check", DJANGO]).expect(1);
    assert!(over.talk().contains("ended on 2020-01-01 (moves next week)"), "{}", over.talk());
}

#[test]
fn only_what_got_worse_than_the_baseline_fails() {
    let folder = django("settings-baseline", "runs = 20\nbaseline = 'base.json'\n");
    let words = ["check", DJANGO, "--target", "512mb"];
    let report = ["--no-baseline", "--report", "json=base.json"];
    folder.run(&[&words[..], &report].concat()).expect(1);
    let same = folder.run(&[&words[..], &["--format", "junit"]].concat()).expect(0);
    assert!(same.talk().contains("no worse than the baseline"), "{}", same.talk());
    assert!(same.out().contains("failures=\"0\""), "{}", same.out());
    let worse = [&words[..], &["--objective", "memory.headroom: min > 1GiB"]].concat();
    folder.run(&worse).expect(1);
}

#[test]
fn a_comparison_has_the_same_settings() {
    let folder = Folder::with("settings-diff", "base.yaml", SMALL);
    folder.write("head.yaml", SMALL.replace("256m", "300m"));
    folder.write("plimsoll.toml", "target = '4gb'\nseed = 7\nruns = 3\n");
    let json = folder.run(&["diff", "base.yaml", "head.yaml", "--format", "json"]).json();
    assert_eq!(json["seed"].as_u64(), Some(7), "{json:#}");
    assert_eq!(json["head"]["replications"].as_u64(), Some(3), "{json:#}");
}

#[test]
fn a_judge_that_cannot_be_read_leaves_no_report_of_before() {
    let folder = Folder::with("settings-stale", "compose.yaml", SMALL);
    for (settings, part) in [
        ("traffik = '1/s'\n", "there is no setting `traffik`"),
        ("baseline = 'gone.json'\n", "the baseline `gone.json` is not there"),
        ("baseline = 'compose.yaml'\n", "`compose.yaml` is no JSON"),
    ] {
        folder.write("plimsoll.toml", settings);
        folder.write("report.xml", "green");
        folder.write("report.json", "green");
        let words = ["check", "--report", "junit=report.xml", "--report", "json=report.json"];
        folder.run(&words).expect(2);
        let (junit, json) = (folder.read("report.xml"), folder.read("report.json"));
        assert!(junit.contains(part) && junit.contains("errors=\"1\""), "{junit}");
        assert!(json.contains(part), "{json}");
    }
    folder.write("plimsoll.toml", "traffik = '1/s'\n");
    for words in [&["run"][..], &["diff", "compose.yaml", "compose.yaml"], &["load-line"], &["fit"]]
    {
        folder.write("report.json", "green");
        folder.run(&[words, &["--report", "json=report.json"]].concat()).expect(2);
        assert!(folder.read("report.json").contains("traffik"), "{words:?}");
    }
}
