//! Two owners of one definition: what the stack file changed and what a pipeline changed since the last apply are put
//! together field by field. Three sides go in as JSON, one comes out.
//!
//! | since the last apply changed | comes out |
//! |---|---|
//! | nobody, or both to the same | that |
//! | the stack file alone | what the stack file says |
//! | the pipeline alone | what is live: it is kept |
//! | both, to different things | a conflict: what the person decided, else the stack file's |
//!
//! Objects are taken apart by name, and so are lists whose elements have one: containers, and the variables and secrets
//! of a container. Everything else is one field.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::take::{Decided, Side};

/// The attribute that holds containers.
const CONTAINERS: &str = "container_definitions";
/// Lists of a container whose elements have names.
const NAMED: [&str; 2] = ["environment", "secrets"];

/// Where in a definition.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Field(pub Vec<String>);

impl Field {
    fn then(&self, name: &str) -> Self {
        Self(self.0.iter().cloned().chain([name.to_owned()]).collect())
    }

    /// `web.image`: as flags name it.
    pub fn flag(&self) -> String {
        match self.0.split_first() {
            Some((first, rest)) if first == CONTAINERS && !rest.is_empty() => rest.join("."),
            _ => self.0.join("."),
        }
    }

    /// `image of container web`: as people read it.
    pub fn words(&self) -> String {
        let parts: Vec<&str> = self.0.iter().map(String::as_str).collect();
        match parts.as_slice() {
            [CONTAINERS, container] => format!("container {container}"),
            [CONTAINERS, container, "environment", name] => {
                format!("environment variable {name} of container {container}")
            }
            [CONTAINERS, container, "secrets", name] => format!("secret {name} of container {container}"),
            [CONTAINERS, container, rest @ ..] => format!("{} of container {container}", rest.join(".")),
            other => other.join("."),
        }
    }

    /// Whether its value is better not repeated: variables often hold what nobody else should read.
    pub fn is_private(&self) -> bool {
        self.0.get(2).is_some_and(|name| name == "environment")
    }

    /// The member that names the elements of the list there.
    fn key(&self) -> Option<&'static str> {
        let is_named = match self.0.as_slice() {
            [only] => only == CONTAINERS,
            [first, _, list] => first == CONTAINERS && NAMED.contains(&list.as_str()),
            _ => false,
        };
        is_named.then_some("name")
    }

    /// Whether what is there is one field, whatever it is made of.
    fn is_whole(&self) -> bool {
        matches!(self.0.as_slice(), [first, _, list, _] if first == CONTAINERS && NAMED.contains(&list.as_str()))
            || self.0.first().is_some_and(|first| first != CONTAINERS)
    }
}

/// What only the pipeline changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Where.
    pub field: Field,
    /// What the stack file says there.
    pub said: Option<Json>,
    /// What stays; `None` for what the pipeline took away.
    pub value: Option<Json>,
}

/// What both changed, to different things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Where.
    pub field: Field,
    /// What it was at the last apply.
    pub base: Option<Json>,
    /// What the stack file says now.
    pub ours: Option<Json>,
    /// What runs.
    pub theirs: Option<Json>,
}

/// What came to light while merging.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// What only the pipeline changed, and what was decided for it.
    pub kept: Vec<Kept>,
    /// What nobody decided.
    pub conflicts: Vec<Conflict>,
}

/// What was at the last apply, what the stack file says now, and what runs. `None` where there is nothing.
pub type Sides<'a> = [Option<&'a Json>; 3];

/// Puts the sides together; `None` where nothing is left.
pub fn merge(field: &Field, sides: Sides<'_>, decided: &Decided, found: &mut Findings) -> Option<Json> {
    let [base, ours, theirs] = sides;
    if ours == theirs {
        return ours.cloned();
    }
    if !field.is_whole() {
        if let Some(key) = field.key()
            && let Some(lists) = by_name(sides, key)
        {
            return merge_lists(field, &lists, decided, found);
        }
        if let (Some(Json::Object(ours)), Some(Json::Object(theirs))) = (ours, theirs) {
            let empty = Map::new();
            let base = base.and_then(Json::as_object).unwrap_or(&empty);
            let names: BTreeSet<&String> = base.keys().chain(ours.keys()).chain(theirs.keys()).collect();
            let one = |name: &String| {
                let sides = [base.get(name), ours.get(name), theirs.get(name)];
                Some((name.clone(), merge(&field.then(name), sides, decided, found)?))
            };
            return Some(Json::Object(names.into_iter().filter_map(one).collect()));
        }
    }
    whole(field, sides, decided, found)
}

/// A field as one thing.
fn whole(field: &Field, [base, ours, theirs]: Sides<'_>, decided: &Decided, found: &mut Findings) -> Option<Json> {
    let keep = |found: &mut Findings| {
        found.kept.push(Kept { field: field.clone(), said: ours.cloned(), value: theirs.cloned() });
        theirs.cloned()
    };
    if ours == base {
        return keep(found);
    }
    if theirs == base {
        return ours.cloned();
    }
    match decided.about(&field.flag()) {
        Some(Side::Live) => return keep(found),
        Some(Side::Stack) => {}
        None => found.conflicts.push(Conflict {
            field: field.clone(),
            base: base.cloned(),
            ours: ours.cloned(),
            theirs: theirs.cloned(),
        }),
    }
    ours.cloned()
}

type Elements<'a> = Vec<(&'a str, &'a Json)>;

/// The elements of the lists by their names; `None` when one has no name, or two have the same.
fn by_name<'a>(sides: Sides<'a>, key: &str) -> Option<[Elements<'a>; 3]> {
    let one = |side: Option<&'a Json>| -> Option<Elements<'a>> {
        let list = side.map(Json::as_array);
        let Some(list) = list else { return Some(Vec::new()) };
        let named: Elements<'a> =
            list?.iter().map(|one| Some((one.get(key)?.as_str()?, one))).collect::<Option<_>>()?;
        let names: BTreeSet<&str> = named.iter().map(|(name, _)| *name).collect();
        (names.len() == named.len()).then_some(named)
    };
    let [base, ours, theirs] = sides;
    Some([one(base)?, one(ours)?, one(theirs)?])
}

/// In the order of the stack file, what only the pipeline has at the end.
fn merge_lists(field: &Field, lists: &[Elements<'_>; 3], decided: &Decided, found: &mut Findings) -> Option<Json> {
    let [base, ours, theirs] = lists;
    let mut names: Vec<&str> = ours.iter().map(|(name, _)| *name).collect();
    for (name, _) in theirs.iter().chain(base) {
        if !names.contains(name) {
            names.push(name);
        }
    }
    let of = |list: &Elements<'_>, name: &str| list.iter().find(|(one, _)| *one == name).map(|(_, one)| (*one).clone());
    let mut merged = Vec::with_capacity(names.len());
    for name in names {
        let sides = [of(base, name), of(ours, name), of(theirs, name)];
        let [base, ours, theirs] = &sides;
        merged.extend(merge(&field.then(name), [base.as_ref(), ours.as_ref(), theirs.as_ref()], decided, found));
    }
    (!merged.is_empty()).then_some(Json::Array(merged))
}

#[cfg(test)]
mod tests;
