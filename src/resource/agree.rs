//! How far an object that exists agrees with one that is wanted.

use super::attr::Schema;
use crate::value::Value;

/// The attributes that were asked for, by whether the object that exists has them so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// Those that are as wanted.
    pub agree: Vec<&'static str>,
    /// Those that are not.
    pub differ: Vec<&'static str>,
}

impl Agreement {
    /// Whether nothing differs.
    pub fn is_whole(&self) -> bool {
        self.differ.is_empty()
    }
}

/// Compares what is wanted with what was read. Attributes that nobody asked for are left out, and so are those that
/// the service does not tell. `found` has the spelling of `want` where both mean the same.
pub fn agreement(schema: &Schema, want: &Value, found: &Value) -> Agreement {
    let mut result = Agreement::default();
    for attr in schema.attrs.iter().filter(|attr| attr.is_input() && !attr.spec.local) {
        let (Some(asked), Some(there)) = (want.get(attr.name), found.get(attr.name)) else { continue };
        if is_nothing(asked) {
            continue;
        }
        let side = if agrees(asked, there) { &mut result.agree } else { &mut result.differ };
        side.push(attr.name);
    }
    result
}

/// Null, and an empty list of blocks: not asked for.
fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.elements().is_some_and(<[Value]>::is_empty)
}

/// Whether everything that is asked for is there. What is null or not yet known was not asked for.
fn agrees(want: &Value, found: &Value) -> bool {
    if want.is_null() || !want.is_known() || want.unmarked() == found.unmarked() {
        return true;
    }
    match (want.elements(), found.elements()) {
        (Some(want), Some(found)) if want.len() == found.len() => {
            let in_order = want.iter().zip(found).all(|(want, found)| agrees(want, found));
            return in_order || want.iter().all(|want| found.iter().any(|found| agrees(want, found)));
        }
        (Some(_), _) | (_, Some(_)) => return false,
        (None, None) => {}
    }
    match (want.entries(), found.entries()) {
        (Some(want), Some(found)) => want.iter().all(|(name, want)| match found.get(name) {
            Some(found) => agrees(want, found),
            None => want.is_null(),
        }),
        _ => false,
    }
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
            name: Option<String> = optional(),
            /// Size.
            size: Option<i32> = optional_computed(),
            /// Given by the service.
            arn: Option<String> = computed(),
            /// Parts.
            parts: Vec<Part> = optional(),
        }
    }

    crate::model! {
        /// A part.
        pub struct Part {
            /// Kind.
            kind: Option<String> = optional(),
            /// Chosen by the service when left out.
            port: Option<i32> = optional_computed(),
        }
    }

    #[test]
    fn what_nobody_asked_for_does_not_count() {
        let part = |kind: &str, port| Part { kind: Some(kind.into()), port };
        let want = Toy { name: Some("a".into()), size: None, arn: None, parts: vec![part("x", None)] };
        let found =
            Toy { name: Some("a".into()), size: Some(1), arn: Some("arn".into()), parts: vec![part("x", Some(2))] };
        let compare =
            |want: &Toy, found: &Toy| agreement(Toy::schema(), &want.encode_element(), &found.encode_element());
        assert_eq!(compare(&want, &found), Agreement { agree: vec!["name", "parts"], differ: vec![] });
        let other = Toy { name: Some("b".into()), parts: vec![part("y", Some(2))], ..found.clone() };
        assert_eq!(compare(&want, &other).differ, ["name", "parts"]);
        let more = Toy { parts: vec![part("x", None), part("y", None)], ..found };
        assert_eq!(compare(&want, &more), Agreement { agree: vec!["name"], differ: vec!["parts"] });
    }
}
