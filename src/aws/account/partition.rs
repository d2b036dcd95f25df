//! `data "aws_partition"`: the family of regions that the provider's region belongs to. Known without a call.

use crate::aws::connect::regions;
use crate::aws::contract::*;

/// The data source.
pub struct Partition;

model! {
    /// The family of regions that the provider's region belongs to.
    pub struct Args {
        /// Second part of ARNs, such as `aws`, `aws-cn` or `aws-us-gov`.
        partition: Option<String> = computed(),
        /// Domain that addresses of services end in, such as `amazonaws.com`.
        dns_suffix: Option<String> = computed(),
        /// The domain backwards, such as `com.amazonaws`, as service names of VPC endpoints start.
        reverse_dns_prefix: Option<String> = computed(),
    }
}

impl Source for Partition {
    type Model = Args;
    const TYPE: &'static str = "aws_partition";
    const GLOBAL: bool = true;
    const OFFLINE: bool = true;

    async fn read(aws: &Aws, _want: Args) -> Result<(String, Args)> {
        let found = regions::partition_of(&aws.region);
        let args = Args {
            partition: Some(found.name.to_owned()),
            dns_suffix: Some(found.dns_suffix.to_owned()),
            reverse_dns_prefix: Some(found.reverse_dns_prefix.to_owned()),
        };
        Ok((found.name.to_owned(), args))
    }
}
