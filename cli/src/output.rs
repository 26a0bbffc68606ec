//! Writing: data to stdout, talk to stderr, reports to files.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::arguments::Color;
use crate::failure::Failure;
use crate::render::layout::Symbols;

/// Makes the choice of colours hold for both streams. `auto` reads the terminal, `NO_COLOR`,
/// `CLICOLOR_FORCE` and `TERM`.
pub(crate) fn choose_color(color: Color) {
    let choice = match color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
}

/// What the terminal can show: anything if the locale is UTF-8 (or the system has no locales).
pub(crate) fn symbols() -> Symbols {
    if cfg!(windows) {
        return Symbols::Unicode;
    }
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set).unwrap_or_default();
    symbols_of(&locale)
}

fn symbols_of(locale: &str) -> Symbols {
    let lower = locale.to_ascii_lowercase();
    if lower.contains("utf-8") || lower.contains("utf8") {
        Symbols::Unicode
    } else {
        Symbols::Ascii
    }
}

/// Writes data to stdout. A reader that went away (`| head`) is no error.
pub(crate) fn data(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::stdout().lock();
    let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Output { place: "stdout".to_owned(), error })
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes talk to stderr. If nobody can hear it, nothing more can be done.
pub(crate) fn talk(text: &str) {
    let mut stderr = anstream::stderr().lock();
    let _ = stderr.write_all(text.as_bytes());
    let _ = stderr.flush();
}

/// Whether a report can be written there later; asked before the simulation and not after it.
pub(crate) fn can_write(path: &Path) -> Result<(), Failure> {
    let folder = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    if folder.is_dir() && !path.is_dir() {
        return Ok(());
    }
    let error = io::Error::from(io::ErrorKind::NotFound);
    Err(Failure::Output { place: path.display().to_string(), error })
}

/// Writes a report to a file, without colours.
pub(crate) fn file(path: &Path, text: &str) -> Result<(), Failure> {
    let plain = anstream::adapter::strip_str(text).to_string();
    fs::write(path, plain)
        .map_err(|error| Failure::Output { place: path.display().to_string(), error })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_utf8_locale_gets_more_than_ascii() {
        assert_eq!(symbols_of("de_DE.UTF-8"), Symbols::Unicode);
        assert_eq!(symbols_of("C.utf8"), Symbols::Unicode);
        assert_eq!(symbols_of("C"), Symbols::Ascii);
        assert_eq!(symbols_of(""), Symbols::Ascii);
    }
}
