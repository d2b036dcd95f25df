//! Zip files, as Go's `archive/zip` writes them: sizes behind the content, texts without a date, files with the zero
//! date of Go, which reads as 2049-01-01.
//!
//! Format: <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>

use super::entries::{Content, Entry};
use crate::deflate::{Level, compress};

/// The earliest date that Go knows, 0001-01-01, in the 16 bits of the format.
const GO_ZERO_DATE: u16 = 0x8a21;
/// A program on Unix wrote it, with version 2.0 of the format.
const UNIX_20: u16 = 0x0314;
const VERSION_20: u16 = 20;
const VERSION_45: u16 = 45;
const SIZES_FOLLOW: u16 = 0x8;
const NAME_IS_UTF8: u16 = 0x800;
const DEFLATED: u16 = 8;
const REGULAR_FILE: u32 = 0o100_000;
const READ_ONLY: u32 = 1;

/// One line of the directory at the end.
struct Listed {
    name: String,
    creator: u16,
    flags: u16,
    method: u16,
    date: u16,
    checksum: u32,
    compressed: u32,
    size: u32,
    attributes: u32,
    offset: u32,
}

/// The archive. Files get the permissions `mode` when it is given; texts have none.
pub(super) fn archive(entries: &[Entry], mode: Option<u32>) -> Result<Vec<u8>, String> {
    let (mut out, mut listed) = (Vec::new(), Vec::with_capacity(entries.len()));
    for entry in entries {
        listed.push(add(&mut out, entry, mode)?);
    }
    let start = out.len();
    for one in &listed {
        list(&mut out, one);
    }
    end(&mut out, listed.len(), start)?;
    Ok(out)
}

fn add(out: &mut Vec<u8>, entry: &Entry, mode: Option<u32>) -> Result<Listed, String> {
    let content = entry.bytes()?;
    let is_folder = entry.name.ends_with('/');
    if is_folder && !content.is_empty() {
        return Err(format!("\"{}\" ends in a slash: a folder has no content.", entry.name));
    }
    let (creator, date, attributes) = match entry.content {
        Content::Text(_) => (VERSION_20, 0, 0),
        Content::File(_, own) => {
            let mode = mode.map_or(own, |mode| mode & 0o777);
            let dos = if mode & 0o200 == 0 { READ_ONLY } else { 0 };
            (UNIX_20, GO_ZERO_DATE, (REGULAR_FILE | mode) << 16 | dos)
        }
    };
    let too_large = || format!("\"{}\" is too large: files and archives of 4 GiB and more are not made.", entry.name);
    let size = |length: usize| u32::try_from(length).map_err(|_| too_large());
    let mut checksum = flate2::Crc::new();
    checksum.update(&content);
    let mut one = Listed {
        name: entry.name.clone(),
        creator,
        flags: if needs_utf8(&entry.name) { NAME_IS_UTF8 } else { 0 },
        method: 0,
        date,
        checksum: checksum.sum(),
        compressed: 0,
        size: size(content.len())?,
        attributes,
        offset: size(out.len())?,
    };
    if !is_folder {
        (one.flags, one.method) = (one.flags | SIZES_FOLLOW, DEFLATED);
    }
    head(out, &one)?;
    if !is_folder {
        let compressed = compress(Level::Five, &content);
        one.compressed = size(compressed.len())?;
        out.extend(compressed);
        number32(out, &[0x0807_4b50, one.checksum, one.compressed, one.size]);
    }
    Ok(one)
}

/// What stands before a file.
fn head(out: &mut Vec<u8>, one: &Listed) -> Result<(), String> {
    let length = u16::try_from(one.name.len()).map_err(|_| format!("The name \"{}\" is too long.", one.name))?;
    number32(out, &[0x0403_4b50]);
    number16(out, &[VERSION_20, one.flags, one.method, 0, one.date]);
    number32(out, &[0, 0, 0]);
    number16(out, &[length, 0]);
    out.extend(one.name.as_bytes());
    Ok(())
}

/// A file's line in the directory.
fn list(out: &mut Vec<u8>, one: &Listed) {
    number32(out, &[0x0201_4b50]);
    number16(out, &[one.creator, VERSION_20, one.flags, one.method, 0, one.date]);
    number32(out, &[one.checksum, one.compressed, one.size]);
    number16(out, &[u16::try_from(one.name.len()).unwrap_or_default(), 0, 0, 0, 0]);
    number32(out, &[one.attributes, one.offset]);
    out.extend(one.name.as_bytes());
}

/// The end of the directory; from 65535 files on in the wider form too.
fn end(out: &mut Vec<u8>, count: usize, start: usize) -> Result<(), String> {
    let end = out.len();
    let too_large = |_| "The archive is too large: 4 GiB and more are not made.".to_owned();
    let (size, offset) = (u32::try_from(end - start).map_err(too_large)?, u32::try_from(start).map_err(too_large)?);
    let count16 = u16::try_from(count).unwrap_or(u16::MAX);
    let is_wide = count16 == u16::MAX;
    if is_wide {
        number32(out, &[0x0606_4b50]);
        number64(out, &[44]);
        number16(out, &[VERSION_45, VERSION_45]);
        number32(out, &[0, 0]);
        number64(out, &[count as u64, count as u64, u64::from(size), u64::from(offset)]);
        number32(out, &[0x0706_4b50, 0]);
        number64(out, &[end as u64]);
        number32(out, &[1]);
    }
    number32(out, &[0x0605_4b50]);
    number16(out, &[0, 0, count16, count16]);
    number32(out, &if is_wide { [u32::MAX; 2] } else { [size, offset] });
    number16(out, &[0]);
    Ok(())
}

/// Whether other encodings of file names would read it differently.
fn needs_utf8(name: &str) -> bool {
    name.chars().any(|character| !matches!(character, ' '..='}') || character == '\\')
}

fn number16(out: &mut Vec<u8>, numbers: &[u16]) {
    out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

fn number32(out: &mut Vec<u8>, numbers: &[u32]) {
    out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

fn number64(out: &mut Vec<u8>, numbers: &[u64]) {
    out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}
