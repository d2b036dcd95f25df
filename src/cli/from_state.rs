//! Destroying from the state alone, when the files are broken or gone.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Globals;
use super::failure::Failure;
use super::run::{Planned, request};
use super::stack::Stack;
use crate::diagnostic::{Diagnostic, Report, Sources};
use crate::lang::{Config, Environment, Phase};
use crate::plan::{self, Options, Purpose, Request};
use crate::state::State;
use crate::value::Value;

/// Leaves of files that cannot be used what can: the provider blocks, or nothing. Says so in a line.
pub(super) async fn prepare(stack: &mut Stack, options: &Options, globals: &Globals) {
    if options.mode != Purpose::Destroy || stack.is_without_files {
        return;
    }
    if stack.broken.0.is_empty() {
        match validate(stack, options).await {
            Ok(()) => return,
            Err(problems) => stack.broken = problems,
        }
    }
    let whole = stack.config.clone();
    stack.config = Arc::new(whole.only_providers());
    let mut with = "with the provider blocks that can be read";
    if validate(stack, options).await.is_err() {
        // Without a root module there would be no provider to begin with.
        stack.config = Arc::new(Config { modules: vec![crate::lang::config::Module::default()] });
        with = "and no provider block: credentials and region come from the environment";
        stack.is_without_files = true;
    }
    globals.say(&format!(
        "{} Everything is deleted from the state alone, {with}; provisioners do not run.",
        said(&stack.broken, &stack.sources)
    ));
    stack.protected = Some(whole);
}

/// What a plan would find wrong with the files, asking nobody.
async fn validate(stack: &Stack, options: &Options) -> Result<(), Report> {
    let (state, offline) =
        (State::of_lineage(""), Options { mode: Purpose::Validate, refresh: false, ..options.clone() });
    // Values of variables do not matter: they may still be asked for.
    let env = Environment { phase: Phase::Validate, ..stack.env.clone() };
    plan::draw(Request { env: &env, ..request(stack, &state, &offline) }).await.map(drop)
}

/// Such as `The stack files have 2 errors (main.tf:3: Invalid expression).`
fn said(broken: &Report, sources: &Sources) -> String {
    let errors: Vec<&Diagnostic> = broken.0.iter().filter(|one| one.is_error()).collect();
    let place = |one: &Diagnostic| {
        let span = one.subject?;
        let file = sources.file(span.file)?;
        let start = usize::try_from(span.start).ok()?.min(file.text.len());
        let line = file.text.get(..start)?.matches('\n').count() + 1;
        Some(format!("{}:{line}: ", file.path.display()))
    };
    let first = errors.first().map(|one| format!(" ({}{})", place(one).unwrap_or_default(), one.summary));
    let count = if errors.len() == 1 { "an error".to_owned() } else { format!("{} errors", errors.len()) };
    format!("The stack files have {count}{}.", first.unwrap_or_default())
}

/// Refuses what is not sure to be meant: objects that broken files protect, and a state of which nothing was found in an
/// account or region, which is most often another one.
///
/// # Errors
/// One of them.
pub(super) fn check(planned: &Planned) -> Result<(), Failure> {
    let Planned { stack, plan, options, .. } = planned;
    if options.mode != Purpose::Destroy {
        return Ok(());
    }
    let is_protected = |address: &crate::address::Address| {
        let block = stack.protected.as_ref().and_then(|config| config.block(&address.resource));
        block.is_some_and(|block| block.lifecycle.prevent_destroy)
    };
    let hit = plan.changes.iter().filter(|change| change.deposed.is_none() && is_protected(&change.address));
    let problem = |change: &plan::Change| {
        let text = format!(
            "{} has `lifecycle.prevent_destroy` set, but the plan calls for it to be destroyed. Remove `prevent_destroy`, or keep the resource as it is.",
            change.address
        );
        Diagnostic::error("Instance cannot be destroyed", text).about(&change.address)
    };
    Report(hit.map(problem).collect()).or(()).map_err(|report| stack.fail(report))?;
    if stack.is_without_files
        && let Some((account, region)) = nowhere(planned)
    {
        let text = format!(
            "Nothing that the state has in account {account}, region {region}, was found. There are no usable provider blocks, so credentials and region of the environment were used: most likely they are others than those of the stack. Nothing was changed. Set AWS_PROFILE and AWS_REGION, or, when all of it is gone indeed, plan without looking with -refresh=false."
        );
        return Err(stack.fail(Diagnostic::error("Nothing of the stack was found", text)));
    }
    Ok(())
}

/// An account and region in which the state has objects and none of them was found.
fn nowhere(planned: &Planned) -> Option<(String, String)> {
    let live = &planned.plan.live;
    let place = |object: &plan::live::Object| {
        let arn = object.attributes.get("arn").and_then(Value::as_str)?;
        let mut parts = arn.split(':').skip(3);
        let (region, account) = (parts.next()?, parts.next()?);
        let is_told = !region.is_empty() && !account.is_empty();
        is_told.then(|| (account.to_owned(), region.to_owned()))
    };
    let mut found: BTreeMap<(String, String), bool> = BTreeMap::new();
    for object in live.vanished.values() {
        if let Some(at) = place(object) {
            found.entry(at).or_default();
        }
    }
    for object in live.objects.values() {
        if let Some(at) = place(object) {
            found.insert(at, true);
        }
    }
    found.into_iter().find(|(_, is_found)| !is_found).map(|(at, _)| at)
}
