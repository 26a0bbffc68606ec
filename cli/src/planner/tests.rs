use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::thread;

use super::*;

fn page(path: &str) -> Option<File> {
    (path == "index.html").then(|| File { kind: "text/html".to_owned(), bytes: b"<p>hi".into() })
}

/// A server that lives as long as this process; its port.
fn started(plan: Option<&str>) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = Served { page, plan: plan.map(str::to_owned), port };
    thread::spawn(move || run(listener, served));
    port
}

/// What is answered to a request line, sent under a host's name.
fn asked(port: u16, line: &str, host: &str) -> String {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    write!(stream, "{line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_page_and_the_plan_are_served_and_nothing_else() {
    let port = started(Some("{\"text\":\"\"}"));
    let host = format!("127.0.0.1:{port}");
    let index = asked(port, "GET /", &host);
    assert!(index.starts_with("HTTP/1.1 200") && index.ends_with("<p>hi"), "{index}");
    assert!(index.contains("content-type: text/html"), "{index}");
    assert!(asked(port, "GET /plan.json", &host).ends_with("{\"text\":\"\"}"));
    for line in ["GET /../Cargo.toml", "GET /%2e%2e/Cargo.toml", "GET //etc/passwd", "GET /x"] {
        assert!(asked(port, line, &host).starts_with("HTTP/1.1 404"), "{line}");
    }
    assert!(asked(port, "POST /plan.json", &host).starts_with("HTTP/1.1 405"));
}

#[test]
fn other_sites_get_nothing() {
    let port = started(Some("{}"));
    for host in ["evil.example".to_owned(), format!("evil.example:{port}"), "127.0.0.1".to_owned()]
    {
        assert!(asked(port, "GET /plan.json", &host).starts_with("HTTP/1.1 403"), "{host}");
    }
    assert!(asked(port, "GET /plan.json", &format!("localhost:{port}")).ends_with("{}"));
}

#[test]
fn without_a_plan_there_is_no_plan() {
    let port = started(None);
    let answer = asked(port, "GET /plan.json", &format!("127.0.0.1:{port}"));
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
}
