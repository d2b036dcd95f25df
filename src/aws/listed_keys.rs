//! Keys of S3 objects in listings. Not every key can stand in XML as it is, so listings are asked for with
//! `encoding-type=url`.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html#API_ListObjectsV2_RequestSyntax>

use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::types::EncodingType;
use percent_encoding::percent_decode_str;

use crate::resource::Error;

/// A key that S3 encoded as forms do: a space is a plus.
///
/// # Errors
/// It is no UTF-8.
pub(super) fn decoded(key: &str, operation: &str) -> Result<String, Error> {
    let spaced = key.replace('+', " ");
    let told = percent_decode_str(&spaced).decode_utf8();
    told.map(Into::into).map_err(|_| Error::local(operation, format!("The key \"{key}\" is no UTF-8.")))
}

/// The keys of a page.
///
/// # Errors
/// One of them is no UTF-8.
pub(super) fn of_page(page: &ListObjectsV2Output) -> Result<Vec<String>, Error> {
    let is_encoded = page.encoding_type == Some(EncodingType::Url);
    let keys = page.contents().iter().filter_map(|object| object.key());
    keys.map(|key| if is_encoded { decoded(key, "ListObjectsV2") } else { Ok(key.to_owned()) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_decoded() {
        let decoded = |key| decoded(key, "ListObjectsV2");
        assert_eq!(decoded("a+b%2Bc/%0A%01%C3%BC").unwrap(), "a b+c/\n\u{1}ü");
        assert!(decoded("%FF").is_err());
    }

    #[test]
    fn only_what_is_encoded_is_decoded() {
        let object = aws_sdk_s3::types::Object::builder().key("a+b%0A").build();
        let page = |encoding: Option<EncodingType>| {
            ListObjectsV2Output::builder().contents(object.clone()).set_encoding_type(encoding).build()
        };
        assert_eq!(of_page(&page(None)).unwrap(), ["a+b%0A"]);
        assert_eq!(of_page(&page(Some(EncodingType::Url))).unwrap(), ["a b\n"]);
    }
}
