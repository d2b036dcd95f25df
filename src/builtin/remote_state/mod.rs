//! The data source `terraform_remote_state`: the root outputs of another stack, out of its state.
//!
//! <https://developer.hashicorp.com/terraform/language/state/remote-state-data>

mod backend;

use std::sync::Arc;

use super::above::Above;
use crate::address::Address;
use crate::model;
use crate::resource::model::{Field as _, Model as _};
use crate::resource::{AnySource, Cloud, Draft, Error, Pending, Problems, Schema};
use crate::value::{Data, Entries, Value};

model! {
    /// The root outputs of another stack, out of its state.
    pub struct Args {
        /// Kind of the place where the state is: `local` or `s3`.
        backend: String = required(),
        /// Arguments of the backend, as in its block.
        config: Value = optional(),
        /// Outputs where the state has none of this name, as an object.
        defaults: Value = optional(),
        /// The outputs, as an object.
        outputs: Value = computed(),
        /// Workspace; `default` when left out.
        workspace: Option<String> = optional(),
    }
}

/// Terraform's headline for arguments of a backend.
const BACKEND: &str = "Invalid backend configuration";

/// The data source.
struct RemoteState {
    above: Above,
}

impl AnySource for RemoteState {
    fn type_name(&self) -> &'static str {
        "terraform_remote_state"
    }

    fn schema(&self) -> &'static Schema {
        Args::schema()
    }

    fn check(&self, draft: &Draft, found: &mut Problems) {
        let config = draft.config();
        if let Some(kind) = config.get("backend").and_then(Value::as_str) {
            if let Err(why) = backend::exists(kind) {
                found.titled(BACKEND, "backend", why);
            } else if let Some(given) = config.get("config").filter(|given| given.is_wholly_known())
                && let Err(why) = backend::check(kind, given)
            {
                let place = if given.is_null() { "" } else { "config" };
                let text = format!("The given configuration is not valid for backend \"{kind}\": {why}.");
                found.titled(BACKEND, place, text);
            }
        }
        if let Some(defaults) = config.get("defaults").filter(|given| given.is_known() && !given.is_null())
            && defaults.entries().is_none()
        {
            let text = "Defaults must be given as an object: a value for each output that may be missing.";
            found.titled("Invalid default values", "defaults", text);
        }
    }

    fn read<'a>(&'a self, cloud: &'a Cloud, want: &'a Value) -> Pending<'a, Value> {
        self.read_by(String::new(), cloud, want)
    }

    fn read_as<'a>(&'a self, address: &'a Address, cloud: &'a Cloud, want: &'a Value) -> Pending<'a, Value> {
        self.read_by(reader(address), cloud, want)
    }
}

/// How OpenTofu names a data source in `remote_state_data_source`: without its type, and without the first `module.`.
fn reader(address: &Address) -> String {
    let name = address.to_string().replacen("data.terraform_remote_state.", "", 1);
    name.strip_prefix("module.").map_or_else(|| name.clone(), str::to_owned)
}

impl RemoteState {
    fn read_by<'a>(&'a self, reader: String, cloud: &'a Cloud, want: &'a Value) -> Pending<'a, Value> {
        Box::pin(async move {
            let mut args = Args::decode_element(want)?;
            let workspace = args.workspace.clone().unwrap_or_else(|| "default".to_owned());
            let state = backend::read(&self.above, cloud.get()?, &args.backend, &args.config, &workspace).await?;
            let bytes = self.above.unseal.open(&reader, state.bytes, &state.name).await?;
            let outputs = (self.above.outputs)(&bytes, &state.name)
                .map_err(|problem| Error::titled("Error loading state error", problem.detail))?;
            let Some(outputs) = outputs else { return Err(backend::not_found(&workspace)) };
            let mut all: Entries = args.defaults.entries().cloned().unwrap_or_default();
            all.extend(outputs.into_iter().map(|(name, value)| (name.as_str().into(), value)));
            args.outputs = Value { data: Data::Object(all.into()), marks: args.defaults.marks.clone() };
            Ok(args.encode_element())
        })
    }
}

/// The data sources.
pub(super) fn sources(above: Above) -> Vec<Arc<dyn AnySource>> {
    vec![Arc::new(RemoteState { above })]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_readers() {
        let named = |address: &str| reader(&address.parse().expect("an address"));
        assert_eq!(named("data.terraform_remote_state.net"), "net");
        assert_eq!(named("data.terraform_remote_state.net[4]"), "net[4]");
        assert_eq!(named("module.a[1].module.b.data.terraform_remote_state.net"), "a[1].module.b.net");
    }
}
