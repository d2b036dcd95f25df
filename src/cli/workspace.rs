//! `glaz workspace`: several states for one stack.
//!
//! The default one lies beside the stack, the others in `terraform.tfstate.d/NAME/terraform.tfstate`; which one is
//! selected stands in `.terraform/environment`, and `TF_WORKSPACE` overrides it.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Globals;
use super::encryption;
use super::failure::Failure;
use super::place::{DEFAULT, Place, is_name};
use super::stack::LockArgs;
use crate::diagnostic::{Diagnostic, Sources};
use crate::state::{self, State, file_v4};

/// Keep several states for one stack.
#[derive(Subcommand, Debug)]
pub(super) enum WorkspaceCommand {
    New(NewArgs),
    Select(SelectArgs),
    /// List the workspaces; a star marks the selected one.
    List,
    Delete(DeleteArgs),
    /// Show the name of the selected workspace.
    Show,
}

/// Make a workspace and select it.
#[derive(Args, Debug)]
pub(super) struct NewArgs {
    /// Its name.
    #[arg(value_name = "NAME")]
    name: String,
    /// State file to copy into it.
    #[arg(long = "state", value_name = "FILE")]
    from: Option<PathBuf>,
    #[command(flatten)]
    lock: LockArgs,
}

/// Select a workspace.
#[derive(Args, Debug)]
pub(super) struct SelectArgs {
    /// Its name.
    #[arg(value_name = "NAME")]
    name: String,
    /// Make it when it does not exist.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true")]
    or_create: Option<bool>,
}

/// Delete a workspace with its state.
///
/// Refuses while the state remembers objects: nobody would know of them any more.
#[derive(Args, Debug)]
pub(super) struct DeleteArgs {
    /// Its name.
    #[arg(value_name = "NAME")]
    name: String,
    /// Delete it although its state remembers objects. They go on existing.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    lock: LockArgs,
}

/// Runs the subcommand; the exit code.
pub(super) async fn run(command: &WorkspaceCommand, globals: &Globals) -> Result<u8, Failure> {
    let place = Place::find(None, globals).await?;
    match command {
        WorkspaceCommand::New(args) => new(args, &place, globals).await?,
        WorkspaceCommand::Select(args) => select(args, &place, globals).await?,
        WorkspaceCommand::List => list(&place, globals).await?,
        WorkspaceCommand::Delete(args) => delete(args, &place, globals).await?,
        WorkspaceCommand::Show => globals.shell.line(&place.workspace()?),
    }
    Ok(0)
}

async fn list(place: &Place, globals: &Globals) -> Result<(), Failure> {
    let current = place.workspace()?;
    for name in place.all().await? {
        globals.shell.line(&format!("{} {name}", if name == current { "*" } else { " " }));
    }
    globals.shell.line("");
    if place.is_overridden() {
        globals.shell.line("The active workspace is being overridden using the TF_WORKSPACE environment\nvariable.\n");
    }
    Ok(())
}

async fn new(args: &NewArgs, place: &Place, globals: &Globals) -> Result<(), Failure> {
    let name = &args.name;
    check_name(name)?;
    if place.is_overridden() {
        return Err(Failure::words(
            "The workspace is currently overridden using the TF_WORKSPACE environment variable, so no other can be selected. Unset the variable, or set it to the name of the new workspace: it is made with its first state.",
        ));
    }
    if place.all().await?.contains(name) {
        return Err(Failure::words(format!("Workspace \"{name}\" already exists")));
    }
    // Read first: a state that cannot be read leaves no workspace behind.
    let copied = match &args.from {
        Some(path) => Some(read_copy(path, place, globals).await?),
        None => None,
    };
    place.create(name, &args.lock, globals).await?;
    place.remember().map_err(|problem| made(name, problem))?;
    if let Some(copied) = copied {
        let mut store = place.store_of(name);
        args.lock.take(&mut store, globals, "workspace-new").await?;
        store.write(&copied, &globals.environment.clock()).await?;
        store.unlock().await?;
    }
    place.select(name).map_err(|problem| made(name, problem))?;
    created(name, globals);
    Ok(())
}

/// A problem that comes after the workspace was made.
fn made(name: &str, mut problem: Diagnostic) -> Diagnostic {
    problem.detail.push_str(&format!(
        " The workspace \"{name}\" was made all the same. Remove the cause, then:\n\n    glaz workspace select {name}"
    ));
    problem
}

/// A state with the same objects and a lineage of its own.
async fn read_copy(path: &std::path::Path, place: &Place, globals: &Globals) -> Result<State, Failure> {
    let shown = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| {
        let text = format!("The file {shown} cannot be read: {error}. No workspace was made.");
        Diagnostic::error("Failed to read the given file", text)
    })?;
    let bytes = encryption::open_named(bytes, &shown, place.state_seal().as_ref()).await?;
    let fresh = State::fresh(&globals.environment.clock())?;
    let copied =
        file_v4::read(&bytes, &shown)?.map(|state| State { serial: 0, lineage: fresh.lineage.clone(), ..state });
    Ok(copied.unwrap_or(fresh))
}

fn created(name: &str, globals: &Globals) {
    globals.shell.line(&format!(
        "Created and switched to workspace \"{name}\"!\n\nYou're now on a new, empty workspace. Workspaces isolate their state,\nso if you run \"glaz plan\" glaz will not see any existing state\nfor this configuration."
    ));
}

async fn select(args: &SelectArgs, place: &Place, globals: &Globals) -> Result<(), Failure> {
    let name = &args.name;
    check_name(name)?;
    if place.is_overridden() {
        return Err(Failure::words(
            "The selected workspace is currently overridden using the TF_WORKSPACE environment variable. To select another one, set the variable to its name, or unset it.",
        ));
    }
    // One that is selected already needs no folder: its first change makes it.
    if place.workspace()? == *name && (place.all().await?.contains(name) || args.or_create != Some(true)) {
        return Ok(());
    }
    if place.all().await?.contains(name) {
        place.select(name)?;
        globals.shell.line(&format!("Switched to workspace \"{name}\"."));
        return Ok(());
    }
    if args.or_create != Some(true) {
        return Err(unknown(name));
    }
    place.create(name, &LockArgs::default(), globals).await?;
    place.remember().and_then(|()| place.select(name)).map_err(|problem| made(name, problem))?;
    created(name, globals);
    Ok(())
}

async fn delete(args: &DeleteArgs, place: &Place, globals: &Globals) -> Result<(), Failure> {
    let name = &args.name;
    if !place.all().await?.contains(name) {
        return Err(unknown(name));
    }
    if place.workspace()? == *name {
        return Err(Failure::words(format!(
            "Workspace \"{name}\" is your active workspace.\n\nYou cannot delete the currently active workspace. Please switch to another workspace and try again."
        )));
    }
    let mut store = place.store_of(name);
    args.lock.take(&mut store, globals, "workspace-delete").await?;
    let loaded = state::load(&mut store, &globals.environment.clock()).await?;
    globals.warn(&loaded.warnings, &Sources::default());
    let open = loaded.open.iter().map(|open| open.intent.key.to_string());
    let held: Vec<String> = loaded.state.instances.keys().map(ToString::to_string).chain(open).collect();
    if !held.is_empty() && !args.force {
        return Err(not_empty(name, &held).into());
    }
    if name == DEFAULT {
        return Err(Failure::words("cannot delete default state"));
    }
    place.delete(name, &mut store).await?;
    store.unlock().await?;
    globals.shell.line(&format!("Deleted workspace \"{name}\"!"));
    if !held.is_empty() {
        globals.shell.line(&format!(
            "WARNING: \"{name}\" was non-empty.\nThe resources managed by the deleted workspace may still exist,\nbut are no longer manageable by glaz since the state has\nbeen deleted."
        ));
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), Failure> {
    if is_name(name) {
        return Ok(());
    }
    Err(Failure::words(format!(
        "The workspace name \"{name}\" is not allowed. The name must contain only URL safe characters, and no path separators."
    )))
}

fn unknown(name: &str) -> Failure {
    Failure::words(format!(
        "Workspace \"{name}\" doesn't exist.\n\nYou can create this workspace with the \"new\" subcommand or include the \"-or-create\" flag with the \"select\" subcommand."
    ))
}

fn not_empty(name: &str, held: &[String]) -> Diagnostic {
    let list: String = held.iter().map(|one| format!("\n  - {one}")).collect::<Vec<_>>().concat();
    let text = format!(
        "Workspace \"{name}\" is currently tracking the following resource instances:{list}\n\nDeleting this workspace would make glaz lose track of the objects behind them; you would have to delete those by hand. Destroy them first. To delete the workspace and forget about them, use -force."
    );
    Diagnostic::error("Workspace is not empty", text)
}
