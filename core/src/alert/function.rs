//! The functions and aggregations of the language, with what they take and give: a name that is none of
//! these is refused as Prometheus refuses it. Which of them are evaluated is decided where an expression is
//! bound to a plan (`bind.rs`).

use super::expression::Kind;

/// Name and arguments: `v` an instant vector, `r` a range vector, `s` a number, `t` a text; those after
/// `?` may be left out, and the last may be repeated after `*` (prometheus/prometheus,
/// docs/querying/functions.md).
const FUNCTIONS: &[(&str, &str)] = &[
    ("abs", "v"),
    ("absent", "v"),
    ("absent_over_time", "r"),
    ("acos", "v"),
    ("acosh", "v"),
    ("asin", "v"),
    ("asinh", "v"),
    ("atan", "v"),
    ("atanh", "v"),
    ("avg_over_time", "r"),
    ("ceil", "v"),
    ("changes", "r"),
    ("clamp", "vss"),
    ("clamp_max", "vs"),
    ("clamp_min", "vs"),
    ("cos", "v"),
    ("cosh", "v"),
    ("count_over_time", "r"),
    ("day_of_month", "?v"),
    ("day_of_week", "?v"),
    ("day_of_year", "?v"),
    ("days_in_month", "?v"),
    ("deg", "v"),
    ("delta", "r"),
    ("deriv", "r"),
    ("double_exponential_smoothing", "rss"),
    ("exp", "v"),
    ("floor", "v"),
    ("histogram_avg", "v"),
    ("histogram_count", "v"),
    ("histogram_fraction", "ssv"),
    ("histogram_quantile", "sv"),
    ("histogram_stddev", "v"),
    ("histogram_stdvar", "v"),
    ("histogram_sum", "v"),
    ("holt_winters", "rss"),
    ("hour", "?v"),
    ("idelta", "r"),
    ("increase", "r"),
    ("irate", "r"),
    ("label_join", "vttt*"),
    ("label_replace", "vtttt"),
    ("last_over_time", "r"),
    ("ln", "v"),
    ("log10", "v"),
    ("log2", "v"),
    ("mad_over_time", "r"),
    ("max_over_time", "r"),
    ("min_over_time", "r"),
    ("minute", "?v"),
    ("month", "?v"),
    ("pi", ""),
    ("predict_linear", "rs"),
    ("present_over_time", "r"),
    ("quantile_over_time", "sr"),
    ("rad", "v"),
    ("rate", "r"),
    ("resets", "r"),
    ("round", "v?s"),
    ("scalar", "v"),
    ("sgn", "v"),
    ("sin", "v"),
    ("sinh", "v"),
    ("sort", "v"),
    ("sort_by_label", "vt*"),
    ("sort_by_label_desc", "vt*"),
    ("sort_desc", "v"),
    ("sqrt", "v"),
    ("stddev_over_time", "r"),
    ("stdvar_over_time", "r"),
    ("sum_over_time", "r"),
    ("tan", "v"),
    ("tanh", "v"),
    ("time", ""),
    ("timestamp", "v"),
    ("vector", "s"),
    ("year", "?v"),
];

/// Aggregations; those with a parameter.
const AGGREGATIONS: [(&str, Option<Kind>); 14] = [
    ("avg", None),
    ("bottomk", Some(Kind::Scalar)),
    ("count", None),
    ("count_values", Some(Kind::Text)),
    ("group", None),
    ("limit_ratio", Some(Kind::Scalar)),
    ("limitk", Some(Kind::Scalar)),
    ("max", None),
    ("min", None),
    ("quantile", Some(Kind::Scalar)),
    ("stddev", None),
    ("stdvar", None),
    ("sum", None),
    ("topk", Some(Kind::Scalar)),
];

/// Names of all functions.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|(name, _)| *name)
}

/// A function by name: its name and what it takes.
pub(super) fn function(name: &str) -> Option<(&'static str, Arguments)> {
    FUNCTIONS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(name, takes)| (*name, Arguments(takes)))
}

/// An aggregation by name, upper or lower case: its name and what its parameter is.
pub(super) fn aggregation(name: &str) -> Option<(&'static str, Option<Kind>)> {
    AGGREGATIONS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).copied()
}

/// What a function gives.
pub(super) fn gives(name: &str) -> Kind {
    if matches!(name, "time" | "scalar" | "pi") { Kind::Scalar } else { Kind::Vector }
}

/// What a function takes.
#[derive(Clone, Copy)]
pub(super) struct Arguments(&'static str);

impl Arguments {
    /// The kind of the argument at a position; `None` where there are fewer.
    pub(super) fn at(self, position: usize) -> Option<Kind> {
        let kinds: Vec<char> = self.0.chars().filter(|c| !matches!(c, '?' | '*')).collect();
        let repeats = self.0.ends_with('*');
        let kind = kinds.get(position).or_else(|| kinds.last().filter(|_| repeats))?;
        Some(match kind {
            's' => Kind::Scalar,
            'r' => Kind::Range,
            't' => Kind::Text,
            _ => Kind::Vector,
        })
    }

    /// How many there must be.
    pub(super) fn least(self) -> usize {
        let must = self.0.split('?').next().unwrap_or_default();
        must.chars().filter(|c| *c != '*').count() - usize::from(self.0.ends_with('*'))
    }
}
