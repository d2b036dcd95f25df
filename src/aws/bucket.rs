//! Objects in S3 buckets, for states that other stacks keep there.
//!
//! API: Amazon S3 2006-03-01, `GetObject`.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>

use aws_sdk_s3::types::EncodingType;

use super::provider::ProviderArgs;
use super::{connect, listed_keys};
use crate::resource::model::Field as _;
use crate::resource::{Error, ErrorKind, Pending, Surroundings};
use crate::value::{Entries, Type, Value};

/// Older names of arguments: the object they belong to now, and their name there.
const OLDER: [(&str, &str, &str); 7] = [
    ("role_arn", "assume_role", "role_arn"),
    ("session_name", "assume_role", "session_name"),
    ("external_id", "assume_role", "external_id"),
    ("endpoint", "endpoints", "s3"),
    ("sts_endpoint", "endpoints", "sts"),
    ("dynamodb_endpoint", "endpoints", "dynamodb"),
    ("iam_endpoint", "endpoints", "iam"),
];

/// Reads an object: the arguments of an `s3` backend, and the key. Nothing when there is no such object.
///
/// # Errors
/// No credentials, no such bucket, no permission, no answer.
pub fn read_object<'a>(config: &'a Value, key: &'a str, around: &'a Surroundings) -> Pending<'a, Option<Vec<u8>>> {
    Box::pin(async move {
        let (s3, bucket) = opened(config, around).await?;
        let version = config.get("version").and_then(Value::as_str).map(str::to_owned);
        let answer = s3.get_object().bucket(bucket).key(key).set_version_id(version).send().await;
        let object = match answer.map_err(Error::from) {
            Err(error) if error.is(&["NoSuchKey"]) => return Ok(None),
            other => other?,
        };
        let broken = |error| Error {
            kind: ErrorKind::Unreachable,
            ..Error::local("GetObject", format!("the answer breaks off: {error}"))
        };
        Ok(Some(object.body.collect().await.map_err(broken)?.to_vec()))
    })
}

/// Keys of the objects that begin with a prefix, at most `most` and one.
///
/// API: `ListObjectsV2`. <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>
///
/// # Errors
/// No credentials, no such bucket, no permission, no answer.
pub fn list_objects<'a>(
    config: &'a Value,
    prefix: &'a str,
    most: usize,
    around: &'a Surroundings,
) -> Pending<'a, Vec<String>> {
    Box::pin(async move {
        let (s3, bucket) = opened(config, around).await?;
        let mut keys = Vec::new();
        let mut next = None;
        loop {
            let call = s3.list_objects_v2().bucket(&bucket).prefix(prefix).set_continuation_token(next);
            let page = call.encoding_type(EncodingType::Url).send().await.map_err(Error::from)?;
            keys.extend(listed_keys::of_page(&page)?);
            next = page.next_continuation_token;
            if next.is_none() || keys.len() > most {
                return Ok(keys);
            }
        }
    })
}

/// A client with the arguments of the backend, and the bucket's name.
async fn opened(config: &Value, around: &Surroundings) -> Result<(aws_sdk_s3::Client, String), Error> {
    let args = ProviderArgs::decode_element(&connection(config))?;
    let account = connect::account(&args, around).await?;
    let aws = account.in_region(account.home_region().unwrap_or_default()).await?;
    let bucket = config.get("bucket").and_then(Value::as_str).unwrap_or_default();
    let is_set = |name: &str| {
        config.get(name).is_some_and(|value| value.as_bool() == Some(true) || value.as_str() == Some("true"))
    };
    let path_style = is_set("use_path_style") || is_set("force_path_style");
    let settings = aws.s3.config().to_builder().force_path_style(path_style).build();
    Ok((aws_sdk_s3::Client::from_conf(settings), bucket.to_owned()))
}

/// The arguments of the backend as those of a provider block, which has roles and endpoints in blocks.
pub(super) fn connection(config: &Value) -> Value {
    let mut entries: Entries = config.entries().cloned().unwrap_or_default();
    for name in ["assume_role", "endpoints"] {
        let mut inner: Entries = entries.get(name).and_then(Value::entries).cloned().unwrap_or_default();
        for (older, _, now) in OLDER.iter().filter(|(_, object, _)| *object == name) {
            if let Some(value) = entries.get(older).filter(|value| !value.is_null()).cloned()
                && inner.get(now).is_none_or(Value::is_null)
            {
                inner.insert((*now).into(), value);
            }
        }
        let blocks = if inner.is_empty() { Vec::new() } else { vec![Value::object(inner)] };
        entries.insert(name.into(), Value::list(Type::Any, blocks));
    }
    // What a provider block has in another form.
    if let Some(skip) = entries.get("skip_metadata_api_check").and_then(Value::as_bool) {
        entries.insert("skip_metadata_api_check".into(), skip.to_string().into());
    }
    if let Some(one) = entries.get("shared_credentials_file").filter(|one| one.as_str().is_some()).cloned() {
        entries.insert("shared_credentials_files".into(), Value::list(Type::String, vec![one]));
    }
    for name in ["shared_config_files", "shared_credentials_files"] {
        if let Some(files) = entries.get(name).and_then(Value::elements).map(<[Value]>::to_vec) {
            entries.insert(name.into(), Value::list(Type::String, files));
        }
    }
    Value::object(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_arguments_become_blocks() {
        let config = Value::object(
            [
                ("region".into(), "eu-west-1".into()),
                ("role_arn".into(), "arn:aws:iam::123456789012:role/read".into()),
                ("skip_metadata_api_check".into(), true.into()),
                ("shared_config_files".into(), Value::set(Type::String, vec!["a".into()])),
                ("shared_credentials_file".into(), "b".into()),
                ("endpoint".into(), "http://127.0.0.1:9".into()),
            ]
            .into(),
        );
        let args = ProviderArgs::decode_element(&connection(&config)).unwrap();
        assert_eq!(args.region.as_deref(), Some("eu-west-1"));
        assert_eq!(args.skip_metadata_api_check.as_deref(), Some("true"));
        assert_eq!((args.shared_config_files, args.shared_credentials_files), (vec!["a".into()], vec!["b".into()]));
        assert_eq!(args.assume_role[0].role_arn.as_deref(), Some("arn:aws:iam::123456789012:role/read"));
        assert_eq!(args.endpoints[0].by_client().get("s3").map(String::as_str), Some("http://127.0.0.1:9"));
    }
}
