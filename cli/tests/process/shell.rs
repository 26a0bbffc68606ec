//! A folder of files, and the program in it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// A folder of its own that is gone after the test.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// An empty one.
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("plimsoll-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder");
        Folder(path)
    }

    /// One with a file in it.
    pub(crate) fn with(name: &str, file: &str, text: impl AsRef<[u8]>) -> Self {
        let folder = Folder::new(name);
        folder.write(file, text);
        folder
    }

    pub(crate) fn write(&self, file: &str, text: impl AsRef<[u8]>) {
        fs::write(self.0.join(file), text).expect("the file is written");
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.0.join(file)).expect("the file is there")
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Runs the program here.
    pub(crate) fn run(&self, words: &[&str]) -> Answer {
        let output = self.command(words).output().expect("the program starts");
        Answer::from(output)
    }

    /// Runs the program here; the kernel kills it once it has used that much CPU.
    pub(crate) fn run_within(&self, cpu_seconds: u32, words: &[&str]) -> Answer {
        let script = format!("ulimit -t {cpu_seconds}; exec \"$0\" \"$@\"");
        let mut command = Command::new("bash");
        command.current_dir(&self.0).stdin(Stdio::null()).args(["-c", &script]);
        command.arg(env!("CARGO_BIN_EXE_plimsoll")).args(words);
        Answer::from(command.output().expect("bash starts"))
    }

    /// Runs the program here with a text on its standard input.
    pub(crate) fn run_with_input(&self, words: &[&str], text: &[u8]) -> Answer {
        let mut command = self.command(words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        // A program that has seen enough may close its end.
        let _ = child.stdin.take().expect("a pipe").write_all(text);
        Answer::from(child.wait_with_output().expect("the program ends"))
    }

    /// The program here, with what the environment says of the terminal taken away.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
        command.current_dir(&self.0).args(words).stdin(Stdio::null());
        for name in [
            "NO_COLOR",
            "CLICOLOR_FORCE",
            "CLICOLOR",
            "LC_ALL",
            "LC_CTYPE",
            "TAG",
            "COMPOSE_FILE",
            "COMPOSE_PROFILES",
        ] {
            command.env_remove(name);
        }
        command.env("LANG", "C.UTF-8").env("TERM", "xterm");
        command
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What the program said.
pub(crate) struct Answer(Output);

impl From<Output> for Answer {
    fn from(output: Output) -> Self {
        Answer(output)
    }
}

impl Answer {
    /// Its exit code; `None` after a signal.
    pub(crate) fn code(&self) -> Option<i32> {
        self.0.status.code()
    }

    pub(crate) fn out(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).expect("stdout is UTF-8")
    }

    pub(crate) fn talk(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    /// stdout as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out()).unwrap_or_else(|error| {
            panic!("{error}: {} {}", self.out(), self.talk());
        })
    }

    /// Fails unless the exit code is this one.
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code(), Some(code), "{}\n{}", self.out(), self.talk());
        self
    }
}

/// The text of one of the four example plans.
pub(crate) fn example(name: &str) -> String {
    let path = format!("{}/../core/tests/fixtures/compose/{name}", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(path).expect("the example is there")
}

/// A plan that fits easily.
pub(crate) const SMALL: &str = "services:
  api:
    image: example/api
    command: uvicorn app:app --workers ${WORKERS:-1}
    mem_limit: 256m
    restart: always
    depends_on: [redis]
  redis:
    image: redis:7
    command: redis-server --maxmemory 32mb --maxmemory-policy allkeys-lru
    mem_limit: 96m
    restart: always
";
