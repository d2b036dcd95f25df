//! `glaz graph`.

mod inferred;
mod operation;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::Globals;
use super::failure::Failure;
use super::place::Place;
use super::render::graph::{self, Picture};
use crate::diagnostic::{Diagnostic, Report};
use crate::lang;
use crate::lang::dependencies::Dependencies;
use crate::state::{self, State};

/// Draw what depends on what.
///
/// Without -type only resources are drawn, each with what it depends on, directly or through other things. With -type
/// everything that an operation evaluates is there. Order of AWS resources that the files do not state, and that a run
/// keeps all the same, is dashed, with the reason beside it. The result is text in the DOT language for Graphviz, unless another
/// form is asked for.
#[derive(Args, Debug)]
pub(super) struct GraphArgs {
    /// Folder of the stack; the current one when left out.
    #[arg(value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Draw everything that this operation evaluates: plan, plan-refresh-only, plan-destroy or apply.
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// Draw what this saved plan does. Implies -type=apply.
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// Draw a configuration with cycles too; with -type their edges are coloured.
    #[arg(long)]
    draw_cycles: bool,
    /// The form of the result.
    #[arg(long, value_name = "FORM", value_enum, default_value_t = Form::Dot)]
    format: Form,
    /// Accepted as Terraform's flag, without effect.
    #[arg(long, value_name = "N", hide = true)]
    module_depth: Option<i64>,
}

/// A form of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For Graphviz.
    Dot,
    /// For Markdown pages.
    Mermaid,
    /// A picture.
    Svg,
}

/// Draws; the exit code.
pub(super) async fn run(args: &GraphArgs, globals: &Globals) -> Result<u8, Failure> {
    let text = match (&args.plan, args.kind.as_deref()) {
        (Some(file), None | Some("apply")) => of_plan(file, args.format, globals).await?,
        (Some(_), Some(_)) => {
            let text = "A saved plan can only be applied, so that -plan goes with -type=apply alone. Leave -type out.";
            return Err(Diagnostic::error("Invalid combination of arguments", text).into());
        }
        (None, kind) => of_stack(args, kind, globals).await?,
    };
    globals.shell.out(&text);
    Ok(0)
}

async fn of_stack(args: &GraphArgs, kind: Option<&str>, globals: &Globals) -> Result<String, Failure> {
    check_kind(kind)?;
    let loaded =
        lang::load_from(args.dir.as_deref().unwrap_or(Path::new(".")), super::modules::files(&globals.environment));
    let fail = |report: Report| Failure { report, sources: loaded.sources.clone() };
    if loaded.report.has_errors() {
        return Err(fail(loaded.report.clone()));
    }
    let (mut all, found) = Dependencies::of(&loaded.config);
    if found.has_errors() && !args.draw_cycles {
        return Err(fail(found));
    }
    let state = remembered(args, globals).await?;
    match kind {
        None => {
            operation::orphans(&mut all, &loaded.config, &state);
            let only = all.resources();
            let inferred = inferred::find(&only, args, None, globals).await;
            return Ok(match args.format {
                Form::Dot => graph::summary(&only, &inferred),
                form => picture(form, &Picture::of(&only).with(&inferred))?,
            });
        }
        Some("plan-destroy") => all = operation::destroy(&loaded.config, &state),
        Some("apply") => all = operation::without_reports(&all),
        Some(_) => operation::orphans(&mut all, &loaded.config, &state),
    }
    operation::gone_outputs(&mut all, &loaded.config, &state);
    all.reduce();
    let inferred = match kind {
        // Only these make or delete anything, and a cycle keeps a plan from being drawn up.
        Some("plan" | "apply") if !found.has_errors() => inferred::find(&all, args, None, globals).await,
        Some("plan-destroy") if !found.has_errors() => inferred::find(&all, args, Some(&state), globals).await,
        _ => Vec::new(),
    };
    Ok(match args.format {
        Form::Dot => graph::operation(&all, &all.cycles(), &inferred),
        form => picture(form, &Picture::of(&all).with(&inferred))?,
    })
}

/// The state, without a lock: nothing is written.
async fn remembered(args: &GraphArgs, globals: &Globals) -> Result<State, Failure> {
    let mut store = Place::find(args.dir.as_deref(), globals).await?.store()?;
    Ok(state::load(&mut store, &globals.environment.clock()).await?.state)
}

async fn of_plan(file: &Path, form: Form, globals: &Globals) -> Result<String, Failure> {
    let saved = super::saved::read(file, globals).await?;
    let reasons = inferred::of_saved(&saved, globals).await;
    if form != Form::Dot {
        return Ok(picture(form, &operation::steps(&saved.plan, &reasons))?);
    }
    let loaded = lang::load_from(&saved.root, lang::Files::of(saved.files.clone()));
    if loaded.report.has_errors() {
        return Err(Failure { report: loaded.report, sources: loaded.sources });
    }
    let (all, _) = Dependencies::of(&loaded.config);
    let (all, inferred) = operation::apply(&all, &saved, &reasons);
    Ok(graph::operation(&all, &all.cycles(), &inferred))
}

fn picture(form: Form, picture: &Picture) -> Result<String, Diagnostic> {
    if form == Form::Mermaid { Ok(graph::mermaid(picture)) } else { graph::svg(picture) }
}

fn check_kind(kind: Option<&str>) -> Result<(), Diagnostic> {
    match kind {
        None | Some("plan" | "plan-refresh-only" | "plan-destroy" | "apply") => Ok(()),
        Some(kind @ ("validate" | "refresh" | "eval" | "input" | "legacy")) => {
            let text = format!("There is no graph of type \"{kind}\" any more. -type=plan gives a similar one.");
            Err(Diagnostic::error("Graph type no longer available", text))
        }
        Some(kind) => {
            let text = format!(
                "There is no graph of type \"{kind}\". The type is one of plan, plan-refresh-only, plan-destroy and apply."
            );
            Err(Diagnostic::error("Unsupported graph type", text))
        }
    }
}
