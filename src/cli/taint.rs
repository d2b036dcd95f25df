//! `glaz taint` and `glaz untaint`.

use clap::Args;

use super::Globals;
use super::address;
use super::edit::{EditArgs, Keep};
use super::failure::Failure;
use super::stack::Elsewhere;
use crate::address::Address;
use crate::diagnostic::{Diagnostic, Sources, near_miss};
use crate::state::{InstanceKey, State};

/// Mark an object as not whole, so that the next plan replaces it.
#[derive(Args, Debug)]
pub(super) struct TaintArgs {
    #[command(flatten)]
    which: Which,
}

/// Take the mark of an object that is not whole away, so that it is not replaced.
#[derive(Args, Debug)]
pub(super) struct UntaintArgs {
    #[command(flatten)]
    which: Which,
}

#[derive(Args, Debug)]
struct Which {
    /// The instance, with its key if the resource has count or for_each.
    #[arg(value_name = "ADDRESS")]
    address: String,
    /// Only warn when there is no such instance.
    #[arg(long)]
    allow_missing: bool,
    #[command(flatten)]
    edit: EditArgs,
    #[command(flatten)]
    elsewhere: Elsewhere,
}

/// Taints; the exit code.
pub(super) async fn taint(args: &TaintArgs, globals: &Globals) -> Result<u8, Failure> {
    let address = address::instance(&args.which.address)?;
    if !address.is_managed() {
        return Err(Failure::words(format!("Resource instance {address} cannot be tainted")));
    }
    if args.which.set(&address, true, globals).await? {
        globals.shell.line(&format!("Resource instance {address} has been marked as tainted."));
    }
    Ok(0)
}

/// Takes the taint away; the exit code.
pub(super) async fn untaint(args: &UntaintArgs, globals: &Globals) -> Result<u8, Failure> {
    let address = address::instance(&args.which.address)?;
    if args.which.set(&address, false, globals).await? {
        globals.shell.line(&format!("Resource instance {address} has been successfully untainted."));
    }
    Ok(0)
}

impl Which {
    /// Whether there is such an instance, which is as wanted now.
    async fn set(&self, address: &Address, tainted: bool, globals: &Globals) -> Result<bool, Failure> {
        let command = if tainted { "taint" } else { "untaint" };
        self.elsewhere.check()?;
        let edit = self.edit.open(command, Keep::Last, globals).await?;
        let mut state = edit.state().clone();
        if is_half_replaced(address, &state) {
            return Err(half_replaced(address, command).into());
        }
        let Some(instance) = state.instances.get_mut(&InstanceKey::current(address.clone())) else {
            if !self.allow_missing {
                return Err(missing(address, edit.state()).into());
            }
            let text = format!(
                "Resource instance {address} was not found, but this is not an error because -allow-missing was set."
            );
            globals.warn(&Diagnostic::warning(NONE, text).into(), &Sources::default());
            return Ok(false);
        };
        if !tainted && !instance.tainted {
            let text = format!("Resource instance {address} is not currently tainted, and so it cannot be untainted.");
            return Err(Diagnostic::error("Resource instance is not tainted", text).into());
        }
        instance.tainted = tainted;
        edit.save(&state, command, globals).await?;
        Ok(true)
    }
}

const NONE: &str = "No such resource instance";

/// Whether only the object is there that another one is to take the place of.
fn is_half_replaced(address: &Address, state: &State) -> bool {
    let mut all = state.of_resource(&address.resource).filter(|(key, _)| key.address == *address).peekable();
    all.peek().is_some() && all.all(|(key, _)| key.deposed.is_some())
}

fn half_replaced(address: &Address, command: &str) -> Diagnostic {
    let text = format!(
        "Resource instance {address} is currently part-way through a create_before_destroy replacement action. Run \"glaz apply\" to complete its replacement before {command}ing it."
    );
    Diagnostic::error(NONE, text)
}

fn missing(address: &Address, state: &State) -> Diagnostic {
    if state.is_empty() {
        let text =
            "The state has no resource instances at all: the stack was never applied, or everything was destroyed.";
        return Diagnostic::error(NONE, text);
    }
    let names: Vec<String> = state.instances.keys().map(|key| key.address.to_string()).collect();
    let text = address.to_string();
    let siblings = state.of_resource(&address.resource).next().map(|(key, _)| key.address.to_string());
    let near = siblings.or_else(|| near_miss(&text, names.iter().map(String::as_str)).map(str::to_owned));
    let hint = near.map(|near| format!(" Did you mean {near}?")).unwrap_or_default();
    let detail = format!(
        "There is no resource instance in the state with the address {address}.{hint} If you added it to the stack a moment ago, it must be made by an apply before it can be tainted."
    );
    Diagnostic::error(NONE, detail)
}
