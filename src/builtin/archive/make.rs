//! Making the archive and telling its hashes: what resource and data source share.

use std::fs;
use std::path::Path;

use super::args::{Args, file_mode};
use super::entries::entries;
use super::{tar, zip};
use crate::builtin::hashes::Hashes;
use crate::resource::Error;

/// The provider's headline for most of what goes wrong.
pub(super) const SUMMARY: &str = "Archive creation error";

/// Writes the archive, and fills in its size and hashes. Nothing is written when something cannot be read.
pub(super) fn make(mut want: Args) -> Result<Args, Error> {
    let path = Path::new(&want.output_path);
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(|error| {
            Error::titled("Output path error", format!("The folder \"{}\" cannot be made: {error}.", folder.display()))
        })?;
    }
    let bytes = bytes(&want).map_err(|text| Error::titled(SUMMARY, text))?;
    write(path, &bytes)
        .map_err(|error| Error::titled(SUMMARY, format!("\"{}\" cannot be written: {error}.", path.display())))?;
    let hashes = Hashes::of(&bytes);
    want.output_size = i64::try_from(bytes.len()).ok();
    want.id = Some(hashes.sha1.clone());
    want.output_md5 = Some(hashes.md5);
    want.output_sha = Some(hashes.sha1);
    want.output_sha256 = Some(hashes.sha256);
    want.output_base64sha256 = Some(hashes.base64sha256);
    want.output_sha512 = Some(hashes.sha512);
    want.output_base64sha512 = Some(hashes.base64sha512);
    Ok(want)
}

fn bytes(want: &Args) -> Result<Vec<u8>, String> {
    let entries = entries(want)?;
    let mode = match want.output_file_mode.as_deref().filter(|text| !text.is_empty()) {
        Some(text) => {
            Some(file_mode(text).ok_or_else(|| format!("\"{text}\" in `output_file_mode` is no file mode."))?)
        }
        None => None,
    };
    match want.r#type.as_str() {
        "zip" => zip::archive(&entries, mode),
        "tar.gz" => tar::archive(&entries, mode),
        other => Err(format!("\"{other}\" is no archive that can be made.")),
    }
}

/// Over an older one, keeping its permissions, as the provider does; an equal one is left alone.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    fs::File::create(path)?.write_all(bytes)
}
