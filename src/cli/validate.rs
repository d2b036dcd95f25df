//! `glaz validate`.

use clap::Args;

use super::Globals;
use super::failure::Failure;
use super::render;
use super::stack::{Stack, StackArgs};
use super::test_directory::TestDirectory;
use crate::lang::Phase;
use crate::plan::{self, Options, Purpose, Request};
use crate::state::State;

/// Check the configuration without asking any service.
///
/// Reads the stack files, evaluates them without values for variables, and checks every argument. Works offline.
#[derive(Args, Debug)]
pub(super) struct ValidateArgs {
    #[command(flatten)]
    stack: StackArgs,
    /// Print the result as JSON, in Terraform's form.
    #[arg(long)]
    pub json: bool,
    /// Leave out test files. glaz reads none anyway.
    #[arg(long, hide = true)]
    no_tests: bool,
    #[command(flatten)]
    tests: TestDirectory,
}

/// Validates; problems are the caller's to show, unless they are wanted as JSON.
pub(super) async fn run(args: &ValidateArgs, globals: &Globals) -> Result<u8, Failure> {
    let found = check(args, globals).await;
    if args.json {
        let Failure { report, sources } = found.unwrap_or_else(|failure| failure);
        globals.shell.line(&render::json::validation(&report, &sources)?);
        return Ok(u8::from(report.has_errors()));
    }
    let Failure { report, sources } = found?;
    globals.warn(&report, &sources);
    globals.shell.line(if report.0.is_empty() {
        "Success! The configuration is valid."
    } else {
        "Success! The configuration is valid, but there were some validation warnings as shown above."
    });
    Ok(0)
}

/// Warnings with their files, or errors.
async fn check(args: &ValidateArgs, globals: &Globals) -> Result<Failure, Failure> {
    let stack = Stack::open(&args.stack, globals, Phase::Validate).await?;
    let missing = super::providers::missing(&stack.config, &stack.registry, "Missing required provider");
    missing.or(()).map_err(|problems| stack.fail(problems))?;
    let state = State::of_lineage("");
    let options = Options { mode: Purpose::Validate, refresh: false, ..Options::default() };
    let request = Request {
        config: &stack.config,
        inputs: &stack.inputs,
        env: &stack.env,
        state: &state,
        registry: &stack.registry,
        around: &stack.around,
        options: &options,
        rollouts: stack.rollouts.as_deref(),
    };
    let mut report = stack.warnings.clone();
    report.0.extend(args.tests.missing(&stack.env.root).filter(|_| !args.no_tests));
    match plan::draw(request).await {
        Ok(plan) => {
            report.extend(plan.warnings);
            Ok(stack.fail(report))
        }
        Err(problems) => {
            report.extend(problems);
            Err(stack.fail(report))
        }
    }
}
