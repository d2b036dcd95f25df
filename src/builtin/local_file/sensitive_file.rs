//! `local_sensitive_file`: a file on this machine whose content is never shown.
//!
//! <https://registry.terraform.io/providers/hashicorp/local/latest/docs/resources/sensitive_file>

use super::disk::{self, Content, Headlines, Wish};
use crate::builtin::disk::OnDisk;
use crate::builtin::hashes::{Hashes, sha1};
use crate::builtin::validate::exactly_one;
use crate::model;
use crate::resource::{Draft, Error, Id, Problems};

model! {
    /// A file on this machine whose content is never shown.
    pub struct Args {
        /// Path of the file. Folders that are missing are made; a file that is there is overwritten.
        filename: String = required().force_new(),
        /// Content, as text. Exactly one of `content`, `content_base64` and `source` is needed.
        content: Option<String> = optional().force_new().sensitive(),
        /// Content, as base64.
        content_base64: Option<String> = optional().force_new().sensitive(),
        /// Path of the file to copy.
        source: Option<String> = optional().force_new(),
        /// Permissions of the file before umask, in octal digits.
        file_permission: Option<String> = optional_computed().force_new().default(Lit::Str("0700")),
        /// Permissions of folders that are made, before umask, in octal digits.
        directory_permission: Option<String> = optional_computed().force_new().default(Lit::Str("0700")),
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

/// The type.
pub struct LocalSensitiveFile;

const SAYS: Headlines = Headlines {
    create: "Create local sensitive file error",
    read: "Read local sensitive file error",
    delete: "Delete local sensitive file error",
};

impl Args {
    fn wish(&self) -> Wish<'_> {
        let content = match (&self.content_base64, &self.source) {
            (Some(text), _) => Content::Base64(text),
            (_, Some(path)) => Content::Source(path),
            (None, None) => Content::Text(self.content.as_deref().unwrap_or_default()),
        };
        Wish {
            filename: &self.filename,
            content,
            file_permission: self.file_permission.as_deref().unwrap_or("0700"),
            directory_permission: self.directory_permission.as_deref().unwrap_or("0700"),
            says: &SAYS,
        }
    }
}

impl OnDisk for LocalSensitiveFile {
    type Model = Args;

    const TYPE: &'static str = "local_sensitive_file";

    fn check(want: &Draft, found: &mut Problems) {
        exactly_one(want, &["content", "content_base64", "source"], found);
        disk::check_permissions(want, found);
        disk::check_base64(want, found);
    }

    fn create(want: &Args) -> Result<Id, Error> {
        want.wish().write()
    }

    fn read(id: &str, prior: Args) -> Result<Option<Args>, Error> {
        let Some(bytes) = disk::read(&prior.filename, id, &SAYS)? else { return Ok(None) };
        let hashes = Hashes::of(&bytes);
        Ok(Some(Args {
            id: Some(id.to_owned()),
            content_md5: Some(hashes.md5),
            content_sha1: Some(hashes.sha1),
            content_sha256: Some(hashes.sha256),
            content_base64sha256: Some(hashes.base64sha256),
            content_sha512: Some(hashes.sha512),
            content_base64sha512: Some(hashes.base64sha512),
            ..prior
        }))
    }

    fn overwritten(want: &Args) -> Result<Option<Args>, Error> {
        // What cannot be read cannot be brought back: writing it says what is wrong.
        let Ok(Some(bytes)) = disk::existing(&want.filename, &SAYS) else { return Ok(None) };
        let (text, base64) = disk::told(&bytes);
        let was = Args { content: text, content_base64: base64, source: None, ..want.clone() };
        Self::read(&sha1(&bytes), was)
    }

    fn update(want: &Args) -> Result<(), Error> {
        want.wish().write().map(drop)
    }

    fn delete(id: &str, have: &Args) -> Result<(), Error> {
        disk::remove(&have.filename, id, &SAYS)
    }

    fn recover(want: &Args) -> Result<Option<Id>, Error> {
        want.wish().look_up()
    }
}
