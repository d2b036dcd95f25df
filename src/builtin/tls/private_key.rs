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
        let public = key.public_der()?;
        want.id = Some(sha1(&public));
        want.private_key_pem = Some(key.pem()?);
        want.private_key_pem_pkcs8 = Some(key.pkcs8_pem()?);
        let pem = x509_cert::der::pem::encode_string("PUBLIC KEY", LineEnding::LF, &public);
        want.public_key_pem = Some(pem.map_err(|error| failed("The public key cannot be written", error))?);
        let ssh = ssh::of(&key, want.openssh_comment.as_deref().unwrap_or_default())?;
        let part = |take: fn(&ssh::Ssh) -> &String| Some(ssh.as_ref().map(take).cloned().unwrap_or_default());
        want.private_key_openssh = part(|ssh| &ssh.private);
        want.public_key_openssh = part(|ssh| &ssh.public);
        want.public_key_fingerprint_md5 = part(|ssh| &ssh.md5);
        want.public_key_fingerprint_sha256 = part(|ssh| &ssh.sha256);
        Ok(())
    }
}
