//! Rules of thumb, evaluated on the model without simulating.

use crate::model::Model;
use crate::report::Finding;

/// Everything that breaks a rule.
pub fn findings(_model: &Model) -> Vec<Finding> {
    Vec::new()
}
