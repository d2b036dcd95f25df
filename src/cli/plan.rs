//! `glaz plan`.

use std::path::PathBuf;

use clap::Args;

use super::Globals;
use super::failure::Failure;
use super::generate;
use super::run::{self, ModeArgs, PlanOptions};
use super::saved;
use crate::plan;

/// Show what would be done, without doing it.
///
/// Reads the stack files, compares them with what exists, and shows the steps that would bring everything to what the
/// files say. Changes nothing.
#[derive(Args, Debug)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    options: PlanOptions,
    #[command(flatten)]
    mode: ModeArgs,
    /// Save the plan in a file, to be applied exactly as it is. The file may hold secrets.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write resource blocks for imported objects that have none to this new file.
    #[arg(long, value_name = "FILE")]
    generate_config_out: Option<PathBuf>,
    /// Exit with 0 when nothing would be done, 2 when something would, 1 on errors.
    #[arg(long)]
    detailed_exitcode: bool,
}

/// Plans and shows; the exit code.
pub(super) async fn run(args: &PlanArgs, globals: &Globals) -> Result<u8, Failure> {
    if args.options.json {
        globals.speak_json();
    }
    let generated = args.generate_config_out.as_deref();
    let options = PlanOptions { generate: generated.is_some(), ..args.options.clone() };
    generated.map_or(Ok(()), generate::check)?;
    let mode = args.mode.mode()?;
    // Whatever becomes of this plan, an older one is not applied in its place.
    args.out.as_deref().map_or(Ok(()), plan::saved::take_away)?;
    let mut planned = run::draw(&options, mode, "OperationTypePlan", globals).await?;
    // Before the rules look: what they find is mended in the file.
    let written = generated.map_or(Ok(false), |file| generate::write(&mut planned, file))?;
    let mut planned = run::checked(planned, &options).await?;
    run::show(&planned, &args.options, globals);
    if let Some(file) = generated.filter(|_| written && !args.options.json) {
        let text = "Review them and edit them where necessary before you put them under version control.";
        globals.shell.line(&format!("\nThe generated resource blocks were written to {}. {text}", file.display()));
    }
    if let Some(file) = &args.out {
        saved::save(&planned, &args.options, file).await?;
        if !args.options.json {
            let shown = file.display();
            globals.shell.line(&format!(
                "\nSaved the plan to: {shown}\n\nTo perform exactly these actions, run the following command to apply:\n    glaz apply \"{shown}\""
            ));
        }
    }
    let has_changes = planned.plan.has_changes();
    // The process ends here: what is planned need not be given back piece by piece.
    std::mem::forget(std::mem::take(&mut planned.plan));
    Ok(if args.detailed_exitcode && has_changes { 2 } else { 0 })
}
