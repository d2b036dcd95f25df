//! Who keeps a network, a subnet, a security group or an internet gateway from being deleted. AWS says
//! "has a dependent object", and not which.

use aws_sdk_ec2::types as sdk;

use super::objects::filter_one;
use crate::aws::contract::*;

/// Network interfaces, each with what it belongs to.
pub(super) async fn interfaces(
    aws: &Aws,
    filter: &str,
    id: &str,
    is_meant: fn(&sdk::NetworkInterface) -> bool,
) -> Result<Vec<String>> {
    let mut pages = aws.ec2.describe_network_interfaces().filters(filter_one(filter, id)).into_paginator().items().send();
    let mut found = Vec::new();
    while let Some(one) = pages.next().await {
        found.extend(Some(one?).filter(is_meant).map(|one| interface(&one)));
    }
    Ok(found)
}

/// Security groups with rules that name this one.
pub(super) async fn rules_that_name(aws: &Aws, id: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for (filter, way) in [("ip-permission.group-id", "ingress"), ("egress.ip-permission.group-id", "egress")] {
        let answer = aws.ec2.describe_security_groups().filters(filter_one(filter, id)).send().await?;
        let others = answer.security_groups.into_iter().flatten().filter(|group| group.group_id() != Some(id));
        found.extend(others.map(|group| {
            let (id, name) = (group.group_id().unwrap_or_default(), group.group_name().unwrap_or_default());
            format!("{way} rule of security group {id} ({name})")
        }));
    }
    Ok(found)
}

/// What is in a network beside interfaces.
pub(super) async fn in_network(aws: &Aws, id: &str) -> Result<Vec<String>> {
    let here = || filter_one("vpc-id", id);
    let mut found = Vec::new();
    let subnets = aws.ec2.describe_subnets().filters(here()).send().await?;
    found.extend(subnets.subnets().iter().filter_map(|one| Some(format!("subnet {}", one.subnet_id()?))));
    let groups = aws.ec2.describe_security_groups().filters(here()).send().await?;
    let own = groups.security_groups().iter().filter(|one| one.group_name() != Some("default"));
    found.extend(own.filter_map(|one| Some(format!("security group {} ({})", one.group_id()?, one.group_name()?))));
    let gateways = aws.ec2.describe_internet_gateways().filters(filter_one("attachment.vpc-id", id)).send().await?;
    found.extend(
        gateways.internet_gateways().iter().filter_map(|one| Some(format!("internet gateway {}", one.internet_gateway_id()?))),
    );
    let tables = aws.ec2.describe_route_tables().filters(here()).send().await?;
    let is_main = |one: &&sdk::RouteTable| one.associations().iter().any(|one| one.main() == Some(true));
    let own = tables.route_tables().iter().filter(|one| !is_main(one));
    found.extend(own.filter_map(|one| Some(format!("route table {}", one.route_table_id()?))));
    Ok(found)
}

/// Such as `network interface eni-1 (ELB app/web/50dc6c495c0c9188)`.
fn interface(one: &sdk::NetworkInterface) -> String {
    let id = one.network_interface_id().unwrap_or_default();
    let instance = one.attachment().and_then(|attached| attached.instance_id());
    let whose = match (one.description().unwrap_or_default(), instance) {
        (_, Some(instance)) => format!("instance {instance}"),
        // ECS describes interfaces of its tasks by an attachment.
        (text, None) if text.contains(":ecs:") => "a task of ECS".to_owned(),
        ("", None) => one.requester_id().unwrap_or("without description").to_owned(),
        (text, None) => text.to_owned(),
    };
    format!("network interface {id} ({whose})")
}

/// Whether it has a public address.
pub(super) fn is_public(one: &sdk::NetworkInterface) -> bool {
    one.association().is_some_and(|association| association.public_ip().is_some())
}
