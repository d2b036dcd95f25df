//! The one function that completes a resource: what the stack file says, defaults, what was there, and what only the
//! service can tell. Plan and apply both use it; using it twice changes nothing.

use crate::resource::attr::{Attr, Nesting, Schema, Shape};
use crate::value::{Entries, Type, Value};

/// The planned object: `config` where the stack file says something, else the default, else the `prior` value of what
/// the service decides (known after apply when there is no prior), else nothing.
pub fn complete(schema: &Schema, config: &Value, prior: Option<&Value>) -> Value {
    completed(schema, schema.empty_is_value, config, prior)
}

/// The same for a block of a table in which an empty text is a value, or not.
fn completed(schema: &Schema, empty_is_value: bool, config: &Value, prior: Option<&Value>) -> Value {
    if !config.is_known() || config.is_null() {
        return config.clone();
    }
    let entry = |attr: &Attr| {
        let absent = attr.shape.absent();
        let said = config.get(attr.name).unwrap_or(&absent);
        let prior = prior.map(|prior| prior.get(attr.name).unwrap_or(&absent));
        (attr.key.clone(), complete_attr(attr, empty_is_value, said, prior))
    };
    Value { marks: config.marks.clone(), ..Value::object(schema.attrs.iter().map(entry).collect::<Entries>()) }
}

/// Whether the stack file says nothing about the attribute.
pub fn is_absent(attr: &Attr, said: &Value) -> bool {
    said.is_null() || (matches!(attr.shape, Shape::Block(..)) && said.elements().is_some_and(<[Value]>::is_empty))
}

/// What a service is told: the planned object, with what the stack file says of write-only attributes, which are in no
/// plan.
pub fn told(schema: &Schema, planned: &Value, config: &Value) -> Value {
    let entry = |attr: &Attr| {
        let absent = attr.shape.absent();
        let [ours, said] = [planned, config].map(|whole| whole.get(attr.name).unwrap_or(&absent));
        let value = match attr.shape {
            Shape::Plain(_) if attr.spec.write_only => said.clone(),
            Shape::Block(nesting, inner) if has_write_only(inner) => told_blocks(nesting, inner, ours, said),
            Shape::Plain(_) | Shape::Block(..) => ours.clone(),
        };
        (attr.name.into(), value)
    };
    if !has_write_only(schema) || planned.is_null() || !planned.is_known() {
        return planned.clone();
    }
    Value { marks: planned.marks.clone(), ..Value::object(schema.attrs.iter().map(entry).collect::<Entries>()) }
}

/// Blocks in a list are matched by position. Elements of a set have none: they cannot have write-only attributes.
fn told_blocks(nesting: Nesting, schema: &Schema, planned: &Value, config: &Value) -> Value {
    match (nesting, planned.elements(), config.elements()) {
        (Nesting::Single, ..) => told(schema, planned, config),
        (Nesting::One | Nesting::List, Some(ours), Some(said)) => {
            let one = |(at, ours): (usize, &Value)| {
                said.get(at).map_or_else(|| ours.clone(), |said| told(schema, ours, said))
            };
            Value::list(schema.ty.clone(), ours.iter().enumerate().map(one).collect()).with_marks(&planned.marks)
        }
        _ => planned.clone(),
    }
}

fn has_write_only(schema: &Schema) -> bool {
    schema.attrs.iter().any(|attr| match attr.shape {
        Shape::Plain(_) => attr.spec.write_only,
        Shape::Block(_, inner) => has_write_only(inner),
    })
}

fn complete_attr(attr: &Attr, empty_is_value: bool, said: &Value, prior: Option<&Value>) -> Value {
    if attr.spec.write_only {
        return attr.shape.absent();
    }
    let is_left_to_service = !empty_is_value && attr.is_computed() && attr.is_empty_text(said);
    if is_absent(attr, said) || is_left_to_service {
        let absent = attr.shape.absent();
        return match (attr.default_value(), prior) {
            (Some(default), Some(prior)) if attr.means_same(prior, &default) => prior.unmarked(),
            (Some(default), _) => default,
            (None, Some(prior)) if attr.is_computed() => prior.clone(),
            (None, None) if attr.is_computed() => attr.unknown(),
            // Of an attribute that takes any value a null keeps its type.
            (None, _) if matches!(attr.shape, Shape::Plain(Type::Any)) => said.clone(),
            // Emptied by hand or never set: the service cannot tell them apart.
            (None, Some(prior)) if is_empty(prior) || attr.means_same(prior, &absent) => prior.clone(),
            (None, _) => absent.with_marks(&said.marks),
        };
    }
    let whole = match attr.shape {
        Shape::Plain(_) => said.clone(),
        Shape::Block(nesting, schema) => complete_blocks(nesting, schema, empty_is_value, said, prior),
    };
    match prior {
        // The same value: what is sensitive in it is what the stack file says.
        Some(prior) if prior.unmarked() == whole.unmarked() => whole,
        Some(prior) if whole.is_wholly_known() && attr.means_same(&prior.unmarked(), &whole.unmarked()) => {
            prior.unmarked().with_marks(&whole.marks_deep())
        }
        // What takes any value tells them apart: they are of different types.
        Some(prior) if is_empty(prior) && is_empty(&whole) && !matches!(attr.shape, Shape::Plain(Type::Any)) => {
            prior.unmarked().with_marks(&whole.marks_deep())
        }
        _ => whole,
    }
}

/// Null, no text, no elements.
fn is_empty(value: &Value) -> bool {
    value.is_null()
        || value.as_str() == Some("")
        || value.elements().is_some_and(<[Value]>::is_empty)
        || value.entries().is_some_and(Entries::is_empty)
}

/// Blocks in a list are matched with the prior ones by position, those in a set by what the stack file says of them.
fn complete_blocks(
    nesting: Nesting,
    schema: &Schema,
    empty_is_value: bool,
    said: &Value,
    prior: Option<&Value>,
) -> Value {
    let complete = |block: &Value, prior: Option<&Value>| completed(schema, empty_is_value, block, prior);
    if nesting == Nesting::Single {
        return complete(said, prior.filter(|prior| !prior.is_null()));
    }
    let (Some(blocks), before) = (said.elements(), prior.and_then(Value::elements).unwrap_or_default()) else {
        return said.clone();
    };
    let one = |(at, block): (usize, &Value)| match nesting {
        Nesting::Set => {
            let mut matched = before.iter().map(|before| (before, complete(block, Some(before))));
            matched
                .find(|(before, planned)| before.unmarked() == planned.unmarked())
                .map_or_else(|| complete(block, None), |(_, planned)| planned)
        }
        _ => complete(block, before.get(at)),
    };
    let blocks = blocks.iter().enumerate().map(one).collect();
    let whole = match nesting {
        Nesting::Set => Value::set(schema.ty.clone(), blocks),
        _ => Value::list(schema.ty.clone(), blocks),
    };
    whole.with_marks(&said.marks)
}

#[cfg(test)]
#[allow(unreachable_pub)] // `model!` makes public items
mod tests {
    use super::*;
    use crate::resource::model::{Model, Set};

    crate::model! {
        /// A toy.
        pub struct Toy {
            /// Name.
            name: String = required(),
            /// Size with a default.
            size: Option<i32> = optional().default(Lit::Int(3)),
            /// Given by the service.
            arn: Option<String> = computed(),
            /// JSON.
            policy: Option<String> = optional().json(),
            /// The service fills it in when left out.
            check: Option<Part> = optional_computed(),
            /// Several.
            parts: Set<Part> = optional(),
        }
    }

    crate::model! {
        /// A part.
        pub struct Part {
            /// Path.
            path: Option<String> = optional_computed(),
            /// Key.
            key: Option<String> = optional(),
        }
    }

    fn object(pairs: &[(&str, Value)]) -> Value {
        let mut all = Toy::schema().absent().entries().cloned().unwrap_or_default();
        all.extend(pairs.iter().map(|(name, value)| ((*name).into(), value.clone())));
        Value::object(all)
    }

    fn part(key: &str, path: Option<&str>) -> Value {
        let path = path.map_or_else(|| Value::null(crate::value::Type::String), Value::from);
        Value::object([("key".into(), key.into()), ("path".into(), path)].into())
    }

    #[test]
    fn a_new_object_gets_defaults_and_leaves_the_rest_to_the_service() {
        let planned = complete(Toy::schema(), &object(&[("name", "a".into())]), None);
        assert_eq!(planned.get("size"), Some(&Value::from(3)));
        assert!(planned.get("arn").is_some_and(|arn| !arn.is_known()));
        assert!(planned.get("check").is_some_and(|check| !check.is_known()));
        assert!(planned.get("policy").is_some_and(Value::is_null));
        assert_eq!(complete(Toy::schema(), &planned, None), planned);
    }

    #[test]
    fn what_the_service_decided_is_kept() {
        let ty = Part::schema().ty.clone();
        let check = Value::list(ty.clone(), vec![part("k", Some("/"))]);
        let parts = Value::set(ty.clone(), vec![part("x", Some("/x")), part("y", Some("/y"))]);
        let prior = object(&[
            ("name", "a".into()),
            ("size", 3.into()),
            ("arn", "arn:1".into()),
            ("policy", "{\"a\": 1}".into()),
            ("check", check),
            ("parts", parts),
        ]);
        let said = object(&[
            ("name", "a".into()),
            ("policy", "{\"a\":1}".into()),
            ("parts", Value::set(ty, vec![part("y", None), part("x", None)])),
        ]);
        let planned = complete(Toy::schema(), &said, Some(&prior));
        assert_eq!(planned, prior);
        assert_eq!(complete(Toy::schema(), &planned, Some(&prior)), planned);
    }

    #[test]
    fn an_empty_text_for_what_the_service_decides_says_nothing_where_the_table_says_so() {
        let copy = |attr: &Attr| Attr::new(attr.name, attr.doc, attr.shape.clone(), attr.spec.clone());
        let table = || Schema::new("A part.", Part::schema().attrs.iter().map(copy).collect());
        let (quiet, strict) = (table().empty_says_nothing(), table());
        let (slash, empty) = (Some(Value::from("/")), Some(Value::from("")));
        for (name, said, before, planned, planned_strictly) in [
            ("path", "", None, None, empty.clone()),
            ("path", "", Some("/"), slash.clone(), empty.clone()),
            ("path", "/", Some("x"), slash.clone(), slash.clone()),
            // Nobody else gives it: it is taken away.
            ("key", "", Some("/"), empty.clone(), empty.clone()),
            ("key", "", None, empty.clone(), empty.clone()),
        ] {
            let object = |text: &Value| {
                let mut all = quiet.absent().entries().cloned().unwrap_or_default();
                all.insert(name.into(), text.clone());
                Value::object(all)
            };
            let prior = before.map(|before| object(&before.into()));
            for (table, wanted) in [(&quiet, &planned), (&strict, &planned_strictly)] {
                let whole = complete(table, &object(&said.into()), prior.as_ref());
                let found = whole.get(name).filter(|found| found.is_known());
                assert_eq!(found, wanted.as_ref(), "{name} = {said:?}, before {before:?}");
                assert_eq!(complete(table, &whole, prior.as_ref()), whole);
            }
        }
        let whole = object(&[("check", Value::list(Part::schema().ty.clone(), vec![part("k", Some(""))]))]);
        let inner =
            |table: &Schema| complete(table, &whole, None).get("check").and_then(Value::elements).map(<[_]>::to_vec);
        let nested = Schema::new("A toy.", Toy::schema().attrs.iter().map(copy).collect()).empty_says_nothing();
        let path = |blocks: Option<Vec<Value>>| blocks.and_then(|blocks| blocks[0].get("path").cloned());
        assert_eq!(path(inner(&nested)).map(|path| path.is_known()), Some(false));
        assert_eq!(path(inner(Toy::schema())), empty);
    }
}
