//! Recorded dependencies that wait for each other.
//!
//! State records the blocks that an object depends on, and not which of their objects: the one that a block has now, or
//! one that was set aside by a replacement and not deleted yet. When a dependency was turned around and the run failed in
//! the middle, the old object of `a` depends on the old one of `f`, and the new one of `f` on the new one of `a`. Taken
//! by block, all of them wait for each other, and nothing could be deleted.
//!
//! What refers to what makes no circle in truth. So the objects are asked: one that has the id or ARN of another among
//! its values refers to it. Then, as long as that closes no circle, what has another of its values; then the rest.

use std::collections::BTreeSet;

use petgraph::graph::DiGraph;

use super::change::Change;
use super::steps::{Draft, Node, What};
use crate::value::{Entries, Value};

/// A deletion, and what comes first: state says that it depends on the deleted object's block, or it moves to the new
/// object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    /// The step that deletes.
    pub delete: usize,
    /// Change of the object that it deletes.
    pub used: usize,
    /// The step that deletes what depends on it, or makes it let go.
    pub first: usize,
    /// Change of what depends on it.
    pub user: usize,
}

/// How sure it is that one object refers to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sign {
    /// It has its id or ARN.
    Identity,
    /// It has another of its values.
    Value,
    /// Nothing but the record.
    None,
}

/// Adds the edges, without those that nothing but the record tells and that would make steps wait for each other.
pub(super) fn edges(draft: &mut Draft<'_>, all: &[Edge]) {
    let groups = groups(draft, all.iter().map(|one| (one.delete, one.first)));
    let (tangled, clear): (Vec<&Edge>, Vec<&Edge>) =
        all.iter().partition(|one| groups[one.delete] == groups[one.first]);
    clear.into_iter().for_each(|one| draft.edge(one.delete, Node::Step(one.first)));
    let mut tangled: Vec<(Sign, &Edge)> = tangled.into_iter().map(|one| (sign_of(draft, one), one)).collect();
    tangled.sort_by_key(|(sign, _)| *sign);
    for (_, one) in tangled {
        if !waits_for(draft, one.first, one.delete) {
            draft.edge(one.delete, Node::Step(one.first));
        }
    }
}

/// Adds the edges, without those that are part of a circle.
pub(super) fn clear_edges(draft: &mut Draft<'_>, all: &[Edge]) {
    if all.is_empty() {
        return;
    }
    let groups = groups(draft, all.iter().map(|one| (one.delete, one.first)));
    let clear = all.iter().filter(|one| groups[one.delete] != groups[one.first]);
    clear.for_each(|one| draft.edge(one.delete, Node::Step(one.first)));
}

/// Adds edges, each a step and what comes before it, but for those that would make steps wait for each other: where only one
/// of two can be, the first.
pub(super) fn possible_edges(draft: &mut Draft<'_>, all: &[(usize, usize)]) {
    if all.is_empty() {
        return;
    }
    let groups = groups(draft, all.iter().copied());
    let is_tangled = |(step, first): &&(usize, usize)| groups[*step] == groups[*first];
    for &(step, first) in all.iter().filter(|one| !is_tangled(one)) {
        draft.edge(step, Node::Step(first));
    }
    for &(step, first) in all.iter().filter(is_tangled) {
        if !waits_for(draft, first, step) {
            draft.edge(step, Node::Step(first));
        }
    }
}

/// By step a number that it shares with those that it waits for and that wait for it.
fn groups(draft: &Draft<'_>, all: impl Iterator<Item = (usize, usize)>) -> Vec<usize> {
    let count = draft.steps.len();
    let place = |node: &Node| match node {
        Node::Step(step) => *step,
        Node::Join(join) => count + join,
    };
    let mut graph = DiGraph::<(), ()>::with_capacity(count + draft.joins.len(), all.size_hint().0);
    let nodes: Vec<_> = (0..count + draft.joins.len()).map(|_| graph.add_node(())).collect();
    for (at, needs) in draft.needs.iter().chain(&draft.joins).enumerate() {
        needs.iter().for_each(|first| {
            graph.add_edge(nodes[at], nodes[place(first)], ());
        });
    }
    all.for_each(|(step, first)| {
        graph.add_edge(nodes[step], nodes[first], ());
    });
    let mut groups = vec![0; nodes.len()];
    for (number, group) in petgraph::algo::kosaraju_scc(&graph).into_iter().enumerate() {
        group.into_iter().for_each(|node| groups[node.index()] = number);
    }
    groups
}

/// Whether the step waits for the other, through others too.
pub(super) fn waits_for(draft: &Draft<'_>, step: usize, other: usize) -> bool {
    let (mut open, mut seen) = (vec![Node::Step(step)], BTreeSet::new());
    while let Some(node) = open.pop() {
        if node == Node::Step(other) {
            return true;
        }
        let needs = match node {
            Node::Step(at) => &draft.needs[at],
            Node::Join(at) => &draft.joins[at],
        };
        open.extend(needs.iter().copied().filter(|one| seen.insert(*one)));
    }
    false
}

/// What is only made has never used the old object; that it comes first is for the case that making it fails.
fn sign_of(draft: &Draft<'_>, edge: &Edge) -> Sign {
    match draft.steps[edge.first].what {
        What::Create | What::Read => Sign::None,
        What::Update | What::Delete | What::Deploy => sign(&draft.changes[edge.user], &draft.changes[edge.used]),
    }
}

/// Whether the one object, as it is, surely refers to the other.
pub(super) fn refers(user: &Change, used: &Change) -> bool {
    sign(user, used) == Sign::Identity
}

/// How sure it is that the one object, as it is, refers to the other.
fn sign(user: &Change, used: &Change) -> Sign {
    let Some(attributes) = used.before.entries() else { return Sign::None };
    let has = |text: &str| !text.is_empty() && names(&user.before, text);
    if identity(attributes).any(has) {
        Sign::Identity
    } else if attributes.values().filter_map(Value::as_str).any(has) {
        Sign::Value
    } else {
        Sign::None
    }
}

/// The texts by which nothing else is meant: the ARN, and an id that somebody gave it. An id that is a name may be that of
/// something else as well.
fn identity(attributes: &Entries) -> impl Iterator<Item = &str> {
    let text = |name: &str| attributes.get(name).and_then(Value::as_str);
    let is_identifier = |name: &str| ["id", "arn"].iter().any(|end| name == *end || name.ends_with(&format!("_{end}")));
    let is_name =
        move |id: &&str| attributes.iter().any(|(name, value)| !is_identifier(name) && value.as_str() == Some(*id));
    text("id").filter(move |id| !is_name(id)).into_iter().chain(text("arn"))
}

/// Whether the text stands somewhere in the value, as a word: in a list, or in a policy.
fn names(value: &Value, text: &str) -> bool {
    if let Some(whole) = value.as_str() {
        return whole.match_indices(text).any(|(start, found)| is_word(whole, start, start + found.len()));
    }
    let elements = value.elements().into_iter().flatten();
    let entries = value.entries().into_iter().flat_map(Entries::values);
    elements.chain(entries).any(|inner| names(inner, text))
}

fn is_word(whole: &str, start: usize, end: usize) -> bool {
    let goes_on =
        |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '-' || letter == '_');
    !goes_on(whole[..start].chars().next_back()) && !goes_on(whole[end..].chars().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_found_as_a_word() {
        let policy = Value::from(r#"{"Resource": ["arn:aws:s3:::logs/*"]}"#);
        assert!(names(&policy, "arn:aws:s3:::logs"));
        assert!(!names(&policy, "arn:aws:s3:::log"));
        let list = Value::object([("uses".into(), Value::object([("a".into(), "toy-10".into())].into()))].into());
        assert!(names(&list, "toy-10") && !names(&list, "toy-1") && !names(&list, "10"));
    }

    #[test]
    fn a_name_that_serves_as_id_is_not_trusted() {
        let texts = |all: &[(&str, &str)]| {
            let all: Entries = all.iter().map(|(name, text)| ((*name).into(), Value::from(*text))).collect();
            identity(&all).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(
            texts(&[("id", "web"), ("name", "web"), ("arn", "arn:aws:iam::1:role/web")]),
            ["arn:aws:iam::1:role/web"]
        );
        assert_eq!(texts(&[("id", "sg-1"), ("name", "web")]), ["sg-1"]);
        assert_eq!(texts(&[("id", "Z1"), ("zone_id", "Z1"), ("name", "a.test")]), ["Z1"]);
        assert_eq!(texts(&[("id", "logs"), ("bucket", "logs")]), [""; 0]);
    }
}
