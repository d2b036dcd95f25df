//! `glaz apply -rollback` after a run that was interrupted or stopped: what that run did is undone.

use super::Globals;
use super::carry_out;
use super::failure::Failure;
use super::run::{self, PlanOptions};
use super::stack::{Stack, StackArgs};
use crate::apply::Undoing;
use crate::apply::recover::Recovered;
use crate::lang::Phase;
use crate::plan::Purpose;
use crate::state;

const QUESTION: &str = "\nDo you want to undo what the interrupted run did?\n  glaz will do what is described above, and apply nothing. Without -rollback it goes on where\n  that run ended. Only 'yes' will be accepted to approve.\n\n  Enter a value: ";

/// Undoes what an interrupted run did; the exit code. `None` when there is nothing to undo.
///
/// # Errors
/// It was undone, or cannot be: either way the stack files were not applied.
pub(super) async fn interrupted(
    options: &PlanOptions,
    auto_approve: bool,
    globals: &Globals,
) -> Result<Option<u8>, Failure> {
    if !can_be_undone(options, globals).await? {
        return Ok(None);
    }
    // All of it is undone, whatever the run that follows would be about.
    let (refresh, replace, target, exclude) = (Some(true), Vec::new(), Vec::new(), Vec::new());
    let options = PlanOptions { refresh, replace, target, exclude, undoes: true, ..options.clone() };
    let mut planned = run::draw(&options, Purpose::RefreshOnly, "OperationTypeApply", globals).await?;
    let found: Vec<_> = planned.recovered.iter().map(Recovered::entry).collect();
    let seen = std::mem::take(&mut planned.plan);
    let undoing = match planned.loaded.deeds(&found) {
        Some((start, deeds)) => {
            let undoing = Undoing::new(seen, &planned.loaded.state, start.clone(), deeds, &planned.stack.registry);
            Some(undoing.map_err(|problems| planned.stack.fail(problems))?)
        }
        // Somebody else was quicker.
        None => None,
    };
    let Some(undoing) = undoing else {
        planned.store.unlock().await.map_err(|problem| planned.stack.fail(problem))?;
        return Ok(None);
    };
    globals.say("A run was interrupted. Undoing what it did, the last first:");
    undoing.lines().iter().for_each(|line| globals.say(&format!("  {line}")));
    if undoing.is_empty() {
        globals.say("  There is nothing that can be undone. What the stack files say is not applied either.");
    }
    if !auto_approve && !run::asked(&planned.stack, QUESTION, &options.stack.values, globals)? {
        globals.shell.line("\nCancelled. Nothing was changed.");
        return Ok(Some(1));
    }
    carry_out::undo(planned, &undoing, globals).await.map(Some)
}

/// Whether the journal tells of a run that can be undone. Locks nothing.
async fn can_be_undone(options: &PlanOptions, globals: &Globals) -> Result<bool, Failure> {
    let wanted = StackArgs { may_be_empty: true, ..options.stack.clone() };
    let stack = Stack::open(&wanted, globals, Phase::Plan).await?;
    let mut store = stack.store(&options.stack.state)?;
    let loaded = state::load(&mut store, &stack.around.clock).await.map_err(|problem| stack.fail(problem))?;
    Ok(loaded.can_be_undone())
}
