//! `aws_eip`: a public IPv4 address that stays.
//!
//! API: EC2 2016-11-15, `AllocateAddress` and its siblings.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AllocateAddress.html>

use std::collections::HashMap;

use aws_sdk_ec2::types as sdk;

use super::objects::{self, filter};
use crate::aws::contract::*;
use crate::aws::rules;
use crate::{send, take};

/// The type.
pub struct Eip;

model! {
    /// A public IPv4 address that stays the same, whatever uses it.
    pub struct Args {
        /// A certain address: of one's own range, or one released before.
        address: Option<String> = optional().force_new().local().check(rules::ipv4_address),
        /// Id of the address, given by AWS; the same as `id`.
        allocation_id: Option<String> = computed(),
        /// ARN of the address.
        arn: Option<String> = computed(),
        /// Private address that the public one stands for, when the network interface has several.
        associate_with_private_ip: Option<String> = optional().local().check(rules::ipv4_address),
        /// Association with what uses the address.
        association_id: Option<String> = computed(),
        /// Address in the network of a carrier, in a Wavelength Zone.
        carrier_ip: Option<String> = computed(),
        /// Customer-owned address, on an Outpost.
        customer_owned_ip: Option<String> = computed(),
        /// Pool of customer-owned addresses, on an Outpost.
        customer_owned_ipv4_pool: Option<String> = optional().force_new(),
        /// Always `vpc` today: addresses outside VPCs have been retired.
        domain: Option<String> = optional_computed().force_new().one_of(&["vpc", "standard"]),
        /// Instance that uses the address. Left out, whoever uses it is left alone.
        instance: Option<String> = optional_computed().conflicts(&["network_interface"]),
        /// IPAM pool that gives the address.
        ipam_pool_id: Option<String> = optional_computed().force_new(),
        /// Zones that announce the address: the region, or a group of Local Zones.
        network_border_group: Option<String> = optional_computed().force_new(),
        /// Network interface that uses the address. Left out, whoever uses it is left alone.
        network_interface: Option<String> = optional_computed().conflicts(&["instance"]),
        /// Private DNS name of what uses the address.
        private_dns: Option<String> = computed(),
        /// Private address of what uses the address.
        private_ip: Option<String> = computed(),
        /// Name that the address resolves to in reverse.
        ptr_record: Option<String> = computed(),
        /// Public DNS name of the address.
        public_dns: Option<String> = computed(),
        /// The address.
        public_ip: Option<String> = computed(),
        /// Pool that gives the address: `amazon`, or one of one's own.
        public_ipv4_pool: Option<String> = optional_computed().force_new(),
        /// Tags of the address.
        tags: Tags = optional(),
        /// All tags, those of the provider included.
        tags_all: Tags = optional_computed(),
        /// Time limits.
        timeouts: Option<Timeouts> = optional(),
    }
}

/// An address and what is known of it.
pub struct Live {
    address: sdk::Address,
    arn: String,
    private_dns: Option<String>,
    public_dns: Option<String>,
    ptr_record: Option<String>,
}

impl Resource for Eip {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_eip";
    const IDENTITY: Identity = Identity::Assigned { recover_by: &["tags"] };
    const MAKING: Making = Making::Again;
    const SAME_AS_ID: Option<&'static str> = Some("allocation_id");
    const PACE: Pace = secs(1, 2, 1).limits(5, 5, 3);
    const READ_BATCH: usize = 200;
    const MISSING: &'static [&'static str] = &["InvalidAllocationID.NotFound"];
    const RETRY: &'static [Retry] = &[
        Retry::of(&["AssociateAddress", "CreateTags"], "InvalidAllocationID.NotFound", "the new address is not known everywhere yet", retry::NEW),
        Retry::of(&["AssociateAddress"], "InvalidInstanceID", "the instance is still starting", retry::CHANGE).saying("pending instance"),
        Retry::of(&["ReleaseAddress"], "InvalidIPAddress.InUse", "what used the address is still going away", retry::RELEASE),
        Retry::of(&["DisassociateAddress", "ReleaseAddress"], "AuthFailure", "the gateway or load balancer that used the address is still going away", retry::RELEASE).saying("permission to access the specified resource"),
    ];

    fn check(want: &Draft, found: &mut Problems) {
        if want.is_set(Args::associate_with_private_ip)
            && !want.is_set(Args::instance)
            && !want.is_set(Args::network_interface)
        {
            found.at(
                Args::associate_with_private_ip,
                "A private address alone does not say what uses the public one. Set `instance` or `network_interface` as well.",
            );
        }
        if want.known(Args::domain).as_deref() == Some("standard") && want.is_new() {
            found.at(Args::domain, "Addresses outside VPCs have been retired. Set `domain = \"vpc\"`.");
        }
    }

    fn revise(want: &mut Draft) {
        let moves = |want: &Draft, key| want.is_set(key) && want.is_changed(key);
        let is_moved = moves(want, Args::instance) || moves(want, Args::network_interface);
        if want.is_new() || !(is_moved || want.is_changed(Args::associate_with_private_ip)) {
            return;
        }
        for key in [Args::instance, Args::network_interface] {
            if is_moved && !want.is_set(key) {
                want.set_unknown(key);
            }
        }
        for key in [Args::association_id, Args::private_ip, Args::private_dns] {
            want.set_unknown(key);
        }
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        let found = aws.ec2.describe_addresses().filters(filter("allocation-id", ids)).send().await?;
        let found = found.addresses.unwrap_or_default();
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let ids = found.iter().filter_map(|address| address.allocation_id.clone()).collect();
        let (names, account) = tokio::try_join!(reverse_names(aws, ids), aws.account())?;
        let live = |address: sdk::Address| {
            let id = address.allocation_id.clone()?;
            let live = Live {
                arn: objects::arn(aws, Some(account), &format!("elastic-ip/{id}")),
                private_dns: address.private_ip_address().map(|ip| private_name(&aws.region, ip)),
                public_dns: address.public_ip().map(|ip| public_name(aws, ip)),
                ptr_record: names.get(&id).cloned(),
                address,
            };
            Some((id, live))
        };
        Ok(found.into_iter().filter_map(live).collect())
    }

    fn observe(live: &Live) -> Args {
        let address = &live.address;
        let pool = address.public_ipv4_pool.clone();
        take!(Args from address => allocation_id, association_id, carrier_ip, customer_owned_ip,
            customer_owned_ipv4_pool, domain, network_border_group, public_ip, public_ipv4_pool;
            arn: Some(live.arn.clone()),
            instance: address.instance_id.clone(),
            ipam_pool_id: pool.filter(|pool| pool.starts_with("ipam-pool-")),
            network_interface: address.network_interface_id.clone(),
            private_dns: live.private_dns.clone(),
            private_ip: address.private_ip_address.clone(),
            ptr_record: live.ptr_record.clone(),
            public_dns: live.public_dns.clone(),
            tags_all: objects::tags_of(address.tags.as_ref()))
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        let call = send!(aws.ec2.allocate_address(), want => set_address = address, set_domain = domain,
            set_customer_owned_ipv4_pool = customer_owned_ipv4_pool, set_ipam_pool_id = ipam_pool_id,
            set_network_border_group = network_border_group, set_public_ipv4_pool = public_ipv4_pool);
        let tags = objects::tagged(sdk::ResourceType::ElasticIp, &want.tags_all);
        let made = call.set_tag_specifications(tags).send().await?;
        made.allocation_id.ok_or_else(|| Error::empty("AllocateAddress"))
    }

    async fn finish(aws: &Aws, id: &Id, want: &Args) -> Result<()> {
        if is_given(want.instance.as_ref()) || is_given(want.network_interface.as_ref()) {
            let call = send!(aws.ec2.associate_address().allocation_id(id), want => set_instance_id = instance,
                set_network_interface_id = network_interface, set_private_ip_address = associate_with_private_ip);
            call.send().await?;
        }
        Ok(())
    }

    async fn update(aws: &Aws, id: &Id, have: &Args, want: &Args) -> Result<()> {
        let user =
            |args: &Args| (args.instance.clone(), args.network_interface.clone(), args.associate_with_private_ip.clone());
        if user(have) != user(want) {
            disassociate(aws, id).await?;
            Self::finish(aws, id, want).await?;
        }
        objects::retag(aws, id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, id: &Id, have: &Args) -> Result<()> {
        disassociate(aws, id).await?;
        let group = have.network_border_group.clone().filter(|group| !group.is_empty());
        aws.ec2.release_address().allocation_id(id).set_network_border_group(group).send().await?;
        Ok(())
    }

    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        let Some(filters) = objects::carrying(&want.tags_all) else { return Ok(None) };
        let found = aws.ec2.describe_addresses().set_filters(Some(filters)).send().await?;
        // Nobody uses yet what the lost call made.
        let free = found.addresses.into_iter().flatten().filter(|address| address.association_id.is_none());
        Ok(objects::only(free.map(|address| address.allocation_id)))
    }

    /// By id, or by the address itself.
    async fn import(aws: &Aws, text: &str) -> Result<Id> {
        if text.parse::<std::net::Ipv4Addr>().is_err() {
            return Ok(text.to_owned());
        }
        let found = aws.ec2.describe_addresses().public_ips(text).send().await?;
        let id = found.addresses.into_iter().flatten().find_map(|address| address.allocation_id);
        id.ok_or_else(|| Error::empty("DescribeAddresses"))
    }
}

fn is_given(text: Option<&String>) -> bool {
    text.is_some_and(|text| !text.is_empty())
}

/// Takes the address from what uses it now, which may have changed since the state was written.
async fn disassociate(aws: &Aws, id: &str) -> Result<()> {
    let found = aws.ec2.describe_addresses().allocation_ids(id).send().await?;
    let Some(association) = found.addresses().iter().find_map(|address| address.association_id.as_deref()) else {
        return Ok(());
    };
    match aws.ec2.disassociate_address().association_id(association).send().await.map_err(Error::from) {
        Err(error) if error.is(&["InvalidAssociationID.NotFound"]) => Ok(()),
        other => other.map(drop),
    }
}

/// Reverse names by address id. Some regions do not have the call.
async fn reverse_names(aws: &Aws, ids: Vec<Id>) -> Result<HashMap<Id, String>> {
    let call = aws.ec2.describe_addresses_attribute().set_allocation_ids(Some(ids));
    let call = call.attribute(sdk::AddressAttributeName::DomainName);
    let found = match call.into_paginator().items().send().try_collect().await.map_err(Error::from) {
        Err(error) if error.is(&["InvalidAction"]) => return Ok(HashMap::new()),
        other => other?,
    };
    let pair = |one: sdk::AddressAttribute| Some((one.allocation_id?, one.ptr_record?.trim_end_matches('.').to_owned()));
    Ok(found.into_iter().filter_map(pair).collect())
}

fn private_name(region: &str, ip: &str) -> String {
    let name = format!("ip-{}", ip.replace('.', "-"));
    if region == "us-east-1" { format!("{name}.ec2.internal") } else { format!("{name}.{region}.compute.internal") }
}

fn public_name(aws: &Aws, ip: &str) -> String {
    let name = format!("ec2-{}", ip.replace('.', "-"));
    let (region, suffix) = (&aws.region, aws.dns_suffix);
    if region == "us-east-1" { format!("{name}.compute-1.{suffix}") } else { format!("{name}.{region}.compute.{suffix}") }
}
