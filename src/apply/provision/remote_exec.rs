//! `remote-exec`: scripts on another machine.
//!
//! <https://developer.hashicorp.com/terraform/language/resources/provisioners/remote-exec>

use super::connection::Reach;
use super::ssh::{self, Machine};
use super::{Failure, Site};
use crate::resource::provisioner::RemoteExec;

/// How a script is run that does not say it itself.
const SHEBANG: &[u8] = b"#!/bin/sh\n";

/// Copies each script to the machine and runs it there.
pub(super) async fn run(site: &Site<'_>, args: &RemoteExec, reach: &Reach) -> Result<(), Failure> {
    let scripts = scripts(site, args)?;
    let machine = ssh::connect(site, reach, true).await?;
    for script in scripts {
        one(site, &machine, reach, script).await?;
    }
    Ok(())
}

/// The texts of all scripts.
fn scripts(site: &Site<'_>, args: &RemoteExec) -> Result<Vec<Vec<u8>>, Failure> {
    if let Some(lines) = &args.inline {
        let mut text = String::new();
        for line in lines {
            text.push_str(&present(line.as_ref(), "inline")?);
            text.push('\n');
        }
        return Ok(vec![text.into_bytes()]);
    }
    let one = args.script.iter().map(|script| present(Some(script), "script"));
    let many = args.scripts.iter().flatten().map(|script| present(script.as_ref(), "scripts"));
    let read = |path: Result<String, Failure>| {
        let path = path?;
        std::fs::read(site.folder.join(&path)).map_err(|error| {
            let blank = format!("A script cannot be opened: {}.", error.kind());
            Failure::told(format!("Failed to open script '{path}': {error}"), blank)
        })
    };
    one.chain(many).map(read).collect()
}

fn present(text: Option<&String>, name: &str) -> Result<String, Failure> {
    match text.map(String::as_str) {
        None => Err(Failure::plain(format!("invalid null string in '{name}'"))),
        Some("") => Err(Failure::plain(format!("invalid empty string in '{name}'"))),
        Some(text) => Ok(text.to_owned()),
    }
}

async fn one(site: &Site<'_>, machine: &Machine, reach: &Reach, script: Vec<u8>) -> Result<(), Failure> {
    let path = reach.script_path.replace("%RAND%", &random(site)?);
    let script = if reach.is_windows || script.starts_with(b"#!") { script } else { [SHEBANG, &script].concat() };
    machine.write(&path, &script).await.map_err(|failure| failure.after("Failed to upload script: "))?;
    let failed = |why: &str| {
        let detail = format!("error executing {}: {why}", super::quoted(&path));
        Failure::told(detail, format!("The script failed: {why}"))
    };
    if !reach.is_windows {
        machine.run(&format!("chmod 0777 {path}"), &|line| site.say(line)).await?.map_err(|why| failed(&why))?;
    }
    let result = machine.run(&path, &|line| site.say(line)).await?;
    // The script may hold secrets: nothing of it is left on the machine, also after a failure.
    let cleared = machine.write(&path, b"").await;
    result.map_err(|why| failed(&why))?;
    if cleared.is_err() {
        site.say(&format!("The script could not be emptied. It is still in {path} on the machine."));
    }
    Ok(())
}

/// A number that nobody guesses.
fn random(site: &Site<'_>) -> Result<String, Failure> {
    let mut bytes = [0; 4];
    let failed = |error| Failure::plain(format!("The system gives no random numbers: {error}."));
    site.job.around.clock.random(&mut bytes).map_err(failed)?;
    Ok((u32::from_be_bytes(bytes) >> 1).to_string())
}
