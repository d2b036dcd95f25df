//! `terraform_data`: a value with the lifecycle of a resource.
//!
//! <https://developer.hashicorp.com/terraform/language/resources/terraform-data>

use std::sync::Arc;

use super::local::{Erased, Local};
use crate::clock::Clock;
use crate::model;
use crate::resource::{AnyResource, Draft, Error};
use crate::value::{Type, Value};

model! {
    /// A value with the lifecycle of a resource.
    pub struct Args {
        /// Identifier, made when the object is made.
        id: Option<String> = computed(),
        /// Any value; it comes out as `output`.
        input: Value = optional(),
        /// The value of `input`.
        output: Value = computed(),
        /// Any value; when it changes the object is made anew.
        triggers_replace: Value = optional().force_new(),
    }
}

/// The type.
pub struct TerraformData;

impl Local for TerraformData {
    type Model = Args;

    const TYPE: &'static str = "terraform_data";

    fn revise(want: &mut Draft) {
        if want.is_new() {
            // It will have one.
            want.put("id", Value::unknown_not_null(Type::String));
        }
        let Some(input) = want.planned().get("input").cloned() else { return };
        if want.is_new() && input.is_null() {
            want.put("output", input.unmarked());
        } else if want.is_new() || want.is_changed(Args::input) {
            want.put("output", Value::unknown(input.ty()));
        }
    }

    fn make(want: &mut Args, clock: &Clock) -> Result<(), Error> {
        want.id = Some(uuid(clock)?);
        Ok(())
    }

    fn derive(model: &mut Args) {
        // As Terraform has it: the output of a sensitive input is not sensitive.
        model.output = model.input.unmarked();
    }

    fn adopt(from: &str, object: &Value) -> Option<Args> {
        let id = object.get("id")?.as_str()?.to_owned();
        let triggers = object.get("triggers")?.clone();
        (from == "null_resource").then(|| Args { id: Some(id), triggers_replace: triggers, ..Args::default() })
    }

    fn import(text: &str) -> Result<Args, Error> {
        Ok(Args { id: Some(text.to_owned()), ..Args::default() })
    }
}

/// A random UUID.
pub(super) fn uuid(clock: &Clock) -> Result<String, Error> {
    let mut bytes = [0; 16];
    clock
        .random(&mut bytes)
        .map_err(|error| Error::local("create", format!("The system gives no random numbers: {error}.")))?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid().to_string())
}

/// The types.
pub(super) fn resources() -> Vec<Arc<dyn AnyResource>> {
    vec![Erased::<TerraformData>::boxed()]
}
