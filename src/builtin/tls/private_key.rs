//! `tls_private_key`: a private key that the state keeps.
//!
//! <https://registry.terraform.io/providers/hashicorp/tls/latest/docs/resources/private_key>

use x509_cert::der::pem::LineEnding;

use super::key::{ALGORITHMS, CURVES, Key};
use super::{failed, ssh};
use crate::builtin::hashes::sha1;
use crate::builtin::local::Local;
use crate::clock::Clock;
use crate::model;
use crate::resource::Error;

model! {
    /// A private key that the state keeps, readable to whoever can read the state.
    pub struct Args {
        /// Kind of the key: `RSA`, `ECDSA` or `ED25519`.
        algorithm: String = required().force_new().one_of(ALGORITHMS),
        /// Curve of an ECDSA key: `P224`, `P256`, `P384` or `P521`.
        ecdsa_curve: Option<String> = optional().default(Lit::Str("P224")).force_new().one_of(CURVES),
        /// SHA-1 of the public key, hexadecimal.
        id: Option<String> = computed(),
        /// Comment of the key in OpenSSH's formats.
        openssh_comment: Option<String> = optional().force_new(),
        /// The key for OpenSSH, in PEM; empty for P224.
        private_key_openssh: Option<String> = computed().sensitive(),
        /// The key in PEM: PKCS #1 for RSA, SEC 1 for ECDSA, PKCS #8 for ED25519.
        private_key_pem: Option<String> = computed().sensitive(),
        /// The key in PEM, PKCS #8.
        private_key_pem_pkcs8: Option<String> = computed().sensitive(),
        /// Fingerprint of the public key, MD5 as OpenSSH writes it; empty for P224.
        public_key_fingerprint_md5: Option<String> = computed(),
        /// Fingerprint of the public key, SHA-256 as OpenSSH writes it; empty for P224.
        public_key_fingerprint_sha256: Option<String> = computed(),
        /// The public key as a line of `authorized_keys`; empty for P224.
        public_key_openssh: Option<String> = computed(),
        /// The public key in PEM.
        public_key_pem: Option<String> = computed(),
        /// Length of an RSA key in bits.
        rsa_bits: Option<i64> = optional().default(Lit::Int(2048)).force_new().range(1024, 16384),
    }
}

/// The type.
pub struct TlsPrivateKey;

impl Local for TlsPrivateKey {
    type Model = Args;

    const TYPE: &'static str = "tls_private_key";
    const SCHEMA_VERSION: u64 = 1;

    fn make(want: &mut Args, clock: &Clock) -> Result<(), Error> {
        let curve = want.ecdsa_curve.as_deref().unwrap_or("P224");
        let key = Key::make(&want.algorithm, want.rsa_bits.unwrap_or(2048), curve, clock)?;
        let Forms { id, pem, pkcs8, public_pem, ssh } =
            forms(&key, want.openssh_comment.as_deref().unwrap_or_default())?;
        want.id = Some(id);
        want.private_key_pem = Some(pem);
        want.private_key_pem_pkcs8 = Some(pkcs8);
        want.public_key_pem = Some(public_pem);
        want.private_key_openssh = Some(ssh.private);
        want.public_key_openssh = Some(ssh.public);
        want.public_key_fingerprint_md5 = Some(ssh.md5);
        want.public_key_fingerprint_sha256 = Some(ssh.sha256);
        Ok(())
    }
}

/// A key in all the forms that people need. It has no `Debug`: nothing may show it.
pub(super) struct Forms {
    /// SHA-1 of the public key.
    pub(super) id: String,
    /// In the oldest PEM that has the kind.
    pub(super) pem: String,
    /// In PKCS #8.
    pub(super) pkcs8: String,
    /// The public key.
    pub(super) public_pem: String,
    /// For OpenSSH; empty for P224.
    pub(super) ssh: ssh::Ssh,
}

/// The key in all forms; the comment is for OpenSSH's.
pub(super) fn forms(key: &Key, comment: &str) -> Result<Forms, Error> {
    let public = key.public_der()?;
    let public_pem = x509_cert::der::pem::encode_string("PUBLIC KEY", LineEnding::LF, &public);
    Ok(Forms {
        id: sha1(&public),
        pem: key.pem()?,
        pkcs8: key.pkcs8_pem()?,
        public_pem: public_pem.map_err(|error| failed("The public key cannot be written", error))?,
        ssh: ssh::of(key, comment)?.unwrap_or_default(),
    })
}
