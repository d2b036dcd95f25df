//! Importing one object by hand: found by its id, read, and made the object of an instance.

use super::live::mark_schema;
use super::{Change, Connections, problem};
use crate::diagnostic::{Diagnostic, Report};
use crate::resource::{AnyResource, Error, Found, Registry, read_all};
use crate::state::Instance;

/// The object that `id` names, as the state remembers it. `change` is what is planned for the instance it becomes.
///
/// # Errors
/// There is no such object, or asking for it fails.
pub async fn import_object(
    change: &Change,
    id: &str,
    registry: &Registry,
    connections: &Connections,
) -> Result<Instance, Report> {
    let address = &change.address;
    let resource = registry
        .resource(address.type_name())
        .ok_or_else(|| Diagnostic::bug(format!("The type of {address} has no table")))?;
    let found = find(change, id, resource.as_ref(), connections)
        .await
        .map_err(|error| problem::from_error(&error, address, "Importing").at(change.span))?;
    let found = found.ok_or_else(|| missing(change, id))?;
    let value = mark_schema(resource.schema(), &found.attributes);
    Ok(Instance::new(&change.provider.in_state(), resource.schema_version(), &value, &resource.schema().ty)?)
}

async fn find(
    change: &Change,
    id: &str,
    resource: &dyn AnyResource,
    connections: &Connections,
) -> Result<Option<Found>, Error> {
    let cloud = connections.get(&change.provider).ok_or_else(|| {
        let text = "Its provider is configured with values that are known only after apply. Give them with -var, or write them out.";
        Error::local("import", text)
    })?;
    let wanted = resource.import(cloud, id).await?;
    Ok(read_all(resource, cloud, &[wanted]).await?.into_iter().next())
}

fn missing(change: &Change, id: &str) -> Diagnostic {
    let address = &change.address;
    let text = format!(
        "While attempting to import an existing object to \"{address}\", the provider detected that no object exists with the given id \"{id}\". Only pre-existing objects can be imported; check that the id is correct and that it is associated with the provider's configured region or endpoint, or let an apply make a new object for {address}."
    );
    Diagnostic::error("Cannot import non-existent remote object", text).at(change.span).about(address)
}
