//! What a certificate says, in the words of Go's library.

use num_bigint::BigUint;
use x509_cert::Certificate;
use x509_cert::der::asn1::{Ia5StringRef, PrintableStringRef, TeletexStringRef, Utf8StringRef};
use x509_cert::der::pem::LineEnding;
use x509_cert::der::{Encode as _, EncodePem as _};
use x509_cert::ext::pkix::BasicConstraints;
use x509_cert::name::Name;

use super::failed;
use super::subject::short_name;
use crate::builtin::hashes::sha1;
use crate::builtin::time::moment::Moment;
use crate::model;
use crate::resource::Error;

model! {
    /// A certificate.
    pub struct Described {
        /// In PEM.
        cert_pem: Option<String> = computed(),
        /// Whether it may sign other certificates.
        is_ca: Option<bool> = computed(),
        /// Who signed it, roughly as in RFC 2253.
        issuer: Option<String> = computed(),
        /// How many authorities may stand between it and what it certifies in the end; -1 when it does not say.
        max_path_length: Option<i64> = computed(),
        /// Until when it is valid, RFC 3339.
        not_after: Option<String> = computed(),
        /// From when on it is valid, RFC 3339.
        not_before: Option<String> = computed(),
        /// Kind of its key.
        public_key_algorithm: Option<String> = computed(),
        /// Serial number, decimal.
        serial_number: Option<String> = computed(),
        /// SHA-1 of the certificate, hexadecimal.
        sha1_fingerprint: Option<String> = computed(),
        /// How it was signed.
        signature_algorithm: Option<String> = computed(),
        /// Whom it is for, roughly as in RFC 2253.
        subject: Option<String> = computed(),
        /// Version of the format.
        version: Option<i64> = computed(),
    }
}

/// Go's names of signature algorithms, by number.
const SIGNATURES: &[(&str, &str)] = &[
    ("1.2.840.113549.1.1.4", "MD5-RSA"),
    ("1.2.840.113549.1.1.5", "SHA1-RSA"),
    ("1.2.840.113549.1.1.11", "SHA256-RSA"),
    ("1.2.840.113549.1.1.12", "SHA384-RSA"),
    ("1.2.840.113549.1.1.13", "SHA512-RSA"),
    ("1.2.840.10045.4.1", "ECDSA-SHA1"),
    ("1.2.840.10045.4.3.2", "ECDSA-SHA256"),
    ("1.2.840.10045.4.3.3", "ECDSA-SHA384"),
    ("1.2.840.10045.4.3.4", "ECDSA-SHA512"),
    ("1.3.101.112", "Ed25519"),
];
/// RSA-PSS, whose hash stands in its parameters; Go names it after the hash.
const PSS: &str = "1.2.840.113549.1.1.10";
const PSS_HASHES: &[(&[u8], &str)] = &[
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01], "SHA256-RSAPSS"),
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02], "SHA384-RSAPSS"),
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03], "SHA512-RSAPSS"),
];
/// Go's names of kinds of keys, by number.
const KEYS: &[(&str, &str)] = &[
    ("1.2.840.113549.1.1.1", "RSA"),
    ("1.2.840.10040.4.1", "DSA"),
    ("1.2.840.10045.2.1", "ECDSA"),
    ("1.3.101.112", "Ed25519"),
];

/// What the certificate says.
pub(super) fn describe(certificate: &Certificate) -> Result<Described, Error> {
    let wrong = |error| failed("The certificate cannot be read", error);
    let inside = certificate.tbs_certificate();
    let basic = inside.get_extension::<BasicConstraints>().map_err(wrong)?.map(|(_, basic)| basic);
    let authority = basic.as_ref().is_some_and(|basic| basic.ca);
    let validity = inside.validity();
    let key = inside.subject_public_key_info().algorithm.oid.to_string();
    Ok(Described {
        cert_pem: Some(certificate.to_pem(LineEnding::LF).map_err(wrong)?),
        is_ca: Some(authority),
        issuer: Some(text(inside.issuer())),
        max_path_length: Some(basic.and_then(|basic| basic.path_len_constraint).map_or(-1, i64::from)),
        not_after: Moment::unix_text(validity.not_after.to_unix_duration().as_secs()),
        not_before: Moment::unix_text(validity.not_before.to_unix_duration().as_secs()),
        public_key_algorithm: Some(named(KEYS, &key).unwrap_or("0").to_owned()),
        serial_number: Some(BigUint::from_bytes_be(inside.serial_number().as_bytes()).to_string()),
        sha1_fingerprint: Some(sha1(&certificate.to_der().map_err(wrong)?)),
        signature_algorithm: Some(signature(certificate).to_owned()),
        subject: Some(text(inside.subject())),
        version: Some(inside.version() as i64 + 1),
    })
}

fn named(names: &[(&str, &'static str)], number: &str) -> Option<&'static str> {
    names.iter().find(|(found, _)| *found == number).map(|(_, name)| *name)
}

fn signature(certificate: &Certificate) -> &'static str {
    let algorithm = certificate.signature_algorithm();
    let number = algorithm.oid.to_string();
    if number == PSS {
        let inside = algorithm.parameters.as_ref().map(x509_cert::der::asn1::Any::value).unwrap_or_default();
        let has = |hash: &[u8]| inside.windows(hash.len()).any(|window| window == hash);
        return PSS_HASHES.iter().find(|(hash, _)| has(hash)).map_or("0", |(_, name)| *name);
    }
    named(SIGNATURES, &number).unwrap_or("0")
}

/// A distinguished name as Go writes it: the last part first, parts of one level joined by `+`.
fn text(name: &Name) -> String {
    let levels = name.iter_rdn().map(|level| {
        let parts = level.iter().map(|part| {
            let value = [
                part.value.decode_as::<PrintableStringRef<'_>>().map(|text| text.as_str().to_owned()).ok(),
                part.value.decode_as::<Utf8StringRef<'_>>().map(|text| text.as_str().to_owned()).ok(),
                part.value.decode_as::<Ia5StringRef<'_>>().map(|text| text.as_str().to_owned()).ok(),
                part.value.decode_as::<TeletexStringRef<'_>>().map(|text| text.as_str().to_owned()).ok(),
            ];
            let value = value.into_iter().flatten().next();
            let value = value.unwrap_or_else(|| String::from_utf8_lossy(part.value.value()).into_owned());
            format!("{}={}", short_name(&part.oid), escaped(&value))
        });
        parts.collect::<Vec<_>>().join("+")
    });
    let mut levels: Vec<String> = levels.collect();
    levels.reverse();
    levels.join(",")
}

/// RFC 2253, section 2.4.
fn escaped(value: &str) -> String {
    let last = value.chars().count().saturating_sub(1);
    let mut text = String::with_capacity(value.len());
    for (at, letter) in value.chars().enumerate() {
        let special = match letter {
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' => true,
            ' ' => at == 0 || at == last,
            '#' => at == 0,
            _ => false,
        };
        if special {
            text.push('\\');
        }
        text.push(letter);
    }
    text
}
