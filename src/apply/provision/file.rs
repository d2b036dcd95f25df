//! `file`: copies a file or a folder to another machine.
//!
//! <https://developer.hashicorp.com/terraform/language/resources/provisioners/file>

use std::path::PathBuf;

use super::connection::Reach;
use super::{Failure, Site, ssh};
use crate::resource::provisioner::File;

/// Copies it.
pub(super) async fn run(site: &Site<'_>, args: &File, reach: &Reach) -> Result<(), Failure> {
    let destination = args.destination.as_str();
    if destination.is_empty() {
        return Err(Failure::plain("The destination is empty. Give a path on the machine."));
    }
    if let Some(content) = &args.content {
        let machine = ssh::connect(site, reach, false).await?;
        return machine.write(destination, content.as_bytes()).await;
    }
    let source = args.source.as_deref().unwrap_or_default();
    let path = local(site, source);
    let is_folder = match std::fs::metadata(&path) {
        Ok(found) if !source.is_empty() => found.is_dir(),
        Ok(_) => return Err(Failure::plain("The source is empty. Give a local path.")),
        Err(error) => {
            let blank = format!("The source cannot be read: {}.", error.kind());
            return Err(Failure::told(format!("The source '{source}' cannot be read: {error}."), blank));
        }
    };
    let machine = ssh::connect(site, reach, false).await?;
    if is_folder {
        machine.copy_folder(&path, source.ends_with('/'), destination).await
    } else {
        machine.copy_file(&path, destination).await
    }
}

/// A local path: `~` is the home directory, anything else starts in the stack's folder.
fn local(site: &Site<'_>, source: &str) -> PathBuf {
    let home = site.job.env.home.as_deref();
    match (source, source.strip_prefix("~/"), home) {
        ("~", _, Some(home)) => home.to_owned(),
        (_, Some(rest), Some(home)) => home.join(rest),
        _ => site.folder.join(source),
    }
}
