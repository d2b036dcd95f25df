//! Rules of security groups as single permissions: one protocol, one range of ports, one source.
//!
//! AWS merges and splits rules as it likes; only the single permissions can be compared.

use aws_sdk_ec2::types as sdk;

use super::routes::canonical;
use crate::aws::contract::*;
use crate::value::Value;

/// Where traffic comes from or goes to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Peer {
    /// An IPv4 network.
    Ipv4(String),
    /// An IPv6 network.
    Ipv6(String),
    /// A managed prefix list.
    List(String),
    /// A security group; of another account, `account/group`.
    Group(String),
}

/// One permission.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Permission {
    pub(super) protocol: String,
    pub(super) ports: (i32, i32),
    pub(super) description: String,
    pub(super) peer: Peer,
}

/// The group that permissions belong to: its id and the account that owns it.
#[derive(Clone, Copy)]
pub(super) struct Of<'a> {
    pub(super) group: &'a str,
    pub(super) owner: Option<&'a str>,
}

/// A protocol in the spelling of AWS.
pub(super) fn protocol(text: &str) -> String {
    match text.to_lowercase().as_str() {
        "all" | "-1" => "-1".into(),
        "1" => "icmp".into(),
        "6" => "tcp".into(),
        "17" => "udp".into(),
        "58" => "icmpv6".into(),
        other => other.to_owned(),
    }
}

/// Whether two texts are the same protocol: names stand for numbers.
pub(super) fn same_protocol(have: &Value, want: &Value) -> bool {
    matches!((have.as_str(), want.as_str()), (Some(have), Some(want)) if protocol(have) == protocol(want))
}

/// Whether the text is a protocol.
pub(super) fn is_protocol(value: &Value) -> Result<(), String> {
    let Some(text) = value.as_str() else { return Ok(()) };
    let is_number = text.parse::<u8>().is_ok();
    if is_number || matches!(protocol(text).as_str(), "-1" | "icmp" | "icmpv6" | "tcp" | "udp") {
        Ok(())
    } else {
        Err(format!("\"{text}\" is not a protocol. Write tcp, udp, icmp, icmpv6, a number from 0 to 255, or \"-1\" for all."))
    }
}

/// What is wrong with ports, for this protocol.
pub(super) fn wrong_ports(name: &str, from: Option<i32>, to: Option<i32>) -> Option<String> {
    match (protocol(name).as_str(), from, to) {
        ("tcp" | "udp", Some(from), Some(to)) if from > to => {
            Some(format!("The range of ports starts at {from}, behind its end at {to}. Swap them."))
        }
        ("tcp" | "udp", Some(port), _) | ("tcp" | "udp", _, Some(port)) if !(0..=65535).contains(&port) => {
            Some(format!("{port} is not a port. Ports go from 0 to 65535."))
        }
        ("icmp" | "icmpv6", Some(number), _) | ("icmp" | "icmpv6", _, Some(number)) if !(-1..=255).contains(&number) => {
            Some(format!("{number} is not a type or code of ICMP. They go from 0 to 255; -1 means all."))
        }
        _ => None,
    }
}

impl Peer {
    /// A peer from its text: a network, `pl-…`, `sg-…`, or `self`.
    pub(super) fn parse(text: &str, of: Of) -> Self {
        if text == "self" {
            return Self::Group(of.group.to_owned());
        }
        let own = of.owner.and_then(|owner| text.strip_prefix(owner)?.strip_prefix('/')).unwrap_or(text);
        if own.starts_with("pl-") {
            Self::List(own.to_owned())
        } else if own.contains("sg-") {
            Self::Group(own.to_owned())
        } else if own.contains(':') {
            Self::Ipv6(canonical(own))
        } else {
            Self::Ipv4(canonical(own))
        }
    }
}

impl Permission {
    /// A permission; ports mean nothing when all protocols are meant.
    pub(super) fn new(name: &str, ports: (i32, i32), description: Option<&str>, peer: Peer) -> Self {
        let protocol = protocol(name);
        let ports = if protocol == "-1" { (0, 0) } else { ports };
        Self { protocol, ports, description: description.unwrap_or_default().to_owned(), peer }
    }

    /// Whether AWS takes both for the same: the description does not matter.
    pub(super) fn is_same_rule(&self, other: &Self) -> bool {
        (&self.protocol, self.ports, &self.peer) == (&other.protocol, other.ports, &other.peer)
    }

    /// The place of the rule in its group: no second one can say the same.
    pub(super) fn place(&self, group: &str, way: Way) -> String {
        let Self { protocol, ports: (from, to), peer, .. } = self;
        let way = if way == Way::Out { "egress" } else { "ingress" };
        format!("{way} rule of {group}: {protocol} {from} {to} {peer:?}")
    }

    /// For a request.
    pub(super) fn to_aws(&self) -> sdk::IpPermission {
        let about = Some(self.description.clone()).filter(|text| !text.is_empty());
        let call = sdk::IpPermission::builder().ip_protocol(&self.protocol);
        let call = if self.protocol == "-1" { call } else { call.from_port(self.ports.0).to_port(self.ports.1) };
        match &self.peer {
            Peer::Ipv4(net) => call.ip_ranges(sdk::IpRange::builder().cidr_ip(net).set_description(about).build()),
            Peer::Ipv6(net) => call.ipv6_ranges(sdk::Ipv6Range::builder().cidr_ipv6(net).set_description(about).build()),
            Peer::List(list) => {
                call.prefix_list_ids(sdk::PrefixListId::builder().prefix_list_id(list).set_description(about).build())
            }
            Peer::Group(group) => {
                let (account, group) = group.split_once('/').map_or((None, group.as_str()), |(a, g)| (Some(a), g));
                let pair = sdk::UserIdGroupPair::builder().group_id(group).set_user_id(account.map(str::to_owned));
                call.user_id_group_pairs(pair.set_description(about).build())
            }
        }
        .build()
    }
}

/// The permissions in an answer.
pub(super) fn of_aws(all: &[sdk::IpPermission], of: Of) -> Vec<Permission> {
    let mut found = Vec::new();
    for one in all {
        let ports = (one.from_port.unwrap_or_default(), one.to_port.unwrap_or_default());
        let mut add = |about: Option<&str>, peer| {
            found.push(Permission::new(one.ip_protocol().unwrap_or_default(), ports, about, peer));
        };
        for range in one.ip_ranges() {
            add(range.description(), Peer::parse(range.cidr_ip().unwrap_or_default(), of));
        }
        for range in one.ipv6_ranges() {
            add(range.description(), Peer::parse(range.cidr_ipv6().unwrap_or_default(), of));
        }
        for list in one.prefix_list_ids() {
            add(list.description(), Peer::List(list.prefix_list_id().unwrap_or_default().to_owned()));
        }
        for pair in one.user_id_group_pairs() {
            let group = pair.group_id().unwrap_or_default();
            let text = pair.user_id().map_or_else(|| group.to_owned(), |account| format!("{account}/{group}"));
            add(pair.description(), Peer::parse(&text, of));
        }
    }
    found
}

/// Which way the traffic goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    In,
    Out,
}

fn to_aws(all: &[Permission]) -> Vec<sdk::IpPermission> {
    all.iter().map(Permission::to_aws).collect()
}

/// Adds permissions.
pub(super) async fn authorize(aws: &Aws, group: &str, way: Way, all: &[Permission]) -> Result<()> {
    match way {
        _ if all.is_empty() => {}
        Way::In => {
            let call = aws.ec2.authorize_security_group_ingress().group_id(group);
            call.set_ip_permissions(Some(to_aws(all))).send().await?;
        }
        Way::Out => {
            let call = aws.ec2.authorize_security_group_egress().group_id(group);
            call.set_ip_permissions(Some(to_aws(all))).send().await?;
        }
    }
    Ok(())
}

/// Takes permissions away.
pub(super) async fn revoke(aws: &Aws, group: &str, way: Way, all: &[Permission]) -> Result<()> {
    match way {
        _ if all.is_empty() => {}
        Way::In => {
            let call = aws.ec2.revoke_security_group_ingress().group_id(group);
            call.set_ip_permissions(Some(to_aws(all))).send().await?;
        }
        Way::Out => {
            let call = aws.ec2.revoke_security_group_egress().group_id(group);
            call.set_ip_permissions(Some(to_aws(all))).send().await?;
        }
    }
    Ok(())
}

/// Gives permissions another description.
pub(super) async fn describe(aws: &Aws, group: &str, way: Way, all: &[Permission]) -> Result<()> {
    match way {
        _ if all.is_empty() => {}
        Way::In => {
            let call = aws.ec2.update_security_group_rule_descriptions_ingress().group_id(group);
            call.set_ip_permissions(Some(to_aws(all))).send().await?;
        }
        Way::Out => {
            let call = aws.ec2.update_security_group_rule_descriptions_egress().group_id(group);
            call.set_ip_permissions(Some(to_aws(all))).send().await?;
        }
    }
    Ok(())
}

/// From the permissions that are there to those that are wanted: new ones first, so that nothing is cut off that
/// stays allowed; the other way round when the group is full.
pub(super) async fn exchange(
    aws: &Aws,
    group: &str,
    way: Way,
    have: &[Permission],
    want: &[Permission],
) -> Result<()> {
    let without = |all: &[Permission], others: &[Permission]| -> Vec<Permission> {
        all.iter().filter(|one| !others.iter().any(|other| other.is_same_rule(one))).cloned().collect()
    };
    let (new, old) = (without(want, have), without(have, want));
    let renamed: Vec<Permission> = want
        .iter()
        .filter(|one| have.iter().any(|other| other.is_same_rule(one) && other.description != one.description))
        .cloned()
        .collect();
    match authorize(aws, group, way, &new).await {
        Err(error) if error.is(&["RulesPerSecurityGroupLimitExceeded"]) => {
            revoke(aws, group, way, &old).await?;
            authorize(aws, group, way, &new).await?;
        }
        other => {
            other?;
            revoke(aws, group, way, &old).await?;
        }
    }
    describe(aws, group, way, &renamed).await
}
