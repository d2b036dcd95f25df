//! The names of character encodings that Terraform knows, from the IANA registry.
//!
//! Source: <https://www.iana.org/assignments/character-sets/character-sets.xhtml>. Which of them are supported, and
//! which table each stands for, is what Terraform 1.11.4 answers.

use super::Encoding;
use super::Encoding::{Ascii, Double as DoubleByte, Ebcdic, Hz, Iso2022Jp, Latin1, Page, Utf8, Utf16, Web};
use super::double_byte::Double;
use super::single_byte::{
    IBM037, IBM437, IBM850, IBM852, IBM855, IBM858, IBM860, IBM862, IBM863, IBM865, IBM1047, IBM1140, LATIN_5,
};

/// The name that messages use, its aliases in small letters (itself among them), and the encoding.
pub(super) type Name = (&'static str, &'static [&'static str], Encoding);

/// All of them.
pub(super) const NAMES: &[Name] = &[
    ("UTF-8", &["utf-8", "csutf8"], Utf8),
    ("UTF-16", &["utf-16", "csutf16"], Utf16 { big: true, mark: true }),
    ("UTF-16BE", &["utf-16be", "csutf16be"], Utf16 { big: true, mark: false }),
    ("UTF-16LE", &["utf-16le", "csutf16le"], Utf16 { big: false, mark: false }),
    (
        "US-ASCII",
        &[
            "us-ascii",
            "ansi_x3.4-1968",
            "ansi_x3.4-1986",
            "cp367",
            "csascii",
            "ibm367",
            "iso-ir-6",
            "iso646-us",
            "iso_646.irv:1991",
            "us",
        ],
        Ascii,
    ),
    (
        "ISO_8859-1:1987",
        &[
            "iso_8859-1:1987",
            "cp819",
            "csisolatin1",
            "ibm819",
            "iso-8859-1",
            "iso-ir-100",
            "iso_8859-1",
            "l1",
            "latin1",
        ],
        Latin1,
    ),
    (
        "ISO_8859-2:1987",
        &["iso_8859-2:1987", "csisolatin2", "iso-8859-2", "iso-ir-101", "iso_8859-2", "l2", "latin2"],
        Web(encoding_rs::ISO_8859_2),
    ),
    (
        "ISO_8859-3:1988",
        &["iso_8859-3:1988", "csisolatin3", "iso-8859-3", "iso-ir-109", "iso_8859-3", "l3", "latin3"],
        Web(encoding_rs::ISO_8859_3),
    ),
    (
        "ISO_8859-4:1988",
        &["iso_8859-4:1988", "csisolatin4", "iso-8859-4", "iso-ir-110", "iso_8859-4", "l4", "latin4"],
        Web(encoding_rs::ISO_8859_4),
    ),
    (
        "ISO_8859-5:1988",
        &["iso_8859-5:1988", "csisolatincyrillic", "cyrillic", "iso-8859-5", "iso-ir-144", "iso_8859-5"],
        Web(encoding_rs::ISO_8859_5),
    ),
    (
        "ISO_8859-6:1987",
        &[
            "iso_8859-6:1987",
            "arabic",
            "asmo-708",
            "csisolatinarabic",
            "ecma-114",
            "iso-8859-6",
            "iso-ir-127",
            "iso_8859-6",
        ],
        Web(encoding_rs::ISO_8859_6),
    ),
    (
        "ISO_8859-7:1987",
        &[
            "iso_8859-7:1987",
            "csisolatingreek",
            "ecma-118",
            "elot_928",
            "greek",
            "greek8",
            "iso-8859-7",
            "iso-ir-126",
            "iso_8859-7",
        ],
        Web(encoding_rs::ISO_8859_7),
    ),
    (
        "ISO_8859-8:1988",
        &["iso_8859-8:1988", "csisolatinhebrew", "hebrew", "iso-8859-8", "iso-ir-138", "iso_8859-8"],
        Web(encoding_rs::ISO_8859_8),
    ),
    (
        "ISO_8859-9:1989",
        &["iso_8859-9:1989", "csisolatin5", "iso-8859-9", "iso-ir-148", "iso_8859-9", "l5", "latin5"],
        Page(&LATIN_5),
    ),
    (
        "ISO-8859-10",
        &["iso-8859-10", "csisolatin6", "iso-ir-157", "iso_8859-10:1992", "l6", "latin6"],
        Web(encoding_rs::ISO_8859_10),
    ),
    ("Shift_JIS", &["shift_jis", "csshiftjis", "ms_kanji"], DoubleByte(Double::ShiftJis)),
    (
        "Extended_UNIX_Code_Packed_Format_for_Japanese",
        &["extended_unix_code_packed_format_for_japanese", "cseucpkdfmtjapanese", "euc-jp"],
        DoubleByte(Double::EucJp),
    ),
    ("EUC-KR", &["euc-kr", "cseuckr"], DoubleByte(Double::EucKr)),
    ("ISO-2022-JP", &["iso-2022-jp", "csiso2022jp"], Iso2022Jp),
    ("ISO_8859-6-E", &["iso_8859-6-e", "csiso88596e", "iso-8859-6-e"], Web(encoding_rs::ISO_8859_6)),
    ("ISO_8859-6-I", &["iso_8859-6-i", "csiso88596i", "iso-8859-6-i"], Web(encoding_rs::ISO_8859_6)),
    ("ISO_8859-8-E", &["iso_8859-8-e", "csiso88598e", "iso-8859-8-e"], Web(encoding_rs::ISO_8859_8)),
    ("ISO_8859-8-I", &["iso_8859-8-i", "csiso88598i", "iso-8859-8-i"], Web(encoding_rs::ISO_8859_8)),
    ("ISO-8859-13", &["iso-8859-13", "csiso885913"], Web(encoding_rs::ISO_8859_13)),
    (
        "ISO-8859-14",
        &["iso-8859-14", "csiso885914", "iso-celtic", "iso-ir-199", "iso_8859-14", "iso_8859-14:1998", "l8", "latin8"],
        Web(encoding_rs::ISO_8859_14),
    ),
    ("ISO-8859-15", &["iso-8859-15", "csiso885915", "iso_8859-15", "latin-9"], Web(encoding_rs::ISO_8859_15)),
    (
        "ISO-8859-16",
        &["iso-8859-16", "csiso885916", "iso-ir-226", "iso_8859-16", "iso_8859-16:2001", "l10", "latin10"],
        Web(encoding_rs::ISO_8859_16),
    ),
    ("GBK", &["gbk", "cp936", "csgbk", "ms936", "windows-936"], DoubleByte(Double::Gbk)),
    ("GB18030", &["gb18030", "csgb18030"], DoubleByte(Double::Gb18030)),
    ("IBM850", &["ibm850", "850", "cp850", "cspc850multilingual"], Page(&IBM850)),
    ("IBM852", &["ibm852", "852", "cp852", "cspcp852"], Page(&IBM852)),
    ("IBM437", &["ibm437", "437", "cp437", "cspc8codepage437"], Page(&IBM437)),
    ("IBM862", &["ibm862", "862", "cp862", "cspc862latinhebrew"], Page(&IBM862)),
    ("Big5", &["big5", "csbig5"], DoubleByte(Double::Big5)),
    ("macintosh", &["macintosh", "csmacintosh", "mac"], Web(encoding_rs::MACINTOSH)),
    (
        "IBM037",
        &["ibm037", "cp037", "csibm037", "ebcdic-cp-ca", "ebcdic-cp-nl", "ebcdic-cp-us", "ebcdic-cp-wt"],
        Ebcdic(&IBM037),
    ),
    ("IBM855", &["ibm855", "855", "cp855", "csibm855"], Page(&IBM855)),
    ("IBM860", &["ibm860", "860", "cp860", "csibm860"], Page(&IBM860)),
    ("IBM863", &["ibm863", "863", "cp863", "csibm863"], Page(&IBM863)),
    ("IBM865", &["ibm865", "865", "cp865", "csibm865"], Page(&IBM865)),
    ("KOI8-R", &["koi8-r", "cskoi8r"], Web(encoding_rs::KOI8_R)),
    ("HZ-GB-2312", &["hz-gb-2312"], Hz),
    ("IBM866", &["ibm866", "866", "cp866", "csibm866"], Web(encoding_rs::IBM866)),
    ("KOI8-U", &["koi8-u", "cskoi8u"], Web(encoding_rs::KOI8_U)),
    ("IBM00858", &["ibm00858", "ccsid00858", "cp00858", "csibm00858", "pc-multilingual-850+euro"], Page(&IBM858)),
    ("IBM01140", &["ibm01140", "ccsid01140", "cp01140", "csibm01140", "ebcdic-us-37+euro"], Ebcdic(&IBM1140)),
    ("IBM1047", &["ibm1047", "csibm1047", "ibm-1047"], Ebcdic(&IBM1047)),
    ("windows-874", &["windows-874", "cswindows874"], Web(encoding_rs::WINDOWS_874)),
    ("windows-1250", &["windows-1250", "cswindows1250"], Web(encoding_rs::WINDOWS_1250)),
    ("windows-1251", &["windows-1251", "cswindows1251"], Web(encoding_rs::WINDOWS_1251)),
    ("windows-1252", &["windows-1252", "cswindows1252"], Web(encoding_rs::WINDOWS_1252)),
    ("windows-1253", &["windows-1253", "cswindows1253"], Web(encoding_rs::WINDOWS_1253)),
    ("windows-1254", &["windows-1254", "cswindows1254"], Web(encoding_rs::WINDOWS_1254)),
    ("windows-1255", &["windows-1255", "cswindows1255"], Web(encoding_rs::WINDOWS_1255)),
    ("windows-1256", &["windows-1256", "cswindows1256"], Web(encoding_rs::WINDOWS_1256)),
    ("windows-1257", &["windows-1257", "cswindows1257"], Web(encoding_rs::WINDOWS_1257)),
    ("windows-1258", &["windows-1258", "cswindows1258"], Web(encoding_rs::WINDOWS_1258)),
];
