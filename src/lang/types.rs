//! Type constraints: `object({ a = optional(string, "x") })` -> a type and the defaults inside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::value::Value;

/// Defaults of optional attributes, by where they stand in the type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Defaults {
    /// Of the attributes of this object.
    pub values: BTreeMap<Arc<str>, Value>,
    /// Of what lies inside: by attribute name of an object, by index of a tuple, under the empty name for the
    /// elements of a collection.
    pub inside: BTreeMap<Arc<str>, Self>,
}
