//! Quantities that carry their unit: bytes, time, rates and ratios, and how people write them.
//!
//! Units are mandatory in text: `64MiB`, `200ms`, `100/s`, `0.1%`. Sizes follow the Compose byte
//! grammar, where `64m`, `64mb`, `64MB` and `64MiB` are all 64 × 2^20 bytes.

use std::fmt;
use std::ops::{Add, AddAssign, Sub, SubAssign};

/// Memory in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub u64);

impl Bytes {
    /// No memory at all.
    pub const ZERO: Bytes = Bytes(0);

    /// `n` kibibytes (2^10 bytes).
    pub const fn kib(n: u64) -> Self {
        Bytes(n << 10)
    }

    /// `n` mebibytes (2^20 bytes).
    pub const fn mib(n: u64) -> Self {
        Bytes(n << 20)
    }

    /// The size in mebibytes.
    pub fn as_mib(self) -> f64 {
        self.0 as f64 / (1u64 << 20) as f64
    }

    /// `self − other`, or zero where `other` is larger.
    pub const fn saturating_sub(self, other: Self) -> Self {
        Bytes(self.0.saturating_sub(other.0))
    }

    /// This many bytes times `factor`, rounded to the nearest byte; never below zero.
    pub fn scale(self, factor: f64) -> Self {
        Bytes((self.0 as f64 * factor).max(0.0).round() as u64)
    }

    /// The size such that reading it back gives the same: as it is shown, where that is not rounded, else
    /// in the largest unit that leaves no remainder. For what is to be set, or told from a size beside it.
    ///
    /// ```
    /// use plimsoll::quantity::Bytes;
    /// let odd = Bytes::mib(1088);
    /// assert_eq!((odd.to_string(), odd.exact()), ("1.06 GiB".into(), "1088 MiB".into()));
    /// assert_eq!(Bytes::mib(1536).exact(), "1.50 GiB");
    /// ```
    pub fn exact(self) -> String {
        let shown = self.to_string();
        if Bytes::parse(&shown) == Some(self) {
            return shown;
        }
        let units = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
        let whole = units.into_iter().find(|&(_, size)| self.0.is_multiple_of(size));
        let (unit, size) = whole.unwrap_or(("B", 1));
        format!("{} {unit}", self.0 / size)
    }

    /// Reads a size in the Compose byte grammar: a number and `b`, `k`, `m`, `g` or `t` with an
    /// optional `b`, `B`, `iB`. All multiples are powers of 1024, as Docker reads them.
    ///
    /// ```
    /// use plimsoll::quantity::Bytes;
    /// assert_eq!(Bytes::parse("64m"), Some(Bytes::mib(64)));
    /// assert_eq!(Bytes::parse("1.5 GiB"), Some(Bytes::mib(1536)));
    /// assert_eq!(Bytes::parse("64"), None); // a unit is mandatory
    /// assert_eq!(Bytes::parse("64mbb"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let (number, unit) = split_unit(text)?;
        let lower = unit.to_ascii_lowercase();
        let multiple = lower.strip_suffix("ib").or_else(|| lower.strip_suffix('b'));
        let power = match multiple.unwrap_or(&lower) {
            "" if lower == "b" => 0,
            "k" => 1,
            "m" => 2,
            "g" => 3,
            "t" => 4,
            _ => return None,
        };
        let bytes = number * (1u64 << (10 * power)) as f64;
        (0.0..9e18).contains(&bytes).then_some(Bytes(bytes.round() as u64))
    }
}

impl Add for Bytes {
    type Output = Bytes;
    fn add(self, other: Self) -> Self {
        Bytes(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Bytes {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl std::iter::Sum for Bytes {
    fn sum<I: Iterator<Item = Bytes>>(parts: I) -> Self {
        parts.fold(Bytes::ZERO, Add::add)
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(&str, u64); 4] =
            [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
        for (unit, size) in UNITS {
            if self.0 >= size {
                let value = self.0 as f64 / size as f64;
                return if self.0.is_multiple_of(size) || value >= 100.0 {
                    write!(out, "{value:.0} {unit}")
                } else if value >= 10.0 {
                    write!(out, "{value:.1} {unit}")
                } else {
                    write!(out, "{value:.2} {unit}")
                };
            }
        }
        write!(out, "{} B", self.0)
    }
}

/// A point in simulated time or a length of it, in whole nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimTime(pub u64);

impl SimTime {
    /// The start of a run; no time at all.
    pub const ZERO: SimTime = SimTime(0);
    /// Later than anything that can happen.
    pub const NEVER: SimTime = SimTime(u64::MAX);

    /// `seconds` as simulated time, rounded to the nanosecond; negative and NaN give zero, and what
    /// does not fit gives [`SimTime::NEVER`].
    #[inline]
    pub fn from_seconds(seconds: f64) -> Self {
        // Adding a half and cutting off: `round` is a library call on most targets.
        let nanoseconds = seconds * 1e9 + 0.5;
        if nanoseconds < i64::MAX as f64 {
            // Signed, as a processor converts it at once.
            SimTime((nanoseconds as i64).max(0) as u64)
        } else {
            SimTime(nanoseconds as u64)
        }
    }

    /// `n` milliseconds.
    pub const fn from_millis(n: u64) -> Self {
        SimTime(n.saturating_mul(1_000_000))
    }

    /// The time in seconds.
    #[inline]
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// `self − other`, or zero where `other` is later.
    pub const fn saturating_sub(self, other: Self) -> Self {
        SimTime(self.0.saturating_sub(other.0))
    }

    /// Reads a length of time: one or more numbers with `ns`, `us`, `ms`, `s`, `m`, `h`, `d` or `w`.
    ///
    /// ```
    /// use plimsoll::quantity::SimTime;
    /// assert_eq!(SimTime::parse("1m30s"), Some(SimTime::from_seconds(90.0)));
    /// assert_eq!(SimTime::parse("0.5 ms"), Some(SimTime(500_000)));
    /// assert_eq!(SimTime::parse("5"), None); // a unit is mandatory
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text.trim();
        let mut seconds = 0.0;
        if rest.is_empty() {
            return None;
        }
        while !rest.is_empty() {
            let number_end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
            let number: f64 = rest[..number_end].parse().ok()?;
            let tail = rest[number_end..].trim_start();
            let unit_end =
                tail.find(|c: char| c.is_ascii_digit() || c == ' ').unwrap_or(tail.len());
            seconds += number
                * match &tail[..unit_end] {
                    "ns" => 1e-9,
                    "us" | "µs" => 1e-6,
                    "ms" => 1e-3,
                    "s" => 1.0,
                    "m" | "min" => 60.0,
                    "h" => 3600.0,
                    "d" => 86400.0,
                    "w" => 604_800.0,
                    _ => return None,
                };
            rest = tail[unit_end..].trim_start();
        }
        (seconds < 9e9).then(|| SimTime::from_seconds(seconds))
    }
}

impl Add for SimTime {
    type Output = SimTime;
    #[inline]
    fn add(self, other: Self) -> Self {
        SimTime(self.0.saturating_add(other.0))
    }
}

impl AddAssign for SimTime {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for SimTime {
    type Output = SimTime;
    #[inline]
    fn sub(self, other: Self) -> Self {
        debug_assert!(self.0 >= other.0, "time ran backwards");
        SimTime(self.0.saturating_sub(other.0))
    }
}

impl SubAssign for SimTime {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl fmt::Display for SimTime {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.as_seconds();
        for (unit, size) in [("h", 3600.0), ("min", 60.0), ("s", 1.0), ("ms", 1e-3), ("us", 1e-6)] {
            if seconds >= size {
                return write!(out, "{} {unit}", significant(seconds / size));
            }
        }
        write!(out, "{} ns", self.0)
    }
}

/// Events per second, at least zero and finite.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Rate(pub f64);

impl Rate {
    /// Reads a rate: a number and `/s`, `/min` (or `/m`), `/h` or `/d`.
    ///
    /// ```
    /// use plimsoll::quantity::Rate;
    /// assert_eq!(Rate::parse("90/min"), Some(Rate(1.5)));
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let (number, unit) = split_unit(text)?;
        let per_second = match unit.replace(' ', "").as_str() {
            "/s" | "rps" => 1.0,
            "/min" | "/m" => 1.0 / 60.0,
            "/h" => 1.0 / 3600.0,
            "/d" => 1.0 / 86400.0,
            _ => return None,
        };
        Some(Rate(number * per_second)).filter(|rate| rate.0 >= 0.0 && rate.0.is_finite())
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/s", significant(self.0))
    }
}

/// A share: 1 is all of it. May exceed 1 only where a document says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Ratio(pub f64);

impl Ratio {
    /// Reads a share: `0.25` or `25%`.
    ///
    /// ```
    /// use plimsoll::quantity::Ratio;
    /// assert_eq!(Ratio::parse("0.1%"), Some(Ratio(0.001)));
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let ratio = match text.strip_suffix('%') {
            Some(percent) => percent.trim().parse::<f64>().ok()? / 100.0,
            None => text.parse().ok()?,
        };
        ratio.is_finite().then_some(Ratio(ratio))
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}%", significant(self.0 * 100.0))
    }
}

/// A number with three significant digits and no trailing zeros, as people read it.
pub fn significant(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let mut digits = 2;
    let mut magnitude = value.abs();
    while magnitude >= 10.0 && digits > 0 {
        magnitude /= 10.0;
        digits -= 1;
    }
    while magnitude < 1.0 && digits < 12 {
        magnitude *= 10.0;
        digits += 1;
    }
    let text = format!("{value:.digits$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// Splits `"64 MiB"` into the number and the unit; the unit may not be empty.
fn split_unit(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
    let number = text[..end].parse::<f64>().ok()?;
    Some((number, text[end..].trim()))
}
