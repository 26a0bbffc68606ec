//! A strict reader of the JUnit dialect that Jenkins's schema describes: which element may stand in
//! which, in what order, with which attributes, and counts that add up.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::BytesStart;

use super::*;
use crate::render::Detail;
use crate::render::sample::{context, golden, report as sample};

/// An element with what stands in it.
#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    children: Vec<Element>,
    text: String,
}

fn opened(start: &BytesStart<'_>) -> Element {
    let mut attributes = BTreeMap::new();
    for attribute in start.attributes() {
        let attribute = attribute.expect("an attribute");
        let key = attribute.key.as_ref().to_owned();
        let value = quick_xml::escape::unescape(&attribute.value).expect("known entities");
        assert!(
            attributes.insert(key, value.into_owned()).is_none(),
            "an attribute is there twice"
        );
    }
    Element { name: start.name().as_ref().to_owned(), attributes, ..Element::default() }
}

/// The document as a tree; fails if it is not well-formed.
fn tree(text: &str) -> Element {
    assert!(text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"));
    assert!(!text.contains(|letter: char| letter.is_control() && letter != '\n'));
    let mut reader = Reader::from_str(text);
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().expect("well-formed XML") {
            Event::Start(start) => open.push(opened(&start)),
            Event::Empty(start) => {
                let element = opened(&start);
                open.last_mut().expect("a parent").children.push(element);
            }
            Event::End(_) => {
                let element = open.pop().expect("an open element");
                open.last_mut().expect("a parent").children.push(element);
            }
            Event::Text(part) => open.last_mut().expect("a parent").text.push_str(&part),
            Event::GeneralRef(part) => {
                open.last_mut().expect("a parent").text.push_str(&format!("&{};", &*part));
            }
            Event::Decl(_) => {}
            Event::Eof => break,
            other @ (Event::CData(_) | Event::Comment(_) | Event::PI(_) | Event::DocType(_)) => {
                panic!("{other:?} has no place in a JUnit file")
            }
        }
    }
    assert_eq!(open.len(), 1, "an element is left open");
    open.remove(0).children.remove(0)
}

/// Which attributes an element must have, and which children may stand in it, in order.
fn grammar(name: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match name {
        "testsuites" => (&["name", "tests", "failures", "errors"], &["testsuite"]),
        "testsuite" => (
            &["name", "tests", "failures", "errors", "skipped"],
            &["properties", "testcase", "system-out"],
        ),
        "properties" => (&[], &["property"]),
        "property" => (&["name", "value"], &[]),
        "testcase" => (&["classname", "name"], &["failure", "error", "system-out"]),
        "failure" | "error" => (&["message", "type"], &[]),
        "system-out" => (&[], &[]),
        other => panic!("there is no element {other}"),
    }
}

fn assert_junit(element: &Element) {
    let (attributes, children) = grammar(&element.name);
    let there: Vec<&str> = element.attributes.keys().map(String::as_str).collect();
    let mut known = attributes.to_vec();
    known.sort_unstable();
    assert_eq!(there, known, "attributes of {}", element.name);
    let place = |child: &Element| {
        let at = children.iter().position(|name| *name == child.name);
        at.unwrap_or_else(|| panic!("{} in {}", child.name, element.name))
    };
    assert!(element.children.iter().is_sorted_by_key(place), "order in {}", element.name);
    let text = element.text.trim();
    assert!(text.is_empty() || children.is_empty(), "text in {}", element.name);
    if element.name.starts_with("testsuite") {
        for (attribute, name) in
            [("tests", "testcase"), ("failures", "failure"), ("errors", "error")]
        {
            assert_eq!(element.attributes[attribute], count(element, name).to_string());
        }
    }
    element.children.iter().for_each(assert_junit);
}

fn count(element: &Element, name: &str) -> usize {
    let inside = element.children.iter().map(|child| count(child, name)).sum::<usize>();
    inside + usize::from(element.name == name)
}

fn written(sample: &Report) -> String {
    report(sample, &context(Detail::Screen)).expect("XML")
}

#[test]
fn the_document_is_whole_and_failures_are_what_makes_the_exit_code() {
    let text = written(&sample());
    golden("check.junit.xml", &text);
    let tree = tree(&text);
    assert_junit(&tree);
    assert_eq!((count(&tree, "failure"), count(&tree, "error")), (1, 1));
}

#[test]
fn hostile_names_are_text() {
    let mut hostile = sample();
    let name = "</testcase><x a=\"1\" b='2'>]]>&amp;\u{0}\u{1b}[31m\u{FFFE}\n\t<!--";
    hostile.objectives[0].expression = name.to_owned();
    hostile.objectives[0].detail = Some(name.to_owned());
    hostile.findings[0].message = name.to_owned();
    hostile.findings[0].file = Some(name.to_owned());
    hostile.digest = name.to_owned();
    let tree = tree(&written(&hostile));
    assert_junit(&tree);
    let case = &tree.children[0].children[1];
    assert!(case.attributes["name"].starts_with("</testcase><x a=\"1\" b='2'>]]>&amp;??[31m??"));
}

#[test]
fn what_was_not_decided_is_never_green() {
    let mut report = sample();
    report.objectives.clear();
    for (verdict, kind) in [(Verdict::DoesNotFit, "failure"), (Verdict::Undecided, "error")] {
        report.verdict = verdict;
        let tree = tree(&written(&report));
        assert_junit(&tree);
        assert_eq!(count(&tree, kind), 1);
    }
    report.verdict = Verdict::Fits;
    assert_eq!(count(&tree(&written(&report)), "testcase"), 0);
}
