//! What every type of IAM needs: tags, policy documents as they are told, names.

use std::borrow::Cow;

use aws_sdk_iam::types as sdk;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use percent_encoding::percent_decode_str;

use crate::aws::answers::unless;
use crate::aws::contract::{Error, Result, Retry, Tags, retry};

/// Characters of names.
pub(super) const NAME: &str = r"^[0-9A-Za-z_+=,.@-]+$";
/// The same in words.
pub(super) const NAME_SAYS: &str = "letters, digits and _+=,.@-";
/// Form of paths.
pub(super) const PATH: &str = r"^/([!-~]+/)?$";
/// The same in words.
pub(super) const PATH_SAYS: &str = "a path that starts and ends with /, such as /service/";

/// It is not there.
pub(super) const GONE: &[&str] = &["NoSuchEntity"];

/// Two calls changed the same object.
pub(super) const fn concurrent(calls: &'static [&'static str]) -> Retry {
    Retry::of(calls, "ConcurrentModification", "another call is changing the same object", retry::CHANGE)
}

/// Tags as calls take them; `None` for no tags.
pub(super) fn to_list(tags: &Tags) -> Result<Option<Vec<sdk::Tag>>> {
    if tags.is_empty() {
        return Ok(None);
    }
    let tag = |(key, value): (&String, &String)| sdk::Tag::builder().key(key).value(value).build();
    let all: std::result::Result<Vec<_>, _> = tags.iter().map(tag).collect();
    all.map(Some).map_err(|error| Error::local("tags", format!("The tags cannot be sent: {error}.")))
}

/// Tags as they are told.
pub(super) fn from_list(tags: &[sdk::Tag]) -> Tags {
    tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect()
}

/// A policy document as it is told: percent-encoded.
pub(super) fn decoded(document: &str) -> String {
    percent_decode_str(document).decode_utf8().map_or_else(|_| document.to_owned(), Cow::into_owned)
}

/// A time as hashicorp/aws writes it.
pub(super) fn time(at: &DateTime) -> Option<String> {
    at.fmt(Format::DateTime).ok()
}

/// Gone is as good as deleted.
pub(super) fn unless_gone<T>(answer: Result<T>) -> Result<Option<T>> {
    unless(answer, GONE)
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn documents_are_percent_encoded() {
        assert_eq!(decoded("%7B%22a%22%3A%20%22%C3%A4+%22%7D"), r#"{"a": "ä+"}"#);
        assert_eq!(decoded("100%"), "100%");
    }
}
