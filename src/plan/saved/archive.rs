//! The zip archive: named texts, and a manifest with a digest over them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Cursor, Read as _, Write as _};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// Texts by name.
pub(super) type Entries = BTreeMap<String, String>;

/// The format that this glaz writes and reads. Rises with every change that an older or newer glaz would misread.
pub(super) const FORMAT: u32 = 2;
/// A plan may hold secrets: its owner alone may read it.
pub(super) const MODE: u32 = 0o600;
/// The name of the manifest.
const MANIFEST: &str = "manifest.json";
/// What says that it is ours.
const KIND: &str = "glaz plan";
/// Larger parts than this (in bytes) are refused: a small archive can claim any size.
const LARGEST: u64 = 4 << 30;

#[derive(Serialize, Deserialize)]
struct Manifest {
    kind: String,
    format: u32,
    glaz: String,
    digest: String,
}

/// Why a file cannot be used.
#[derive(Debug)]
pub(super) enum Refused {
    /// It cannot be read at all.
    Unreadable(io::Error),
    /// It is something else.
    NoPlan,
    /// Terraform wrote it.
    OfTerraform,
    /// Another glaz wrote it.
    Version { format: u32, glaz: String },
    /// The digest does not fit.
    Changed,
    /// A part cannot be read.
    Damaged(String),
}

/// The bytes of the archive.
pub(super) fn pack(entries: &Entries) -> io::Result<Vec<u8>> {
    let manifest = Manifest {
        kind: KIND.to_owned(),
        format: FORMAT,
        glaz: env!("CARGO_PKG_VERSION").to_owned(),
        digest: digest(entries),
    };
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // Neither time nor owner: the same plan gives the same bytes.
    let options = SimpleFileOptions::default().unix_permissions(MODE).large_file(false);
    let mut add = |name: &str, text: &str| -> io::Result<()> {
        zip.start_file(name, options)?;
        zip.write_all(text.as_bytes())
    };
    add(MANIFEST, &serde_json::to_string(&manifest)?)?;
    for (name, text) in entries {
        add(name, text)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// Reads the archive and checks that it is as it was written.
pub(super) fn unpack(bytes: &[u8]) -> Result<Entries, Refused> {
    let mut zip = match ZipArchive::new(Cursor::new(bytes)) {
        Ok(zip) => zip,
        Err(error) if super::is_archive(bytes) => return Err(Refused::Damaged(error.to_string())),
        Err(_) => return Err(Refused::NoPlan),
    };
    if zip.index_for_name(MANIFEST).is_none() {
        return Err(if zip.index_for_name("tfplan").is_some() { Refused::OfTerraform } else { Refused::NoPlan });
    }
    let mut entries = Entries::new();
    for at in 0..zip.len() {
        let damaged = |error: &dyn std::fmt::Display| Refused::Damaged(error.to_string());
        let file = zip.by_index(at).map_err(|error| damaged(&error))?;
        let name = file.name().map_err(|error| damaged(&error))?.into_owned();
        let mut text = String::new();
        file.take(LARGEST).read_to_string(&mut text).map_err(|error| damaged(&error))?;
        entries.insert(name, text);
    }
    let manifest = entries.remove(MANIFEST).unwrap_or_default();
    let manifest: Manifest = serde_json::from_str(&manifest).map_err(|_| Refused::NoPlan)?;
    if manifest.kind != KIND {
        return Err(Refused::NoPlan);
    }
    if manifest.format != FORMAT || manifest.glaz != env!("CARGO_PKG_VERSION") {
        return Err(Refused::Version { format: manifest.format, glaz: manifest.glaz });
    }
    if manifest.digest != digest(&entries) {
        return Err(Refused::Changed);
    }
    Ok(entries)
}

/// Whether the bytes are a plan of glaz, of whichever version, as far as the manifest says.
pub(super) fn is_own(bytes: &[u8]) -> bool {
    let manifest = || -> Option<Manifest> {
        let mut zip = ZipArchive::new(Cursor::new(bytes)).ok()?;
        let mut text = String::new();
        let at = zip.index_for_name(MANIFEST)?;
        zip.by_index(at).ok()?.take(LARGEST).read_to_string(&mut text).ok()?;
        serde_json::from_str(&text).ok()
    };
    super::is_archive(bytes) && manifest().is_some_and(|manifest| manifest.kind == KIND)
}

/// Digest over names and texts; each with its length, so that no two archives read the same.
fn digest(entries: &Entries) -> String {
    let mut digest = Sha256::new();
    for (name, text) in entries {
        for part in [name, text] {
            digest.update(part.len().to_be_bytes());
            digest.update(part.as_bytes());
        }
    }
    hex(digest)
}

/// What a digest came to, in hexadecimal digits.
pub(super) fn hex(digest: Sha256) -> String {
    digest.finalize().iter().fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
