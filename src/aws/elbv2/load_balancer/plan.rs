//! What is decided about a load balancer before AWS is asked: mistakes, and changes that replace it.

use super::model::{Args, SubnetMapping};
use super::{GATEWAY, NETWORK};
use crate::aws::contract::*;

/// Finds mistakes.
pub(super) fn check(want: &Draft, found: &mut Problems) {
    let kind = want.known(Args::load_balancer_type).unwrap_or_default();
    if want.known(Args::name).is_some_and(|name| name.starts_with("internal-")) {
        found.at(Args::name, "Names that start with `internal-` are kept for AWS. Choose another name.");
    }
    if !want.is_set(Args::subnets) && !want.is_set(Args::subnet_mapping) {
        found.whole("A load balancer has its addresses in subnets. Set `subnets`, or `subnet_mapping` blocks.");
    }
    if kind == "application" && want.said(Args::subnets).is_some_and(|subnets| subnets.len() < 2) {
        found.at(Args::subnets, "An application load balancer needs subnets in two zones, so that it survives the loss of one. Give at least two.");
    }
    if kind == GATEWAY && want.known(Args::security_groups).is_some_and(|groups| !groups.is_empty()) {
        found.at(Args::security_groups, "A gateway load balancer has no security groups. Remove `security_groups`.");
    }
    for mapping in want.said(Args::subnet_mapping).iter().flat_map(|mappings| mappings.iter()) {
        mapping_fits(want, mapping, &kind, found);
    }
}

fn mapping_fits(want: &Draft, mapping: &SubnetMapping, kind: &str, found: &mut Problems) {
    let is_internal = want.known(Args::internal).unwrap_or_default();
    if mapping.allocation_id.is_some() && (is_internal || kind != NETWORK) {
        let text = "Only a network load balancer that faces the internet can have an Elastic IP. Remove `allocation_id`.";
        found.inside(&["subnet_mapping", "allocation_id"], text);
    }
    if mapping.private_ipv4_address.is_some() && (!is_internal || kind != NETWORK) {
        let text = "Only an internal network load balancer can have a chosen private address. Remove `private_ipv4_address`, or set `internal = true`.";
        found.inside(&["subnet_mapping", "private_ipv4_address"], text);
    }
}

/// Subnets and their mappings mirror each other; and some changes of a network load balancer replace it.
pub(super) fn revise(want: &mut Draft) {
    if want.is_new() {
        return;
    }
    if want.is_set(Args::subnets) && want.is_changed(Args::subnets) {
        want.set_unknown(Args::subnet_mapping);
    }
    if want.is_set(Args::subnet_mapping) && want.is_changed(Args::subnet_mapping) {
        want.set_unknown(Args::subnets);
    }
    let before = want.before(Args::subnet_mapping).unwrap_or_default();
    let now = want.said(Args::subnet_mapping);
    if want.known(Args::load_balancer_type).as_deref() != Some(NETWORK) {
        if now.is_some_and(|now| now.iter().any(|now| before.iter().any(|before| has_moved(before, now)))) {
            want.replace(Args::subnet_mapping);
        }
        return;
    }
    let stays = |before: &SubnetMapping, now: &Set<SubnetMapping>| {
        now.iter().any(|now| now.subnet_id == before.subnet_id && !has_moved(before, now))
    };
    if now.is_some_and(|now| before.iter().any(|before| !stays(before, &now))) {
        want.replace(Args::subnet_mapping);
    }
    let (before, now) = (want.before(Args::subnets).unwrap_or_default(), want.said(Args::subnets));
    if now.is_some_and(|now| before.iter().any(|subnet| !now.contains(subnet))) {
        want.replace(Args::subnets);
    }
    // A network load balancer made without security groups can never get any, nor lose its last one.
    let had_none = want.before(Args::security_groups).unwrap_or_default().is_empty();
    if !want.is_unknown(Args::security_groups)
        && had_none != want.known(Args::security_groups).unwrap_or_default().is_empty()
    {
        want.replace(Args::security_groups);
    }
    let addresses = Args::secondary_ips_auto_assigned_per_subnet;
    if want.known(addresses).is_some_and(|now| want.before(addresses).is_some_and(|before| now < before)) {
        want.replace(addresses);
    }
}

/// Whether a subnet is to have another address than before.
fn has_moved(before: &SubnetMapping, now: &SubnetMapping) -> bool {
    let differs = |before: &Option<String>, now: &Option<String>| now.is_some() && before != now;
    before.subnet_id == now.subnet_id
        && (differs(&before.allocation_id, &now.allocation_id)
            || differs(&before.private_ipv4_address, &now.private_ipv4_address)
            || differs(&before.ipv6_address, &now.ipv6_address))
}
