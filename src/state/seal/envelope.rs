//! Envelopes in OpenTofu's form, so that either tool opens those of the other.
//!
//! ```text
//! {"serial":1,"lineage":"…","meta":{"key_provider.pbkdf2.mine":"BASE64"},"encrypted_data":"BASE64","encryption_version":"v0"}
//! ```
//!
//! Serial and lineage stand in envelopes around states alone. `meta` says how the key is made again, for each key
//! provider in JSON of its own; the data is the nonce followed by what AES-GCM gives.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::aes::Aes192;
use aes_gcm::{Aes128Gcm, Aes256Gcm, AesGcm};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use super::keys::{Key, KeySource};
use super::{Opened, Opening, Ready, Seal};
use crate::clock::Clock;
use crate::diagnostic::Diagnostic;

/// The only form there is.
const VERSION: &str = "v0";
/// Bytes of a nonce.
const NONCE: usize = 12;

/// A way to encrypt.
#[derive(Clone, Debug)]
pub enum Method {
    /// In clear.
    Unencrypted,
    /// AES-GCM, with a key from here and bytes that are authenticated with the content.
    AesGcm(Arc<KeySource>, Vec<u8>),
}

/// Keys by the method and what was said of them.
type Known = BTreeMap<(usize, Vec<u8>), Arc<Key>>;

/// Envelopes with one method to write, and perhaps others to read.
#[derive(Debug)]
pub struct Envelopes {
    /// The first one writes.
    methods: Vec<Method>,
    clock: Clock,
    /// The key that is written with.
    writing: Mutex<Option<Arc<Key>>>,
    /// Keys that were made again, by the method and what was said of them.
    known: Mutex<Known>,
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    serial: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lineage: Option<String>,
    #[serde(default)]
    meta: BTreeMap<String, String>,
    #[serde(default)]
    encrypted_data: String,
    #[serde(default)]
    encryption_version: String,
}

/// What a state says of itself inside, to be compared with what stands outside.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Inside {
    serial: Option<u64>,
    lineage: Option<String>,
}

/// Whether the bytes are an envelope.
pub fn is_envelope(bytes: &[u8]) -> bool {
    parse(bytes).is_some()
}

/// Whether the bytes are an envelope around something else than a state.
pub fn is_envelope_of_other(bytes: &[u8]) -> bool {
    parse(bytes).is_some_and(|envelope| envelope.serial.is_none() && envelope.lineage.is_none())
}

fn parse(bytes: &[u8]) -> Option<Envelope> {
    // States have no such name at the top: most of them need not be read for that.
    let start = &bytes[..bytes.len().min(64 << 10)];
    start.windows(16).any(|part| part == b"\"encrypted_data\"").then_some(())?;
    let envelope: Envelope = serde_json::from_slice(bytes).ok()?;
    (!envelope.encryption_version.is_empty()).then_some(envelope)
}

impl Envelopes {
    /// Envelopes with these methods, of which the first writes.
    pub fn new(methods: Vec<Method>, clock: &Clock) -> Self {
        Self { methods, clock: clock.clone(), writing: Mutex::default(), known: Mutex::default() }
    }

    async fn key(&self, at: usize, source: &KeySource, meta: &[u8]) -> Result<Arc<Key>, Diagnostic> {
        let name = (at, meta.to_vec());
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&name).cloned();
        if let Some(key) = known {
            return Ok(key);
        }
        let key = Arc::new(source.again(meta).await?);
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(name, key.clone());
        Ok(key)
    }

    async fn decrypt(&self, envelope: &Envelope, shown: &str) -> Result<Opened, Diagnostic> {
        if envelope.encryption_version != VERSION {
            let why = format!("it is of version \"{}\", and glaz knows \"{VERSION}\"", envelope.encryption_version);
            return Err(cannot(shown, &why));
        }
        let damaged = || cannot(shown, "it is damaged");
        let data = BASE64_STANDARD.decode(&envelope.encrypted_data).map_err(|_| damaged())?;
        let mut reasons = Vec::new();
        for (at, method) in self.methods.iter().enumerate() {
            let Method::AesGcm(source, aad) = method else { continue };
            let Some(meta) = envelope.meta.get(&source.meta) else {
                let names: Vec<&str> = envelope.meta.keys().map(String::as_str).collect();
                reasons.push(format!("its key comes from {}, and the method has {}", names.join(" and "), source.meta));
                continue;
            };
            let meta = BASE64_STANDARD.decode(meta).map_err(|_| damaged())?;
            let key = match self.key(at, source, &meta).await {
                Ok(key) => key,
                // Another method may still do.
                Err(problem) if at + 1 < self.methods.len() => {
                    reasons.push(problem.detail);
                    continue;
                }
                Err(problem) => return Err(problem),
            };
            let opened =
                data.split_at_checked(NONCE).and_then(|(nonce, data)| cipher(&key.bytes)?.decrypt(nonce, data, aad));
            match opened {
                Some(plain) => {
                    check_inside(envelope, &plain, shown)?;
                    return Ok(Opened { plain: Some(plain), is_outdated: at > 0 });
                }
                None => reasons
                    .push(format!("the key of {} is another one, or the content was damaged or changed", source.meta)),
            }
        }
        if reasons.is_empty() {
            reasons.push("no method with a key is configured".to_owned());
        }
        Err(cannot(shown, &reasons.join("; ")))
    }

    fn encrypt(&self, plain: &[u8], of: (Option<u64>, Option<&str>)) -> Result<Option<Vec<u8>>, Diagnostic> {
        let Some(Method::AesGcm(source, aad)) = self.methods.first() else { return Ok(None) };
        let key = self.writing.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(key) = key else { return Err(Diagnostic::bug("A key was used before it was there")) };
        let mut nonce = [0; NONCE];
        self.clock.random(&mut nonce).map_err(|error| Diagnostic::bug(format!("No randomness: {error}")))?;
        let sealed = cipher(&key.bytes).and_then(|cipher| cipher.encrypt(&nonce, plain, aad));
        let sealed = sealed.ok_or_else(|| Diagnostic::bug("AES-GCM failed"))?;
        let data = [nonce.as_slice(), &sealed].concat();
        let envelope = Envelope {
            serial: of.0,
            lineage: of.1.map(str::to_owned),
            meta: [(source.meta.clone(), BASE64_STANDARD.encode(&key.meta))].into(),
            encrypted_data: BASE64_STANDARD.encode(data),
            encryption_version: VERSION.to_owned(),
        };
        let text = serde_json::to_vec(&envelope).map_err(|error| Diagnostic::bug(error.to_string()))?;
        Ok(Some(text))
    }
}

impl Seal for Envelopes {
    fn ready(&self) -> Ready<'_> {
        Box::pin(async {
            let Some(Method::AesGcm(source, _)) = self.methods.first() else { return Ok(()) };
            if self.writing.lock().unwrap_or_else(PoisonError::into_inner).is_none() {
                let key = Arc::new(source.make(&self.clock).await?);
                let name = (0, key.meta.clone());
                self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(name, key.clone());
                *self.writing.lock().unwrap_or_else(PoisonError::into_inner) = Some(key);
            }
            Ok(())
        })
    }

    fn open<'a>(&'a self, bytes: &'a [u8], shown: &'a str) -> Opening<'a> {
        Box::pin(async move {
            if let Some(envelope) = parse(bytes) {
                return self.decrypt(&envelope, shown).await;
            }
            let clear = self.methods.iter().position(|method| matches!(method, Method::Unencrypted));
            match clear {
                Some(at) => Ok(Opened { plain: None, is_outdated: at > 0 }),
                None if is_torn(bytes) => Err(torn(shown)),
                None => Err(in_clear(shown)),
            }
        })
    }

    fn close_state(&self, plain: &[u8], serial: u64, lineage: &str) -> Result<Option<Vec<u8>>, Diagnostic> {
        self.encrypt(plain, (Some(serial), Some(lineage)))
    }

    fn close(&self, plain: &[u8]) -> Result<Option<Vec<u8>>, Diagnostic> {
        self.encrypt(plain, (None, None))
    }
}

/// What stands outside must be what stands inside: nobody can pass an older state off as a newer one.
fn check_inside(envelope: &Envelope, plain: &[u8], shown: &str) -> Result<(), Diagnostic> {
    if envelope.serial.is_none() && envelope.lineage.is_none() {
        return Ok(());
    }
    let inside: Inside = serde_json::from_slice(plain).unwrap_or_default();
    let differs = (envelope.serial.is_some() && inside.serial != envelope.serial)
        || (envelope.lineage.as_ref().is_some_and(|lineage| !lineage.is_empty()) && inside.lineage != envelope.lineage);
    if differs {
        Err(cannot(shown, "its serial or lineage is not that of the content, so it was changed"))
    } else {
        Ok(())
    }
}

enum Cipher {
    Aes128(Box<Aes128Gcm>),
    Aes192(Box<AesGcm<Aes192, aes_gcm::aead::consts::U12>>),
    Aes256(Box<Aes256Gcm>),
}

fn cipher(key: &[u8]) -> Option<Cipher> {
    match key.len() {
        16 => Aes128Gcm::new_from_slice(key).ok().map(|cipher| Cipher::Aes128(cipher.into())),
        24 => AesGcm::new_from_slice(key).ok().map(|cipher| Cipher::Aes192(cipher.into())),
        32 => Aes256Gcm::new_from_slice(key).ok().map(|cipher| Cipher::Aes256(cipher.into())),
        _ => None,
    }
}

impl Cipher {
    fn encrypt(&self, nonce: &[u8; NONCE], msg: &[u8], aad: &[u8]) -> Option<Vec<u8>> {
        let (nonce, payload) = (&(*nonce).into(), Payload { msg, aad });
        match self {
            Self::Aes128(cipher) => cipher.encrypt(nonce, payload).ok(),
            Self::Aes192(cipher) => cipher.encrypt(nonce, payload).ok(),
            Self::Aes256(cipher) => cipher.encrypt(nonce, payload).ok(),
        }
    }

    fn decrypt(&self, nonce: &[u8], msg: &[u8], aad: &[u8]) -> Option<Vec<u8>> {
        let nonce: [u8; NONCE] = nonce.try_into().ok()?;
        let (nonce, payload) = (&nonce.into(), Payload { msg, aad });
        match self {
            Self::Aes128(cipher) => cipher.decrypt(nonce, payload).ok(),
            Self::Aes192(cipher) => cipher.decrypt(nonce, payload).ok(),
            Self::Aes256(cipher) => cipher.decrypt(nonce, payload).ok(),
        }
    }
}

fn cannot(shown: &str, why: &str) -> Diagnostic {
    let why = why.trim_end_matches('.');
    Diagnostic::error(
        "Decryption failed",
        format!("{shown} cannot be decrypted: {why}. Nothing was changed."),
    )
    .help("Use the key that it was written with. When the key is to be replaced, keep the old method as `fallback` of the new one until the next apply.")
}

/// Whether the bytes begin as an envelope and are not whole: neither that nor anything in clear.
fn is_torn(bytes: &[u8]) -> bool {
    bytes.starts_with(b"{") && serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_err()
}

fn torn(shown: &str) -> Diagnostic {
    let text =
        format!("{shown} is cut off or damaged: it begins as JSON and does not end as that. Nothing was changed.");
    Diagnostic::error("Damaged content", text)
}

fn in_clear(shown: &str) -> Diagnostic {
    let text = format!(
        "{shown} is not encrypted, and the `encryption` block says that it must be. Nothing was changed. To take it over, add a method \"unencrypted\" as `fallback`:\n\n    method \"unencrypted\" \"migrate\" {{}}\n    state {{\n      method = …\n      fallback {{ method = method.unencrypted.migrate }}\n    }}\n\nand remove it after the next apply."
    );
    Diagnostic::error("Unencrypted content where encryption is configured", text)
}

/// An encrypted content where no encryption is configured.
pub fn unconfigured(shown: &str) -> Diagnostic {
    let text = format!(
        "{shown} is encrypted, and the stack has no `encryption` block that says with which key. Nothing was changed. Put the block back, or set TF_ENCRYPTION."
    );
    Diagnostic::error("The state is encrypted", text)
}
