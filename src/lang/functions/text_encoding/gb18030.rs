//! GBK and GB18030 as Go has them: by the tables of 2000, without the characters that newer ones moved into pairs, and
//! with no pairs for users to define.

use super::one_character;

/// Where runs of such characters start, and the place of the first among the codes of four bytes.
const RUNS: &[(u32, u32)] = &[
    (0x1E3F, 7457),
    (0x9FB4, 19057),
    (0xE76C, 33469),
    (0xE7C8, 33470),
    (0xE7E7, 33471),
    (0xE815, 33484),
    (0xE819, 33485),
    (0xE81F, 33490),
    (0xE827, 33497),
    (0xE82D, 33501),
    (0xE833, 33505),
    (0xE83C, 33513),
    (0xE844, 33520),
    (0xE856, 33536),
    (0xE865, 33550),
    (0xFE10, 39076),
];

/// Whether no pair of bytes stands for it here, though one does in `encoding_rs`, or it is private.
pub(super) fn is_newer(character: char) -> bool {
    matches!(character, '\u{1E3F}' | '\u{9FB4}'..='\u{9FBB}' | '\u{E000}'..='\u{F8FF}' | '\u{FE10}'..='\u{FE19}')
}

/// The four bytes of such a character.
pub(super) fn four_bytes(character: char) -> Option<Vec<u8>> {
    let code = u32::from(character);
    let (start, place) = RUNS.iter().rev().find(|(start, _)| *start <= code)?;
    let place = place + (code - start);
    let digits = [place / 12_600 + 0x81, place / 1_260 % 10 + 0x30, place / 10 % 126 + 0x81, place % 10 + 0x30];
    digits.into_iter().map(|digit| u8::try_from(digit).ok()).collect()
}

/// The text of bytes, with characters of four bytes or without; nothing when some mean nothing.
pub(super) fn decode(bytes: &[u8], four: bool) -> Option<String> {
    let mut text = String::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let size = match rest {
            [0..=0x80, ..] => 1,
            [_, 0x30..=0x39, ..] if four => 4,
            _ => 2,
        };
        let (unit, after) = rest.split_at_checked(size)?;
        let character = match unit {
            // The newer table has U+E7C7 here.
            [0x81, 0x35, 0xF4, 0x37] => '\u{1E3F}',
            _ => one_character(encoding_rs::GB18030, unit)?,
        };
        if size == 2 && is_newer(character) {
            return None;
        }
        text.push(character);
        rest = after;
    }
    Some(text)
}
