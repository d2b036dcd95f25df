//! Rules about provider configurations that are passed from module to module.
//!
//! What counts as declared, configured and passed on is Terraform's:
//! <https://developer.hashicorp.com/terraform/language/modules/develop/providers>.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::blocks::full_source;
use super::config::{Config, Module, ModuleBody, ModuleCall, PassedProvider, ProviderBlock, Repeat};
use super::desired::ProviderRef;
use super::graph::static_path;
use super::providers;
use crate::address::Mode;
use crate::diagnostic::{Diagnostic, Report, Span};

/// Local name and alias.
type Name = (Arc<str>, Option<Arc<str>>);

/// What is wrong with the provider configurations of all modules and with what they pass to each other.
pub(super) fn check(config: &Config) -> Report {
    let mut report = Report::default();
    if config.root().is_some() {
        module(config, 0, None, &mut report);
    }
    report
}

/// `repeated` is where a call on the way asks for what modules with provider blocks cannot have.
fn module(config: &Config, at: usize, repeated: Option<Span>, report: &mut Report) {
    let here = &config.modules[at];
    for call in here.body.calls.values() {
        if let Some(child) = here.children.get(&call.name) {
            module(config, *child, forbids_blocks(call).or(repeated), report);
        }
    }
    requirements(&here.body, report);
    let call = call_of(config, here);
    outside_names(here, call, report);
    if let (Some(call), Some(parent)) = (call, here.parent) {
        own_blocks(here, call, repeated, report);
        missing_aliases(here, call, report);
        for passed in &call.providers {
            passed_in(here, &config.modules[parent], passed, report);
        }
        for block in here.body.providers.values().filter(|block| is_empty(block)) {
            let detail = "An empty provider block in a called module once said that the caller passes this configuration. Say so by \
                 an entry in required_providers, with configuration_aliases for each alias, and remove the block.";
            report.push(Diagnostic::warning("Redundant empty provider block", detail).at(block.block.header_span));
        }
    }
}

/// Where a call uses an argument that modules with provider blocks cannot have.
fn forbids_blocks(call: &ModuleCall) -> Option<Span> {
    match &call.repeat {
        Repeat::Count(expr) | Repeat::ForEach(expr) => Some(expr.span),
        Repeat::Once => call
            .block
            .body
            .attribute("depends_on")
            .map(|_| call.depends_on.first().map_or(call.block.header_span, |first| first.span)),
    }
}

fn call_of<'a>(config: &'a Config, module: &Module) -> Option<&'a ModuleCall> {
    config.modules[module.parent?].body.calls.get(module.path.last()?)
}

/// Whether a block configures nothing.
fn is_empty(block: &ProviderBlock) -> bool {
    let body = &block.block.body;
    body.blocks.is_empty() && body.attributes.iter().all(|attribute| &*attribute.name == "alias")
}

fn is_configured(body: &ModuleBody, name: &Name) -> bool {
    body.providers.get(name).is_some_and(|block| !is_empty(block))
}

/// Whether the provider's own name is in `required_providers`, or the alias in its `configuration_aliases`.
fn is_declared(body: &ModuleBody, (local, alias): &Name) -> bool {
    match (body.settings.required_providers.get(local), alias) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(required), Some(_)) => required.aliases.iter().any(|(name, other)| name == local && other == alias),
    }
}

/// What a local name stands for; without an entry in `required_providers` a provider of HashiCorp.
fn source(body: &ModuleBody, local: &str) -> Arc<str> {
    match body.settings.required_providers.get(local) {
        Some(required) => required.source.clone(),
        None => full_source(&format!("hashicorp/{local}")).into(),
    }
}

/// A source address as people write it.
fn short(source: &str) -> &str {
    source.strip_prefix("registry.terraform.io/").unwrap_or(source)
}

fn written((local, alias): &Name) -> String {
    alias.as_ref().map_or_else(|| local.to_string(), |alias| format!("{local}.{alias}"))
}

fn described(module: &Module) -> String {
    if module.path.is_empty() { "the root module".to_owned() } else { static_path(module).to_string() }
}

/// One provider under two local names.
fn requirements(body: &ModuleBody, report: &mut Report) {
    const SUMMARY: &str = "Duplicate required provider";
    let mut known: BTreeMap<&str, &str> = BTreeMap::new();
    for (local, required) in &body.settings.required_providers {
        let source = &*required.source;
        let implied = source.strip_prefix("registry.terraform.io/hashicorp/").unwrap_or_default();
        let other = known.get(source).copied().or_else(|| {
            let is_used = implied != &**local && body.providers.keys().any(|(name, _)| &**name == implied);
            is_used.then_some(implied)
        });
        match other {
            Some(other) => {
                let detail = format!(
                    "The provider {} has the local names \"{other}\" and \"{local}\" in this module. Use one of them everywhere.",
                    short(source)
                );
                report.push(Diagnostic::warning(SUMMARY, detail).at(required.span));
            }
            None => drop(known.insert(source, local)),
        }
    }
    for resource in body.resources.values().filter(|resource| resource.provider.is_none()) {
        let implied = resource.name.type_name.split('_').next().unwrap_or_default();
        if body.settings.required_providers.contains_key(implied) {
            continue;
        }
        let source = full_source(implied);
        let same = body.settings.required_providers.iter().filter(|(_, required)| *required.source == *source);
        for (local, _) in same {
            let word = match resource.name.mode {
                Mode::Data => "data source",
                Mode::Managed => "resource",
                Mode::Ephemeral => "ephemeral resource",
            };
            let detail = format!(
                "This {word} belongs to a provider \"{implied}\" by the name of its type, and this module calls that \
                 provider \"{local}\". Write provider = {local} in the block, or rename the entry in required_providers."
            );
            report.push(Diagnostic::warning(SUMMARY, detail).at(resource.block.header_span));
        }
    }
}

/// What a module passes on must be something that it has.
fn outside_names(here: &Module, call: Option<&ModuleCall>, report: &mut Report) {
    let body = &here.body;
    for inner in body.calls.values() {
        for passed in inner.providers.iter().filter(|passed| passed.outside.1.is_none()) {
            let (name, local) = (&passed.outside, &passed.outside.0);
            let is_configured = is_configured(body, name);
            let is_passed = call.is_some_and(|call| call.providers.iter().any(|given| given.inside == *name));
            let source = source(body, local);
            let (source, module) = (short(&source), described(here));
            if !is_configured && !is_passed && !is_declared(body, name) {
                let detail = format!(
                    "Nothing in {module} says what the local name \"{local}\" stands for; {source} is assumed. Add \
                     {local} = {{ source = \"{source}\" }} to the required_providers of {module} to say so."
                );
                report.push(Diagnostic::warning("Reference to undefined provider", detail).at(passed.span));
            } else if let (Some(call), false) = (call, is_configured || is_passed) {
                let detail = format!(
                    "{module} passes its provider \"{local}\" ({source}) on to the module \"{}\", but is given none under \
                     that name. Add {local} to the providers argument of this call.",
                    inner.name
                );
                report.push(missing_configuration(detail).at(call.block.header_span));
            }
        }
    }
}

fn missing_configuration(detail: String) -> Diagnostic {
    Diagnostic::error("Missing required provider configuration", detail)
}

/// Provider blocks of a called module, which stand in the way of other things.
fn own_blocks(here: &Module, call: &ModuleCall, repeated: Option<Span>, report: &mut Report) {
    let mut configured = here.body.providers.iter().filter(|(_, block)| !is_empty(block)).peekable();
    if let (Some(span), Some((_, first))) = (repeated, configured.peek()) {
        let detail = format!(
            "{} has provider blocks of its own. Such a module, and what calls it, can have no count, for_each or depends_on, \
             because its objects could not be destroyed once the configuration is gone. Move the provider blocks to the \
             root module and pass them through the providers argument.",
            described(here)
        );
        report.push(
            Diagnostic::error("Module is incompatible with count, for_each, and depends_on", detail)
                .at(span)
                .note(Some(first.block.header_span), "A provider block of the module stands here."),
        );
    }
    for (name, block) in configured {
        for passed in call.providers.iter().filter(|passed| passed.inside == *name) {
            let detail = format!(
                "{} configures {} itself, so that none can be passed to it. Remove this entry, or the provider block there.",
                described(here),
                written(name)
            );
            report.push(
                Diagnostic::error("Cannot override provider configuration", detail)
                    .at(passed.inside_span)
                    .note(Some(block.block.header_span), "The module configures it here."),
            );
        }
    }
}

/// Aliases that a module needs and does not get.
fn missing_aliases(here: &Module, call: &ModuleCall, report: &mut Report) {
    for required in here.body.settings.required_providers.values() {
        for alias in &required.aliases {
            let is_passed = call.providers.iter().any(|passed| passed.inside == *alias);
            if !is_passed && !is_configured(&here.body, alias) {
                let name = written(alias);
                let detail = format!(
                    "The module needs another configuration of the provider {}, which it calls {name}. Pass it: \
                     providers = {{ {name} = ... }}.",
                    short(&required.source)
                );
                report.push(
                    missing_configuration(detail)
                        .at(call.block.header_span)
                        .note(Some(required.span), "The module says so here."),
                );
            }
        }
    }
}

/// One entry of the `providers` argument, seen from the module that is called.
fn passed_in(here: &Module, parent: &Module, passed: &PassedProvider, report: &mut Report) {
    let (name, module) = (written(&passed.inside), described(here));
    let inside = source(&here.body, &passed.inside.0);
    let is_proxy = here.body.providers.get(&passed.inside).is_some_and(is_empty);
    if !is_declared(&here.body, &passed.inside) && !is_proxy {
        const SUMMARY: &str = "Reference to undefined provider";
        let alias = match &passed.inside.1 {
            Some(_) => format!(" with configuration_aliases = [{name}]"),
            None => String::new(),
        };
        let detail = format!(
            "Nothing in {module} says what the local name \"{name}\" stands for. If the module is yours, add {} with source = \
             \"{}\"{alias} to its required_providers; if it does not use this provider, remove the entry.",
            passed.inside.0,
            short(&inside)
        );
        let is_usual = inside.starts_with("registry.terraform.io/hashicorp/");
        let problem = if is_usual { Diagnostic::warning(SUMMARY, detail) } else { Diagnostic::error(SUMMARY, detail) };
        report.push(problem.at(passed.inside_span));
    }
    let outside = source(&parent.body, &passed.outside.0);
    if inside != outside {
        let detail = format!(
            "\"{}\" is the provider {} in {}, but \"{name}\" is {} in {module}. A module can be given configurations of the \
             same provider only.",
            written(&passed.outside),
            short(&outside),
            described(parent),
            short(&inside)
        );
        report.push(Diagnostic::error("Provider type mismatch", detail).at(passed.span));
    }
}

/// Configurations that a call passes on although they are nowhere.
pub(super) fn absent(config: &Config, at: usize, call: &ModuleCall) -> Report {
    let here = &config.modules[at];
    let mut report = Report::default();
    for passed in &call.providers {
        let (local, alias) = &passed.outside;
        let wanted = (providers::source(config, at, local), alias);
        let is_same = |name: &Name| (providers::source(config, at, &name.0), &name.1) == wanted;
        let is_given = here.body.providers.keys().any(is_same)
            || call_of(config, here).is_some_and(|call| call.providers.iter().any(|given| is_same(&given.inside)))
            || here.parent.is_none() && alias.is_none() && here.body.settings.required_providers.contains_key(local);
        if !is_given {
            let provider = ProviderRef { module: static_path(here), source: wanted.0, alias: alias.clone() };
            let summary = format!("missing provider {}", provider.in_state());
            let detail = format!(
                "The module \"{}\" is passed {}, and there is no such provider configuration in {}. Add a provider block for \
                 it, or remove the entry from the providers argument.",
                call.name,
                written(&passed.outside),
                described(here)
            );
            report.push(Diagnostic::error(summary, detail).at(passed.span));
        }
    }
    report
}
