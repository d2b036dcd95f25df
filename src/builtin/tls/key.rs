//! A private key of one of the kinds that hashicorp's provider has.

use ed25519_dalek::pkcs8::KeypairBytes;
use rsa::pkcs1::{DecodeRsaPrivateKey as _, EncodeRsaPrivateKey as _};
use rsa::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use rsa::{RsaPrivateKey, RsaPublicKey};
use sha2::Sha256;
use x509_cert::builder::{self, Builder};
use x509_cert::der::Decode as _;
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use super::failed;
use super::random::Random;
use crate::clock::Clock;
use crate::resource::Error;

/// Names of the kinds, as `algorithm` has them.
pub(super) const ALGORITHMS: &[&str] = &["RSA", "ECDSA", "ED25519"];
/// Names of the curves, as `ecdsa_curve` has them.
pub(super) const CURVES: &[&str] = &["P224", "P256", "P384", "P521"];

/// A private key. It has no `Debug`: nothing may show it.
pub(super) enum Key {
    Rsa(Box<RsaPrivateKey>),
    P224(p224::SecretKey),
    P256(p256::SecretKey),
    P384(p384::SecretKey),
    P521(p521::SecretKey),
    Ed25519(ed25519_dalek::SigningKey),
}

impl Key {
    /// A new key. `bits` counts for RSA, `curve` for ECDSA.
    pub(super) fn make(algorithm: &str, bits: i64, curve: &str, clock: &Clock) -> Result<Self, Error> {
        use p256::elliptic_curve::Generate as _;
        let random = &mut Random::of(clock)?;
        Ok(match (algorithm, curve) {
            ("RSA", _) => {
                let bits = usize::try_from(bits).unwrap_or_default();
                let key = RsaPrivateKey::new(random, bits);
                Self::Rsa(Box::new(key.map_err(|error| failed(&format!("No RSA key of {bits} bits"), error))?))
            }
            ("ED25519", _) => Self::Ed25519(ed25519_dalek::SigningKey::generate(random)),
            (_, "P224") => Self::P224(p224::SecretKey::generate_from_rng(random)),
            (_, "P256") => Self::P256(p256::SecretKey::generate_from_rng(random)),
            (_, "P384") => Self::P384(p384::SecretKey::generate_from_rng(random)),
            (_, "P521") => Self::P521(p521::SecretKey::generate_from_rng(random)),
            _ => return Err(failed("There is no such key", format!("{algorithm} {curve}"))),
        })
    }

    /// The first private key in PEM: PKCS #1, SEC 1 or PKCS #8.
    pub(super) fn from_pem(text: &str) -> Result<Self, Error> {
        let (label, block) = private_block(text).ok_or_else(|| {
            failed("The text holds no private key in PEM", "a line -----BEGIN ... PRIVATE KEY----- is needed")
        })?;
        let found = match label {
            "RSA PRIVATE KEY" => RsaPrivateKey::from_pkcs1_pem(&block).ok().map(|key| Self::Rsa(Box::new(key))),
            "EC PRIVATE KEY" => None
                .or_else(|| p256::SecretKey::from_sec1_pem(&block).ok().map(Self::P256))
                .or_else(|| p384::SecretKey::from_sec1_pem(&block).ok().map(Self::P384))
                .or_else(|| p521::SecretKey::from_sec1_pem(&block).ok().map(Self::P521))
                .or_else(|| p224::SecretKey::from_sec1_pem(&block).ok().map(Self::P224)),
            "PRIVATE KEY" => Self::from_pkcs8(&block),
            other => {
                let why = "only RSA PRIVATE KEY, EC PRIVATE KEY and PRIVATE KEY are read, without a passphrase";
                return Err(failed(&format!("A block {other} cannot be used"), why));
            }
        };
        found.ok_or_else(|| failed("The private key cannot be read", "it is damaged, or of a kind that is not known"))
    }

    fn from_pkcs8(block: &str) -> Option<Self> {
        None.or_else(|| RsaPrivateKey::from_pkcs8_pem(block).ok().map(|key| Self::Rsa(Box::new(key))))
            .or_else(|| ed25519_dalek::SigningKey::from_pkcs8_pem(block).ok().map(Self::Ed25519))
            .or_else(|| p256::SecretKey::from_pkcs8_pem(block).ok().map(Self::P256))
            .or_else(|| p384::SecretKey::from_pkcs8_pem(block).ok().map(Self::P384))
            .or_else(|| p521::SecretKey::from_pkcs8_pem(block).ok().map(Self::P521))
            .or_else(|| p224::SecretKey::from_pkcs8_pem(block).ok().map(Self::P224))
    }

    /// `RSA`, `ECDSA` or `ED25519`.
    pub(super) fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RSA",
            Self::P224(_) | Self::P256(_) | Self::P384(_) | Self::P521(_) => "ECDSA",
            Self::Ed25519(_) => "ED25519",
        }
    }

    /// In the oldest format that has the kind: PKCS #1, SEC 1, or PKCS #8 for ED25519.
    pub(super) fn pem(&self) -> Result<String, Error> {
        let wrong = |error: &dyn std::fmt::Display| failed("The key cannot be written", error);
        let text = match self {
            Self::Rsa(key) => key.to_pkcs1_pem(LineEnding::LF).map_err(|error| wrong(&error))?,
            Self::P224(key) => key.to_sec1_pem(LineEnding::LF).map_err(|error| wrong(&error))?,
            Self::P256(key) => key.to_sec1_pem(LineEnding::LF).map_err(|error| wrong(&error))?,
            Self::P384(key) => key.to_sec1_pem(LineEnding::LF).map_err(|error| wrong(&error))?,
            Self::P521(key) => key.to_sec1_pem(LineEnding::LF).map_err(|error| wrong(&error))?,
            Self::Ed25519(_) => return self.pkcs8_pem(),
        };
        Ok(text.as_str().to_owned())
    }

    /// In PKCS #8.
    pub(super) fn pkcs8_pem(&self) -> Result<String, Error> {
        let text = match self {
            Self::Rsa(key) => key.to_pkcs8_pem(LineEnding::LF),
            Self::P224(key) => key.to_pkcs8_pem(LineEnding::LF),
            Self::P256(key) => key.to_pkcs8_pem(LineEnding::LF),
            Self::P384(key) => key.to_pkcs8_pem(LineEnding::LF),
            Self::P521(key) => key.to_pkcs8_pem(LineEnding::LF),
            // Without the public key: version 1 of the format, which Go and OpenSSL read.
            Self::Ed25519(key) => {
                KeypairBytes { secret_key: key.to_bytes(), public_key: None }.to_pkcs8_pem(LineEnding::LF)
            }
        };
        Ok(text.map_err(|error| failed("The key cannot be written", error))?.as_str().to_owned())
    }

    /// The public key as `SubjectPublicKeyInfo`, in DER.
    pub(super) fn public_der(&self) -> Result<Vec<u8>, Error> {
        let document = match self {
            Self::Rsa(key) => RsaPublicKey::from(key.as_ref()).to_public_key_der(),
            Self::P224(key) => key.public_key().to_public_key_der(),
            Self::P256(key) => key.public_key().to_public_key_der(),
            Self::P384(key) => key.public_key().to_public_key_der(),
            Self::P521(key) => key.public_key().to_public_key_der(),
            Self::Ed25519(key) => key.verifying_key().to_public_key_der(),
        };
        Ok(document.map_err(|error| failed("The public key cannot be written", error))?.as_bytes().to_vec())
    }

    /// The public key as certificates hold it.
    pub(super) fn public(&self) -> Result<SubjectPublicKeyInfoOwned, Error> {
        SubjectPublicKeyInfoOwned::from_der(&self.public_der()?)
            .map_err(|error| failed("The public key cannot be written", error))
    }

    /// Signs what is being built.
    pub(super) fn sign<B: Builder>(&self, builder: B) -> Result<B::Output, builder::Error> {
        match self {
            Self::Rsa(key) => {
                let signer = rsa::pkcs1v15::SigningKey::<Sha256>::new(key.as_ref().clone());
                builder.build::<_, rsa::pkcs1v15::Signature>(&signer)
            }
            Self::P224(key) => builder.build::<_, p224::ecdsa::DerSignature>(&p224::ecdsa::SigningKey::from(key)),
            Self::P256(key) => builder.build::<_, p256::ecdsa::DerSignature>(&p256::ecdsa::SigningKey::from(key)),
            Self::P384(key) => builder.build::<_, p384::ecdsa::DerSignature>(&p384::ecdsa::SigningKey::from(key)),
            Self::P521(key) => builder.build::<_, p521::ecdsa::DerSignature>(&p521::ecdsa::SigningKey::from(key)),
            Self::Ed25519(key) => builder.build::<_, ed25519_dalek::Signature>(key),
        }
    }
}

/// The label and the lines of the first block whose label ends in `PRIVATE KEY`. What stands around it is skipped, as
/// are the parameters that OpenSSL writes before a key.
fn private_block(text: &str) -> Option<(&str, String)> {
    let mut lines = text.lines().map(str::trim);
    let begins = |line: &'_ str| -> Option<(usize, usize)> {
        let label = line.strip_prefix("-----BEGIN ")?.strip_suffix("-----")?;
        label.ends_with("PRIVATE KEY").then_some((11, 11 + label.len()))
    };
    let (first, (from, to)) = lines.find_map(|line| Some((line, begins(line)?)))?;
    let label = first.get(from..to)?;
    let end = format!("-----END {label}-----");
    let mut block = format!("{first}\n");
    for line in lines {
        block += line;
        block.push('\n');
        if line == end {
            return Some((label, block));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn every_kind_is_read_back_from_both_formats() {
        let clock = Clock::pinned(Duration::ZERO, 1);
        for (algorithm, curve) in
            [("RSA", ""), ("ECDSA", "P224"), ("ECDSA", "P256"), ("ECDSA", "P384"), ("ECDSA", "P521"), ("ED25519", "")]
        {
            let key = Key::make(algorithm, 1024, curve, &clock).expect("a key");
            let public = key.public_der().expect("a public key");
            for text in [key.pem(), key.pkcs8_pem()] {
                let text = format!("# a comment\n{}", text.expect("PEM")).replace('\n', "\r\n");
                let again = Key::from_pem(&text).expect("a key");
                assert_eq!(again.public_der().expect("a public key"), public, "{algorithm} {curve}");
                assert_eq!(again.algorithm(), algorithm);
            }
        }
    }

    #[test]
    fn what_is_no_key_is_refused_without_being_shown() {
        let error = |text: &str| Key::from_pem(text).err().map(|error| error.message).unwrap_or_default();
        assert!(error("secret").contains("holds no private key"));
        assert!(error("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n").contains("cannot be read"));
        assert!(
            error("-----BEGIN ENCRYPTED PRIVATE KEY-----\n-----END ENCRYPTED PRIVATE KEY-----\n")
                .contains("passphrase")
        );
        assert!(!error("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n").contains("c2Vj"));
    }
}
