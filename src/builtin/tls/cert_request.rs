//! `tls_cert_request`: a request for a certificate.
//!
//! <https://registry.terraform.io/providers/hashicorp/tls/latest/docs/resources/cert_request>

use x509_cert::der::EncodePem as _;
use x509_cert::der::pem::LineEnding;
use x509_cert::request::RequestBuilder;

use super::failed;
use super::key::Key;
use super::subject::{self, Subject};
use crate::builtin::hashes::sha1;
use crate::builtin::local::Local;
use crate::clock::Clock;
use crate::model;
use crate::resource::Error;

model! {
    /// A request for a certificate.
    pub struct Args {
        /// The request in PEM.
        cert_request_pem: Option<String> = computed(),
        /// Host names that the certificate is for.
        dns_names: Option<Vec<String>> = optional().force_new(),
        /// SHA-1 of the request in PEM, hexadecimal.
        id: Option<String> = computed(),
        /// IP addresses that the certificate is for.
        ip_addresses: Option<Vec<String>> = optional().force_new(),
        /// Kind of the key.
        key_algorithm: Option<String> = computed(),
        /// The private key in PEM.
        private_key_pem: String = required().force_new().sensitive(),
        /// Whom the certificate is for.
        subject: Option<Subject> = optional().force_new(),
        /// URIs that the certificate is for.
        uris: Option<Vec<String>> = optional().force_new(),
    }
}

/// The type.
pub struct TlsCertRequest;

impl Local for TlsCertRequest {
    type Model = Args;

    const TYPE: &'static str = "tls_cert_request";

    fn make(want: &mut Args, _clock: &Clock) -> Result<(), Error> {
        let wrong = |error: &dyn std::fmt::Display| failed("The request cannot be made", error);
        let key = Key::from_pem(&want.private_key_pem)?;
        let name = subject::name(want.subject.as_ref())?;
        let list = |list: &Option<Vec<String>>| list.clone().unwrap_or_default();
        let names = subject::other_names(&name, &list(&want.dns_names), &list(&want.ip_addresses), &list(&want.uris))?;
        let mut builder = RequestBuilder::new(name).map_err(|error| wrong(&error))?;
        if let Some(names) = names {
            builder.add_extension(names).map_err(|error| wrong(&error))?;
        }
        let request = key.sign(builder).map_err(|error| wrong(&error))?;
        let pem = request.to_pem(LineEnding::LF).map_err(|error| wrong(&error))?;
        want.id = Some(sha1(pem.trim().as_bytes()));
        want.cert_request_pem = Some(pem);
        want.key_algorithm = Some(key.algorithm().to_owned());
        Ok(())
    }
}
