//! What can exist once only: one role of a name, one rule of a priority, one rule of a security group that says the same.
//! Where the new object would stand in the place of an old one, the old one goes first. No io.

use std::collections::{BTreeSet, HashMap};

use super::change::{Action, Change};
use crate::address::Address;
use crate::resource::{Identity, Making, Registry};
use crate::value::Value;

/// What helps to find an object again, but gives no room for a second one of the same name.
const NO_NAMES: &[&str] = &["tags", "name_prefix", "path"];

/// Where the types of security group rules have their peers.
const PEERS: &[&str] = &[
    "cidr_ipv4",
    "cidr_ipv6",
    "cidr_blocks",
    "ipv6_cidr_blocks",
    "prefix_list_id",
    "prefix_list_ids",
    "referenced_security_group_id",
    "source_security_group_id",
];

/// Two changes of which one needs the place that the object of the other has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct InTheWay {
    /// Index of the change that makes an object, or brings it to where the other is.
    pub made: usize,
    /// Index of the change that deletes the other one.
    pub gone: usize,
}

/// Whether an object is made anew where the old one is, so that the two cannot exist side by side.
pub(super) fn stays_in_place(registry: &Registry, change: &Change) -> bool {
    let is_replaced = matches!(change.action, Action::Replace { .. });
    is_replaced && {
        let before = places(registry, &change.address, &change.before);
        places(registry, &change.address, &change.after).iter().any(|place| before.contains(place))
    }
}

/// What is deleted in favour of another object in the same place.
pub(super) fn in_the_way(registry: &Registry, changes: &[Change]) -> Vec<InTheWay> {
    if !changes.iter().any(|change| change.makes() && change.address.is_managed()) {
        return Vec::new();
    }
    let mut taken: HashMap<String, Vec<usize>> = HashMap::new();
    for (gone, change) in changes.iter().enumerate().filter(|(_, change)| change.deletes()) {
        for place in places(registry, &change.address, &change.before) {
            taken.entry(place).or_default().push(gone);
        }
    }
    if taken.is_empty() {
        return Vec::new();
    }
    let mut all = BTreeSet::new();
    for (made, change) in changes.iter().enumerate().filter(|(_, change)| change.makes()) {
        for place in places(registry, &change.address, &change.after) {
            let gone = taken.get(&place).into_iter().flatten();
            let is_other = |gone: &&usize| **gone != made && changes[**gone].provider == change.provider;
            all.extend(gone.filter(is_other).map(|&gone| InTheWay { made, gone }));
        }
    }
    all.into_iter().collect()
}

/// Each place that only one object can have, as far as it is known. Records are left out: the calls for a zone travel in one
/// request, which puts the new one in the place of the old one without a gap.
fn places(registry: &Registry, address: &Address, value: &Value) -> Vec<String> {
    let Some(resource) = registry.resource(address.type_name()).filter(|_| address.is_managed()) else {
        return Vec::new();
    };
    if let Some(way) = way(address.type_name(), value) {
        return rules(way, value);
    }
    let (Identity::Chosen(names) | Identity::Assigned { recover_by: names }) = resource.identity();
    let names: Vec<&str> = names.iter().filter(|name| !NO_NAMES.contains(name)).copied().collect();
    let values: Vec<&Value> = names.iter().filter_map(|name| value.get(name)).collect();
    let is_said = values.iter().any(|value| !value.is_null()) && values.iter().all(|value| value.is_wholly_known());
    let is_single = resource.making() == Making::Once && resource.together() == 1;
    if !is_single || !is_said || values.len() < names.len() {
        return Vec::new();
    }
    // `aws_alb_listener_rule` is another name of `aws_lb_listener_rule`.
    let type_name = address.type_name().replace("aws_alb", "aws_lb");
    let values: Vec<Value> = values.into_iter().map(Value::unmarked).collect();
    vec![format!("{type_name} {values:?}")]
}

/// The direction of a security group rule.
fn way<'a>(type_name: &str, value: &'a Value) -> Option<&'a str> {
    match type_name {
        "aws_vpc_security_group_ingress_rule" => Some("ingress"),
        "aws_vpc_security_group_egress_rule" => Some("egress"),
        "aws_security_group_rule" => value.get("type")?.as_str(),
        _ => None,
    }
}

/// The rules of a security group that an object stands for, one for each peer: the three types make the same ones.
fn rules(way: &str, value: &Value) -> Vec<String> {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let (Some(group), Some(protocol)) = (text("security_group_id"), text("ip_protocol").or_else(|| text("protocol")))
    else {
        return Vec::new();
    };
    let protocol = match protocol.to_lowercase().as_str() {
        "all" => "-1".to_owned(),
        "1" => "icmp".to_owned(),
        "6" => "tcp".to_owned(),
        "17" => "udp".to_owned(),
        "58" => "icmpv6".to_owned(),
        other => other.to_owned(),
    };
    let ports = ["from_port", "to_port"].map(|name| match (&*protocol, value.get(name)) {
        ("-1", _) | (_, None) => Some(-1),
        (_, Some(port)) if port.is_null() => Some(-1),
        (_, Some(port)) => port.as_i64(),
    });
    let [Some(from), Some(to)] = ports else { return Vec::new() };
    let itself = value.get("self").and_then(Value::as_bool) == Some(true);
    let peers = PEERS.iter().filter_map(|name| value.get(name)).flat_map(|peer| match peer.elements() {
        Some(elements) => elements.iter().collect(),
        None => vec![peer],
    });
    let peers = peers.filter_map(Value::as_str).filter(|peer| !peer.is_empty()).chain(itself.then_some(group));
    peers.map(|peer| format!("{way} {group} {protocol} {from} {to} {peer}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_types_of_security_group_rules_make_the_same_rules() {
        let object = |all: &[(&str, Value)]| {
            Value::object(all.iter().map(|(name, value)| ((*name).into(), value.clone())).collect())
        };
        let ports =
            [("from_port", Value::from(80)), ("to_port", Value::from(80)), ("security_group_id", "sg-1".into())];
        let new = [("ip_protocol", "tcp".into()), ("cidr_ipv4", "10.0.0.0/8".into())];
        let old = [
            ("protocol", "6".into()),
            ("cidr_blocks", Value::tuple(vec!["10.0.0.0/8".into(), "10.0.0.0/16".into()])),
            ("self", true.into()),
        ];
        let (new, old) = (object(&[&ports[..], &new].concat()), object(&[&ports[..], &old].concat()));
        assert_eq!(rules("ingress", &new), ["ingress sg-1 tcp 80 80 10.0.0.0/8"]);
        assert_eq!(rules("ingress", &old).len(), 3);
        assert_eq!(rules("ingress", &old)[0], rules("ingress", &new)[0]);
    }
}
