//! What the state needs of a bucket, of a lock table and of data keys. `aws` implements it, `cli` passes it in; here is no SDK.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crate::diagnostic::{AwsCall, Diagnostic};

/// An answer that is on its way.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Refused>> + Send + 'a>>;

/// An object of a bucket.
#[derive(Clone, PartialEq, Eq)]
pub struct Object {
    /// Its content.
    pub bytes: Vec<u8>,
    /// Names this content: another content has another one.
    pub etag: String,
}

/// Without the bytes: states hold secrets.
impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object").field("bytes", &self.bytes.len()).field("etag", &self.etag).finish()
    }
}

/// On which condition something is written. The service checks it and writes in one go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When<'a> {
    /// Always.
    Always,
    /// When there is nothing yet.
    Absent,
    /// When what is there is this: the etag of an object, the text of an item.
    Is(&'a str),
}

/// A bucket.
pub trait Bucket: fmt::Debug + Send + Sync {
    /// Its name.
    fn name(&self) -> &str;
    /// An object; none when there is no such key.
    fn get<'a>(&'a self, key: &'a str) -> Answer<'a, Option<Object>>;
    /// Writes an object; the answer is its etag.
    fn put<'a>(&'a self, key: &'a str, bytes: Vec<u8>, when: When<'a>) -> Answer<'a, String>;
    /// Removes objects; those that are not there are no error.
    fn delete<'a>(&'a self, keys: &'a [String]) -> Answer<'a, ()>;
    /// All keys that begin with a prefix, in order.
    fn list<'a>(&'a self, prefix: &'a str) -> Answer<'a, Vec<String>>;
    /// Makes the bucket unless it is there.
    fn make(&self) -> Answer<'_, Made>;
}

/// The text of an item that is written or compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// `Info`: who holds a lock.
    Info,
    /// `Digest`: MD5 of a state, in hex.
    Digest,
}

impl Attribute {
    /// Its name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "Info",
            Self::Digest => "Digest",
        }
    }
}

/// An item of a lock table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The attribute that was asked for; none when the item does not have it, or not as a text.
    pub text: Option<String>,
}

/// A table of locks with the key `LockID`.
pub trait LockTable: fmt::Debug + Send + Sync {
    /// Its name.
    fn name(&self) -> &str;
    /// An item with one of its attributes; none when there is no such item.
    fn get<'a>(&'a self, id: &'a str, what: Attribute) -> Answer<'a, Option<Item>>;
    /// Writes an item with this attribute alone.
    fn put<'a>(&'a self, id: &'a str, what: Attribute, text: String, when: When<'a>) -> Answer<'a, ()>;
    /// Removes an item; one that is not there is no error.
    fn delete<'a>(&'a self, id: &'a str) -> Answer<'a, ()>;
}

/// A data key.
#[derive(Clone, PartialEq, Eq)]
pub struct DataKey {
    /// The key.
    pub plain: Vec<u8>,
    /// The key, encrypted with that of the service.
    pub sealed: Vec<u8>,
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(…)")
    }
}

/// A service that makes data keys and opens them again.
pub trait DataKeys: fmt::Debug + Send + Sync {
    /// A new one, of a kind such as `AES_256`.
    fn generate<'a>(&'a self, id: &'a str, spec: &'a str, context: &'a BTreeMap<String, String>)
    -> Answer<'a, DataKey>;
    /// The key in the sealed one.
    fn open<'a>(&'a self, id: &'a str, sealed: Vec<u8>, context: &'a BTreeMap<String, String>) -> Answer<'a, Vec<u8>>;
}

/// What became of a bucket that was to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// It is new.
    New,
    /// It was there without objects and settings, as an interrupted making leaves it, and has its settings now.
    Completed,
    /// It was there, and was left as it is.
    Before,
}

/// Why a call was refused, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// What is there is not what the condition said.
    Condition,
    /// The service does not know conditions.
    Unsupported,
    /// There is no such bucket or table.
    Missing,
    /// No permission.
    Denied,
    /// Anything else: no connection, no credentials, an error of the service.
    Other,
}

/// A call without success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Why, as far as it matters here.
    pub reason: Reason,
    /// The call; none when there was none.
    pub call: Option<AwsCall>,
    /// The service's words.
    pub text: String,
}

impl Refused {
    /// A problem with this summary, of what could not be done.
    pub fn problem(self, summary: &'static str, what: &str) -> Diagnostic {
        let text = self.text.trim_end_matches('.');
        let denied = match self.reason {
            Reason::Denied => {
                " The credentials do not allow this call; see the documentation of the backend for what it needs."
            }
            _ => "",
        };
        Diagnostic { aws: self.call, ..Diagnostic::error(summary, format!("{what}: {text}.{denied}")) }
    }
}
