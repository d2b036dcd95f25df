//! Character encodings by their IANA names, with the verdicts of Terraform (that is, of Go's `golang.org/x/text`).
//!
//! Nothing is ever replaced: text without bytes and bytes without text are both refused.

mod double_byte;
mod escaped;
mod gb18030;
mod names;
mod single_byte;
#[cfg(test)]
mod tests;

use double_byte::Double;

/// An encoding.
#[derive(Clone, Copy, Debug)]
pub(super) enum Encoding {
    /// UTF-8.
    Utf8,
    /// UTF-16, with a byte order mark or without.
    Utf16 {
        /// The most significant byte comes first, unless a mark says otherwise.
        big: bool,
        /// A mark is written and understood.
        mark: bool,
    },
    /// Seven bits.
    Ascii,
    /// ISO 8859-1: a byte is its code point.
    Latin1,
    /// One byte a character, from the Encoding Standard.
    Web(&'static encoding_rs::Encoding),
    /// One byte a character, ASCII below and a table above.
    Page(&'static single_byte::Page),
    /// One byte a character from a table of its own.
    Ebcdic(&'static single_byte::Ebcdic),
    /// One to four bytes a character.
    Double(Double),
    /// ISO-2022-JP: escape sequences switch between sets.
    Iso2022Jp,
    /// HZ-GB-2312: tildes switch between ASCII and Chinese.
    Hz,
}

impl Encoding {
    /// By name or alias in any case, and the name that messages use.
    pub(super) fn named(name: &str) -> Option<(Self, &'static str)> {
        let name = name.trim().to_lowercase();
        let (name, _, encoding) = names::NAMES.iter().find(|(_, aliases, _)| aliases.contains(&name.as_str()))?;
        Some((*encoding, name))
    }

    /// The bytes of text; nothing when a character has none.
    pub(super) fn encode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Utf8 => Some(text.as_bytes().to_vec()),
            Self::Utf16 { big, mark } => {
                let units = mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
                Some(units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect())
            }
            Self::Ascii | Self::Latin1 | Self::Web(_) | Self::Page(_) | Self::Ebcdic(_) => {
                let table = self.table();
                let byte = |character| {
                    let place = table.iter().position(|known| *known == Some(character))?;
                    u8::try_from(place).ok()
                };
                text.chars().map(byte).collect()
            }
            Self::Double(double) => double.encode(text),
            Self::Iso2022Jp => escaped::encode_iso_2022_jp(text),
            Self::Hz => escaped::encode_hz(text),
        }
    }

    /// The text of bytes; nothing when some mean nothing. U+FFFD is what Terraform tells such bytes by, so that
    /// bytes that do mean U+FFFD are refused as well.
    pub(super) fn decode(self, bytes: &[u8]) -> Option<String> {
        let text = match self {
            Self::Utf8 => std::str::from_utf8(bytes).ok().map(str::to_owned),
            Self::Utf16 { big, mark } => decode_utf16(bytes, big, mark),
            Self::Ascii | Self::Latin1 | Self::Web(_) | Self::Page(_) | Self::Ebcdic(_) => {
                let table = self.table();
                bytes.iter().map(|&byte| table[usize::from(byte)]).collect()
            }
            Self::Double(double) => double.decode(bytes),
            Self::Iso2022Jp => escaped::decode_iso_2022_jp(bytes),
            Self::Hz => escaped::decode_hz(bytes),
        };
        text.filter(|text| !text.contains(char::REPLACEMENT_CHARACTER))
    }

    /// What each byte means, of an encoding of one byte a character.
    fn table(self) -> [Option<char>; 256] {
        let mut table = [None; 256];
        for (byte, place) in (0_u8..=255).zip(&mut table) {
            *place = match self {
                Self::Latin1 => Some(char::from(byte)),
                // Bytes that mean nothing are C1 controls in the Encoding Standard.
                Self::Web(encoding) => {
                    one_character(encoding, &[byte]).filter(|character| byte.is_ascii() || !character.is_control())
                }
                Self::Ebcdic(page) => Some(page[usize::from(byte)]),
                _ => byte.is_ascii().then(|| char::from(byte)),
            };
        }
        if let Self::Page(page) = self {
            for (place, character) in table[0x80..].iter_mut().zip(page.chars()) {
                *place = Some(character);
            }
        }
        table
    }
}

fn decode_utf16(mut bytes: &[u8], mut big: bool, mark: bool) -> Option<String> {
    if bytes.len() % 2 == 1 {
        return None;
    }
    match bytes {
        [0xFE, 0xFF, rest @ ..] if mark => bytes = rest,
        [0xFF, 0xFE, rest @ ..] if mark => (bytes, big) = (rest, false),
        _ => {}
    }
    let unit = |pair: &[u8]| {
        let pair = [pair[0], pair[1]];
        if big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
    };
    char::decode_utf16(bytes.chunks_exact(2).map(unit)).collect::<Result<_, _>>().ok()
}

/// The one character that bytes mean in an encoding of the Encoding Standard.
fn one_character(encoding: &'static encoding_rs::Encoding, bytes: &[u8]) -> Option<char> {
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
    let mut characters = text.chars();
    characters.next().filter(|_| characters.next().is_none())
}
