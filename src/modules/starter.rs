//! `init -from-module`: a module copied into an empty folder, as the beginning of a stack.

use std::path::{Path, PathBuf};

use super::fetch::fetch;
use super::registry::{Problem, Registries};
use super::{Outside, files};
use crate::diagnostic::Diagnostic;
use crate::http;
use crate::lang::source::{Package, RegistryModule, Source};
use crate::lang::version::Version;

/// Copies the module at an address into a folder. Names that begin with a dot are left out, as Terraform does.
///
/// # Errors
/// The address is none, the module cannot be fetched, or it cannot be written. Nothing is left in the folder then.
pub fn copy(address: &str, into: &Path, outside: &Outside) -> Result<(), Diagnostic> {
    let failed = |why: &str| {
        let text = format!("The module could not be copied from {}: {why}.", http::shown(address));
        Diagnostic::error("Failed to download module", text)
    };
    let source = Source::parse(address, None).map_err(|problem| {
        let why = match problem {
            crate::lang::source::Problem::MaybePath(path) => {
                format!("\"{path}\" names no host. If it is a folder, begin with ./ or ../")
            }
            crate::lang::source::Problem::Other(why) => why,
        };
        Diagnostic::error("Invalid module source address", format!("{why}."))
    })?;
    let beside = tempfile::tempdir().map_err(|error| failed(&error.to_string()))?;
    let from = match &source {
        Source::Local(path) => into.join(path),
        Source::Registry(module, folder) => {
            let (package, named) = of_registry(module, outside).map_err(|why| failed(&why))?;
            fetched(&package, &[named.as_deref(), folder.as_deref()], beside.path(), outside)
                .map_err(|why| failed(&why))?
        }
        Source::Remote(package, folder) => {
            fetched(package, &[folder.as_deref()], beside.path(), outside).map_err(|why| failed(&why))?
        }
    };
    if !from.is_dir() {
        return Err(failed(&format!("{} is no folder", from.display())));
    }
    place(&from, into).map_err(|error| failed(&format!("its files cannot be written: {error}")))
}

/// The package of the newest released version.
fn of_registry(module: &RegistryModule, outside: &Outside) -> Result<(Package, Option<String>), String> {
    let words = |problem: Problem| match problem {
        Problem::NotFound => format!("the registry at {} has no such module", module.host),
        Problem::Other(why) => why,
    };
    let mut registries = Registries::default();
    let versions = registries.versions(module, outside).map_err(words)?;
    let newest: Option<Version> = versions.iter().filter(|version| !version.is_prerelease()).max().cloned();
    let newest = newest.ok_or_else(|| format!("the registry at {} lists no released version", module.host))?;
    let location = registries.location(module, &newest, outside).map_err(words)?;
    match Source::parse(&location, None) {
        Ok(Source::Remote(package, folder)) if package.kind != "file" => Ok((package, folder)),
        _ => Err(format!("the registry names the address {}, which is none of a package", http::shown(&location))),
    }
}

/// Fetches a package; the folder inside that is meant.
fn fetched(package: &Package, folders: &[Option<&str>], beside: &Path, outside: &Outside) -> Result<PathBuf, String> {
    let new = beside.join("package");
    let found = fetch(package, None, &new, outside)?;
    let inside = found.folder.as_deref().into_iter().chain(folders.iter().flatten().copied());
    let folder = inside.fold(new, |folder, more| folder.join(more));
    if folder.is_dir() { Ok(folder) } else { Err("it has no folder of the name behind // in the address".to_owned()) }
}

/// Copies all or nothing.
fn place(from: &Path, into: &Path) -> std::io::Result<()> {
    let mut names: Vec<_> =
        std::fs::read_dir(from)?.map(|entry| Ok(entry?.file_name())).collect::<std::io::Result<_>>()?;
    names.retain(|name| !name.to_string_lossy().starts_with('.'));
    names.sort();
    let copied = names.iter().try_for_each(|name| {
        let (source, target) = (from.join(name), into.join(name));
        if source.is_dir() { files::copy(&source, &target) } else { std::fs::copy(&source, &target).map(drop) }
    });
    if copied.is_err() {
        // The reason counts, not whether the rest could be cleared away.
        names.iter().for_each(|name| drop(files::remove(&into.join(name))));
    }
    copied
}
