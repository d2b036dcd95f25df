//! Keys as OpenSSH writes them.

use md5::{Digest as _, Md5};
use russh::keys::ssh_key::private::{EcdsaKeypair, Ed25519Keypair, KeypairData, RsaKeypair};
use russh::keys::ssh_key::{HashAlg, LineEnding, PrivateKey};

use super::failed;
use super::key::Key;
use crate::resource::Error;

/// A key in OpenSSH's formats.
#[derive(Default)]
pub(super) struct Ssh {
    /// The private key, in OpenSSH's PEM.
    pub(super) private: String,
    /// A line of `authorized_keys`, with its line break.
    pub(super) public: String,
    /// Pairs of hexadecimal digits, separated by colons.
    pub(super) md5: String,
    /// `SHA256:` and base64.
    pub(super) sha256: String,
}

/// The key for OpenSSH; nothing for P224, which OpenSSH does not have.
pub(super) fn of(key: &Key, comment: &str) -> Result<Option<Ssh>, Error> {
    let wrong = |error: &dyn std::fmt::Display| failed("The key cannot be written for OpenSSH", error);
    let pair: KeypairData = match key {
        Key::Rsa(key) => RsaKeypair::try_from(key.as_ref()).map_err(|error| wrong(&error))?.into(),
        Key::P224(_) => return Ok(None),
        Key::P256(key) => {
            EcdsaKeypair::NistP256 { public: key.public_key().into(), private: key.clone().into() }.into()
        }
        Key::P384(key) => {
            EcdsaKeypair::NistP384 { public: key.public_key().into(), private: key.clone().into() }.into()
        }
        Key::P521(key) => {
            EcdsaKeypair::NistP521 { public: key.public_key().into(), private: key.clone().into() }.into()
        }
        Key::Ed25519(key) => Ed25519Keypair::from_seed(&key.to_bytes()).into(),
    };
    let key = PrivateKey::new(pair, comment).map_err(|error| wrong(&error))?;
    let public = key.public_key();
    let bytes = public.to_bytes().map_err(|error| wrong(&error))?;
    let md5: Vec<String> = Md5::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Some(Ssh {
        private: key.to_openssh(LineEnding::LF).map_err(|error| wrong(&error))?.as_str().to_owned(),
        public: format!("{}\n", public.to_openssh().map_err(|error| wrong(&error))?.trim_end()),
        md5: md5.join(":"),
        sha256: public.fingerprint(HashAlg::Sha256).to_string(),
    }))
}
