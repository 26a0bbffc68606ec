//! What functions and aggregations are called.

use crate::alert::plan::{Aggregation, Each, Over};

pub(super) fn over(name: &str) -> Option<Over> {
    Some(match name {
        "rate" => Over::Rate,
        "increase" => Over::Increase,
        "delta" => Over::Delta,
        "irate" => Over::Irate,
        "idelta" => Over::Idelta,
        "deriv" => Over::Derivative,
        "predict_linear" => Over::Predict,
        "changes" => Over::Changes,
        "resets" => Over::Resets,
        "avg_over_time" => Over::Average,
        "min_over_time" => Over::Minimum,
        "max_over_time" => Over::Maximum,
        "sum_over_time" => Over::Sum,
        "count_over_time" => Over::Count,
        "last_over_time" => Over::Last,
        "present_over_time" => Over::Present,
        "stddev_over_time" => Over::Deviation,
        "stdvar_over_time" => Over::Variance,
        "quantile_over_time" => Over::Quantile,
        _ => return None,
    })
}

pub(super) fn each(name: &str) -> Option<Each> {
    Some(match name {
        "abs" => Each::Absolute,
        "ceil" => Each::Ceiling,
        "floor" => Each::Floor,
        "round" => Each::Round,
        "clamp" => Each::Clamp,
        "clamp_min" => Each::ClampLeast,
        "clamp_max" => Each::ClampMost,
        "sqrt" => Each::Root,
        "exp" => Each::Exponential,
        "ln" => Each::Logarithm,
        "log2" => Each::Logarithm2,
        "log10" => Each::Logarithm10,
        "sgn" => Each::Sign,
        _ => return None,
    })
}

pub(super) fn aggregation(name: &str) -> Option<Aggregation> {
    Some(match name {
        "sum" => Aggregation::Sum,
        "avg" => Aggregation::Average,
        "min" => Aggregation::Minimum,
        "max" => Aggregation::Maximum,
        "count" => Aggregation::Count,
        "group" => Aggregation::Group,
        "stddev" => Aggregation::Deviation,
        "stdvar" => Aggregation::Variance,
        "quantile" => Aggregation::Quantile,
        "topk" => Aggregation::Top,
        "bottomk" => Aggregation::Bottom,
        _ => return None,
    })
}
