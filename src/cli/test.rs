//! `glaz test`, which there is not: whoever tries it learns so, and what to do.

use clap::Args;

use super::failure::Failure;
use crate::diagnostic::Diagnostic;

/// Not there: test files (*.tftest.hcl) are not run.
#[derive(Args, Debug)]
#[command(hide = true)]
pub(super) struct TestArgs {
    /// Terraform's flags; none of them is looked at.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    _flags: Vec<String>,
}

/// Says that it cannot be done.
pub(super) fn run(_: &TestArgs) -> Result<u8, Failure> {
    let text = "glaz does not run test files (*.tftest.hcl): it formats them, and passes them over otherwise. Nothing was read or \
                made. What a stack must hold can be said in its own files, with preconditions, postconditions and check blocks.";
    Err(Diagnostic::error("Test files are not supported", text).into())
}
