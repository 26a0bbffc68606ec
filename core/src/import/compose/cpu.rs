//! Processor time of a container in Docker's older forms: a quota of each period, and a set of CPUs.

use super::deploy::MAX_CPUS;
use crate::import::field::{Located, Reader};
use crate::import::node::{Node, join};

/// The kernel's period where none is stated (Linux, sched-bwc: 100 ms), in microseconds.
const USUAL_PERIOD: f64 = 100_000.0;

/// `cpu_quota` as a number of CPUs; `None` where it is missing, 0 or -1, which are no limit.
pub(super) fn quota(reader: &mut Reader, path: &str, service: &Node) -> Option<Located<f64>> {
    let mut read = |key: &str| {
        let node = service.get(key).filter(|node| !node.is_null())?;
        microseconds(reader, &join(path, key), node)
    };
    let period = read("cpu_period").map_or(0.0, |period| period.value);
    let period = if period > 0.0 { period } else { USUAL_PERIOD };
    let quota = read("cpu_quota").filter(|quota| quota.value > 0.0)?;
    Some(quota.map(|quota| (quota / period).min(MAX_CPUS)))
}

/// A number of microseconds, or a length of time.
fn microseconds(reader: &mut Reader, path: &str, node: &Node) -> Option<Located<f64>> {
    match node.scalar_text().and_then(|text| text.trim().parse::<i64>().ok()) {
        Some(value) => Some(Located { value: value as f64, location: node.location() }),
        None => reader.time(path, node).map(|at| at.map(|time| time.as_seconds() * 1e6)),
    }
}

/// The number of CPUs in `cpuset`, such as `0-2,4` (Docker, --cpuset-cpus).
pub(super) fn set(reader: &mut Reader, path: &str, node: &Node) -> Option<Located<f64>> {
    // As a variable that is not set leaves it: no set.
    let text = reader.text(path, node).filter(|text| !text.value.trim().is_empty())?;
    let count = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let [first, last] = [first, last].map(|cpu| cpu.trim().parse::<u16>().ok());
        Some(f64::from(last?.checked_sub(first?)?) + 1.0)
    };
    let counts: Option<Vec<f64>> = text.value.split(',').map(count).collect();
    if counts.is_none() {
        reader.invalid(path, node, "a set of CPUs", "write it like `0-2` or `0,3`");
    }
    counts.map(|counts| text.map(|_| counts.iter().sum::<f64>().min(MAX_CPUS)))
}
