//! `planner`: the page is served to this machine, with the plan of the command line in it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use crate::shell::Folder;

/// A program that is stopped at the end of the test.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn get(port: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).expect("a connection");
    write!(stream, "GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n").expect("is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("text");
    answer
}

#[test]
fn the_page_gets_the_plan_and_no_variable_that_it_does_not_name() {
    let text = "services:\n  web:\n    image: nginx\n    mem_limit: ${WEB_MEMORY}\n";
    let folder = Folder::with("planner", "compose.yaml", text);
    let words = ["planner", "compose.yaml", "--target", "2gb", "--no-open"];
    let mut command = folder.command(&words);
    command.env("WEB_MEMORY", "64m").env("PRIVATE_TOKEN", "not yours");
    command.env("COMPOSE_PROFILES", "pg").stderr(Stdio::piped());
    let mut served = Served(command.spawn().expect("the program starts"));
    let mut line = String::new();
    let talk = served.0.stderr.take().expect("a pipe");
    BufReader::new(talk).read_line(&mut line).expect("a line");
    if line.contains("built without the planner") {
        assert_eq!(served.0.wait().expect("an end").code(), Some(2));
        return;
    }
    let address = line.strip_prefix("planner: http://127.0.0.1:").expect(&line);
    let port = address.split('/').next().expect("a port");
    let plan = get(port, "/plan.json");
    assert!(plan.contains("image: nginx") && plan.contains("\"target\":\"2gb\""), "{plan}");
    assert!(plan.contains("\"WEB_MEMORY\":\"64m\"") && !plan.contains("PRIVATE_TOKEN"), "{plan}");
    assert!(plan.contains("\"COMPOSE_PROFILES\":\"pg\""), "{plan}");
    assert!(get(port, "/").contains("<html"), "no page");
}
