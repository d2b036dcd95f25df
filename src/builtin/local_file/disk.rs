//! Writing, checking and removing one file: what both resource types share.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::builtin::hashes::sha1;
use crate::resource::{Draft, Error, Problems};
use crate::value::Value;

/// Headlines of the provider, which differ between the two types.
pub(super) struct Headlines {
    pub create: &'static str,
    pub read: &'static str,
    pub delete: &'static str,
}

/// Where the content of the file comes from.
pub(super) enum Content<'a> {
    Text(&'a str),
    Base64(&'a str),
    Source(&'a str),
}

impl Content<'_> {
    fn bytes(&self) -> Result<Vec<u8>, String> {
        match self {
            Self::Text(text) => Ok(text.as_bytes().to_vec()),
            Self::Base64(text) => decode(text).map_err(|_| "`content_base64` is not standard base64.".to_owned()),
            Self::Source(path) => {
                fs::read(path).map_err(|error| format!("`source` \"{path}\" cannot be read: {error}."))
            }
        }
    }
}

/// The file that a resource asks for.
pub(super) struct Wish<'a> {
    pub filename: &'a str,
    pub content: Content<'a>,
    pub file_permission: &'a str,
    pub directory_permission: &'a str,
    pub says: &'static Headlines,
}

impl Wish<'_> {
    /// Writes the file, over an older one, and makes the folders it lies in; the SHA-1 of its content.
    pub(super) fn write(&self) -> Result<String, Error> {
        let fail = |text: String| Error::titled(self.says.create, text);
        let bytes = self.content.bytes().map_err(fail)?;
        let path = Path::new(self.filename);
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
            let mut builder = DirBuilder::new();
            builder.recursive(true).mode(mode(self.directory_permission));
            let cannot = |error| fail(format!("The folder \"{}\" cannot be made: {error}.", folder.display()));
            builder.create(folder).map_err(cannot)?;
        }
        let is_new = !path.exists();
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(mode(self.file_permission));
        let cannot = |error| fail(format!("The file \"{}\" cannot be written: {error}.", self.filename));
        let mut file = options.open(path).map_err(cannot)?;
        if let Err(error) = file.write_all(&bytes) {
            if is_new {
                // Half a file that nobody remembers is worse than none; the first error is the one to tell.
                let _ = fs::remove_file(path);
            }
            return Err(cannot(error));
        }
        Ok(sha1(&bytes))
    }

    /// The SHA-1 of the file when it has the content asked for already.
    pub(super) fn look_up(&self) -> Result<Option<String>, Error> {
        let Ok(bytes) = self.content.bytes() else { return Ok(None) };
        let id = sha1(&bytes);
        Ok(read(self.filename, &id, self.says)?.map(|_| id))
    }
}

/// The content of the file, unless it is gone or not the one with this SHA-1 any more.
pub(super) fn read(filename: &str, id: &str, says: &Headlines) -> Result<Option<Vec<u8>>, Error> {
    Ok(existing(filename, says)?.filter(|bytes| sha1(bytes) == id))
}

/// Content as text, or in base64 where it is none.
pub(super) fn told(bytes: &[u8]) -> (Option<String>, Option<String>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (Some(text.to_owned()), None),
        Err(_) => (None, Some(BASE64_STANDARD.encode(bytes))),
    }
}

/// The content of the file, if there is one.
pub(super) fn existing(filename: &str, says: &Headlines) -> Result<Option<Vec<u8>>, Error> {
    match fs::read(filename) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if is_gone(&error) => Ok(None),
        Err(error) => Err(Error::titled(says.read, format!("The file \"{filename}\" cannot be read: {error}."))),
    }
}

/// Removes the file if it is still the one with this SHA-1. A file that others wrote since stays: it is not ours.
pub(super) fn remove(filename: &str, id: &str, says: &Headlines) -> Result<(), Error> {
    if read(filename, id, says)?.is_none() {
        return Ok(());
    }
    match fs::remove_file(filename) {
        Err(error) if !is_gone(&error) => {
            Err(Error::titled(says.delete, format!("The file \"{filename}\" cannot be removed: {error}.")))
        }
        _ => Ok(()),
    }
}

fn is_gone(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Permission bits from octal digits, which the plan has checked.
fn mode(digits: &str) -> u32 {
    u32::from_str_radix(digits, 8).unwrap_or(0o700)
}

/// Standard base64; line breaks are skipped, as Go does.
fn decode(text: &str) -> Result<Vec<u8>, base64::DecodeError> {
    BASE64_STANDARD.decode(text.replace(['\r', '\n'], ""))
}

/// Three or four octal digits, at most `0777`.
pub(super) fn check_permissions(want: &Draft, found: &mut Problems) {
    for name in ["file_permission", "directory_permission"] {
        let said = want.planned().get(name).and_then(Value::as_str);
        let fits = |text: &str| {
            matches!(text.len(), 3 | 4)
                && text.bytes().all(|byte| matches!(byte, b'0'..=b'7'))
                && (text.len() == 3 || text.starts_with('0'))
        };
        if let Some(text) = said.filter(|text| !fits(text)) {
            let text = format!(
                "\"{text}\" is no file permission. Write three or four octal digits, at most \"0777\", such as \"0644\": for the owner, the group and others the sum of 4 (read), 2 (write) and 1 (execute)."
            );
            found.titled("Invalid File Permission String Value", name, text);
        }
    }
}

/// `content_base64` must be base64. What is wrong where is not told: the value may be secret.
pub(super) fn check_base64(want: &Draft, found: &mut Problems) {
    let said = want.planned().get("content_base64").and_then(Value::as_str);
    if said.is_some_and(|text| decode(text).is_err()) {
        let text = "This is not standard base64. Build it with `base64encode(...)` or `filebase64(...)`.";
        found.inside(&["content_base64"], text);
    }
}
