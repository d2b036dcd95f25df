//! `aws_route_table`: where the packets of subnets go.
//!
//! API: EC2 2016-11-15, `CreateRouteTable` and its siblings.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRouteTable.html>

use aws_sdk_ec2::types as sdk;

use super::objects::{self, filter, filter_one};
use super::{route, routes};
use crate::aws::contract::*;
use crate::aws::rules;
use crate::value::Value;

/// The type.
pub struct RouteTable;

model! {
    /// Where the packets of subnets go.
    pub struct Args {
        /// Address of the table, given by AWS.
        arn: Option<String> = computed(),
        /// AWS account that owns the table.
        owner_id: Option<String> = computed(),
        /// Virtual private gateways that may add routes by themselves.
        propagating_vgws: Set<String> = optional_computed(),
        /// All routes of the table but those into the VPC itself and those that AWS adds. Left out, other resources
        /// (`aws_route`) look after the routes; `[]` means none.
        route: Set<Hop> = optional_computed().as_attribute(),
        /// Tags of the table.
        tags: Tags = optional(),
        /// All tags, those of the provider included.
        tags_all: Tags = optional_computed(),
        /// Time limits.
        timeouts: Option<Timeouts> = optional(),
        /// VPC the table is in.
        vpc_id: String = required().force_new(),
    }
}

model! {
    /// A route: one destination and one target.
    pub struct Hop {
        /// Carrier gateway, in a Wavelength Zone.
        carrier_gateway_id: Option<String> = optional(),
        /// IPv4 network that packets are for, such as `0.0.0.0/0`.
        cidr_block: Option<String> = optional().check(rules::ipv4_network),
        /// Core network of Cloud WAN.
        core_network_arn: Option<String> = optional().check(rules::arn),
        /// Managed prefix list that packets are for.
        destination_prefix_list_id: Option<String> = optional(),
        /// Egress-only internet gateway, for IPv6.
        egress_only_gateway_id: Option<String> = optional(),
        /// Internet gateway or virtual private gateway; `local` for the VPC itself.
        gateway_id: Option<String> = optional(),
        /// IPv6 network that packets are for, such as `::/0`.
        ipv6_cidr_block: Option<String> = optional().check(ipv6_network_or_empty),
        /// Local gateway of an Outpost.
        local_gateway_id: Option<String> = optional(),
        /// NAT gateway.
        nat_gateway_id: Option<String> = optional(),
        /// Network interface.
        network_interface_id: Option<String> = optional(),
        /// Network of Oracle Database@AWS.
        odb_network_arn: Option<String> = optional().check(rules::arn),
        /// Transit gateway.
        transit_gateway_id: Option<String> = optional(),
        /// Gateway Load Balancer endpoint.
        vpc_endpoint_id: Option<String> = optional(),
        /// Peering connection to another VPC.
        vpc_peering_connection_id: Option<String> = optional(),
    }
}

fn ipv6_network_or_empty(value: &Value) -> Result<(), String> {
    if value.as_str() == Some("") { Ok(()) } else { rules::ipv6_network(value) }
}

/// Copies a hop's fields, dropping empty texts: written as an attribute, a route must name every one of them.
macro_rules! hop {
    ($into:ident, $from:expr, { $($set:ident : $get:ident),* }, $($same:ident),* $(; $rest:expr)?) => {
        $into {
            $( $set: given($from.$get.as_ref()), )*
            $( $same: given($from.$same.as_ref()), )*
            $( ..$rest )?
        }
    };
}

fn given(text: Option<&String>) -> Option<String> {
    text.filter(|text| !text.is_empty()).cloned()
}

impl Hop {
    fn route(&self, table: &str) -> route::Args {
        use route::Args;
        let rest = Args { route_table_id: table.to_owned(), ..Args::default() };
        hop!(Args, self, { destination_cidr_block: cidr_block, destination_ipv6_cidr_block: ipv6_cidr_block },
            carrier_gateway_id, core_network_arn, destination_prefix_list_id, egress_only_gateway_id, gateway_id,
            local_gateway_id, nat_gateway_id, network_interface_id, odb_network_arn, transit_gateway_id,
            vpc_endpoint_id, vpc_peering_connection_id; rest)
    }

    fn of(route: &route::Args) -> Self {
        hop!(Self, route, { cidr_block: destination_cidr_block, ipv6_cidr_block: destination_ipv6_cidr_block },
            carrier_gateway_id, core_network_arn, destination_prefix_list_id, egress_only_gateway_id, gateway_id,
            local_gateway_id, nat_gateway_id, network_interface_id, odb_network_arn, transit_gateway_id,
            vpc_endpoint_id, vpc_peering_connection_id)
    }

    /// Whether both say the same, whatever the spelling.
    fn is_like(&self, other: &Self) -> bool {
        let plain = |hop: &Self| {
            let route = hop.route("");
            let destination = routes::destination(&route);
            (destination, route::Args { destination_ipv6_cidr_block: None, ..route })
        };
        plain(self) == plain(other)
    }
}

/// A table and its address.
pub struct Live {
    table: sdk::RouteTable,
    arn: String,
}

impl Resource for RouteTable {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_route_table";
    const IDENTITY: Identity = Identity::Assigned { recover_by: &["vpc_id", "tags"] };
    const MAKING: Making = Making::Again;
    const PACE: Pace = secs(1, 2, 1).limits(5, 2, 5);
    const READ_BATCH: usize = 100;
    const MISSING: &'static [&'static str] = &["InvalidRouteTableID.NotFound"];
    const RETRY: &'static [Retry] = &[
        route::RETRY[0],
        route::RETRY[1],
        route::RETRY[2],
        route::RETRY[3],
        route::RETRY[4],
        route::RETRY[5],
        Retry::of(&["EnableVgwRoutePropagation"], "InvalidRouteTableID.NotFound", "the new route table is not known everywhere yet", retry::NEW),
        Retry::of(&["DeleteRouteTable"], "DependencyViolation", "subnets or gateways still use the route table", retry::CHANGE),
    ];

    fn check(want: &Draft, found: &mut Problems) {
        let Some(hops) = want.known(Args::route) else { return };
        let mut seen = Vec::new();
        for hop in hops.iter() {
            let route = hop.route("");
            let value = crate::resource::model::Field::encode_element(&route);
            let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
            let targets: Vec<String> =
                routes::TARGETS.iter().filter_map(|&name| text(name).map(|_| format!("`{name}`"))).collect();
            let destinations =
                [&route.destination_cidr_block, &route.destination_ipv6_cidr_block, &route.destination_prefix_list_id];
            let destination = routes::destination(&route).unwrap_or_default();
            if destinations.into_iter().flatten().count() != 1 {
                found.inside(&["route"], "A route has one destination. Set one of `cidr_block`, `ipv6_cidr_block` and `destination_prefix_list_id`.");
            } else if targets.len() != 1 {
                let given = if targets.is_empty() { "none".to_owned() } else { targets.join(", ") };
                found.inside(&["route"], format!("The route to {destination} has {given} as its target. Set exactly one."));
            }
            for &name in routes::TARGETS {
                if let Some(problem) = text(name).and_then(|id| routes::misplaced(name, &id)) {
                    found.inside(&["route", name], problem);
                }
            }
            if !destination.is_empty() && seen.contains(&destination) {
                found.inside(&["route"], format!("There are two routes to {destination}. Remove one."));
            }
            seen.push(destination);
        }
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        let found = aws.ec2.describe_route_tables().filters(filter("route-table-id", ids));
        let found = found.into_paginator().items().send().try_collect().await?;
        let live = |table: sdk::RouteTable| {
            let id = table.route_table_id.clone()?;
            let arn = objects::arn(aws, table.owner_id(), &format!("route-table/{id}"));
            Some((id, Live { table, arn }))
        };
        Ok(found.into_iter().filter_map(live).collect())
    }

    fn observe(live: &Live) -> Args {
        let table = &live.table;
        let vgws = table.propagating_vgws().iter().filter_map(|vgw| vgw.gateway_id.clone());
        let ours = table.routes().iter().filter(|route| is_ours(route));
        Args {
            arn: Some(live.arn.clone()),
            owner_id: table.owner_id.clone(),
            propagating_vgws: vgws.collect(),
            route: ours.map(|route| Hop::of(&routes::observe("", route))).collect(),
            tags_all: objects::tags_of(table.tags.as_ref()),
            vpc_id: table.vpc_id.clone().unwrap_or_default(),
            ..Args::default()
        }
    }

    fn keep_spelling(prior: &Args, live: &mut Args) {
        let before = |hop: &Hop| prior.route.iter().find(|before| before.is_like(hop));
        let is_local = |hop: &Hop| hop.gateway_id.as_deref() == Some(routes::LOCAL);
        let kept = live.route.iter().filter(|hop| !is_local(hop) || before(hop).is_some());
        live.route = kept.map(|hop| before(hop).unwrap_or(hop).clone()).collect();
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        let tags = objects::tagged(sdk::ResourceType::RouteTable, &want.tags_all);
        let made = aws.ec2.create_route_table().vpc_id(&want.vpc_id).set_tag_specifications(tags).send().await?;
        made.route_table.and_then(|table| table.route_table_id).ok_or_else(|| Error::empty("CreateRouteTable"))
    }

    async fn finish(aws: &Aws, id: &Id, want: &Args) -> Result<()> {
        let fresh = Args::default();
        exchange(aws, id, &fresh, want).await
    }

    async fn update(aws: &Aws, id: &Id, have: &Args, want: &Args) -> Result<()> {
        exchange(aws, id, have, want).await?;
        objects::retag(aws, id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, id: &Id, _have: &Args) -> Result<()> {
        let found = aws.ec2.describe_route_tables().route_table_ids(id).send().await?;
        let uses = found.route_tables().iter().flat_map(sdk::RouteTable::associations);
        for association in uses.filter(|one| one.main != Some(true)).filter_map(|one| one.route_table_association_id()) {
            let call = aws.ec2.disassociate_route_table().association_id(association);
            match call.send().await.map_err(Error::from) {
                Err(error) if error.is(&["InvalidAssociationID.NotFound"]) => {}
                other => other.map(drop)?,
            }
        }
        aws.ec2.delete_route_table().route_table_id(id).send().await?;
        Ok(())
    }

    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        let Some(mut filters) = objects::carrying(&want.tags_all) else { return Ok(None) };
        filters.push(filter_one("vpc-id", &want.vpc_id));
        let found = aws.ec2.describe_route_tables().set_filters(Some(filters)).send().await?;
        // Nobody uses yet what the lost call made, and nothing has been added to it.
        let is_bare = |table: &sdk::RouteTable| {
            table.associations().is_empty() && table.routes().iter().all(|route| route.origin == Some(sdk::RouteOrigin::CreateRouteTable))
        };
        let bare = found.route_tables.into_iter().flatten().filter(is_bare);
        Ok(objects::only(bare.map(|table| table.route_table_id)))
    }
}

/// Whether a stack file may say the route: neither propagated nor added by a gateway endpoint.
fn is_ours(route: &sdk::Route) -> bool {
    let is_endpoint = route.gateway_id().is_some_and(|gateway| gateway.starts_with("vpce-"));
    route.origin != Some(sdk::RouteOrigin::EnableVgwRoutePropagation)
        && !(is_endpoint && route.destination_prefix_list_id.is_some())
}

/// Routes and gateways from what was there to what is wanted. What leaves goes last, so that no destination that
/// stays is without a route in between.
async fn exchange(aws: &Aws, id: &str, have: &Args, want: &Args) -> Result<()> {
    for vgw in want.propagating_vgws.iter().filter(|vgw| !have.propagating_vgws.contains(vgw)) {
        aws.ec2.enable_vgw_route_propagation().route_table_id(id).gateway_id(vgw).send().await?;
    }
    for vgw in have.propagating_vgws.iter().filter(|vgw| !want.propagating_vgws.contains(vgw)) {
        aws.ec2.disable_vgw_route_propagation().route_table_id(id).gateway_id(vgw).send().await?;
    }
    for hop in want.route.iter().filter(|hop| !have.route.iter().any(|before| before.is_like(hop))) {
        routes::ensure(aws, &hop.route(id)).await?;
    }
    let stays = |destination: &Option<String>| {
        want.route.iter().any(|hop| routes::destination(&hop.route("")) == *destination)
    };
    for route in have.route.iter().map(|hop| hop.route(id)).filter(|route| !stays(&routes::destination(route))) {
        if !routes::is_local(&route) {
            routes::delete(aws, &route).await?;
        }
    }
    Ok(())
}
