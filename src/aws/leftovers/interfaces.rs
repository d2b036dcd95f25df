//! Network interfaces of load balancers and tasks that outlive them. They cost nothing, and keep subnets and security
//! groups from being deleted.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{Filter, NetworkInterface, NetworkInterfaceStatus};

use super::{Found, Look, Place, text};
use crate::resource::Left;
use crate::value::Value;

pub(super) const LOOK: Look = Look {
    what: "network interfaces",
    after: &["aws_lb", "aws_alb", "aws_ecs_service", "aws_vpc", "aws_subnet", "aws_security_group"],
    find: |place| find(place),
};

fn find<'a>(place: &'a Place<'a>) -> Found<'a> {
    Box::pin(async move {
        let mut left = Vec::new();
        let balancers = balancers(place);
        for (filter, ids, is_ours) in scopes(place) {
            if ids.is_empty() {
                continue;
            }
            let filter =
                Filter::builder().name(filter).set_values(Some(ids.iter().map(|id| (*id).to_owned()).collect()));
            let call = place.aws.ec2.describe_network_interfaces().filters(filter.build());
            let mut pages = call.into_paginator().items().send();
            while let Some(one) = pages.next().await {
                let one = one?;
                let description = one.description().unwrap_or_default();
                if is_ours || balancers.iter().any(|name| description.starts_with(name)) || is_idle_of_tasks(&one) {
                    left.push(left_behind(&one, &place.aws.region));
                }
            }
        }
        Ok(left)
    })
}

/// Where to look, and whether everything that is there is of the stack.
fn scopes<'a>(place: &Place<'a>) -> Vec<(&'static str, BTreeSet<&'a str>, bool)> {
    let mut subnets: BTreeSet<&str> = BTreeSet::new();
    for type_name in ["aws_lb", "aws_alb"] {
        place.of(type_name).for_each(|balancer| subnets.extend(list(balancer, "subnets")));
    }
    for service in place.of("aws_ecs_service") {
        let network = service.get("network_configuration").and_then(Value::elements).unwrap_or_default();
        network.iter().for_each(|network| subnets.extend(list(network, "subnets")));
    }
    let own: BTreeSet<&str> = place.texts("aws_subnet", "id");
    let others = subnets.difference(&own).copied().collect();
    vec![
        ("vpc-id", place.texts("aws_vpc", "id"), true),
        ("subnet-id", own, true),
        ("group-id", place.texts("aws_security_group", "id"), true),
        ("subnet-id", others, false),
    ]
}

fn list<'a>(object: &'a Value, name: &str) -> Vec<&'a str> {
    object.get(name).and_then(Value::elements).unwrap_or_default().iter().filter_map(Value::as_str).collect()
}

/// What the descriptions of interfaces of deleted load balancers begin with: `ELB app/NAME/ID`.
fn balancers(place: &Place<'_>) -> Vec<String> {
    let all = ["aws_lb", "aws_alb"].into_iter().flat_map(|type_name| place.of(type_name));
    all.filter_map(|one| Some(format!("ELB {}", text(one, "arn_suffix")?))).collect()
}

/// An interface of a task that nothing is attached to any more.
fn is_idle_of_tasks(one: &NetworkInterface) -> bool {
    one.description().is_some_and(|text| text.contains(":ecs:") && text.contains(":attachment/"))
        && one.status() == Some(&NetworkInterfaceStatus::Available)
}

fn left_behind(one: &NetworkInterface, region: &str) -> Left {
    let id = one.network_interface_id().unwrap_or_default();
    let status = one.status().map_or("", NetworkInterfaceStatus::as_str);
    Left {
        what: format!("network interface {id} ({}, {status})", one.description().unwrap_or("without description")),
        command: format!("aws ec2 delete-network-interface --network-interface-id {id} --region {region}"),
    }
}
