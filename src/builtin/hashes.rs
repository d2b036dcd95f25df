//! The hashes of a file in the spellings that hashicorp's providers give them.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::Digest as _;

/// The hashes of some bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hashes {
    /// MD5 in hexadecimal digits.
    pub md5: String,
    /// SHA-1 in hexadecimal digits.
    pub sha1: String,
    /// SHA-256 in hexadecimal digits.
    pub sha256: String,
    /// SHA-256 in standard base64.
    pub base64sha256: String,
    /// SHA-512 in hexadecimal digits.
    pub sha512: String,
    /// SHA-512 in standard base64.
    pub base64sha512: String,
}

impl Hashes {
    /// The hashes of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let (sha256, sha512) = (sha2::Sha256::digest(bytes), sha2::Sha512::digest(bytes));
        Self {
            md5: hex(&md5::Md5::digest(bytes)),
            sha1: sha1(bytes),
            sha256: hex(&sha256),
            base64sha256: BASE64_STANDARD.encode(sha256),
            sha512: hex(&sha512),
            base64sha512: BASE64_STANDARD.encode(sha512),
        }
    }
}

/// SHA-1 in hexadecimal digits.
pub fn sha1(bytes: &[u8]) -> String {
    hex(&sha1::Sha1::digest(bytes))
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |text, byte| text + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_of_a_known_text() {
        let hashes = Hashes::of(b"abc");
        assert_eq!(hashes.md5, "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(hashes.sha1, "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(hashes.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(hashes.base64sha256, "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
        assert!(hashes.sha512.starts_with("ddaf35a193617aba"));
        assert!(hashes.base64sha512.starts_with("3a81oZNherrMQXNJriBBMRLm"));
    }
}
