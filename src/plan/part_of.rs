//! Objects that are part of another and bear its name: a role's policies. When that is made anew they go with it, or keep it
//! from being deleted, although nothing that they say changes. No io.

use super::change::{Action, Change};
use super::live::Live;
use super::provider::Connections;
use crate::address::Address;
use crate::lang::Desired;
use crate::resource::AnyResource;
use crate::value::Value;

/// Whether the object is part of one that is planned to be made anew under the same name, at its address or at another one:
/// its block was renamed, and the old object goes away.
pub(super) fn goes_with<'a>(
    want: &Desired,
    resource: &dyn AnyResource,
    live: &Live,
    planned: impl Fn(&Address) -> Option<&'a Change>,
) -> bool {
    let Some(part) = resource.part_of() else { return false };
    let Some(said) = want.config.get(part.says).filter(|said| said.as_str().is_some()) else { return false };
    let marks = said.marks_deep();
    let mut origins = marks.origins().filter(|origin| origin.is_managed() && origin.type_name() == part.whole);
    origins.any(|origin| {
        planned(origin).is_some_and(|change| {
            let bears_it = |whole: &Value| whole.get(part.name).and_then(Value::as_str) == said.as_str();
            match change.action {
                Action::Replace { .. } => bears_it(&change.before),
                Action::Create => bears_it(&change.after) && has_other(live, change, bears_it),
                _ => false,
            }
        })
    })
}

/// Whether state has an object of the same type and provider that bears the name, at another address.
fn has_other(live: &Live, change: &Change, bears_it: impl Fn(&Value) -> bool) -> bool {
    live.objects.iter().any(|(address, object)| {
        *address != change.address
            && address.type_name() == change.address.type_name()
            && bears_it(&object.attributes)
            && Connections::parse(&object.provider) == change.provider
    })
}
