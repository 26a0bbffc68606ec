use plimsoll::diagnostic::Location;

use super::*;
use crate::render::Detail;
use crate::render::sample::{context, golden, plain};

fn inputs() -> Vec<Input> {
    let input = |path: &str, value: &str, origin: &str, source: &str| Input {
        path: path.to_owned(),
        value: value.to_owned(),
        origin: origin.to_owned(),
        source: source.to_owned(),
        range: None,
        location: None,
    };
    vec![
        Input {
            location: Some(Location { file: "compose.yaml".to_owned(), line: 4, column: 13 }),
            ..input("services.api.memory", "512 MiB", "declared", "")
        },
        Input {
            range: Some(("1 MiB".to_owned(), "8 MiB".to_owned())),
            ..input("services.api.memory_per_request", "2 MiB", "guess", "an estimate")
        },
        input("services.redis.maxclients", "10000", "image_default", "redis.conf of Redis 7"),
    ]
}

#[test]
fn guesses_stand_first() {
    let page = plain(&text(&inputs(), &context(Detail::Screen)));
    golden("inspect.txt", &page);
    assert!(page.starts_with("services.api\n  memory_per_request  2 MiB"));
    assert!(page.lines().nth(1).is_some_and(|line| line.contains("guess")));
}

#[test]
fn json_keeps_the_order_and_the_places() {
    let value: Value = serde_json::from_str(&json(&inputs())).expect("JSON");
    assert_eq!(value["inputs"][0]["line"], 4);
    assert_eq!(value["inputs"][1]["range"][1], "8 MiB");
    assert_eq!(value["inputs"][2]["file"], Value::Null);
}
