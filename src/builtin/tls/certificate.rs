//! Makes certificates, with the extensions that hashicorp's provider gives them.

use num_bigint::BigUint;
use sha1::{Digest as _, Sha1};
use x509_cert::Certificate;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{self, CertificateBuilder};
use x509_cert::certificate::TbsCertificate;
use x509_cert::der::asn1::{OctetString, OctetStringRef};
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::pem::LineEnding;
use x509_cert::der::{Encode as _, EncodePem as _};
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectKeyIdentifier,
};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef};

use super::failed;
use super::key::Key;
use super::validity::Period;
use crate::clock::Clock;
use crate::resource::Error;

/// Everything that `allowed_uses` may name.
pub(super) const USES: &[&str] = &[
    "any_extended",
    "cert_signing",
    "client_auth",
    "code_signing",
    "content_commitment",
    "crl_signing",
    "data_encipherment",
    "decipher_only",
    "digital_signature",
    "email_protection",
    "encipher_only",
    "ipsec_end_system",
    "ipsec_tunnel",
    "ipsec_user",
    "key_agreement",
    "key_encipherment",
    "microsoft_commercial_code_signing",
    "microsoft_kernel_code_signing",
    "microsoft_server_gated_crypto",
    "netscape_server_gated_crypto",
    "ocsp_signing",
    "server_auth",
    "timestamping",
];

/// RFC 5280, 4.2.1.3.
const KEY_USES: &[(&str, KeyUsages)] = &[
    ("digital_signature", KeyUsages::DigitalSignature),
    ("content_commitment", KeyUsages::NonRepudiation),
    ("key_encipherment", KeyUsages::KeyEncipherment),
    ("data_encipherment", KeyUsages::DataEncipherment),
    ("key_agreement", KeyUsages::KeyAgreement),
    ("cert_signing", KeyUsages::KeyCertSign),
    ("crl_signing", KeyUsages::CRLSign),
    ("encipher_only", KeyUsages::EncipherOnly),
    ("decipher_only", KeyUsages::DecipherOnly),
];

/// RFC 5280, 4.2.1.12, and those of Microsoft and Netscape.
const EXTENDED_USES: &[(&str, &str)] = &[
    ("any_extended", "2.5.29.37.0"),
    ("server_auth", "1.3.6.1.5.5.7.3.1"),
    ("client_auth", "1.3.6.1.5.5.7.3.2"),
    ("code_signing", "1.3.6.1.5.5.7.3.3"),
    ("email_protection", "1.3.6.1.5.5.7.3.4"),
    ("ipsec_end_system", "1.3.6.1.5.5.7.3.5"),
    ("ipsec_tunnel", "1.3.6.1.5.5.7.3.6"),
    ("ipsec_user", "1.3.6.1.5.5.7.3.7"),
    ("timestamping", "1.3.6.1.5.5.7.3.8"),
    ("ocsp_signing", "1.3.6.1.5.5.7.3.9"),
    ("microsoft_server_gated_crypto", "1.3.6.1.4.1.311.10.3.3"),
    ("netscape_server_gated_crypto", "2.16.840.1.113730.4.1"),
    ("microsoft_commercial_code_signing", "1.3.6.1.4.1.311.2.1.22"),
    ("microsoft_kernel_code_signing", "1.3.6.1.4.1.311.61.1.1"),
];

/// What a certificate says.
pub(super) struct Wanted<'a> {
    pub(super) subject: Name,
    /// The other names, when there are any.
    pub(super) names: Option<Extension>,
    pub(super) public: SubjectPublicKeyInfoOwned,
    pub(super) uses: &'a [String],
    pub(super) is_authority: bool,
    pub(super) longest_path: Option<u8>,
    pub(super) says_subject_key: bool,
    pub(super) says_authority_key: bool,
    pub(super) period: Period,
}

/// Who signs it.
pub(super) struct Issuer<'a> {
    pub(super) key: &'a Key,
    /// `None` signs itself.
    pub(super) certificate: Option<&'a Certificate>,
}

/// A certificate that was made.
pub(super) struct Made {
    /// Serial number, decimal.
    pub(super) serial: String,
    /// In PEM.
    pub(super) pem: String,
}

fn wrong(error: impl std::fmt::Display) -> Error {
    failed("The certificate cannot be made", error)
}

/// Makes a certificate.
pub(super) fn make(wanted: &Wanted<'_>, issuer: &Issuer<'_>, clock: &Clock) -> Result<Made, Error> {
    if wanted.is_authority && wanted.subject.is_empty() {
        return Err(wrong("the certificate of an authority needs a subject with at least one name"));
    }
    let mut serial = [0; 16];
    clock.random(&mut serial).map_err(|error| failed("The system gives no random numbers", error))?;
    let number = BigUint::from_bytes_be(&serial);
    let profile = Profile {
        subject: wanted.subject.clone(),
        issuer: issuer.certificate.map_or_else(|| wanted.subject.clone(), |by| by.tbs_certificate().subject().clone()),
        extensions: extensions(wanted, issuer)?,
    };
    let serial = SerialNumber::new(&number.to_bytes_be()).map_err(wrong)?;
    let validity = wanted.period.validity().map_err(wrong)?;
    let builder = CertificateBuilder::new(profile, serial, validity, wanted.public.clone()).map_err(wrong)?;
    let certificate = issuer.key.sign(builder).map_err(wrong)?;
    Ok(Made { serial: number.to_string(), pem: certificate.to_pem(LineEnding::LF).map_err(wrong)? })
}

/// Says exactly what it is given.
struct Profile {
    subject: Name,
    issuer: Name,
    extensions: Vec<Extension>,
}

impl BuilderProfile for Profile {
    fn get_issuer(&self, _subject: &Name) -> Name {
        self.issuer.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        _public: SubjectPublicKeyInfoRef<'_>,
        _issuer: SubjectPublicKeyInfoRef<'_>,
        _certificate: &TbsCertificate,
    ) -> builder::Result<Vec<Extension>> {
        Ok(self.extensions.clone())
    }
}

/// In the order in which Go writes them.
fn extensions(wanted: &Wanted<'_>, issuer: &Issuer<'_>) -> Result<Vec<Extension>, Error> {
    let mut found = Vec::new();
    let mut add = |extension: Result<Extension, x509_cert::der::Error>| {
        found.push(extension.map_err(wrong)?);
        Ok::<_, Error>(())
    };
    let subject = &wanted.subject;
    let named = |uses: &str| wanted.uses.iter().any(|one| one == uses);
    let usage = KEY_USES.iter().filter(|(name, _)| named(name)).fold(None, |all: Option<KeyUsage>, (_, one)| {
        Some(all.map_or_else(|| KeyUsage((*one).into()), |KeyUsage(set)| KeyUsage(set | *one)))
    });
    if let Some(usage) = usage {
        add((true, &usage).to_extension(subject, &[]))?;
    }
    let extended = wanted.uses.iter().filter_map(|one| EXTENDED_USES.iter().find(|(name, _)| name == one));
    let extended =
        extended.map(|(_, number)| ObjectIdentifier::new(number)).collect::<Result<Vec<_>, _>>().map_err(wrong)?;
    if !extended.is_empty() {
        add((false, &ExtendedKeyUsage(extended)).to_extension(subject, &[]))?;
    }
    let basic = BasicConstraints { ca: wanted.is_authority, path_len_constraint: wanted.longest_path };
    add((true, &basic).to_extension(subject, &[]))?;
    let own = key_identifier(&wanted.public)?;
    let says_own = wanted.is_authority || wanted.says_subject_key;
    if says_own {
        let own = OctetString::new(own.clone()).map_err(wrong)?;
        add((false, &SubjectKeyIdentifier(own)).to_extension(subject, &[]))?;
    }
    // Go names the authority's key whenever another authority signs and tells its key.
    let parent = match issuer.certificate {
        Some(certificate) => subject_key(certificate)?,
        None => says_own.then_some(own),
    };
    let is_other = issuer.certificate.is_some_and(|by| by.tbs_certificate().subject() != subject);
    match parent {
        Some(parent) if wanted.says_authority_key || is_other => {
            let key_identifier = Some(OctetString::new(parent).map_err(wrong)?);
            let authority = AuthorityKeyIdentifier { key_identifier, ..AuthorityKeyIdentifier::default() };
            add((false, &authority).to_extension(subject, &[]))?;
        }
        None if wanted.says_authority_key => {
            return Err(wrong("the certificate of the authority does not say the identifier of its key"));
        }
        Some(_) | None => {}
    }
    found.extend(wanted.names.clone());
    Ok(found)
}

fn subject_key(certificate: &Certificate) -> Result<Option<Vec<u8>>, Error> {
    let found = certificate.tbs_certificate().get_extension::<SubjectKeyIdentifier>().map_err(wrong)?;
    Ok(found.map(|(_, identifier)| identifier.0.as_bytes().to_vec()))
}

/// SHA-1 of the public key's bits; of ED25519 keys Go hashes them wrapped as an octet string.
fn key_identifier(public: &SubjectPublicKeyInfoOwned) -> Result<Vec<u8>, Error> {
    let bits = public.subject_public_key.raw_bytes();
    let hashed = if public.algorithm.oid.to_string() == "1.3.101.112" {
        OctetStringRef::new(bits).and_then(|bits| bits.to_der()).map_err(wrong)?
    } else {
        bits.to_vec()
    };
    Ok(Sha1::digest(&hashed).to_vec())
}
