//! What an input of a sweep may be, in one line of text: `services.redis.memory=64mb,96mb`.

use crate::decision::between::Between;

/// Values of one axis at the most.
const MOST_VALUES: usize = 10_000;

/// How an axis is written, for messages.
const WANTED: &str = "write it as path=a,b,c, path=1..8, path=10/s..200/s:20 (20 values in equal \
                      steps) or path=10/s..200/s:20:log (in equal factors)";

/// An input that varies, and what it may be.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepAxis {
    /// Its path, as `--set` takes it.
    pub path: String,
    values: Values,
}

#[derive(Clone, Debug, PartialEq)]
enum Values {
    Listed(Vec<String>),
    /// Any value of an interval.
    Between(Between),
}

impl SweepAxis {
    /// Reads `path=VALUES`, where the values are
    ///
    /// - `a,b,c`: these, whatever they are;
    /// - `LOW..HIGH:N`: N values in equal steps, both ends included; with `:log` after it in equal
    ///   factors;
    /// - `LOW..HIGH`: every whole number; where samples are drawn, any value of the interval, with
    ///   `:log` after it drawn by magnitude.
    ///
    /// Values between two whole numbers are whole: a share is written `0.0..1.0`.
    ///
    /// # Errors
    /// One sentence that says how it is written.
    ///
    /// ```
    /// use plimsoll::decision::SweepAxis;
    /// assert!(SweepAxis::parse("services.redis.memory=64mb,96mb,128mb").is_ok());
    /// assert!(SweepAxis::parse("traffic.arrival_rate=10/s..200/s:20").is_ok());
    /// assert!(SweepAxis::parse("services.api.workers").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, String> {
        let (path, values) = text.split_once('=').ok_or(WANTED)?;
        let path = path.trim();
        if path.is_empty() {
            return Err(WANTED.to_owned());
        }
        let is_range = values.contains("..") && !values.contains(',');
        let values = if is_range { range(values)? } else { Values::Listed(list(values)?) };
        Ok(SweepAxis { path: path.to_owned(), values })
    }

    /// Its values in a grid.
    pub(super) fn grid(&self) -> Result<Vec<String>, String> {
        match &self.values {
            Values::Listed(values) => Ok(values.clone()),
            Values::Between(between) => between.whole_numbers(MOST_VALUES).ok_or_else(|| {
                format!("`{}`: a grid needs a number of values, as in 10/s..200/s:20", self.path)
            }),
        }
    }

    /// Its value at a share of the way, 0 up to 1; of an interval also beyond its ends.
    pub(crate) fn at(&self, share: f64) -> String {
        match &self.values {
            Values::Between(between) => between.at(share),
            Values::Listed(values) => {
                let index = (share * values.len() as f64) as usize;
                values[index.min(values.len() - 1)].clone()
            }
        }
    }

    /// The values that show whether all are values of the input: its ends, or every listed one.
    pub(super) fn probes(&self) -> Vec<String> {
        match &self.values {
            Values::Between(between) => between.steps(2),
            Values::Listed(values) => values.clone(),
        }
    }
}

fn list(text: &str) -> Result<Vec<String>, String> {
    let values: Vec<String> = text.split(',').map(|value| value.trim().to_owned()).collect();
    if values.iter().any(String::is_empty) || values.len() > MOST_VALUES {
        return Err(WANTED.to_owned());
    }
    Ok(values)
}

fn range(text: &str) -> Result<Values, String> {
    let (low, rest) = text.split_once("..").ok_or(WANTED)?;
    let mut parts = rest.split(':');
    let high = parts.next().ok_or(WANTED)?;
    let mut between = Between::parse(low, high).ok_or_else(|| {
        format!("`{text}` is no range from a smaller to a larger value: {WANTED}")
    })?;
    let mut count = None;
    for (position, part) in parts.map(str::trim).enumerate() {
        if part == "log" && position <= 1 {
            between = between
                .logarithmic()
                .ok_or_else(|| format!("`{text}`: equal factors need a low end above zero"))?;
        } else {
            let number = part.parse().ok().filter(|count| (2..=MOST_VALUES).contains(count));
            count = Some(number.filter(|_| position == 0).ok_or_else(|| {
                format!("`{text}`: between 2 and {MOST_VALUES} values: {WANTED}")
            })?);
        }
    }
    Ok(match count {
        Some(count) => Values::Listed(between.steps(count)),
        None => Values::Between(between),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(text: &str) -> Vec<String> {
        SweepAxis::parse(text).unwrap().grid().unwrap()
    }

    #[test]
    fn lists_and_ranges_are_read() {
        assert_eq!(grid("a.b=64mb, 96mb"), ["64mb", "96mb"]);
        assert_eq!(grid("a.b=1..3"), ["1", "2", "3"]);
        assert_eq!(grid("r=10/s..30/s:3"), ["10/s", "20/s", "30/s"]);
        assert_eq!(grid("r=1/s..100/s:3:log"), ["1/s", "10/s", "100/s"]);
    }

    #[test]
    fn samples_come_from_lists_and_intervals() {
        let listed = SweepAxis::parse("a=x,y").unwrap();
        assert_eq!([listed.at(0.0), listed.at(0.49), listed.at(0.5)], ["x", "x", "y"]);
        let by_magnitude = SweepAxis::parse("a=1ms..100ms:log").unwrap();
        assert_eq!(by_magnitude.at(0.5), "10ms");
        assert!(by_magnitude.grid().unwrap_err().contains("10/s..200/s:20"));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        for wrong in ["a", "=1", "a=", "a=1,,2", "a=3..1", "a=1..9:1", "a=0..9:3:log", "a=1..2:3:x"]
        {
            assert!(SweepAxis::parse(wrong).is_err(), "{wrong}");
        }
    }
}
