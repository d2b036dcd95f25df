//! The bucket and the lock table of the `s3` backend, with Amazon S3 and Amazon DynamoDB.
//!
//! Arguments: <https://developer.hashicorp.com/terraform/language/backend/s3>

mod bucket;
mod create;
mod table;

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::connect;
use super::provider::ProviderArgs;
use crate::diagnostic::AwsCall;
use crate::resource::model::Field as _;
use crate::resource::{Error, ErrorKind, Surroundings};
use crate::state::bucket::{Bucket, LockTable, Reason, Refused};
use crate::value::Value;

/// Older names of environment variables with addresses, and the client they are for.
const OLDER_ADDRESSES: [(&str, &str); 4] = [
    ("AWS_S3_ENDPOINT", "s3"),
    ("AWS_DYNAMODB_ENDPOINT", "dynamodb"),
    ("AWS_STS_ENDPOINT", "sts"),
    ("AWS_IAM_ENDPOINT", "iam"),
];

/// A backend, ready to be called.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The bucket.
    pub bucket: Arc<dyn Bucket>,
    /// The address of the bucket, by which it is known to be the same however the arguments say that.
    pub address: Option<String>,
    /// The table of locks and checksums, when the backend has one.
    pub table: Option<Arc<dyn LockTable>>,
}

/// How objects are encrypted by S3.
#[derive(Clone)]
enum Encryption {
    /// As the bucket does it by itself.
    Default,
    /// With S3's own keys.
    S3,
    /// With a key of KMS.
    Kms(String),
    /// With a key that S3 does not keep: the key and its checksum, base64.
    Customer(String, String),
}

/// Without the key.
impl std::fmt::Debug for Encryption {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Default => "Default",
            Self::S3 => "S3",
            Self::Kms(_) => "Kms",
            Self::Customer(..) => "Customer",
        })
    }
}

/// Opens the backend with these arguments. Calls nobody, unless the arguments restrict the account.
///
/// # Errors
/// Arguments that contradict each other, files that cannot be read, no region.
pub async fn open(config: &Value, around: &Surroundings) -> Result<Opened, Error> {
    let mut connection = super::bucket::connection(config);
    add_addresses(&mut connection, around);
    let args = ProviderArgs::decode_element(&connection)?;
    let account = connect::account(&args, around).await?;
    let region = account.home_region().unwrap_or_default();
    if region.is_empty() {
        let text = "The \"region\" attribute or the \"AWS_REGION\" or \"AWS_DEFAULT_REGION\" environment variables must be set.";
        return Err(Error::titled("Missing region value", text));
    }
    if !is_set(config, "skip_region_validation") && !connect::regions::looks_right(region) {
        return Err(Error::titled("Invalid region value", format!("Invalid AWS Region: {region}")));
    }
    let aws = account.in_region(region).await?;
    let bucket = bucket::S3Bucket {
        name: text(config, "bucket").unwrap_or_default().to_owned(),
        acl: text(config, "acl").map(str::to_owned),
        encryption: encryption(config, around)?,
        has_checksums: !is_set(config, "skip_s3_checksum"),
        path_style: is_set(config, "use_path_style") || is_set(config, "force_path_style"),
        aws: aws.clone(),
    };
    let address = bucket.address().await;
    let table = text(config, "dynamodb_table").map(|name| table::open(name, &aws)).transpose()?;
    Ok(Opened { bucket: Arc::new(bucket), address, table })
}

/// Addresses from environment variables with older names, where the block has none.
fn add_addresses(connection: &mut Value, around: &Surroundings) {
    let crate::value::Data::Object(entries) = &mut connection.data else { return };
    let mut all = entries.as_ref().clone();
    let given = all.get("endpoints").and_then(Value::elements).and_then(<[Value]>::first).and_then(Value::entries);
    let mut inner = given.cloned().unwrap_or_default();
    for (name, client) in OLDER_ADDRESSES {
        let newer = format!("AWS_ENDPOINT_URL_{}", client.to_ascii_uppercase());
        let is_given = |name: &str| around.environment.get(name).is_some_and(|value| !value.is_empty());
        if is_given(name) && !is_given(&newer) && inner.get(client).is_none_or(Value::is_null) {
            inner.insert(client.into(), around.environment.get(name).cloned().unwrap_or_default().into());
        }
    }
    if !inner.is_empty() {
        all.insert("endpoints".into(), Value::list(crate::value::Type::Any, vec![Value::object(inner)]));
        *connection = Value::object(all);
    }
}

fn encryption(config: &Value, around: &Surroundings) -> Result<Encryption, Error> {
    let of_environment =
        || around.environment.get("AWS_SSE_CUSTOMER_KEY").map(String::as_str).filter(|key| !key.is_empty());
    let (key, kms) = (text(config, "sse_customer_key"), text(config, "kms_key_id"));
    if kms.is_some() && of_environment().is_some() {
        let text = "Only one of \"kms_key_id\" and the environment variable \"AWS_SSE_CUSTOMER_KEY\" can be set. The first is the name of a key of KMS, the second a key of yours that S3 does not keep. Choose one of them.";
        return Err(Error::titled("Invalid encryption configuration", text));
    }
    let customer = match (key, of_environment()) {
        (Some(key), _) => Some(customer_key(key, "Invalid sse_customer_key value", "sse_customer_key")?),
        (None, Some(key)) => {
            let name = "The environment variable \"AWS_SSE_CUSTOMER_KEY\"";
            Some(customer_key(key, "Invalid AWS_SSE_CUSTOMER_KEY value", name)?)
        }
        (None, None) => None,
    };
    Ok(match (is_set(config, "encrypt"), kms, customer) {
        (false, ..) => Encryption::Default,
        (true, Some(kms), _) => Encryption::Kms(kms.to_owned()),
        (true, None, Some((key, sum))) => Encryption::Customer(key, sum),
        (true, None, None) => Encryption::S3,
    })
}

/// The key and its checksum.
fn customer_key(key: &str, summary: &'static str, name: &str) -> Result<(String, String), Error> {
    use md5::Digest as _;
    if key.len() != 44 {
        return Err(Error::titled(summary, format!("{name} must be 44 characters in length: 256 bits in base64.")));
    }
    let bytes = BASE64_STANDARD
        .decode(key)
        .map_err(|error| Error::titled(summary, format!("{name} must be base64 encoded: {error}.")))?;
    Ok((key.to_owned(), BASE64_STANDARD.encode(md5::Md5::digest(&bytes))))
}

fn text<'a>(config: &'a Value, name: &str) -> Option<&'a str> {
    config.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn is_set(config: &Value, name: &str) -> bool {
    config.get(name).is_some_and(|value| value.as_bool() == Some(true) || value.as_str() == Some("true"))
}

/// What the state needs to know of a failed call.
pub(super) fn refused(error: Error) -> Refused {
    let reason = match error.code.as_str() {
        "PreconditionFailed" | "ConditionalRequestConflict" | "ConditionalCheckFailedException" => Reason::Condition,
        "NoSuchBucket" | "ResourceNotFoundException" => Reason::Missing,
        "AccessDenied" | "AccessDeniedException" | "Forbidden" | "AllAccessDisabled" => Reason::Denied,
        "NotImplemented" => Reason::Unsupported,
        _ => Reason::Other,
    };
    let text = match error.kind {
        ErrorKind::Local | ErrorKind::Credentials | ErrorKind::Unreachable | ErrorKind::NoAnswer
            if error.code.is_empty() =>
        {
            error.to_string()
        }
        _ => error.message.clone(),
    };
    let Error { operation, code, request_id, .. } = error;
    // Without an answer there is nothing to tell of it.
    let call = (!operation.is_empty() && !code.is_empty()).then_some(AwsCall { operation, code, request_id });
    Refused { reason, call, text }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::*;
    use crate::clock::Clock;

    fn around(pairs: &[(&str, &str)]) -> Surroundings {
        let environment: BTreeMap<String, String> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Surroundings {
            clock: Clock::pinned(Duration::ZERO, 1),
            environment: environment.into(),
            agent: "glaz".to_owned(),
        }
    }

    fn config(pairs: &[(&str, Value)]) -> Value {
        Value::object(pairs.iter().map(|(name, value)| ((*name).into(), value.clone())).collect())
    }

    #[test]
    fn encryption_as_asked_for() {
        let key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
        let of = |pairs: &[(&str, Value)], env: &[(&str, &str)]| {
            encryption(&config(pairs), &around(env)).map(|found| format!("{found:?}")).map_err(|error| error.summary)
        };
        let on = ("encrypt", Value::from(true));
        assert_eq!(of(&[], &[]).as_deref(), Ok("Default"));
        assert_eq!(of(std::slice::from_ref(&on), &[]).as_deref(), Ok("S3"));
        assert_eq!(of(&[on.clone(), ("kms_key_id", "alias/x".into())], &[]).as_deref(), Ok("Kms"));
        assert_eq!(of(&[on.clone(), ("sse_customer_key", key.into())], &[]).as_deref(), Ok("Customer"));
        assert_eq!(of(&[on], &[("AWS_SSE_CUSTOMER_KEY", key)]).as_deref(), Ok("Customer"));
        assert_eq!(of(&[("sse_customer_key", "short".into())], &[]), Err(Some("Invalid sse_customer_key value")));
        assert_eq!(of(&[], &[("AWS_SSE_CUSTOMER_KEY", "x")]), Err(Some("Invalid AWS_SSE_CUSTOMER_KEY value")));
        assert_eq!(
            of(&[("kms_key_id", "alias/x".into())], &[("AWS_SSE_CUSTOMER_KEY", key)]),
            Err(Some("Invalid encryption configuration"))
        );
    }

    #[test]
    fn older_variables_count_where_nothing_else_does() {
        let address = |config: &Value, env: &[(&str, &str)]| {
            let mut connection = crate::aws::bucket::connection(config);
            add_addresses(&mut connection, &around(env));
            let args = ProviderArgs::decode_element(&connection).unwrap();
            args.endpoints.iter().find_map(|all| all.by_client().get("s3").cloned())
        };
        let older = ("AWS_S3_ENDPOINT", "http://older");
        assert_eq!(address(&config(&[]), &[older]).as_deref(), Some("http://older"));
        assert_eq!(address(&config(&[]), &[older, ("AWS_ENDPOINT_URL_S3", "http://newer")]), None);
        assert_eq!(address(&config(&[("endpoint", "http://block".into())]), &[older]).as_deref(), Some("http://block"));
    }
}
