//! A row as one line of a file that is only ever appended to.
//!
//! The line is one JSON object. Its last two keys are the length in bytes of all that stands before
//! them and the CRC-32 (IEEE 802.3) of it, so that a line torn by a crash is known as one.

use super::SweepRow;

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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::SweepBasis;
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
