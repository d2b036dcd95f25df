//! The attributes of `aws_route53_record`.

use crate::aws::contract::*;
use crate::aws::route53::shared::{same_id, same_name};
use crate::value::Value;

model! {
    /// A DNS record: names and addresses that a name stands for.
    pub struct Args {
        /// Zone the record is in.
        zone_id: String = required().force_new().same(same_id).length(1, 64),
        /// Name of the record. One that does not end with the zone's name gets it appended.
        name: String = required().force_new().same(same_name),
        /// Kind of record.
        r#type: String = required().force_new().one_of(TYPES),
        /// Seconds that others may remember the answer. Needed with `records`.
        ttl: Option<i64> = optional().range(0, 2_147_483_647).conflicts(&["alias"]).required_with(&["records"]),
        /// Values of the record. Texts of TXT records are written without quotes; longer ones than 255 characters in pieces, with `\"\"` between them.
        records: Option<Set<String>> = optional().exactly_one_of(&["records", "alias"]).min_items(1),
        /// AWS object whose addresses are the answer, such as a load balancer. No `ttl`, no cost.
        alias: Option<Alias> = optional().exactly_one_of(&["records", "alias"]),
        /// Tells records of the same name and type apart, with a routing policy.
        set_identifier: Option<String> = optional().force_new().length(1, 128),
        /// Health check without which the record is not answered.
        health_check_id: Option<String> = optional(),
        /// Whether a record that exists already may be taken over when this one is made.
        allow_overwrite: Option<bool> = optional().local(),
        /// Whether several records are answered, each with its health check.
        multivalue_answer_routing_policy: Option<bool> = optional().conflicts(&["alias"]),
        /// Answers by the network that asks.
        cidr_routing_policy: Option<CidrRouting> = optional(),
        /// Answers with the primary record while it is well, else with the secondary.
        failover_routing_policy: Option<FailoverRouting> = optional(),
        /// Answers by the place that asks.
        geolocation_routing_policy: Option<GeolocationRouting> = optional(),
        /// Answers with the nearest place.
        geoproximity_routing_policy: Option<GeoproximityRouting> = optional(),
        /// Answers with the region that is quickest to reach.
        latency_routing_policy: Option<LatencyRouting> = optional(),
        /// Answers by shares.
        weighted_routing_policy: Option<WeightedRouting> = optional(),
        /// Time limits.
        timeouts: Option<Timeouts> = optional(),
        /// Whole name of the record.
        fqdn: Option<String> = computed(),
    }
}

/// Kinds of records.
pub(super) const TYPES: &[&str] = &[
    "A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV", "SSHFP", "SVCB", "TLSA", "TXT",
];

model! {
    /// An AWS object whose addresses are the answer.
    pub struct Alias {
        /// Domain name of the object, such as `dns_name` of a load balancer.
        name: String = required().same(same_alias),
        /// Zone of the object, such as `zone_id` of a load balancer; not the zone of the record.
        zone_id: String = required(),
        /// Whether the record is answered only while the object is well.
        evaluate_target_health: bool = required(),
    }
}

model! {
    /// Answers by the network that asks.
    pub struct CidrRouting {
        /// Collection of networks.
        collection_id: String = required(),
        /// Location in the collection; `*` for all others.
        location_name: String = required(),
    }
}

model! {
    /// Answers with the primary record while it is well, else with the secondary.
    pub struct FailoverRouting {
        /// `PRIMARY` or `SECONDARY`.
        r#type: String = required().one_of(&["PRIMARY", "SECONDARY"]),
    }
}

model! {
    /// Answers by the place that asks.
    pub struct GeolocationRouting {
        /// Two letters of a continent.
        continent: Option<String> = optional(),
        /// Two letters of a country; `*` for all others.
        country: Option<String> = optional(),
        /// Letters of a state of the country.
        subdivision: Option<String> = optional(),
    }
}

model! {
    /// Answers with the nearest place.
    pub struct GeoproximityRouting {
        /// Region that is the place.
        aws_region: Option<String> = optional(),
        /// How much larger (up to 99) or smaller (down to -99) the area is from which the place is asked.
        bias: Option<i32> = optional().range(-99, 99),
        /// Local Zone that is the place.
        local_zone_group: Option<String> = optional(),
        /// The place on the globe.
        coordinates: Set<Coordinates> = optional().items(0, 1),
    }
}

model! {
    /// A place on the globe.
    pub struct Coordinates {
        /// Degrees north, -90 to 90, at most two digits after the point.
        latitude: String = required(),
        /// Degrees east, -180 to 180, at most two digits after the point.
        longitude: String = required(),
    }
}

model! {
    /// Answers with the region that is quickest to reach.
    pub struct LatencyRouting {
        /// Region of the record's target.
        region: String = required(),
    }
}

model! {
    /// Answers by shares.
    pub struct WeightedRouting {
        /// Share of the answers, 0 to 255, relative to the sum of all records of the name.
        weight: i64 = required().range(0, 255),
    }
}

/// The name of an alias's target, as hashicorp/aws keeps it: without the `dualstack.` that the console puts before.
pub(super) fn normal_alias(name: &str) -> String {
    let name = name.strip_suffix('.').unwrap_or(name).to_lowercase();
    name.strip_prefix("dualstack.").unwrap_or(&name).to_owned()
}

fn same_alias(have: &Value, want: &Value) -> bool {
    matches!((have.as_str(), want.as_str()), (Some(have), Some(want)) if normal_alias(have) == normal_alias(want))
}
