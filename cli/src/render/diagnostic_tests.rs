use super::*;
use crate::render::sample::{golden, plain};

const TEXT: &str = "services:\n  api:\n    memroy: 512m   # typo\n    größe: \"10\"\n";

fn place(line: u32, column: u32) -> Option<Location> {
    Some(Location { file: "compose.yaml".to_owned(), line, column })
}

fn texts() -> Texts {
    [("compose.yaml".to_owned(), TEXT.to_owned())].into()
}

#[test]
fn all_are_shown_where_they_stand() {
    let list = [
        Diagnostic::error("E102", "services.api.memroy", "there is no key `memroy`")
            .at(place(3, 5))
            .hint("did you mean `memory`?"),
        Diagnostic::error("E103", "services.api.größe", "`10` has no unit").at(place(4, 12)),
        Diagnostic::warning("W201", "services.db", "no memory limit"),
        Diagnostic::error("E001", "", "unknown text").at(Some(Location {
            file: "other.yaml".to_owned(),
            line: 7,
            column: 1,
        })),
    ];
    golden("diagnostics.txt", &plain(&render(&list, &texts(), Symbols::Unicode)));
    let ascii = [list[0].clone()];
    golden("diagnostics_ascii.txt", &plain(&render(&ascii, &texts(), Symbols::Ascii)));
}

#[test]
fn the_hints_of_decisive_notes_are_said_once() {
    let note = |code, name: &str, hint: &str| {
        let message = format!("the software of `{name}` is not known");
        let note = Diagnostic::warning(code, format!("services.{name}"), message).at(place(2, 3));
        Diagnostic { severity: Severity::Note, ..note }.hint(hint)
    };
    let list =
        [note("N200", "a", "name it"), note("N201", "b", "state it"), note("N200", "c", "name it")];
    let page = plain(&brief(&list, &texts(), Symbols::Unicode));
    assert_eq!(
        page,
        "note[N200]: compose.yaml:2:3: the software of `a` is not known\n\
         note[N201]: compose.yaml:2:3: the software of `b` is not known\n\
         note[N200]: compose.yaml:2:3: the software of `c` is not known\n\
         help[N200]: name it\n"
    );
}

#[test]
fn the_mark_covers_the_word() {
    let word = |line, column| {
        let place = place(line, column).expect("a place");
        span(TEXT, &place).map(|span| &TEXT[span])
    };
    assert_eq!(word(3, 5), Some("memroy"));
    assert_eq!(word(3, 13), Some("512m"));
    assert_eq!(word(4, 12), Some("\"10\""));
    assert_eq!(word(99, 1), None);
    assert_eq!(word(1, 500), Some(""));
}
