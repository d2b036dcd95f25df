//! Reads the objects that `import` blocks name: from then on they are planned like those that state remembers.

use std::sync::Arc;

use futures_util::StreamExt as _;

use super::live::{Live, Object, mark_schema};
use super::problem;
use super::provider::Connections;
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::Desired;
use crate::resource::{Registry, read_all};
use crate::value::Value;

/// What people see in place of an id that is sensitive.
const HIDDEN: &str = "(sensitive value)";

/// Reads the objects, all at once up to `parallelism`, and puts them among those that exist.
///
/// # Errors
/// Every object that does not exist, and every failed read.
pub(super) async fn read(
    live: &mut Live,
    wanted: &[Arc<Desired>],
    registry: &Registry,
    connections: &Connections,
    parallelism: usize,
) -> Result<(), Report> {
    let reads = wanted.iter().map(|want| async move { (want, object(want, registry, connections).await) });
    let answers: Vec<_> = futures_util::stream::iter(reads).buffer_unordered(parallelism.max(1)).collect().await;
    let mut report = Report::default();
    for (want, answer) in answers {
        match answer {
            Ok((id, object)) => {
                live.objects.insert(want.address.clone(), object);
                live.fresh.insert(want.address.clone());
                live.imported.insert(want.address.clone(), id);
            }
            Err(problem) => report.push(problem.at(want.spans.header())),
        }
    }
    report.or(())
}

/// The id as people may see it, and the object.
async fn object(
    want: &Desired,
    registry: &Registry,
    connections: &Connections,
) -> Result<(String, Object), Diagnostic> {
    let address = &want.address;
    let lost = || Diagnostic::bug(format!("{address} was to be imported without a connection"));
    let (resource, cloud) =
        registry.resource(address.type_name()).zip(connections.get(&want.provider)).ok_or_else(lost)?;
    let text = want.import.as_ref().and_then(Value::as_str).ok_or_else(lost)?;
    let is_hidden = want.import.as_ref().is_some_and(|id| id.marks_deep().is_sensitive());
    let shown = if is_hidden { HIDDEN } else { text };
    let failed = |error| problem::from_error(&error, address, "Importing");
    let wanted = resource.import(cloud, text).await.map_err(failed)?;
    let found = read_all(resource.as_ref(), cloud, &[wanted]).await.map_err(failed)?;
    let Some(found) = found.into_iter().next() else {
        let text = format!(
            "There is no object of type {} with the id {} that {address} could take over. Check the id, and that the provider's \
             credentials and region are those of the object.",
            address.type_name(),
            crate::address::quote(shown)
        );
        return Err(Diagnostic::error("Cannot import non-existent remote object", text).about(address));
    };
    let object = Object {
        attributes: mark_schema(resource.schema(), &found.attributes),
        provider: want.provider.in_state(),
        is_tainted: false,
        dependencies: want.references.clone(),
        create_before_destroy: false,
    };
    Ok((shown.to_owned(), object))
}
