//! RSA decryption with PKCS #1 v1.5 padding, for `rsadecrypt`. It runs on the caller's own machine with the caller's
//! own key, so its timing tells nobody anything.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use num_bigint::BigUint;

/// The parts of a private key that decryption needs.
pub(super) struct PrivateKey {
    modulus: BigUint,
    exponent: BigUint,
}

impl PrivateKey {
    /// From PEM, as PKCS #1 or PKCS #8.
    pub(super) fn parse(pem: &str) -> Result<Self, String> {
        let wrong = |what: &str| format!("invalid private key: {what}");
        let begin = pem.find("-----BEGIN ").ok_or_else(|| wrong("ssh: no key found"))?;
        let (label, rest) = pem[begin + 11..].split_once("-----").ok_or_else(|| wrong("ssh: no key found"))?;
        let body = rest.split_once("-----END ").map(|(body, _)| body).ok_or_else(|| wrong("ssh: no key found"))?;
        if body.contains("Proc-Type: 4,ENCRYPTED") || label == "ENCRYPTED PRIVATE KEY" {
            return Err(wrong("ssh: this private key is passphrase protected"));
        }
        let plain: String = body.chars().filter(|character| !character.is_whitespace()).collect();
        let der = STANDARD.decode(plain).map_err(|_| wrong("ssh: no key found"))?;
        match label {
            "RSA PRIVATE KEY" => Self::pkcs1(&der),
            "PRIVATE KEY" => pkcs8(&der).and_then(Self::pkcs1),
            _ => return Err(wrong(&format!("ssh: unsupported key type {label:?}"))),
        }
        .ok_or_else(|| "invalid ASN1 data in the given private key".into())
    }

    fn pkcs1(der: &[u8]) -> Option<Self> {
        let (sequence, _) = element(der, 0x30)?;
        let (_version, rest) = element(sequence, 2)?;
        let (modulus, rest) = element(rest, 2)?;
        let (_public, rest) = element(rest, 2)?;
        let (exponent, _) = element(rest, 2)?;
        let key = Self { modulus: BigUint::from_bytes_be(modulus), exponent: BigUint::from_bytes_be(exponent) };
        // Bounded, so that no key makes this run for ever.
        (key.modulus.bits() > 1 && key.modulus.bits() <= 16384 && key.exponent.bits() <= 16384).then_some(key)
    }

    /// The plain bytes; nothing when the padding is wrong.
    pub(super) fn decrypt(&self, cipher: &[u8]) -> Option<Vec<u8>> {
        let length = usize::try_from(self.modulus.bits().div_ceil(8)).ok()?;
        let number = BigUint::from_bytes_be(cipher);
        if cipher.len() > length || number >= self.modulus {
            return None;
        }
        let plain = number.modpow(&self.exponent, &self.modulus).to_bytes_be();
        let mut padded = vec![0; length.checked_sub(plain.len())?];
        padded.extend(plain);
        let rest = padded.strip_prefix(&[0, 2])?;
        let end = rest.iter().position(|&byte| byte == 0).filter(|&end| end >= 8)?;
        Some(rest[end + 1..].to_vec())
    }
}

fn pkcs8(der: &[u8]) -> Option<&[u8]> {
    let (sequence, _) = element(der, 0x30)?;
    let (_version, rest) = element(sequence, 2)?;
    let (_algorithm, rest) = element(rest, 0x30)?;
    element(rest, 4).map(|(key, _)| key)
}

/// The contents of a DER element with a tag, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    if found != tag {
        return None;
    }
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let count = usize::from(first & 0x7f);
        if count > 4 || rest.len() < count {
            return None;
        }
        let (digits, rest) = rest.split_at(count);
        (digits.iter().fold(0, |length, &digit| length << 8 | usize::from(digit)), rest)
    };
    (rest.len() >= length).then(|| rest.split_at(length))
}
