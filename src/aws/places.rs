//! What can exist once only, by name: one role of a name, one rule of a priority, one rule of a security group that says
//! the same. Pure.

use super::contract::{Identity, Making, Resource};
use crate::resource::model::Field;
use crate::value::{Entries, Value};

/// What helps to find an object again, but gives no room for a second one of the same name.
const NO_NAMES: &[&str] = &["tags", "name_prefix", "path"];

/// Each place that only one object can have, as far as it is known. Types whose calls travel together are left out: one
/// request puts the new object in the place of the old one without a gap.
pub(super) fn places<T: Resource>(attributes: &Value) -> Vec<String> {
    if T::MAKING != Making::Once || T::TOGETHER != 1 {
        return Vec::new();
    }
    let (Identity::Chosen(names) | Identity::Assigned { recover_by: names }) = T::IDENTITY;
    let names: Vec<&str> = names.iter().filter(|name| !NO_NAMES.contains(name)).copied().collect();
    let said: Entries =
        names.iter().filter_map(|&name| Some((name.into(), attributes.get(name)?.unmarked()))).collect();
    let is_said = said.values().any(|value| !value.is_null()) && said.values().all(Value::is_wholly_known);
    if !is_said || said.len() < names.len() {
        return Vec::new();
    }
    let said = Value::object(said);
    let own = T::Model::decode_element(&said).ok().and_then(|model| T::places(&model));
    own.unwrap_or_else(|| vec![format!("{} {said:?}", T::TYPE)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::ec2::ingress_rule::IngressRule;
    use crate::aws::ec2::security_group_rule::SecurityGroupRule;
    use crate::aws::iam::role::Role;
    use crate::value::Type;

    fn object<const N: usize>(all: [(&str, Value); N]) -> Value {
        Value::object(all.map(|(name, value)| (name.into(), value)).into())
    }

    #[test]
    fn the_types_of_security_group_rules_make_the_same_rules() {
        let null = || Value::null(Type::String);
        let new = object([
            ("security_group_id", "sg-1".into()),
            ("ip_protocol", "tcp".into()),
            ("from_port", 80.into()),
            ("to_port", 80.into()),
            ("cidr_ipv4", "10.0.0.0/8".into()),
            ("cidr_ipv6", null()),
            ("prefix_list_id", null()),
            ("referenced_security_group_id", null()),
            ("arn", Value::unknown(Type::String)),
        ]);
        let old = object([
            ("security_group_id", "sg-1".into()),
            ("type", "ingress".into()),
            ("protocol", "6".into()),
            ("from_port", 80.into()),
            ("to_port", 80.into()),
            ("cidr_blocks", Value::tuple(vec!["10.0.0.0/8".into(), "10.0.0.0/16".into()])),
            ("ipv6_cidr_blocks", null()),
            ("prefix_list_ids", null()),
            ("self", true.into()),
            ("source_security_group_id", null()),
        ]);
        let (new, old) = (places::<IngressRule>(&new), places::<SecurityGroupRule>(&old));
        assert_eq!((new.len(), old.len()), (1, 3));
        assert!(old.contains(&new[0]), "{new:?} is not among {old:?}");
    }

    #[test]
    fn a_role_has_the_place_of_its_name_once_that_is_known() {
        let role = |name: Value| object([("name", name), ("name_prefix", Value::null(Type::String))]);
        let known = places::<Role>(&role("app".into()));
        assert_eq!(known, places::<Role>(&role("app".into())));
        assert_ne!(known, places::<Role>(&role("other".into())));
        assert_eq!(places::<Role>(&role(Value::unknown(Type::String))), [""; 0]);
    }
}
