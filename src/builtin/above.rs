//! What built-in types need from folders that they must not use: the language, the state, AWS. `cli` hands it in.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::resource::{Pending, Surroundings};
use crate::value::Value;

/// Fills in a template of the language with the attributes of an object; the error is a phrase.
pub type Render = fn(&str, &Value, &Surroundings) -> Result<String, String>;

/// The root outputs in a state file; nothing for a file without bytes. The second text is what to call the file.
pub type Outputs = fn(&[u8], &str) -> Result<Option<BTreeMap<String, Value>>, Diagnostic>;

/// Reads an object out of a bucket: the arguments of an `s3` backend, and the key. Nothing when there is no such object.
pub type ReadObject = for<'a> fn(&'a Value, &'a str, &'a Surroundings) -> Pending<'a, Option<Vec<u8>>>;

/// Opens state files of other stacks that are in an envelope.
pub trait Unseal: fmt::Debug + Send + Sync {
    /// The file without its envelope; as it is when it has none and needs none. `reader` is the data source, as a block
    /// `remote_state_data_source` names it: `net`, `sub.net`, `net["a"]`. `shown` is what to call the file.
    fn open<'a>(&'a self, reader: &'a str, bytes: Vec<u8>, shown: &'a str) -> Pending<'a, Vec<u8>>;
}

/// What lies above.
#[derive(Clone, Debug)]
pub struct Above {
    /// Fills in templates.
    pub render: Render,
    /// Reads state files.
    pub outputs: Outputs,
    /// Reads out of buckets; absent when it was not compiled in.
    pub read_object: Option<ReadObject>,
    /// Opens envelopes.
    pub unseal: Arc<dyn Unseal>,
}
