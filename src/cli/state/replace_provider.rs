//! `glaz state replace-provider`.

use std::collections::BTreeSet;
use std::sync::Arc;

use clap::Args;

use crate::cli::Globals;
use crate::cli::edit::{EditArgs, Keep};
use crate::cli::failure::Failure;
use crate::diagnostic::Diagnostic;

/// Have another provider manage the objects of one.
///
/// Rewrites the provider of all objects that have it, aliases included. The state as it was is kept in
/// terraform.tfstate.SECONDS.backup.
#[derive(Args, Debug)]
pub(in crate::cli) struct ReplaceProviderArgs {
    /// Provider to replace, such as hashicorp/aws.
    #[arg(value_name = "FROM")]
    from: String,
    /// Provider to put in its place.
    #[arg(value_name = "TO")]
    to: String,
    /// Do not ask before changing the state.
    #[arg(long)]
    auto_approve: bool,
    #[command(flatten)]
    edit: EditArgs,
}

/// Replaces the provider; the exit code.
pub(super) async fn run(args: &ReplaceProviderArgs, globals: &Globals) -> Result<u8, Failure> {
    let from = source(&args.from).map_err(|why| invalid("from", &args.from, why))?;
    let to = source(&args.to).map_err(|why| invalid("to", &args.to, why))?;
    let edit = args.edit.open("state-replace-provider", Keep::Each, globals).await?.required()?;
    let mut state = edit.state().clone();
    let mut resources = BTreeSet::new();
    for (key, instance) in &mut state.instances {
        if let Some(replaced) = replaced(&instance.provider, &from, &to) {
            instance.provider = replaced;
            resources.insert(key.address.resource.clone());
        }
    }
    let shell = &globals.shell;
    if resources.is_empty() {
        shell.line("No matching resources found.");
        return Ok(0);
    }
    let list = resources.iter().map(|one| format!("  {one}\n")).collect::<Vec<_>>().concat();
    shell.line(&format!(
        "glaz will perform the following actions:\n\n  ~ Updating provider:\n    - {from}\n    + {to}\n\nChanging {} resources:\n\n{list}",
        resources.len()
    ));
    if !args.auto_approve {
        let question =
            "Do you want to make these changes?\nOnly 'yes' will be accepted to continue.\n\nEnter a value: ";
        match shell.ask(question).as_deref() {
            Some("yes") => {}
            Some(_) => {
                shell.line("Cancelled replacing providers.");
                return Ok(0);
            }
            None => {
                return Err(Failure::words(
                    "Error asking for approval: nobody is there to answer. Nothing was changed. To go on without asking, use -auto-approve.",
                ));
            }
        }
    }
    edit.save(&state, "state replace-provider", globals).await?;
    shell.line(&format!("Successfully replaced provider for {} resources.", resources.len()));
    Ok(0)
}

/// The provider as state files write it, `module.m.provider["SOURCE"].alias`, with the other source.
fn replaced(provider: &str, from: &str, to: &str) -> Option<Arc<str>> {
    let (before, rest) = provider.split_once("provider[\"")?;
    let (source, after) = rest.split_once("\"]")?;
    (source == from).then(|| format!("{before}provider[\"{to}\"]{after}").into())
}

/// The source address in full: `acme/aws` means `registry.terraform.io/acme/aws`.
fn source(text: &str) -> Result<String, &'static str> {
    let parts: Vec<&str> = text.split('/').collect();
    let (host, namespace, name) = match parts.as_slice() {
        [name] => ("registry.terraform.io", "hashicorp", *name),
        [namespace, name] => ("registry.terraform.io", *namespace, *name),
        [host, namespace, name] => (*host, *namespace, *name),
        _ => return Err("a provider is written [HOSTNAME/][NAMESPACE/]NAME"),
    };
    let is_part = |part: &str| {
        let inside = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        !part.is_empty() && part.chars().all(inside) && !part.starts_with('-') && !part.ends_with('-')
    };
    let is_host = !host.is_empty() && host.chars().all(|c| c.is_alphanumeric() || ".-:".contains(c));
    // Providers of Terraform 0.12 and before have no namespace, which state files write as a dash.
    if !is_host || !is_part(name) || !(is_part(namespace) || namespace == "-") {
        return Err("its parts consist of letters, digits, dashes and underscores, with no dash at either end");
    }
    Ok(format!("{host}/{namespace}/{name}").to_lowercase())
}

fn invalid(which: &str, text: &str, why: &str) -> Diagnostic {
    Diagnostic::error(format!("Invalid \"{which}\" provider \"{text}\""), format!("\"{text}\" is no provider: {why}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_in_full() {
        assert_eq!(source("aws").as_deref(), Ok("registry.terraform.io/hashicorp/aws"));
        assert_eq!(source("Acme/aws").as_deref(), Ok("registry.terraform.io/acme/aws"));
        assert_eq!(source("example.com:80/a/b").as_deref(), Ok("example.com:80/a/b"));
        assert_eq!(source("-/aws").as_deref(), Ok("registry.terraform.io/-/aws"));
        for text in ["", "a b", "a/b/c/d", "/aws", "aws-", "a//b"] {
            assert!(source(text).is_err(), "{text}");
        }
    }

    #[test]
    fn aliases_and_modules_stay() {
        let replaced = |text: &str| replaced(text, "r/h/aws", "r/acme/aws").map(|text| text.to_string());
        assert_eq!(replaced("provider[\"r/h/aws\"]").as_deref(), Some("provider[\"r/acme/aws\"]"));
        assert_eq!(
            replaced("module.m.provider[\"r/h/aws\"].west").as_deref(),
            Some("module.m.provider[\"r/acme/aws\"].west")
        );
        assert_eq!(replaced("provider[\"r/h/aws2\"]"), None);
    }
}
