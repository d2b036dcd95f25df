//! Mistakes of people who built this stack by hand, found before AWS finds them.
//!
//! A type checks its own arguments. What only shows when several objects are looked at together is a [`Rule`] here: a
//! file each in `rules`, with its documentation. Rules are pure: they look at a [`Stack`], that is at every object as
//! far as it can be told before apply, and may ask what exists in the [`Account`]. [`check`] runs them all.
//!
//! An error stops every plan, so a rule reports one only when it is certain: when what it concludes from cannot be
//! elsewhere (in another stack, made by hand, known only after apply). Where that is not certain it warns, and where it
//! is not even likely it keeps silent. `tests/preflight/valid` holds stacks on which no rule may speak.
//!
//! ```text
//! plan::imagine(request, plan) -> Picture
//! preflight::check(picture, changes, account, allowed) -> Vec<Finding>
//! ```

pub mod account;
pub mod allow;
mod elsewhere;
pub mod lookups;
mod network;
mod policy;
mod roles;
mod rule;
mod rules;
mod services;
mod stack;

pub use account::{Account, Know};
pub use allow::Allowed;
pub use elsewhere::{Elsewhere, elsewhere};
pub use lookups::Lookups;
pub use rule::{Finding, Findings, Rule};
pub use rules::{RULES, rule};
pub use stack::{Asked, Object, Place, Stack};

use crate::plan::Change;
use crate::plan::imagine::Picture;

/// Runs every rule until no rule asks for anything more of the account. What a comment allows is left out, and what is
/// found about objects that the changes are not about.
pub async fn check(
    picture: &Picture,
    changes: &[Change],
    account: &mut Account<'_>,
    allowed: &Allowed<'_>,
    asked: Asked,
) -> Vec<Finding> {
    loop {
        let stack = Stack::new(picture, changes, account, asked);
        let mut found = Findings::default();
        for rule in RULES {
            found.run(rule, &stack);
        }
        if !account.ask().await {
            let is_news = |finding: &Finding| is_about(changes, finding) && !allowed.covers(finding);
            return found.all.into_iter().filter(is_news).collect();
        }
    }
}

/// Whether the changes are about the object of a finding.
fn is_about(changes: &[Change], finding: &Finding) -> bool {
    let address = finding.diagnostic.address.as_ref();
    address.is_none_or(|address| changes.iter().any(|change| change.address == *address))
}
