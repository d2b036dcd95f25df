//! `aws_availability_zones`: the zones of the region.
//!
//! API: EC2 2016-11-15, `DescribeAvailabilityZones`.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAvailabilityZones.html>

use aws_sdk_ec2::types as sdk;

use super::objects::{filter, filter_one};
use crate::aws::contract::*;

/// The data source.
pub struct AvailabilityZones;

model! {
    /// The availability zones of the region, sorted by name.
    pub struct Args {
        /// Whether zones that the account has not opted into are listed too.
        all_availability_zones: Option<bool> = optional(),
        /// Zones to leave out, by name.
        exclude_names: Set<String> = optional(),
        /// Zones to leave out, by id.
        exclude_zone_ids: Set<String> = optional(),
        /// Filters of the API, such as `opt-in-status`. Without a filter, Local and Wavelength Zones that the account
        /// has opted into are listed too.
        filter: Set<ZoneFilter> = optional(),
        /// Groups of the zones, in their order, each once. For availability zones the same as the region.
        group_names: Vec<String> = computed(),
        /// Names of the zones, such as `eu-west-1a`, sorted.
        names: Vec<String> = computed(),
        /// Only zones in this state: `available`, `information`, `impaired`, `unavailable` or `constrained`.
        state: Option<String> = optional().one_of(&["available", "information", "impaired", "unavailable", "constrained"]),
        /// Time limits.
        timeouts: Option<Timeouts> = optional(),
        /// Ids of the zones, such as `euw1-az1`, in the order of the names.
        zone_ids: Vec<String> = computed(),
    }
}

model! {
    /// A filter of the API: the attribute must have one of the values.
    pub struct ZoneFilter {
        /// Name of the filter.
        name: String = required(),
        /// Accepted values.
        values: Set<String> = required(),
    }
}

impl Source for AvailabilityZones {
    type Model = Args;

    const TYPE: &'static str = "aws_availability_zones";

    async fn read(aws: &Aws, want: Args) -> Result<(String, Args)> {
        let mut filters: Vec<sdk::Filter> = want.filter.iter().map(|one| filter(&one.name, &one.values)).collect();
        filters.extend(want.state.as_deref().map(|state| filter_one("state", state)));
        let call = aws.ec2.describe_availability_zones().set_all_availability_zones(want.all_availability_zones);
        let call = if filters.is_empty() { call } else { call.set_filters(Some(filters)) };
        let found = call.send().await?;
        let mut zones: Vec<sdk::AvailabilityZone> = found.availability_zones.unwrap_or_default();
        zones.retain(|zone| {
            let is_in = |set: &Set<String>, text: Option<&String>| text.is_some_and(|text| set.contains(text));
            !is_in(&want.exclude_names, zone.zone_name.as_ref()) && !is_in(&want.exclude_zone_ids, zone.zone_id.as_ref())
        });
        zones.sort_by(|one, other| one.zone_name.cmp(&other.zone_name));
        let mut groups: Vec<String> = Vec::new();
        for zone in &zones {
            groups.extend(zone.group_name.clone().filter(|group| !groups.contains(group)));
        }
        let texts = |take: fn(&sdk::AvailabilityZone) -> Option<&str>| {
            zones.iter().map(|zone| take(zone).unwrap_or_default().to_owned()).collect()
        };
        let told = Args {
            group_names: groups,
            names: texts(sdk::AvailabilityZone::zone_name),
            zone_ids: texts(sdk::AvailabilityZone::zone_id),
            ..want
        };
        Ok((aws.region.clone(), told))
    }
}
