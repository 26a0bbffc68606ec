//! An append-only file: every change makes it longer, and when it has doubled a child writes it anew.

use crate::model::StoreModel;
use crate::store::{Class, Inserted};

/// Size below which it is left alone (redis.conf: `auto-aof-rewrite-min-size 64mb`); beyond, it is written
/// anew once it has grown by its whole size (`auto-aof-rewrite-percentage 100`).
const LEAST: u64 = 64 << 20;
/// Bytes of a command besides names and values: `*3`, `$3`, `SET`, two lengths and all line ends; with a
/// time to live two more words, `PXAT` and thirteen digits; `DEL` with one length. (Redis protocol; values
/// of 100 to 9,999 bytes, others differ by a byte.)
const SET: u64 = 29;
const EXPIRY: u64 = 30;
const DEL: u64 = 20;

/// The append-only file of a store.
#[derive(Clone, Debug)]
pub(super) struct AppendFile {
    /// Bytes that a change of a key of each class appends, and one that gives way.
    commands: Vec<(u64, u64)>,
    /// Its size, and what it was when it was last written anew.
    pub(super) size: u64,
    base: u64,
}

impl AppendFile {
    /// One that was written anew some time ago, as a share of the time between two rewrites; where
    /// nothing is stored, it begins.
    pub(super) fn new(model: &StoreModel, data: u64, age: f64) -> Self {
        let growth = if data == 0 { 0 } else { data.max(LEAST.saturating_sub(data)) };
        let command = |class: &Class| {
            let expiry = if class.ttl.is_some() { EXPIRY } else { 0 };
            (SET + expiry + class.key_size + class.value_size, DEL + class.key_size)
        };
        AppendFile {
            commands: model.classes.iter().map(command).collect(),
            size: data + (age * growth as f64) as u64,
            base: data,
        }
    }

    /// A key of a class is written if it could be stored, and so many give way, as large as it for all that is
    /// known.
    #[inline]
    pub(super) fn append(&mut self, class: u32, inserted: Inserted) {
        let (change, eviction) = self.commands[class as usize];
        let change = if inserted.stored { change } else { 0 };
        self.size += change + u64::from(inserted.evicted) * eviction;
    }

    /// Whether a child has to write it anew.
    pub(super) fn is_due(&self) -> bool {
        self.size > LEAST && self.size >= self.base.saturating_mul(2)
    }

    /// A child that was forked when it had a size of `forked` has written it anew: what came since
    /// follows.
    pub(super) fn rewrite(&mut self, data: u64, forked: u64) {
        self.size = data + self.size.saturating_sub(forked);
        self.base = self.size;
    }
}
