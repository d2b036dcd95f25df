//! `aws_subnet`: a part of a VPC's address range, in one availability zone.
//!
//! API: EC2 2016-11-15, `CreateSubnet` and its siblings.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html>

use aws_sdk_ec2::types as sdk;

use super::blockers;
use super::objects::{self, filter, filter_one};
use crate::aws::contract::*;
use crate::aws::rules;
use crate::value::Value;
use crate::{send, take};

/// The type.
pub struct Subnet;

model! {
    /// A part of a VPC's address range, in one availability zone.
    pub struct Args {
        /// Address of the subnet, given by AWS.
        arn: Option<String> = computed(),
        /// Whether network interfaces get an IPv6 address when they are made. Needs an IPv6 range.
        assign_ipv6_address_on_creation: bool = optional().default(Lit::Bool(false)),
        /// Availability zone by name, such as `eu-west-1a`. AWS picks one when both this and `availability_zone_id` are left out.
        availability_zone: Option<String> = optional_computed().force_new().conflicts(&["availability_zone_id"]),
        /// Availability zone by id, such as `euw1-az1`: the same place in every account, which a name is not.
        availability_zone_id: Option<String> = optional_computed().force_new().conflicts(&["availability_zone"]),
        /// IPv4 range in CIDR notation, /16 to /28, inside that of the VPC. AWS keeps five addresses of it.
        cidr_block: Option<String> = optional_computed().force_new().check(rules::ipv4_network).check(prefix_16_to_28),
        /// Pool of customer-owned addresses, for a subnet on an Outpost.
        customer_owned_ipv4_pool: Option<String> = optional().required_with(&["map_customer_owned_ip_on_launch", "outpost_arn"]),
        /// Whether DNS answers for IPv4-only names hold IPv6 addresses made from them.
        enable_dns64: bool = optional().default(Lit::Bool(false)),
        /// Device position (1 for eth1) of local network interfaces, for a subnet on an Outpost.
        enable_lni_at_device_index: Option<i32> = optional().range(1, 15),
        /// Whether names made from instance ids resolve to IPv4 addresses.
        enable_resource_name_dns_a_record_on_launch: bool = optional().default(Lit::Bool(false)),
        /// Whether names made from instance ids resolve to IPv6 addresses.
        enable_resource_name_dns_aaaa_record_on_launch: bool = optional().default(Lit::Bool(false)),
        /// IPAM pool that gives the IPv4 range.
        ipv4_ipam_pool_id: Option<String> = optional().force_new().local().conflicts(&["customer_owned_ipv4_pool"]),
        /// Prefix length of the IPv4 range that the IPAM pool gives, 16 to 28.
        ipv4_netmask_length: Option<i32> = optional().force_new().local().range(16, 28).conflicts(&["cidr_block", "customer_owned_ipv4_pool"]).required_with(&["ipv4_ipam_pool_id"]),
        /// IPv6 range in CIDR notation, such as a /64 network, inside that of the VPC. It can be given and exchanged in place.
        ipv6_cidr_block: Option<String> = optional_computed().same(rules::same_network).check(rules::ipv6_network),
        /// Association of the IPv6 range with the subnet.
        ipv6_cidr_block_association_id: Option<String> = computed(),
        /// IPAM pool that gives the IPv6 range.
        ipv6_ipam_pool_id: Option<String> = optional().force_new().local(),
        /// Whether the subnet has IPv6 addresses only.
        ipv6_native: bool = optional().force_new().default(Lit::Bool(false)),
        /// Prefix length of the IPv6 range that the IPAM pool gives, 44 to 64 in steps of 4.
        ipv6_netmask_length: Option<i32> = optional().force_new().local().range(44, 64).check(multiple_of_4).conflicts(&["ipv6_cidr_block"]).required_with(&["ipv6_ipam_pool_id"]),
        /// Whether network interfaces get a customer-owned address when they are made, for a subnet on an Outpost.
        map_customer_owned_ip_on_launch: Option<bool> = optional().same(objects::same_bool).required_with(&["customer_owned_ipv4_pool", "outpost_arn"]),
        /// Whether instances get a public IPv4 address when they are launched.
        map_public_ip_on_launch: bool = optional().default(Lit::Bool(false)),
        /// Outpost the subnet is on.
        outpost_arn: Option<String> = optional().force_new().check(rules::arn),
        /// AWS account that owns the subnet.
        owner_id: Option<String> = computed(),
        /// What the names of instances are made from: `ip-name` (IPv4 address) or `resource-name` (instance id).
        private_dns_hostname_type_on_launch: Option<String> = optional_computed().one_of(&["ip-name", "resource-name"]),
        /// Tags of the subnet.
        tags: Tags = optional(),
        /// All tags, those of the provider included.
        tags_all: Tags = optional_computed(),
        /// Time limits.
        timeouts: Option<Timeouts> = optional(),
        /// VPC the subnet is in.
        vpc_id: String = required().force_new(),
    }
}

fn prefix_16_to_28(value: &Value) -> Result<(), String> {
    let prefix = value.as_str().and_then(|text| text.split_once('/')?.1.parse::<u8>().ok());
    match prefix {
        Some(prefix) if !(16..=28).contains(&prefix) => Err(format!(
            "The IPv4 range of a subnet is a /16 to a /28 network, not a /{prefix}. Choose another prefix length."
        )),
        _ => Ok(()),
    }
}

fn multiple_of_4(value: &Value) -> Result<(), String> {
    match value.as_i64() {
        Some(length) if length % 4 != 0 => Err("IPv6 prefix lengths of a subnet are 44, 48, 52, 56, 60 and 64.".into()),
        _ => Ok(()),
    }
}

/// Our own code: the IPv6 range is not there yet, so that what needs it cannot be set.
const IPV6_PENDING: &str = "Glaz.Ipv6Associating";

impl Resource for Subnet {
    type Model = Args;
    type Live = sdk::Subnet;

    const TYPE: &'static str = "aws_subnet";
    const SCHEMA_VERSION: Option<u64> = Some(1);
    const IDENTITY: Identity = Identity::Assigned { recover_by: &["vpc_id", "cidr_block"] };
    const PACE: Pace = secs(2, 1, 1).limits(10, 10, 20);
    const READ_BATCH: usize = 200;
    const MISSING: &'static [&'static str] = &["InvalidSubnetID.NotFound"];
    const RETRY: &'static [Retry] = &[
        Retry::of(&["ModifySubnetAttribute", "DescribeSubnets", "AssociateSubnetCidrBlock", "CreateTags"], "InvalidSubnetID.NotFound", "the new subnet is not known everywhere yet", retry::NEW),
        Retry::of(&["DescribeSubnets"], IPV6_PENDING, "the IPv6 range of the subnet is being changed", retry::CHANGE),
        Retry::of(&["DeleteSubnet"], "DependencyViolation", "network interfaces (of load balancers, tasks, gateways or functions) in the subnet are still going away", retry::RELEASE),
    ];

    fn check(want: &Draft, found: &mut Problems) {
        if !want.is_new() {
            return;
        }
        let is_native = want.known(Args::ipv6_native).unwrap_or_default();
        let has_ipv4 = want.is_set(Args::cidr_block) || want.is_set(Args::ipv4_ipam_pool_id);
        let has_ipv6 = want.is_set(Args::ipv6_cidr_block) || want.is_set(Args::ipv6_ipam_pool_id);
        if is_native && has_ipv4 {
            found.at(
                Args::ipv6_native,
                "A subnet with IPv6 only has no IPv4 range. Remove `ipv6_native` or the IPv4 range.",
            );
        }
        if !has_ipv4 && !want.is_set(Args::ipv6_native) {
            found.whole("A subnet needs an IPv4 range. Set `cidr_block`, or `ipv4_ipam_pool_id` and `ipv4_netmask_length`, or `ipv6_native = true` with an IPv6 range.");
        }
        if want.known(Args::assign_ipv6_address_on_creation) == Some(true) && !has_ipv6 {
            found.at(
                Args::assign_ipv6_address_on_creation,
                "Network interfaces cannot get IPv6 addresses without an IPv6 range. Set `ipv6_cidr_block` as well.",
            );
        }
    }

    fn revise(want: &mut Draft) {
        if !want.is_new() && want.is_set(Args::ipv6_cidr_block) && want.is_changed(Args::ipv6_cidr_block) {
            want.set_unknown(Args::ipv6_cidr_block_association_id);
            // Interfaces hold on to addresses of the old range.
            if want.before(Args::assign_ipv6_address_on_creation) == Some(true) {
                want.replace(Args::ipv6_cidr_block);
            }
        }
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, sdk::Subnet)>> {
        let found = aws.ec2.describe_subnets().filters(filter("subnet-id", ids));
        let found = found.into_paginator().items().send().try_collect().await?;
        Ok(found.into_iter().filter_map(|subnet| Some((subnet.subnet_id.clone()?, subnet))).collect())
    }

    fn observe(live: &sdk::Subnet) -> Args {
        let ipv6 = live_ipv6(live).next();
        let names = live.private_dns_name_options_on_launch.as_ref();
        take!(Args from live => assign_ipv6_address_on_creation, availability_zone, availability_zone_id, cidr_block,
            customer_owned_ipv4_pool, enable_dns64, enable_lni_at_device_index, ipv6_native,
            map_customer_owned_ip_on_launch, map_public_ip_on_launch, outpost_arn, owner_id, vpc_id;
            arn: live.subnet_arn.clone(),
            enable_resource_name_dns_a_record_on_launch:
                names.and_then(|names| names.enable_resource_name_dns_a_record).unwrap_or_default(),
            enable_resource_name_dns_aaaa_record_on_launch:
                names.and_then(|names| names.enable_resource_name_dns_aaaa_record).unwrap_or_default(),
            ipv6_cidr_block: ipv6.and_then(|ipv6| ipv6.ipv6_cidr_block.clone()),
            ipv6_cidr_block_association_id: ipv6.and_then(|ipv6| ipv6.association_id.clone()),
            private_dns_hostname_type_on_launch:
                names.and_then(|names| names.hostname_type.as_ref()).map(|kind| kind.as_str().to_owned()),
            tags_all: objects::tags_of(live.tags.as_ref()))
    }

    fn settled(live: &sdk::Subnet) -> Settled {
        match &live.state {
            Some(sdk::SubnetState::Pending) => return Settled::NotYet("the subnet is pending".into()),
            Some(sdk::SubnetState::Failed | sdk::SubnetState::FailedInsufficientCapacity) => {
                return Settled::Failed("AWS could not make the subnet.".into());
            }
            _ => {}
        }
        for ipv6 in live.ipv6_cidr_block_association_set() {
            let Some(state) = &ipv6.ipv6_cidr_block_state else { continue };
            match state.state {
                Some(sdk::SubnetCidrBlockStateCode::Associating | sdk::SubnetCidrBlockStateCode::Disassociating) => {
                    return Settled::NotYet("the IPv6 range is changing".into());
                }
                Some(sdk::SubnetCidrBlockStateCode::Failed | sdk::SubnetCidrBlockStateCode::Failing) => {
                    let why = state.status_message.as_deref().unwrap_or("AWS does not say why");
                    return Settled::Failed(format!("The subnet did not get its IPv6 range: {why}"));
                }
                _ => {}
            }
        }
        Settled::Yes
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        let call = send!(aws.ec2.create_subnet(), want => set_availability_zone = availability_zone,
            set_availability_zone_id = availability_zone_id, set_cidr_block = cidr_block,
            set_ipv4_ipam_pool_id = ipv4_ipam_pool_id, set_ipv4_netmask_length = ipv4_netmask_length,
            set_ipv6_cidr_block = ipv6_cidr_block, set_ipv6_ipam_pool_id = ipv6_ipam_pool_id,
            set_ipv6_netmask_length = ipv6_netmask_length, set_outpost_arn = outpost_arn, set_vpc_id = vpc_id);
        let call = if want.ipv6_native { call.ipv6_native(true) } else { call };
        let tags = objects::tagged(sdk::ResourceType::Subnet, &want.tags_all);
        let made = call.set_tag_specifications(tags).send().await?;
        made.subnet.and_then(|subnet| subnet.subnet_id).ok_or_else(|| Error::empty("CreateSubnet"))
    }

    async fn finish(aws: &Aws, id: &Id, want: &Args) -> Result<()> {
        // What every new subnet starts with; one of IPv6 only gives addresses from the start.
        let fresh = Args { assign_ipv6_address_on_creation: want.ipv6_native, ..Args::default() };
        set_flags(aws, id, &fresh, want).await
    }

    async fn update(aws: &Aws, id: &Id, have: &Args, want: &Args) -> Result<()> {
        let is_range_changed = want.ipv6_cidr_block.is_some() && have.ipv6_cidr_block != want.ipv6_cidr_block;
        if is_range_changed {
            exchange_ipv6(aws, id, have, want).await?;
        }
        set_flags(aws, id, have, want).await?;
        objects::retag(aws, id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, id: &Id, _have: &Args) -> Result<()> {
        aws.ec2.delete_subnet().subnet_id(id).send().await?;
        Ok(())
    }

    async fn blockers(aws: &Aws, id: &Id, _have: &Args) -> Result<Vec<String>> {
        blockers::interfaces(aws, "subnet-id", id, |_| true).await
    }

    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        // Ranges do not overlap within a VPC: the range says which subnet it is, the tags that it is ours.
        let Some(range) = want.cidr_block.as_deref() else { return Ok(None) };
        let mut filters = objects::carrying(&want.tags_all).unwrap_or_default();
        filters.extend([filter_one("vpc-id", &want.vpc_id), filter_one("cidr-block", range)]);
        let found = aws.ec2.describe_subnets().set_filters(Some(filters)).send().await?;
        Ok(objects::only(found.subnets.into_iter().flatten().map(|subnet| subnet.subnet_id)))
    }
}

/// IPv6 ranges that the subnet has or is about to get; ranges it had stay listed for a while.
fn live_ipv6(subnet: &sdk::Subnet) -> impl Iterator<Item = &sdk::SubnetIpv6CidrBlockAssociation> {
    subnet.ipv6_cidr_block_association_set().iter().filter(|ipv6| {
        let state = ipv6.ipv6_cidr_block_state.as_ref().and_then(|state| state.state.as_ref());
        matches!(state, None | Some(sdk::SubnetCidrBlockStateCode::Associated | sdk::SubnetCidrBlockStateCode::Associating))
    })
}

async fn describe(aws: &Aws, id: &str) -> Result<sdk::Subnet> {
    let found = aws.ec2.describe_subnets().subnet_ids(id).send().await?;
    found.subnets.into_iter().flatten().next().ok_or_else(|| Error::missing("DescribeSubnets", "InvalidSubnetID.NotFound"))
}

/// Takes the IPv6 range that was there and gives the wanted one. A subnet has one at a time; what is there now
/// decides, so that running it twice does no harm.
async fn exchange_ipv6(aws: &Aws, id: &str, have: &Args, want: &Args) -> Result<()> {
    let now = describe(aws, id).await?;
    for ipv6 in live_ipv6(&now) {
        if ipv6.association_id != have.ipv6_cidr_block_association_id {
            return Ok(());
        }
        if have.assign_ipv6_address_on_creation {
            let off = sdk::AttributeBooleanValue::builder().value(false).build();
            aws.ec2.modify_subnet_attribute().subnet_id(id).assign_ipv6_address_on_creation(off).send().await?;
        }
        let call = aws.ec2.disassociate_subnet_cidr_block().set_association_id(ipv6.association_id.clone());
        call.send().await?;
    }
    let still = describe(aws, id).await?;
    let leaves = |ipv6: &sdk::SubnetIpv6CidrBlockAssociation| {
        let state = ipv6.ipv6_cidr_block_state.as_ref().and_then(|state| state.state.as_ref());
        state == Some(&sdk::SubnetCidrBlockStateCode::Disassociating)
    };
    if still.ipv6_cidr_block_association_set().iter().any(leaves) {
        return Err(pending("The old IPv6 range is still being taken from the subnet."));
    }
    aws.ec2.associate_subnet_cidr_block().subnet_id(id).set_ipv6_cidr_block(want.ipv6_cidr_block.clone()).send().await?;
    Ok(())
}

fn pending(message: &str) -> Error {
    let kind = crate::resource::ErrorKind::Refused;
    Error { code: IPV6_PENDING.into(), kind, ..Error::local("DescribeSubnets", message) }
}

/// One attribute per call, as the API demands. What needs the IPv6 range waits for it.
async fn set_flags(aws: &Aws, id: &str, have: &Args, want: &Args) -> Result<()> {
    let call = || aws.ec2.modify_subnet_attribute().subnet_id(id);
    let to = |flag: bool| sdk::AttributeBooleanValue::builder().value(flag).build();
    let outpost = |args: &Args| {
        (args.customer_owned_ipv4_pool.clone(), args.map_customer_owned_ip_on_launch.unwrap_or_default())
    };
    let mut calls = Vec::new();
    if outpost(have) != outpost(want) {
        let (pool, maps) = outpost(want);
        calls.push(call().set_customer_owned_ipv4_pool(pool).map_customer_owned_ip_on_launch(to(maps)));
    }
    if have.enable_dns64 != want.enable_dns64 {
        calls.push(call().enable_dns64(to(want.enable_dns64)));
    }
    match (have.enable_lni_at_device_index, want.enable_lni_at_device_index) {
        (have, Some(index)) if have != Some(index) => calls.push(call().enable_lni_at_device_index(index)),
        (Some(_), None) => calls.push(call().disable_lni_at_device_index(to(true))),
        _ => {}
    }
    if have.enable_resource_name_dns_aaaa_record_on_launch != want.enable_resource_name_dns_aaaa_record_on_launch {
        let flag = to(want.enable_resource_name_dns_aaaa_record_on_launch);
        calls.push(call().enable_resource_name_dns_aaaa_record_on_launch(flag));
    }
    if have.enable_resource_name_dns_a_record_on_launch != want.enable_resource_name_dns_a_record_on_launch {
        let flag = to(want.enable_resource_name_dns_a_record_on_launch);
        calls.push(call().enable_resource_name_dns_a_record_on_launch(flag));
    }
    if have.map_public_ip_on_launch != want.map_public_ip_on_launch {
        calls.push(call().map_public_ip_on_launch(to(want.map_public_ip_on_launch)));
    }
    let kind = want.private_dns_hostname_type_on_launch.as_deref();
    if let (true, Some(kind)) = (have.private_dns_hostname_type_on_launch.as_deref() != kind, kind) {
        calls.push(call().private_dns_hostname_type_on_launch(kind.into()));
    }
    if have.assign_ipv6_address_on_creation != want.assign_ipv6_address_on_creation {
        if want.assign_ipv6_address_on_creation && matches!(Subnet::settled(&describe(aws, id).await?), Settled::NotYet(_)) {
            return Err(pending("The IPv6 range is still being given to the subnet."));
        }
        calls.push(call().assign_ipv6_address_on_creation(to(want.assign_ipv6_address_on_creation)));
    }
    for call in calls {
        call.send().await?;
    }
    Ok(())
}
