//! Modules in buckets of S3, read with the official SDK.

use tokio::runtime::Handle;
use tokio::task::block_in_place;

use crate::aws::bucket::{list_objects, read_object};
use crate::modules::{Bucket, Buckets};
use crate::resource::{Error, Surroundings};
use crate::value::{Entries, Value};

/// Objects that are listed at most, before the package is refused.
const MOST: usize = 10_000;

/// S3 as the environment lets us ask it.
#[derive(Debug)]
pub(super) struct S3 {
    around: Surroundings,
}

impl S3 {
    /// With credentials and region from the usual places, where an address says nothing.
    pub(super) fn new(around: Surroundings) -> Self {
        Self { around }
    }
}

/// The arguments that an `s3` backend would have.
fn config(bucket: &Bucket, version: Option<&str>) -> Value {
    let mut entries = Entries::new();
    let mut add = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            entries.insert(name.into(), value.into());
        }
    };
    let (id, secret, token) = bucket
        .keys
        .as_ref()
        .map_or((None, None, None), |(id, secret, token)| (Some(id.as_str()), Some(secret.as_str()), token.as_deref()));
    add("bucket", Some(&bucket.name));
    // Without a word about the region, an address of AWS means its first one.
    add("region", bucket.region.as_deref().or(Some("us-east-1")));
    add("endpoint", bucket.endpoint.as_deref());
    add("profile", bucket.profile.as_deref());
    add("access_key", id);
    add("secret_key", secret);
    add("token", token);
    add("version", version);
    // Another service seldom has a host name for each bucket, nor has a bucket with dots a certificate.
    if bucket.endpoint.is_some() || bucket.name.contains('.') {
        entries.insert("use_path_style".into(), true.into());
    }
    Value::object(entries)
}

fn words(error: &Error) -> String {
    error.to_string().trim_end_matches('.').to_owned()
}

impl Buckets for S3 {
    fn list(&self, bucket: &Bucket, prefix: &str) -> Result<Vec<String>, String> {
        let config = config(bucket, None);
        let ask = list_objects(&config, prefix, MOST, &self.around);
        block_in_place(|| Handle::current().block_on(ask)).map_err(|error| words(&error))
    }

    fn read(&self, bucket: &Bucket, key: &str, version: Option<&str>) -> Result<Vec<u8>, String> {
        let config = config(bucket, version);
        let ask = read_object(&config, key, &self.around);
        let found = block_in_place(|| Handle::current().block_on(ask)).map_err(|error| words(&error))?;
        found.ok_or_else(|| format!("the bucket {} has no object {key}", bucket.name))
    }
}
