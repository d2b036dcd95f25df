//! What was known before a read stays where the service does not tell it, or tells the same in other words.

use crate::resource::Schema;
use crate::resource::attr::{Nesting, Shape, Usage};
use crate::value::{Data, Entries, Value};

/// The live object with the prior's values for `local` attributes and for those that mean the same.
pub(super) fn keep(schema: &Schema, prior: &Value, live: &Value) -> Value {
    let entry = |attr: &crate::resource::Attr| {
        let live = live.get(attr.name).cloned().unwrap_or_else(|| attr.shape.absent());
        let value = match prior.get(attr.name) {
            None => live,
            // After an import nothing is known of it, and the default is the best guess.
            Some(prior) if attr.spec.local && prior.is_null() => attr.default_value().unwrap_or(live),
            Some(prior) if attr.spec.local => prior.unmarked(),
            Some(prior) => match &attr.shape {
                Shape::Block(nesting, inner) => keep_blocks(*nesting, inner, prior, &live),
                // What the service gives is null only as long as nobody has read it.
                Shape::Plain(_) if attr.is_computed() && prior.is_null() => live,
                // The stack file cannot mean it: after an import nothing is known yet, and an empty text says something.
                Shape::Plain(_)
                    if prior.is_null() && (attr.spec.usage == Usage::Required || attr.default_value().is_some()) =>
                {
                    live
                }
                Shape::Plain(_) if attr.means_same(prior, &live) || is_equally_empty(prior, &live) => prior.unmarked(),
                Shape::Plain(_) => live,
            },
        };
        (attr.name.into(), value)
    };
    Value::object(schema.attrs.iter().map(entry).collect::<Entries>())
}

/// Null and an empty collection or text are the same to the service; whichever was there stays.
fn is_equally_empty(prior: &Value, live: &Value) -> bool {
    let is_empty = |value: &Value| {
        value.is_null()
            || value.as_str() == Some("")
            || value.elements().is_some_and(<[Value]>::is_empty)
            || value.entries().is_some_and(Entries::is_empty)
    };
    is_empty(prior) && is_empty(live)
}

/// Blocks are matched by position in lists; a set's block is matched when it is equal but for what the service does
/// not tell.
fn keep_blocks(nesting: Nesting, schema: &Schema, prior: &Value, live: &Value) -> Value {
    let (Some(before), Some(now)) = (prior.elements(), live.elements()) else {
        return if nesting == Nesting::Single && live.is_null() { prior.unmarked() } else { live.clone() };
    };
    let kept = |(at, live): (usize, &Value)| match nesting {
        Nesting::Set => {
            let kept = before.iter().map(|before| (before, keep(schema, before, live)));
            kept.into_iter()
                .find(|(before, kept)| before.unmarked() == *kept)
                .map_or_else(|| live.clone(), |(_, kept)| kept)
        }
        _ => before.get(at).map_or_else(|| live.clone(), |before| keep(schema, before, live)),
    };
    let elements: Vec<Value> = now.iter().enumerate().map(kept).collect();
    match &live.data {
        Data::Set(ty, _) => Value::set(ty.clone(), elements),
        _ => Value::list(schema.ty.clone(), elements),
    }
}
