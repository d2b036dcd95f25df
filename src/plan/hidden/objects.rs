//! Objects as rules of hidden order see them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::address::Address;
use crate::value::Value;

/// An object.
#[derive(Clone, Copy, Debug)]
pub(super) struct One<'a> {
    /// Its name.
    pub(super) address: &'a Address,
    /// Its attributes.
    pub(super) value: &'a Value,
}

/// All objects, by type.
#[derive(Debug)]
pub(super) struct Objects<'a>(BTreeMap<&'a str, Vec<One<'a>>>);

/// Objects by a text that they have or name.
pub(super) type Index<'a> = HashMap<&'a str, Vec<One<'a>>>;

/// What comes after what: the later one first.
#[derive(Debug, Default)]
pub(super) struct Edges(pub(super) BTreeSet<(Address, Address)>);

impl<'a> Objects<'a> {
    pub(super) fn of(all: impl Iterator<Item = (&'a Address, &'a Value)>) -> Self {
        let mut by_type: BTreeMap<&str, Vec<One<'_>>> = BTreeMap::new();
        for (address, value) in all {
            let name = match address.type_name() {
                "aws_alb" => "aws_lb",
                "aws_alb_listener" => "aws_lb_listener",
                "aws_alb_listener_rule" => "aws_lb_listener_rule",
                name => name,
            };
            by_type.entry(name).or_default().push(One { address, value });
        }
        Self(by_type)
    }

    /// Whether there are any of the type.
    pub(super) fn has(&self, type_name: &str) -> bool {
        self.0.contains_key(type_name)
    }

    /// All of a type.
    pub(super) fn all(&self, type_name: &str) -> &[One<'a>] {
        self.0.get(type_name).map_or(&[], Vec::as_slice)
    }

    /// All of a type by the texts that they have at one of the paths.
    pub(super) fn by(&self, type_name: &str, paths: &[&[&str]]) -> Index<'a> {
        let mut index = Index::new();
        for one in self.all(type_name) {
            let texts: BTreeSet<&str> = paths.iter().flat_map(|path| one.texts(path)).collect();
            texts.into_iter().for_each(|text| index.entry(text).or_default().push(*one));
        }
        index
    }
}

impl<'a> One<'a> {
    /// The texts at a path, in every block of a name on the way, and every element at its end.
    pub(super) fn texts(&self, path: &[&str]) -> Vec<&'a str> {
        let mut found = Vec::new();
        collect(self.value, path, &mut found);
        found
    }

    /// The first text at a path.
    pub(super) fn text(&self, path: &[&str]) -> Option<&'a str> {
        self.texts(path).into_iter().next()
    }
}

fn collect<'a>(value: &'a Value, path: &[&str], found: &mut Vec<&'a str>) {
    if let Some(elements) = value.elements() {
        elements.iter().for_each(|one| collect(one, path, found));
        return;
    }
    match path.split_first() {
        Some((name, rest)) => value.get(name).into_iter().for_each(|inner| collect(inner, rest, found)),
        None => found.extend(value.as_str().filter(|text| !text.is_empty())),
    }
}

impl Edges {
    /// `later` comes after `first`.
    pub(super) fn add(&mut self, later: One<'_>, first: One<'_>) {
        self.0.insert((later.address.clone(), first.address.clone()));
    }

    /// `later` comes after everything that the index has under one of the texts.
    pub(super) fn after<'t>(&mut self, later: One<'_>, texts: impl IntoIterator<Item = &'t str>, firsts: &Index<'_>) {
        for text in texts {
            firsts.get(text).into_iter().flatten().for_each(|first| self.add(later, *first));
        }
    }
}
