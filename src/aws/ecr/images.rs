//! Whether an image was pushed to a repository.
//!
//! API: Amazon ECR 2015-09-21, `DescribeImages`.
//! <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html>

use aws_sdk_ecr::types::ImageIdentifier;

use crate::aws::client::Account;
use crate::resource::{Cloud, Error, Pending};
use crate::rollout::{Image, Images, Reference};

/// Looks for images in ECR.
pub struct EcrImages;

/// Errors that say: it is not there.
const MISSING: &[&str] = &["ImageNotFoundException", "RepositoryNotFoundException"];

impl Images for EcrImages {
    fn exists<'a>(&'a self, cloud: &'a Cloud, image: &'a Image) -> Pending<'a, bool> {
        Box::pin(async move {
            let aws = cloud.get::<Account>()?.in_region(&image.region).await?;
            let id = match &image.reference {
                Reference::Tag(tag) => ImageIdentifier::builder().image_tag(tag),
                Reference::Digest(digest) => ImageIdentifier::builder().image_digest(digest),
            };
            let call = aws.ecr.describe_images().registry_id(&image.account).repository_name(&image.repository);
            match call.image_ids(id.build()).send().await.map_err(Error::from) {
                Ok(found) => Ok(!found.image_details().is_empty()),
                Err(error) if error.is(MISSING) => Ok(false),
                Err(error) => Err(error),
            }
        })
    }
}
