//! A certificate, and what is missing for its proof.
//!
//! API: AWS Certificate Manager 2015-12-08, `DescribeCertificate`.
//! <https://docs.aws.amazon.com/acm/latest/APIReference/API_DescribeCertificate.html>

use aws_sdk_acm::types as sdk;

use super::zones;
use crate::aws::client::Aws;
use crate::preflight::lookups::{Certificate, Unproved, Unseen};
use crate::resource::Error;

/// The certificate of an ARN, in its region.
pub(super) async fn find(aws: &Aws, arn: &str) -> Result<Option<Certificate>, Error> {
    let answer = match aws.acm.describe_certificate().certificate_arn(arn).send().await.map_err(Error::from) {
        Err(error) if error.is(&["ResourceNotFoundException"]) => return Ok(None),
        other => other?,
    };
    let found = answer.certificate.ok_or_else(|| Error::empty("DescribeCertificate"))?;
    let is_open = |one: &&sdk::DomainValidation| one.validation_status != Some(sdk::DomainStatus::Success);
    let mut unproved: Vec<Unproved> = Vec::new();
    let is_pending = found.status == Some(sdk::CertificateStatus::PendingValidation);
    for one in found.domain_validation_options().iter().filter(is_open).filter(|_| is_pending) {
        let record = one.resource_record.as_ref();
        let record = record.map(|one| [one.name.clone(), one.r#type.as_str().to_owned(), one.value.clone()]);
        // A name and the wildcard beside it share their record.
        if record.is_some() && unproved.iter().any(|other| other.record == record) {
            continue;
        }
        let zones = match &record {
            // Who may not look there is told what ACM says, and that nobody looked.
            Some(record) => zones::of(aws, record).await.map_err(|error| {
                if error.is_denied() { Unseen::Denied(error.operation) } else { Unseen::Failed(error.to_string()) }
            }),
            None => Ok(Vec::new()),
        };
        unproved.push(Unproved { domain: one.domain_name.clone(), record, zones });
    }
    Ok(Some(Certificate {
        status: found.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
        failure: found.failure_reason.map(|reason| reason.as_str().to_owned()),
        unproved,
    }))
}
