//! `null_resource` and the data source `null_data_source`: nothing, made anew when its triggers change.
//!
//! <https://registry.terraform.io/providers/hashicorp/null/latest/docs/resources/resource>

use std::collections::BTreeMap;
use std::sync::Arc;

use super::local::{Erased, Local};
use super::source::{self, Source};
use crate::clock::Clock;
use crate::model;
use crate::resource::{AnyResource, AnySource, Error, Surroundings};

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
        want.id = Some(number(clock)?);
        Ok(())
    }
}

/// As hashicorp/null: a random number in decimal digits.
fn number(clock: &Clock) -> Result<String, Error> {
    let mut bytes = [0; 8];
    clock
        .random(&mut bytes)
        .map_err(|error| Error::local("create", format!("The system gives no random numbers: {error}.")))?;
    Ok((u64::from_le_bytes(bytes) >> 1).to_string())
}

model! {
    /// Texts, copied.
    pub struct Copied {
        /// Always `static`.
        id: Option<String> = computed().deprecated("it tells nothing."),
        /// Texts to copy.
        inputs: Option<BTreeMap<String, String>> = optional(),
        /// A copy of `inputs`.
        outputs: Option<BTreeMap<String, String>> = computed(),
        /// A random number.
        random: Option<String> = computed(),
        /// A text; `default` when left out.
        has_computed_default: Option<String> = optional_computed(),
    }
}

/// The data source `null_data_source`: texts, copied. Locals do that too.
pub struct NullDataSource;

impl Source for NullDataSource {
    type Model = Copied;

    const TYPE: &'static str = "null_data_source";

    async fn read(around: &Surroundings, want: Copied) -> Result<Copied, Error> {
        Ok(Copied {
            id: Some("static".to_owned()),
            outputs: want.inputs.clone(),
            random: Some(number(&around.clock)?),
            has_computed_default: Some(want.has_computed_default.unwrap_or_else(|| "default".to_owned())),
            inputs: want.inputs,
        })
    }
}

/// The data sources.
pub(super) fn sources() -> Vec<Arc<dyn AnySource>> {
    vec![source::Erased::<NullDataSource>::boxed()]
}

/// The types.
pub(super) fn resources() -> Vec<Arc<dyn AnyResource>> {
    vec![Erased::<NullResource>::boxed()]
}
