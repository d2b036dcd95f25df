//! `glaz metadata functions`.

use clap::{Args, Subcommand};

use super::Globals;
use super::failure::Failure;
use super::render;
use crate::diagnostic::Diagnostic;

/// Print what programs want to know about the language.
#[derive(Subcommand, Debug)]
pub(super) enum MetadataCommand {
    Functions(FunctionsArgs),
}

/// Print the signatures of all functions.
#[derive(Args, Debug)]
pub(super) struct FunctionsArgs {
    /// Print JSON, in Terraform's form. There is no other form.
    #[arg(long)]
    json: bool,
}

/// Prints; the exit code.
pub(super) fn run(command: &MetadataCommand, globals: &Globals) -> Result<u8, Failure> {
    let MetadataCommand::Functions(args) = command;
    if !args.json {
        let text = "Signatures are printed for programs only. Run it again as:\n\n    glaz metadata functions -json";
        return Err(Diagnostic::error("-json is required", text).into());
    }
    globals.shell.line(&render::json::functions()?);
    Ok(0)
}
