//! How text stands on a terminal: columns, wrapping, bars, symbols and tones.

use anstyle::{AnsiColor, Effects, Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns of the page. Fixed, so that the same command writes the same bytes everywhere.
pub(crate) const WIDTH: usize = 80;

/// What a piece of text wants to say beyond its words. Never the only carrier of a meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Nothing.
    #[default]
    Plain,
    /// It is well.
    Good,
    /// It is doubtful.
    Doubtful,
    /// It is bad.
    Bad,
    /// It is secondary.
    Faint,
    /// It is a heading.
    Strong,
}

impl Tone {
    const fn style(self) -> Style {
        match self {
            Tone::Plain => Style::new(),
            Tone::Good => AnsiColor::Green.on_default().effects(Effects::BOLD),
            Tone::Doubtful => AnsiColor::Yellow.on_default().effects(Effects::BOLD),
            Tone::Bad => AnsiColor::Red.on_default().effects(Effects::BOLD),
            Tone::Faint => Style::new().effects(Effects::DIMMED),
            Tone::Strong => Style::new().effects(Effects::BOLD),
        }
    }
}

/// The text in its tone.
pub(crate) fn paint(text: &str, tone: Tone) -> String {
    if tone == Tone::Plain || text.is_empty() {
        return text.to_owned();
    }
    let style = tone.style();
    format!("{style}{text}{style:#}")
}

/// Which symbols the reader's terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Symbols {
    /// Any.
    Unicode,
    /// Only ASCII: the locale is not UTF-8.
    Ascii,
}

impl Symbols {
    const fn pick<T: Copy>(self, unicode: T, ascii: T) -> T {
        match self {
            Symbols::Unicode => unicode,
            Symbols::Ascii => ascii,
        }
    }

    /// Of what holds.
    pub(crate) const fn good(self) -> &'static str {
        self.pick("✓", "+")
    }

    /// Of what does not hold.
    pub(crate) const fn bad(self) -> &'static str {
        self.pick("✗", "x")
    }

    /// Between a service and its number of replicas.
    pub(crate) const fn times(self) -> &'static str {
        self.pick("×", "x")
    }

    /// Of something missing.
    pub(crate) const fn none(self) -> &'static str {
        self.pick("–", "-")
    }

    /// Where text was cut.
    const fn cut(self) -> &'static str {
        self.pick("…", "~")
    }

    /// A bar of `width` columns, filled by `share` (cut at full).
    pub(crate) fn bar(self, share: f64, width: usize) -> String {
        let filled = ((share.clamp(0.0, 1.0) * width as f64).round() as usize).min(width);
        let (full, empty) = self.pick(("█", "░"), ("#", "."));
        full.repeat(filled) + &empty.repeat(width - filled)
    }

    /// One line that shows how values move, scaled from zero to the largest, in at most `width`
    /// columns; each column shows the largest value of its part.
    pub(crate) fn sparkline(self, values: &[f64], width: usize) -> String {
        const UNICODE: &[char] = &['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        const ASCII: &[char] = &['_', '.', ':', '-', '=', '+', '*', '#'];
        let steps = self.pick(UNICODE, ASCII);
        let columns = values.len().min(width);
        let top = values.iter().copied().fold(0.0, f64::max);
        (0..columns)
            .map(|column| {
                let part = &values[column * values.len() / columns..];
                let length =
                    (column + 1) * values.len() / columns - column * values.len() / columns;
                let value = part[..length].iter().copied().fold(0.0, f64::max);
                let share = if top > 0.0 { value / top } else { 0.0 };
                steps[((share * steps.len() as f64).ceil() as usize).clamp(1, steps.len()) - 1]
            })
            .collect()
    }

    /// The text in at most `width` columns.
    pub(crate) fn fit(self, text: &str, width: usize) -> String {
        if text.width() <= width {
            return text.to_owned();
        }
        let mut used = 1;
        let kept = text.chars().take_while(|letter| {
            used += letter.width().unwrap_or(0);
            used <= width
        });
        kept.collect::<String>() + self.cut()
    }
}

/// Text from a file or a command line without what could command the terminal: control characters
/// and marks that turn the direction of writing become `?`.
pub(crate) fn clean(text: &str) -> String {
    let hostile = |letter: char| {
        letter.is_control()
            || ('\u{202A}'..='\u{202E}').contains(&letter)
            || ('\u{2066}'..='\u{2069}').contains(&letter)
    };
    text.chars().map(|letter| if hostile(letter) { '?' } else { letter }).collect()
}

/// A piece of a table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    text: String,
    tone: Tone,
}

/// A cell in a tone.
pub(crate) fn cell(text: impl AsRef<str>, tone: Tone) -> Cell {
    Cell { text: clean(text.as_ref()), tone }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        cell(text, Tone::Plain)
    }
}

/// To which side the text of a column leans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lean {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Rows of cells whose columns line up.
#[derive(Debug)]
pub(crate) struct Table {
    leans: Vec<Lean>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table whose columns lean as `leans` says.
    pub(crate) fn new(leans: &[Lean]) -> Self {
        Table { leans: leans.to_vec(), rows: Vec::new() }
    }

    /// Adds a row of headings.
    pub(crate) fn heading<const N: usize>(&mut self, words: [&str; N]) {
        self.rows.push(words.iter().map(|word| cell(word, Tone::Faint)).collect());
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    /// Adds a line that no column is measured by.
    pub(crate) fn line_of(&mut self, cell: Cell) {
        self.rows.push(vec![cell]);
    }

    /// The rows as lines, two blanks between columns, no blanks at the ends.
    pub(crate) fn lines(&self) -> Vec<String> {
        let width_of = |column: usize| {
            let rows = self.rows.iter().filter(|row| row.len() > 1 || self.leans.len() == 1);
            let widths = rows.filter_map(|row| row.get(column)).map(|cell| cell.text.width());
            widths.max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.leans.len()).map(width_of).collect();
        self.rows.iter().map(|row| self.line(row, &widths)).collect()
    }

    fn line(&self, row: &[Cell], widths: &[usize]) -> String {
        let mut line = String::new();
        let mut owed = 0;
        for ((cell, lean), width) in row.iter().zip(&self.leans).zip(widths) {
            let blank = width.saturating_sub(cell.text.width());
            let (before, after) = match lean {
                Lean::Left => (0, blank),
                Lean::Right => (blank, 0),
            };
            if !cell.text.is_empty() {
                line.push_str(&" ".repeat(owed + before));
                line.push_str(&paint(&cell.text, cell.tone));
                owed = after;
            } else {
                owed += blank;
            }
            if *width > 0 {
                owed += 2;
            }
        }
        line
    }
}

/// Words in lines of at most [`WIDTH`] columns; `first` stands before the first line, and the
/// others are indented by `indent`.
pub(crate) fn wrap(first: &str, text: &str, indent: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = first.to_owned();
    let mut room = WIDTH.saturating_sub(visible_width(first));
    let mut fresh = true;
    for word in clean(text).split_whitespace() {
        let needed = word.width() + usize::from(!fresh);
        if needed > room && !fresh {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
            room = WIDTH - indent;
            fresh = true;
        }
        if !fresh {
            line.push(' ');
            room = room.saturating_sub(1);
        }
        line.push_str(word);
        room = room.saturating_sub(word.width());
        fresh = false;
    }
    lines.push(line);
    lines
}

/// Columns of a text that may carry tones.
pub(crate) fn visible_width(text: &str) -> usize {
    anstream::adapter::strip_str(text).to_string().width()
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
