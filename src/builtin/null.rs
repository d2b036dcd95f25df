//! `null_resource`: nothing, made anew when its triggers change.
//!
//! <https://registry.terraform.io/providers/hashicorp/null/latest/docs/resources/resource>

use std::collections::BTreeMap;
use std::sync::Arc;

use super::local::{Erased, Local};
use crate::clock::Clock;
use crate::model;
use crate::resource::{AnyResource, Error};

model! {
    /// Nothing, made anew when its triggers change.
    pub struct Args {
        /// Identifier, made when the object is made.
        id: Option<String> = computed(),
        /// Values whose change makes the object anew.
        triggers: Option<BTreeMap<String, String>> = optional().force_new(),
    }
}

/// The type.
pub struct NullResource;

impl Local for NullResource {
    type Model = Args;

    const TYPE: &'static str = "null_resource";

    fn make(want: &mut Args, clock: &Clock) -> Result<(), Error> {
        // hashicorp/null: a random number in decimal digits.
        let mut bytes = [0; 8];
        clock
            .random(&mut bytes)
            .map_err(|error| Error::local("create", format!("The system gives no random numbers: {error}.")))?;
        want.id = Some((u64::from_le_bytes(bytes) >> 1).to_string());
        Ok(())
    }
}

/// The types.
pub(super) fn resources() -> Vec<Arc<dyn AnyResource>> {
    vec![Erased::<NullResource>::boxed()]
}
