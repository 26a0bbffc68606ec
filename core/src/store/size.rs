//! Bytes of a key: allocator size classes and Redis's overhead for each entry.
//!
//! Source: `object.c`, `sds.h` and `dict.h` of Redis 7; the classes are jemalloc's. Checked against
//! `used_memory` of a real server (the tests hold the figures).

/// Bytes of a page.
pub(super) const PAGE: u64 = 4096;
/// Bytes of the struct that links a key to its value in a hash table.
const DICT_ENTRY: u64 = 24;
/// Bytes of the header of a value.
const OBJECT: u64 = 16;
/// Longest value that Redis keeps in one piece with its header.
const EMBEDDED: u64 = 44;

/// How the bytes of an entry are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantum {
    /// Redis with jemalloc's size classes in steps of 8 bytes: the official images, which bring
    /// their own allocator.
    Eight,
    /// Redis with jemalloc's size classes in steps of 16 bytes: distributions' packages.
    Sixteen,
    /// The values' bytes and nothing else: caches whose overhead is unknown or counted elsewhere.
    Plain,
}

/// The pieces of memory that an entry takes, in bytes asked from the allocator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pieces {
    pub(super) key: u64,
    /// Link of the key in the main table; one more is in the expires table with a time to live.
    pub(super) link: u64,
    /// Header of the value, where it stands apart from the value.
    pub(super) header: Option<u64>,
    pub(super) value: u64,
}

impl Pieces {
    /// The pieces of a Redis string entry.
    pub(super) fn new(key_size: u64, value_size: u64) -> Self {
        let key = key_size + string_overhead(key_size, 1);
        let text = value_size + string_overhead(value_size, 3);
        let (header, value) =
            if value_size <= EMBEDDED { (None, OBJECT + text) } else { (Some(OBJECT), text) };
        Pieces { key, link: DICT_ENTRY, header, value }
    }

    /// The pieces beside the value and how many of each there are, with so many links.
    pub(super) fn small(&self, links: u64) -> impl Iterator<Item = (u64, u64)> {
        let header = self.header.map(|header| (header, 1));
        [(self.key, 1), (self.link, links)].into_iter().chain(header)
    }
}

/// Header and end mark of a Redis string: the header grows with what its length field must hold.
/// Keys start at a header of 1 byte, values, which may be appended to, at 3.
fn string_overhead(length: u64, smallest: u64) -> u64 {
    let header = match length {
        0..32 => 1,
        32..256 => 3,
        256..65_536 => 5,
        _ => 9,
    };
    header.max(smallest) + 1
}

impl Quantum {
    /// What the allocator hands out for `bytes`: four classes for each doubling, none closer than the
    /// quantum (and 8 bytes as the smallest of all). [`Quantum::Plain`] rounds nothing.
    ///
    /// ```
    /// use plimsoll::store::Quantum;
    /// assert_eq!(Quantum::Sixteen.rounded(24), 32);
    /// assert_eq!(Quantum::Eight.rounded(24), 24);
    /// assert_eq!(Quantum::Eight.rounded(1028), 1280);
    /// ```
    pub fn rounded(self, bytes: u64) -> u64 {
        let quantum = match self {
            Quantum::Eight => 8,
            Quantum::Sixteen if bytes <= 8 => 8,
            Quantum::Sixteen => 16,
            Quantum::Plain => return bytes,
        };
        let step = quantum.max(bytes.checked_next_power_of_two().unwrap_or(bytes) / 8);
        bytes.max(1).next_multiple_of(step)
    }

    /// Bytes of an entry in a dump file that is not compressed: type, name and value with their
    /// lengths, and the moment of expiry (Redis `rdb.c`).
    pub fn dumped(self, key_size: u64, value_size: u64, has_ttl: bool) -> u64 {
        let text = |length: u64| {
            let prefix = match length {
                0..64 => 1,
                64..16_384 => 2,
                _ => 5,
            };
            prefix + length
        };
        1 + text(key_size) + text(value_size) + if has_ttl { 9 } else { 0 }
    }

    /// Bytes of an entry without its share of the hash tables.
    pub fn entry(self, key_size: u64, value_size: u64, has_ttl: bool) -> u64 {
        if self == Quantum::Plain {
            return value_size;
        }
        let pieces = Pieces::new(key_size, value_size);
        let links = 1 + u64::from(has_ttl);
        self.rounded(pieces.key)
            + self.rounded(pieces.link) * links
            + pieces.header.map_or(0, |header| self.rounded(header))
            + self.rounded(pieces.value)
    }
}
