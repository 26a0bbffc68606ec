//! A row as one line of a file that is only ever appended to.
//!
//! The line is one JSON object. Its last two keys are the length in bytes of all that stands before
//! them and the CRC-32 (IEEE 802.3) of it, so that a line torn by a crash is known as one.

use std::collections::BTreeSet;

use super::{SweepBasis, SweepRow};

/// What the length and the checksum stand after.
const SEAL: &str = ",\"length\":";
/// What every line begins with.
const START: &[u8] = b"{\"schema_version\":";

/// Why a line is no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineFault {
    /// It begins like a row (or is empty space that a crash left behind), and is not whole.
    Torn,
    /// It never was one.
    Foreign,
}

impl SweepRow {
    /// The row as a line, with length, checksum and line break.
    pub fn to_line(&self) -> String {
        // A row has text keys and finite numbers only, so nothing can go wrong.
        let text = serde_json::to_string(self).unwrap_or_default();
        let body = text.strip_suffix('}').unwrap_or(&text);
        let checksum = crc32fast::hash(body.as_bytes());
        format!("{body}{SEAL}{},\"crc32\":\"{checksum:08x}\"}}\n", body.len())
    }

    /// Reads a line without its line break.
    ///
    /// # Errors
    /// If the line is damaged, or no row at all.
    pub fn from_line(line: &[u8]) -> Result<Self, LineFault> {
        let start = line.len().min(START.len());
        let fault = if line[..start] == START[..start] || line.iter().all(|&byte| byte == 0) {
            LineFault::Torn
        } else {
            LineFault::Foreign
        };
        let text = std::str::from_utf8(line).map_err(|_| fault)?;
        let (body, seal) = text.rsplit_once(SEAL).ok_or(fault)?;
        let checksum = crc32fast::hash(body.as_bytes());
        if seal != format!("{},\"crc32\":\"{checksum:08x}\"}}", body.len()) {
            return Err(fault);
        }
        serde_json::from_str(&format!("{body}}}")).map_err(|_| LineFault::Foreign)
    }
}

/// The rows of a file, and how much of it they are.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepLines {
    /// The rows in order, each once.
    pub rows: Vec<SweepRow>,
    /// Bytes of all whole lines: what comes after them was torn by a crash.
    pub whole: usize,
}

impl SweepLines {
    /// Reads what a file holds. Only the last line may be torn, and only one that begins like a row is
    /// taken for torn.
    ///
    /// # Errors
    /// The number of the line, from 1, that is damaged or no row at all, and which of the two.
    pub fn read(bytes: &[u8]) -> Result<Self, (LineFault, usize)> {
        let mut lines = SweepLines { rows: Vec::new(), whole: 0 };
        let mut seen = BTreeSet::new();
        for (index, line) in bytes.split_inclusive(|&byte| byte == b'\n').enumerate() {
            let is_last = lines.whole + line.len() == bytes.len();
            let (text, is_ended) = match line.strip_suffix(b"\n") {
                Some(text) => (text, true),
                None => (line, false),
            };
            match SweepRow::from_line(text) {
                Ok(row) if is_ended => {
                    if seen.insert(row.row.clone()) {
                        lines.rows.push(row);
                    }
                }
                // All but its line break was written.
                Ok(_) => break,
                Err(LineFault::Torn) if is_last => break,
                Err(fault) => return Err((fault, index + 1)),
            }
            lines.whole += line.len();
        }
        Ok(lines)
    }
}

impl SweepBasis {
    /// What rows with this basis were computed from and those of `other` were not, in words; `None`
    /// if they belong together.
    pub fn difference(&self, other: &SweepBasis) -> Option<String> {
        let runs =
            |basis: &SweepBasis| basis.runs.map_or("auto".to_owned(), |runs| runs.to_string());
        let engine = |basis: &SweepBasis| (basis.engine_version.clone(), basis.stream_version);
        if self == other {
            None
        } else if engine(self) != engine(other) {
            let [theirs, ours] = [&self.engine_version, &other.engine_version];
            Some(format!("its rows are of engine {theirs}, this is {ours}"))
        } else if self.seed != other.seed {
            Some(format!("its rows have seed {}, this sweep has {}", self.seed, other.seed))
        } else if self.runs != other.runs {
            let [theirs, ours] = [runs(self), runs(other)];
            Some(format!("its points have {theirs} runs each, this sweep's {ours}"))
        } else if self.max_events != other.max_events {
            Some(format!("its rows have a budget of {} events", self.max_events))
        } else {
            Some("its rows are of another plan, or the plan was changed since".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn row() -> SweepRow {
        let basis = SweepBasis {
            engine_version: "0.1.0".to_owned(),
            stream_version: 1,
            plan: "0".repeat(16),
            seed: u64::MAX,
            runs: None,
            max_events: 5,
        };
        SweepRow {
            schema_version: 1,
            row: "1".repeat(16),
            basis,
            values: BTreeMap::from([("a,\"length\":".to_owned(), "\"x\n".to_owned())]),
            result: None,
            errors: vec!["no plan".to_owned()],
        }
    }

    #[test]
    fn a_line_is_read_back() {
        let line = row().to_line();
        assert_eq!(line.matches('\n').count(), 1);
        assert_eq!(SweepRow::from_line(line.trim_end().as_bytes()), Ok(row()));
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        let length = value["length"].as_u64().unwrap() as usize;
        assert!(line[length..].starts_with(SEAL), "{line}");
    }

    fn named(name: &str) -> SweepRow {
        SweepRow { row: name.to_owned(), ..row() }
    }

    #[test]
    fn wherever_a_file_ends_its_whole_rows_are_kept() {
        let (one, two) = (named("one").to_line(), named("two").to_line());
        let whole = format!("{one}{two}");
        for length in 0..=whole.len() {
            let lines = SweepLines::read(&whole.as_bytes()[..length]).unwrap();
            let expected = [one.len(), whole.len()].iter().filter(|&&end| end <= length).count();
            assert_eq!(lines.rows.len(), expected, "{length}");
            assert_eq!(lines.whole, [0, one.len(), whole.len()][expected]);
        }
        let twice = SweepLines::read(format!("{one}{one}").as_bytes()).unwrap();
        assert_eq!(twice.rows, [named("one")]);
    }

    #[test]
    fn other_files_are_known() {
        let line = row().to_line();
        let read = |text: &str| SweepLines::read(text.as_bytes()).unwrap_err();
        assert_eq!(read("my notes"), (LineFault::Foreign, 1));
        assert_eq!(read(&format!("{line}{{}}\n")), (LineFault::Foreign, 2));
        assert_eq!(read(&(line.replace("basis", "BASIS") + &line)), (LineFault::Torn, 1));
    }

    #[test]
    fn what_rows_differ_in_is_said() {
        let basis = row().basis;
        let other = SweepBasis { runs: Some(5), ..basis.clone() };
        assert_eq!(basis.difference(&basis), None);
        let said = basis.difference(&other).unwrap();
        assert_eq!(said, "its points have auto runs each, this sweep's 5");
    }

    #[test]
    fn every_torn_or_changed_line_is_known() {
        let line = row().to_line();
        let line = line.trim_end().as_bytes();
        for length in 0..line.len() {
            assert_eq!(SweepRow::from_line(&line[..length]), Err(LineFault::Torn), "{length}");
        }
        for place in START.len()..line.len() {
            let mut changed = line.to_vec();
            changed[place] ^= 1;
            assert_eq!(SweepRow::from_line(&changed), Err(LineFault::Torn), "{place}");
        }
        assert_eq!(SweepRow::from_line(&[0; 40]), Err(LineFault::Torn));
        assert_eq!(SweepRow::from_line(b"my notes"), Err(LineFault::Foreign));
    }
}
