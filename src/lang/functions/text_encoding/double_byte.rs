//! East Asian encodings that need no state: what `encoding_rs` knows of them, and where Go's tables go further or
//! less far than the Encoding Standard (<https://encoding.spec.whatwg.org>) has it.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::gb18030::{self, is_newer};
use super::one_character;

/// An encoding of one to four bytes a character, ASCII among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lang::functions) enum Double {
    /// Japanese, as Windows has it.
    ShiftJis,
    /// Japanese, as Unix has it.
    EucJp,
    /// Korean, with the whole of Hangul.
    EucKr,
    /// Chinese in two bytes.
    Gbk,
    /// Chinese, and all of Unicode in four bytes.
    Gb18030,
    /// Chinese of Taiwan and Hong Kong.
    Big5,
}

/// The pairs of Big5 by character. Of several the last, and Hong Kong's among them, which the Encoding Standard reads
/// but does not write.
static BIG5: LazyLock<HashMap<char, Vec<u8>>> = LazyLock::new(|| {
    let pairs = (0x81..=0xFE).flat_map(|lead| (0x40..=0xFE).map(move |trail| vec![lead, trail]));
    by_character(encoding_rs::BIG5, pairs)
});

/// The pairs of Shift_JIS by character. Of several the first: that of NEC, where the Encoding Standard takes IBM's.
static SHIFT_JIS: LazyLock<HashMap<char, Vec<u8>>> = LazyLock::new(|| {
    let pairs = (0x81..=0xFC).flat_map(|lead| (0x40..=0xFC).map(move |trail| vec![lead, trail]));
    by_character(encoding_rs::SHIFT_JIS, pairs.rev())
});

/// The characters of JIS X 0212, three bytes long, which the Encoding Standard reads in EUC-JP but does not write.
static JIS_0212: LazyLock<HashMap<char, Vec<u8>>> = LazyLock::new(|| {
    let triples = (0xA1..=0xFE).flat_map(|row| (0xA1..=0xFE).map(move |cell| vec![0x8F, row, cell]));
    by_character(encoding_rs::EUC_JP, triples.rev())
});

/// What each of the characters is written as; of several the last.
fn by_character(
    encoding: &'static encoding_rs::Encoding,
    all: impl Iterator<Item = Vec<u8>>,
) -> HashMap<char, Vec<u8>> {
    all.filter_map(|bytes| Some((one_character(encoding, &bytes)?, bytes))).collect()
}

impl Double {
    fn standard(self) -> &'static encoding_rs::Encoding {
        match self {
            Self::ShiftJis => encoding_rs::SHIFT_JIS,
            Self::EucJp => encoding_rs::EUC_JP,
            Self::EucKr => encoding_rs::EUC_KR,
            Self::Gbk => encoding_rs::GBK,
            Self::Gb18030 => encoding_rs::GB18030,
            Self::Big5 => encoding_rs::BIG5,
        }
    }

    /// The bytes of text; nothing when a character has none.
    pub(super) fn encode(self, text: &str) -> Option<Vec<u8>> {
        let mut bytes = Vec::with_capacity(text.len());
        for character in text.chars() {
            if character.is_ascii() {
                bytes.push(u8::try_from(character).ok()?);
            } else {
                bytes.extend(self.character(character)?);
            }
        }
        Some(bytes)
    }

    /// The bytes of a character that is not ASCII.
    pub(super) fn character(self, character: char) -> Option<Vec<u8>> {
        match self {
            Self::Big5 => BIG5.get(&character).cloned(),
            // A C1 control is read but not written, user-defined characters are neither.
            Self::ShiftJis if is_private(character) || character == '\u{80}' => None,
            Self::ShiftJis => self
                .standard_character(character)
                .filter(|bytes| bytes.len() == 1)
                .or_else(|| SHIFT_JIS.get(&character).cloned()),
            Self::EucJp => self.standard_character(character).or_else(|| JIS_0212.get(&character).cloned()),
            Self::Gb18030 if is_newer(character) => gb18030::four_bytes(character),
            Self::Gbk if is_newer(character) => None,
            Self::EucKr | Self::Gbk | Self::Gb18030 => self.standard_character(character),
        }
    }

    fn standard_character(self, character: char) -> Option<Vec<u8>> {
        let mut buffer = [0; 4];
        let text: &str = character.encode_utf8(&mut buffer);
        let (bytes, _, replaced) = self.standard().encode(text);
        // The Encoding Standard writes a few characters as others that look like them; Go does not.
        (!replaced && self.decode(&bytes).as_deref() == Some(text)).then(|| bytes.into_owned())
    }

    /// The text of bytes; nothing when some mean nothing.
    pub(super) fn decode(self, bytes: &[u8]) -> Option<String> {
        if matches!(self, Self::Gbk | Self::Gb18030) {
            return gb18030::decode(bytes, self == Self::Gb18030);
        }
        let text = self.standard().decode_without_bom_handling_and_without_replacement(bytes)?;
        if self == Self::ShiftJis && text.contains(is_private) {
            return None;
        }
        Some(text.into_owned())
    }
}

/// Whether it is for users to define.
fn is_private(character: char) -> bool {
    ('\u{E000}'..='\u{F8FF}').contains(&character)
}
