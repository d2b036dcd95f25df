//! What rules want to know of an account that no type reads: a file for each kind. Everything here only reads.

mod certificates;
mod endpoints;
mod pipelines;
mod zones;

use crate::aws::client::Account;
use crate::preflight::lookups::{Certificate, Endpoint, Lookups, Pipeline};
use crate::resource::{Cloud, Pending};

/// Looks in AWS.
pub struct AwsLookups;

impl Lookups for AwsLookups {
    fn region(&self, cloud: &Cloud) -> Option<String> {
        cloud.get::<Account>().ok()?.home_region().map(ToOwned::to_owned)
    }

    fn certificate<'a>(&'a self, cloud: &'a Cloud, arn: &'a str) -> Pending<'a, Option<Certificate>> {
        Box::pin(async move {
            let region = arn.split(':').nth(3).unwrap_or_default();
            certificates::find(&*cloud.get::<Account>()?.in_region(region).await?, arn).await
        })
    }

    fn pipelines<'a>(&'a self, cloud: &'a Cloud, region: Option<&'a str>) -> Pending<'a, Vec<Pipeline>> {
        Box::pin(async move {
            let account = cloud.get::<Account>()?;
            let region = region.or(account.home_region()).unwrap_or_default();
            pipelines::all(&*account.in_region(region).await?).await
        })
    }

    fn endpoints<'a>(&'a self, cloud: &'a Cloud, region: Option<&'a str>, vpc: &'a str) -> Pending<'a, Vec<Endpoint>> {
        Box::pin(async move {
            let account = cloud.get::<Account>()?;
            let region = region.or(account.home_region()).unwrap_or_default();
            endpoints::all(&*account.in_region(region).await?, vpc).await
        })
    }
}
