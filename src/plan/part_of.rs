//! Objects that are part of another and bear its name: a role's policies. When that is made anew they go with it, or keep it
//! from being deleted, although nothing that they say changes. No io.

use super::change::{Action, Change};
use crate::address::Address;
use crate::lang::Desired;
use crate::resource::AnyResource;
use crate::value::Value;

/// Whether the object is part of one that is planned to be made anew under the same name.
pub(super) fn goes_with<'a>(
    want: &Desired,
    resource: &dyn AnyResource,
    planned: impl Fn(&Address) -> Option<&'a Change>,
) -> bool {
    let Some(part) = resource.part_of() else { return false };
    let Some(said) = want.config.get(part.says).filter(|said| said.as_str().is_some()) else { return false };
    let marks = said.marks_deep();
    let mut origins = marks.origins().filter(|origin| origin.is_managed() && origin.type_name() == part.whole);
    origins.any(|origin| {
        planned(origin).is_some_and(|change| {
            let before = change.before.get(part.name).and_then(Value::as_str);
            matches!(change.action, Action::Replace { .. }) && before == said.as_str()
        })
    })
}
