//! Mercurial repositories, through the `hg` command, as careful as with git.

use std::path::Path;
use std::process::{Command, Stdio};

use super::fetch::Query;
use super::files;
use crate::http;

/// How a repository may be reached.
const SCHEMES: [&str; 4] = ["https", "http", "ssh", "file"];

/// Fetches a repository into the folder `into` and gives the changeset that was taken.
pub(super) fn fetch(url: &str, pinned: Option<&str>, into: &Path) -> Result<String, String> {
    let (base, mut query) = Query::split(url)?;
    let revision = query.take("rev");
    let url = query.onto(&base);
    let Some((scheme, rest)) = url.split_once("://").filter(|(scheme, _)| SCHEMES.contains(scheme)) else {
        return Err(format!(
            "{} is no address of a Mercurial repository: it starts with https://, http://, ssh:// or file://",
            http::shown(&url)
        ));
    };
    let host = rest.rsplit('@').next().unwrap_or_default();
    if host.starts_with('-') || url.contains(|c: char| c.is_control()) {
        return Err("the name of the host is badly written".to_owned());
    }
    // Anything else could be an option, or an expression of Mercurial's language of revisions.
    let is_name =
        |name: &str| !name.starts_with('-') && name.chars().all(|c| c.is_alphanumeric() || "._-/+".contains(c));
    if let Some(revision) = revision.as_deref().filter(|revision| !is_name(revision)) {
        return Err(format!("\"{revision}\" cannot be the name of a revision"));
    }
    // `file://` is not known to every version; a path is.
    let from = if scheme == "file" { http::decode(rest).ok_or("its path is badly written")? } else { url.clone() };
    let target = into.to_string_lossy();
    run(&["clone", "--noupdate", "--", &from, &target], &url)?;
    let wanted = pinned.or(revision.as_deref()).unwrap_or("default");
    run(&["--cwd", &target, "update", "--clean", "--rev", wanted], &url).map_err(|why| match pinned {
        Some(pinned) => format!("the changeset {pinned}, which the lock file names, is not there any more ({why})"),
        None => why,
    })?;
    let changeset = run(&["--cwd", &target, "log", "--rev", ".", "--template", "{node}"], &url)?;
    let changeset = changeset.trim().to_owned();
    if changeset.is_empty() || !changeset.chars().all(|c| c.is_ascii_hexdigit()) {
        return Err("hg does not say which changeset it took".to_owned());
    }
    files::remove(&into.join(".hg")).map_err(|error| format!("{} cannot be cleared: {error}", into.display()))?;
    Ok(changeset)
}

/// Runs hg; its output, or what it complained about.
fn run(args: &[&str], url: &str) -> Result<String, String> {
    let mut command = Command::new("hg");
    // Neither the person's settings nor hooks, and nobody is asked for anything.
    command.args(["--noninteractive", "--config", "ui.merge=:other"]).args(args).stdin(Stdio::null());
    command.env("HGPLAIN", "1").env("LC_ALL", "C.UTF-8");
    let output = command.output().map_err(|error| {
        format!("the command hg cannot be run: {error}. Modules in Mercurial repositories need it to be installed")
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = complaint.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let said = lines.iter().find(|line| line.starts_with("abort:")).or(lines.last()).copied().unwrap_or("it failed");
    let said = super::git::without_secrets(said);
    Err(format!("hg says of {}: {}", http::shown(url), said.trim_end_matches('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_are_refused() {
        let temp = tempfile::tempdir().expect("a folder");
        for url in [
            "bundle:x",
            "ext::sh",
            "ssh://-oProxyCommand=x/y",
            "https://h/x?rev=--config=x",
            "https://h/x?rev=a()",
            "ftp://h/x",
        ] {
            assert!(fetch(url, None, &temp.path().join("x")).is_err(), "{url}");
        }
    }
}
