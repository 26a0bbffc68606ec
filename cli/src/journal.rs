//! The file that a sweep appends its rows to. Whatever ends the program, every row that was written
//! stays, and the next start goes on after it.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use plimsoll::report::{LineFault, SweepBasis, SweepRow};

use crate::failure::Failure;

/// An open file of rows; nobody else can open it meanwhile.
pub(crate) struct Journal {
    file: File,
    path: PathBuf,
}

/// What was in the file.
pub(crate) struct Kept {
    /// Its rows, in order.
    pub(crate) rows: Vec<SweepRow>,
    /// Bytes of a torn last line that were cut off.
    pub(crate) cut: usize,
}

impl Journal {
    /// Opens the file, or makes it, and cuts off a last line that a crash has torn.
    ///
    /// # Errors
    /// If it cannot be written, is in use, is no file of rows, or one of another sweep.
    pub(crate) fn open(path: &Path, basis: &SweepBasis) -> Result<(Self, Kept), Failure> {
        let failed = |error| Failure::Output { place: path.display().to_string(), error };
        let mut options = OpenOptions::new();
        let mut file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(failed)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => {
                Failure::input(format!("another sweep is writing {}", path.display()))
            }
            TryLockError::Error(error) => failed(error),
        })?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        let (rows, whole) = rows(&bytes).map_err(|problem| problem.failure(path))?;
        if let Some(other) = rows.iter().find(|row| row.basis != *basis) {
            let message = format!("{} is of another sweep", path.display());
            let hint = format!("{}; give another --out", difference(&other.basis, basis));
            return Err(Failure::with_hint(message, hint));
        }
        if whole < bytes.len() {
            file.set_len(whole as u64).map_err(failed)?;
        }
        file.seek(SeekFrom::Start(whole as u64)).map_err(failed)?;
        let cut = bytes.len() - whole;
        Ok((Journal { file, path: path.to_owned() }, Kept { rows, cut }))
    }

    /// Appends a row, and waits until it is on the disk.
    ///
    /// # Errors
    /// If the system cannot write it.
    pub(crate) fn append(&mut self, row: &SweepRow) -> Result<(), Failure> {
        let written = self.file.write_all(row.to_line().as_bytes());
        let kept = written.and_then(|()| self.file.sync_data());
        kept.map_err(|error: io::Error| Failure::Output {
            place: self.path.display().to_string(),
            error,
        })
    }
}

/// Why a file is no file of rows.
#[derive(Debug, PartialEq, Eq)]
enum Problem {
    /// Something else stands in this line, from 1.
    Foreign(usize),
    /// This line, which is not the last, is damaged.
    Damaged(usize),
}

impl Problem {
    fn failure(&self, path: &Path) -> Failure {
        let path = path.display();
        match self {
            Problem::Foreign(line) => Failure::with_hint(
                format!("{path} is no file of a sweep: line {line} is no row"),
                "it was left as it is; give another --out",
            ),
            Problem::Damaged(line) => Failure::with_hint(
                format!("line {line} of {path} is damaged"),
                "take the line out, and its point is computed again",
            ),
        }
    }
}

/// The rows in the file, each once, and the length of all whole lines. Only the last line may be
/// torn, and only one that begins like a row is taken for torn.
fn rows(bytes: &[u8]) -> Result<(Vec<SweepRow>, usize), Problem> {
    let mut rows = Vec::new();
    let mut seen = BTreeSet::new();
    let mut whole = 0;
    for (index, line) in bytes.split_inclusive(|&byte| byte == b'\n').enumerate() {
        let is_last = whole + line.len() == bytes.len();
        let (text, is_ended) = match line.strip_suffix(b"\n") {
            Some(text) => (text, true),
            None => (line, false),
        };
        match SweepRow::from_line(text) {
            Ok(row) if is_ended => {
                if seen.insert(row.row.clone()) {
                    rows.push(row);
                }
            }
            // All but its line break was written.
            Ok(_) => break,
            Err(LineFault::Torn) if is_last => break,
            Err(LineFault::Torn) => return Err(Problem::Damaged(index + 1)),
            Err(LineFault::Foreign) => return Err(Problem::Foreign(index + 1)),
        }
        whole += line.len();
    }
    Ok((rows, whole))
}

/// What a file's rows were computed from, and this sweep is not.
fn difference(theirs: &SweepBasis, ours: &SweepBasis) -> String {
    let runs = |basis: &SweepBasis| basis.runs.map_or("auto".to_owned(), |runs| runs.to_string());
    if theirs.engine_version != ours.engine_version || theirs.stream_version != ours.stream_version
    {
        format!("its rows are of engine {}, this is {}", theirs.engine_version, ours.engine_version)
    } else if theirs.seed != ours.seed {
        format!("its rows have seed {}, this sweep has {}", theirs.seed, ours.seed)
    } else if theirs.runs != ours.runs {
        format!("its points have {} runs each, this sweep's {}", runs(theirs), runs(ours))
    } else if theirs.max_events != ours.max_events {
        format!("its rows have --max-events {}", theirs.max_events)
    } else {
        "its rows are of another plan, or the plan was changed since".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str) -> SweepRow {
        let basis = SweepBasis {
            engine_version: "1".to_owned(),
            stream_version: 1,
            plan: "p".to_owned(),
            seed: 1,
            runs: None,
            max_events: 1,
        };
        SweepRow {
            schema_version: 1,
            row: name.to_owned(),
            basis,
            values: [("path".to_owned(), name.to_owned())].into(),
            result: None,
            errors: Vec::new(),
        }
    }

    fn names(bytes: &[u8]) -> Vec<String> {
        rows(bytes).expect("a file of rows").0.into_iter().map(|row| row.row).collect()
    }

    #[test]
    fn wherever_a_file_ends_its_whole_rows_are_kept() {
        let (one, two) = (row("one").to_line(), row("two").to_line());
        let whole = format!("{one}{two}");
        for length in 0..=whole.len() {
            let (rows, kept) = rows(&whole.as_bytes()[..length]).expect("a file of rows");
            let expected = [one.len(), whole.len()].iter().filter(|&&end| end <= length).count();
            assert_eq!(rows.len(), expected, "{length}");
            assert_eq!(kept, [0, one.len(), whole.len()][expected]);
        }
    }

    #[test]
    fn a_row_counts_once() {
        let one = row("one").to_line();
        assert_eq!(names(format!("{one}{one}").as_bytes()), ["one"]);
    }

    #[test]
    fn other_files_are_not_touched() {
        let line = row("one").to_line();
        assert_eq!(rows(b"my notes"), Err(Problem::Foreign(1)));
        assert_eq!(rows(format!("{line}{{}}\n").as_bytes()), Err(Problem::Foreign(2)));
        let damaged = format!("{}{line}", line.replace("path", "PATH"));
        assert_eq!(rows(damaged.as_bytes()), Err(Problem::Damaged(1)));
    }
}
