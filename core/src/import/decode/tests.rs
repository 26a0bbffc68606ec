use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};

use super::*;
use crate::import::yaml;

fn read<T: DeserializeOwned>(text: &str) -> Result<T, Vec<String>> {
    let tree = yaml::read("f", text).expect("valid").remove(0);
    decode(&tree, "")
        .map_err(|all| all.into_iter().map(|one| format!("{} {one}", one.path)).collect::<Vec<_>>())
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Service {
    name: String,
    workers: u32,
    #[serde(default)]
    share: Option<f64>,
    #[serde(default)]
    steps: Vec<Step>,
    #[serde(default)]
    limits: BTreeMap<String, Size>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Step {
    Cpu(Size),
    Idle,
    Call { to: String },
}

/// Written `64m`, or `{fixed: 64m}`: the two forms that scenario types use.
#[derive(Debug, PartialEq)]
struct Size(String);

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Long {
    Fixed(String),
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Size;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a size such as 512MiB")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Size, E> {
                if text.ends_with('m') {
                    Ok(Size(text.to_owned()))
                } else {
                    Err(E::custom(format!("`{text}` is not a size")))
                }
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Size, A::Error> {
                let Long::Fixed(text) = Long::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Size(text))
            }
        }
        deserializer.deserialize_any(Visit)
    }
}

#[test]
fn all_forms_are_read() {
    let text = "name: web\nworkers: 2\nshare: 1\nsteps: [idle, cpu: 5m, call: {to: db}]\n\
                limits: {a: 64m, b: {fixed: 1g}}\n";
    let service: Service = read(text).expect("valid");
    assert_eq!(service.share, Some(1.0));
    assert_eq!(
        service.steps,
        [Step::Idle, Step::Cpu(Size("5m".into())), Step::Call { to: "db".into() }]
    );
    assert_eq!(service.limits["b"], Size("1g".into()));
    assert_eq!(read::<Option<u8>>("~"), Ok(None));
    assert_eq!(read::<BTreeMap<u16, bool>>("80: true"), Ok(BTreeMap::from([(80, true)])));
    assert_eq!(read::<(i64, u64, f32)>("[-1, 18446744073709551615, 2]"), Ok((-1, u64::MAX, 2.0)));
}

#[test]
fn all_errors_come_at_once_and_none_twice() {
    let text = "name: 5\nworkres: 2\nsteps:\n  - idel\n  - cpu: 5x\n  - call: {too: db}\n  \
                - {call: {to: x}, cpu: 1m}\nlimits:\n  a: 64\n  b: {fixd: 1g}\n  c: {fixed: [1]}\n";
    let errors = read::<Service>(text).expect_err("broken");
    assert_eq!(
        errors,
        [
            "name f:1:7: error[E103]: expected a text, found the number 5 (hint: write a unit: \
             5MiB; or quotes if it is a text: \"5\")",
            "workres f:2:1: error[E102]: there is no key `workres` here (hint: did you mean \
             `workers`?)",
            "steps[0] f:4:5: error[E105]: `idel` is not known here (hint: did you mean `idle`?)",
            "steps[1].cpu f:5:10: error[E105]: `5x` is not a size",
            "steps[2].call.too f:6:12: error[E102]: there is no key `too` here (hint: did you mean \
             `to`?)",
            "steps[3] f:7:5: error[E103]: expected a name, or a mapping with one name as its only \
             key, found a mapping",
            "limits.a f:9:6: error[E103]: expected a size such as 512MiB, found the number 64 \
             (hint: write a unit: 64MiB)",
            "limits.b.fixd f:10:7: error[E105]: `fixd` is not known here (hint: did you mean \
             `fixed`?)",
            "limits.c.fixed f:11:14: error[E103]: expected a text, found a list",
        ]
    );
}

#[test]
fn missing_keys_are_reported_unless_they_follow_from_another_error() {
    assert_eq!(
        read::<Service>("{share: 1}").expect_err("broken"),
        ["f:1:1: error[E104]: the key `name` is missing".to_owned()].map(|text| format!(" {text}"))
    );
    // `name` is wrong, so its absence says nothing new; `workers` is truly missing.
    assert_eq!(read::<Service>("{name: [1]}").expect_err("broken").len(), 1);
    let nested = read::<Vec<Service>>("- {name: [1], workers: 1}\n- {name: a, workers: -1}\n");
    assert_eq!(nested.expect_err("broken").len(), 2);
}

#[test]
fn numbers_keep_their_kind_when_the_type_does_not_say() {
    struct Kind(&'static str);
    impl<'de> Deserialize<'de> for Kind {
        fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Visit;
            impl Visitor<'_> for Visit {
                type Value = Kind;
                fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                    out.write_str("a number")
                }
                fn visit_u64<E: de::Error>(self, _: u64) -> Result<Kind, E> {
                    Ok(Kind("u64"))
                }
                fn visit_i64<E: de::Error>(self, _: i64) -> Result<Kind, E> {
                    Ok(Kind("i64"))
                }
                fn visit_f64<E: de::Error>(self, _: f64) -> Result<Kind, E> {
                    Ok(Kind("f64"))
                }
            }
            deserializer.deserialize_any(Visit)
        }
    }
    let kinds: Vec<Kind> = read("[1, -1, 1.0]").expect("valid");
    assert_eq!(kinds.iter().map(|kind| kind.0).collect::<Vec<_>>(), ["u64", "i64", "f64"]);
}

#[test]
fn the_number_of_errors_is_bounded() {
    let text = format!("[{}]", "x, ".repeat(500));
    assert_eq!(read::<Vec<u8>>(&text).expect_err("broken").len(), MAX_ERRORS);
}
