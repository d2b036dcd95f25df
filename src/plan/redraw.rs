//! A saved plan, drawn up again before it is applied: from its own inputs alone, without reading what exists.
//!
//! What comes out must be what was planned; then the connections are those that the plan needs. It differs only when
//! the configuration reads something that is not part of the plan, such as a file, and that was changed since.

use std::collections::BTreeMap;

use super::draw::{Options, Plan, Request, draw_from};
use super::live::Live;
use super::{Action, Reason, moved};
use crate::address::Address;
use crate::diagnostic::{Diagnostic, Report};
use crate::value::Value;

/// Connects the providers of a saved plan, and makes sure that the plan still follows from what it was planned from.
///
/// # Errors
/// It does not, or the configuration cannot be evaluated any more.
pub async fn redraw(plan: Plan, request: Request<'_>) -> Result<Plan, Report> {
    let seed = Plan { live: plan.live.clone(), data: plan.data.clone(), ..Plan::default() };
    let options = Options { refresh: false, ..request.options.clone() };
    let (_, moves) = moved::carry_out(request.config, request.state, request.registry)?;
    let drawn = draw_from(seed, &moves, Request { options: &options, ..request }).await?;
    if let Some(address) = difference(&plan, &drawn) {
        let text = format!(
            "{address} comes out differently than planned, although the configuration and the state are the same: something else that it uses, such as a file that a function reads, was changed since. Nothing was done. Plan again."
        );
        return Err(Diagnostic::error("The plan no longer holds", text).about(&address).into());
    }
    let live = Live { turned: drawn.live.turned, ..plan.live };
    Ok(Plan { live, connections: drawn.connections, providers: drawn.providers, governance: drawn.governance, ..plan })
}

type Planned<'a> = BTreeMap<(&'a Address, Option<&'a String>), (Action, Value)>;

/// What is planned for each object that is acted on.
fn planned(plan: &Plan) -> Planned<'_> {
    plan.changes
        .iter()
        // What a check looks at may be another thing each time.
        .filter(|change| change.is_action() && change.reason != Reason::CheckNested)
        .map(|change| ((&change.address, change.deposed.as_ref()), (change.action, change.after.unmarked())))
        .collect()
}

/// The first object for which the plans differ.
fn difference(saved: &Plan, drawn: &Plan) -> Option<Address> {
    let (saved, drawn) = (planned(saved), planned(drawn));
    let missing = drawn.keys().find(|key| !saved.contains_key(*key));
    let other = saved.iter().find(|(key, one)| drawn.get(*key) != Some(*one)).map(|(key, _)| key);
    other.or(missing).map(|(address, _)| (*address).clone())
}
