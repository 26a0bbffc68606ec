//! Lengths of time in the syntax of Prometheus: `90s`, `1h30m`, `1d`.

/// Units from long to short, in milliseconds. A year has 365 days, a day 24 hours
/// (prometheus/prometheus, docs/querying/basics.md, "Time durations").
const UNITS: [(&str, i64); 7] = [
    ("y", 365 * 86_400_000),
    ("w", 7 * 86_400_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// No more than 200 years, so that sums of a few fit.
const LONGEST: i64 = 200 * 365 * 86_400_000;

/// Reads a length of time, in milliseconds. Units come from long to short, each once, with a whole number
/// before each; `0` needs none. Range: up to 200 years.
///
/// ```
/// use plimsoll::alert::parse_duration;
/// assert_eq!(parse_duration("1h30m"), Some(5_400_000));
/// assert_eq!(parse_duration("30m1h"), None);
/// assert_eq!(parse_duration("1.5h"), None);
/// ```
pub fn parse_duration(text: &str) -> Option<i64> {
    if text == "0" {
        return Some(0);
    }
    let (mut rest, mut total, mut next) = (text, 0i64, 0);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest[..digits].parse().ok()?;
        let tail = &rest[digits..];
        let end = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let place = UNITS.iter().position(|(unit, _)| *unit == &tail[..end])?;
        if place < next {
            return None;
        }
        next = place + 1;
        total = total.checked_add(number.checked_mul(UNITS[place].1)?)?;
        rest = &tail[end..];
    }
    (!text.is_empty() && total <= LONGEST).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::parse_duration;

    #[test]
    fn durations_are_those_of_prometheus() {
        assert_eq!(parse_duration("5m"), Some(300_000));
        assert_eq!(parse_duration("1d2h3m4s5ms"), Some(93_784_005));
        for wrong in ["", "5", "m", "5 m", "1m1m", "1s1m", "5x", "-5m", "201y", "99999999999y"] {
            assert_eq!(parse_duration(wrong), None, "{wrong}");
        }
    }
}
