//! `aws_internet_gateway`: the way between a VPC and the internet.
//!
//! API: EC2 2016-11-15, `CreateInternetGateway` and its siblings.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateInternetGateway.html>

use aws_sdk_ec2::types as sdk;

use super::blockers;
use super::objects::{self, filter};
use crate::aws::contract::*;

/// The type.
pub struct InternetGateway;

model! {
    /// The way between a VPC and the internet, for what has a public address.
    pub struct Args {
        /// Address of the gateway, given by AWS.
        arn: Option<String> = computed(),
        /// AWS account that owns the gateway.
        owner_id: Option<String> = computed(),
        /// Tags of the gateway.
        tags: Tags = optional(),
        /// All tags, those of the provider included.
        tags_all: Tags = optional_computed(),
        /// Time limits.
        timeouts: Option<Timeouts> = optional(),
        /// VPC the gateway is attached to. A VPC has one at most; a change moves the gateway.
        vpc_id: Option<String> = optional_computed(),
    }
}

/// A gateway and its address.
pub struct Live {
    gateway: sdk::InternetGateway,
    arn: String,
}

impl Resource for InternetGateway {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_internet_gateway";
    const IDENTITY: Identity = Identity::Assigned { recover_by: &["tags"] };
    const MAKING: Making = Making::Again;
    const PACE: Pace = secs(2, 2, 3).limits(20, 20, 20);
    const READ_BATCH: usize = 200;
    const MISSING: &'static [&'static str] = &["InvalidInternetGatewayID.NotFound"];
    const RETRY: &'static [Retry] = &[
        Retry::of(&["AttachInternetGateway", "DescribeInternetGateways", "CreateTags"], "InvalidInternetGatewayID.NotFound", "the new internet gateway is not known everywhere yet", retry::NEW),
        Retry::of(&["DetachInternetGateway", "DeleteInternetGateway"], "DependencyViolation", "public addresses (of NAT gateways, load balancers, instances or tasks) in the VPC are still going away", retry::RELEASE),
    ];

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        let found = aws.ec2.describe_internet_gateways().filters(filter("internet-gateway-id", ids));
        let found = found.into_paginator().items().send().try_collect().await?;
        let live = |gateway: sdk::InternetGateway| {
            let id = gateway.internet_gateway_id.clone()?;
            let arn = objects::arn(aws, gateway.owner_id(), &format!("internet-gateway/{id}"));
            Some((id, Live { gateway, arn }))
        };
        Ok(found.into_iter().filter_map(live).collect())
    }

    fn observe(live: &Live) -> Args {
        Args {
            arn: Some(live.arn.clone()),
            owner_id: live.gateway.owner_id.clone(),
            vpc_id: attachment(&live.gateway).and_then(|attachment| attachment.vpc_id.clone()),
            tags_all: objects::tags_of(live.gateway.tags.as_ref()),
            ..Args::default()
        }
    }

    fn settled(live: &Live) -> Settled {
        // An internet gateway's attachment reads "available", which the SDK knows only as other text.
        match attachment(&live.gateway).and_then(|attachment| attachment.state.as_ref()) {
            Some(sdk::AttachmentStatus::Attaching) => Settled::NotYet("the internet gateway is being attached".into()),
            _ => Settled::Yes,
        }
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        let tags = objects::tagged(sdk::ResourceType::InternetGateway, &want.tags_all);
        let made = aws.ec2.create_internet_gateway().set_tag_specifications(tags).send().await?;
        made.internet_gateway
            .and_then(|gateway| gateway.internet_gateway_id)
            .ok_or_else(|| Error::empty("CreateInternetGateway"))
    }

    async fn finish(aws: &Aws, id: &Id, want: &Args) -> Result<()> {
        match want.vpc_id.as_deref().filter(|vpc| !vpc.is_empty()) {
            Some(vpc) => attach(aws, id, vpc).await,
            None => Ok(()),
        }
    }

    async fn update(aws: &Aws, id: &Id, have: &Args, want: &Args) -> Result<()> {
        if have.vpc_id != want.vpc_id {
            detach(aws, id).await?;
            Self::finish(aws, id, want).await?;
        }
        objects::retag(aws, id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, id: &Id, _have: &Args) -> Result<()> {
        detach(aws, id).await?;
        aws.ec2.delete_internet_gateway().internet_gateway_id(id).send().await?;
        Ok(())
    }

    async fn blockers(aws: &Aws, id: &Id, _have: &Args) -> Result<Vec<String>> {
        let Some(vpc) = attached_to(aws, id).await? else { return Ok(Vec::new()) };
        blockers::interfaces(aws, "vpc-id", &vpc, blockers::is_public).await
    }

    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        let Some(filters) = objects::carrying(&want.tags_all) else { return Ok(None) };
        let found = aws.ec2.describe_internet_gateways().set_filters(Some(filters)).send().await?;
        // The lost call made one that nobody has attached yet.
        let free = found.internet_gateways.into_iter().flatten().filter(|gateway| attachment(gateway).is_none());
        Ok(objects::only(free.map(|gateway| gateway.internet_gateway_id)))
    }
}

fn attachment(gateway: &sdk::InternetGateway) -> Option<&sdk::InternetGatewayAttachment> {
    gateway.attachments().iter().find(|one| one.state != Some(sdk::AttachmentStatus::Detached))
}

/// The VPC the gateway is attached to now.
async fn attached_to(aws: &Aws, id: &str) -> Result<Option<Id>> {
    let found = aws.ec2.describe_internet_gateways().internet_gateway_ids(id).send().await?;
    Ok(found.internet_gateways().iter().find_map(attachment).and_then(|attachment| attachment.vpc_id.clone()))
}

async fn attach(aws: &Aws, id: &str, vpc: &str) -> Result<()> {
    match aws.ec2.attach_internet_gateway().internet_gateway_id(id).vpc_id(vpc).send().await.map_err(Error::from) {
        // An earlier try may have attached it.
        Err(error) if error.is(&["Resource.AlreadyAssociated"]) && attached_to(aws, id).await?.as_deref() == Some(vpc) => {
            Ok(())
        }
        other => other.map(drop),
    }
}

/// Detaches the gateway from where it is now, which may not be where the state says.
async fn detach(aws: &Aws, id: &str) -> Result<()> {
    let Some(vpc) = attached_to(aws, id).await? else { return Ok(()) };
    match aws.ec2.detach_internet_gateway().internet_gateway_id(id).vpc_id(vpc).send().await.map_err(Error::from) {
        Err(error) if error.is(&["Gateway.NotAttached"]) => Ok(()),
        other => other.map(drop),
    }
}
