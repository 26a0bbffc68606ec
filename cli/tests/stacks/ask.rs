//! Answers of the program, each asked for once.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use serde_json::Value;

/// What was asked already, by command.
#[derive(Default)]
pub(crate) struct Asked(BTreeMap<String, Value>);

impl Asked {
    /// The answer to a command, as JSON.
    pub(crate) fn answer(&mut self, command: &str) -> &Value {
        self.0.entry(command.to_owned()).or_insert_with(|| {
            let text = run(command, &["--format", "json"]);
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{command}: {error}: {text}"))
        })
    }
}

/// What a command prints.
pub(crate) fn text(command: &str) -> String {
    run(command, &[])
}

fn run(command: &str, more: &[&str]) -> String {
    let words = shell_words::split(command).unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
    // No file of settings above the working folder has a say.
    program.current_dir(std::env::temp_dir()).args(words).arg("--no-config").args(more);
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "LC_ALL", "LC_CTYPE", "COLUMNS"] {
        program.env_remove(name);
    }
    program.env("LANG", "C.UTF-8").env("TERM", "xterm").stdin(Stdio::null());
    let output = program.output().expect("the program starts");
    let is_judged = output.status.code().is_some_and(|code| [0, 1, 3].contains(&code));
    assert!(is_judged, "{command}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("stdout is UTF-8")
}
