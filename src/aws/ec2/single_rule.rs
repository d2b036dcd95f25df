//! What `aws_vpc_security_group_ingress_rule` and `aws_vpc_security_group_egress_rule` share: everything but the
//! direction.

use aws_sdk_ec2::types as sdk;

use super::objects::{self, filter, filter_one};
use super::permissions::{self, Of, Peer, Permission, Way};
use crate::aws::contract::*;
use crate::aws::{rules, tags};
use crate::{send, take};

/// Names of the attributes that say who the peer is.
const PEERS: &[&str] = &["cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id"];

model! {
    /// One rule of a security group, with an id and tags of its own. Not to be mixed with `ingress` and `egress`
    /// blocks of the same `aws_security_group`.
    pub struct Args {
        /// Address of the rule, given by AWS.
        arn: Option<String> = computed(),
        /// IPv4 network of the peer.
        cidr_ipv4: Option<String> = optional().check(rules::ipv4_network).exactly_one_of(PEERS),
        /// IPv6 network of the peer.
        cidr_ipv6: Option<String> = optional().same(rules::same_network).check(rules::ipv6_network),
        /// What the rule is for, up to 255 characters.
        description: Option<String> = optional().length(0, 255),
        /// First port; for ICMP the type. Left out for all protocols.
        from_port: Option<i32> = optional().range(-1, 65535),
        /// `tcp`, `udp`, `icmp`, `icmpv6`, a number, or `-1` for all.
        ip_protocol: String = required().same(permissions::same_protocol).check(permissions::is_protocol),
        /// Managed prefix list of peers.
        prefix_list_id: Option<String> = optional(),
        /// Security group of the peer; of another account, `account/group`.
        referenced_security_group_id: Option<String> = optional(),
        /// Security group the rule belongs to.
        security_group_id: String = required().force_new(),
        /// Id of the rule, given by AWS; the same as `id`.
        security_group_rule_id: Option<String> = computed(),
        /// Tags of the rule.
        tags: Tags = optional(),
        /// All tags, those of the provider included.
        tags_all: Tags = computed(),
        /// Last port; for ICMP the code. Left out for all protocols.
        to_port: Option<i32> = optional().range(-1, 65535),
    }
}

/// Error codes that say: it is not there.
pub(super) const MISSING: &[&str] = &[
    "InvalidSecurityGroupRuleId.NotFound",
    "InvalidPermission.NotFound",
    "InvalidGroup.NotFound",
    "InvalidGroupId.NotFound",
];

/// What passes by itself.
pub(super) const RETRY: &[Retry] = &[
    Retry::of(&["AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress"], "InvalidGroup.NotFound", "the new security group is not known everywhere yet", retry::NEW),
];

pub(super) fn check(want: &Draft, found: &mut Problems) {
    let Some(protocol) = want.known(Args::ip_protocol) else { return };
    let (from, to) = (want.known(Args::from_port), want.known(Args::to_port));
    let name = permissions::protocol(&protocol);
    let has_ports = from.is_some_and(|port| port != -1) || to.is_some_and(|port| port != -1);
    if name == "-1" && has_ports {
        found.at(Args::from_port, "A rule for all protocols has no ports. Remove `from_port` and `to_port`.");
    } else if matches!(name.as_str(), "tcp" | "udp") && !(want.is_set(Args::from_port) && want.is_set(Args::to_port)) {
        found.at(Args::ip_protocol, format!("A rule for {name} needs ports. Set `from_port` and `to_port`; all ports are 0 to 65535."));
    } else if let Some(problem) = permissions::wrong_ports(&protocol, from, to) {
        found.at(Args::from_port, problem);
    }
}

pub(super) async fn read(aws: &Aws, ids: &[Id], way: Way) -> Result<Vec<(Id, sdk::SecurityGroupRule)>> {
    let found = aws.ec2.describe_security_group_rules().filters(filter("security-group-rule-id", ids));
    let found = found.into_paginator().items().send().try_collect().await?;
    let ours = found.into_iter().filter(|rule| rule.is_egress == Some(way == Way::Out));
    Ok(ours.filter_map(|rule| Some((rule.security_group_rule_id.clone()?, rule))).collect())
}

pub(super) fn observe(live: &sdk::SecurityGroupRule) -> Args {
    let referenced = live.referenced_group_info.as_ref().and_then(|info| {
        let group = info.group_id.as_deref()?;
        let owner = live.group_owner_id();
        let foreign = info.user_id.as_deref().filter(|&account| owner.is_some_and(|owner| owner != account));
        Some(foreign.map_or_else(|| group.to_owned(), |account| format!("{account}/{group}")))
    });
    // AWS says -1 for ports that do not matter; so may the stack file, or nothing.
    let is_all = live.ip_protocol() == Some("-1");
    let port = |port: Option<i32>| port.filter(|_| !is_all);
    take!(Args from live => cidr_ipv4, cidr_ipv6, description, ip_protocol, prefix_list_id, security_group_rule_id;
        arn: live.security_group_rule_arn.clone(),
        from_port: port(live.from_port),
        referenced_security_group_id: referenced,
        security_group_id: live.group_id.clone().unwrap_or_default(),
        tags_all: objects::tags_of(live.tags.as_ref()),
        to_port: port(live.to_port))
}

pub(super) fn keep_spelling(prior: &Args, live: &mut Args) {
    let is_known = !prior.security_group_id.is_empty();
    let means_all = |port: Option<i32>| port.is_none_or(|port| port == -1);
    for (before, now) in [(prior.from_port, &mut live.from_port), (prior.to_port, &mut live.to_port)] {
        if is_known && means_all(before) && means_all(*now) {
            *now = before;
        }
    }
    // `account/group` of one's own account is the group.
    let names_group = |text: &String| text.rsplit('/').next() == live.referenced_security_group_id.as_deref();
    if prior.referenced_security_group_id.as_ref().is_some_and(names_group) {
        live.referenced_security_group_id.clone_from(&prior.referenced_security_group_id);
    }
}

fn permission(want: &Args) -> Permission {
    let peers = [&want.cidr_ipv4, &want.cidr_ipv6, &want.prefix_list_id, &want.referenced_security_group_id];
    let text = peers.into_iter().flatten().find(|text| !text.is_empty()).map(String::as_str).unwrap_or_default();
    let peer = Peer::parse(text, Of { group: &want.security_group_id, owner: None });
    let ports = (want.from_port.unwrap_or(-1), want.to_port.unwrap_or(-1));
    Permission::new(&want.ip_protocol, ports, want.description.as_deref(), peer)
}

/// Where it stands in its group, next to those of `aws_security_group_rule`.
pub(super) fn places(have: &Args, way: Way) -> Vec<String> {
    vec![permission(have).place(&have.security_group_id, way)]
}

pub(super) async fn create(aws: &Aws, want: &Args, way: Way) -> Result<Id> {
    let tags = objects::tagged(sdk::ResourceType::SecurityGroupRule, &want.tags_all);
    let (group, permission) = (&want.security_group_id, permission(want).to_aws());
    let made = match way {
        Way::In => {
            let call = aws.ec2.authorize_security_group_ingress().group_id(group).ip_permissions(permission);
            call.set_tag_specifications(tags).send().await?.security_group_rules
        }
        Way::Out => {
            let call = aws.ec2.authorize_security_group_egress().group_id(group).ip_permissions(permission);
            call.set_tag_specifications(tags).send().await?.security_group_rules
        }
    };
    let id = made.into_iter().flatten().find_map(|rule| rule.security_group_rule_id);
    id.ok_or_else(|| Error::empty("AuthorizeSecurityGroup"))
}

pub(super) async fn update(aws: &Aws, id: &Id, have: &Args, want: &Args) -> Result<()> {
    let rule = |args: &Args| (permission(args), args.description.clone());
    if rule(have) != rule(want) {
        let request = send!(sdk::SecurityGroupRuleRequest::builder(), want => set_cidr_ipv4 = cidr_ipv4,
            set_cidr_ipv6 = cidr_ipv6, set_description = description, set_ip_protocol = ip_protocol,
            set_prefix_list_id = prefix_list_id);
        // Ports always go along: AWS takes the rule as a whole. The group goes without the account.
        let request = request.from_port(want.from_port.unwrap_or(-1)).to_port(want.to_port.unwrap_or(-1));
        let group = want.referenced_security_group_id.as_deref().and_then(|text| text.rsplit('/').next());
        let request = request.set_referenced_group_id(group.filter(|group| !group.is_empty()).map(str::to_owned)).build();
        let update = sdk::SecurityGroupRuleUpdate::builder().security_group_rule_id(id).security_group_rule(request);
        let call = aws.ec2.modify_security_group_rules().group_id(&want.security_group_id);
        call.security_group_rules(update.build()).send().await?;
    }
    objects::retag(aws, id, &have.tags_all, &want.tags_all).await
}

pub(super) async fn delete(aws: &Aws, id: &Id, have: &Args, way: Way) -> Result<()> {
    let group = &have.security_group_id;
    match way {
        Way::In => {
            let call = aws.ec2.revoke_security_group_ingress().group_id(group);
            call.security_group_rule_ids(id).send().await?;
        }
        Way::Out => {
            let call = aws.ec2.revoke_security_group_egress().group_id(group);
            call.security_group_rule_ids(id).send().await?;
        }
    }
    Ok(())
}

/// A group has a rule once at most: what it says finds it.
pub(super) async fn recover(aws: &Aws, want: &Args, way: Way) -> Result<Option<Id>> {
    let found = aws.ec2.describe_security_group_rules().filters(filter_one("group-id", &want.security_group_id));
    let found: Vec<sdk::SecurityGroupRule> = found.into_paginator().items().send().try_collect().await?;
    let wanted = permission(want);
    let is_ours = |rule: &sdk::SecurityGroupRule| {
        rule.is_egress == Some(way == Way::Out)
            && permission(&observe(rule)).is_same_rule(&wanted)
            && tags::carries(&objects::tags_of(rule.tags.as_ref()), &want.tags_all)
    };
    Ok(objects::only(found.into_iter().filter(is_ours).map(|rule| rule.security_group_rule_id)))
}

/// The contract of one direction.
macro_rules! one_direction {
    ($name:ident, $type:literal, $way:expr) => {
        impl Resource for $name {
            type Model = Args;
            type Live = sdk::SecurityGroupRule;

            const TYPE: &'static str = $type;
            const EMPTY_IS_VALUE: bool = true;
            const IDENTITY: Identity = Identity::Assigned {
                recover_by: &["security_group_id", "ip_protocol", "from_port", "to_port", "cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id"],
            };
            const PACE: Pace = secs(1, 1, 1);
            const READ_BATCH: usize = 200;
            const MISSING: &'static [&'static str] = single_rule::MISSING;
            const RETRY: &'static [Retry] = single_rule::RETRY;

            fn check(want: &Draft, found: &mut Problems) {
                single_rule::check(want, found);
            }

            fn places(have: &Args) -> Option<Vec<String>> {
                Some(single_rule::places(have, $way))
            }

            async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Self::Live)>> {
                single_rule::read(aws, ids, $way).await
            }

            fn observe(live: &Self::Live) -> Args {
                single_rule::observe(live)
            }

            fn keep_spelling(prior: &Args, live: &mut Args) {
                single_rule::keep_spelling(prior, live);
            }

            async fn create(aws: &Aws, want: &Args) -> Result<Id> {
                single_rule::create(aws, want, $way).await
            }

            async fn update(aws: &Aws, id: &Id, have: &Args, want: &Args) -> Result<()> {
                single_rule::update(aws, id, have, want).await
            }

            async fn delete(aws: &Aws, id: &Id, have: &Args) -> Result<()> {
                single_rule::delete(aws, id, have, $way).await
            }

            async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
                single_rule::recover(aws, want, $way).await
            }
        }
    };
}
pub(super) use one_direction;
