//! What changes between an object as it is and as it is planned, attribute by attribute.

use crate::lang::{Path, Step};
use crate::resource::attr::{Attr, Nesting, Schema, Shape};
use crate::value::Value;

/// One changed attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Where.
    pub path: Path,
    /// Whether it replaces the object.
    pub forces_replacement: bool,
}

/// Every attribute whose planned value differs from the prior one. Marks do not count.
pub fn changes(schema: &Schema, prior: &Value, planned: &Value) -> Vec<Changed> {
    let mut found = Vec::new();
    walk(schema, prior, planned, &Path::default(), false, &mut found);
    found
}

fn walk(schema: &Schema, prior: &Value, planned: &Value, path: &Path, forced: bool, found: &mut Vec<Changed>) {
    for attr in &schema.attrs {
        let absent = attr.shape.absent();
        let (before, after) = (prior.get(attr.name).unwrap_or(&absent), planned.get(attr.name).unwrap_or(&absent));
        if before == after || before.unmarked() == after.unmarked() {
            continue;
        }
        let path = path.then(Step::Attr(attr.name.into()));
        let forced = forced || attr.spec.force_new;
        match attr.shape {
            Shape::Block(Nesting::Single, inner) if !before.is_null() && !after.is_null() && after.is_known() => {
                walk(inner, before, after, &path, forced, found);
            }
            Shape::Block(nesting, inner) => blocks(attr, nesting, inner, before, after, &path, forced, found),
            Shape::Plain(_) => found.push(Changed { path, forces_replacement: forced }),
        }
    }
}

#[allow(clippy::too_many_arguments)]
fn blocks(
    attr: &Attr,
    nesting: Nesting,
    inner: &Schema,
    before: &Value,
    after: &Value,
    path: &Path,
    forced: bool,
    found: &mut Vec<Changed>,
) {
    let (Some(old), Some(new)) = (before.elements(), after.elements()) else {
        // Known after apply, or a single block that comes or goes.
        let forces_replacement = forced || has_forcing(inner);
        found.push(Changed { path: path.clone(), forces_replacement });
        return;
    };
    if nesting == Nesting::Set {
        let gone = old.iter().filter(|block| !new.contains(block));
        let come = new.iter().filter(|block| !old.contains(block));
        let forces_replacement = forced || gone.chain(come).any(|block| sets_forcing(inner, block));
        found.push(Changed { path: path.clone(), forces_replacement });
        return;
    }
    for (at, (old, new)) in old.iter().zip(new).enumerate() {
        walk(inner, old, new, &path.then(Step::Index(at)), forced, found);
    }
    let shared = old.len().min(new.len());
    let extra: Vec<&Value> = old[shared..].iter().chain(&new[shared..]).collect();
    if !extra.is_empty() {
        let forces_replacement = forced || attr.spec.force_new || extra.iter().any(|block| sets_forcing(inner, block));
        found.push(Changed { path: path.clone(), forces_replacement });
    }
}

/// Whether any attribute of the block replaces the object when changed.
fn has_forcing(schema: &Schema) -> bool {
    schema
        .attrs
        .iter()
        .any(|attr| attr.spec.force_new || attr.shape.block().is_some_and(|(_, inner)| has_forcing(inner)))
}

/// Whether the block sets an attribute that replaces the object when changed.
fn sets_forcing(schema: &Schema, block: &Value) -> bool {
    schema.attrs.iter().any(|attr| {
        let value = block.get(attr.name);
        match attr.shape.block() {
            Some((_, inner)) => {
                value.and_then(Value::elements).unwrap_or_default().iter().any(|block| sets_forcing(inner, block))
            }
            None => attr.spec.force_new && value.is_some_and(|value| !value.is_null()),
        }
    })
}

#[cfg(test)]
#[allow(unreachable_pub)] // `model!` makes public items
mod tests {
    use super::*;
    use crate::resource::model::{Field, Model};

    crate::model! {
        /// A toy.
        pub struct Toy {
            /// Name.
            name: Option<String> = optional().force_new(),
            /// Size.
            size: Option<i32> = optional(),
            /// Parts.
            parts: Vec<Part> = optional(),
        }
    }

    crate::model! {
        /// A part.
        pub struct Part {
            /// Fixed for good.
            fixed: Option<String> = optional().force_new(),
            /// May change.
            free: Option<String> = optional(),
        }
    }

    fn text(before: &Toy, after: &Toy) -> String {
        let changed = changes(Toy::schema(), &before.encode_element(), &after.encode_element());
        let line = |one: &Changed| format!("{}{}", one.path, if one.forces_replacement { "!" } else { "" });
        changed.iter().map(line).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn paths_and_what_forces_replacement() {
        let part = |fixed: Option<&str>, free: &str| Part { fixed: fixed.map(Into::into), free: Some(free.into()) };
        let toy = |size, parts: &[Part]| Toy { name: Some("a".into()), size: Some(size), parts: parts.to_vec() };
        assert_eq!(text(&toy(1, &[]), &toy(1, &[])), "");
        assert_eq!(text(&toy(1, &[]), &Toy { name: None, ..toy(2, &[]) }), "name! size");
        assert_eq!(text(&toy(1, &[part(None, "a")]), &toy(1, &[part(None, "b")])), "parts[0].free");
        assert_eq!(text(&toy(1, &[part(Some("f"), "a")]), &toy(1, &[part(Some("g"), "a")])), "parts[0].fixed!");
        assert_eq!(text(&toy(1, &[]), &toy(1, &[part(None, "a")])), "parts");
        assert_eq!(text(&toy(1, &[part(Some("f"), "a")]), &toy(1, &[])), "parts!");
    }
}
