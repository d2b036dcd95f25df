//! The network of the stack: where subnets lead, and what security groups let through.

use super::stack::{Object, Place, Stack};
use crate::plan::imagine::is_made_up;

/// Where traffic from a subnet to the internet goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WayOut {
    /// Through an internet gateway: for what has a public address.
    Internet,
    /// Through a NAT gateway.
    Nat,
    /// Through something else for everything: a transit gateway, a firewall, an interface.
    Through,
    /// Nowhere.
    None,
    /// Not to be told: the route table or its target is not of the stack, or known only after apply.
    Unclear,
}

/// Destinations that stand for the whole internet, in one or two routes.
const EVERYWHERE: &[&str] = &["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1"];

/// The route table of a subnet, as far as the stack has both.
pub(super) fn table_of<'s, 'a>(stack: &'s Stack<'a>, subnet: &Object<'_>) -> Option<&'s Object<'a>> {
    let associations = stack.that_name("aws_route_table_association", "subnet_id", subnet.attr("id").text());
    stack.named(&associations.first()?.attr("route_table_id"), "aws_route_table", &["id"])
}

/// Where a subnet of the stack leads, over IPv4.
pub(super) fn way_out(stack: &Stack<'_>, subnet: &Object<'_>) -> WayOut {
    let Some(table) = table_of(stack, subnet) else { return WayOut::Unclear };
    let others = stack.that_name("aws_route", "route_table_id", table.attr("id").text());
    let others = others.into_iter().map(|route| (route.attr("destination_cidr_block"), route.clone()));
    // What the table has already may be about to change: routes of the stack come first.
    let own = table.items("route").into_iter().map(|route| (route.attr("cidr_block"), route));
    let routes: Vec<(Place<'_>, Place<'_>)> = others.chain(own).collect();
    let default = routes.iter().find(|(to, _)| to.text().is_some_and(|to| EVERYWHERE.contains(&to)));
    match default {
        Some((_, route)) => target(stack, route),
        None if stack.is_whole && !table.attr("route").is_undecided() && !routes.iter().any(may_be_default) => {
            WayOut::None
        }
        None => WayOut::Unclear,
    }
}

/// Whether a route may lead to the internet although it does not say so: by a prefix list, over IPv6, or by a destination
/// known only after apply.
fn may_be_default((to, route): &(Place<'_>, Place<'_>)) -> bool {
    let lists = ["destination_prefix_list_id"];
    let ranges = ["destination_ipv6_cidr_block", "ipv6_cidr_block"];
    to.text().map_or(!to.is_absent(), is_made_up)
        || lists.iter().any(|name| !route.attr(name).is_absent())
        || ranges
            .iter()
            .any(|name| !route.attr(name).is_absent() && route.attr(name).given().is_none_or(|to| to == "::/0"))
}

fn target(stack: &Stack<'_>, route: &Place<'_>) -> WayOut {
    let gateway = route.attr("gateway_id");
    if !route.attr("nat_gateway_id").is_absent() && route.attr("nat_gateway_id").text().is_some() {
        return WayOut::Nat;
    }
    let is_internet = stack.named(&gateway, "aws_internet_gateway", &["id"]).is_some()
        || gateway.given().is_some_and(|id| id.starts_with("igw-"));
    if is_internet {
        WayOut::Internet
    } else if stack.is_unclear(&gateway, "aws_internet_gateway", &["id"]) {
        WayOut::Unclear
    } else {
        WayOut::Through
    }
}

/// A direction of traffic, seen from a security group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// Into what the group protects.
    In,
    /// Out of it.
    Out,
}

/// Traffic that a security group may let through.
#[derive(Clone, Copy, Debug)]
pub(super) struct Traffic<'t> {
    pub(super) direction: Direction,
    /// As security groups call them: any of these will do.
    pub(super) protocols: &'t [&'t str],
    pub(super) port: i64,
    /// Security groups on the other side; `None` for anybody.
    pub(super) peers: Option<&'t [Place<'t>]>,
}

const TCP: &[&str] = &["tcp", "6"];
const UDP: &[&str] = &["udp", "17"];
const EITHER: &[&str] = &["tcp", "6", "udp", "17"];

/// What security groups call the protocol of a listener.
pub(super) fn of_listener(protocol: &Place<'_>) -> &'static [&'static str] {
    match protocol.given() {
        Some("HTTP" | "HTTPS" | "TCP" | "TLS") => TCP,
        Some("UDP" | "QUIC") => UDP,
        _ => EITHER,
    }
}

/// The same for a target group. Health checks of one for UDP come over TCP.
pub(super) fn of_targets(protocol: &Place<'_>) -> &'static [&'static str] {
    if of_listener(protocol) == TCP { TCP } else { EITHER }
}

/// A rule of a security group, wherever it is written.
struct Rule<'a> {
    protocol: Place<'a>,
    ports: (Place<'a>, Place<'a>),
    /// Groups, address ranges and prefix lists on the other side.
    peers: Vec<Place<'a>>,
    /// Whether the group itself is on the other side; `None` while that is not known.
    is_self: Option<bool>,
    /// Whether all peers are named here.
    is_clear: bool,
}

/// Whether a group of the stack lets the traffic through; `None` when that is not clear. An address range or prefix list
/// may hold whoever is on the other side: who wrote it meant somebody. So may a group outside the stack that nobody can
/// name yet.
pub(super) fn admits(stack: &Stack<'_>, group: &Object<'_>, traffic: Traffic<'_>) -> Option<bool> {
    let (rules, are_all) = rules(stack, group, traffic.direction);
    let answers: Vec<Option<bool>> = rules.iter().map(|rule| fits(stack, group, rule, traffic)).collect();
    if answers.contains(&Some(true)) {
        return Some(true);
    }
    (are_all && !answers.contains(&None)).then_some(false)
}

/// Whether there is no rule of this direction at all.
pub(super) fn has_no_rules(stack: &Stack<'_>, group: &Object<'_>, direction: Direction) -> bool {
    let (rules, are_all) = rules(stack, group, direction);
    rules.is_empty() && are_all
}

fn fits(stack: &Stack<'_>, group: &Object<'_>, rule: &Rule<'_>, traffic: Traffic<'_>) -> Option<bool> {
    let protocol = rule.protocol.given().map(str::to_ascii_lowercase);
    let is_all = protocol.as_deref().map(|protocol| matches!(protocol, "-1" | "all"));
    let is_protocol = protocol.as_deref().zip(is_all).map(|(one, is_all)| is_all || traffic.protocols.contains(&one));
    let ports = rule.ports.0.int().zip(rule.ports.1.int());
    let is_port =
        if is_all == Some(true) { Some(true) } else { ports.map(|(low, high)| (low..=high).contains(&traffic.port)) };
    let is_peer = traffic.peers.map_or(Some(true), |peers| is_peer(stack, group, rule, peers));
    all([is_protocol, is_port, is_peer])
}

/// Whether one of the rule's peers is one of these.
fn is_peer(stack: &Stack<'_>, group: &Object<'_>, rule: &Rule<'_>, wanted: &[Place<'_>]) -> Option<bool> {
    let is_unclear = |one: &Place<'_>| stack.is_unclear(one, "aws_security_group", &["id"]);
    let is_wanted = |text: &str| wanted.iter().any(|one| one.text() == Some(text));
    let one = |peer: &Place<'_>| match peer.text() {
        Some(text) if is_wanted(text) => Some(true),
        _ if is_unclear(peer) => None,
        Some(text) if !is_made_up(text) && (text.contains('/') || text.starts_with("pl-")) => Some(true),
        // A group: it is another one, unless nobody can tell which are wanted.
        Some(_) => (!wanted.iter().any(is_unclear)).then_some(false),
        None => Some(false),
    };
    let is_self = match rule.is_self {
        Some(true) => Some(group.attr("id").text().is_some_and(is_wanted)),
        other => other,
    };
    let answers: Vec<Option<bool>> = rule.peers.iter().map(one).chain([is_self]).collect();
    if answers.contains(&Some(true)) {
        return Some(true);
    }
    (rule.is_clear && !answers.contains(&None)).then_some(false)
}

/// Whether all hold.
fn all(answers: [Option<bool>; 3]) -> Option<bool> {
    if answers.contains(&Some(false)) {
        return Some(false);
    }
    answers.iter().all(|one| *one == Some(true)).then_some(true)
}

/// The rules of a group in one direction, and whether these are all.
fn rules<'a>(stack: &Stack<'a>, group: &Object<'a>, direction: Direction) -> (Vec<Rule<'a>>, bool) {
    let (kind, single) = match direction {
        Direction::In => ("ingress", "aws_vpc_security_group_ingress_rule"),
        Direction::Out => ("egress", "aws_vpc_security_group_egress_rule"),
    };
    let is_its = |rule: &&Object<'a>| rule.attr("security_group_id").text() == group.attr("id").text();
    let is_kind = |rule: &&Object<'a>| rule.attr("type").text() == Some(kind);
    let outside = |name: &str| stack.all(name).iter();
    let old = outside("aws_security_group_rule").filter(is_kind).filter(is_its).map(classic);
    let new = outside(single).filter(is_its).map(modern);
    let all: Vec<_> = group.items(kind).iter().map(classic).chain(old).chain(new).collect();
    let may_be_its =
        |rule: &Object<'a>| stack.is_unclear(&rule.attr("security_group_id"), "aws_security_group", &["id"]);
    let are_all = stack.is_whole
        && !group.attr(kind).is_undecided()
        && !outside("aws_security_group_rule").chain(outside(single)).any(may_be_its);
    (all, are_all)
}

/// A block of `aws_security_group`, or an `aws_security_group_rule`.
fn classic<'a>(rule: &Place<'a>) -> Rule<'a> {
    let lists = ["cidr_blocks", "ipv6_cidr_blocks", "security_groups", "prefix_list_ids"];
    let source = rule.attr("source_security_group_id");
    Rule {
        protocol: rule.attr("protocol"),
        ports: (rule.attr("from_port"), rule.attr("to_port")),
        peers: lists.iter().flat_map(|list| rule.items(list)).chain((!source.is_absent()).then_some(source)).collect(),
        is_self: if rule.attr("self").is_absent() { Some(false) } else { rule.attr("self").truth() },
        is_clear: lists.iter().all(|list| rule.attr(list).is_absent() || rule.attr(list).is_known()),
    }
}

/// An `aws_vpc_security_group_ingress_rule` or its counterpart.
fn modern<'a>(rule: &Object<'a>) -> Rule<'a> {
    let names = ["cidr_ipv4", "cidr_ipv6", "referenced_security_group_id", "prefix_list_id"];
    Rule {
        protocol: rule.attr("ip_protocol"),
        ports: (rule.attr("from_port"), rule.attr("to_port")),
        peers: names.iter().map(|name| rule.attr(name)).filter(|peer| !peer.is_absent()).collect(),
        is_self: Some(false),
        is_clear: true,
    }
}

/// Security groups of the stack that a list names; `None` when one of them is not of the stack.
pub(super) fn groups<'s, 'a>(stack: &'s Stack<'a>, list: &[Place<'_>]) -> Option<Vec<&'s Object<'a>>> {
    list.iter().map(|id| stack.named(id, "aws_security_group", &["id"])).collect()
}
