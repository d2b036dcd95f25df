//! Encodings in seven bits that switch between sets of characters: ISO-2022-JP (RFC 1468) and HZ-GB-2312 (RFC 1843).
//!
//! `encoding_rs` has only the first and is stricter than Go, so both are read here with the tables of EUC-JP and
//! GB18030, whose upper halves hold the same sets.

use super::double_byte::Double;
use super::one_character;

/// What the bytes stand for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Set {
    Ascii,
    Katakana,
    Jis0208,
    Jis0212,
}

const TO_ASCII: &[u8] = b"\x1B(B";
const TO_KATAKANA: &[u8] = b"\x1B(I";
const TO_JIS_0208: &[u8] = b"\x1B$B";
const HIGH: u8 = 0x80;

/// The text of bytes in ISO-2022-JP; nothing when some mean nothing.
pub(super) fn decode_iso_2022_jp(bytes: &[u8]) -> Option<String> {
    let mut text = String::new();
    let mut set = Set::Ascii;
    let mut rest = bytes;
    while !rest.is_empty() {
        (set, rest) = match (set, rest) {
            (_, [0x1B, b'$', b'@' | b'B', rest @ ..]) => (Set::Jis0208, rest),
            (_, [0x1B, b'$', b'(', b'D', rest @ ..]) => (Set::Jis0212, rest),
            (_, [0x1B, b'(', b'B' | b'J', rest @ ..]) => (Set::Ascii, rest),
            (_, [0x1B, b'(', b'I', rest @ ..]) => (Set::Katakana, rest),
            (_, [0x1B | 0x80..=0xFF, ..]) => return None,
            (Set::Ascii, [byte, rest @ ..]) => {
                text.push(char::from(*byte));
                (set, rest)
            }
            (Set::Katakana, [byte @ 0x21..=0x5F, rest @ ..]) => {
                text.push(one_character(encoding_rs::EUC_JP, &[0x8E, byte | HIGH])?);
                (set, rest)
            }
            (Set::Jis0208 | Set::Jis0212, [b'\n', rest @ ..]) => {
                text.push('\n');
                (Set::Ascii, rest)
            }
            (Set::Jis0208 | Set::Jis0212, [row @ 0x21..=0x7F, cell, rest @ ..]) => {
                text.push(jis(set, row - 0x21, *cell)?);
                (set, rest)
            }
            _ => return None,
        };
    }
    Some(text)
}

/// A character of the JIS sets. Like Go it lets a cell past the end of its row run on into the next rows.
fn jis(set: Set, row: u8, cell: u8) -> Option<char> {
    let place = usize::from(row) * 94 + usize::from(cell.wrapping_sub(0x21));
    let row = u8::try_from(place / 94).ok().filter(|row| *row < 94)? + 0xA1;
    let cell = u8::try_from(place % 94).ok()? + 0xA1;
    let (two, three) = ([row, cell], [0x8F, row, cell]);
    one_character(encoding_rs::EUC_JP, if set == Set::Jis0212 { &three } else { &two })
}

/// The bytes of text in ISO-2022-JP; nothing when a character has none.
pub(super) fn encode_iso_2022_jp(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut set = Set::Ascii;
    for character in text.chars() {
        let (needed, switch, code) = if character.is_ascii() {
            (Set::Ascii, TO_ASCII, vec![u8::try_from(character).ok()?])
        } else {
            match Double::EucJp.character(character)?[..] {
                [0x8E, byte] => (Set::Katakana, TO_KATAKANA, vec![byte & !HIGH]),
                [row, cell] => (Set::Jis0208, TO_JIS_0208, vec![row & !HIGH, cell & !HIGH]),
                // JIS X 0212 is read but not written.
                _ => return None,
            }
        };
        if set != needed {
            bytes.extend_from_slice(switch);
            set = needed;
        }
        bytes.extend(code);
    }
    if set != Set::Ascii {
        bytes.extend_from_slice(TO_ASCII);
    }
    Some(bytes)
}

/// The text of bytes in HZ-GB-2312; nothing when some mean nothing.
pub(super) fn decode_hz(bytes: &[u8]) -> Option<String> {
    let mut text = String::new();
    let mut chinese = false;
    let mut rest = bytes;
    while !rest.is_empty() {
        rest = match rest {
            [b'~', b'{', rest @ ..] => {
                chinese = true;
                rest
            }
            [b'~', b'}', rest @ ..] => {
                chinese = false;
                rest
            }
            [b'~', b'~', rest @ ..] => {
                text.push('~');
                rest
            }
            [b'~', b'\n', rest @ ..] => rest,
            [b'~' | 0x80..=0xFF, ..] => return None,
            [row @ 0x21..=0x7D, cell @ 0x21..=0x7E, rest @ ..] if chinese => {
                text.push_str(&Double::Gb18030.decode(&[row | HIGH, cell | HIGH])?);
                rest
            }
            _ if chinese => return None,
            [byte, rest @ ..] => {
                text.push(char::from(*byte));
                rest
            }
            [] => &[],
        };
    }
    Some(text)
}

/// The bytes of text in HZ-GB-2312; nothing when a character has none. Like Go it leaves the end as it is, and a tilde
/// does not end Chinese.
pub(super) fn encode_hz(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut chinese = false;
    for character in text.chars() {
        if character == '~' {
            bytes.extend_from_slice(b"~~");
        } else if character.is_ascii() {
            if chinese {
                bytes.extend_from_slice(b"~}");
                chinese = false;
            }
            bytes.push(u8::try_from(character).ok()?);
        } else {
            let [row @ 0xA1..=0xFD, cell @ 0xA1..=0xFE] = Double::Gb18030.character(character)?[..] else {
                return None;
            };
            if !chinese {
                bytes.extend_from_slice(b"~{");
                chinese = true;
            }
            bytes.extend([row & !HIGH, cell & !HIGH]);
        }
    }
    Some(bytes)
}
