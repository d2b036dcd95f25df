//! `aws_security_group_rule`: rules of a security group, in the older form.
//!
//! API: EC2 2016-11-15, `AuthorizeSecurityGroupIngress`, `AuthorizeSecurityGroupEgress` and their siblings.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html>

use aws_sdk_ec2::types as sdk;

use super::objects::filter;
use super::permissions::{self, Of, Peer, Permission, Way};
use crate::aws::contract::*;
use crate::aws::rules;

/// The type.
pub struct SecurityGroupRule;

/// Names of the attributes that say who the peers are.
const PEERS: &[&str] = &["cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "self", "source_security_group_id"];

model! {
    /// Rules of a security group with the same protocol and ports: one for each peer. The newer
    /// `aws_vpc_security_group_ingress_rule` and `…_egress_rule` have ids and tags of their own and change in place.
    /// Not to be mixed with `ingress` and `egress` blocks of the same `aws_security_group`.
    pub struct Args {
        /// IPv4 networks.
        cidr_blocks: Vec<String> = optional().force_new().check(rules::ipv4_network).conflicts(&["self", "source_security_group_id"]).at_least_one_of(PEERS),
        /// What the rules are for, up to 255 characters.
        description: Option<String> = optional().length(0, 255),
        /// First port; for ICMP the type. 0 for all protocols.
        from_port: i32 = required().force_new().range(-1, 65535),
        /// IPv6 networks.
        ipv6_cidr_blocks: Vec<String> = optional().force_new().check(rules::ipv6_network).conflicts(&["self", "source_security_group_id"]),
        /// Managed prefix lists.
        prefix_list_ids: Vec<String> = optional().force_new(),
        /// `tcp`, `udp`, `icmp`, `icmpv6`, a number, or `-1` for all.
        protocol: String = required().force_new().same(permissions::same_protocol).check(permissions::is_protocol),
        /// Security group the rules belong to.
        security_group_id: String = required().force_new(),
        /// Id of the rule, when there is one peer only.
        security_group_rule_id: Option<String> = computed(),
        /// Whether the group itself is the peer.
        self_: bool = optional().force_new().default(Lit::Bool(false)).conflicts(&["cidr_blocks", "ipv6_cidr_blocks", "source_security_group_id"]),
        /// Security group that is the peer; of another account, `account/group`.
        source_security_group_id: Option<String> = optional_computed().force_new().conflicts(&["cidr_blocks", "ipv6_cidr_blocks", "self"]),
        /// Time limits.
        timeouts: Option<Timeouts> = optional(),
        /// Last port; for ICMP the code. 0 for all protocols.
        to_port: i32 = required().force_new().range(-1, 65535),
        /// `ingress` (incoming traffic) or `egress` (outgoing).
        r#type: String = required().force_new().one_of(&["ingress", "egress"]),
    }
}

impl Args {
    fn way(&self) -> Way {
        if self.r#type == "egress" { Way::Out } else { Way::In }
    }

    fn of(&self) -> Of<'_> {
        Of { group: &self.security_group_id, owner: None }
    }

    /// Texts of the peers, in the order of the import text.
    fn peers(&self) -> impl Iterator<Item = &str> {
        let group = self.source_security_group_id.as_deref().filter(|group| !group.is_empty());
        let texts = self.cidr_blocks.iter().chain(&self.ipv6_cidr_blocks).chain(&self.prefix_list_ids);
        texts.map(String::as_str).chain(self.self_.then_some("self")).chain(group)
    }

    fn permissions(&self) -> Vec<Permission> {
        let (ports, about) = ((self.from_port, self.to_port), self.description.as_deref());
        self.peers().map(|text| Permission::new(&self.protocol, ports, about, Peer::parse(text, self.of()))).collect()
    }

    /// The rules that an import text (our id) names: `sg-1_ingress_tcp_80_80_10.0.0.0/8_self`.
    fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('_').collect();
        let [group, way, protocol, from, to, ref peers @ ..] = parts[..] else { return None };
        let port = |text: &str| if text == "all" { Some(0) } else { text.parse().ok() };
        let mut args = Self {
            security_group_id: group.to_owned(),
            r#type: way.to_owned(),
            protocol: protocol.to_owned(),
            from_port: port(from)?,
            to_port: port(to)?,
            ..Self::default()
        };
        for &peer in peers {
            match Peer::parse(peer, args.of()) {
                _ if peer == "self" => args.self_ = true,
                Peer::Ipv4(_) => args.cidr_blocks.push(peer.to_owned()),
                Peer::Ipv6(_) => args.ipv6_cidr_blocks.push(peer.to_owned()),
                Peer::List(_) => args.prefix_list_ids.push(peer.to_owned()),
                Peer::Group(_) => args.source_security_group_id = Some(peer.to_owned()),
            }
        }
        let is_whole = group.starts_with("sg-") && matches!(way, "ingress" | "egress") && !peers.is_empty();
        is_whole.then_some(args)
    }

    /// The checksum in the `id` attribute.
    fn checksum(&self) -> u32 {
        let mut text = format!("{}-", self.security_group_id);
        for port in [self.from_port, self.to_port].into_iter().filter(|&port| port > 0) {
            text += &format!("{port}-");
        }
        text += &format!("{}-{}-", permissions::protocol(&self.protocol), self.r#type);
        for peers in [&self.cidr_blocks, &self.ipv6_cidr_blocks, &self.prefix_list_ids] {
            let mut peers = peers.clone();
            peers.sort();
            for peer in peers {
                text = text + &peer + "-";
            }
        }
        let itself = self.self_.then_some(self.security_group_id.as_str());
        let groups = itself.into_iter().chain(self.source_security_group_id.as_deref().filter(|group| !group.is_empty()));
        for group in groups {
            // A name would follow; in a VPC there is none.
            text += &format!("{}--", group.rsplit('/').next().unwrap_or(group));
        }
        let mut sum = flate2::Crc::new();
        sum.update(text.as_bytes());
        sum.sum()
    }
}

impl Resource for SecurityGroupRule {
    type Model = Args;
    type Live = Args;

    const TYPE: &'static str = "aws_security_group_rule";
    const SCHEMA_VERSION: Option<u64> = Some(2);
    const IDENTITY: Identity = Identity::Chosen(&[
        "security_group_id",
        "type",
        "protocol",
        "from_port",
        "to_port",
        "cidr_blocks",
        "ipv6_cidr_blocks",
        "prefix_list_ids",
        "self",
        "source_security_group_id",
    ]);
    const PACE: Pace = secs(1, 1, 1).limits(5, 5, 5);
    const READ_BATCH: usize = 200;
    const MISSING: &'static [&'static str] =
        &["InvalidPermission.NotFound", "InvalidGroup.NotFound", "InvalidGroupId.NotFound"];
    const RETRY: &'static [Retry] = &[
        Retry::of(&["AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress"], "InvalidGroup.NotFound", "the new security group is not known everywhere yet", retry::NEW),
    ];

    fn check(want: &Draft, found: &mut Problems) {
        let Some(protocol) = want.known(Args::protocol) else { return };
        let (from, to) = (want.known(Args::from_port), want.known(Args::to_port));
        if permissions::protocol(&protocol) == "-1" && (from.is_some_and(|port| port > 0) || to.is_some_and(|port| port > 0)) {
            found.at(Args::from_port, "A rule for all protocols has no ports. Set `from_port` and `to_port` to 0.");
        } else if let Some(problem) = permissions::wrong_ports(&protocol, from, to) {
            found.at(Args::from_port, problem);
        }
    }

    fn places(have: &Args) -> Option<Vec<String>> {
        let group = &have.security_group_id;
        Some(have.permissions().iter().map(|rule| rule.place(group, have.way())).collect())
    }

    /// The import text: the group, the direction, protocol, ports, and the peers.
    fn locate(_shown: &str, have: &Args) -> Id {
        let head = format!("{}_{}_{}_{}_{}", have.security_group_id, have.r#type, have.protocol, have.from_port, have.to_port);
        have.peers().fold(head, |id, peer| format!("{id}_{peer}"))
    }

    fn shown_id(id: &Id, have: &Args) -> String {
        format!("sgrule-{}", Args::parse(id).as_ref().unwrap_or(have).checksum())
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Args)>> {
        let wanted: Vec<(&Id, Args)> = ids.iter().filter_map(|id| Some((id, Args::parse(id)?))).collect();
        let mut groups: Vec<Id> = wanted.iter().map(|(_, args)| args.security_group_id.clone()).collect();
        groups.sort();
        groups.dedup();
        let found = aws.ec2.describe_security_group_rules().filters(filter("group-id", &groups));
        let found: Vec<sdk::SecurityGroupRule> = found.into_paginator().items().send().try_collect().await?;
        let mut live = Vec::with_capacity(wanted.len());
        for (id, args) in wanted {
            let there: Vec<(Permission, Option<Id>)> = found.iter().filter_map(|rule| single(rule, &args)).collect();
            if let Some(args) = remaining(args, &there) {
                live.push((id.clone(), args));
            }
        }
        Ok(live)
    }

    fn observe(live: &Args) -> Args {
        live.clone()
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        permissions::authorize(aws, &want.security_group_id, want.way(), &want.permissions()).await?;
        Ok(Self::locate("", want))
    }

    async fn update(aws: &Aws, _id: &Id, have: &Args, want: &Args) -> Result<()> {
        if have.description == want.description {
            return Ok(());
        }
        permissions::describe(aws, &want.security_group_id, want.way(), &want.permissions()).await
    }

    async fn delete(aws: &Aws, _id: &Id, have: &Args) -> Result<()> {
        permissions::revoke(aws, &have.security_group_id, have.way(), &have.permissions()).await
    }

    fn import_text(id: &Id, _have: &Args) -> String {
        id.clone()
    }

    async fn import(_aws: &Aws, text: &str) -> Result<Id> {
        match Args::parse(text) {
            Some(args) => Ok(Self::locate("", &args)),
            None => Err(Error::local(
                "import",
                format!("\"{text}\" does not name a rule. Write group, type, protocol, ports and peers, such as \"sg-1_ingress_tcp_80_80_10.0.0.0/8\"."),
            )),
        }
    }
}

/// A rule that was read, when it is in the group and of the direction of `args`.
fn single(rule: &sdk::SecurityGroupRule, args: &Args) -> Option<(Permission, Option<Id>)> {
    if rule.group_id() != Some(&args.security_group_id) || rule.is_egress != Some(args.way() == Way::Out) {
        return None;
    }
    let group = rule.referenced_group_info.as_ref().and_then(|info| {
        let group = info.group_id.as_deref()?;
        let owner = rule.group_owner_id();
        let foreign = info.user_id.as_deref().filter(|&account| owner.is_some_and(|owner| owner != account));
        Some(foreign.map_or_else(|| group.to_owned(), |account| format!("{account}/{group}")))
    });
    let texts = [rule.cidr_ipv4.clone(), rule.cidr_ipv6.clone(), rule.prefix_list_id.clone(), group];
    let peer = Peer::parse(&texts.into_iter().flatten().next()?, args.of());
    let ports = (rule.from_port.unwrap_or_default(), rule.to_port.unwrap_or_default());
    let permission = Permission::new(rule.ip_protocol().unwrap_or_default(), ports, rule.description(), peer);
    Some((permission, rule.security_group_rule_id.clone()))
}

/// What of the wanted rules is there; nothing when none is.
fn remaining(mut args: Args, there: &[(Permission, Option<Id>)]) -> Option<Args> {
    let wanted = Args { description: None, ..args.clone() };
    let find = |text: &str| {
        let ports = (wanted.from_port, wanted.to_port);
        let one = Permission::new(&wanted.protocol, ports, None, Peer::parse(text, wanted.of()));
        there.iter().find(|(other, _)| other.is_same_rule(&one))
    };
    let found: Vec<&(Permission, Option<Id>)> = wanted.peers().filter_map(find).collect();
    let (first, id) = found.first()?;
    args.description = Some(first.description.clone()).filter(|text| !text.is_empty());
    args.security_group_rule_id = id.clone().filter(|_| found.len() == 1);
    for texts in [&mut args.cidr_blocks, &mut args.ipv6_cidr_blocks, &mut args.prefix_list_ids] {
        texts.retain(|text| find(text).is_some());
    }
    args.self_ = args.self_ && find("self").is_some();
    args.source_security_group_id = args.source_security_group_id.filter(|text| find(text).is_some());
    Some(args)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_import_text_and_the_id_are_those_of_hashicorp() {
        for (way, id) in [("ingress", "sgrule-3403497314"), ("egress", "sgrule-1173186295")] {
            let text = format!("sg-12345_{way}_tcp_80_8000_10.0.0.0/8");
            let args = Args::parse(&text).unwrap_or_default();
            assert_eq!(SecurityGroupRule::locate("", &args), text);
            assert_eq!(SecurityGroupRule::shown_id(&text, &args), id);
        }
        assert!(Args::parse("sg-12345_ingress_tcp_80_8000").is_none());
    }
}
