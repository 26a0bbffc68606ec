//! Sizes that a person would write as a memory limit: steps of 2 to 6 %.

const MIB: u64 = 1 << 20;
/// Docker takes no smaller limit.
const LEAST: u64 = 6 * MIB;

/// Step of the ladder at a size.
const fn step(bytes: u64) -> u64 {
    let mib = bytes / MIB;
    MIB * if mib < 32 {
        1
    } else if mib < 128 {
        4
    } else if mib < 256 {
        8
    } else if mib < 1024 {
        16
    } else if mib < 4096 {
        64
    } else {
        256
    }
}

/// The smallest size of the ladder that holds `bytes`.
pub(super) const fn at_least(bytes: u64) -> u64 {
    let bytes = if bytes < LEAST { LEAST } else { bytes };
    bytes.next_multiple_of(step(bytes))
}

/// The next larger size.
pub(super) const fn above(size: u64) -> u64 {
    at_least(size + 1)
}

/// The next smaller size; `None` below the smallest.
pub(super) const fn below(size: u64) -> Option<u64> {
    if size <= LEAST {
        return None;
    }
    Some((size - 1) / step(size - 1) * step(size - 1))
}

/// A size as a plan writes it.
pub(super) fn text(size: u64) -> String {
    format!("{}MiB", size / MIB)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ladder_goes_up_and_down_by_small_steps() {
        assert_eq!(at_least(1), LEAST);
        assert_eq!(at_least(33 * MIB + 5), 36 * MIB);
        let mut size = LEAST;
        while size < 20_000 * MIB {
            let next = above(size);
            assert_eq!(below(next), Some(size), "{}", size / MIB);
            assert!(next * 100 <= size * 117, "{}", size / MIB);
            size = next;
        }
        assert_eq!(below(LEAST), None);
    }
}
