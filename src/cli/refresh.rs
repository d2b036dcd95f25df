//! `glaz refresh`.

use clap::Args;

use super::Globals;
use super::apply::leave_checks;
use super::carry_out::{self, How, Says};
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
    let mut planned = run::plan(&args.options, Purpose::RefreshOnly, "OperationTypeRefresh", globals).await?;
    if planned.loaded.state.instances.is_empty() && planned.loaded.state.outputs.is_empty() {
        let text = "There are currently no remote objects tracked in the state, so there is nothing to refresh.";
        globals.warn(&Diagnostic::warning("Empty or non-existent state", text).into(), &Sources::default());
        if globals.speaks_json.get() {
            globals.shell.line(&render::json::events::outputs(&planned.loaded.state, globals.now())?);
        }
        return Ok(0);
    }
    leave_checks(&mut planned);
    if globals.speaks_json.get() {
        // Nothing is planned: a program is told of the problems and, in the end, of the outputs.
        run::warn(&planned, &args.options, globals);
    } else {
        run::show(&planned, &args.options, globals);
    }
    // It makes nothing, so nothing it should have made is left.
    let how = How { is_part: true, says: Says::Outputs, ..How::default() };
    carry_out::apply(planned, &Choices::default(), how, globals).await
}
