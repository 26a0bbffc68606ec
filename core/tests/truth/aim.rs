//! How near a prediction has to be.

use serde::Deserialize;

/// How near a prediction has to be to what was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Aim {
    /// Within 5 % or 2 MiB in the median of a file, 15 % (or 2 MiB) at worst.
    Memory,
    /// Within 5 % in the median of a file, 15 % at worst: what is no size.
    Relative,
    /// Within 0.005.
    HitRatio,
    /// Killed or not, and by whom.
    Exact,
    /// Within 10 % below 80 % CPU utilisation, within 20 % up to 90 %; not judged above, where the
    /// repetitions themselves spread by more.
    Latency,
    /// Within 15 %.
    Throughput,
    /// Shown, not judged: what depends on the disk or on the moment.
    Shown,
}

/// A prediction held against a measurement.
#[derive(Clone, Copy)]
pub(crate) struct Error {
    /// Relative, or absolute for a hit ratio.
    pub(crate) size: f64,
    pub(crate) is_met: bool,
    /// Whether it is judged at all.
    pub(crate) is_judged: bool,
}

impl Aim {
    /// The error of a prediction; `busy` is the measured CPU utilisation, where there is one.
    pub(crate) fn error(self, predicted: f64, measured: f64, busy: Option<f64>) -> Error {
        let away = predicted - measured;
        let relative = if measured == 0.0 { away } else { away / measured };
        let within = |limit: f64| relative.abs() <= limit;
        let (size, is_met) = match self {
            Aim::Memory => (relative, within(0.05) || away.abs() <= 2.0),
            Aim::Relative => (relative, within(0.05)),
            Aim::HitRatio => (away, away.abs() <= 0.005),
            Aim::Exact => (away, away == 0.0),
            Aim::Latency => {
                (relative, within(if busy.is_some_and(|busy| busy >= 0.8) { 0.2 } else { 0.1 }))
            }
            Aim::Throughput => (relative, within(0.15)),
            Aim::Shown => (relative, true),
        };
        let is_judged = match self {
            Aim::Latency => busy.is_none_or(|busy| busy <= 0.9),
            Aim::Shown => false,
            Aim::Memory | Aim::Relative | Aim::HitRatio | Aim::Exact | Aim::Throughput => true,
        };
        Error { size, is_met, is_judged }
    }

    /// Whether the worst case of a file may be that far off.
    pub(crate) fn is_bearable(self, error: &Error) -> bool {
        match self {
            Aim::Memory | Aim::Relative => error.is_met || error.size.abs() <= 0.15,
            Aim::HitRatio | Aim::Exact | Aim::Latency | Aim::Throughput | Aim::Shown => {
                error.is_met
            }
        }
    }

    /// Whether half of the cases have to be near, and the others not too far.
    pub(crate) fn is_for_the_median(self) -> bool {
        matches!(self, Aim::Memory | Aim::Relative)
    }

    pub(crate) fn text(self) -> &'static str {
        match self {
            Aim::Memory => "5 % or 2 MiB in the median, 15 % at worst",
            Aim::Relative => "5 % in the median, 15 % at worst",
            Aim::HitRatio => "0.005",
            Aim::Exact => "exact",
            Aim::Latency => "10 %, 20 % from 80 % utilisation",
            Aim::Throughput => "15 %",
            Aim::Shown => "shown only",
        }
    }
}
