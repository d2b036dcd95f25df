//! A set of instances that is cheap to share.

use std::cell::RefCell;
use std::iter::Peekable;
use std::sync::{Arc, LazyLock};

use super::Address;

/// Instances, sorted and without duplicates, in one piece of memory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Addresses(Arc<[Address]>);

impl Default for Addresses {
    fn default() -> Self {
        static NONE: LazyLock<Arc<[Address]>> = LazyLock::new(Arc::default);
        Self(NONE.clone())
    }
}

impl Addresses {
    /// Only this one.
    pub fn one(address: Address) -> Self {
        Self(Arc::new([address]))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it is among them.
    pub fn contains(&self, address: &Address) -> bool {
        self.0.binary_search(address).is_ok()
    }

    /// In their order.
    pub fn iter(&self) -> std::slice::Iter<'_, Address> {
        self.0.iter()
    }

    /// Whether all of them are in `other`.
    pub fn is_subset(&self, other: &Self) -> bool {
        if self.is_same(other) {
            return true;
        }
        self.len() <= other.len() && self.iter().all(|address| other.contains(address))
    }

    /// Whether both are the same piece of memory.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Where they are in memory: sets that are shared have the same place.
    pub fn place(&self) -> *const Address {
        self.0.as_ptr()
    }

    /// Whether somebody else has the same set.
    pub fn is_shared(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    /// What is in either. Shared with the one that has all of it already.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        if other.is_empty() || self.is_same(other) {
            return self.clone();
        }
        if self.is_empty() {
            return other.clone();
        }
        let merged: Vec<Address> = Merged { a: self.iter().peekable(), b: other.iter().peekable() }.cloned().collect();
        match merged.len() {
            all if all == self.len() => self.clone(),
            all if all == other.len() => other.clone(),
            _ => Self(merged.into()),
        }
    }

    /// What is in any of the sets.
    pub fn union_of(mut sets: Vec<Self>) -> Self {
        sets.retain(|set| !set.is_empty());
        sets.sort_unstable_by_key(Self::place);
        sets.dedup_by(|a, b| a.is_same(b));
        match sets.as_slice() {
            [] => Self::default(),
            [one] => one.clone(),
            [one, other] => one.union(other),
            _ => Self::merged(sets),
        }
    }

    /// Puts many sets together. The resources of a layer all depend on the same resources of the layer before: those
    /// that come one after the other share the set, and it is made once.
    fn merged(sets: Vec<Self>) -> Self {
        thread_local! {
            static LAST: RefCell<(Vec<Addresses>, Addresses)> = RefCell::default();
        }
        LAST.with_borrow_mut(|(last, merged)| {
            let is_again = last.len() == sets.len() && last.iter().zip(&sets).all(|(a, b)| a.is_same(b));
            if !is_again {
                *merged = sets.iter().flat_map(Self::iter).cloned().collect();
                *last = sets;
            }
            merged.clone()
        })
    }

    /// All but this one.
    #[must_use]
    pub fn without(&self, address: &Address) -> Self {
        if !self.contains(address) {
            return self.clone();
        }
        self.iter().filter(|other| *other != address).cloned().collect()
    }
}

impl FromIterator<Address> for Addresses {
    fn from_iter<I: IntoIterator<Item = Address>>(addresses: I) -> Self {
        let mut all: Vec<Address> = addresses.into_iter().collect();
        if all.is_empty() {
            return Self::default();
        }
        all.sort_unstable();
        all.dedup();
        Self(all.into())
    }
}

impl<'a> IntoIterator for &'a Addresses {
    type Item = &'a Address;
    type IntoIter = std::slice::Iter<'a, Address>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Two sorted sequences in one, what is in both once.
struct Merged<'a> {
    a: Peekable<std::slice::Iter<'a, Address>>,
    b: Peekable<std::slice::Iter<'a, Address>>,
}

impl<'a> Iterator for Merged<'a> {
    type Item = &'a Address;

    fn next(&mut self) -> Option<&'a Address> {
        let order = match (self.a.peek(), self.b.peek()) {
            (Some(a), Some(b)) => a.cmp(b),
            (Some(_), None) => return self.a.next(),
            (None, _) => return self.b.next(),
        };
        match order {
            std::cmp::Ordering::Less => self.a.next(),
            std::cmp::Ordering::Greater => self.b.next(),
            std::cmp::Ordering::Equal => {
                self.b.next();
                self.a.next()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> Addresses {
        names.iter().map(|name| format!("t.{name}").parse().expect("an address")).collect()
    }

    #[test]
    fn sets_are_sorted_and_shared_where_possible() {
        let (a, b) = (set(&["c", "a", "c"]), set(&["b", "c"]));
        assert_eq!(a, set(&["a", "c"]));
        assert_eq!(a.union(&b), set(&["a", "b", "c"]));
        assert!(a.union(&set(&["a"])).is_same(&a));
        assert!(set(&["a"]).union(&a).is_same(&a));
        assert_eq!(Addresses::union_of(vec![a.clone(), b.clone(), set(&[]), set(&["d"])]), set(&["a", "b", "c", "d"]));
        assert!(Addresses::union_of(vec![a.clone(), a.clone()]).is_same(&a));
        let (many, other) = (vec![a.clone(), b.clone(), set(&["d"])], set(&["e"]));
        let merged = Addresses::union_of(many.clone());
        assert!(Addresses::union_of(many.clone()).is_same(&merged));
        assert_eq!(Addresses::union_of([many, vec![other]].concat()), set(&["a", "b", "c", "d", "e"]));
        assert!(set(&["a"]).is_subset(&a) && !b.is_subset(&a));
        assert_eq!(a.without(&"t.a".parse().expect("an address")), set(&["c"]));
        assert!(a.without(&"t.z".parse().expect("an address")).is_same(&a));
    }
}
