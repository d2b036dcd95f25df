//! Destroying from the state alone, when the files are broken or gone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Globals;
use super::failure::Failure;
use super::run::{Planned, request};
use super::stack::Stack;
use crate::address::quote;
use crate::diagnostic::{Diagnostic, Report, Sources};
use crate::lang::{self, Config, Environment, Files, Phase, ProviderRef, Snapshot};
use crate::plan::{self, Connections, Options, Purpose, Request};
use crate::state::model::Instance;
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
            Err(problems) => stack.broken = problems,
        }
    }
    let whole = stack.config.clone();
    stack.config = Arc::new(whole.only_providers());
    let mut with = "with the provider blocks that can be read";
    if validate(stack, options).await.is_err() {
        // Without a root module there would be no provider to begin with.
        stack.config = Arc::new(Config { modules: vec![crate::lang::config::Module::default()] });
        with = "and no provider block: credentials come from the environment, regions from the state";
        stack.is_without_files = true;
    }
    globals.say(&format!(
        "{} Everything is deleted from the state alone, {with}; provisioners do not run.",
        said(&stack.broken, &stack.sources)
    ));
    stack.protected = Some(whole);
}

/// Without provider blocks: what the state says of the provider configurations, their regions, stands for them. The
/// credentials are those of the environment. Says so in a line.
pub(super) fn assume_providers(stack: &mut Stack, loaded: &Loaded, globals: &Globals) {
    if !stack.is_without_files {
        return;
    }
    if !loaded.exists {
        let text = "There is no state here, and no stack file that says where it is. Name it with -state=FILE; for a state in a bucket, write a file with its backend block.";
        globals.say(text);
        return;
    }
    // With the backend, so that a saved plan finds the state again.
    let text = format!("{}{}", stack.place.recalled(), provider_blocks(&loaded.state));
    let (folder, name) = (lang::clean(&stack.env.root), "providers.tf");
    // As the loader names it.
    let path = if folder == Path::new(".") { PathBuf::from(name) } else { folder.join(name) };
    let files =
        Snapshot { folders: [(folder.clone(), vec![name.to_owned()])].into(), files: [(path, text.into())].into() };
    let made = lang::load_from(&folder, Files::of(files));
    if made.report.has_errors() {
        globals.say("The provider configurations that the state names cannot be written down as blocks, so their regions are those of the environment.");
        return;
    }
    let mut sources = made.sources;
    sources.extend_from(&stack.sources);
    (stack.config, stack.files, stack.sources) = (made.config, made.files, sources);
}

/// A block for each provider configuration of the root module that objects of the state have, with the region they are
/// in when that is one.
fn provider_blocks(state: &State) -> String {
    let mut regions: BTreeMap<ProviderRef, BTreeSet<String>> = BTreeMap::new();
    for (key, instance) in state.instances.iter().filter(|(key, _)| key.address.is_managed()) {
        let provider = Connections::parse(&instance.provider);
        if provider.module.is_root() {
            let known = regions.entry(provider).or_default();
            known.extend(region_of(instance).filter(|_| key.address.type_name().starts_with("aws_")));
        }
    }
    let sources: BTreeMap<&str, &str> = regions.keys().map(|one| (one.name(), &*one.source)).collect();
    let mut text = String::from("terraform {\n  required_providers {\n");
    for (name, source) in sources {
        text.push_str(&format!("    {name} = {{ source = {} }}\n", quote(source)));
    }
    text.push_str("  }\n}\n");
    for (provider, regions) in &regions {
        let alias = provider.alias.as_ref().map(|alias| format!("  alias = {}\n", quote(alias))).unwrap_or_default();
        let region = match regions.iter().collect::<Vec<_>>().as_slice() {
            [region] => format!("  region = {}\n", quote(region)),
            _ => String::new(),
        };
        if !alias.is_empty() || !region.is_empty() {
            text.push_str(&format!("provider {} {{\n{alias}{region}}}\n", quote(provider.name())));
        }
    }
    text
}

/// The region of an object, as it or its ARN says.
fn region_of(instance: &Instance) -> Option<String> {
    let attributes: serde_json::Value = serde_json::from_str(instance.attributes.as_str()).ok()?;
    let said = attributes["region"].as_str().filter(|region| !region.is_empty());
    let of_arn =
        || attributes["arn"].as_str().and_then(|arn| arn.split(':').nth(3)).filter(|region| !region.is_empty());
    said.or_else(of_arn).map(ToOwned::to_owned)
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
            "Nothing that the state has in account {account}, region {region}, was found. There are no usable provider blocks, so the credentials of the environment were used, and its region where the state names none or several: most likely they are others than those of the stack. Nothing was changed. Set AWS_PROFILE and AWS_REGION, or, when all of it is gone indeed, plan without looking with -refresh=false."
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
