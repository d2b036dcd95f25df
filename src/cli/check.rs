//! `glaz check`, and the rules that every plan is looked at with.

use std::collections::BTreeSet;

use clap::Args;
use serde::Serialize;

use super::Globals;
use super::failure::Failure;
use super::render;
use super::run::{self, PlanOptions, request};
use super::stack::{Stack, StackArgs};
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::Phase;
use crate::plan::imagine::{Picture, imagine};
use crate::plan::{self, Options, Plan, Purpose};
use crate::preflight::{self, Account, Allowed, Asked, Finding, Know, Lookups, RULES, Rule};
use crate::state::State;

/// Find mistakes that only show when several resources are looked at together.
///
/// Every plan runs these rules; this command runs nothing else. With credentials it also looks, reading only, at what
/// the stack files name and do not make. A finding is allowed with a comment on its line or above it, such as
/// `# glaz:allow K09 it starts in a second`. The exit code is 1 when there is an error.
#[derive(Args, Debug)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    stack: StackArgs,
    /// Ask nobody: look at the files alone.
    #[arg(long)]
    offline: bool,
    /// Print what a rule is about, by its number or name, and stop.
    #[arg(long, value_name = "RULE", conflicts_with_all = ["json", "sarif"])]
    explain: Option<String>,
    /// List the rules and stop.
    #[arg(long, conflicts_with_all = ["explain", "sarif"])]
    list: bool,
    /// Print JSON.
    #[arg(long, conflicts_with = "sarif")]
    json: bool,
    /// Print SARIF 2.1.0, for code scanning.
    #[arg(long)]
    sarif: bool,
}

/// Everything is looked at.
const ALL: Asked = Asked { empties: false, of_all: true };

/// Checks; the exit code.
pub(super) async fn run(args: &CheckArgs, globals: &Globals) -> Result<u8, Failure> {
    if let Some(text) = &args.explain {
        globals.shell.line(&explained(text)?);
        return Ok(0);
    }
    if args.list {
        list(args.json, globals)?;
        return Ok(0);
    }
    let (stack, findings) = Box::pin(find(args, globals)).await?;
    globals.warn(&Report(Allowed::new(&stack.sources).unknown()), &stack.sources);
    let has_errors = findings.iter().any(|one| one.diagnostic.is_error());
    if args.json || args.sarif {
        let text = if args.sarif {
            render::sarif::findings(&findings, &stack.sources)?
        } else {
            render::json::findings(&findings, &stack.sources)?
        };
        globals.shell.line(&text);
        return Ok(u8::from(has_errors));
    }
    let (errors, warnings) = split(findings);
    let counts = (errors.0.len(), warnings.0.len());
    if has_errors {
        let mut report = warnings;
        report.extend(errors);
        return Err(stack.fail(report));
    }
    globals.warn(&warnings, &stack.sources);
    globals.shell.line(&match counts.1 {
        0 => format!("{} rules found nothing.", RULES.len()),
        1 => "1 warning, no error.".to_owned(),
        many => format!("{many} warnings, no error."),
    });
    Ok(0)
}

/// Who knows the certificates and pipelines of an account.
#[allow(clippy::unnecessary_wraps)] // without these services nobody
fn lookups() -> Option<&'static dyn Lookups> {
    #[cfg(all(feature = "acm", feature = "codepipeline", feature = "ec2", feature = "route53"))]
    return Some(&crate::aws::lookups::AwsLookups);
    #[cfg(not(all(feature = "acm", feature = "codepipeline", feature = "ec2", feature = "route53")))]
    None
}

/// What every plan is looked at with: errors stop it, warnings are added to its own.
///
/// # Errors
/// What a rule calls an error.
pub(super) async fn of_plan(
    stack: &Stack,
    state: &State,
    options: &Options,
    empties: bool,
    plan: &mut Plan,
) -> Result<(), Report> {
    if !matches!(options.mode, Purpose::Normal | Purpose::Destroy) {
        return Ok(());
    }
    let asked = Asked { empties, of_all: false };
    let (found, _) = findings(stack, state, options, asked, plan).await;
    let (errors, warnings) = split(found);
    plan.warnings.extend(warnings);
    errors.or(())
}

/// What rules find, and the calls that the credentials may not make for them.
async fn findings(
    stack: &Stack,
    state: &State,
    options: &Options,
    asked: Asked,
    plan: &Plan,
) -> (Vec<Finding>, BTreeSet<String>) {
    // Rules are about AWS: another stack need not be evaluated once more.
    if !plan.changes.iter().any(|change| change.address.type_name().starts_with("aws_")) {
        return Default::default();
    }
    // When everything goes, nothing will be.
    let is_destroy = options.mode == Purpose::Destroy;
    let picture = if is_destroy { Picture::default() } else { imagine(request(stack, state, options), plan) };
    let may_ask = !options.offline && (options.refresh || is_destroy);
    let know = Know { images: stack.images.as_deref(), lookups: lookups() };
    let mut account = Account::new(&stack.registry, may_ask.then_some(&plan.connections), know);
    let allowed = Allowed::new(&stack.sources);
    let found = preflight::check(&picture, &plan.changes, &mut account, &allowed, asked).await;
    (found, account.refusals().clone())
}

fn split(findings: Vec<Finding>) -> (Report, Report) {
    let (errors, warnings) = findings.into_iter().map(|one| one.diagnostic).partition(Diagnostic::is_error);
    (Report(errors), Report(warnings))
}

async fn find(args: &CheckArgs, globals: &Globals) -> Result<(Stack, Vec<Finding>), Failure> {
    if !args.offline {
        match run::draw(&PlanOptions::reading(&args.stack), Purpose::Normal, "OperationTypePlan", globals).await {
            Ok(run::Planned { stack, loaded, options, plan, .. }) => {
                let (found, refusals) = findings(&stack, &loaded.state, &options, ALL, &plan).await;
                if !refusals.is_empty() {
                    let calls: Vec<String> = refusals.into_iter().collect();
                    let calls = calls.join(", ");
                    globals
                        .shell
                        .err(&format!("Rules that ask for it kept silent, the credentials may not: {calls}.\n"));
                }
                return Ok((stack, found));
            }
            Err(failure) if lacks_credentials(&failure) => {
                globals.shell.err("No credentials: the account is not looked at.\n");
            }
            Err(failure) => return Err(failure),
        }
    }
    let stack = Stack::open(&args.stack, globals, Phase::Plan).await?;
    let (state, options) = (State::of_lineage(""), Options { offline: true, refresh: false, ..Options::default() });
    let plan = plan::draw(request(&stack, &state, &options)).await.map_err(|problems| stack.fail(problems))?;
    let (found, _) = findings(&stack, &state, &options, ALL, &plan).await;
    Ok((stack, found))
}

/// Whether nothing is wrong but that nobody may be asked.
fn lacks_credentials(failure: &Failure) -> bool {
    let errors: Vec<_> = failure.report.0.iter().filter(|one| one.is_error()).collect();
    !errors.is_empty() && errors.iter().all(|one| one.summary == "No usable AWS credentials")
}

/// What there is to say of a rule, or of a mistake that something else finds.
fn explained(text: &str) -> Result<String, Diagnostic> {
    if let Some(rule) = preflight::rule(text) {
        return Ok(format!("{} {}: {}\n\n{}", rule.code, rule.name, rule.summary, rule.explanation()));
    }
    if let Some(one) = preflight::elsewhere(text) {
        return Ok(format!("{}: {}\n\n{}", one.codes.join(", "), one.summary, one.explanation));
    }
    let text = format!("There is no rule \"{text}\". All rules are listed by:\n\n    glaz check -list");
    Err(Diagnostic::error("Unknown rule", text))
}

#[derive(Serialize)]
struct Listed {
    code: &'static str,
    name: &'static str,
    summary: &'static str,
}

fn list(is_json: bool, globals: &Globals) -> Result<(), Diagnostic> {
    let rules: Vec<Listed> =
        RULES.iter().map(|Rule { code, name, summary, .. }| Listed { code, name, summary }).collect();
    if is_json {
        globals.shell.line(&render::json::pretty(&rules)?);
        return Ok(());
    }
    for Listed { code, name, summary } in rules {
        globals.shell.line(&format!("{code:<7}{name:<26}{summary}"));
    }
    Ok(())
}
