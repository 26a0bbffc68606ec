//! `$(NAME)` in commands, arguments and the values of variables.

/// `text` with every `$(NAME)` replaced that `value` knows; the others stay, `$$` is a plain `$`
/// (kubernetes, `third_party/forked/golang/expansion`). `None` where the result would be longer than
/// `room`, which is lessened by its length.
pub(super) fn substitute<'v>(
    text: &str,
    value: impl Fn(&str) -> Option<&'v str>,
    room: &mut usize,
) -> Option<String> {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        result.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            result.push('$');
            rest = after;
        } else if let Some((name, after)) =
            rest.strip_prefix('(').and_then(|inside| inside.split_once(')'))
        {
            match value(name) {
                Some(value) => result.push_str(value),
                None => result.extend(["$(", name, ")"]),
            }
            rest = after;
        } else {
            result.push('$');
        }
        if result.len() > *room {
            return None;
        }
    }
    result.push_str(rest);
    *room = room.checked_sub(result.len())?;
    Some(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expand(text: &str) -> String {
        let value = |name: &str| match name {
            "HOST" => Some("db"),
            "EMPTY" => Some(""),
            _ => None,
        };
        substitute(text, value, &mut 1_000).expect("short enough")
    }

    #[test]
    fn references_are_replaced_and_escapes_are_kept() {
        for (text, expected) in [
            ("postgres://$(HOST):5432", "postgres://db:5432"),
            ("$(HOST)$(EMPTY)$(HOST)", "dbdb"),
            ("$$(HOST)", "$(HOST)"),
            ("$$$(HOST)", "$db"),
            ("$(NOBODY)", "$(NOBODY)"),
            ("$HOST ${HOST} $", "$HOST ${HOST} $"),
            ("$(HOST", "$(HOST"),
            ("é$(HOST)é", "édbé"),
            ("", ""),
        ] {
            assert_eq!(expand(text), expected, "{text}");
        }
    }

    #[test]
    fn a_text_that_grows_without_end_is_cut_off() {
        let long = "x".repeat(40);
        assert_eq!(substitute("$(A)$(A)", |_| Some(&long), &mut 79), None);
        let mut room = 100;
        assert!(substitute("$(A)$(A)", |_| Some(&long), &mut room).is_some());
        assert_eq!(room, 20);
    }
}
