//! `moved` blocks: objects that state remembers under an address which they no longer have.
//!
//! [`carry_out()`] gives the objects of a state their new addresses before anything is planned; [`Moves::check`] says
//! what is wrong with the blocks once it is known which instances the configuration has.
//! <https://developer.hashicorp.com/terraform/language/modules/develop/refactoring>

mod execute;
mod implied;
mod place;
mod validate;

use std::borrow::Cow;
use std::collections::BTreeMap;

pub(super) use execute::carry_out;
use place::{Named, Place};

use crate::address::Address;
use crate::diagnostic::{Diagnostic, Span};
use crate::lang::Config;
use crate::state::State;

/// One move: of a block, or of a resource that got or lost `count`.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    from: Place,
    to: Place,
    /// The block.
    span: Option<Span>,
}

/// What became of the moves of a configuration.
#[derive(Clone, Debug, Default)]
pub(super) struct Moves {
    /// Those of blocks, for the checks.
    explicit: Vec<Statement>,
    /// By new address: the one that state had.
    moved: BTreeMap<Address, Address>,
    /// Moves to where something was already.
    blocked: Vec<(Named, Named)>,
}

impl Moves {
    /// Where state had the object that is at this address now, if somewhere else.
    pub(super) fn origin(&self, address: &Address) -> Option<&Address> {
        self.moved.get(address)
    }

    /// What could not be moved because something was there.
    pub(super) fn warning(&self) -> Option<Diagnostic> {
        if self.blocked.is_empty() {
            return None;
        }
        let list: Vec<String> =
            self.blocked.iter().map(|(from, to)| format!("  - {from} could not move to {to}")).collect();
        let detail = format!(
            "The configuration says that objects have moved, but at some of the new addresses there are objects already:\n{}\n\n\
             Both exist, and only one can have the address. What did not move is planned as what it is: without a block of its \
             own it is destroyed. To keep it, move or remove the other one first.",
            list.join("\n")
        );
        Some(Diagnostic::warning("Unresolved resource instance address changes", detail))
    }
}

/// All moves that blocks state.
fn explicit(config: &Config) -> Vec<Statement> {
    let of = |module: &crate::lang::config::Module| {
        let base = module.path.clone();
        let statement = move |moved: &crate::lang::config::Moved| {
            let (from, to) = place::unify(&base, &moved.from, &moved.to);
            Statement { from, to, span: Some(moved.span) }
        };
        module.body.moved.iter().map(statement).collect::<Vec<_>>()
    };
    config.modules.iter().flat_map(of).collect()
}

impl Statement {
    /// Whether it can only be done after another: it moves on what that has moved, moves something out of or into a module that
    /// arrives by it, or takes away a module that it moves something in.
    fn waits_for(&self, other: &Self) -> bool {
        if self.from.continues(&other.to) {
            return true;
        }
        let is_nested = self.from.is_inside(&other.to)
            || self.to.is_inside(&other.to)
            || other.from.is_inside(&self.from)
            || other.to.is_inside(&self.from);
        // A module whose index alone changes holds both ends of every move inside it: those come after it.
        let is_index_alone = self.to.base.len() < other.to.base.len() && self.from.is_index_of(&self.to);
        is_nested && !is_index_alone
    }
}

/// By statement: those that must be done before.
fn order(statements: &[Statement]) -> Vec<Vec<usize>> {
    let after = |statement: &Statement| {
        let first = |(_, other): &(usize, &Statement)| !std::ptr::eq(*other, statement) && statement.waits_for(other);
        statements.iter().enumerate().filter(first).map(|(at, _)| at).collect()
    };
    statements.iter().map(after).collect()
}

/// The statements so that each comes after those it needs, and those that wait for each other.
fn sorted(needs: &[Vec<usize>]) -> (Vec<usize>, Vec<usize>) {
    let mut done = vec![false; needs.len()];
    let mut order = Vec::new();
    loop {
        let next = (0..needs.len()).find(|&at| !done[at] && needs[at].iter().all(|&need| done[need]));
        let Some(next) = next else { break };
        done[next] = true;
        order.push(next);
    }
    let stuck = (0..needs.len()).filter(|&at| !done[at]).collect();
    (order, stuck)
}

/// The state with everything at its new address; borrowed when nothing moves.
pub(super) type Moved<'a> = (Cow<'a, State>, Moves);
