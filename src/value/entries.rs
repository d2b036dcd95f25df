//! Attributes of an object or entries of a map, sorted by name.

use std::collections::{BTreeMap, btree_map};
use std::fmt;
use std::slice;
use std::sync::Arc;
use std::vec;

use super::Value;

/// So many entries are kept in one piece of exactly their size: most objects have a handful of attributes, and a node
/// of a tree would have room for eleven.
const FEW: usize = 32;

type Entry = (Arc<str>, Value);

/// Attributes of an object or entries of a map, sorted by name. Works like a [`BTreeMap`].
#[derive(Clone, Default)]
pub struct Entries(Kept);

#[derive(Clone)]
enum Kept {
    /// Sorted.
    Few(Vec<Entry>),
    Many(BTreeMap<Arc<str>, Value>),
}

impl Default for Kept {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Entries {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match &self.0 {
            Kept::Few(few) => few.len(),
            Kept::Many(many) => many.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match &self.0 {
            Kept::Few(few) => place(few, name).ok().map(|at| &few[at].1),
            Kept::Many(many) => many.get(name),
        }
    }

    /// The value of a name, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        match &mut self.0 {
            Kept::Few(few) => place(few, name).ok().map(|at| &mut few[at].1),
            Kept::Many(many) => many.get_mut(name),
        }
    }

    /// Whether the name is there.
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Adds a value; gives back the one that had the name before.
    pub fn insert(&mut self, name: Arc<str>, value: Value) -> Option<Value> {
        let few = match &mut self.0 {
            Kept::Few(few) => few,
            Kept::Many(many) => return many.insert(name, value),
        };
        match place(few, &name) {
            Ok(at) => return Some(std::mem::replace(&mut few[at].1, value)),
            Err(at) => few.insert(at, (name, value)),
        }
        if few.len() > FEW {
            self.0 = Kept::Many(std::mem::take(few).into_iter().collect());
        }
        None
    }

    /// Takes a value away.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        match &mut self.0 {
            Kept::Few(few) => place(few, name).ok().map(|at| few.remove(at).1),
            Kept::Many(many) => many.remove(name),
        }
    }

    /// The values in the order of their names, to be changed.
    pub fn values_mut(&mut self) -> Box<dyn Iterator<Item = &mut Value> + '_> {
        match &mut self.0 {
            Kept::Few(few) => Box::new(few.iter_mut().map(|(_, value)| value)),
            Kept::Many(many) => Box::new(many.values_mut()),
        }
    }

    /// Names and values in the order of the names.
    pub fn iter(&self) -> Iter<'_> {
        match &self.0 {
            Kept::Few(few) => Iter::Few(few.iter()),
            Kept::Many(many) => Iter::Many(many.iter()),
        }
    }

    /// The names in their order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Arc<str>> + Clone {
        self.iter().map(|(name, _)| name)
    }

    /// The values in the order of their names.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Value> + Clone {
        self.iter().map(|(_, value)| value)
    }
}

fn place(few: &[Entry], name: &str) -> Result<usize, usize> {
    few.binary_search_by(|(other, _)| (**other).cmp(name))
}

impl PartialEq for Entries {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl fmt::Debug for Entries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// Of equal names the last counts.
impl FromIterator<Entry> for Entries {
    fn from_iter<I: IntoIterator<Item = Entry>>(entries: I) -> Self {
        let mut all: Vec<Entry> = entries.into_iter().collect();
        if !all.is_sorted_by(|(a, _), (b, _)| a < b) {
            all.sort_by(|(a, _), (b, _)| a.cmp(b));
            all.dedup_by(|later, earlier| {
                let is_same = later.0 == earlier.0;
                if is_same {
                    std::mem::swap(&mut later.1, &mut earlier.1);
                }
                is_same
            });
        }
        if all.len() > FEW {
            return Self(Kept::Many(all.into_iter().collect()));
        }
        all.shrink_to_fit();
        Self(Kept::Few(all))
    }
}

impl<const N: usize> From<[Entry; N]> for Entries {
    fn from(entries: [Entry; N]) -> Self {
        entries.into_iter().collect()
    }
}

/// Of equal names the last counts.
impl Extend<Entry> for Entries {
    fn extend<I: IntoIterator<Item = Entry>>(&mut self, entries: I) {
        for (name, value) in entries {
            self.insert(name, value);
        }
    }
}

/// Names and values of borrowed [`Entries`].
#[derive(Clone)]
pub enum Iter<'a> {
    /// Of few.
    Few(slice::Iter<'a, Entry>),
    /// Of many.
    Many(btree_map::Iter<'a, Arc<str>, Value>),
}

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a Arc<str>, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Few(few) => few.next().map(|(name, value)| (name, value)),
            Self::Many(many) => many.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::Few(few) => few.size_hint(),
            Self::Many(many) => many.size_hint(),
        }
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl<'a> IntoIterator for &'a Entries {
    type Item = (&'a Arc<str>, &'a Value);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

/// Names and values of owned [`Entries`].
pub enum IntoIter {
    /// Of few.
    Few(vec::IntoIter<Entry>),
    /// Of many.
    Many(btree_map::IntoIter<Arc<str>, Value>),
}

impl Iterator for IntoIter {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        match self {
            Self::Few(few) => few.next(),
            Self::Many(many) => many.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::Few(few) => few.size_hint(),
            Self::Many(many) => many.size_hint(),
        }
    }
}

impl ExactSizeIterator for IntoIter {}

impl IntoIterator for Entries {
    type Item = Entry;
    type IntoIter = IntoIter;

    fn into_iter(self) -> IntoIter {
        match self.0 {
            Kept::Few(few) => IntoIter::Few(few.into_iter()),
            Kept::Many(many) => IntoIter::Many(many.into_iter()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(entries: &Entries) -> String {
        let pairs: Vec<String> = entries.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
        pairs.join(" ")
    }

    #[test]
    fn entries_are_sorted_and_of_equal_names_the_last_counts() {
        let pairs = [("b", 1), ("a", 2), ("b", 3), ("c", 4), ("a", 5)];
        let pairs = pairs.map(|(name, number)| (Arc::from(name), Value::from(number)));
        let collected = Entries::from(pairs.clone());
        let mut inserted = Entries::new();
        inserted.extend(pairs);
        assert_eq!(shown(&collected), "a=5 b=3 c=4");
        assert_eq!(collected, inserted);
        assert_eq!(inserted.remove("b"), Some(Value::from(3)));
        assert_ne!(collected, inserted);
        assert_eq!(inserted.get("b"), None);
    }

    #[test]
    fn few_and_many_are_alike() {
        let pair = |number: i64| (Arc::from(format!("{:03}", number * 7 % 101)), Value::from(number));
        let collected: Entries = (0..100).map(pair).collect();
        let mut inserted = Entries::new();
        (0..100).map(pair).for_each(|(name, value)| drop(inserted.insert(name, value)));
        assert_eq!(collected, inserted);
        assert_eq!(collected.len(), 100);
        assert!(collected.keys().is_sorted());
        let names: Vec<_> = collected.keys().cloned().collect();
        for name in &names[3..] {
            assert!(inserted.remove(name).is_some());
        }
        let few: Entries = collected.into_iter().take(3).collect();
        assert_eq!(few, inserted);
    }
}
