//! VPC endpoints of a network.
//!
//! API: Amazon EC2 2016-11-15, `DescribeVpcEndpoints`.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpoints.html>

use aws_sdk_ec2::types as sdk;

use crate::aws::client::Aws;
use crate::preflight::lookups::Endpoint;
use crate::resource::Error;

/// Those that work, or will in a moment.
pub(super) async fn all(aws: &Aws, vpc: &str) -> Result<Vec<Endpoint>, Error> {
    let of_vpc = sdk::Filter::builder().name("vpc-id").values(vpc).build();
    let mut pages = aws.ec2.describe_vpc_endpoints().filters(of_vpc).into_paginator().items().send();
    let mut all = Vec::new();
    while let Some(found) = pages.next().await {
        all.extend(endpoint(&found.map_err(Error::from)?, &aws.region));
    }
    Ok(all)
}

fn endpoint(found: &sdk::VpcEndpoint, region: &str) -> Option<Endpoint> {
    let works = found
        .state
        .as_ref()
        .is_none_or(|state| matches!(state.as_str().to_ascii_lowercase().as_str(), "available" | "pending"));
    // Such as `com.amazonaws.eu-west-1.ecr.api`.
    let (_, service) = found.service_name()?.split_once(&format!(".{region}."))?;
    let is_gateway = found.vpc_endpoint_type == Some(sdk::VpcEndpointType::Gateway);
    let tables = is_gateway.then(|| found.route_table_ids().to_vec());
    works.then(|| Endpoint { service: service.to_owned(), tables })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_called_by_the_end_of_its_service() {
        let one = |name: &str, state: sdk::State| {
            let builder = sdk::VpcEndpoint::builder().service_name(name).state(state);
            endpoint(&builder.vpc_endpoint_type(sdk::VpcEndpointType::Interface).build(), "eu-west-1")
                .map(|one| one.service)
        };
        assert_eq!(one("com.amazonaws.eu-west-1.ecr.api", sdk::State::Available).as_deref(), Some("ecr.api"));
        assert_eq!(one("com.amazonaws.eu-west-1.ecr.api", sdk::State::Deleting), None);
        assert_eq!(one("com.amazonaws.us-east-1.ecr.api", sdk::State::Available), None);
    }
}
