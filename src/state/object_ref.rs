//! Which object a record is about, and whether two records are about the same one: of a type, with an id, in a region of
//! an account. An id alone says little: one name can be given in every region, and parts of an object often have its id.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Instance, InstanceKey};

/// What tells an object from all others, as far as it is known. No `Debug`: types that only state remembers may have a
/// secret as their id.
#[derive(Clone)]
pub struct ObjectRef<'a> {
    /// Resource type.
    pub type_name: &'a str,
    /// The provider configuration that reaches it, as in the state.
    pub provider: &'a str,
    /// Its id.
    pub id: Option<String>,
    /// Its region, where the attributes say one.
    pub region: Option<String>,
    /// Its ARN.
    pub arn: Option<String>,
}

impl<'a> ObjectRef<'a> {
    /// An object whose attributes are the texts that `text` gives by name.
    pub fn new(type_name: &'a str, provider: &'a str, text: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name| text(name).filter(|text| !text.is_empty());
        let id = text("id");
        let arn = text("arn").or_else(|| id.clone()).filter(|arn| arn.starts_with("arn:"));
        Self { type_name, provider, id, region: text("region"), arn }
    }

    /// The object that is remembered like this.
    pub fn of(key: &'a InstanceKey, instance: &'a Instance) -> Self {
        let said: Said<'_> = serde_json::from_str(instance.attributes.as_str()).unwrap_or_default();
        Self::new(key.address.type_name(), &instance.provider, |name| {
            let raw = match name {
                "id" => said.id,
                "region" => said.region,
                _ => said.arn,
            };
            serde_json::from_str(raw?.get()).ok()
        })
    }

    /// Whether both are the same object. One without an id is nobody's.
    pub fn is(&self, other: &Self) -> bool {
        let is_alike = self.type_name == other.type_name && self.id.is_some() && self.id == other.id;
        is_alike && (self.arn.is_some() && self.arn == other.arn || self.is_where(other))
    }

    /// Whether both are in the same place. Where an ARN names the account, that counts; elsewhere one provider configuration
    /// stands for one account. What is in no region, such as a DNS record, can be reached through any of them.
    fn is_where(&self, other: &Self) -> bool {
        let regions = [
            self.place_in_arn(REGION).or(self.region.as_deref()),
            other.place_in_arn(REGION).or(other.region.as_deref()),
        ];
        let accounts = [self.place_in_arn(ACCOUNT), other.place_in_arn(ACCOUNT)];
        match (regions, accounts) {
            ([Some(one), Some(two)], _) if one != two => false,
            (_, [Some(one), Some(two)]) => one == two,
            ([None, None], _) => true,
            _ => self.provider == other.provider,
        }
    }

    fn place_in_arn(&self, part: usize) -> Option<&str> {
        self.arn.as_deref()?.split(':').nth(part).filter(|part| !part.is_empty())
    }
}

/// Whether two records under one name are about the same object. Its provider configuration may have another name since.
pub fn is_still(key: &InstanceKey, before: &Instance, now: &Instance) -> bool {
    let (before_ref, now_ref) = (ObjectRef::of(key, before), ObjectRef::of(key, now));
    before.attributes == now.attributes || ObjectRef { provider: now_ref.provider, ..before_ref }.is(&now_ref)
}

/// Where a region and an account stand in an ARN.
const REGION: usize = 3;
const ACCOUNT: usize = 4;

/// The attributes that count; whatever they hold in types that nobody here knows.
#[derive(Default, Deserialize)]
struct Said<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    region: Option<&'a RawValue>,
    #[serde(borrow)]
    arn: Option<&'a RawValue>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: &str = "provider[\"aws\"]";
    const OTHER: &str = "provider[\"aws\"].other";

    fn object(type_name: &'static str, provider: &'static str, attributes: &[(&str, &str)]) -> ObjectRef<'static> {
        ObjectRef::new(type_name, provider, |name| {
            attributes.iter().find(|(own, _)| *own == name).map(|(_, text)| (*text).to_owned())
        })
    }

    #[test]
    fn an_id_counts_within_its_type_region_and_account() {
        let web = |type_name, provider, region| object(type_name, provider, &[("id", "web"), ("region", region)]);
        let one = web("a_repository", HOME, "r1");
        assert!(one.is(&web("a_repository", HOME, "r1")));
        assert!(!one.is(&web("a_policy", HOME, "r1")), "parts have the id of the whole");
        assert!(!one.is(&web("a_repository", HOME, "r2")));
        assert!(!one.is(&web("a_repository", OTHER, "r1")), "nothing says that it is the same account");
        assert!(!one.is(&object("a_repository", HOME, &[("id", "app"), ("region", "r1")])));
        let nameless = object("a_repository", HOME, &[("region", "r1")]);
        assert!(!nameless.is(&nameless));
    }

    #[test]
    fn an_arn_names_the_account_and_the_region() {
        let web = |provider, arn| object("a_group", provider, &[("id", "web"), ("arn", arn)]);
        let one = web(HOME, "arn:aws:logs:r1:111:group:web");
        assert!(one.is(&web(OTHER, "arn:aws:logs:r1:111:group:web:*")));
        assert!(!one.is(&web(HOME, "arn:aws:logs:r1:222:group:web")));
        assert!(!one.is(&web(HOME, "arn:aws:logs:r2:111:group:web")));
        // A part of the answer: the region that was asked for, and no ARN yet.
        let asked = |provider, region| object("a_group", provider, &[("id", "web"), ("region", region)]);
        assert!(one.is(&asked(HOME, "r1")));
        assert!(!one.is(&asked(HOME, "r2")));
        assert!(!one.is(&asked(OTHER, "r1")));
        let by_id = |provider, id| object("a_service", provider, &[("id", id), ("region", "r1")]);
        assert!(by_id(HOME, "arn:aws:ecs:r1:111:service/web").is(&by_id(OTHER, "arn:aws:ecs:r1:111:service/web")));
    }

    #[test]
    fn what_is_in_no_region_is_reached_through_any_provider() {
        let record = |provider| object("a_record", provider, &[("id", "Z1_www_A")]);
        assert!(record(HOME).is(&record(OTHER)));
        let role = |provider, arn| object("a_role", provider, &[("id", "web"), ("arn", arn)]);
        assert!(role(HOME, "arn:aws:iam::111:role/web").is(&role(OTHER, "arn:aws:iam::111:role/web")));
        assert!(!role(HOME, "arn:aws:iam::111:role/web").is(&role(OTHER, "arn:aws:iam::222:role/web")));
        let bucket = |provider, region| {
            object("a_bucket", provider, &[("id", "web"), ("region", region), ("arn", "arn:aws:s3:::web")])
        };
        assert!(bucket(HOME, "r1").is(&bucket(OTHER, "r2")), "its name is given once in the world");
    }

    #[test]
    fn attributes_of_any_form_are_read() {
        let instance = |attributes: &str| {
            let value = crate::value::Value::object([].into());
            let mut instance = Instance::new(HOME, 0, &value, &value.ty()).expect("an instance");
            instance.attributes = crate::value::json::Raw::parse(attributes).expect("JSON");
            instance
        };
        let key = InstanceKey::current("a_thing.x".parse().expect("an address"));
        let odd = instance(r#"{"id": "a\u0022b", "region": {"name": 1}, "arn": null}"#);
        let odd = ObjectRef::of(&key, &odd);
        assert_eq!((odd.id.as_deref(), odd.region, odd.arn), (Some("a\"b"), None, None));
        assert!(ObjectRef::of(&key, &instance(r#"{"id": 7}"#)).id.is_none());
    }
}
