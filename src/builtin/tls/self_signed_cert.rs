//! `tls_self_signed_cert`: a certificate that its own key signs.
//!
//! <https://registry.terraform.io/providers/hashicorp/tls/latest/docs/resources/self_signed_cert>

use std::time::Duration;

use super::certificate::{self, Issuer, USES, Wanted};
use super::key::Key;
use super::subject::{self, Subject};
use super::validity::{Period, is_due};
use crate::builtin::local::Local;
use crate::clock::Clock;
use crate::model;
use crate::resource::{Draft, Error};

model! {
    /// A certificate that its own key signs.
    pub struct Args {
        /// Uses that the certificate allows.
        allowed_uses: Vec<String> = required().force_new().one_of(USES),
        /// The certificate in PEM.
        cert_pem: Option<String> = computed(),
        /// Host names that it is for.
        dns_names: Option<Vec<String>> = optional().force_new(),
        /// Hours before the end from which on a new certificate is made.
        early_renewal_hours: Option<i64> = optional().default(Lit::Int(0)).range(0, i64::MAX),
        /// Serial number, decimal.
        id: Option<String> = computed(),
        /// IP addresses that it is for.
        ip_addresses: Option<Vec<String>> = optional().force_new(),
        /// Whether it may sign other certificates.
        is_ca_certificate: Option<bool> = optional().default(Lit::Bool(false)).force_new(),
        /// Kind of the key.
        key_algorithm: Option<String> = computed(),
        /// How many authorities may stand between it and what it certifies in the end.
        max_path_length: Option<i64> = optional().force_new().range(0, 255),
        /// The private key in PEM.
        private_key_pem: String = required().force_new().sensitive(),
        /// Whether it has ended or is about to.
        ready_for_renewal: Option<bool> = computed(),
        /// Whether it says the identifier of the key that signed it.
        set_authority_key_id: Option<bool> = optional().default(Lit::Bool(false)).force_new(),
        /// Whether it says the identifier of its key.
        set_subject_key_id: Option<bool> = optional().default(Lit::Bool(false)).force_new(),
        /// Whom it is for.
        subject: Option<Subject> = optional().force_new(),
        /// URIs that it is for.
        uris: Option<Vec<String>> = optional().force_new(),
        /// Until when it is valid, RFC 3339.
        validity_end_time: Option<String> = computed(),
        /// Hours for which it is valid.
        validity_period_hours: i64 = required().force_new().range(0, i64::MAX),
        /// From when on it is valid, RFC 3339.
        validity_start_time: Option<String> = computed(),
    }
}

/// The type.
pub struct TlsSelfSignedCert;

impl Local for TlsSelfSignedCert {
    type Model = Args;

    const TYPE: &'static str = "tls_self_signed_cert";

    fn revise(want: &mut Draft) {
        if want.is_new() {
            want.set(Args::ready_for_renewal, &Some(false));
        } else if want.before(Args::ready_for_renewal) == Some(true) {
            want.set_unknown(Args::ready_for_renewal);
            want.replace(Args::ready_for_renewal);
        }
    }

    fn make(want: &mut Args, clock: &Clock) -> Result<(), Error> {
        let key = Key::from_pem(&want.private_key_pem)?;
        let subject = subject::name(want.subject.as_ref())?;
        let period = Period::of_hours(want.validity_period_hours, clock)?;
        let list = |list: &Option<Vec<String>>| list.clone().unwrap_or_default();
        let wanted = Wanted {
            names: subject::other_names(
                &subject,
                &list(&want.dns_names),
                &list(&want.ip_addresses),
                &list(&want.uris),
            )?,
            subject,
            public: key.public()?,
            uses: &want.allowed_uses,
            is_authority: want.is_ca_certificate == Some(true),
            longest_path: want.max_path_length.and_then(|length| length.try_into().ok()),
            says_subject_key: want.set_subject_key_id == Some(true),
            says_authority_key: want.set_authority_key_id == Some(true),
            period,
        };
        let made = certificate::make(&wanted, &Issuer { key: &key, certificate: None }, clock)?;
        want.id = Some(made.serial);
        want.cert_pem = Some(made.pem);
        want.key_algorithm = Some(key.algorithm().to_owned());
        want.ready_for_renewal = Some(false);
        [want.validity_start_time, want.validity_end_time] = period.texts();
        Ok(())
    }

    fn age(model: &mut Args, now: Duration) {
        let due = is_due(model.validity_end_time.as_deref(), model.early_renewal_hours, now);
        model.ready_for_renewal = Some(due || model.ready_for_renewal == Some(true));
    }
}
