//! `glaz import`.

use std::path::PathBuf;

use clap::Args;

use super::Globals;
use super::address;
use super::edit::{EditArgs, Keep};
use super::failure::Failure;
use super::run;
use super::stack::{Elsewhere, Stack, StackArgs, StateArgs};
use super::values::ValueArgs;
use crate::address::{Address, ModulePath};
use crate::diagnostic::{Diagnostic, Report, Severity, shell_word};
use crate::lang::{Config, Phase};
use crate::plan::{self, Options, Purpose};
use crate::state::{InstanceKey, Output, State};

/// Take an object that exists into the state.
///
/// The stack files must have a resource block for it; nothing happens to the object itself. The state as it was is
/// kept in terraform.tfstate.backup.
#[derive(Args, Debug)]
pub(super) struct ImportArgs {
    /// The instance it becomes, with its key if the resource has count or for_each.
    #[arg(value_name = "ADDRESS")]
    address: String,
    /// What names the object in its service; the form depends on the type.
    #[arg(value_name = "ID", allow_hyphen_values = true)]
    id: String,
    /// Folder of the stack files; the current one when left out.
    #[arg(long, value_name = "DIR")]
    config: Option<PathBuf>,
    #[command(flatten)]
    values: ValueArgs,
    #[command(flatten)]
    edit: EditArgs,
    #[command(flatten)]
    elsewhere: Elsewhere,
    /// Accepted as Terraform's flag.
    #[arg(long, value_name = "N", default_value_t = 10)]
    parallelism: usize,
}

/// Imports; the exit code.
pub(super) async fn run(args: &ImportArgs, globals: &Globals) -> Result<u8, Failure> {
    args.elsewhere.check()?;
    let address = address::instance(&args.address)?;
    if !address.is_managed() {
        let summary = "A managed resource address is required. Importing into a data resource is not allowed.";
        return Err(Diagnostic::error(summary, "").into());
    }
    let stack = Stack::open(&args.stack(), globals, Phase::Plan).await?;
    if stack.sources.is_empty() {
        return Err(no_files(args).into());
    }
    check_block(&stack.config, &address).map_err(|problem| stack.fail(problem))?;
    let edit = args.edit.open("import", Keep::Last, globals).await?;
    // Nothing but the object is looked at: whatever else is to be done, or to be mended, is no matter of it.
    let options = Options {
        mode: Purpose::RefreshOnly,
        refresh: false,
        parallelism: args.parallelism,
        absent_is_unknown: true,
        to_import: Some(address.clone()),
        ..Options::default()
    };
    let plan = plan::draw(run::request(&stack, edit.state(), &options)).await.map_err(|report| stack.fail(report))?;
    let change = plan.changes.iter().find(|change| change.address == address && change.deposed.is_none());
    let Some(change) = change.filter(|change| change.span.is_some()) else {
        return Err(stack.fail(no_instance(&address)));
    };
    let shell = &globals.shell;
    shell.line(&format!("{address}: Importing from ID \"{}\"...", args.id));
    let key = InstanceKey::current(address.clone());
    if edit.state().instances.contains_key(&key) {
        return Err(stack.fail(managed_already(&address)));
    }
    let imported = plan::import_object(change, &args.id, &stack.registry, &plan.connections).await;
    let imported = imported.map_err(|report| stack.fail(report))?;
    let mut state = edit.state().clone();
    state.instances.insert(key, imported);
    let mut warnings = stack.warnings.clone();
    warnings.extend(outputs(&stack, &mut state, &options).await);
    edit.save(&state, "import", globals).await?;
    globals.warn(&warnings, &stack.sources);
    shell.line(&format!("{address}: Import complete\n\nImport successful!\n"));
    shell.line("The resources that were imported are shown above. These resources are now in\nyour state and will henceforth be managed by glaz.\n");
    Ok(0)
}

impl ImportArgs {
    fn stack(&self) -> StackArgs {
        let state =
            StateArgs { file: self.edit.file.clone(), locking: self.edit.locking.clone(), ..StateArgs::default() };
        StackArgs {
            dir: self.config.clone(),
            values: self.values.clone(),
            state,
            may_be_empty: true,
            is_destroy: false,
        }
    }
}

/// Takes root outputs from the state with the imported object; what keeps them from being evaluated is told, and they stay
/// as they were.
async fn outputs(stack: &Stack, state: &mut State, options: &Options) -> Report {
    let drawn = plan::draw(run::request(stack, state, options)).await;
    let plan = match drawn {
        Ok(plan) => plan,
        Err(report) => {
            let told = report.0.into_iter().map(|one| Diagnostic { severity: Severity::Warning, ..one });
            return Report(told.collect());
        }
    };
    for (name, change) in plan.outputs {
        match change.after {
            // No state can hold an infinite number; what it was stays.
            Some(value) if value.has_infinity() => {}
            Some(value) if value.is_wholly_known() && !value.is_null() => {
                let output = Output { value: value.unmarked(), sensitive: change.is_sensitive };
                state.outputs.insert(name.to_string(), output);
            }
            Some(value) if value.is_null() => drop(state.outputs.remove(&*name)),
            _ => {}
        }
    }
    plan.warnings
}

/// The module and the resource block must be there; the instances they produce are known only after evaluation.
fn check_block(config: &Config, address: &Address) -> Result<(), Diagnostic> {
    let path = address.module().names();
    let Some(module) = config.modules.iter().find(|module| module.path == path) else {
        let text = format!(
            "{} is not defined in the configuration. Add configuration for this module before importing into it.",
            address.module()
        );
        return Err(Diagnostic::error("Import to non-existent module", text));
    };
    let resource = &address.resource;
    let is_meant = |name: &crate::lang::config::ResourceName| {
        name.mode == resource.mode && name.type_name == resource.type_name && name.name == resource.name
    };
    if module.body.resources.keys().any(is_meant) {
        return Ok(());
    }
    let place = if address.module().is_root() { "the root module".to_owned() } else { address.module().to_string() };
    let text = format!(
        "Before importing this resource, create its configuration in {place}. For example:\n\n    resource \"{}\" \"{}\" {{\n      # (resource arguments)\n    }}",
        resource.type_name, resource.name
    );
    let block = crate::address::Resource { module: ModulePath::clone(address.module()), ..(**resource).clone() };
    Err(Diagnostic::error(format!("resource address \"{block}\" does not exist in the configuration."), text))
}

fn no_instance(address: &Address) -> Diagnostic {
    let text = format!(
        "The configuration for the given import {address} does not exist. All target instances must have an associated configuration to be imported: count or for_each of the resource, or of a module around it, gives no such instance."
    );
    Diagnostic::error("Configuration for import target does not exist", text)
}

fn managed_already(address: &Address) -> Diagnostic {
    let text = format!(
        "An object for {address} is managed already. To import another one to this address, first remove it from the state:\n\n    glaz state rm {}",
        shell_word(&address.to_string())
    );
    Diagnostic::error("Resource already managed by Terraform", text)
}

fn no_files(args: &ImportArgs) -> Diagnostic {
    let dir = args
        .config
        .as_ref()
        .map_or_else(|| "The current folder".to_owned(), |dir| format!("The folder {}", dir.display()));
    let text = format!(
        "{dir} does not contain any configuration files (.tf or .tf.json). To name a different one, use the -config=\"...\" option."
    );
    Diagnostic::error("No Terraform configuration files", text)
}
