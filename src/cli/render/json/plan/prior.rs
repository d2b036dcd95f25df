//! The state that the plan starts from, brought up to date.

use crate::cli::render::json::state::{Whole, whole};
use crate::diagnostic::Diagnostic;
use crate::plan::Action;
use crate::plan::saved::Saved;
use crate::resource::Registry;
use crate::state::{Instance, InstanceKey, State};

/// What was remembered, as it was found when the plan was made, and the data sources that were read; `None` when that is
/// nothing.
pub(super) fn state(saved: &Saved, registry: &Registry) -> Result<Option<Whole>, Diagnostic> {
    let mut state: State = saved.state.clone();
    state.instances.retain(|key, _| key.address.is_managed());
    let live = &saved.plan.live;
    for address in live.gone() {
        state.instances.remove(&InstanceKey::current(address.clone()));
    }
    for (address, object) in &live.objects {
        let schema = registry.resource(address.type_name()).map(|resource| resource.schema());
        let instance = state.instances.get_mut(&InstanceKey::current(address.clone()));
        if let (Some(schema), Some(instance)) = (schema, instance) {
            instance.encode(&object.attributes, &schema.ty)?;
        }
    }
    for change in saved.plan.changes.iter().filter(|change| !change.address.is_managed()) {
        let Some(source) = registry.source(change.address.type_name()) else { continue };
        if change.action == Action::NoOp {
            let instance = Instance::new(&change.provider.in_state(), 0, &change.after, &source.schema().ty)?;
            state.instances.insert(InstanceKey::current(change.address.clone()), instance);
        }
    }
    if state.is_empty() && state.outputs.is_empty() {
        return Ok(None);
    }
    whole(&state, registry).map(Some)
}
