//! Whom a certificate is for: the distinguished name and the other names.

use std::net::IpAddr;
use std::str::FromStr as _;

use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::asn1::{Any, Ia5String, OctetString, PrintableStringRef, SetOfVec, Utf8StringRef};
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::ext::Extension;
use x509_cert::ext::ToExtension as _;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};

use super::failed;
use crate::model;
use crate::resource::Error;

model! {
    /// A distinguished name.
    pub struct Subject {
        /// `CN`.
        common_name: Option<String> = optional().force_new(),
        /// `C`.
        country: Option<String> = optional().force_new(),
        /// `L`.
        locality: Option<String> = optional().force_new(),
        /// `O`.
        organization: Option<String> = optional().force_new(),
        /// `OU`.
        organizational_unit: Option<String> = optional().force_new(),
        /// `PC`.
        postal_code: Option<String> = optional().force_new(),
        /// `ST`.
        province: Option<String> = optional().force_new(),
        /// `SERIALNUMBER`.
        serial_number: Option<String> = optional().force_new(),
        /// `STREET`.
        street_address: Option<Vec<String>> = optional().force_new(),
    }
}

/// An attribute of a distinguished name: its number, its short name, and where the subject has it.
type Part = (&'static str, &'static str, fn(&Subject) -> &[String]);

/// In the order in which Go writes them.
const PARTS: &[Part] = &[
    ("2.5.4.6", "C", |subject| subject.country.as_slice()),
    ("2.5.4.10", "O", |subject| subject.organization.as_slice()),
    ("2.5.4.11", "OU", |subject| subject.organizational_unit.as_slice()),
    ("2.5.4.7", "L", |subject| subject.locality.as_slice()),
    ("2.5.4.8", "ST", |subject| subject.province.as_slice()),
    ("2.5.4.9", "STREET", |subject| subject.street_address.as_deref().unwrap_or_default()),
    ("2.5.4.17", "POSTALCODE", |subject| subject.postal_code.as_slice()),
    ("2.5.4.3", "CN", |subject| subject.common_name.as_slice()),
    ("2.5.4.5", "SERIALNUMBER", |subject| subject.serial_number.as_slice()),
];

/// The short name of an attribute; its number when it has none here.
pub(super) fn short_name(oid: &ObjectIdentifier) -> String {
    let digits = oid.to_string();
    PARTS.iter().find(|(number, ..)| *number == digits).map_or(digits, |(_, name, _)| (*name).to_owned())
}

/// The distinguished name as certificates hold it.
pub(super) fn name(subject: Option<&Subject>) -> Result<Name, Error> {
    let wrong = |error| failed("The subject cannot be written", error);
    let mut sequence = RdnSequence::default();
    for (number, _, values) in PARTS {
        let values = subject.map(values).unwrap_or_default();
        if values.is_empty() {
            continue;
        }
        let oid = ObjectIdentifier::new(number).map_err(|error| failed("The subject cannot be written", error))?;
        let mut set = SetOfVec::new();
        for value in values {
            let value = match PrintableStringRef::new(value) {
                Ok(printable) => Any::encode_from(&printable),
                Err(_) => Any::encode_from(&Utf8StringRef::new(value).map_err(wrong)?),
            };
            set.insert(AttributeTypeAndValue { oid, value: value.map_err(wrong)? }).map_err(wrong)?;
        }
        sequence.push(RelativeDistinguishedName::from(set));
    }
    sequence.to_der().and_then(|bytes| Name::from_der(&bytes)).map_err(wrong)
}

/// The other names as an extension, if there are any. It is critical when there is no subject.
pub(super) fn other_names(
    subject: &Name,
    dns: &[String],
    addresses: &[String],
    uris: &[String],
) -> Result<Option<Extension>, Error> {
    let wrong = |error| failed("The names cannot be written", error);
    let mut names = Vec::new();
    for text in dns {
        names.push(GeneralName::DnsName(Ia5String::new(text).map_err(wrong)?));
    }
    for text in addresses {
        let bytes = match IpAddr::from_str(text).map_err(|error| failed(&format!("\"{text}\""), error))? {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        names.push(GeneralName::IpAddress(OctetString::new(bytes).map_err(wrong)?));
    }
    for text in uris {
        names.push(GeneralName::UniformResourceIdentifier(Ia5String::new(text).map_err(wrong)?));
    }
    if names.is_empty() {
        return Ok(None);
    }
    (subject.is_empty(), &SubjectAltName(names)).to_extension(subject, &[]).map(Some).map_err(wrong)
}
