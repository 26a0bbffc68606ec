//! The file that a sweep appends its rows to. Whatever ends the program, every row that was written
//! stays, and the next start goes on after it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use plimsoll::report::{LineFault, SweepBasis, SweepLines, SweepRow};

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
        let SweepLines { rows, whole } =
            SweepLines::read(&bytes).map_err(|(fault, line)| refused(path, fault, line))?;
        if let Some(difference) = rows.iter().find_map(|row| row.basis.difference(basis)) {
            let message = format!("{} is of another sweep", path.display());
            return Err(Failure::with_hint(message, format!("{difference}; give another --out")));
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
fn refused(path: &Path, fault: LineFault, line: usize) -> Failure {
    let path = path.display();
    match fault {
        LineFault::Foreign => Failure::with_hint(
            format!("{path} is no file of a sweep: line {line} is no row"),
            "it was left as it is; give another --out",
        ),
        LineFault::Torn => Failure::with_hint(
            format!("line {line} of {path} is damaged"),
            "take the line out, and its point is computed again",
        ),
    }
}
