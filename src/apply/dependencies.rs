//! What state records as the dependencies of each block.
//!
//! Terraform records everything a block depends on, through others too. In a deep stack that is quadratic: 5,000
//! resources in layers of 50 make a state of 221 MB. Terraform needs no more of it than an order in which to delete what
//! has no block any more, and for that the direct dependencies will do. So the whole closure is recorded as long as it
//! is small, and direct dependencies beyond [`MOST`].

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use indexmap::IndexMap;

use crate::address::{Mode, Resource};
use crate::plan::steps::block_of;
use crate::plan::{Action, Change};

/// Most dependencies that a state records in full, counted over all instances. The limit is part of what
/// `docs/differences.md` promises.
pub(super) const MOST: usize = 100_000;

/// What either depends on.
pub(super) fn both(one: &[Arc<Resource>], other: &[Arc<Resource>]) -> Vec<Arc<Resource>> {
    one.iter().chain(other).collect::<BTreeSet<_>>().into_iter().cloned().collect()
}

/// A block of the plan.
#[derive(Default)]
struct Block {
    /// How many of its instances state will have.
    instances: usize,
    /// What it refers to.
    direct: Vec<usize>,
    /// What its objects referred to that go.
    former: Vec<usize>,
}

/// Blocks and what they refer to, by place.
struct Blocks(IndexMap<Arc<Resource>, Block>);

/// For each block of the plan what state records: all it depends on, or what it refers to when that would be more than
/// `most` in all.
pub(super) fn recorded(changes: &[Change], most: usize) -> HashMap<Arc<Resource>, Vec<Arc<Resource>>> {
    let blocks = Blocks::new(changes);
    let found = blocks.closures(most).unwrap_or_else(|| blocks.direct());
    let named = found.into_iter().enumerate().filter_map(|(at, places)| {
        let (block, _) = blocks.0.get_index(at)?;
        let mut names: Vec<Arc<Resource>> =
            places.into_iter().filter_map(|place| blocks.0.get_index(place)).map(|(name, _)| name.clone()).collect();
        names.sort_unstable();
        Some((block.clone(), names))
    });
    named.collect()
}

impl Blocks {
    fn new(changes: &[Change]) -> Self {
        let mut blocks = Self(IndexMap::new());
        let mut last = None;
        for change in changes {
            let place = blocks.place(&block_of(&change.address));
            let lives = !matches!(change.action, Action::Delete | Action::Forget);
            blocks.0[place].instances += usize::from(lives);
            // Instances of a block mostly share the set.
            if last == Some((place, lives, Arc::as_ptr(&change.recorded))) {
                continue;
            }
            last = Some((place, lives, Arc::as_ptr(&change.recorded)));
            let direct: Vec<usize> = change.recorded.iter().map(|block| blocks.place(block)).collect();
            let block = &mut blocks.0[place];
            if lives { block.direct.extend(direct) } else { block.former.extend(direct) }
        }
        for block in blocks.0.values_mut() {
            if block.instances == 0 {
                block.direct.append(&mut block.former);
            }
            block.direct.sort_unstable();
            block.direct.dedup();
        }
        blocks
    }

    fn place(&mut self, block: &Arc<Resource>) -> usize {
        match self.0.get_index_of(block) {
            Some(place) => place,
            None => self.0.insert_full(block.clone(), Block::default()).0,
        }
    }

    /// By block everything it depends on; `None` when state would hold more than `most`.
    fn closures(&self, most: usize) -> Option<Vec<Vec<usize>>> {
        let mut left = most;
        let mut seen = vec![usize::MAX; self.0.len()];
        let mut all = Vec::with_capacity(self.0.len());
        for (start, block) in self.0.values().enumerate() {
            let found = if block.instances == 0 { Vec::new() } else { self.reach(start, &mut seen, |_| true) };
            left = left.checked_sub(found.len().checked_mul(block.instances)?)?;
            all.push(found);
        }
        Some(all)
    }

    /// By block what it refers to; through what is never deleted, or has no instances, as far as the next that has.
    fn direct(&self) -> Vec<Vec<usize>> {
        let mut seen = vec![usize::MAX; self.0.len()];
        let is_clear = |name: &Resource, block: &Block| name.mode == Mode::Data || block.instances == 0;
        let through = |place: usize| self.0.get_index(place).is_some_and(|(name, block)| is_clear(name, block));
        (0..self.0.len()).map(|start| self.reach(start, &mut seen, through)).collect()
    }

    /// Blocks that the block depends on; what those depend on too where `through` says so. `seen` holds for each block
    /// where it was reached from last.
    fn reach(&self, start: usize, seen: &mut [usize], through: impl Fn(usize) -> bool) -> Vec<usize> {
        let mut found = Vec::new();
        let mut open = vec![start];
        while let Some(at) = open.pop() {
            for &next in self.0.get_index(at).map(|(_, block)| block.direct.as_slice()).unwrap_or_default() {
                if next != start && std::mem::replace(&mut seen[next], start) != start {
                    found.push(next);
                    if through(next) {
                        open.push(next);
                    }
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Address;
    use crate::plan::Connections;
    use crate::plan::change::Reason;
    use crate::value::{Type, Value};

    /// `"c <- b, data.d"`, twice for two instances; `"b delete <- a"` for one that goes.
    fn text(lines: &[&str], most: usize) -> String {
        let resource = |name: &str| -> Resource {
            let address: Address = name.replace('.', "_").parse().unwrap_or_else(|_| {
                let text = name.strip_prefix("data.").map_or(format!("t.{name}"), |name| format!("data.t.{name}"));
                text.parse().expect("an address")
            });
            (*address.resource).clone()
        };
        let change = |(at, line): (usize, &&str)| {
            let (head, deps) = line.split_once(" <- ").unwrap_or((line, ""));
            let (name, action) = head.split_once(' ').unwrap_or((head, "create"));
            let deps = deps.split(", ").filter(|dep| !dep.is_empty());
            Change {
                address: Address::new(resource(name), i64::try_from(at).ok().map(crate::address::Key::Int)),
                deposed: None,
                moved_from: None,
                importing: None,
                provider: Connections::parse("provider[\"p\"]"),
                action: if action == "delete" { Action::Delete } else { Action::Create },
                reason: Reason::None,
                before: Value::null(Type::Any),
                after: Value::null(Type::Any),
                changed: Vec::new(),
                dependencies: crate::address::Addresses::default(),
                recorded: Arc::new(deps.map(|dep| Arc::new(resource(dep))).collect()),
                had: Arc::default(),
                create_before_destroy: false,
                span: None,
            }
        };
        let changes: Vec<Change> = lines.iter().enumerate().map(change).collect();
        let mut lines: Vec<String> = recorded(&changes, most)
            .into_iter()
            .map(|(block, names)| {
                format!("{block} <- {}", names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
            })
            .collect();
        lines.sort();
        lines.join("; ").replace("t.", "")
    }

    const CHAIN: [&str; 4] = ["a", "b <- a", "c <- b", "c <- b"];

    #[test]
    fn small_states_record_everything() {
        assert_eq!(text(&CHAIN, 5), "a <- ; b <- a; c <- a, b");
    }

    #[test]
    fn large_states_record_what_is_referred_to() {
        assert_eq!(text(&CHAIN, 4), "a <- ; b <- a; c <- b");
    }

    #[test]
    fn direct_dependencies_go_through_what_is_never_deleted_or_not_there() {
        assert_eq!(text(&["a", "data.b <- a", "c <- data.b"], 0), "data.b <- a; a <- ; c <- data.b, a");
        assert_eq!(text(&["a", "b delete <- a", "c <- b"], 0), "a <- ; b <- a; c <- a, b");
    }

    #[test]
    fn what_an_old_object_referred_to_is_not_what_the_new_one_does() {
        assert_eq!(text(&["a", "b delete <- a", "b", "c <- b"], 9), "a <- ; b <- ; c <- b");
    }
}
