//! `tls_locally_signed_cert`: a certificate that an authority of ours signs.
//!
//! <https://registry.terraform.io/providers/hashicorp/tls/latest/docs/resources/locally_signed_cert>

use std::time::Duration;

use x509_cert::Certificate;
use x509_cert::der::DecodePem as _;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::request::{CertReq, ExtensionReq};

use super::certificate::{self, Issuer, USES, Wanted};
use super::failed;
use super::key::Key;
use super::validity::{Period, is_due};
use crate::builtin::local::Local;
use crate::clock::Clock;
use crate::model;
use crate::resource::{Draft, Error};

model! {
    /// A certificate that an authority of ours signs, for a request.
    pub struct Args {
        /// Uses that the certificate allows.
        allowed_uses: Vec<String> = required().force_new().one_of(USES),
        /// The authority's certificate in PEM.
        ca_cert_pem: String = required().force_new(),
        /// Kind of the authority's key.
        ca_key_algorithm: Option<String> = computed(),
        /// The authority's private key in PEM.
        ca_private_key_pem: String = required().force_new().sensitive(),
        /// The certificate in PEM.
        cert_pem: Option<String> = computed(),
        /// The request in PEM.
        cert_request_pem: String = required().force_new(),
        /// Hours before the end from which on a new certificate is made.
        early_renewal_hours: Option<i64> = optional().default(Lit::Int(0)).range(0, i64::MAX),
        /// Serial number, decimal.
        id: Option<String> = computed(),
        /// Whether it may sign other certificates.
        is_ca_certificate: Option<bool> = optional().default(Lit::Bool(false)).force_new(),
        /// How many authorities may stand between it and what it certifies in the end.
        max_path_length: Option<i64> = optional().force_new().range(0, 255),
        /// Whether it has ended or is about to.
        ready_for_renewal: Option<bool> = computed(),
        /// Whether it says the identifier of its key.
        set_subject_key_id: Option<bool> = optional().default(Lit::Bool(false)).force_new(),
        /// Until when it is valid, RFC 3339.
        validity_end_time: Option<String> = computed(),
        /// Hours for which it is valid.
        validity_period_hours: i64 = required().force_new().range(0, i64::MAX),
        /// From when on it is valid, RFC 3339.
        validity_start_time: Option<String> = computed(),
    }
}

/// The type.
pub struct TlsLocallySignedCert;

impl Local for TlsLocallySignedCert {
    type Model = Args;

    const TYPE: &'static str = "tls_locally_signed_cert";

    fn revise(want: &mut Draft) {
        if want.is_new() {
            want.set(Args::ready_for_renewal, &Some(false));
        } else if want.before(Args::ready_for_renewal) == Some(true) {
            want.set_unknown(Args::ready_for_renewal);
            want.replace(Args::ready_for_renewal);
        }
    }

    fn make(want: &mut Args, clock: &Clock) -> Result<(), Error> {
        let key = Key::from_pem(&want.ca_private_key_pem)?;
        let read = |what: &'static str| move |error| failed(&format!("The {what} cannot be read"), error);
        let authority = Certificate::from_pem(&want.ca_cert_pem).map_err(read("certificate of the authority"))?;
        let request = CertReq::from_pem(&want.cert_request_pem).map_err(read("request"))?;
        if authority.tbs_certificate().subject_public_key_info() != &key.public()? {
            return Err(failed(
                "The certificate cannot be signed",
                "the private key is not that of the authority's certificate",
            ));
        }
        let period = Period::of_hours(want.validity_period_hours, clock)?;
        let wanted = Wanted {
            subject: request.info.subject.clone(),
            names: other_names(&request)?,
            public: request.info.public_key.clone(),
            uses: &want.allowed_uses,
            is_authority: want.is_ca_certificate == Some(true),
            longest_path: want.max_path_length.and_then(|length| length.try_into().ok()),
            says_subject_key: want.set_subject_key_id == Some(true),
            says_authority_key: false,
            period,
        };
        let made = certificate::make(&wanted, &Issuer { key: &key, certificate: Some(&authority) }, clock)?;
        want.id = Some(made.serial);
        want.cert_pem = Some(made.pem);
        want.ca_key_algorithm = Some(key.algorithm().to_owned());
        want.ready_for_renewal = Some(false);
        [want.validity_start_time, want.validity_end_time] = period.texts();
        Ok(())
    }

    fn age(model: &mut Args, now: Duration) {
        let due = is_due(model.validity_end_time.as_deref(), model.early_renewal_hours, now);
        model.ready_for_renewal = Some(due || model.ready_for_renewal == Some(true));
    }
}

/// The other names that the request asks for.
fn other_names(request: &CertReq) -> Result<Option<x509_cert::ext::Extension>, Error> {
    use x509_cert::der::oid::AssociatedOid as _;
    let mut found = None;
    for attribute in request.info.attributes.iter().filter(|one| one.oid == ExtensionReq::OID) {
        for value in attribute.values.iter() {
            let asked: ExtensionReq = value.decode_as().map_err(|error| failed("The request cannot be read", error))?;
            found = found.or_else(|| asked.0.into_iter().find(|one| one.extn_id == SubjectAltName::OID));
        }
    }
    Ok(found)
}
