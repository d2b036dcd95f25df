//! `glaz refresh`.

use clap::Args;

use super::Globals;
use super::carry_out;
use super::failure::Failure;
use super::render;
use super::run::{self, PlanOptions};
use crate::diagnostic::{Diagnostic, Sources};
use crate::plan::Purpose;
use crate::rollout::Choices;

/// Bring the state up to date with what exists, without asking.
///
/// The same as `glaz apply -refresh-only -auto-approve`. To look at what was changed behind the stack's back before the
/// state follows, run `glaz apply -refresh-only`.
#[derive(Args, Debug)]
pub(super) struct RefreshArgs {
    #[command(flatten)]
    options: PlanOptions,
}

/// Reads what exists and writes it to the state; the exit code.
pub(super) async fn run(args: &RefreshArgs, globals: &Globals) -> Result<u8, Failure> {
    if args.options.json {
        globals.speak_json();
    }
    let planned = run::plan(&args.options, Purpose::RefreshOnly, "OperationTypeRefresh", globals).await?;
    if planned.loaded.state.instances.is_empty() && planned.loaded.state.outputs.is_empty() {
        let text = "There are currently no remote objects tracked in the state, so there is nothing to refresh.";
        globals.warn(&Diagnostic::warning("Empty or non-existent state", text).into(), &Sources::default());
        if globals.speaks_json.get() {
            globals.shell.line(&render::json::events::all_outputs(&planned.loaded.state, globals.now())?);
        }
        return Ok(0);
    }
    run::show(&planned, &args.options, globals);
    carry_out::apply(planned, &Choices::default(), carry_out::How::default(), globals).await
}
