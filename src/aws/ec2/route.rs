//! `aws_route`: one way out of a route table.
//!
//! API: EC2 2016-11-15, `CreateRoute` and its siblings.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html>

use std::collections::BTreeSet;

use super::objects::filter;
use super::routes;
use crate::aws::contract::*;
use crate::aws::rules;
use crate::value::Value;

/// The type.
pub struct Route;

/// Names of the attributes that say which packets take the route.
const DESTINATIONS: &[&str] = &["destination_cidr_block", "destination_ipv6_cidr_block", "destination_prefix_list_id"];

model! {
    /// One way out of a route table: where packets for a destination go. Not to be mixed with `route` blocks of the
    /// same `aws_route_table`.
    pub struct Args {
        /// Carrier gateway, in a Wavelength Zone.
        carrier_gateway_id: Option<String> = optional().exactly_one_of(routes::TARGETS),
        /// Core network of Cloud WAN.
        core_network_arn: Option<String> = optional().check(rules::arn),
        /// IPv4 network that packets are for, such as `0.0.0.0/0`.
        destination_cidr_block: Option<String> = optional().force_new().check(rules::ipv4_network).exactly_one_of(DESTINATIONS),
        /// IPv6 network that packets are for, such as `::/0`.
        destination_ipv6_cidr_block: Option<String> = optional().force_new().same(rules::same_network).check(rules::ipv6_network),
        /// Managed prefix list that packets are for.
        destination_prefix_list_id: Option<String> = optional().force_new(),
        /// Egress-only internet gateway, for IPv6.
        egress_only_gateway_id: Option<String> = optional(),
        /// Internet gateway or virtual private gateway; `local` for the VPC itself.
        gateway_id: Option<String> = optional(),
        /// Instance that the network interface belongs to.
        instance_id: Option<String> = computed(),
        /// AWS account that owns the instance.
        instance_owner_id: Option<String> = computed(),
        /// Local gateway of an Outpost.
        local_gateway_id: Option<String> = optional(),
        /// NAT gateway.
        nat_gateway_id: Option<String> = optional(),
        /// Network interface.
        network_interface_id: Option<String> = optional_computed(),
        /// Network of Oracle Database@AWS.
        odb_network_arn: Option<String> = optional().check(rules::arn),
        /// How the route came about: `CreateRouteTable`, `CreateRoute` or `EnableVgwRoutePropagation`.
        origin: Option<String> = computed(),
        /// Route table the route is in.
        route_table_id: String = required().force_new(),
        /// `active`, or `blackhole` when the target is gone.
        state: Option<String> = computed(),
        /// Time limits.
        timeouts: Option<Timeouts> = optional(),
        /// Transit gateway.
        transit_gateway_id: Option<String> = optional(),
        /// Gateway Load Balancer endpoint.
        vpc_endpoint_id: Option<String> = optional(),
        /// Peering connection to another VPC.
        vpc_peering_connection_id: Option<String> = optional(),
    }
}

impl Resource for Route {
    type Model = Args;
    type Live = Args;

    const TYPE: &'static str = "aws_route";
    const IDENTITY: Identity = Identity::Chosen(&[
        "route_table_id",
        "destination_cidr_block",
        "destination_ipv6_cidr_block",
        "destination_prefix_list_id",
    ]);
    const PACE: Pace = secs(1, 1, 1).limits(5, 2, 5);
    const READ_BATCH: usize = 200;
    const MISSING: &'static [&'static str] = &["InvalidRoute.NotFound", "InvalidRouteTableID.NotFound"];
    const RETRY: &'static [Retry] = RETRY;

    fn check(want: &Draft, found: &mut Problems) {
        for &name in routes::TARGETS {
            let text = want.config().get(name).and_then(Value::as_str);
            if let Some(problem) = text.and_then(|id| routes::misplaced(name, id)) {
                found.inside(&[name], problem);
            }
        }
    }

    fn revise(want: &mut Draft) {
        let is_interface = want.is_set(Args::network_interface_id);
        let is_moved = routes::TARGETS.iter().any(|&name| {
            let now = want.config().get(name).filter(|value| !value.is_null());
            now.is_some() && want.prior().and_then(|prior| prior.get(name)) != now
        });
        if want.is_new() || !is_moved {
            return;
        }
        if !is_interface {
            // Kept from what was there, it would name a second target.
            want.set(Args::network_interface_id, &None);
        }
        for key in [Args::instance_id, Args::instance_owner_id, Args::state] {
            want.set_unknown(key);
        }
    }

    fn locate(_shown: &str, have: &Args) -> Id {
        format!("{}_{}", have.route_table_id, routes::destination(have).unwrap_or_default())
    }

    /// The table and a checksum of the destination.
    fn shown_id(id: &Id, _have: &Args) -> String {
        let (table, destination) = id.split_once('_').unwrap_or((id, ""));
        let mut sum = flate2::Crc::new();
        sum.update(destination.as_bytes());
        format!("r-{table}{}", sum.sum())
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Args)>> {
        let tables: BTreeSet<Id> = ids.iter().filter_map(|id| Some(id.split_once('_')?.0.to_owned())).collect();
        let tables: Vec<Id> = tables.into_iter().collect();
        let found = aws.ec2.describe_route_tables().filters(filter("route-table-id", &tables));
        let found = found.into_paginator().items().send().try_collect().await?;
        let routes = found.iter().flat_map(|table| {
            let id = table.route_table_id().unwrap_or_default();
            table.routes().iter().map(move |route| routes::observe(id, route))
        });
        Ok(routes.map(|route| (Self::locate("", &route), route)).collect())
    }

    fn observe(live: &Args) -> Args {
        live.clone()
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        if routes::is_local(want) {
            // The VPC's own route is always there: it is taken over, not made.
            routes::reset(aws, want).await?;
        } else {
            routes::create(aws, want).await?;
        }
        Ok(Self::locate("", want))
    }

    async fn update(aws: &Aws, _id: &Id, have: &Args, want: &Args) -> Result<()> {
        let target = |args: &Args| Args {
            instance_id: None,
            instance_owner_id: None,
            origin: None,
            state: None,
            timeouts: None,
            ..args.clone()
        };
        if target(have) == target(want) { Ok(()) } else { routes::replace(aws, want).await }
    }

    async fn delete(aws: &Aws, _id: &Id, have: &Args) -> Result<()> {
        match have.origin.as_deref() {
            Some("CreateRouteTable") => routes::reset(aws, have).await,
            _ => routes::delete(aws, have).await,
        }
    }

    fn import_text(id: &Id, _have: &Args) -> String {
        id.clone()
    }

    async fn import(_aws: &Aws, text: &str) -> Result<Id> {
        match text.split_once('_') {
            Some((table, destination)) if table.starts_with("rtb-") && !destination.is_empty() => {
                Ok(format!("{table}_{}", routes::canonical(destination)))
            }
            _ => Err(Error::local(
                "import",
                format!("\"{text}\" does not name a route. Write the table and the destination, such as \"rtb-1_0.0.0.0/0\"."),
            )),
        }
    }
}

/// What passes by itself while tables and targets are new.
pub(super) const RETRY: &[Retry] = &[
    Retry::of(&["CreateRoute", "ReplaceRoute"], "InvalidRouteTableID.NotFound", "the new route table is not known everywhere yet", retry::NEW),
    Retry::of(&["CreateRoute", "ReplaceRoute"], "InvalidParameterException", "the target of the route is not ready yet", retry::CHANGE),
    Retry::of(&["CreateRoute", "ReplaceRoute"], "InvalidTransitGatewayID.NotFound", "the transit gateway is being attached", retry::CHANGE),
    Retry::of(&["CreateRoute", "ReplaceRoute"], "InvalidGatewayID.NotFound", "the new gateway is not known everywhere yet", retry::NEW),
    Retry::of(&["CreateRoute", "ReplaceRoute"], "InvalidNatGatewayID.NotFound", "the new NAT gateway is not known everywhere yet", retry::NEW),
    Retry::of(&["CreateRoute", "ReplaceRoute"], "IncorrectState", "the target of the route is not ready yet", retry::CHANGE),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_that_of_hashicorp() {
        let route = Args {
            route_table_id: "rtb-1".into(),
            destination_cidr_block: Some("0.0.0.0/0".into()),
            ..Args::default()
        };
        let id = Route::locate("", &route);
        assert_eq!((id.as_str(), Route::shown_id(&id, &route).as_str()), ("rtb-1_0.0.0.0/0", "r-rtb-11080289494"));
    }
}
