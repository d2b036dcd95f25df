//! The stack of a first plan. A state has a lineage by which a plan knows it again; where there was none yet, the folder of
//! the root module and its files say which stack a plan is for.

use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::{Saved, archive};
use crate::diagnostic::Diagnostic;
use crate::lang::{Files, files_in};

/// Digest of where a folder is, so that no path is written; empty where nobody can tell.
pub fn digest(folder: &Path) -> String {
    let at = std::fs::canonicalize(folder);
    at.map(|at| archive::hex(Sha256::new_with_prefix(at.as_os_str().as_encoded_bytes()))).unwrap_or_default()
}

/// Why a first plan was not applied: it is for another stack than the one that is here, which has no state either.
/// `is_in_bucket` says that the state is found without the folder, by what the plan says.
///
/// It is the same stack in the folder in which it was planned, whatever became of the files since, and in one with the same
/// files: a pipeline may plan in one place and apply in another. One that hands on the plan alone has no files.
///
/// # Errors
/// It is another stack, or nobody can tell.
pub fn check(saved: &Saved, is_in_bucket: bool) -> Result<(), Diagnostic> {
    let here = files_in(&saved.root, &Files::disk());
    let planned = files_in(&saved.root, &Files::of(saved.files.clone()));
    let is_same_folder = !saved.folder.is_empty() && saved.folder == digest(&saved.root);
    if is_same_folder || here == planned || here.is_empty() && is_in_bucket {
        return Ok(());
    }
    let other = planned.iter().filter(|(name, text)| here.get(*name) != Some(*text)).map(|(name, _)| name);
    let other = list(other);
    let differs = match (here.is_empty(), other.is_empty()) {
        (true, _) => "no configuration files are here".to_owned(),
        (false, true) => "here are more than these".to_owned(),
        (false, false) => format!("not the same here: {other}"),
    };
    let text = format!(
        "The plan was made in another folder, for a stack that had no state yet. Its files are {}; {differs}. Applying it would make the objects of that stack in the state of this folder, where no state is either. Nothing was done. Apply it in the folder it was made in, which -chdir=DIR names, or plan again here.",
        list(planned.keys()),
    );
    Err(Diagnostic::error("Saved plan is for another stack", text))
}

/// The first names, which are enough to know a stack by.
fn list<'a>(names: impl Iterator<Item = &'a String>) -> String {
    const ENOUGH: usize = 5;
    let names: Vec<&str> = names.map(String::as_str).collect();
    let more = if names.len() > ENOUGH { " and others" } else { "" };
    names[..names.len().min(ENOUGH)].join(", ") + more
}
