//! What is wrong with a record, found in the plan.

use super::model::Args;
use super::values;
use crate::aws::contract::*;

pub(super) fn check(want: &Draft, found: &mut Problems) {
    let kind = want.known(Args::r#type).unwrap_or_default();
    if want.is_set(Args::records) && !want.is_set(Args::ttl) {
        found.at(Args::records, "A record with `records` needs `ttl`: the seconds that others may remember the answer, such as 300.");
    }
    let values = want.known(Args::records).unwrap_or_default();
    if let Some(problem) = values.iter().find_map(|value| values::problem(&kind, value)) {
        found.at(Args::records, problem);
    }
    if kind == "CNAME" && values.len() > 1 && !want.is_set(Args::set_identifier) {
        found.at(Args::records, "A CNAME record has one value. Make several records with a routing policy, or use A records.");
    }
    if want.is_set(Args::alias) && matches!(kind.as_str(), "NS" | "SOA") {
        found.at(Args::alias, format!("A record of type {kind} cannot be an alias. Use type A or AAAA."));
    }
    routing(want, found);
}

fn routing(want: &Draft, found: &mut Problems) {
    let policies = [
        ("cidr_routing_policy", want.is_set(Args::cidr_routing_policy)),
        ("failover_routing_policy", want.is_set(Args::failover_routing_policy)),
        ("geolocation_routing_policy", want.is_set(Args::geolocation_routing_policy)),
        ("geoproximity_routing_policy", want.is_set(Args::geoproximity_routing_policy)),
        ("latency_routing_policy", want.is_set(Args::latency_routing_policy)),
        ("multivalue_answer_routing_policy", want.known(Args::multivalue_answer_routing_policy) == Some(true)),
        ("weighted_routing_policy", want.is_set(Args::weighted_routing_policy)),
    ];
    let set: Vec<&str> = policies.iter().filter(|(_, is_set)| *is_set).map(|(name, _)| *name).collect();
    match (set.as_slice(), want.is_set(Args::set_identifier)) {
        ([], true) => found.at(
            Args::set_identifier,
            "`set_identifier` tells records of one name with a routing policy apart, and this record has no routing policy. Add one, or remove `set_identifier`.",
        ),
        ([policy], false) => found.inside(
            &[policy],
            format!("A record with `{policy}` needs `set_identifier`: a text that tells it from the others of its name."),
        ),
        ([_, .., last], _) => found.inside(&[last], format!("A record has one routing policy, and this one has several: {}. Keep one.", set.join(", "))),
        _ => {}
    }
    if let Some(place) = want.known(Args::geolocation_routing_policy) {
        let at = ["geolocation_routing_policy"];
        match (place.continent.is_some(), place.country.is_some(), place.subdivision.is_some()) {
            (true, true, _) | (true, _, true) => found.inside(&at, "A place is a continent, or a country with or without `subdivision`. Remove `continent`, or the others."),
            (_, false, true) => found.inside(&at, "`subdivision` is a part of a country. Set `country` as well."),
            _ => {}
        }
    }
    if let Some(place) = want.known(Args::geoproximity_routing_policy) {
        let given = [place.aws_region.is_some(), place.local_zone_group.is_some(), !place.coordinates.is_empty()];
        if given.iter().filter(|is_given| **is_given).count() != 1 {
            found.inside(&["geoproximity_routing_policy"], "Exactly one of `aws_region`, `local_zone_group` and `coordinates` says where the place is.");
        }
    }
}
