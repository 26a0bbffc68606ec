//! `diff` of revisions: from a folder within the repository, with links, and under its own settings.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;

use crate::diff::{diff, git};
use crate::shell::{Answer, Folder, SMALL};

/// A plan whose workers stand in a file beside it.
fn plan() -> String {
    SMALL
        .replace("--workers ${WORKERS:-1}", "")
        .replace("    mem_limit: 256m", "    env_file: app.env\n    mem_limit: 256m")
}

/// A repository with a plan in `deploy`, and a commit of it.
fn repository(name: &str) -> Folder {
    let folder = Folder::new(name);
    fs::create_dir_all(folder.path().join("deploy")).expect("a folder");
    folder.write("deploy/compose.yaml", plan());
    folder.write("deploy/app.env", "WEB_CONCURRENCY=3\n");
    folder.write("app.env", "WEB_CONCURRENCY=2\n");
    git(&folder, &["init", "-q", "-b", "main"]);
    folder
}

fn commit(folder: &Folder) {
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "-m", "first"]);
}

/// `diff` in `deploy`, as JSON.
fn inside(folder: &Folder, base: &str, head: &str) -> Answer {
    let words = diff(base, head, &["--runs", "2", "--format", "json"]);
    let mut command = folder.command(&words.iter().map(String::as_str).collect::<Vec<_>>());
    command.current_dir(folder.path().join("deploy"));
    Answer::from(command.output().expect("the program starts"))
}

/// The workers of base and of head, where they differ.
fn workers(answer: &Answer) -> Option<(String, String)> {
    let json = answer.json();
    let inputs = json["inputs"].as_array().expect("a list");
    let found = inputs.iter().find(|input| input["path"] == "services.api.workers")?;
    Some((found["base"].as_str()?.to_owned(), found["head"].as_str()?.to_owned()))
}

#[test]
fn a_path_from_the_current_folder_brings_what_stands_beside_it() {
    let folder = repository("revision-inside");
    commit(&folder);
    folder.write("deploy/app.env", "WEB_CONCURRENCY=4\n");
    let expected = Some(("3".to_owned(), "4".to_owned()));
    for base in [
        "main:./compose.yaml",
        "main:./",
        "main:deploy/compose.yaml",
        "main:../deploy/compose.yaml",
    ] {
        assert_eq!(workers(&inside(&folder, base, "compose.yaml")), expected, "{base}");
    }
    let outside = inside(&folder, "main:../../compose.yaml", "compose.yaml");
    assert!(outside.talk().contains("lies outside of the repository"), "{}", outside.talk());
    assert_eq!(outside.code(), Some(2));
}

#[test]
fn links_are_followed_within_the_revision() {
    let folder = repository("revision-link");
    let deploy = folder.path().join("deploy");
    fs::remove_file(deploy.join("app.env")).expect("it was there");
    folder.write("real.env", "WEB_CONCURRENCY=3\n");
    symlink("../real.env", deploy.join("app.env")).expect("a link");
    symlink("compose.yaml", deploy.join("again.yaml")).expect("a link");
    symlink("/etc/hostname", deploy.join("out.yaml")).expect("a link");
    symlink("round.yaml", deploy.join("round.yaml")).expect("a link");
    symlink("gone.yaml", deploy.join("lost.yaml")).expect("a link");
    commit(&folder);
    fs::remove_file(deploy.join("app.env")).expect("it was there");
    folder.write("deploy/app.env", "WEB_CONCURRENCY=4\n");
    let answer = inside(&folder, "main:deploy/again.yaml", "compose.yaml");
    assert_eq!(workers(&answer), Some(("3".to_owned(), "4".to_owned())), "{}", answer.talk());
    for (name, leads) in
        [("out", "out of the revision"), ("round", "in a circle"), ("lost", "to nothing")]
    {
        let answer = inside(&folder, &format!("main:deploy/{name}.yaml"), "compose.yaml").expect(2);
        let expected = format!("`main:deploy/{name}.yaml` is a link that leads {leads}");
        assert!(answer.talk().contains(&expected), "{}", answer.talk());
    }
}

#[test]
fn settings_stand_beside_the_first_file_of_head() {
    let folder = repository("revision-settings");
    folder.write("deploy/more.yaml", "services: {redis: {mem_limit: 80m}}\n");
    folder.write("deploy/plimsoll.toml", "seed = 7\nruns = 2\n");
    commit(&folder);
    let seed = |head: &str| {
        let words = ["diff", head, head, "--traffic", "20/s", "--for", "10s", "--format", "json"];
        folder.run(&words).json()["seed"].as_u64()
    };
    for head in [
        "deploy/compose.yaml",
        "deploy/compose.yaml,deploy/more.yaml",
        "main:deploy/compose.yaml",
        "main:deploy/compose.yaml,main:deploy/more.yaml",
        "main:deploy",
    ] {
        assert_eq!(seed(head), Some(7), "{head}");
    }
}
