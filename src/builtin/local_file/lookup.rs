//! The data sources `local_file` and `local_sensitive_file`: the content of a file and its hashes.
//!
//! <https://registry.terraform.io/providers/hashicorp/local/latest/docs/data-sources/file>

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::builtin::hashes::Hashes;
use crate::builtin::source::{Source, blocking, lossy};
use crate::model;
use crate::resource::{Error, Surroundings};

model! {
    /// The content of a file and its hashes.
    pub struct Args {
        /// Path of the file.
        filename: String = required(),
        /// Content as text; what is not UTF-8 is replaced by U+FFFD.
        content: Option<String> = computed(),
        /// Content in base64.
        content_base64: Option<String> = computed(),
        /// SHA-1 of the content in hexadecimal digits.
        id: Option<String> = computed(),
        /// MD5 of the content in hexadecimal digits.
        content_md5: Option<String> = computed(),
        /// SHA-1 of the content in hexadecimal digits.
        content_sha1: Option<String> = computed(),
        /// SHA-256 of the content in hexadecimal digits.
        content_sha256: Option<String> = computed(),
        /// SHA-256 of the content in base64.
        content_base64sha256: Option<String> = computed(),
        /// SHA-512 of the content in hexadecimal digits.
        content_sha512: Option<String> = computed(),
        /// SHA-512 of the content in base64.
        content_base64sha512: Option<String> = computed(),
    }
}

model! {
    /// The content of a file, never shown, and its hashes.
    pub struct SensitiveArgs {
        /// Path of the file.
        filename: String = required(),
        /// Content as text; what is not UTF-8 is replaced by U+FFFD.
        content: Option<String> = computed().sensitive(),
        /// Content in base64.
        content_base64: Option<String> = computed().sensitive(),
        /// SHA-1 of the content in hexadecimal digits.
        id: Option<String> = computed(),
        /// MD5 of the content in hexadecimal digits.
        content_md5: Option<String> = computed(),
        /// SHA-1 of the content in hexadecimal digits.
        content_sha1: Option<String> = computed(),
        /// SHA-256 of the content in hexadecimal digits.
        content_sha256: Option<String> = computed(),
        /// SHA-256 of the content in base64.
        content_base64sha256: Option<String> = computed(),
        /// SHA-512 of the content in hexadecimal digits.
        content_sha512: Option<String> = computed(),
        /// SHA-512 of the content in base64.
        content_base64sha512: Option<String> = computed(),
    }
}

/// The data source `local_file`.
pub struct LocalFile;

/// The data source `local_sensitive_file`.
pub struct LocalSensitiveFile;

impl Source for LocalFile {
    type Model = Args;

    const TYPE: &'static str = "local_file";

    async fn read(_around: &Surroundings, want: Args) -> Result<Args, Error> {
        blocking(move || read(want.filename)).await
    }
}

impl Source for LocalSensitiveFile {
    type Model = SensitiveArgs;

    const TYPE: &'static str = "local_sensitive_file";

    async fn read(_around: &Surroundings, want: SensitiveArgs) -> Result<SensitiveArgs, Error> {
        let file = blocking(move || read(want.filename)).await?;
        Ok(SensitiveArgs {
            filename: file.filename,
            content: file.content,
            content_base64: file.content_base64,
            id: file.id,
            content_md5: file.content_md5,
            content_sha1: file.content_sha1,
            content_sha256: file.content_sha256,
            content_base64sha256: file.content_base64sha256,
            content_sha512: file.content_sha512,
            content_base64sha512: file.content_base64sha512,
        })
    }
}

fn read(filename: String) -> Result<Args, Error> {
    let bytes = std::fs::read(&filename).map_err(|error| {
        let text = format!("The file \"{filename}\" cannot be read: {error}. A data source reads a file that is there before the plan; for one that this stack makes, refer to the resource that makes it.");
        Error::titled("Read local file data source error", text)
    })?;
    let hashes = Hashes::of(&bytes);
    Ok(Args {
        filename,
        content_base64: Some(BASE64_STANDARD.encode(&bytes)),
        content: Some(lossy(&bytes)),
        id: Some(hashes.sha1.clone()),
        content_md5: Some(hashes.md5),
        content_sha1: Some(hashes.sha1),
        content_sha256: Some(hashes.sha256),
        content_base64sha256: Some(hashes.base64sha256),
        content_sha512: Some(hashes.sha512),
        content_base64sha512: Some(hashes.base64sha512),
    })
}
