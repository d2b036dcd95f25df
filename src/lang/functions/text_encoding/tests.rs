//! Tests of the encodings; the expected bytes are Terraform 1.11.4's answers.

use super::Encoding;
use super::names::NAMES;

fn encoding(name: &str) -> Encoding {
    Encoding::named(name).unwrap_or_else(|| panic!("{name}")).0
}

/// Text and bytes that stand for each other.
#[test]
fn there_and_back() {
    let cases: &[(&str, &str, &[u8])] = &[
        ("utf-8", "é😀", b"\xC3\xA9\xF0\x9F\x98\x80"),
        ("UTF-16", "é", b"\xFE\xFF\x00\xE9"),
        ("UTF-16LE", "😀", b"\x3D\xD8\x00\xDE"),
        ("us", "a~", b"a~"),
        ("latin1", "\u{80}é", b"\x80\xE9"),
        ("latin5", "Ğş", b"\xD0\xFE"),
        ("greek", "αβ", b"\xE1\xE2"),
        ("windows-1252", "€œ", b"\x80\x9C"),
        ("KOI8-U", "їІ", b"\xA7\xB6"),
        ("437", "Ç≈", b"\x80\xF7"),
        ("IBM00858", "€", b"\xD5"),
        ("ebcdic-cp-us", "Az1¬", b"\xC1\xA9\xF1\x5F"),
        ("IBM-1047", "[]^", b"\xAD\xBD\x5F"),
        ("IBM01140", "€", b"\x9F"),
        ("Shift_JIS", "日ｱⅰ", b"\x93\xFA\xB1\xEE\xEF"),
        ("EUC-JP", "日ｱ丂", b"\xC6\xFC\x8E\xB1\x8F\xB0\xA1"),
        ("EUC-KR", "한", b"\xC7\xD1"),
        ("ISO-2022-JP", "a日ｱ", b"a\x1B$BF|\x1B(I1\x1B(B"),
        ("GBK", "中文€", b"\xD6\xD0\xCE\xC4\x80"),
        ("GB18030", "中€😀", b"\xD6\xD0\xA2\xE3\x94\x39\xFC\x36"),
        ("GB18030", "ḿ龴︐", b"\x81\x35\xF4\x37\x82\x35\x90\x37\x84\x31\x82\x36"),
        ("HZ-GB-2312", "a中~文b", b"a~{VP~~ND~}b"),
        ("Big5", "中〃", b"\xA4\xA4\xC6\xDE"),
    ];
    for (name, text, bytes) in cases {
        let encoding = encoding(name);
        assert_eq!(encoding.encode(text).as_deref(), Some(*bytes), "{name} {text}");
        assert_eq!(encoding.decode(bytes).as_deref(), Some(*text), "{name} {bytes:X?}");
    }
}

#[test]
fn text_without_bytes_is_refused_and_never_replaced() {
    for (name, text) in [
        ("us-ascii", "é"),
        ("latin1", "€"),
        ("ISO-8859-15", "\u{80}"),
        ("windows-1252", "\u{81}"),
        ("IBM437", "€"),
        ("IBM037", "€"),
        ("Shift_JIS", "¥"),
        ("Shift_JIS", "\u{80}"),
        ("EUC-JP", "‾"),
        ("EUC-KR", "😀"),
        ("ISO-2022-JP", "丂"),
        ("GBK", "😀"),
        ("GBK", "\u{E000}"),
        ("HZ-GB-2312", "丂"),
        ("Big5", "😀"),
    ] {
        assert_eq!(encoding(name).encode(text), None, "{name} {text}");
    }
}

#[test]
fn bytes_without_text_are_refused() {
    let cases: &[(&str, &[u8])] = &[
        ("utf-8", b"\xFF"),
        ("utf-8", "\u{FFFD}".as_bytes()),
        ("UTF-16", b"\0"),
        ("UTF-16BE", b"\xD8\x00"),
        ("us-ascii", b"\x80"),
        ("ISO-8859-2", b"\x80"),
        ("windows-1252", b"\x81"),
        ("Shift_JIS", b"\xF0\x40"),
        ("EUC-JP", b"\xA1"),
        ("EUC-KR", b"\x80"),
        ("ISO-2022-JP", b"\x1B$"),
        ("ISO-2022-JP", b"\x1B$B\x21"),
        ("ISO-2022-JP", b"\x80"),
        ("GBK", b"\x81\x35\xF4\x37"),
        ("GBK", b"\xA6\xD9"),
        ("GB18030", b"\x84\x31\xA4\x37"),
        ("GB18030", b"\x81\x35"),
        ("HZ-GB-2312", b"~"),
        ("HZ-GB-2312", b"~{\n"),
        ("Big5", b"\xFF"),
    ];
    for (name, bytes) in cases {
        assert_eq!(encoding(name).decode(bytes), None, "{name} {bytes:X?}");
    }
}

/// What Go reads though it would not write it so.
#[test]
fn lenient_readings() {
    let cases: &[(&str, &[u8], &str)] = &[
        ("ISO-2022-JP", b"\x1B$@F|\na", "日\na"),
        ("ISO-2022-JP", b"\x1B$(D0!\x1B(J\\", "丂\\"),
        ("HZ-GB-2312", b"~{VP~\nND", "中文"),
        ("GB18030", b"\x80", "€"),
        ("UTF-16", b"\xFF\xFEa\0", "a"),
    ];
    for (name, bytes, text) in cases {
        assert_eq!(encoding(name).decode(bytes).as_deref(), Some(*text), "{name} {bytes:X?}");
    }
}

#[test]
fn names_are_matched_in_any_case_and_trimmed() {
    for name in ["Latin1", " ISO_8859-1:1987\t", "CP819", "csISOLatin1"] {
        assert_eq!(Encoding::named(name).map(|(_, name)| name), Some("ISO_8859-1:1987"), "{name}");
    }
    for name in ["utf8", "utf-32", "sjis", "gb2312", "iso-2022-kr", ""] {
        assert!(Encoding::named(name).is_none(), "{name}");
    }
}

#[test]
fn every_name_is_found_once_and_every_encoding_reads_what_it_writes() {
    let mut seen = std::collections::BTreeSet::new();
    for (name, aliases, encoding) in NAMES {
        assert_eq!(aliases[0], name.to_lowercase());
        for alias in *aliases {
            assert!(seen.insert(alias), "{alias}");
        }
        for character in '\0'..='\u{3100}' {
            if matches!(encoding, Encoding::Iso2022Jp) && character == '\x1B'
                || character == char::REPLACEMENT_CHARACTER
            {
                continue;
            }
            if character > '\u{500}' && !matches!(encoding, Encoding::Double(_) | Encoding::Hz | Encoding::Iso2022Jp) {
                break;
            }
            let text = character.to_string();
            if let Some(bytes) = encoding.encode(&text) {
                assert_eq!(encoding.decode(&bytes), Some(text), "{name} {character:?}");
            }
        }
    }
}
