//! Arguments of `fit`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use plimsoll::decision::{Axis, DEFAULT_MAX_EVENTS, DEFAULT_SEED, Prices};

use super::{OutputArguments, PlanArguments, Runs, runs};
use crate::invocation::quoted;

/// Most values that one range may stand for.
const MOST_VALUES: u64 = 64;

pub(crate) const EXAMPLES: &str = "\
Examples:
  plimsoll fit                                     the smallest memory limits that hold
  plimsoll fit compose.yaml --host 512mb,2gb,4gb   and the smallest of these hosts
  plimsoll fit --vary services.api.workers=1..8    and the fewest workers
  plimsoll fit --vary services.redis.maxmemory=32mb,64mb --price memory=4,core=15
  plimsoll fit --write                             write compose.plimsoll.yaml
  plimsoll fit --write --write-as kubernetes       write plimsoll.patch.yaml, for kustomize

Exit codes: 0 found; 1 no limit holds the objectives; 2 bad input; 3 the budget ended first.";

/// `fit`
#[derive(Args, Debug)]
pub(crate) struct FitArguments {
    #[command(flatten)]
    pub(crate) plan: PlanArguments,

    /// Another input to fit, the most wanted value first: path=a,b,c or path=1..8; may be repeated
    #[arg(long, value_name = "PATH=VALUES", value_parser = axis, help_heading = "Fit")]
    pub(crate) vary: Vec<Axis>,

    /// Sizes that the host may have; the smallest that holds is taken
    #[arg(long, value_name = "SIZES", value_delimiter = ',', help_heading = "Fit")]
    #[arg(conflicts_with = "target")]
    pub(crate) host: Vec<String>,

    /// What a GiB of limits and a core of quotas cost: then the cheapest answer is taken
    #[arg(long, value_name = "PRICES", value_parser = prices, help_heading = "Fit")]
    pub(crate) price: Option<Prices>,

    /// Write a file that sets the limits. Default path: compose.plimsoll.yaml, plimsoll.patch.yaml
    #[arg(long, value_name = "PATH", num_args = 0..=1, help_heading = "Output")]
    #[arg(require_equals = true)]
    pub(crate) write: Option<Option<PathBuf>>,

    /// What `--write` writes: a Compose file to lay over yours, or patches for kustomize and kubectl.
    /// Default: what the plan is written in
    #[arg(long, value_enum, value_name = "KIND", requires = "write", help_heading = "Output")]
    pub(crate) write_as: Option<Written>,

    /// Let `--write` replace a file that is there
    #[arg(long, requires = "write", help_heading = "Output")]
    pub(crate) force: bool,

    /// Seed of the search; the answer is verified under another
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SEED, help_heading = "Engine")]
    pub(crate) seed: u64,

    /// Most events of all checks together
    #[arg(long, value_name = "N", default_value_t = 10 * DEFAULT_MAX_EVENTS)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..), help_heading = "Engine")]
    pub(crate) max_events: u64,

    /// Independent runs of each check: a number, or as many as its verdict needs
    #[arg(long, value_name = "auto|N", default_value = "auto", value_parser = runs)]
    #[arg(help_heading = "Engine")]
    pub(crate) runs: Runs,

    /// Threads; the answer is the same with any number. Default: one for each core
    #[arg(long, value_name = "N", help_heading = "Engine")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) jobs: Option<u32>,

    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

/// A file that sets limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Written {
    Compose,
    Kubernetes,
}

impl FitArguments {
    /// What to write and where; none where nothing is to be written. `is_kubernetes`: whether the plan
    /// was read from manifests.
    pub(crate) fn written(&self, is_kubernetes: bool) -> Option<(Written, PathBuf)> {
        let usual = if is_kubernetes { Written::Kubernetes } else { Written::Compose };
        let kind = self.write_as.unwrap_or(usual);
        let usual = match kind {
            Written::Compose => "compose.plimsoll.yaml",
            Written::Kubernetes => "plimsoll.patch.yaml",
        };
        Some((kind, self.write.clone()?.unwrap_or_else(|| PathBuf::from(usual))))
    }

    /// Its own flags as they would be typed, each word after a blank.
    pub(crate) fn words(&self) -> String {
        let mut words = String::new();
        if !self.host.is_empty() {
            words += &format!(" --host {}", quoted(&self.host.join(",")));
        }
        for axis in &self.vary {
            let values = format!("{}={}", axis.path, axis.values.join(","));
            words += &format!(" --vary {}", quoted(&values));
        }
        if let Some(prices) = self.price {
            words += &format!(" --price memory={},core={}", prices.memory_gib, prices.core);
        }
        words
    }
}

fn axis(text: &str) -> Result<Axis, String> {
    let wanted = "write it as path=a,b,c or path=1..8, such as services.api.workers=1..8";
    let (path, values) = text.split_once('=').ok_or(wanted)?;
    let path = path.trim().to_owned();
    if let Some((first, last)) = values.split_once("..") {
        let number = |text: &str| text.trim().parse::<u64>().map_err(|_| wanted.to_owned());
        let (first, last) = (number(first)?, number(last)?);
        if first > last || last - first >= MOST_VALUES {
            return Err(format!(
                "from a smaller to a larger number, at most {MOST_VALUES} of them"
            ));
        }
        return Ok(Axis { path, values: (first..=last).map(|value| value.to_string()).collect() });
    }
    let values: Vec<String> = values.split(',').map(|value| value.trim().to_owned()).collect();
    if path.is_empty() || values.iter().any(String::is_empty) {
        return Err(wanted.to_owned());
    }
    Ok(Axis { path, values })
}

fn prices(text: &str) -> Result<Prices, String> {
    let wanted = "write it as memory=4,core=15: what a GiB and what a core costs";
    let mut prices = Prices::default();
    for part in text.split(',') {
        let (what, price) = part.split_once('=').ok_or(wanted)?;
        let price: f64 = price.trim().parse().map_err(|_| wanted)?;
        if !(0.0..=1e12).contains(&price) {
            return Err("a price is a number from 0".to_owned());
        }
        match what.trim() {
            "memory" => prices.memory_gib = price,
            "core" => prices.core = price,
            _ => return Err(wanted.to_owned()),
        }
    }
    Ok(prices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_lists_are_values() {
        let workers = axis("services.api.workers=2..4").unwrap();
        assert_eq!(workers.values, ["2", "3", "4"]);
        assert_eq!(axis("a.b=32mb, 64mb").unwrap().values, ["32mb", "64mb"]);
        assert!(axis("a.b").is_err() && axis("a.b=9..2").is_err() && axis("a.b=1,,2").is_err());
        assert!(axis("a.b=1..1000000").is_err());
    }

    #[test]
    fn prices_name_what_they_are_for() {
        let read = prices("memory=4.5,core=15").unwrap();
        assert_eq!((read.memory_gib, read.core), (4.5, 15.0));
        assert!(prices("disk=1").is_err() && prices("memory").is_err());
    }
}
