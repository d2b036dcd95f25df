//! What built-in types need from folders that they must not use: the language, the state, AWS. `cli` hands it in.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::resource::{Pending, Surroundings};
use crate::value::Value;

/// Fills in a template of the language with the attributes of an object; the error is a phrase.
pub type Render = fn(&str, &Value, &Surroundings) -> Result<String, String>;

/// The root outputs in a state file; nothing for a file without bytes. The second text is what to call the file.
pub type Outputs = fn(&[u8], &str) -> Result<Option<BTreeMap<String, Value>>, Diagnostic>;

/// Reads an object out of a bucket: the arguments of an `s3` backend, and the key. Nothing when there is no such object.
pub type ReadObject = for<'a> fn(&'a Value, &'a str, &'a Surroundings) -> Pending<'a, Option<Vec<u8>>>;

/// What lies above.
#[derive(Clone, Copy, Debug)]
pub struct Above {
    /// Fills in templates.
    pub render: Render,
    /// Reads state files.
    pub outputs: Outputs,
    /// Reads out of buckets; absent when it was not compiled in.
    pub read_object: Option<ReadObject>,
}
