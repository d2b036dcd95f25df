//! How objects look inside journal entries: as in the state file.

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::state::{Instance, InstanceKey, file_v4};

const NAME: &str = "the journal";

#[derive(Serialize, Deserialize)]
struct Stored {
    provider: String,
    object: Box<RawValue>,
}

impl Serialize for Instance {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::new();
        file_v4::write_instance(&mut text, None, self).map_err(|problem| S::Error::custom(problem.detail))?;
        let object = RawValue::from_string(text).map_err(S::Error::custom)?;
        Stored { provider: self.provider.to_string(), object }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Instance {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Stored::deserialize(deserializer)?;
        file_v4::read_instance(&stored.object, &stored.provider, NAME)
            .map_err(|problem| D::Error::custom(problem.detail))
    }
}

#[derive(Serialize, Deserialize)]
struct Key {
    address: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deposed: Option<String>,
}

impl Serialize for InstanceKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Key { address: self.address.to_string(), deposed: self.deposed.clone() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for InstanceKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Key { address, deposed } = Key::deserialize(deserializer)?;
        Ok(Self { address: address.parse().map_err(D::Error::custom)?, deposed })
    }
}

pub(in crate::state) mod outputs {
    use std::collections::BTreeMap;

    use serde::de::Error as _;
    use serde::ser::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use serde_json::value::RawValue;

    use super::NAME;
    use crate::state::{Output, file_v4};

    pub(in crate::state) fn serialize<S: Serializer>(
        outputs: &BTreeMap<String, Output>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut text = String::new();
        file_v4::write_outputs(&mut text, outputs).map_err(|problem| S::Error::custom(problem.detail))?;
        RawValue::from_string(text).map_err(S::Error::custom)?.serialize(serializer)
    }

    pub(in crate::state) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<String, Output>, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        file_v4::read_outputs(&raw, NAME).map_err(|problem| D::Error::custom(problem.detail))
    }
}
