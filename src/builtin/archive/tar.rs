//! Tar files in gzip, as Go's `archive/tar` writes them: USTAR where a name fits, PAX where it does not; owner 0, date 0.
//!
//! Format: <https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_06>

use super::entries::{Content, Entry};
use crate::deflate::Gzip;

const BLOCK: usize = 512;
const NAME: usize = 100;
const PREFIX: usize = 155;
/// Go copies files in pieces of this size; where they are cut decides over bytes of the compressed form.
const PIECE: usize = 32 << 10;
const FILE: u8 = b'0';
const FOLDER: u8 = b'5';
const EXTENDED: u8 = b'x';

/// The archive. All files get the permissions `mode` when it is given.
pub(super) fn archive(entries: &[Entry], mode: Option<u32>) -> Result<Vec<u8>, String> {
    let mut out = Gzip::default();
    for entry in entries {
        add(&mut out, entry, mode)?;
    }
    out.write(&[0; BLOCK]);
    out.write(&[0; BLOCK]);
    Ok(out.finish())
}

fn add(out: &mut Gzip, entry: &Entry, mode: Option<u32>) -> Result<(), String> {
    let content = entry.bytes()?;
    let is_folder = entry.name.ends_with('/');
    if is_folder && !content.is_empty() {
        return Err(format!("\"{}\" ends in a slash: a folder has no content.", entry.name));
    }
    let own = match entry.content {
        Content::Text(_) => 0,
        Content::File(_, own) => own & 0o777,
    };
    let name = entry.name.as_str();
    let (prefix, short) = match split(name) {
        _ if name.is_ascii() && name.len() <= NAME => ("", name.to_owned()),
        Some((prefix, rest)) => (prefix, rest.to_owned()),
        None => {
            extended(out, name)?;
            ("", ascii(name))
        }
    };
    let kind = if is_folder { FOLDER } else { FILE };
    let mut header = header(&short, mode.unwrap_or(own), content.len(), kind)?;
    put(&mut header, 329..337, b"0000000\0");
    put(&mut header, 337..345, b"0000000\0");
    put(&mut header, 345..345 + PREFIX, prefix.as_bytes());
    out.write(&sealed(header));
    match entry.content {
        Content::Text(_) => out.write(&content),
        Content::File(..) => content.chunks(PIECE).for_each(|piece| out.write(piece)),
    }
    pad(out, content.len());
    Ok(())
}

/// An extended header that tells a name which does not fit.
fn extended(out: &mut Gzip, name: &str) -> Result<(), String> {
    let (folder, file) = name.rsplit_once('/').map_or(("", name), |(folder, file)| (folder, file));
    let place = [folder, "PaxHeaders.0", file].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>();
    let place = ascii(&place.join("/"));
    let place = &place[..place.len().min(NAME)];
    let data = record("path", name);
    out.write(&sealed(header(place.trim_end_matches('/'), 0, data.len(), EXTENDED)?));
    out.write(data.as_bytes());
    pad(out, data.len());
    Ok(())
}

/// `length key=value` and a line break; the length counts itself.
fn record(key: &str, value: &str) -> String {
    let rest = format!(" {key}={value}\n");
    let mut length = rest.len();
    while length != rest.len() + length.to_string().len() {
        length = rest.len() + length.to_string().len();
    }
    format!("{length}{rest}")
}

fn header(name: &str, mode: u32, size: usize, kind: u8) -> Result<[u8; BLOCK], String> {
    let mut block = [0; BLOCK];
    put(&mut block, 0..NAME, name.as_bytes());
    if name.len() > NAME && block[NAME - 1] == b'/' {
        // Readers would take it for a folder.
        let end = name[..NAME - 1].trim_end_matches('/').len();
        block[end] = 0;
    }
    put(&mut block, 100..108, format!("{:07o}\0", mode & 0o7_777_777).as_bytes());
    put(&mut block, 108..116, b"0000000\0");
    put(&mut block, 116..124, b"0000000\0");
    let digits = format!("{size:011o}\0");
    if digits.len() > 12 {
        return Err(format!("\"{name}\" is too large for a tar file."));
    }
    put(&mut block, 124..136, digits.as_bytes());
    put(&mut block, 136..148, b"00000000000\0");
    block[156] = kind;
    put(&mut block, 257..265, b"ustar\x0000");
    Ok(block)
}

/// The header with its checksum, which counts its own place as spaces.
fn sealed(mut block: [u8; BLOCK]) -> [u8; BLOCK] {
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    put(&mut block, 148..155, format!("{sum:06o}\0").as_bytes());
    block
}

fn put(block: &mut [u8; BLOCK], place: std::ops::Range<usize>, bytes: &[u8]) {
    let length = bytes.len().min(place.len());
    block[place.start..place.start + length].copy_from_slice(&bytes[..length]);
}

fn pad(out: &mut Gzip, length: usize) {
    out.write(&[0; BLOCK][..length.next_multiple_of(BLOCK) - length]);
}

/// A long name as folder and rest, cut at a slash where both fit.
fn split(name: &str) -> Option<(&str, &str)> {
    if name.len() <= NAME || !name.is_ascii() {
        return None;
    }
    let end = match name.len() {
        long if long > PREFIX + 1 => PREFIX + 1,
        length if name.ends_with('/') => length - 1,
        length => length,
    };
    let at = name[..end].rfind('/').filter(|at| *at > 0)?;
    let rest = &name[at + 1..];
    (!rest.is_empty() && rest.len() <= NAME && at <= PREFIX).then_some((&name[..at], rest))
}

fn ascii(name: &str) -> String {
    name.chars().filter(|character| character.is_ascii() && *character != '\0').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names() {
        let folder = "d".repeat(120);
        assert_eq!(split(&format!("{folder}/file")), Some((folder.as_str(), "file")));
        assert_eq!(split("short/file"), None);
        assert_eq!(split(&format!("a/{}", "f".repeat(101))), None);
        assert_eq!(record("path", "é"), "11 path=é\n");
        let long = "x".repeat(91);
        assert_eq!(record("path", &long), format!("101 path={long}\n"));
    }
}
