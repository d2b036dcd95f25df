//! What `aws_route` and the `route` blocks of `aws_route_table` share: making, changing and reading one route.

use aws_sdk_ec2::types as sdk;
use ipnet::IpNet;

use super::route::Args;
use crate::aws::contract::*;
use crate::{send, take};

/// Sets the destination of a route in a request.
macro_rules! destination {
    ($call:expr, $route:expr) => {
        send!($call.route_table_id(&$route.route_table_id), $route => set_destination_cidr_block = destination_cidr_block,
            set_destination_ipv6_cidr_block = destination_ipv6_cidr_block,
            set_destination_prefix_list_id = destination_prefix_list_id)
    };
}

/// Sets destination and target of a route in a request.
macro_rules! whole {
    ($call:expr, $route:expr) => {
        send!(destination!($call, $route), $route => set_carrier_gateway_id = carrier_gateway_id,
            set_core_network_arn = core_network_arn, set_egress_only_internet_gateway_id = egress_only_gateway_id,
            set_gateway_id = gateway_id, set_local_gateway_id = local_gateway_id, set_nat_gateway_id = nat_gateway_id,
            set_network_interface_id = network_interface_id, set_odb_network_arn = odb_network_arn,
            set_transit_gateway_id = transit_gateway_id, set_vpc_endpoint_id = vpc_endpoint_id,
            set_vpc_peering_connection_id = vpc_peering_connection_id)
    };
}

/// The target of the route that every table has for the addresses of its VPC.
pub(super) const LOCAL: &str = "local";

/// Whether the route leads into the VPC itself.
pub(super) fn is_local(route: &Args) -> bool {
    route.gateway_id.as_deref() == Some(LOCAL)
}

/// Where the route leads to, in one spelling: AWS shortens IPv6 networks.
pub(super) fn destination(route: &Args) -> Option<String> {
    let given = [&route.destination_cidr_block, &route.destination_ipv6_cidr_block, &route.destination_prefix_list_id];
    given.into_iter().flatten().find(|text| !text.is_empty()).map(|text| canonical(text))
}

/// A network in the spelling of AWS; anything else unchanged.
pub(super) fn canonical(text: &str) -> String {
    text.parse::<IpNet>().map_or_else(|_| text.to_owned(), |net| net.trunc().to_string())
}

/// Makes the route. One that an earlier try has made is changed to what is wanted.
pub(super) async fn ensure(aws: &Aws, route: &Args) -> Result<()> {
    if is_local(route) {
        return replace(aws, route).await;
    }
    match create(aws, route).await {
        Err(error) if error.is(&["RouteAlreadyExists"]) => replace(aws, route).await,
        other => other,
    }
}

/// Makes the route.
pub(super) async fn create(aws: &Aws, route: &Args) -> Result<()> {
    whole!(aws.ec2.create_route(), route).send().await?;
    Ok(())
}

/// Gives the route to a destination another target.
pub(super) async fn replace(aws: &Aws, route: &Args) -> Result<()> {
    if is_local(route) {
        return reset(aws, route).await;
    }
    whole!(aws.ec2.replace_route(), route).send().await?;
    Ok(())
}

/// Lets the VPC's own route lead into the VPC again; it cannot be deleted.
pub(super) async fn reset(aws: &Aws, route: &Args) -> Result<()> {
    destination!(aws.ec2.replace_route(), route).local_target(true).send().await?;
    Ok(())
}

/// Deletes the route; one that is gone already is deleted.
pub(super) async fn delete(aws: &Aws, route: &Args) -> Result<()> {
    match destination!(aws.ec2.delete_route(), route).send().await.map_err(Error::from) {
        Err(error) if error.is(&["InvalidRoute.NotFound"]) => Ok(()),
        other => other.map(drop),
    }
}

/// The attributes of a route that was read.
pub(super) fn observe(table: &str, live: &sdk::Route) -> Args {
    let endpoint = live.gateway_id.as_deref().filter(|gateway| gateway.starts_with("vpce-"));
    // An interface that belongs to an instance tells both; the stack file gives only the interface.
    take!(Args from live => carrier_gateway_id, core_network_arn, destination_cidr_block, destination_ipv6_cidr_block,
        destination_prefix_list_id, instance_id, instance_owner_id, local_gateway_id, nat_gateway_id,
        network_interface_id, odb_network_arn, origin, state, transit_gateway_id, vpc_peering_connection_id;
        egress_only_gateway_id: live.egress_only_internet_gateway_id.clone(),
        gateway_id: live.gateway_id.clone().filter(|_| endpoint.is_none()),
        route_table_id: table.to_owned(),
        vpc_endpoint_id: endpoint.map(str::to_owned))
}

/// Names of the attributes that say where packets go.
pub(super) const TARGETS: &[&str] = &[
    "carrier_gateway_id",
    "core_network_arn",
    "egress_only_gateway_id",
    "gateway_id",
    "local_gateway_id",
    "nat_gateway_id",
    "network_interface_id",
    "odb_network_arn",
    "transit_gateway_id",
    "vpc_endpoint_id",
    "vpc_peering_connection_id",
];

/// What is wrong with a target, when its text shows it: an id of the wrong kind is refused only at apply otherwise.
pub(super) fn misplaced(name: &str, id: &str) -> Option<String> {
    let right = match id.split_once('-')?.0 {
        "igw" | "vgw" => "gateway_id",
        "nat" => "nat_gateway_id",
        "eigw" => "egress_only_gateway_id",
        "eni" => "network_interface_id",
        "tgw" => "transit_gateway_id",
        "vpce" => "vpc_endpoint_id",
        "pcx" => "vpc_peering_connection_id",
        "lgw" => "local_gateway_id",
        "cagw" => "carrier_gateway_id",
        _ => return None,
    };
    (right != name).then(|| format!("\"{id}\" does not belong here: AWS would show it as another attribute, and every plan a change. Write `{right} = \"{id}\"`."))
}
