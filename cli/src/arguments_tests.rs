use clap::CommandFactory;

use super::report::Destination;
use super::*;

fn parse(words: &str) -> Result<CommandLine, clap::Error> {
    CommandLine::try_parse_from(words.split(' '))
}

fn check(words: &str) -> CheckArguments {
    match parse(words).map(|line| line.command) {
        Ok(Command::Check(arguments)) => arguments,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_definition_is_sound() {
    CommandLine::command().debug_assert();
}

#[test]
fn every_flag_reaches_its_place() {
    let line = "plimsoll check a.yaml - --target 512mb --traffic 100/s --spike 5x@10m+2m \
                --spike 2x@1m+1m --for 1h --set services.api.memory=768m --runs 40 --seed 7 \
                --jobs 2 --max-events 1000 --format json --report markdown=c.md \
                --compose-profile debug --env-file prod.env";
    let arguments = check(&line.split_whitespace().collect::<Vec<_>>().join(" "));
    let plan = &arguments.plan;
    assert_eq!(plan.files, ["a.yaml", "-"]);
    assert_eq!(plan.target.as_deref(), Some("512mb"));
    assert_eq!(plan.traffic.as_deref(), Some("100/s"));
    assert_eq!(plan.spike, ["5x@10m+2m", "2x@1m+1m"]);
    assert_eq!(plan.horizon.as_deref(), Some("1h"));
    assert_eq!(plan.set, [("services.api.memory".to_owned(), "768m".to_owned())]);
    assert_eq!(plan.compose_profile, ["debug"]);
    assert_eq!(plan.env_file, [PathBuf::from("prod.env")]);
    assert_eq!(arguments.runs, Runs::Fixed(40));
    assert_eq!((arguments.engine.seed, arguments.engine.max_events), (7, 1000));
    assert_eq!(arguments.jobs, Some(2));
    assert_eq!(arguments.output.format, ReportFormat::Json);
    let report = Destination { format: ReportFormat::Markdown, path: PathBuf::from("c.md") };
    assert_eq!(arguments.output.report, [report]);
}

#[test]
fn the_seed_is_fixed_unless_given() {
    let arguments = check("plimsoll check");
    assert_eq!(arguments.engine.seed, 42);
    assert_eq!(arguments.runs, Runs::Auto);
    assert_eq!(arguments.output.format, ReportFormat::Text);
}

#[test]
fn a_value_of_set_may_hold_an_equals_sign() {
    let plan = check("plimsoll check --set a.command=x=y").plan;
    assert_eq!(plan.set, [("a.command".to_owned(), "x=y".to_owned())]);
}

#[test]
fn what_makes_no_sense_is_refused() {
    for words in [
        "plimsoll",
        "plimsoll chekc",
        "plimsoll check --runs 0",
        "plimsoll check --runs many",
        "plimsoll check --users 0",
        "plimsoll check --traffic 1/s --users 5",
        "plimsoll check --set =768m",
        "plimsoll check --set services.api.memory",
        "plimsoll check --report json",
        "plimsoll check --report yaml=x",
        "plimsoll check --report json=-",
        "plimsoll check --seed -1",
        "plimsoll check --quiet --verbose",
        "plimsoll check --seed 1 --seed 2",
        "plimsoll schema compose",
    ] {
        assert!(parse(words).is_err(), "{words}");
    }
}
