//! `aws_vpc`: a private network.
//!
//! API: EC2 2016-11-15, `CreateVpc` and its siblings.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html>

use std::collections::HashMap;

use aws_sdk_ec2::types as sdk;

use super::blockers;
use super::objects::{self, filter, filter_one};
use crate::aws::contract::*;
use crate::aws::rules;
use crate::value::Value;
use crate::{send, take};

/// The type.
pub struct Vpc;

model! {
    /// A private network with an address range of its own, in which everything else lives.
    pub struct Args {
        /// Address of the VPC, given by AWS.
        arn: Option<String> = computed(),
        /// Whether Amazon gives the VPC an IPv6 range (a /56 network). It can be given and taken in place.
        assign_generated_ipv6_cidr_block: Option<bool> = optional().same(objects::same_bool).conflicts(&["ipv6_ipam_pool_id"]),
        /// IPv4 range in CIDR notation, /16 to /28, such as `10.0.0.0/16`. Left out when an IPAM pool gives it.
        cidr_block: Option<String> = optional_computed().force_new().check(rules::ipv4_network).check(prefix_16_to_28).conflicts(&["ipv4_netmask_length"]),
        /// Network ACL that subnets get when nothing else is said.
        default_network_acl_id: Option<String> = computed(),
        /// Route table that subnets use when nothing else is said.
        default_route_table_id: Option<String> = computed(),
        /// Security group that network interfaces get when nothing else is said.
        default_security_group_id: Option<String> = computed(),
        /// DHCP options of the VPC.
        dhcp_options_id: Option<String> = computed(),
        /// Whether instances with public addresses get public DNS names. Needs `enable_dns_support`. AWS starts with `false`.
        enable_dns_hostnames: Option<bool> = optional_computed(),
        /// Whether Amazon's DNS server answers inside the VPC.
        enable_dns_support: bool = optional().default(Lit::Bool(true)),
        /// Whether CloudWatch counts the addresses in use. AWS starts with `false`.
        enable_network_address_usage_metrics: Option<bool> = optional_computed(),
        /// Hardware of instances: `default` shares it, `dedicated` does not. Only the way from `dedicated` to `default` is possible in place.
        instance_tenancy: String = optional().default(Lit::Str("default")).one_of(&["default", "dedicated"]),
        /// IPAM pool that gives the IPv4 range.
        ipv4_ipam_pool_id: Option<String> = optional().force_new().local(),
        /// Prefix length of the IPv4 range that the IPAM pool gives, 16 to 28.
        ipv4_netmask_length: Option<i32> = optional().force_new().local().range(16, 28).conflicts(&["cidr_block"]).required_with(&["ipv4_ipam_pool_id"]),
        /// Association of the IPv6 range with the VPC.
        ipv6_association_id: Option<String> = computed(),
        /// IPv6 range in CIDR notation, from the IPAM pool.
        ipv6_cidr_block: Option<String> = optional_computed().same(rules::same_network).check(rules::ipv6_network)
            .conflicts(&["ipv6_netmask_length", "assign_generated_ipv6_cidr_block"]).required_with(&["ipv6_ipam_pool_id"]),
        /// Zones that announce the IPv6 range: the region, or a group of Local Zones. Needs `assign_generated_ipv6_cidr_block`.
        ipv6_cidr_block_network_border_group: Option<String> = optional_computed().required_with(&["assign_generated_ipv6_cidr_block"]),
        /// IPAM pool that gives the IPv6 range.
        ipv6_ipam_pool_id: Option<String> = optional().conflicts(&["assign_generated_ipv6_cidr_block"]),
        /// Prefix length of the IPv6 range that the IPAM pool gives: 44, 48, 52, 56 or 60.
        ipv6_netmask_length: Option<i32> = optional().local().range(44, 60).check(multiple_of_4).conflicts(&["ipv6_cidr_block"]).required_with(&["ipv6_ipam_pool_id"]),
        /// Route table that subnets without an association of their own use.
        main_route_table_id: Option<String> = computed(),
        /// AWS account that owns the VPC.
        owner_id: Option<String> = computed(),
        /// Tags of the VPC.
        tags: Tags = optional(),
        /// All tags, those of the provider included.
        tags_all: Tags = optional_computed(),
    }
}

fn prefix_16_to_28(value: &Value) -> Result<(), String> {
    let prefix = value.as_str().and_then(|text| text.split_once('/')?.1.parse::<u8>().ok());
    match prefix {
        Some(prefix) if !(16..=28).contains(&prefix) => {
            Err(format!("The range of a VPC is a /16 to a /28 network, not a /{prefix}. Choose another prefix length."))
        }
        _ => Ok(()),
    }
}

fn multiple_of_4(value: &Value) -> Result<(), String> {
    match value.as_i64() {
        Some(length) if length % 4 != 0 => Err("IPv6 prefix lengths of a VPC are 44, 48, 52, 56 and 60.".into()),
        _ => Ok(()),
    }
}

/// A VPC and what hangs on it.
pub struct Live {
    vpc: sdk::Vpc,
    arn: String,
    has_dns_hostnames: bool,
    has_dns_support: bool,
    has_usage_metrics: bool,
    main_route_table: Option<String>,
    default_group: Option<String>,
    default_acl: Option<String>,
}

impl Resource for Vpc {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_vpc";
    const SCHEMA_VERSION: Option<u64> = Some(1);
    const IDENTITY: Identity = Identity::Assigned { recover_by: &["tags"] };
    const MAKING: Making = Making::Again;
    const PACE: Pace = secs(3, 2, 1).limits(10, 10, 5);
    const READ_BATCH: usize = 100;
    const MISSING: &'static [&'static str] = &["InvalidVpcID.NotFound"];
    const RETRY: &'static [Retry] = &[
        Retry::of(&["ModifyVpcAttribute", "DescribeVpcs", "DescribeVpcAttribute", "AssociateVpcCidrBlock", "CreateTags"], "InvalidVpcID.NotFound", "the new VPC is not known everywhere yet", retry::NEW),
        Retry::of(&["DeleteVpc"], "DependencyViolation", "something in the VPC is still going away", retry::CHANGE),
        Retry::of(&["CreateVpc"], "UnsupportedOperation", "IPAM does not know the account yet", retry::RELEASE).saying("is not monitored by IPAM"),
    ];

    fn check(want: &Draft, found: &mut Problems) {
        let has_range = want.is_set(Args::cidr_block) || want.is_set(Args::ipv4_ipam_pool_id);
        if !has_range && want.is_new() {
            found.whole("A VPC needs an IPv4 range. Set `cidr_block`, or `ipv4_ipam_pool_id` and `ipv4_netmask_length`.");
        }
        if want.known(Args::enable_dns_hostnames) == Some(true) && want.known(Args::enable_dns_support) == Some(false) {
            found.at(
                Args::enable_dns_hostnames,
                "DNS names need Amazon's DNS server, which `enable_dns_support = false` turns off. Turn both on or both off.",
            );
        }
    }

    fn revise(want: &mut Draft) {
        if want.before(Args::instance_tenancy).as_deref() != Some("dedicated") {
            want.replace(Args::instance_tenancy);
        }
        if !want.is_new() && is_ipv6_changed(want) {
            want.set_unknown(Args::ipv6_association_id);
            for key in [Args::ipv6_cidr_block, Args::ipv6_cidr_block_network_border_group] {
                if !want.is_set(key) {
                    want.set_unknown(key);
                }
            }
        }
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        let found = aws.ec2.describe_vpcs().filters(filter("vpc-id", ids));
        let found = found.into_paginator().items().send().try_collect().await?;
        let ids: Vec<Id> = found.iter().filter_map(|vpc| vpc.vpc_id.clone()).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let (tables, groups, acls) =
            tokio::try_join!(main_route_tables(aws, &ids), default_groups(aws, &ids), default_acls(aws, &ids))?;
        let live = |vpc: sdk::Vpc| {
            let (tables, groups, acls) = (&tables, &groups, &acls);
            async move {
                let id = vpc.vpc_id.clone().unwrap_or_default();
                let flag = |name| flag(aws, &id, name);
                let (has_dns_hostnames, has_dns_support, has_usage_metrics) = tokio::try_join!(
                    flag(sdk::VpcAttributeName::EnableDnsHostnames),
                    flag(sdk::VpcAttributeName::EnableDnsSupport),
                    flag(sdk::VpcAttributeName::EnableNetworkAddressUsageMetrics)
                )?;
                let live = Live {
                    arn: objects::arn(aws, vpc.owner_id(), &format!("vpc/{id}")),
                    has_dns_hostnames,
                    has_dns_support,
                    has_usage_metrics,
                    main_route_table: tables.get(&id).cloned(),
                    default_group: groups.get(&id).cloned(),
                    default_acl: acls.get(&id).cloned(),
                    vpc,
                };
                Ok::<_, Error>((id, live))
            }
        };
        futures_util::future::try_join_all(found.into_iter().map(live)).await
    }

    fn observe(live: &Live) -> Args {
        let vpc = &live.vpc;
        let ipv6 = live_ipv6(vpc).next();
        let pool = ipv6.and_then(|ipv6| ipv6.ipv6_pool.clone());
        take!(Args from vpc => cidr_block, dhcp_options_id, instance_tenancy, owner_id;
            arn: Some(live.arn.clone()),
            assign_generated_ipv6_cidr_block: ipv6.map(|_| pool.as_deref() == Some(AMAZON)),
            default_network_acl_id: live.default_acl.clone(),
            default_route_table_id: live.main_route_table.clone(),
            default_security_group_id: live.default_group.clone(),
            enable_dns_hostnames: Some(live.has_dns_hostnames),
            enable_dns_support: live.has_dns_support,
            enable_network_address_usage_metrics: Some(live.has_usage_metrics),
            ipv6_association_id: ipv6.and_then(|ipv6| ipv6.association_id.clone()),
            ipv6_cidr_block: ipv6.and_then(|ipv6| ipv6.ipv6_cidr_block.clone()),
            ipv6_cidr_block_network_border_group: ipv6.and_then(|ipv6| ipv6.network_border_group.clone()),
            ipv6_ipam_pool_id: pool.filter(|pool| pool != AMAZON),
            main_route_table_id: live.main_route_table.clone(),
            tags_all: objects::tags_of(vpc.tags.as_ref()))
    }

    fn keep_spelling(prior: &Args, live: &mut Args) {
        // The answer may say only that some IPAM pool gave the range.
        if live.ipv6_ipam_pool_id.as_deref() == Some("IPAM Managed") {
            live.ipv6_ipam_pool_id.clone_from(&prior.ipv6_ipam_pool_id);
        }
    }

    fn settled(live: &Live) -> Settled {
        if live.vpc.state == Some(sdk::VpcState::Pending) {
            return Settled::NotYet("the VPC is pending".into());
        }
        for ipv6 in live.vpc.ipv6_cidr_block_association_set() {
            let Some(state) = &ipv6.ipv6_cidr_block_state else { continue };
            match state.state {
                Some(sdk::VpcCidrBlockStateCode::Associating | sdk::VpcCidrBlockStateCode::Disassociating) => {
                    return Settled::NotYet("the IPv6 range is changing".into());
                }
                Some(sdk::VpcCidrBlockStateCode::Failed | sdk::VpcCidrBlockStateCode::Failing) => {
                    let why = state.status_message.as_deref().unwrap_or("AWS does not say why");
                    return Settled::Failed(format!("The VPC did not get its IPv6 range: {why}"));
                }
                _ => {}
            }
        }
        Settled::Yes
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        let call = send!(aws.ec2.create_vpc(), want => set_cidr_block = cidr_block,
            set_instance_tenancy = instance_tenancy, set_ipv4_ipam_pool_id = ipv4_ipam_pool_id,
            set_ipv4_netmask_length = ipv4_netmask_length, set_ipv6_cidr_block = ipv6_cidr_block,
            set_ipv6_ipam_pool_id = ipv6_ipam_pool_id, set_ipv6_netmask_length = ipv6_netmask_length,
            set_amazon_provided_ipv6_cidr_block = assign_generated_ipv6_cidr_block,
            set_ipv6_cidr_block_network_border_group = ipv6_cidr_block_network_border_group);
        let tags = objects::tagged(sdk::ResourceType::Vpc, &want.tags_all);
        let made = call.set_tag_specifications(tags).send().await?;
        made.vpc.and_then(|vpc| vpc.vpc_id).ok_or_else(|| Error::empty("CreateVpc"))
    }

    async fn finish(aws: &Aws, id: &Id, want: &Args) -> Result<()> {
        // What every new VPC starts with.
        let fresh = Args {
            enable_dns_support: true,
            enable_dns_hostnames: Some(false),
            enable_network_address_usage_metrics: Some(false),
            ..Args::default()
        };
        set_flags(aws, id, &fresh, want).await
    }

    async fn update(aws: &Aws, id: &Id, have: &Args, want: &Args) -> Result<()> {
        set_flags(aws, id, have, want).await?;
        if have.instance_tenancy != want.instance_tenancy {
            let tenancy = sdk::VpcTenancy::from(want.instance_tenancy.as_str());
            aws.ec2.modify_vpc_tenancy().vpc_id(id).instance_tenancy(tenancy).send().await?;
        }
        let wants = |args: &Args| args.assign_generated_ipv6_cidr_block.unwrap_or_default();
        let is_changed = wants(have) != wants(want)
            || have.ipv6_ipam_pool_id != want.ipv6_ipam_pool_id
            || want.ipv6_association_id.is_none() && have.ipv6_association_id.is_some();
        if is_changed {
            exchange_ipv6(aws, id, have, want).await?;
        }
        objects::retag(aws, id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, id: &Id, _have: &Args) -> Result<()> {
        aws.ec2.delete_vpc().vpc_id(id).send().await?;
        Ok(())
    }

    async fn blockers(aws: &Aws, id: &Id, _have: &Args) -> Result<Vec<String>> {
        let mut all = blockers::in_network(aws, id).await?;
        all.extend(blockers::interfaces(aws, "vpc-id", id, |_| true).await?);
        Ok(all)
    }

    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        let Some(mut filters) = objects::carrying(&want.tags_all) else { return Ok(None) };
        filters.extend(want.cidr_block.as_deref().map(|range| filter_one("cidr", range)));
        let found = aws.ec2.describe_vpcs().set_filters(Some(filters)).send().await?;
        Ok(objects::only(found.vpcs.into_iter().flatten().map(|vpc| vpc.vpc_id)))
    }
}

/// The pool that Amazon's own IPv6 ranges come from.
const AMAZON: &str = "Amazon";

fn is_ipv6_changed(want: &Draft) -> bool {
    let assigns = |assigned: Option<bool>| assigned.unwrap_or_default();
    assigns(want.before(Args::assign_generated_ipv6_cidr_block))
        != assigns(want.known(Args::assign_generated_ipv6_cidr_block))
        || want.is_changed(Args::ipv6_ipam_pool_id)
        || want.is_set(Args::ipv6_cidr_block) && want.is_changed(Args::ipv6_cidr_block)
        || want.is_set(Args::ipv6_cidr_block_network_border_group)
            && want.is_changed(Args::ipv6_cidr_block_network_border_group)
}

/// IPv6 ranges that the VPC has or is about to get; ranges it had stay listed for a while.
fn live_ipv6(vpc: &sdk::Vpc) -> impl Iterator<Item = &sdk::VpcIpv6CidrBlockAssociation> {
    vpc.ipv6_cidr_block_association_set().iter().filter(|ipv6| {
        let state = ipv6.ipv6_cidr_block_state.as_ref().and_then(|state| state.state.as_ref());
        matches!(state, Some(sdk::VpcCidrBlockStateCode::Associated | sdk::VpcCidrBlockStateCode::Associating))
    })
}

async fn flag(aws: &Aws, id: &str, name: sdk::VpcAttributeName) -> Result<bool> {
    let told = aws.ec2.describe_vpc_attribute().vpc_id(id).attribute(name).send().await?;
    let flag = told.enable_dns_hostnames.or(told.enable_dns_support).or(told.enable_network_address_usage_metrics);
    Ok(flag.and_then(|flag| flag.value).unwrap_or_default())
}

/// Main route tables by VPC.
async fn main_route_tables(aws: &Aws, ids: &[Id]) -> Result<HashMap<Id, Id>> {
    let call = aws.ec2.describe_route_tables().filters(filter("vpc-id", ids));
    let call = call.filters(filter_one("association.main", "true"));
    let found = call.into_paginator().items().send().try_collect().await?;
    Ok(found.into_iter().filter_map(|one| Some((one.vpc_id?, one.route_table_id?))).collect())
}

/// Default security groups by VPC.
async fn default_groups(aws: &Aws, ids: &[Id]) -> Result<HashMap<Id, Id>> {
    let call = aws.ec2.describe_security_groups().filters(filter("vpc-id", ids));
    let call = call.filters(filter_one("group-name", "default"));
    let found = call.into_paginator().items().send().try_collect().await?;
    Ok(found.into_iter().filter_map(|one| Some((one.vpc_id?, one.group_id?))).collect())
}

/// Default network ACLs by VPC.
async fn default_acls(aws: &Aws, ids: &[Id]) -> Result<HashMap<Id, Id>> {
    let call = aws.ec2.describe_network_acls().filters(filter("vpc-id", ids));
    let call = call.filters(filter_one("default", "true"));
    let found = call.into_paginator().items().send().try_collect().await?;
    Ok(found.into_iter().filter_map(|one| Some((one.vpc_id?, one.network_acl_id?))).collect())
}

/// One flag per call, as the API demands. DNS names need the DNS server: it is turned on first and off last.
async fn set_flags(aws: &Aws, id: &Id, have: &Args, want: &Args) -> Result<()> {
    let call = || aws.ec2.modify_vpc_attribute().vpc_id(id);
    let to = |flag: bool| sdk::AttributeBooleanValue::builder().value(flag).build();
    let is_support_changed = have.enable_dns_support != want.enable_dns_support;
    if is_support_changed && want.enable_dns_support {
        call().enable_dns_support(to(true)).send().await?;
    }
    if let (true, Some(flag)) = (have.enable_dns_hostnames != want.enable_dns_hostnames, want.enable_dns_hostnames) {
        call().enable_dns_hostnames(to(flag)).send().await?;
    }
    if is_support_changed && !want.enable_dns_support {
        call().enable_dns_support(to(false)).send().await?;
    }
    let metrics = |args: &Args| args.enable_network_address_usage_metrics;
    if let (true, Some(flag)) = (metrics(have) != metrics(want), metrics(want)) {
        call().enable_network_address_usage_metrics(to(flag)).send().await?;
    }
    Ok(())
}

/// Takes the IPv6 range that was there, gives the one that is wanted. What is there now decides, so that running it
/// twice does no harm.
async fn exchange_ipv6(aws: &Aws, id: &Id, have: &Args, want: &Args) -> Result<()> {
    let found = aws.ec2.describe_vpcs().vpc_ids(id).send().await?;
    let now: Vec<&str> =
        found.vpcs().iter().flat_map(live_ipv6).filter_map(|ipv6| ipv6.association_id.as_deref()).collect();
    for &association in now.iter().filter(|&&one| Some(one) == have.ipv6_association_id.as_deref()) {
        aws.ec2.disassociate_vpc_cidr_block().association_id(association).send().await?;
    }
    let is_new_there = now.iter().any(|&one| Some(one) != have.ipv6_association_id.as_deref());
    let is_amazons = want.assign_generated_ipv6_cidr_block == Some(true);
    if is_new_there || !(is_amazons || want.ipv6_ipam_pool_id.is_some()) {
        return Ok(());
    }
    let call = aws.ec2.associate_vpc_cidr_block().vpc_id(id);
    if is_amazons {
        let group = want.ipv6_cidr_block_network_border_group.clone();
        let call = call.amazon_provided_ipv6_cidr_block(true).set_ipv6_cidr_block_network_border_group(group);
        call.send().await?;
    } else {
        let call = send!(call, want => set_ipv6_cidr_block = ipv6_cidr_block,
            set_ipv6_ipam_pool_id = ipv6_ipam_pool_id, set_ipv6_netmask_length = ipv6_netmask_length);
        call.send().await?;
    }
    Ok(())
}
