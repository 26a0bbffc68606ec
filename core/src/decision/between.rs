//! Values between two ends, written as people write them: `64mb` and `256mb` with a half is `160mb`.

use crate::math;
use crate::quantity::{Bytes, Rate, Ratio, SimTime};

/// Significant digits of a value in between: enough to tell any two points of a sweep apart, few
/// enough to be read.
const DIGITS: usize = 6;

/// An interval of values of one unit.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Between {
    low: f64,
    high: f64,
    form: Form,
    /// Whether equal steps multiply by equal factors.
    is_logarithmic: bool,
}

/// How a value is written.
#[derive(Clone, Debug, PartialEq)]
enum Form {
    /// Without fraction and unit.
    Whole,
    /// With this unit; plain numbers have an empty one.
    Unit(String),
}

impl Between {
    /// The interval from one written value to another: whole numbers, plain numbers, or sizes, times,
    /// rates and shares with their units. `None` if they are no numbers of one kind, or the first is
    /// above the second.
    pub(super) fn parse(low: &str, high: &str) -> Option<Self> {
        let (form, low, high) = ends(low.trim(), high.trim())?;
        let is_ordered = low.is_finite() && high.is_finite() && low <= high;
        is_ordered.then_some(Between { low, high, form, is_logarithmic: false })
    }

    /// The same interval in equal factors; `None` if it does not begin above zero.
    pub(super) fn logarithmic(self) -> Option<Self> {
        (self.low > 0.0).then_some(Between { is_logarithmic: true, ..self })
    }

    /// The high end over the low one; 1 where the low one is not above zero.
    pub(super) fn factor(&self) -> f64 {
        if self.low > 0.0 { self.high / self.low } else { 1.0 }
    }

    /// Whether both ends are the same.
    pub(super) fn is_point(&self) -> bool {
        self.low == self.high
    }

    /// Every whole number of the interval, or `None` where it is none of whole numbers or has more
    /// than `most`.
    pub(super) fn whole_numbers(&self, most: usize) -> Option<Vec<String>> {
        if self.form != Form::Whole || self.is_logarithmic || self.high - self.low >= most as f64 {
            return None;
        }
        Some((self.low as u64..=self.high as u64).map(|value| value.to_string()).collect())
    }

    /// `count` values in equal steps, both ends included; whole numbers that coincide stand once.
    pub(super) fn steps(&self, count: usize) -> Vec<String> {
        let last = count.saturating_sub(1).max(1) as f64;
        let mut values: Vec<String> = (0..count).map(|at| self.at(at as f64 / last)).collect();
        values.dedup();
        values
    }

    /// The value at a share of the way, 0 to 1.
    pub(super) fn at(&self, share: f64) -> String {
        let value = if self.is_logarithmic {
            self.low * math::pow(self.high / self.low, share)
        } else {
            self.low + (self.high - self.low) * share
        };
        match &self.form {
            Form::Whole => format!("{:.0}", value.round()),
            Form::Unit(unit) => decimal(value) + unit,
        }
    }
}

/// The unit that both ends can be given in, and both in it.
fn ends(low: &str, high: &str) -> Option<(Form, f64, f64)> {
    if let (Ok(low), Ok(high)) = (low.parse::<u32>(), high.parse::<u32>()) {
        return Some((Form::Whole, f64::from(low), f64::from(high)));
    }
    if let (Some((low, unit)), Some((high, same))) = (number(low), number(high))
        && unit == same
    {
        return Some((Form::Unit(unit.to_owned()), low, high));
    }
    let mib = |text| Bytes::parse(text).map(Bytes::as_mib);
    let milliseconds = |text| SimTime::parse(text).map(|time| time.as_seconds() * 1e3);
    let rate = |text| Rate::parse(text).map(|rate| rate.0);
    let percent = |text| Ratio::parse(text).map(|ratio| ratio.0 * 100.0);
    let both = |unit: &str, low: Option<f64>, high: Option<f64>| {
        Some((Form::Unit(unit.to_owned()), low?, high?))
    };
    both("MiB", mib(low), mib(high))
        .or_else(|| both("ms", milliseconds(low), milliseconds(high)))
        .or_else(|| both("/s", rate(low), rate(high)))
        .or_else(|| both("%", percent(low), percent(high)))
}

/// The number that a text begins with, and the unit after it: a text with further numbers is none.
fn number(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|letter: char| !(letter.is_ascii_digit() || letter == '.'));
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let is_unit = !unit.contains(|letter: char| letter.is_ascii_digit());
    Some((number.parse().ok()?, unit.trim())).filter(|_| is_unit)
}

/// A number of [`DIGITS`] significant digits without exponent and trailing zeros.
fn decimal(value: f64) -> String {
    let mut digits = DIGITS - 1;
    let mut magnitude = value.abs();
    while magnitude >= 10.0 && digits > 0 {
        magnitude /= 10.0;
        digits -= 1;
    }
    while magnitude > 0.0 && magnitude < 1.0 && digits < 17 {
        magnitude *= 10.0;
        digits += 1;
    }
    let text = format!("{value:.digits$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(low: &str, high: &str) -> Between {
        Between::parse(low, high).unwrap()
    }

    #[test]
    fn values_keep_the_unit_of_their_ends() {
        assert_eq!(between("64mb", "256mb").steps(3), ["64mb", "160mb", "256mb"]);
        assert_eq!(between("10/s", "200/s").at(0.5), "105/s");
        assert_eq!(between("512mb", "2gb").at(0.0), "512MiB");
        assert_eq!(between("0 ns", "5 ms").at(0.1), "0.5ms");
        assert_eq!(between("5%", "0.1").at(1.0), "10%");
        assert_eq!(between("0.25", "1.5").steps(2), ["0.25", "1.5"]);
    }

    #[test]
    fn whole_numbers_stay_whole_and_stand_once() {
        assert_eq!(between("1", "3").steps(5), ["1", "2", "3"]);
        assert_eq!(between("1", "4").whole_numbers(9).unwrap(), ["1", "2", "3", "4"]);
        assert_eq!(between("1", "4").whole_numbers(3), None);
        assert_eq!(between("0.5", "4").whole_numbers(9), None);
    }

    #[test]
    fn equal_factors_and_their_ends() {
        let rates = between("1/s", "100/s").logarithmic().unwrap();
        assert_eq!(rates.steps(3), ["1/s", "10/s", "100/s"]);
        assert_eq!(between("0/s", "100/s").logarithmic(), None);
    }

    #[test]
    fn what_is_no_interval_is_none() {
        for (low, high) in [("a", "b"), ("2", "1"), ("1mb", "5/s"), ("", "4"), ("1mb", "")] {
            assert_eq!(Between::parse(low, high), None, "{low}..{high}");
        }
    }
}
