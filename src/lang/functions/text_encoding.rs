//! Character encodings by their IANA names.

/// An encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16 { big: bool, mark: bool },
    Latin1,
    Latin9,
    Windows1252,
}

/// What bytes 0x80 to 0x9F mean in windows-1252; 0 where nothing is defined.
const WINDOWS_1252: [u16; 32] = [
    0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D,
    0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,
    0x017E, 0x0178,
];
/// Where Latin-9 differs from Latin-1.
const LATIN_9: [(u8, u16); 8] = [
    (0xA4, 0x20AC),
    (0xA6, 0x0160),
    (0xA8, 0x0161),
    (0xB4, 0x017D),
    (0xB8, 0x017E),
    (0xBC, 0x0152),
    (0xBD, 0x0153),
    (0xBE, 0x0178),
];

impl Encoding {
    /// By name or alias, and the name it goes by.
    pub(super) fn named(name: &str) -> Option<(Self, &'static str)> {
        Some(match name.to_ascii_lowercase().as_str() {
            "utf-8" | "csutf8" => (Self::Utf8, "UTF-8"),
            "utf-16" | "csutf16" => (Self::Utf16 { big: true, mark: true }, "UTF-16"),
            "utf-16be" | "csutf16be" => (Self::Utf16 { big: true, mark: false }, "UTF-16BE"),
            "utf-16le" | "csutf16le" => (Self::Utf16 { big: false, mark: false }, "UTF-16LE"),
            "iso-8859-1" | "iso_8859-1" | "iso_8859-1:1987" | "iso-ir-100" | "latin1" | "l1" | "ibm819" | "cp819"
            | "csisolatin1" => (Self::Latin1, "ISO_8859-1:1987"),
            "iso-8859-15" | "iso_8859-15" | "latin-9" | "csiso885915" => (Self::Latin9, "ISO-8859-15"),
            "windows-1252" | "cswindows1252" => (Self::Windows1252, "windows-1252"),
            _ => return None,
        })
    }

    /// The bytes of text; nothing when a character has none.
    pub(super) fn encode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Utf8 => Some(text.as_bytes().to_vec()),
            Self::Utf16 { big, mark } => {
                let units = mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
                Some(units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect())
            }
            Self::Latin1 | Self::Latin9 | Self::Windows1252 => {
                text.chars().map(|character| (0..=255).find(|&byte| self.character(byte) == Some(character))).collect()
            }
        }
    }

    /// The text of bytes; nothing when some mean nothing.
    pub(super) fn decode(self, bytes: &[u8]) -> Option<String> {
        match self {
            Self::Utf8 => std::str::from_utf8(bytes).ok().map(str::to_owned),
            Self::Utf16 { mut big, mark } => {
                if bytes.len() % 2 == 1 {
                    return None;
                }
                let mut bytes = bytes;
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
            Self::Latin1 | Self::Latin9 | Self::Windows1252 => bytes.iter().map(|&byte| self.character(byte)).collect(),
        }
    }

    fn character(self, byte: u8) -> Option<char> {
        let code = match self {
            Self::Windows1252 if (0x80..0xA0).contains(&byte) => WINDOWS_1252[usize::from(byte - 0x80)],
            Self::Latin9 => LATIN_9.iter().find(|(place, _)| *place == byte).map_or(byte.into(), |(_, code)| *code),
            _ => byte.into(),
        };
        char::from_u32(code.into())
    }
}
