//! Stack files for a destroy that works from the state: what can be read of the broken ones, and blocks for provider
//! configurations that only the state knows of.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::address::quote;
use crate::cli::stack::Stack;
use crate::lang::config::Settings;
use crate::lang::syntax::parse;
use crate::lang::{self, ProviderRef, Snapshot};
use crate::plan::Connections;
use crate::state::State;
use crate::state::model::Instance;

/// Blocks that a provider configuration may need.
const KEPT: &[&str] = &["terraform", "provider", "variable", "locals"];
/// Name of the file with what the state says; it is never written.
const ASSUMED: &str = "providers_of_state.tf";

/// Regions of the objects of each provider configuration that the state names.
pub(super) type Regions = BTreeMap<ProviderRef, BTreeSet<String>>;

/// The folder of the root module, as the loader names it.
pub(super) fn folder(stack: &Stack) -> PathBuf {
    lang::clean(&stack.env.root)
}

fn join(folder: &Path, name: &str) -> PathBuf {
    if folder == Path::new(".") { PathBuf::from(name) } else { folder.join(name) }
}

/// The files of a folder with nothing but the blocks that provider configurations may need. Everything else is blank, so
/// that each block stands where it stood; of files in JSON the rest is left out.
#[allow(clippy::case_sensitive_file_extension_comparisons)] // as Terraform does
pub(super) fn readable(files: &Snapshot, folder: &Path) -> Snapshot {
    let names = files.folders.get(folder).cloned().unwrap_or_default();
    let mut kept = Snapshot::default();
    for name in names.iter().filter(|name| name.ends_with(".tf") || name.ends_with(".tf.json")) {
        let path = join(folder, name);
        let Some(text) = files.files.get(&path) else { continue };
        let left = if name.ends_with(".json") { picked(text) } else { blanked(text) };
        kept.files.insert(path, left.into());
    }
    kept.folders.insert(folder.to_owned(), names);
    kept
}

/// The kept blocks of a file in JSON; none, when it has mistakes.
fn picked(text: &str) -> String {
    use serde_json::Value as Json;
    let Ok(mut whole) = serde_json::from_str::<Json>(text) else { return "{}".to_owned() };
    let parts = match &mut whole {
        Json::Array(parts) => parts.iter_mut().collect(),
        other => vec![other],
    };
    parts
        .into_iter()
        .filter_map(Json::as_object_mut)
        .for_each(|part| part.retain(|kind, _| KEPT.contains(&kind.as_str())));
    whole.to_string()
}

/// A text in which only the kept blocks are left, on their lines.
fn blanked(text: &str) -> String {
    let (body, report) = parse(0, text);
    let at = |place: u32| usize::try_from(place).unwrap_or(usize::MAX).min(text.len());
    let blocks = body.blocks.iter().filter(|block| KEPT.contains(&&*block.kind));
    // One with a mistake inside is not read.
    let is_right = |range: &std::ops::Range<usize>| {
        let problems = report.0.iter().filter(|one| one.is_error()).filter_map(|one| one.subject);
        !problems.into_iter().any(|span| range.contains(&at(span.start)))
    };
    let ranges: Vec<_> = blocks.map(|block| at(block.span.start)..at(block.span.end)).filter(is_right).collect();
    let blank = |(place, letter): (usize, char)| -> String {
        if letter == '\n' || ranges.iter().any(|range| range.contains(&place)) {
            letter.to_string()
        } else {
            " ".repeat(letter.len_utf8())
        }
    };
    text.char_indices().map(blank).collect()
}

/// Provider configurations that objects of the state have, with the regions that these are in.
pub(super) fn regions(state: &State) -> Regions {
    let mut regions = Regions::new();
    for (key, instance) in state.instances.iter().filter(|(key, _)| key.address.is_managed()) {
        let known = regions.entry(Connections::parse(&instance.provider)).or_default();
        known.extend(region_of(instance).filter(|_| key.address.type_name().starts_with("aws_")));
    }
    regions
}

/// The region of an object, as it or its ARN says.
fn region_of(instance: &Instance) -> Option<String> {
    let attributes: serde_json::Value = serde_json::from_str(instance.attributes.as_str()).ok()?;
    let said = attributes["region"].as_str().filter(|region| !region.is_empty());
    let of_arn =
        || attributes["arn"].as_str().and_then(|arn| arn.split(':').nth(3)).filter(|region| !region.is_empty());
    said.or_else(of_arn).map(ToOwned::to_owned)
}

/// The files of a stack with blocks for provider configurations that it lacks, in modules too; with the backend, so that a
/// saved plan finds the state again.
pub(super) fn with_assumed(stack: &Stack, lacking: &Regions) -> Snapshot {
    let root = folder(stack);
    let mut files = if stack.is_without_files { Snapshot::default() } else { stack.files.clone() };
    let none = Settings::default();
    let written = stack.config.root().filter(|_| !stack.is_without_files).map_or(&none, |root| &root.body.settings);
    let mut modules: BTreeSet<Vec<Arc<str>>> = BTreeSet::from([Vec::new()]);
    for provider in lacking.keys() {
        let names = provider.module.names();
        modules.extend((1..=names.len()).map(|length| names[..length].to_vec()));
    }
    for module in &modules {
        let mut text =
            if module.is_empty() && stack.is_without_files { stack.place.recalled().to_owned() } else { String::new() };
        let settings = if module.is_empty() { written } else { &none };
        let own: Regions = lacking
            .iter()
            .filter(|(one, _)| one.module.names() == *module)
            .map(|(one, all)| (one.clone(), all.clone()))
            .collect();
        text.push_str(&blocks(&own, settings));
        for inner in modules.iter().filter(|inner| inner.len() == module.len() + 1 && inner.starts_with(module)) {
            let name = quote(&inner[module.len()]);
            text.push_str(&format!(
                "module {name} {{\n  source = {}\n}}\n",
                quote(&format!("./{}", inner[module.len()]))
            ));
        }
        let place = module.iter().fold(root.clone(), |place, name| join(&place, name));
        let names = files.folders.entry(place.clone()).or_default();
        names.retain(|name| name != ASSUMED);
        names.push(ASSUMED.to_owned());
        files.files.insert(join(&place, ASSUMED), text.into());
    }
    files
}

/// A block for each provider configuration, with the region its objects are in when that is one.
fn blocks(regions: &Regions, written: &Settings) -> String {
    let local = |provider: &ProviderRef| {
        let named = written.required_providers.iter().find(|(_, one)| one.source == provider.source);
        named.map_or_else(|| provider.name().to_owned(), |(name, _)| name.to_string())
    };
    let mut text = String::new();
    // A module says once where its providers come from.
    if written.required_providers.is_empty() && !regions.is_empty() {
        let sources: BTreeMap<&str, &str> = regions.keys().map(|one| (one.name(), &*one.source)).collect();
        text.push_str("terraform {\n  required_providers {\n");
        for (name, source) in sources {
            text.push_str(&format!("    {name} = {{ source = {} }}\n", quote(source)));
        }
        text.push_str("  }\n}\n");
    }
    for (provider, regions) in regions {
        let alias = provider.alias.as_ref().map(|alias| format!("  alias = {}\n", quote(alias))).unwrap_or_default();
        let region = match regions.iter().collect::<Vec<_>>().as_slice() {
            [region] => format!("  region = {}\n", quote(region)),
            _ => String::new(),
        };
        // The plain one of the root module is there anyway.
        if !alias.is_empty() || !region.is_empty() || !provider.module.is_root() {
            text.push_str(&format!("provider {} {{\n{alias}{region}}}\n", quote(&local(provider))));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_a_broken_file_stands_where_it_stood() {
        let text = "resource \"a\" {\n  b = \n}\nprovider \"aws\" {\n  region = \"eu-west-1\"\n}\n# wörter\n";
        let left = blanked(text);
        assert_eq!(left.len(), text.len());
        assert_eq!(left.trim(), "provider \"aws\" {\n  region = \"eu-west-1\"\n}");
        assert_eq!(left.find("provider"), text.find("provider"));
    }
}
