//! `tls_private_key`, ephemeral: a private key that nothing remembers.
//!
//! <https://registry.terraform.io/providers/hashicorp/tls/latest/docs/ephemeral-resources/private_key>

use super::key::{ALGORITHMS, CURVES, Key};
use super::private_key::{Forms, forms};
use crate::builtin::ephemeral::Ephemeral;
use crate::clock::Clock;
use crate::model;
use crate::resource::Error;

model! {
    /// A private key that nothing remembers: another one each time it is opened.
    pub struct Args {
        /// Kind of the key: `RSA`, `ECDSA` or `ED25519`.
        algorithm: String = required().one_of(ALGORITHMS),
        /// Curve of an ECDSA key: `P224` (when left out), `P256`, `P384` or `P521`.
        ecdsa_curve: Option<String> = optional_computed().one_of(CURVES),
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
        /// Length of an RSA key in bits: 2048 when left out.
        rsa_bits: Option<i64> = optional_computed().range(1024, 16384),
    }
}

/// The type.
pub struct TlsPrivateKey;

impl Ephemeral for TlsPrivateKey {
    type Model = Args;

    const TYPE: &'static str = "tls_private_key";

    fn open(want: &mut Args, clock: &Clock) -> Result<(), Error> {
        let curve = want.ecdsa_curve.get_or_insert_with(|| "P224".to_owned());
        let key = Key::make(&want.algorithm, *want.rsa_bits.get_or_insert(2048), curve, clock)?;
        let Forms { pem, pkcs8, public_pem, ssh, .. } = forms(&key, "")?;
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
