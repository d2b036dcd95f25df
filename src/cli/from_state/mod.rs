//! Destroying from the state alone, when the files are broken or gone.

mod files;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Globals;
use super::failure::Failure;
use super::run::{Planned, request};
use super::stack::Stack;
use crate::diagnostic::{Diagnostic, Report, Sources};
use crate::lang::{self, Config, Environment, Files, Phase, Snapshot};
use crate::plan::{self, Connections, Options, Purpose, Request};
use crate::state::{Loaded, State};
use crate::value::Value;

/// Leaves of files that cannot be used what can: the provider blocks, or nothing. Says so in a line.
pub(super) async fn prepare(stack: &mut Stack, options: &Options, globals: &Globals) {
    if options.mode != Purpose::Destroy || stack.is_without_files {
        return;
    }
    if stack.broken.0.is_empty() {
        match validate(stack, options).await {
            Ok(()) => return,
            Err(problems) => *stack.broken = problems,
        }
    }
    let whole = stack.config.clone();
    let text = said(&stack.broken, &stack.sources);
    let mut with = "with the provider blocks that can be read";
    let is_read = read(stack, files::readable(&stack.files, &files::folder(stack)));
    if !is_read || validate(stack, options).await.is_err() {
        // Without a root module there would be no provider to begin with.
        stack.config = Arc::new(Config { modules: vec![crate::lang::config::Module::default()] });
        stack.files = Snapshot::default();
        with = "and no provider block: credentials come from the environment, regions from the state";
        stack.is_without_files = true;
    }
    // What is given for variables that nobody can read any more is given for nothing.
    let config = stack.config.clone();
    let is_declared = |name: &str| config.root().is_some_and(|root| root.body.variables.contains_key(name));
    stack.inputs.retain(|input| is_declared(&input.name));
    globals.say(&format!("{text} Everything is deleted from the state alone, {with}; provisioners do not run."));
    stack.protected = Some(whole);
}

/// Goes on with other files, also when the plan is saved; what was read before keeps its places. False, when something is
/// wrong with them.
fn read(stack: &mut Stack, files: Snapshot) -> bool {
    let made = lang::load_after(&stack.env.root, Files::of(files), std::mem::take(&mut stack.sources));
    stack.sources = made.sources;
    if made.report.has_errors() {
        return false;
    }
    (stack.config, stack.files) = (made.config, made.files);
    true
}

/// What the state says of provider configurations of which no block can be read, their regions, stands for them. The
/// credentials are those of the environment. Says so in a line.
pub(super) fn assume_providers(stack: &mut Stack, loaded: &Loaded, globals: &Globals) {
    if stack.protected.is_none() && !stack.is_without_files {
        return;
    }
    if !loaded.exists && stack.is_without_files {
        let text = "There is no state here, and no stack file that says where it is. Name it with -state=FILE; for a state in a bucket, write a file with its backend block.";
        globals.say(text);
        // A plan of nothing can be saved and applied too.
        stack.files = files::with_assumed(stack, &files::Regions::default());
        return;
    }
    let mut lacking = files::regions(&loaded.state);
    lacking.retain(|provider, _| stack.is_without_files || !stack.config.has_provider(provider));
    if lacking.is_empty() && !stack.is_without_files {
        return;
    }
    if !stack.is_without_files {
        let names: Vec<String> = lacking.keys().map(crate::lang::ProviderRef::in_state).collect();
        globals.say(&format!(
            "No block of {} can be read: credentials come from the environment, regions from the state.",
            names.join(", ")
        ));
    }
    let files = files::with_assumed(stack, &lacking);
    stack.assumed = Arc::new(lacking.into_keys().collect());
    if !read(stack, files) {
        globals.say("The provider configurations that the state names cannot be written down as blocks, so their regions are those of the environment.");
    }
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
    if let Some((account, region)) = nowhere(planned) {
        let text = format!(
            "Nothing that the state has in account {account}, region {region}, was found. There are no usable provider blocks for it, so the credentials of the environment were used, and its region where the state names none or several: most likely they are others than those of the stack. Nothing was changed. Set AWS_PROFILE and AWS_REGION, or, when all of it is gone indeed, plan without looking with -refresh=false."
        );
        return Err(stack.fail(Diagnostic::error("Nothing of the stack was found", text)));
    }
    Ok(())
}

/// An account and region in which the state has objects of assumed provider configurations, and none of them was found.
fn nowhere(planned: &Planned) -> Option<(String, String)> {
    let live = &planned.plan.live;
    let place = |object: &plan::live::Object| {
        if !planned.stack.assumed.contains(&Connections::parse(&object.provider)) {
            return None;
        }
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
