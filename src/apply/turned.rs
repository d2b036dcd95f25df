//! What a deployment turned besides its service.

use super::run_step::Runner;
use crate::address::Address;
use crate::diagnostic::{Diagnostic, Report};
use crate::plan::live::{copy_marks, mark_schema};
use crate::plan::problem;
use crate::resource::{Error, Wanted};
use crate::state::{Instance, InstanceKey};

impl Runner<'_> {
    /// Reads the listeners and rules that the deployment of the service turned: they are remembered as they are, and what
    /// refers to where they lead gets that.
    pub(super) async fn turned_by(&self, service: &Address) -> Result<(), Report> {
        let plan = self.job.plan;
        for address in plan.live.turned.of(service) {
            let change = plan.changes.iter().find(|change| change.address == *address && change.deposed.is_none());
            let key = InstanceKey::current(address.clone());
            let resource = self.job.registry.resource(address.type_name()).cloned();
            let (Some(change), Some(resource), Some(old)) = (change, resource, self.record.remembered(&key)) else {
                return Err(Diagnostic::bug(format!("{address} is not in the plan")).into());
            };
            let fail = |error: &Error| Report::from(problem::from_error(error, address, "Reading"));
            let (schema, version) = (resource.schema(), resource.schema_version());
            let prior = old.decode(&schema.ty)?.value.unmarked();
            let id = resource.id(&prior).map_err(|error| fail(&error))?;
            let cloud = self.connect(&change.provider).await?;
            let provider = change.provider.in_state();
            let found = self.reader.read(&resource, &cloud, &provider, Wanted { id, prior }).await;
            let Some(found) = found.map_err(|error| fail(&error))? else {
                let text = format!("{address} was deleted while {service} was deployed. Run the command again.");
                return Err(Diagnostic::error("Object is gone", text).about(address).into());
            };
            let value = mark_schema(schema, &copy_marks(&change.after, &found.attributes));
            let Instance { schema_version, attributes, sensitive_attributes, .. } =
                Instance::new(&provider, version, &value, &schema.ty)?;
            let now = Instance { schema_version, attributes, sensitive_attributes, ..old };
            self.record.set(vec![(key, Some(now))]).await?;
            self.known.borrow_mut().set(address, value.clone());
            self.evaluator.borrow_mut().settle(address, value)?;
        }
        Ok(())
    }
}
