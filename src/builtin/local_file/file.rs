//! `local_file`: a file on this machine.
//!
//! <https://registry.terraform.io/providers/hashicorp/local/latest/docs/resources/file>

use super::disk::{self, Content, Headlines, Wish};
use crate::builtin::disk::OnDisk;
use crate::builtin::hashes::{Hashes, sha1};
use crate::builtin::validate::exactly_one;
use crate::model;
use crate::resource::{Draft, Error, Id, Problems};

model! {
    /// A file on this machine.
    pub struct Args {
        /// Path of the file. Folders that are missing are made; a file that is there is overwritten.
        filename: String = required().force_new(),
        /// Content, as text. Exactly one of `content`, `sensitive_content`, `content_base64` and `source` is needed.
        content: Option<String> = optional().force_new(),
        /// Content, as text that is never shown.
        sensitive_content: Option<String> = optional().force_new().sensitive().deprecated("use the `local_sensitive_file` resource instead."),
        /// Content, as base64.
        content_base64: Option<String> = optional().force_new(),
        /// Path of the file to copy.
        source: Option<String> = optional().force_new(),
        /// Permissions of the file before umask, in octal digits.
        file_permission: Option<String> = optional_computed().force_new().default(Lit::Str("0777")),
        /// Permissions of folders that are made, before umask, in octal digits.
        directory_permission: Option<String> = optional_computed().force_new().default(Lit::Str("0777")),
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
pub struct LocalFile;

const SAYS: Headlines =
    Headlines { create: "Create local file error", read: "Read local file error", delete: "Delete local file error" };

impl Args {
    fn wish(&self) -> Wish<'_> {
        let content = match (&self.sensitive_content, &self.content_base64, &self.source) {
            (Some(text), ..) => Content::Text(text),
            (_, Some(text), _) => Content::Base64(text),
            (_, _, Some(path)) => Content::Source(path),
            (None, None, None) => Content::Text(self.content.as_deref().unwrap_or_default()),
        };
        Wish {
            filename: &self.filename,
            content,
            file_permission: self.file_permission.as_deref().unwrap_or("0777"),
            directory_permission: self.directory_permission.as_deref().unwrap_or("0777"),
            says: &SAYS,
        }
    }
}

impl OnDisk for LocalFile {
    type Model = Args;

    const TYPE: &'static str = "local_file";

    fn check(want: &Draft, found: &mut Problems) {
        exactly_one(want, &["content", "sensitive_content", "content_base64", "source"], found);
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
        let was = Args { content: None, sensitive_content: text, content_base64: base64, source: None, ..want.clone() };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_again_by_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let filename = folder.path().join("a").to_str().unwrap().to_owned();
        let want = Args { filename, content: Some("hello".into()), ..Args::default() };
        assert_eq!(LocalFile::recover(&want).unwrap(), None);
        let id = LocalFile::create(&want).unwrap();
        assert_eq!(LocalFile::recover(&want).unwrap(), Some(id.clone()));
        let have = LocalFile::read(&id, want.clone()).unwrap().unwrap();
        assert_eq!(have.content_sha1.as_deref(), Some(id.as_str()));
        let other = Args { content: Some("other".into()), ..want.clone() };
        assert_eq!(LocalFile::recover(&other).unwrap(), None);
        std::fs::remove_file(&want.filename).unwrap();
        assert!(LocalFile::read(&id, want.clone()).unwrap().is_none());
        LocalFile::delete(&id, &want).unwrap();
    }
}
