//! The network of the stack: where subnets lead, and what security groups let through.

use std::collections::BTreeSet;

use super::stack::{Object, Place, Stack};

/// Where traffic from a subnet to the internet goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WayOut {
    /// Through an internet gateway: for what has a public address.
    Internet,
    /// Through a NAT gateway, a transit gateway, an interface: for everything.
    Through,
    /// Nowhere.
    None,
    /// The route table is not of the stack.
    Unclear,
}

/// Where a subnet of the stack leads.
pub(super) fn way_out(stack: &Stack<'_>, subnet: &Object<'_>) -> WayOut {
    let id = subnet.attr("id");
    let associations = stack.that_name("aws_route_table_association", "subnet_id", id.text());
    let Some(association) = associations.first() else { return WayOut::Unclear };
    let table = association.attr("route_table_id");
    let Some(table) = stack.named(&table, "aws_route_table", &["id"]) else { return WayOut::Unclear };
    let own = table.items("route");
    let others = stack.that_name("aws_route", "route_table_id", table.attr("id").text());
    let mut routes: Vec<(Option<&str>, Place<'_>)> =
        own.into_iter().map(|route| (route.attr("cidr_block").text(), route)).collect();
    routes.extend(others.into_iter().map(|route| (route.attr("destination_cidr_block").text(), route.clone())));
    let Some((_, route)) = routes.iter().find(|(to, _)| *to == Some("0.0.0.0/0")) else { return WayOut::None };
    let gateway = route.attr("gateway_id");
    let is_internet = stack.named(&gateway, "aws_internet_gateway", &["id"]).is_some()
        || gateway.given().is_some_and(|id| id.starts_with("igw-"));
    if is_internet { WayOut::Internet } else { WayOut::Through }
}

/// A direction of traffic, seen from a security group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// Into what the group protects.
    In,
    /// Out of it.
    Out,
}

/// A rule of a security group, wherever it is written.
struct Rule<'a> {
    protocol: Option<&'a str>,
    ports: (Option<i64>, Option<i64>),
    /// Groups and address ranges on the other side.
    peers: BTreeSet<&'a str>,
    /// Whether all peers are known to be named here.
    is_clear: bool,
}

/// Whether a group of the stack lets TCP through on a port to or from one of `peers` (ids of groups), or any address
/// range; `None` when that is not clear.
pub(super) fn admits(
    stack: &Stack<'_>,
    group: &Object<'_>,
    direction: Direction,
    port: i64,
    peers: &[&str],
) -> Option<bool> {
    let rules = rules(stack, group, direction);
    let own = group.attr("id").text();
    let fits = |rule: &Rule<'_>| {
        let is_protocol = matches!(rule.protocol, Some("tcp" | "6" | "-1" | "all"));
        let is_all = matches!(rule.protocol, Some("-1" | "all"));
        let is_port = is_all || matches!(rule.ports, (Some(low), Some(high)) if (low..=high).contains(&port));
        // An address range may hold the load balancer: whoever wrote it meant somebody.
        let is_peer = rule.peers.iter().any(|peer| {
            peers.contains(peer)
                || peer.contains('/')
                || peer.starts_with("pl-")
                || (*peer == "self" && own.is_some_and(|own| peers.contains(&own)))
        });
        is_protocol && is_port && (is_peer || !rule.is_clear)
    };
    if rules.iter().any(fits) {
        return Some(true);
    }
    let is_open = rules.iter().any(|rule| {
        rule.protocol.is_none()
            || matches!(rule.protocol, Some("tcp")) && (rule.ports.0.is_none() || rule.ports.1.is_none())
    });
    (!is_open).then_some(false)
}

/// Whether rules of this direction are written anywhere: when none are, a new group lets everything out.
pub(super) fn has_rules(stack: &Stack<'_>, group: &Object<'_>, direction: Direction) -> bool {
    !rules(stack, group, direction).is_empty()
}

fn rules<'a>(stack: &Stack<'a>, group: &Object<'a>, direction: Direction) -> Vec<Rule<'a>> {
    let (block, kind, single) = match direction {
        Direction::In => ("ingress", "ingress", "aws_vpc_security_group_ingress_rule"),
        Direction::Out => ("egress", "egress", "aws_vpc_security_group_egress_rule"),
    };
    let id = group.attr("id").text();
    let old = stack.that_name("aws_security_group_rule", "security_group_id", id);
    let old = old.into_iter().filter(|rule| rule.attr("type").text() == Some(kind)).map(classic);
    let new = stack.that_name(single, "security_group_id", id).into_iter().map(modern);
    group.items(block).iter().map(classic).chain(old).chain(new).collect()
}

/// A block of `aws_security_group`, or an `aws_security_group_rule`.
fn classic<'a>(rule: &Place<'a>) -> Rule<'a> {
    let lists = ["cidr_blocks", "ipv6_cidr_blocks", "security_groups", "prefix_list_ids"];
    let mut peers: BTreeSet<&str> =
        lists.iter().flat_map(|list| rule.items(list)).filter_map(|peer| peer.text()).collect();
    peers.extend(rule.attr("source_security_group_id").text());
    let is_self = rule.attr("self").is_true();
    peers.extend(is_self.then_some("self"));
    let is_clear = lists.iter().all(|list| rule.attr(list).is_absent() || rule.attr(list).is_known());
    Rule {
        protocol: rule.attr("protocol").text(),
        ports: (rule.attr("from_port").int(), rule.attr("to_port").int()),
        peers,
        is_clear,
    }
}

/// An `aws_vpc_security_group_ingress_rule` or its counterpart.
fn modern<'a>(rule: &Object<'a>) -> Rule<'a> {
    let names = ["cidr_ipv4", "cidr_ipv6", "referenced_security_group_id", "prefix_list_id"];
    Rule {
        protocol: rule.attr("ip_protocol").text(),
        ports: (rule.attr("from_port").int(), rule.attr("to_port").int()),
        peers: names.iter().filter_map(|name| rule.attr(name).text()).collect(),
        is_clear: true,
    }
}

/// Security groups of the stack that a list names; `None` when one of them is not of the stack.
pub(super) fn groups<'s, 'a>(stack: &'s Stack<'a>, list: &[Place<'_>]) -> Option<Vec<&'s Object<'a>>> {
    list.iter().map(|id| stack.named(id, "aws_security_group", &["id"])).collect()
}
