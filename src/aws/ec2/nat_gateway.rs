//! `aws_nat_gateway`: the way out for what has no public address.
//!
//! API: EC2 2016-11-15, `CreateNatGateway` and its siblings.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNatGateway.html>

use std::collections::BTreeMap;

use aws_sdk_ec2::types as sdk;

use super::objects::{self, filter, filter_one};
use crate::aws::contract::*;
use crate::aws::rules;
use crate::{send, take};

/// The type.
pub struct NatGateway;

model! {
    /// The way out of private subnets: replies come back, nobody gets in. It costs by the hour.
    pub struct Args {
        /// Elastic IP address of a public gateway in one zone.
        allocation_id: Option<String> = optional().force_new(),
        /// Association of the address with the gateway.
        association_id: Option<String> = computed(),
        /// Whether a regional gateway follows the workload into new zones by itself.
        auto_provision_zones: Option<String> = computed(),
        /// Whether a regional gateway gets more addresses by itself.
        auto_scaling_ips: Option<String> = computed(),
        /// `zonal` (in the zone of its subnet) or `regional` (in all zones of the VPC). AWS takes `zonal` when left out.
        availability_mode: Option<String> = optional_computed().force_new().one_of(&["zonal", "regional"]),
        /// Addresses of a regional gateway by zone. Left out, AWS chooses zones and addresses.
        availability_zone_address: Set<ZoneAddress> = optional(),
        /// `public` (to the internet) or `private` (to other VPCs and one's own networks).
        connectivity_type: String = optional().force_new().default(Lit::Str("public")).one_of(&["public", "private"]),
        /// Network interface of the gateway.
        network_interface_id: Option<String> = computed(),
        /// Private address of the gateway. AWS picks one when left out.
        private_ip: Option<String> = optional_computed().force_new().check(rules::ipv4_address),
        /// Public address of the gateway.
        public_ip: Option<String> = computed(),
        /// Addresses of a regional gateway.
        regional_nat_gateway_address: Set<RegionalAddress> = computed(),
        /// `enabled` when AWS chooses zones and addresses of a regional gateway.
        regional_nat_gateway_auto_mode: Option<String> = computed(),
        /// Route table of a regional gateway.
        route_table_id: Option<String> = computed(),
        /// More Elastic IP addresses, for more connections to one destination. At most 7 beside the first.
        secondary_allocation_ids: Set<String> = optional_computed(),
        /// How many more private addresses a private gateway has.
        secondary_private_ip_address_count: Option<i32> = optional_computed().range(1, 31).conflicts(&["secondary_private_ip_addresses"]),
        /// More private addresses.
        secondary_private_ip_addresses: Set<String> = optional_computed().conflicts(&["secondary_private_ip_address_count"]),
        /// Subnet of a zonal gateway: one with a route to an internet gateway, for a public one.
        subnet_id: Option<String> = optional().force_new(),
        /// Tags of the gateway.
        tags: Tags = optional(),
        /// All tags, those of the provider included.
        tags_all: Tags = optional_computed(),
        /// Time limits.
        timeouts: Option<Timeouts> = optional(),
        /// VPC of a regional gateway.
        vpc_id: Option<String> = optional_computed().force_new(),
    }
}

model! {
    /// Addresses of a regional gateway in one zone.
    pub struct ZoneAddress {
        /// Elastic IP addresses.
        allocation_ids: Set<String> = required(),
        /// The zone by name.
        availability_zone: Option<String> = optional(),
        /// The zone by id.
        availability_zone_id: Option<String> = optional(),
    }
}

model! {
    /// An address of a regional gateway.
    pub struct RegionalAddress {
        /// Elastic IP address.
        allocation_id: Option<String> = computed(),
        /// Its association with the gateway.
        association_id: Option<String> = computed(),
        /// The zone by name.
        availability_zone: Option<String> = computed(),
        /// The zone by id.
        availability_zone_id: Option<String> = computed(),
        /// Network interface.
        network_interface_id: Option<String> = computed(),
        /// Public address.
        public_ip: Option<String> = computed(),
        /// State of the address.
        status: Option<String> = computed(),
    }
}

impl Resource for NatGateway {
    type Model = Args;
    type Live = sdk::NatGateway;

    const TYPE: &'static str = "aws_nat_gateway";
    const IDENTITY: Identity = Identity::Assigned { recover_by: &["allocation_id", "subnet_id", "tags"] };
    const MAKING: Making = Making::Again;
    const PACE: Pace = secs(100, 20, 60).limits(10, 10, 30);
    const READ_BATCH: usize = 200;
    const MISSING: &'static [&'static str] = &["NatGatewayNotFound"];
    const RETRY: &'static [Retry] = &[
        Retry::of(&["CreateNatGateway", "AssociateNatGatewayAddress"], "InvalidAllocationID.NotFound", "the new address is not known everywhere yet", retry::NEW),
    ];
    const DELETES_SLOWLY: bool = true;

    fn check(want: &Draft, found: &mut Problems) {
        let is_regional = want.known(Args::availability_mode).as_deref() == Some("regional");
        let is_private = want.known(Args::connectivity_type).as_deref() == Some("private");
        if is_private {
            for key in [Args::allocation_id.name, Args::secondary_allocation_ids.name] {
                if want.config().get(key).is_some_and(|value| !value.is_null()) {
                    found.inside(&[key], "A private NAT gateway has no public address. Remove it, or set `connectivity_type = \"public\"`.");
                }
            }
        } else if want.is_set(Args::secondary_private_ip_address_count) {
            found.at(
                Args::secondary_private_ip_address_count,
                "Only a private NAT gateway gets a number of private addresses. Set `secondary_allocation_ids`, or `connectivity_type = \"private\"`.",
            );
        }
        if is_regional {
            for key in [Args::subnet_id.name, Args::allocation_id.name] {
                if want.config().get(key).is_some_and(|value| !value.is_null()) {
                    found.inside(&[key], "A regional NAT gateway is in all zones of the VPC. Remove it, and set `vpc_id`.");
                }
            }
            if !want.is_set(Args::vpc_id) {
                found.at(Args::availability_mode, "A regional NAT gateway needs the VPC it is for. Set `vpc_id`.");
            }
        } else if !want.is_unknown(Args::availability_mode) || !want.is_set(Args::availability_mode) {
            if !want.is_set(Args::subnet_id) {
                found.whole("A NAT gateway needs the subnet it is in. Set `subnet_id`: for a public one, a subnet with a route to an internet gateway.");
            }
            if !is_private && !want.is_set(Args::allocation_id) && !want.is_unknown(Args::connectivity_type) {
                found.whole("A public NAT gateway needs an Elastic IP address. Set `allocation_id`, or `connectivity_type = \"private\"`.");
            }
        }
    }

    fn revise(want: &mut Draft) {
        if want.is_new() {
            return;
        }
        // Whether AWS or the stack file chooses the zones is decided once.
        let chooses = |value: Option<&crate::value::Value>| {
            value.and_then(crate::value::Value::elements).is_some_and(|elements| !elements.is_empty())
        };
        let name = Args::availability_zone_address.name;
        if chooses(want.prior().and_then(|prior| prior.get(name))) != chooses(want.planned().get(name)) {
            want.replace(Args::availability_zone_address);
        }
        if want.is_changed(Args::availability_zone_address) {
            want.set_unknown(Args::regional_nat_gateway_address);
        }
        let is_set_and_changed = want.is_set(Args::secondary_allocation_ids) && want.is_changed(Args::secondary_allocation_ids);
        if is_set_and_changed {
            want.set_unknown(Args::secondary_private_ip_address_count);
            if !want.is_set(Args::secondary_private_ip_addresses) {
                want.set_unknown(Args::secondary_private_ip_addresses);
            }
        } else if want.is_set(Args::secondary_private_ip_address_count)
            && want.is_changed(Args::secondary_private_ip_address_count)
        {
            want.set_unknown(Args::secondary_private_ip_addresses);
        } else if want.is_set(Args::secondary_private_ip_addresses)
            && want.is_changed(Args::secondary_private_ip_addresses)
        {
            want.set_unknown(Args::secondary_private_ip_address_count);
        }
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, sdk::NatGateway)>> {
        let found = aws.ec2.describe_nat_gateways().filter(filter("nat-gateway-id", ids));
        let found = found.into_paginator().items().send().try_collect().await?;
        // What was deleted stays listed for about an hour.
        let alive = found.into_iter().filter(|gateway| gateway.state != Some(sdk::NatGatewayState::Deleted));
        Ok(alive.filter_map(|gateway| Some((gateway.nat_gateway_id.clone()?, gateway))).collect())
    }

    fn observe(live: &sdk::NatGateway) -> Args {
        let is_regional = live.availability_mode == Some(sdk::AvailabilityMode::Regional);
        let all: Vec<&sdk::NatGatewayAddress> = live.nat_gateway_addresses().iter().filter(|one| !is_leaving(one)).collect();
        let is_first = |one: &sdk::NatGatewayAddress| one.is_primary == Some(true) || all.len() == 1;
        let first = all.iter().copied().find(|one| is_first(one)).filter(|_| !is_regional);
        let others = || all.iter().copied().filter(|one| !is_first(one) && !is_regional);
        let of_first = |take: fn(&sdk::NatGatewayAddress) -> Option<&str>| first.and_then(take).map(str::to_owned);
        let secondary: Vec<String> = others().filter_map(|one| one.private_ip.clone()).collect();
        let is_automatic = live.auto_provision_zones == Some(sdk::AutoProvisionZonesState::Enabled);
        let name = |is_on: bool| if is_on { "enabled".to_owned() } else { "disabled".to_owned() };
        take!(Args from live => auto_provision_zones, auto_scaling_ips, route_table_id, subnet_id, vpc_id;
            allocation_id: of_first(sdk::NatGatewayAddress::allocation_id),
            association_id: of_first(sdk::NatGatewayAddress::association_id),
            // Answers did not tell it before there were regional gateways.
            availability_mode: Some(live.availability_mode.as_ref().map_or("zonal", |mode| mode.as_str()).to_owned()),
            availability_zone_address: if is_regional && !is_automatic { by_zone(&all) } else { Set::default() },
            connectivity_type: live.connectivity_type.as_ref().map_or("public", |kind| kind.as_str()).to_owned(),
            network_interface_id: of_first(sdk::NatGatewayAddress::network_interface_id),
            private_ip: of_first(sdk::NatGatewayAddress::private_ip),
            public_ip: of_first(sdk::NatGatewayAddress::public_ip),
            regional_nat_gateway_address:
                all.iter().filter(|_| is_regional).map(|one| regional_address(one)).collect(),
            regional_nat_gateway_auto_mode: is_regional.then(|| name(is_automatic)),
            secondary_allocation_ids: others().filter_map(|one| one.allocation_id.clone()).collect(),
            secondary_private_ip_address_count: i32::try_from(secondary.len()).ok(),
            secondary_private_ip_addresses: Set(secondary),
            tags_all: objects::tags_of(live.tags.as_ref()))
    }

    /// The stack file names a zone by name or by id; AWS tells both.
    fn keep_spelling(prior: &Args, live: &mut Args) {
        for zone in &mut live.availability_zone_address.0 {
            let is_same = |before: &&ZoneAddress| {
                before.availability_zone.is_some() && before.availability_zone == zone.availability_zone
                    || before.availability_zone_id.is_some() && before.availability_zone_id == zone.availability_zone_id
            };
            let Some(before) = prior.availability_zone_address.iter().find(is_same) else { continue };
            if before.availability_zone.is_none() {
                zone.availability_zone = None;
            }
            if before.availability_zone_id.is_none() {
                zone.availability_zone_id = None;
            }
        }
    }

    fn settled(live: &sdk::NatGateway) -> Settled {
        match &live.state {
            Some(sdk::NatGatewayState::Pending) => return Settled::NotYet("the NAT gateway is pending".into()),
            Some(sdk::NatGatewayState::Deleting) => return Settled::Leaving("The NAT gateway is being deleted.".into()),
            Some(sdk::NatGatewayState::Failed) => {
                let code = live.failure_code.as_deref().unwrap_or("no code");
                let why = live.failure_message.as_deref().unwrap_or("AWS does not say why");
                return Settled::Failed(format!("The NAT gateway failed: {why} ({code})"));
            }
            _ => {}
        }
        for address in live.nat_gateway_addresses() {
            match &address.status {
                None | Some(sdk::NatGatewayAddressStatus::Succeeded) => {}
                Some(sdk::NatGatewayAddressStatus::Failed) => {
                    let why = address.failure_message.as_deref().unwrap_or("AWS does not say why");
                    return Settled::Failed(format!("An address of the NAT gateway failed: {why}"));
                }
                Some(other) => return Settled::NotYet(format!("an address is {}", other.as_str())),
            }
        }
        Settled::Yes
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        let call = send!(aws.ec2.create_nat_gateway(), want => set_allocation_id = allocation_id,
            set_availability_mode = availability_mode, set_connectivity_type = connectivity_type,
            set_private_ip_address = private_ip, set_secondary_allocation_ids = secondary_allocation_ids,
            set_secondary_private_ip_addresses = secondary_private_ip_addresses, set_subnet_id = subnet_id,
            set_secondary_private_ip_address_count = secondary_private_ip_address_count, set_vpc_id = vpc_id);
        let zone = |zone: &ZoneAddress| {
            send!(sdk::AvailabilityZoneAddress::builder(), zone => set_allocation_ids = allocation_ids,
                set_availability_zone = availability_zone, set_availability_zone_id = availability_zone_id)
            .build()
        };
        let zones: Vec<_> = want.availability_zone_address.iter().map(zone).collect();
        let call = if zones.is_empty() { call } else { call.set_availability_zone_addresses(Some(zones)) };
        let tags = objects::tagged(sdk::ResourceType::Natgateway, &want.tags_all);
        let made = call.set_tag_specifications(tags).send().await?;
        made.nat_gateway.and_then(|gateway| gateway.nat_gateway_id).ok_or_else(|| Error::empty("CreateNatGateway"))
    }

    async fn update(aws: &Aws, id: &Id, _have: &Args, want: &Args) -> Result<()> {
        let ids = [id.clone()];
        let Some((_, now)) = Self::read(aws, &ids).await?.into_iter().next() else {
            return Err(Error::missing("DescribeNatGateways", "NatGatewayNotFound"));
        };
        // What is there now decides, so that running it twice does no harm.
        let have = Self::observe(&now);
        if want.availability_mode.as_deref() == Some("regional") {
            if !want.availability_zone_address.is_empty() {
                update_zones(aws, id, &now, want).await?;
            }
        } else if want.connectivity_type == "private" {
            update_private(aws, id, &have, want).await?;
        } else if have.secondary_allocation_ids != want.secondary_allocation_ids {
            update_public(aws, id, &now, &have, want).await?;
        }
        objects::retag(aws, id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, id: &Id, _have: &Args) -> Result<()> {
        aws.ec2.delete_nat_gateway().nat_gateway_id(id).send().await?;
        Ok(())
    }

    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        let mut filters = vec![filter("state", &["pending".to_owned(), "available".to_owned()])];
        filters.extend(want.subnet_id.as_deref().map(|subnet| filter_one("subnet-id", subnet)));
        filters.extend(want.vpc_id.as_deref().map(|vpc| filter_one("vpc-id", vpc)));
        let found = aws.ec2.describe_nat_gateways().set_filter(Some(filters)).send().await?;
        // An address serves one gateway: it says which one. Without an address, the tags must.
        let is_ours = |gateway: &sdk::NatGateway| match &want.allocation_id {
            Some(address) => gateway.nat_gateway_addresses().iter().any(|one| one.allocation_id.as_ref() == Some(address)),
            None => !want.tags_all.is_empty() && objects::tags_of(gateway.tags.as_ref()) == want.tags_all,
        };
        let ours = found.nat_gateways.into_iter().flatten().filter(is_ours);
        Ok(objects::only(ours.map(|gateway| gateway.nat_gateway_id)))
    }
}

/// Whether the gateway is about to lose the address.
fn is_leaving(address: &sdk::NatGatewayAddress) -> bool {
    matches!(
        address.status,
        Some(sdk::NatGatewayAddressStatus::Disassociating | sdk::NatGatewayAddressStatus::Unassigning)
    )
}

fn regional_address(address: &sdk::NatGatewayAddress) -> RegionalAddress {
    take!(RegionalAddress from address => allocation_id, association_id, availability_zone, availability_zone_id,
        network_interface_id, public_ip, status)
}

/// Addresses grouped by zone, as the stack file writes them.
fn by_zone(addresses: &[&sdk::NatGatewayAddress]) -> Set<ZoneAddress> {
    let mut zones: BTreeMap<(Option<String>, Option<String>), Vec<String>> = BTreeMap::new();
    for one in addresses {
        let zone = (one.availability_zone.clone(), one.availability_zone_id.clone());
        zones.entry(zone).or_default().extend(one.allocation_id.clone());
    }
    let zone = |((availability_zone, availability_zone_id), ids)| ZoneAddress {
        allocation_ids: Set(ids),
        availability_zone,
        availability_zone_id,
    };
    zones.into_iter().map(zone).collect()
}

/// What the second has and the first has not.
fn added(first: &[String], second: &[String]) -> Option<Vec<String>> {
    let new: Vec<String> = second.iter().filter(|one| !first.contains(one)).cloned().collect();
    (!new.is_empty()).then_some(new)
}

async fn update_public(aws: &Aws, id: &str, now: &sdk::NatGateway, have: &Args, want: &Args) -> Result<()> {
    let (old, new) = (&have.secondary_allocation_ids, &want.secondary_allocation_ids);
    if let Some(ids) = added(old, new) {
        let ips = added(&have.secondary_private_ip_addresses, &want.secondary_private_ip_addresses);
        let call = aws.ec2.associate_nat_gateway_address().nat_gateway_id(id).set_allocation_ids(Some(ids));
        call.set_private_ip_addresses(ips).send().await?;
    }
    if let Some(ids) = added(new, old) {
        disassociate(aws, id, now, &ids).await?;
    }
    Ok(())
}

async fn disassociate(aws: &Aws, id: &str, now: &sdk::NatGateway, addresses: &[String]) -> Result<()> {
    let leaving = now.nat_gateway_addresses().iter().filter(|one| {
        !is_leaving(one) && one.allocation_id.as_ref().is_some_and(|allocation| addresses.contains(allocation))
    });
    let associations: Vec<String> = leaving.filter_map(|one| one.association_id.clone()).collect();
    if !associations.is_empty() {
        let call = aws.ec2.disassociate_nat_gateway_address().nat_gateway_id(id);
        call.set_association_ids(Some(associations)).send().await?;
    }
    Ok(())
}

/// Private addresses: by name, or so many as are wanted.
async fn update_private(aws: &Aws, id: &str, have: &Args, want: &Args) -> Result<()> {
    let old = &have.secondary_private_ip_addresses;
    let count = want.secondary_private_ip_address_count.and_then(|count| usize::try_from(count).ok());
    let (assign, more, unassign) = match count {
        Some(count) if want.secondary_private_ip_addresses.is_empty() => {
            let more = i32::try_from(count.saturating_sub(old.len())).ok().filter(|&more| more > 0);
            (None, more, (count < old.len()).then(|| old[count..].to_vec()))
        }
        _ => {
            let new = &want.secondary_private_ip_addresses;
            (added(old, new), None, added(new, old))
        }
    };
    if assign.is_some() || more.is_some() {
        let call = aws.ec2.assign_private_nat_gateway_address().nat_gateway_id(id);
        call.set_private_ip_addresses(assign).set_private_ip_address_count(more).send().await?;
    }
    if unassign.is_some() {
        let call = aws.ec2.unassign_private_nat_gateway_address().nat_gateway_id(id);
        call.set_private_ip_addresses(unassign).send().await?;
    }
    Ok(())
}

/// Addresses of a regional gateway, zone by zone.
async fn update_zones(aws: &Aws, id: &str, now: &sdk::NatGateway, want: &Args) -> Result<()> {
    let staying: Vec<&sdk::NatGatewayAddress> =
        now.nat_gateway_addresses().iter().filter(|one| !is_leaving(one)).collect();
    let there: Vec<String> = staying.iter().filter_map(|one| one.allocation_id.clone()).collect();
    for zone in want.availability_zone_address.iter() {
        if let Some(ids) = added(&there, &zone.allocation_ids) {
            let call = send!(aws.ec2.associate_nat_gateway_address().nat_gateway_id(id), zone =>
                set_availability_zone = availability_zone, set_availability_zone_id = availability_zone_id);
            call.set_allocation_ids(Some(ids)).send().await?;
        }
    }
    let wanted: Vec<String> =
        want.availability_zone_address.iter().flat_map(|zone| zone.allocation_ids.iter().cloned()).collect();
    match added(&wanted, &there) {
        Some(ids) => disassociate(aws, id, now, &ids).await,
        None => Ok(()),
    }
}
