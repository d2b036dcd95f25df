//! All files of a module -> [`ModuleBody`].

use std::sync::Arc;

use super::merge::{lay_over, missing_base};
use super::reader::{Wanted, blocks_of};
use super::{check, data, import, module, named, settings};
use crate::address::Mode;
use crate::diagnostic::{Diagnostic, Report, Span};
use crate::lang::config::{ModuleBody, ResourceBlock};
use crate::lang::syntax::tree::{Block, Body};

/// Whether a file adds blocks or changes those of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::lang) enum FileRole {
    /// Adds blocks.
    Primary,
    /// Changes blocks: `override.tf` and `*_override.tf`.
    Override,
}

/// The blocks that may stand at the top of a file, with their labels.
pub(in crate::lang) const TOP: &[(&str, &[&str])] = &[
    ("terraform", &[]),
    ("provider", &["name"]),
    ("variable", &["name"]),
    ("locals", &[]),
    ("output", &["name"]),
    ("module", &["name"]),
    ("resource", &["type", "name"]),
    ("data", &["type", "name"]),
    ("ephemeral", &["type", "name"]),
    ("moved", &[]),
    ("removed", &[]),
    ("import", &[]),
    ("check", &["name"]),
];

/// Reads the files of a module, primary ones first.
pub(in crate::lang) fn read_files(files: Vec<(FileRole, Body)>, report: &mut Report) -> ModuleBody {
    let mut blocks: Vec<Block> = Vec::new();
    let mut overrides: Vec<Block> = Vec::new();
    for (role, body) in files {
        let found = blocks_of(body, Wanted { blocks: TOP, ..Wanted::default() }, report);
        match role {
            FileRole::Primary => blocks.extend(found),
            FileRole::Override => overrides.extend(found),
        }
    }
    let mut bases = Report::default();
    let overrides = merge(&mut blocks, overrides, &mut bases, report);
    let mut module = ModuleBody::default();
    // Of two data sources of one name that of a check block is the second.
    let (checks, others): (Vec<_>, Vec<_>) = blocks.into_iter().partition(|block| &*block.kind == "check");
    others.into_iter().chain(checks).for_each(|block| add(block, &mut module, report));
    // What is wrong in what stays was told just now.
    bases.0.retain(|problem| !report.0.contains(problem));
    report.extend(bases);
    for block in overrides {
        match &*block.kind {
            "terraform" => settings::settings(&block, true, &mut module.settings, report),
            _ => override_locals(block, &mut module, report),
        }
    }
    module.shrink();
    module
}

/// Lays overrides over the blocks of their name; gives back `terraform` and `locals`, which have none. A block must be right before
/// anything is laid over it: what is wrong with it is added to `bases`.
fn merge(blocks: &mut Vec<Block>, overrides: Vec<Block>, bases: &mut Report, report: &mut Report) -> Vec<Block> {
    let mut rest = Vec::new();
    let mut seen = Vec::new();
    for over in overrides {
        match &*over.kind {
            "terraform" | "locals" => rest.push(over),
            // As in Terraform, these are passed over.
            "removed" => {}
            // A default configuration is there even when it is not written.
            "provider"
                if over.body.attribute("alias").is_none() && !blocks.iter().any(|base| same_name(base, &over)) =>
            {
                blocks.push(over);
            }
            "moved" | "import" | "check" => {
                let detail = "Override files can only change blocks that have a name. Move this one to another file.";
                let summary = match &*over.kind {
                    "check" => "Can't override check blocks".to_owned(),
                    kind => format!("Cannot override '{kind}' blocks"),
                };
                report.push(Diagnostic::error(summary, detail).at(over.header_span));
            }
            _ => match blocks.iter_mut().find(|base| same_name(base, &over)) {
                Some(base) => {
                    if !seen.contains(&base.header_span) {
                        seen.push(base.header_span);
                        add(base.clone(), &mut ModuleBody::default(), bases);
                    }
                    lay_over(base, &over, report);
                }
                None => report.push(missing_base(&over)),
            },
        }
    }
    rest
}

fn same_name(a: &Block, b: &Block) -> bool {
    let alias = |block: &Block| match &*block.kind {
        "provider" => block.body.attribute("alias").and_then(|attribute| attribute.expr.as_text().map(str::to_owned)),
        _ => None,
    };
    let labels = |block: &Block| block.labels.iter().map(|label| label.text.clone()).collect::<Vec<_>>();
    a.kind == b.kind && labels(a) == labels(b) && alias(a) == alias(b)
}

fn duplicate(report: &mut Report, summary: String, span: Span, first: Option<Span>) {
    let detail =
        "There is already one with this name in the module. Names must be unique: rename or remove one of them.";
    report.push(Diagnostic::error(summary, detail).at(span).note(first, "The first one stands here."));
}

fn add(block: Block, module: &mut ModuleBody, report: &mut Report) {
    if &*block.kind == "locals" {
        return add_locals(block, module, report);
    }
    let block = &Arc::new(block);
    match &*block.kind {
        "terraform" => settings::settings(block, false, &mut module.settings, report),
        "provider" => {
            let provider = module::provider(block, report);
            let name = (provider.name.clone(), provider.alias.clone());
            match module.providers.get(&name) {
                Some(first) => {
                    let first = Some(first.block.header_span);
                    duplicate(report, "Duplicate provider configuration".into(), block.header_span, first);
                }
                None => drop(module.providers.insert(name, provider)),
            }
        }
        "variable" => {
            let variable = named::variable(block, report);
            match module.variables.get(&variable.name) {
                Some(first) => {
                    duplicate(report, "Duplicate variable declaration".into(), block.header_span, Some(first.span));
                }
                None => drop(module.variables.insert(variable.name.clone(), variable)),
            }
        }
        "output" => {
            let output = named::output(block, report);
            match module.outputs.get(&block.labels[0].text) {
                Some(first) => {
                    duplicate(report, "Duplicate output definition".into(), block.header_span, Some(first.span));
                }
                None => drop(module.outputs.insert(block.labels[0].text.clone(), output)),
            }
        }
        "module" => {
            let call = module::module(block, report);
            match module.calls.get(&call.name) {
                Some(first) => {
                    let first = Some(first.block.header_span);
                    duplicate(report, "Duplicate module call".into(), block.header_span, first);
                }
                None => drop(module.calls.insert(call.name.clone(), call)),
            }
        }
        "resource" => add_resource(data::resource(block, Mode::Managed, report), module, report),
        "data" => add_resource(data::resource(block, Mode::Data, report), module, report),
        "ephemeral" => add_resource(data::resource(block, Mode::Ephemeral, report), module, report),
        "check" => {
            let (check, data) = check::check(block, report);
            if let Some(data) = data {
                add_resource(data, module, report);
            }
            match module.checks.get(&check.name) {
                Some(first) => {
                    let summary = format!("Duplicate check \"{}\" configuration", check.name);
                    duplicate(report, summary, block.header_span, Some(first.span));
                }
                None => drop(module.checks.insert(check.name.clone(), check)),
            }
        }
        "moved" => module.moved.extend(check::moved(block, report)),
        "removed" => module.removed.extend(check::removed(block, report)),
        "import" => module.imports.extend(import::import(block, report)),
        _ => {}
    }
}

fn add_resource(resource: ResourceBlock, module: &mut ModuleBody, report: &mut Report) {
    match module.resources.get(&resource.name) {
        Some(first) => {
            let word = resource.name.mode.keyword();
            let summary = format!("Duplicate {word} \"{}\" configuration", resource.name.type_name);
            duplicate(report, summary, resource.block.header_span, Some(first.block.header_span));
        }
        None => drop(module.resources.insert(resource.name.clone(), resource)),
    }
}

fn add_locals(block: Block, module: &mut ModuleBody, report: &mut Report) {
    for (name, local) in named::locals(block, report) {
        match module.locals.get(&name) {
            Some(first) => {
                let first = Some(first.name_span);
                duplicate(report, "Duplicate local value definition".into(), local.name_span, first);
            }
            None => drop(module.locals.insert(name, local)),
        }
    }
}

fn override_locals(block: Block, module: &mut ModuleBody, report: &mut Report) {
    for (name, local) in named::locals(block, report) {
        if let Some(base) = module.locals.get_mut(&name) {
            *base = local;
        } else {
            let detail = format!("There is no local value \"{name}\" that could be overridden.");
            report
                .push(Diagnostic::error("Missing base local value definition to override", detail).at(local.name_span));
        }
    }
}
