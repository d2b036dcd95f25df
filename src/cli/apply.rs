//! `glaz apply`.

use clap::Args;

use super::Globals;
use super::carry_out::{self, How, Says};
use super::failure::Failure;
use super::images::ImageArgs;
use super::rollout_args::RolloutArgs;
use super::run::{self, ModeArgs, PlanOptions};
use super::saved;
use super::undo;
use super::waiting;
use crate::lang;
use crate::plan::Purpose;
use crate::rollout::OnRunning;

/// Bring everything to what the stack files say.
///
/// Shows the plan, asks, and does it: the longest chain first, everything that is ready at the same time. Ctrl-C gives
/// the calls that are under way a second to finish, saves and stops; a second one stops at once. The next run goes on
/// from the journal: it looks up every call whose end is not known. With -rollback it undoes what the interrupted run did
/// instead, and ends with exit code 1, since nothing was applied.
///
/// With a plan that `glaz plan -out=FILE` saved instead of a folder, exactly that plan is applied, without asking: with
/// the configuration and the values it was made from, or not at all. A run that was interrupted is undone without the file.
#[derive(Args, Debug)]
pub(super) struct ApplyArgs {
    #[command(flatten)]
    options: PlanOptions,
    /// Do not ask before changing anything.
    #[arg(long)]
    auto_approve: bool,
    #[command(flatten)]
    mode: ModeArgs,
    #[command(flatten)]
    rollout: RolloutArgs,
    #[command(flatten)]
    image: ImageArgs,
    /// Take over objects that exist already where one is to be made, and change what differs.
    #[arg(long)]
    adopt: bool,
    /// Undo what was done when something fails: delete what was made, change back what was changed. After a run that was
    /// interrupted, undo what that one did, and apply nothing.
    #[arg(long)]
    rollback: bool,
    #[command(flatten)]
    drain: DrainArgs,
}

/// How long targets drain that are deleted.
#[derive(Args, Clone, Copy, Debug)]
struct DrainArgs {
    /// Let the targets of a service that is deleted drain no longer than this, such as 5s, where their target group is deleted
    /// too. As long as the target group says when left out.
    #[arg(long, value_name = "DURATION", value_parser = super::stack::duration)]
    drain: Option<std::time::Duration>,
}

const QUESTION: &str = "\nDo you want to perform these actions?\n  glaz will perform the actions described above.\n  Only 'yes' will be accepted to approve.\n\n  Enter a value: ";
const DESTROY_QUESTION: &str = "\nDo you really want to destroy all resources?\n  glaz will delete everything that the plan above shows. There is no undo.\n  Only 'yes' will be accepted to confirm.\n\n  Enter a value: ";
const REFRESH_QUESTION: &str = "\nWould you like to update the state to reflect these detected changes?\n  glaz will write these changes to the state without modifying any real infrastructure.\n  There is no undo. Only 'yes' will be accepted to confirm.\n\n  Enter a value: ";

/// Plans, asks and applies; the exit code.
pub(super) async fn run(args: &ApplyArgs, globals: &Globals) -> Result<u8, Failure> {
    if args.options.json {
        globals.speak_json();
    }
    let mode = args.mode.mode()?;
    let may_ask = !args.auto_approve && !args.options.json && args.options.stack.values.input != Some(false);
    let how = How {
        adopt: args.adopt,
        rollback: args.rollback,
        on_missing_image: args.image.said(),
        empties: args.options.empty,
        drain: args.drain.drain,
        may_ask,
        ..How::default()
    };
    let question = match mode {
        Purpose::Destroy => DESTROY_QUESTION,
        Purpose::RefreshOnly => REFRESH_QUESTION,
        Purpose::Normal | Purpose::Validate => QUESTION,
    };
    if let Some(file) = args.options.stack.dir.as_ref().filter(|path| !path.is_dir()) {
        saved::no_planning_flags(&args.options, mode)?;
        let planned = saved::open(file, &args.options, args.rollback, globals).await?;
        run::tell_changes(&planned, globals);
        let choices = args.rollout.choices(&planned.plan, globals.shell)?;
        let how = How { may_ask: false, is_saved: true, ..how };
        return carry_out::apply(planned, &choices, how, globals).await;
    }
    if args.rollback
        && mode == Purpose::Normal
        && let Some(code) = Box::pin(undo::interrupted(&args.options, args.auto_approve, globals)).await?
    {
        return Ok(code);
    }
    Box::pin(change(&args.options, mode, question, (args.auto_approve, &args.rollout), how, globals)).await
}

/// Plans, asks and applies a part of the stack, for another command.
pub(super) async fn of(
    options: &PlanOptions,
    auto_approve: bool,
    rollout: &RolloutArgs,
    globals: &Globals,
) -> Result<u8, Failure> {
    if options.json {
        globals.speak_json();
    }
    Box::pin(change(options, Purpose::Normal, QUESTION, (auto_approve, rollout), How::default(), globals)).await
}

/// What apply and destroy share.
async fn change(
    options: &PlanOptions,
    mode: Purpose,
    question: &str,
    (auto_approve, rollout): (bool, &RolloutArgs),
    how: How,
    globals: &Globals,
) -> Result<u8, Failure> {
    let mut options = options.clone();
    let mut planned = run::plan(&options, mode, "OperationTypeApply", globals).await?;
    options.stack.values.remember(&planned.stack.inputs);
    if auto_approve || !planned.plan.has_changes() {
        leave_checks(&mut planned);
    }
    run::show(&planned, &options, globals);
    while run::is_approved(&planned, auto_approve, question, &options.stack.values, globals)? {
        let choices = rollout.choices(&planned.plan, globals.shell)?;
        let waits = choices.on_running == OnRunning::Wait;
        if !waits || !waiting::until_free(&mut planned, &choices, globals).await? {
            return carry_out::apply(planned, &choices, how, globals).await;
        }
        // What was waited for is live now, and part of what the plan goes on from.
        planned = run::plan(&options, mode, "OperationTypeApply", globals).await?;
        run::show(&planned, &options, globals);
    }
    globals.shell.line("\nCancelled. Nothing was changed.");
    Ok(1)
}

/// Leaves what check blocks say to the apply, which looks at them again, where nobody is asked in between.
pub(super) fn leave_checks(planned: &mut run::Planned) {
    planned.plan.warnings.0.retain(|warning| !lang::is_of_check_block(warning));
}

/// Delete everything the state remembers.
///
/// Shows what would be deleted, asks, and deletes it in the right order: what depends on something goes first. Needs no
/// files: when they are broken or gone, everything is deleted from the state alone. At the end it looks for leftovers that
/// no state knows of, such as log groups that came back, and names the commands that remove them.
#[derive(Args, Debug)]
pub(super) struct DestroyArgs {
    #[command(flatten)]
    options: PlanOptions,
    /// Do not ask before deleting.
    #[arg(long)]
    auto_approve: bool,
    #[command(flatten)]
    drain: DrainArgs,
}

/// Plans the deletion, asks and deletes; the exit code.
pub(super) async fn destroy(args: &DestroyArgs, globals: &Globals) -> Result<u8, Failure> {
    if args.options.json {
        globals.speak_json();
    }
    Box::pin(change(
        &args.options,
        Purpose::Destroy,
        DESTROY_QUESTION,
        (args.auto_approve, &RolloutArgs::default()),
        How { empties: args.options.empty, drain: args.drain.drain, says: Says::Deeds, ..How::default() },
        globals,
    ))
    .await
}
