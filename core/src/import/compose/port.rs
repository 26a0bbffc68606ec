//! Ports: `"8080:80/tcp"`, ranges, and the long form.

use super::key;
use crate::diagnostic::Diagnostic;
use crate::import::code;
use crate::import::field::{Located, Reader};
use crate::import::node::{Node, join};

/// Most ports in a project, ranges written out.
pub const MAX_PORTS: usize = 10_000;

/// How a port is spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// `tcp`, which is what is meant without a word.
    #[default]
    Tcp,
    /// `udp`.
    Udp,
    /// `sctp`.
    Sctp,
}

const PROTOCOLS: [(&str, Protocol); 3] =
    [("tcp", Protocol::Tcp), ("udp", Protocol::Udp), ("sctp", Protocol::Sctp)];

/// A port of the container, and the port of the host that leads to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// The port inside the container, from 1.
    pub container: u16,
    /// The port of the host; `None` where Docker picks one.
    pub published: Option<u16>,
    /// Whether Docker picks that out of a range, of which `published` is the first.
    pub is_picked: bool,
    /// How it is spoken to.
    pub protocol: Protocol,
    /// The address of the host that it is bound to; `None` is all of them.
    pub host_ip: Option<String>,
}

/// Reads an entry of `ports`, which may be a range and so several ports.
pub(super) fn read(reader: &mut Reader, path: &str, node: &Node) -> Vec<Located<Port>> {
    let parts = if node.as_mapping().is_some() {
        long(reader, path, node)
    } else {
        reader.text(path, node).map(|text| split(&text.value))
    };
    let Some(parts) = parts else { return Vec::new() };
    let Some(ports) = parts.ports() else {
        let message = format!("expected a port, found {}", node.describe());
        let hint = "write `\"8080:80\"`, `\"80\"` or a range of equal lengths";
        reader.say(
            Diagnostic::error(code::INVALID_VALUE, path, message)
                .at(Some(node.location()))
                .hint(hint),
        );
        return Vec::new();
    };
    reader.ports = reader.ports.saturating_add(ports.len());
    if reader.ports > MAX_PORTS {
        reader.error(code::BUDGET, path, node, format!("more than {MAX_PORTS} ports"));
        return Vec::new();
    }
    ports.into_iter().map(|value| Located { value, location: node.location() }).collect()
}

/// What makes two entries of `ports` the same one when files are merged.
pub(super) fn identity(node: &Node) -> Option<String> {
    let part = |name: &str| node.get(name).and_then(Node::scalar_text).unwrap_or_default();
    let parts = if node.as_mapping().is_some() {
        Parts {
            host_ip: part("host_ip"),
            published: part("published"),
            container: part("target"),
            protocol: part("protocol"),
        }
    } else {
        split(&node.scalar_text()?)
    };
    let protocol = if parts.protocol.is_empty() { "tcp" } else { &parts.protocol };
    let host_ip = if parts.host_ip.is_empty() { "0.0.0.0" } else { &parts.host_ip };
    Some(format!("{host_ip} {} {} {protocol}", parts.published, parts.container))
}

/// The four parts of a port as written.
struct Parts {
    host_ip: String,
    published: String,
    container: String,
    protocol: String,
}

/// `[[address:][published]:]container[/protocol]`; an IPv6 address stands in brackets.
fn split(text: &str) -> Parts {
    let (text, protocol) = text.split_once('/').unwrap_or((text, ""));
    let (rest, container) = text.rsplit_once(':').unwrap_or(("", text));
    let (host_ip, published) = match rest.rsplit_once(':') {
        Some((host_ip, published)) if !rest.ends_with(']') => (host_ip, published),
        _ if rest.ends_with(']') || rest.contains('.') => (rest, ""),
        _ => ("", rest),
    };
    Parts {
        host_ip: host_ip.trim_matches(['[', ']']).to_owned(),
        published: published.to_owned(),
        container: container.to_owned(),
        protocol: protocol.to_owned(),
    }
}

fn long(reader: &mut Reader, path: &str, node: &Node) -> Option<Parts> {
    let mut parts = split("");
    for (key, value) in reader.entries(path, node) {
        let path = &join(path, &key.name);
        let part = match key.name.as_str() {
            "target" => &mut parts.container,
            "published" => &mut parts.published,
            "protocol" => &mut parts.protocol,
            "host_ip" => &mut parts.host_ip,
            _ => {
                reader.left_out(path, key, key::PORT, key::PORT_READ);
                continue;
            }
        };
        if !value.is_null() {
            *part = reader.text(path, value)?.value;
        }
    }
    if parts.container.is_empty() {
        reader.error(code::MISSING, path, node, "the key `target` is missing");
        return None;
    }
    Some(parts)
}

impl Parts {
    /// The ports meant, or `None` where they cannot be read.
    fn ports(&self) -> Option<Vec<Port>> {
        let (first, last) = range(&self.container)?;
        let published = match self.published.as_str() {
            "" => None,
            text => Some(range(text)?),
        };
        let protocol = match self.protocol.as_str() {
            "" => Protocol::default(),
            text => PROTOCOLS.iter().find(|(word, _)| *word == text)?.1,
        };
        let lengths_fit =
            published.is_none_or(|(from, to)| first == last || to - from == last - first);
        if !lengths_fit {
            return None;
        }
        let host_ip = Some(self.host_ip.clone()).filter(|text| !text.is_empty());
        let port = |container: u16| Port {
            container,
            // A range for one port lets Docker pick: the first is as good as any.
            published: published.map(|(from, _)| from + (container - first)),
            is_picked: first == last && published.is_some_and(|(from, to)| from < to),
            protocol,
            host_ip: host_ip.clone(),
        };
        Some((first..=last).map(port).collect())
    }
}

/// `80` or `3000-3005`, from 1 and not backwards.
pub(super) fn range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let number = |text: &str| text.trim().parse::<u16>().ok().filter(|port| *port > 0);
    let (first, last) = (number(first)?, number(last)?);
    (first <= last).then_some((first, last))
}
