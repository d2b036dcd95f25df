//! `data "aws_s3_bucket"`: a bucket that is there.
//!
//! API: Amazon S3 2006-03-01, `HeadBucket` and `GetBucketWebsite`.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html>

use super::bucket::zone_of;
use super::shared::{GONE, head};
use crate::aws::answers::unless;
use crate::aws::contract::*;

/// The data source.
pub struct BucketSource;

model! {
    /// A bucket that is there.
    pub struct Args {
        /// Name of the bucket.
        bucket: String = required(),
        /// ARN of the bucket.
        arn: Option<String> = computed(),
        /// Domain of the bucket.
        bucket_domain_name: Option<String> = computed(),
        /// Domain of the bucket in its region.
        bucket_regional_domain_name: Option<String> = computed(),
        /// Region of the bucket.
        bucket_region: Option<String> = computed(),
        /// Zone of the domain under which its region serves sites, for alias records.
        hosted_zone_id: Option<String> = computed(),
        /// Domain under which its region serves sites, when there is one.
        website_domain: Option<String> = computed(),
        /// Host of the site, when there is one.
        website_endpoint: Option<String> = computed(),
    }
}

impl Source for BucketSource {
    type Model = Args;
    const TYPE: &'static str = "aws_s3_bucket";

    async fn read(aws: &Aws, want: Args) -> Result<(String, Args)> {
        let name = want.bucket;
        if unless(head(aws, &name).await, GONE)?.is_none() {
            let text = format!("There is no bucket {name} in {}. Correct the name, or make the bucket first.", aws.region);
            return Err(Error::local("HeadBucket", text));
        }
        let (region, suffix) = (&aws.region, aws.dns_suffix);
        let domain = if has_site(aws, &name).await? { Some(site_domain(region, suffix)) } else { None };
        // The ARN of an access point may stand for a bucket.
        let arn = if name.starts_with("arn:") { name.clone() } else { format!("arn:{}:s3:::{name}", aws.partition) };
        let found = Args {
            arn: Some(arn),
            bucket_domain_name: Some(format!("{name}.s3.{suffix}")),
            bucket_regional_domain_name: Some(format!("{name}.s3.{region}.{suffix}")),
            bucket_region: Some(region.clone()),
            hosted_zone_id: zone_of(region).map(str::to_owned),
            website_endpoint: domain.as_ref().map(|domain| format!("{name}.{domain}")),
            website_domain: domain,
            bucket: name.clone(),
        };
        Ok((name, found))
    }
}

/// Whether a site is served from the bucket. As in hashicorp/aws, the bucket is found by those too who may not ask that.
async fn has_site(aws: &Aws, bucket: &str) -> Result<bool> {
    const NONE: &[&str] = &["NoSuchWebsiteConfiguration", "MethodNotAllowed", "NotImplemented"];
    match aws.s3.get_bucket_website().bucket(bucket).send().await.map_err(Error::from) {
        Err(error) if error.is_denied() || error.is(NONE) => Ok(false),
        told => told.map(|_| true),
    }
}

/// The domain under which a region serves sites. The first regions have a hyphen where the others have a dot.
/// <https://docs.aws.amazon.com/general/latest/gr/s3.html#s3_website_region_endpoints>
fn site_domain(region: &str, suffix: &str) -> String {
    const FIRST: [&str; 9] = [
        "ap-northeast-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "eu-west-1",
        "sa-east-1",
        "us-east-1",
        "us-gov-west-1",
        "us-west-1",
        "us-west-2",
    ];
    let sign = if FIRST.contains(&region) { '-' } else { '.' };
    format!("s3-website{sign}{region}.{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_of_sites() {
        assert_eq!(site_domain("eu-west-1", "amazonaws.com"), "s3-website-eu-west-1.amazonaws.com");
        assert_eq!(site_domain("eu-central-1", "amazonaws.com"), "s3-website.eu-central-1.amazonaws.com");
        assert_eq!(site_domain("cn-north-1", "amazonaws.com.cn"), "s3-website.cn-north-1.amazonaws.com.cn");
    }
}
