//! `aws_security_group`: who may talk to a network interface, and to whom it may talk.
//!
//! API: EC2 2016-11-15, `CreateSecurityGroup` and its siblings.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html>

use std::collections::BTreeMap;

use aws_sdk_ec2::types as sdk;

use super::blockers;
use super::objects::{self, filter, filter_one};
use super::permissions::{self, Of, Peer, Permission, Way};
use crate::aws::contract::*;
use crate::aws::names;
use crate::aws::rules;
use crate::value::Value;

/// The type.
pub struct SecurityGroup;

model! {
    /// Who may talk to a network interface, and to whom it may talk. A new group lets nothing in and, unlike one made
    /// by hand, nothing out.
    pub struct Args {
        /// Address of the group, given by AWS.
        arn: Option<String> = computed(),
        /// What the group is for, up to 255 characters. It cannot be changed in place.
        description: String = optional().force_new().default(Lit::Str("Managed by Terraform")).length(0, 255).check(characters),
        /// All rules for outgoing traffic. Left out, other resources look after them; `[]` means none.
        egress: Set<Rule> = optional_computed().as_attribute(),
        /// All rules for incoming traffic. Left out, other resources look after them; `[]` means none.
        ingress: Set<Rule> = optional_computed().as_attribute(),
        /// Name, unique in the VPC, up to 255 characters, not starting with `sg-`. AWS does not change it in place.
        name: Option<String> = optional_computed().force_new().length(0, 255).check(characters).check(not_an_id).conflicts(&["name_prefix"]),
        /// Start of a name that is made up, up to 100 characters.
        name_prefix: Option<String> = optional_computed().force_new().length(0, 100).check(characters).check(not_an_id).conflicts(&["name"]),
        /// AWS account that owns the group.
        owner_id: Option<String> = computed(),
        /// Whether all rules are taken away before the group is deleted, for groups whose rules name each other.
        revoke_rules_on_delete: bool = optional().default(Lit::Bool(false)),
        /// Tags of the group.
        tags: Tags = optional(),
        /// All tags, those of the provider included.
        tags_all: Tags = optional_computed(),
        /// Time limits.
        timeouts: Option<Timeouts> = optional(),
        /// VPC the group is in; the default VPC when left out.
        vpc_id: Option<String> = optional_computed().force_new(),
    }
}

model! {
    /// A rule: a protocol, a range of ports, and peers of any kind.
    pub struct Rule {
        /// IPv4 networks.
        cidr_blocks: Vec<String> = optional().check(rules::ipv4_network),
        /// What the rule is for, up to 255 characters.
        description: Option<String> = optional().length(0, 255),
        /// First port; for ICMP the type. 0 for all protocols.
        from_port: i32 = required(),
        /// IPv6 networks.
        ipv6_cidr_blocks: Vec<String> = optional().check(rules::ipv6_network),
        /// Managed prefix lists.
        prefix_list_ids: Vec<String> = optional(),
        /// `tcp`, `udp`, `icmp`, `icmpv6`, a number, or `-1` for all.
        protocol: String = required().same(permissions::same_protocol).check(permissions::is_protocol),
        /// Security groups.
        security_groups: Set<String> = optional(),
        /// Whether the group itself is a peer.
        self_: bool = optional().default(Lit::Bool(false)),
        /// Last port; for ICMP the code. 0 for all protocols.
        to_port: i32 = required(),
    }
}

fn characters(value: &Value) -> Result<(), String> {
    let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(letter);
    match value.as_str().and_then(|text| text.chars().find(|&letter| !is_allowed(letter))) {
        Some(letter) => Err(format!("AWS does not take {letter:?} here. Letters, digits, spaces and ._-:/()#,@[]+=&;{{}}!$* are allowed.")),
        None => Ok(()),
    }
}

fn not_an_id(value: &Value) -> Result<(), String> {
    match value.as_str() {
        Some(text) if text.starts_with("sg-") => {
            Err(format!("\"{text}\" looks like the id of a group, so AWS refuses it as a name. Choose another beginning."))
        }
        _ => Ok(()),
    }
}

impl Rule {
    fn permissions(&self, of: Of) -> Vec<Permission> {
        let texts = self.cidr_blocks.iter().chain(&self.ipv6_cidr_blocks).chain(&self.prefix_list_ids);
        let texts = texts.chain(self.security_groups.iter()).map(String::as_str).chain(self.self_.then_some("self"));
        texts.map(|text| self.permission(text, of)).collect()
    }

    fn permission(&self, peer: &str, of: Of) -> Permission {
        let ports = (self.from_port, self.to_port);
        Permission::new(&self.protocol, ports, self.description.as_deref(), Peer::parse(peer, of))
    }

    /// The rule without what is not among the permissions, which are used up. What stands in it twice is one permission.
    fn found_in(&self, live: &mut Vec<Permission>, of: Of) -> Self {
        let mut used = Vec::new();
        let mut is_there = |text: &String| {
            let wanted = self.permission(text, of);
            used.extend(live.iter().position(|one| *one == wanted).map(|at| live.swap_remove(at)));
            used.contains(&wanted)
        };
        let mut found = self.clone();
        found.cidr_blocks.retain(&mut is_there);
        found.ipv6_cidr_blocks.retain(&mut is_there);
        found.prefix_list_ids.retain(&mut is_there);
        found.security_groups.0.retain(&mut is_there);
        found.self_ = self.self_ && is_there(&"self".to_owned());
        found
    }

    /// Rules that say the permissions: one for each protocol, range of ports and description.
    fn grouping(live: Vec<Permission>, of: Of) -> Vec<Self> {
        let mut rules: BTreeMap<(String, (i32, i32), String), Self> = BTreeMap::new();
        for one in live {
            let rule = rules.entry((one.protocol.clone(), one.ports, one.description.clone())).or_insert_with(|| Self {
                protocol: one.protocol,
                from_port: one.ports.0,
                to_port: one.ports.1,
                description: Some(one.description).filter(|text| !text.is_empty()),
                ..Self::default()
            });
            match one.peer {
                Peer::Ipv4(net) => rule.cidr_blocks.push(net),
                Peer::Ipv6(net) => rule.ipv6_cidr_blocks.push(net),
                Peer::List(list) => rule.prefix_list_ids.push(list),
                Peer::Group(group) if group == of.group => rule.self_ = true,
                Peer::Group(group) => rule.security_groups.0.push(group),
            }
        }
        rules.into_values().collect()
    }
}

/// All permissions of the rules, each once.
fn all(rules: &[Rule], of: Of) -> Vec<Permission> {
    let mut all: Vec<Permission> = rules.iter().flat_map(|rule| rule.permissions(of)).collect();
    all.sort();
    all.dedup();
    all
}

/// A group and its address.
pub struct Live {
    group: sdk::SecurityGroup,
    arn: String,
}

impl Live {
    fn of(&self) -> Of<'_> {
        Of { group: self.group.group_id().unwrap_or_default(), owner: self.group.owner_id() }
    }
}

impl Resource for SecurityGroup {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_security_group";
    const SCHEMA_VERSION: Option<u64> = Some(1);
    const IDENTITY: Identity = Identity::Assigned { recover_by: &["vpc_id", "name", "name_prefix", "tags"] };
    const NAMED: Option<&'static str> = Some("terraform-");
    const PACE: Pace = secs(2, 2, 2).limits(10, 10, 15);
    const READ_BATCH: usize = 200;
    // The rule with which AWS lets everything out looks like one that others look after.
    const HIDES_UNFINISHED: bool = true;
    const MISSING: &'static [&'static str] = &["InvalidGroup.NotFound", "InvalidGroupId.NotFound"];
    const RETRY: &'static [Retry] = &[
        Retry::of(&["AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress", "DescribeSecurityGroups", "CreateTags"], "InvalidGroup.NotFound", "the new security group is not known everywhere yet", retry::NEW),
        Retry::of(&["AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress"], "InvalidPermission.Duplicate", "some of the rules are there by now, reading them again", retry::LOST),
        Retry::of(&["RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress"], "InvalidPermission.NotFound", "some of the rules are gone by now, reading them again", retry::LOST),
        Retry::of(&["DeleteSecurityGroup"], "DependencyViolation", "network interfaces, or rules of other groups, still use the security group", retry::RELEASE),
        Retry::of(&["DeleteSecurityGroup"], "InvalidGroup.InUse", "the security group is still in use", retry::RELEASE),
    ];

    fn check(want: &Draft, found: &mut Problems) {
        for key in [Args::ingress, Args::egress] {
            for rule in want.known(key).unwrap_or_default().iter().filter(|_| want.is_set(key)) {
                let (from, to) = (Some(rule.from_port), Some(rule.to_port));
                if permissions::protocol(&rule.protocol) == "-1" && (rule.from_port > 0 || rule.to_port > 0) {
                    found.inside(&[key.name, "from_port"], "A rule for all protocols has no ports. Set `from_port` and `to_port` to 0.");
                } else if let Some(problem) = permissions::wrong_ports(&rule.protocol, from, to) {
                    found.inside(&[key.name, "from_port"], problem);
                }
                if rule.permissions(Of { group: "", owner: None }).is_empty() {
                    found.inside(&[key.name], "A rule needs a peer. Set one of `cidr_blocks`, `ipv6_cidr_blocks`, `prefix_list_ids`, `security_groups` and `self`.");
                }
            }
        }
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        let found = aws.ec2.describe_security_groups().filters(filter("group-id", ids));
        let found = found.into_paginator().items().send().try_collect().await?;
        let live = |group: sdk::SecurityGroup| {
            let id = group.group_id.clone()?;
            let arn = objects::arn(aws, group.owner_id(), &format!("security-group/{id}"));
            Some((id, Live { group, arn }))
        };
        Ok(found.into_iter().filter_map(live).collect())
    }

    fn observe(live: &Live) -> Args {
        let (group, of) = (&live.group, live.of());
        let rules = |all| Set(Rule::grouping(permissions::of_aws(all, of), of));
        Args {
            arn: Some(live.arn.clone()),
            description: group.description.clone().unwrap_or_default(),
            egress: rules(group.ip_permissions_egress()),
            ingress: rules(group.ip_permissions()),
            name: group.group_name.clone(),
            name_prefix: names::prefix_of(group.group_name()),
            owner_id: group.owner_id.clone(),
            tags_all: objects::tags_of(group.tags.as_ref()),
            vpc_id: group.vpc_id.clone(),
            ..Args::default()
        }
    }

    /// AWS merges rules; as far as they say what the stack file said, its rules stay.
    fn keep_spelling(prior: &Args, live: &mut Args) {
        live.revoke_rules_on_delete = prior.revoke_rules_on_delete;
        let id = live.arn.as_deref().and_then(|arn| arn.rsplit('/').next()).unwrap_or_default().to_owned();
        let owner = live.owner_id.clone();
        let of = Of { group: &id, owner: owner.as_deref() };
        for (before, now) in [(&prior.ingress, &mut live.ingress), (&prior.egress, &mut live.egress)] {
            let mut left = all(now, of);
            let kept = before.iter().map(|rule| rule.found_in(&mut left, of));
            let mut kept: Vec<Rule> = kept.filter(|rule| !rule.permissions(of).is_empty()).collect();
            kept.extend(Rule::grouping(left, of));
            now.0 = kept;
        }
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        let name = want.name.clone().unwrap_or_default();
        let call = aws.ec2.create_security_group().group_name(name).description(&want.description);
        let tags = objects::tagged(sdk::ResourceType::SecurityGroup, &want.tags_all);
        let made = call.set_vpc_id(want.vpc_id.clone()).set_tag_specifications(tags).send().await?;
        made.group_id.ok_or_else(|| Error::empty("CreateSecurityGroup"))
    }

    /// Takes away the rule with which AWS lets everything out, and adds those that are wanted.
    async fn finish(aws: &Aws, id: &Id, want: &Args) -> Result<()> {
        exchange(aws, id, Some(&want.ingress), Some(&want.egress)).await
    }

    async fn update(aws: &Aws, id: &Id, have: &Args, want: &Args) -> Result<()> {
        let ingress = (have.ingress != want.ingress).then_some(&want.ingress);
        let egress = (have.egress != want.egress).then_some(&want.egress);
        exchange(aws, id, ingress, egress).await?;
        objects::retag(aws, id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, id: &Id, have: &Args) -> Result<()> {
        if have.revoke_rules_on_delete {
            let none = Set::default();
            exchange(aws, id, Some(&none), Some(&none)).await?;
        }
        aws.ec2.delete_security_group().group_id(id).send().await?;
        Ok(())
    }

    async fn blockers(aws: &Aws, id: &Id, _have: &Args) -> Result<Vec<String>> {
        let mut all = blockers::interfaces(aws, "group-id", id, |_| true).await?;
        all.extend(blockers::rules_that_name(aws, id).await?);
        Ok(all)
    }

    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        let mut filters = objects::carrying(&want.tags_all).unwrap_or_default();
        let name = want.name.as_deref().filter(|name| !name.is_empty());
        let prefix = want.name_prefix.as_deref().filter(|prefix| !prefix.is_empty());
        match (name, prefix) {
            (Some(name), _) => filters.push(filter_one("group-name", name)),
            (None, Some(prefix)) if !filters.is_empty() => filters.push(filter_one("group-name", &format!("{prefix}*"))),
            _ => return Ok(None),
        }
        filters.extend(want.vpc_id.as_deref().map(|vpc| filter_one("vpc-id", vpc)));
        let found = aws.ec2.describe_security_groups().set_filters(Some(filters)).send().await?;
        Ok(objects::only(found.security_groups.into_iter().flatten().map(|group| group.group_id)))
    }
}

/// Makes the rules those that are wanted, starting from what is there now. A call that repeats one whose answer was lost is
/// refused as a whole, and does not tell what of it is done: with [`RETRY`](Resource::RETRY) this runs again then.
async fn exchange(aws: &Aws, id: &str, ingress: Option<&Set<Rule>>, egress: Option<&Set<Rule>>) -> Result<()> {
    if ingress.is_none() && egress.is_none() {
        return Ok(());
    }
    let found = aws.ec2.describe_security_groups().group_ids(id).send().await?;
    let Some(now) = found.security_groups().first() else { return Err(Error::missing("DescribeSecurityGroups", "InvalidGroup.NotFound")) };
    let of = Of { group: id, owner: now.owner_id() };
    if let Some(rules) = ingress {
        let have = permissions::of_aws(now.ip_permissions(), of);
        permissions::exchange(aws, id, Way::In, &have, &all(rules, of)).await?;
    }
    if let Some(rules) = egress {
        let have = permissions::of_aws(now.ip_permissions_egress(), of);
        permissions::exchange(aws, id, Way::Out, &have, &all(rules, of)).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_that_aws_merged_stay_as_they_were_written() {
        let rule = |networks: &[&str]| Rule {
            protocol: "tcp".into(),
            from_port: 80,
            to_port: 80,
            cidr_blocks: networks.iter().map(|&network| network.to_owned()).collect(),
            ..Rule::default()
        };
        let args = |rules: Vec<Rule>| Args {
            arn: Some("arn:aws:ec2:eu-west-1:1:security-group/sg-1".into()),
            ingress: Set(rules),
            ..Args::default()
        };
        let prior = args(vec![rule(&["10.0.0.0/8"]), rule(&["2.0.0.0/8", "1.0.0.0/8"])]);
        let mut live = args(vec![rule(&["1.0.0.0/8", "10.0.0.0/8", "2.0.0.0/8"])]);
        SecurityGroup::keep_spelling(&prior, &mut live);
        assert!(live.ingress == prior.ingress);
        // What stands there twice is one permission.
        let prior = args(vec![rule(&["10.0.0.0/8", "1.0.0.0/8", "10.0.0.0/8"])]);
        let mut live = args(vec![rule(&["1.0.0.0/8", "10.0.0.0/8"])]);
        SecurityGroup::keep_spelling(&prior, &mut live);
        assert!(live.ingress == prior.ingress);
        // What was added and taken away behind our back shows.
        let prior = args(vec![rule(&["10.0.0.0/8"]), rule(&["2.0.0.0/8", "1.0.0.0/8"])]);
        let mut live = args(vec![rule(&["10.0.0.0/8", "2.0.0.0/8", "3.0.0.0/8"])]);
        SecurityGroup::keep_spelling(&prior, &mut live);
        assert!(live.ingress == Set(vec![rule(&["10.0.0.0/8"]), rule(&["2.0.0.0/8"]), rule(&["3.0.0.0/8"])]));
    }
}
