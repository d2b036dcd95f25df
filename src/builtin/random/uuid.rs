//! `random_uuid`: a random UUID.
//!
//! <https://registry.terraform.io/providers/hashicorp/random/latest/docs/resources/uuid>

use std::collections::BTreeMap;

use crate::builtin::local::Local;
use crate::builtin::terraform;
use crate::clock::Clock;
use crate::model;
use crate::resource::Error;

model! {
    /// A random UUID.
    pub struct Args {
        /// The UUID.
        id: Option<String> = computed(),
        /// Values whose change draws anew.
        keepers: Option<BTreeMap<String, String>> = optional().force_new(),
        /// The UUID.
        result: Option<String> = computed(),
    }
}

/// The type.
pub struct RandomUuid;

impl Local for RandomUuid {
    type Model = Args;

    const TYPE: &'static str = "random_uuid";

    fn make(want: &mut Args, clock: &Clock) -> Result<(), Error> {
        want.id = Some(terraform::uuid(clock)?);
        want.result.clone_from(&want.id);
        Ok(())
    }

    /// The UUID.
    fn import(text: &str) -> Result<Args, Error> {
        let found = uuid::Uuid::try_parse(text).map_err(|error| {
            let detail =
                format!("\"{text}\" is no UUID: {error}. Write it as 32 hexadecimal digits in groups of 8-4-4-4-12.");
            Error::titled("Import Random UUID Error", detail)
        })?;
        let text = Some(found.hyphenated().to_string());
        Ok(Args { id: text.clone(), result: text, keepers: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn import_takes_uuids_only() {
        let text = "aabbccdd-eeff-0011-2233-445566778899";
        assert_eq!(RandomUuid::import(text).unwrap().result.as_deref(), Some(text));
        assert!(RandomUuid::import("aabb").is_err());
    }
}
