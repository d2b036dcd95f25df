//! Mistakes of people who built this stack by hand, found before AWS finds them.
//!
//! A type checks its own arguments. What only shows when several objects are looked at together is a [`Rule`] here: a
//! file each in `rules`, with its documentation. Rules are pure: they look at a [`Stack`], that is at every object as
//! far as it can be told before apply, and may ask what exists in the [`Account`]. [`check`] runs them all.
//!
//! ```text
//! plan::imagine(request, plan) -> Vec<Imagined>
//! preflight::check(objects, changes, account, allowed) -> Vec<Finding>
//! ```

pub mod account;
pub mod allow;
mod network;
mod policy;
mod roles;
mod rule;
mod rules;
mod services;
mod stack;

pub use account::Account;
pub use allow::Allowed;
pub use rule::{Finding, Findings, Rule};
pub use rules::{RULES, rule};
pub use stack::{Object, Place, Stack};

use crate::plan::Change;
use crate::plan::imagine::Imagined;

/// Runs every rule until no rule asks for anything more of the account. What a comment allows is left out. `empties` says
/// that what objects hold is deleted with them.
pub async fn check(
    objects: &[Imagined],
    changes: &[Change],
    account: &mut Account<'_>,
    allowed: &Allowed<'_>,
    empties: bool,
) -> Vec<Finding> {
    loop {
        let stack = Stack::new(objects, changes, account, empties);
        let mut found = Findings::default();
        for rule in RULES {
            found.run(rule, &stack);
        }
        if !account.ask().await {
            return found.all.into_iter().filter(|finding| !allowed.covers(finding)).collect();
        }
    }
}
