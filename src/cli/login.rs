//! `glaz login` and `glaz logout`: tokens of module registries, kept where Terraform keeps them.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, Value};

use super::Globals;
use super::failure::Failure;
use crate::diagnostic::Diagnostic;
use crate::modules::credentials::{is_host, stored_in};
use crate::state::store::atomic;

/// The host that is meant when none is named.
const HOST: &str = "app.terraform.io";
/// Tokens are nobody else's business.
const MODE: u32 = 0o600;

/// Store the token of a host, such as a private registry of modules.
///
/// Asks for a token that was made on the host's web page, and keeps it in `~/.terraform.d/credentials.tfrc.json`.
#[derive(Args, Debug)]
pub(super) struct LoginArgs {
    /// The host.
    #[arg(value_name = "HOST", default_value = HOST)]
    host: String,
}

/// Remove the stored token of a host.
#[derive(Args, Debug)]
pub(super) struct LogoutArgs {
    /// The host.
    #[arg(value_name = "HOST", default_value = HOST)]
    host: String,
}

/// Asks for a token and stores it; the exit code.
pub(super) fn login(args: &LoginArgs, globals: &Globals) -> Result<u8, Failure> {
    let (host, path) = (checked(&args.host)?, path(globals)?);
    let question = format!(
        "Make a token on the web page of {host} and paste it here. It is stored in {} in plain text.\n\n  Token for {host}: ",
        path.display()
    );
    let Some(token) = globals.shell.ask_for(&question, true) else {
        let text = format!(
            "Nobody can be asked for a token: standard input is no terminal. Give the token of {host} in an environment variable:\n\n    {}",
            crate::modules::credentials::variable(&host)
        );
        return Err(Diagnostic::error("Login is not possible", text).into());
    };
    if token.is_empty() {
        return Err(Diagnostic::error("No token was given", "Nothing was stored.").into());
    }
    let mut all = read(&path)?;
    let hosts = all.entry("credentials").or_insert_with(|| Value::Object(Map::new()));
    let Some(hosts) = hosts.as_object_mut() else { return Err(damaged(&path).into()) };
    hosts.insert(host.clone(), serde_json::json!({ "token": token }));
    write(&path, &all)?;
    globals.shell.line(&format!("The token for {host} was stored in {}.", path.display()));
    Ok(0)
}

/// Removes a token; the exit code.
pub(super) fn logout(args: &LogoutArgs, globals: &Globals) -> Result<u8, Failure> {
    let (host, path) = (checked(&args.host)?, path(globals)?);
    let mut all = read(&path)?;
    let hosts = all.get_mut("credentials").and_then(Value::as_object_mut);
    let removed = hosts.map(|hosts| {
        let before = hosts.len();
        hosts.retain(|name, _| !name.eq_ignore_ascii_case(&host));
        before > hosts.len()
    });
    if removed != Some(true) {
        globals.shell.line(&format!("No credentials for {host} are stored."));
        return Ok(0);
    }
    write(&path, &all)?;
    globals.shell.line(&format!("The token for {host} was removed from {}.", path.display()));
    Ok(0)
}

fn checked(host: &str) -> Result<String, Diagnostic> {
    let host = host.to_lowercase();
    if is_host(&host) {
        return Ok(host);
    }
    let text = format!("\"{host}\" is no name of a host. Give one such as {HOST}, with a port if it needs one.");
    Err(Diagnostic::error("Invalid hostname", text))
}

fn path(globals: &Globals) -> Result<PathBuf, Diagnostic> {
    let home = globals.environment.get("HOME").map(PathBuf::from);
    home.map(|home| stored_in(&home)).ok_or_else(|| {
        Diagnostic::error("No home folder", "The variable HOME is not set, so there is no place for tokens. Set it.")
    })
}

fn read(path: &std::path::Path) -> Result<Map<String, Value>, Diagnostic> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Map::new()),
        Err(error) => {
            let text = format!("{} cannot be read: {error}.", path.display());
            return Err(Diagnostic::error("Failed to read credentials", text));
        }
    };
    serde_json::from_str(&text).map_err(|_| damaged(path))
}

/// The file may hold secrets, so none of it is shown.
fn damaged(path: &std::path::Path) -> Diagnostic {
    let text = format!(
        "{} is not JSON of the form {{\"credentials\": {{…}}}}. Nothing was changed. Correct it or move it away.",
        path.display()
    );
    Diagnostic::error("Invalid credentials file", text)
}

fn write(path: &std::path::Path, all: &Map<String, Value>) -> Result<(), Diagnostic> {
    let failed = |error: std::io::Error| {
        Diagnostic::error("Failed to write credentials", format!("{} cannot be written: {error}.", path.display()))
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let text = serde_json::to_string_pretty(all).map_err(|error| failed(error.into()))?;
    atomic::replace_private(path, format!("{text}\n").as_bytes(), MODE).map_err(failed)
}
