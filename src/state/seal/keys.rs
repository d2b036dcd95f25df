//! Where keys of envelopes come from: a passphrase, or a key of KMS.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::pbkdf2;
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::diagnostic::Diagnostic;
use crate::state::bucket::DataKeys;

/// A key, and what says how it is made again.
pub(super) struct Key {
    pub(super) bytes: Vec<u8>,
    /// JSON of the key provider.
    pub(super) meta: Vec<u8>,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// Where a key comes from.
#[derive(Debug)]
pub struct KeySource {
    /// The block, for messages: `key_provider.pbkdf2.mine`.
    pub name: String,
    /// Its name in envelopes; the same unless the block says otherwise.
    pub meta: String,
    /// What makes the key.
    pub origin: Origin,
}

/// What makes a key.
pub enum Origin {
    /// PBKDF2 with HMAC.
    Passphrase {
        /// The passphrase.
        passphrase: String,
        /// Rounds for new keys.
        iterations: u32,
        /// The hash for new keys.
        hash: Hash,
        /// Bytes of new keys.
        key_length: usize,
        /// Bytes of the salt of new keys.
        salt_length: usize,
    },
    /// A data key of KMS.
    Kms {
        /// KMS.
        keys: Arc<dyn DataKeys>,
        /// The key that data keys are encrypted with.
        id: String,
        /// `AES_256` or `AES_128`.
        spec: String,
        /// Bound to the data key.
        context: BTreeMap<String, String>,
    },
}

/// Without the passphrase.
impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passphrase { .. } => f.write_str("Passphrase"),
            Self::Kms { id, .. } => f.debug_struct("Kms").field("id", id).finish_non_exhaustive(),
        }
    }
}

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

#[derive(Serialize, Deserialize)]
struct PassphraseMeta {
    salt: String,
    iterations: u32,
    hash_function: Hash,
    key_length: usize,
}

#[derive(Serialize, Deserialize)]
struct KmsMeta {
    ciphertext_blob: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    encryption_context: BTreeMap<String, String>,
}

impl KeySource {
    /// A new key.
    pub(super) async fn make(&self, clock: &Clock) -> Result<Key, Diagnostic> {
        match &self.origin {
            Origin::Passphrase { passphrase, iterations, hash, key_length, salt_length } => {
                let mut salt = vec![0; *salt_length];
                clock.random(&mut salt).map_err(|error| self.cannot(&error.to_string()))?;
                let meta = PassphraseMeta {
                    salt: BASE64_STANDARD.encode(&salt),
                    iterations: *iterations,
                    hash_function: *hash,
                    key_length: *key_length,
                };
                let bytes = self.derive(passphrase, &meta)?;
                Ok(Key { bytes, meta: self.to_json(&meta)? })
            }
            Origin::Kms { keys, id, spec, context } => {
                let made = keys.generate(id, spec, context).await.map_err(|refused| {
                    refused.problem(
                        SUMMARY,
                        &format!("{} could not get a data key of {id}. Nothing was changed", self.name),
                    )
                })?;
                let meta = KmsMeta {
                    ciphertext_blob: BASE64_STANDARD.encode(&made.sealed),
                    encryption_context: context.clone(),
                };
                Ok(Key { bytes: made.plain, meta: self.to_json(&meta)? })
            }
        }
    }

    /// The key that this was said of.
    pub(super) async fn again(&self, meta: &[u8]) -> Result<Key, Diagnostic> {
        Ok(Key { bytes: self.bytes_again(meta).await?, meta: meta.to_vec() })
    }

    async fn bytes_again(&self, meta: &[u8]) -> Result<Vec<u8>, Diagnostic> {
        let strange = |error: serde_json::Error| {
            self.cannot(&format!("what the envelope says of the key is not of this kind ({error})"))
        };
        match &self.origin {
            Origin::Passphrase { passphrase, .. } => {
                self.derive(passphrase, &serde_json::from_slice(meta).map_err(strange)?)
            }
            Origin::Kms { keys, id, .. } => {
                let meta: KmsMeta = serde_json::from_slice(meta).map_err(strange)?;
                let sealed =
                    BASE64_STANDARD.decode(&meta.ciphertext_blob).map_err(|error| self.cannot(&error.to_string()))?;
                keys.open(id, sealed, &meta.encryption_context).await.map_err(|refused| {
                    refused.problem(
                        SUMMARY,
                        &format!("{} could not decrypt the data key with {id}. Nothing was changed", self.name),
                    )
                })
            }
        }
    }

    fn derive(&self, passphrase: &str, meta: &PassphraseMeta) -> Result<Vec<u8>, Diagnostic> {
        let salt = BASE64_STANDARD.decode(&meta.salt).map_err(|error| self.cannot(&error.to_string()))?;
        let rounds = NonZeroU32::new(meta.iterations).ok_or_else(|| self.cannot("the number of iterations is 0"))?;
        if !matches!(meta.key_length, 16 | 24 | 32) {
            return Err(self.cannot(&format!("a key of {} bytes is none for AES", meta.key_length)));
        }
        let algorithm = match meta.hash_function {
            Hash::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
            Hash::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
        };
        let mut key = vec![0; meta.key_length];
        pbkdf2::derive(algorithm, rounds, &salt, passphrase.as_bytes(), &mut key);
        Ok(key)
    }

    fn to_json(&self, meta: &impl Serialize) -> Result<Vec<u8>, Diagnostic> {
        serde_json::to_vec(meta).map_err(|error| self.cannot(&error.to_string()))
    }

    fn cannot(&self, why: &str) -> Diagnostic {
        Diagnostic::error(SUMMARY, format!("{} gives no key: {why}. Nothing was changed.", self.name))
    }
}

const SUMMARY: &str = "The key for the encryption is not available";
