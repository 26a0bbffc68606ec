//! The action's scripts and the hook, run as a workflow and as git run them, on a repository of their own.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::shell::{Answer, Folder, SMALL, example};

const DJANGO: &str = "django-512mb.compose.yaml";
const PROGRAM: &str = env!("CARGO_BIN_EXE_plimsoll");

fn script(name: &str) -> String {
    format!("{}/../{name}", env!("CARGO_MANIFEST_DIR"))
}

fn command(folder: &Folder, program: &str, words: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder.path()).args(words).env("PLIMSOLL_PROGRAM", PROGRAM);
    // Nothing of the machine's own settings.
    for name in ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"] {
        command.env(name, "/dev/null");
    }
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "DRY_RUN", "GITHUB_OUTPUT"] {
        command.env_remove(name);
    }
    command
}

fn git(folder: &Folder, words: &[&str]) -> Answer {
    let who = ["-c", "user.name=Test", "-c", "user.email=test@example.org"];
    let words = [&who[..], words].concat();
    Answer::from(command(folder, "git", &words).output().expect("git starts"))
}

/// A repository whose commits the hook guards.
fn repository(name: &str) -> Folder {
    let folder = Folder::new(name);
    git(&folder, &["init", "--quiet"]).expect(0);
    std::fs::create_dir_all(folder.path().join(".git/hooks")).expect("a folder");
    std::os::unix::fs::symlink(
        script(".ci/plimsoll-hook"),
        folder.path().join(".git/hooks/pre-commit"),
    )
    .expect("a link");
    folder
}

fn commit(folder: &Folder) -> Answer {
    git(folder, &["add", "--all"]).expect(0);
    git(folder, &["commit", "--quiet", "--message", "a change"])
}

#[test]
fn the_hook_stops_a_commit_whose_plan_does_not_fit_and_no_other() {
    let folder = repository("hook");
    folder.write("readme.txt", "no plan");
    commit(&folder).expect(0);
    std::fs::create_dir_all(folder.path().join("my deploy")).expect("a folder");
    folder.write("my deploy/compose.yaml", example(DJANGO));
    folder.write("plimsoll.toml", "target = '512mb'\nruns = 20\n");
    let stopped = commit(&folder).expect(1);
    let said = stopped.out() + &stopped.talk();
    assert!(said.contains("DOES NOT FIT"), "{said}");
    // Too few runs to decide are no reason to hold a commit up.
    folder.write("my deploy/compose.yaml", SMALL);
    folder.write("plimsoll.toml", "target = '2gb'\nruns = 2\n");
    commit(&folder).expect(0);
    folder.write("my deploy/compose.yaml", "services: [");
    commit(&folder).expect(1);
}

#[test]
fn the_hook_checks_a_folder_once_with_its_override() {
    let folder = repository("hook-override");
    folder.write("compose.yaml", SMALL);
    folder.write("compose.override.yaml", "services: { api: { mem_limit: 300m } }\n");
    folder.write("plimsoll.toml", "target = '2gb'\nruns = 2\n");
    let hook = script(".ci/plimsoll-hook");
    let words = ["compose.yaml", "compose.override.yaml"];
    let answer = Answer::from(command(&folder, &hook, &words).output().expect("it starts"));
    let out = answer.expect(0).out();
    assert_eq!(out.matches("compose.yaml + compose.override.yaml on").count(), 1, "{out}");
    assert!(out.contains("300 MiB"), "{out}");
}

/// Runs the action's first script on the example that does not fit.
fn checked(folder: &Folder) -> Answer {
    folder.write(DJANGO, example(DJANGO));
    let mut command = command(folder, &script(".github/actions/plimsoll/check.sh"), &[]);
    command
        .env("PLIMSOLL_FILES", format!("{DJANGO}\n"))
        .env("PLIMSOLL_ARGUMENTS", "--target\n512mb\n--runs\n20\n--objective\noom: p < 1%\n")
        .env("PLIMSOLL_FOLDER", "out")
        .env("GITHUB_OUTPUT", folder.path().join("output"))
        .env("GITHUB_STEP_SUMMARY", folder.path().join("summary"));
    Answer::from(command.output().expect("it starts"))
}

#[test]
fn the_action_annotates_and_writes_every_report() {
    let folder = Folder::new("action");
    let answer = checked(&folder).expect(1);
    assert!(answer.out().starts_with("::error "), "{}", answer.out());
    assert_eq!(folder.read("output"), "exit-code=1\n");
    assert!(folder.read("summary").contains("### ✗ django-512mb.compose.yaml does not fit"));
    for file in ["report.json", "comment.md", "report.sarif", "junit.xml", "report.html"] {
        assert!(!folder.read(&format!("out/{file}")).is_empty(), "{file}");
    }
}

/// A `gh` that writes down what it is asked, and knows one comment if there is a file `comment`.
const GH: &str = "#!/usr/bin/env bash
printf '%s ' \"$@\" >>calls; printf '\\n' >>calls
for word in \"$@\"; do case \"$word\" in body=@*) cp \"${word#body=@}\" posted ;; esac; done
if [[ \"$2\" == --paginate && -f comment ]]; then echo \"$MARK\" >mark; echo 77; fi
";

#[test]
fn the_comment_is_posted_once_and_then_replaced() {
    let folder = Folder::new("comment");
    checked(&folder).expect(1);
    folder.write("gh", GH);
    let gh = folder.path().join("gh");
    std::fs::set_permissions(gh, std::fs::Permissions::from_mode(0o755)).expect("it may run");
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").expect("a path"));
    let post = |number: &str, report: &str| {
        let script = script(".github/actions/plimsoll/comment.sh");
        let words = ["team/shop", number, report];
        let output = command(&folder, &script, &words).env("PATH", &path).output();
        Answer::from(output.expect("it starts"))
    };
    post("12", "out/report.json").expect(0);
    assert!(folder.read("calls").contains("--method POST repos/team/shop/issues/12/comments"));
    let head = |file| folder.read(file).lines().take(2).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(head("posted"), head("out/comment.md"));
    folder.write("comment", "");
    post("12", "out/report.json").expect(0);
    assert!(folder.read("calls").contains("--method PATCH repos/team/shop/issues/comments/77"));
    assert_eq!(folder.read("mark"), "<!-- plimsoll:check django_512mb.compose.yaml -->\n");
    // What comes from a fork may be anything.
    folder.write("forged.json", "{\"schema_version\": 1, \"verdict\": \"fits\"}");
    folder.write("calls", "");
    post("12", "forged.json").expect(2);
    post("12; rm -rf x", "out/report.json").expect(2);
    assert_eq!(folder.read("calls"), "");
}
