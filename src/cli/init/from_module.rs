//! `init -from-module`: an empty folder gets the files of a module.

use std::path::Path;

use crate::cli::failure::Failure;
use crate::cli::{Globals, modules};
use crate::diagnostic::Diagnostic;
use crate::modules::starter;

/// Copies the module into the current folder.
pub(super) fn copy(source: &str, globals: &Globals) -> Result<(), Failure> {
    let here = Path::new(".");
    let names = std::fs::read_dir(here).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    let is_stack = |name: &String| [".tf", ".tf.json"].iter().any(|ending| name.ends_with(ending));
    if names.iter().any(is_stack) {
        return Err(Failure::words(
            "The working directory already contains files. The -from-module option requires an empty directory into which a copy of the referenced module will be placed.\n\nTo initialize the configuration already in this working directory, omit the -from-module option.",
        ));
    }
    if let Some(name) = names.iter().find(|name| *name != ".terraform") {
        let text = format!(
            "A module is copied into an empty folder only, so that it replaces nothing, and this one holds {name}."
        );
        return Err(Diagnostic::error("Can't populate non-empty directory", text).into());
    }
    let outside = modules::outside(&globals.environment)?;
    Ok(starter::copy(source, here, &outside)?)
}
