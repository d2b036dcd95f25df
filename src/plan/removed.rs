//! `removed` blocks: objects whose block is gone, and which stay as they are when the block says so.
//!
//! <https://developer.hashicorp.com/terraform/language/resources/syntax#removing-resources>

use std::sync::Arc;

use super::change::{Action, Change};
use super::live::Live;
use crate::address::Address;
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::Config;
use crate::lang::config::{Removed, ResourceName};

/// What is no longer managed and not destroyed.
#[derive(Clone, Debug, Default)]
pub(super) struct Forgotten {
    /// Calls on the way, and the resource; without one everything in the module.
    places: Vec<(Vec<Arc<str>>, Option<ResourceName>)>,
}

fn place(base: &[Arc<str>], removed: &Removed) -> (Vec<Arc<str>>, Option<ResourceName>) {
    let path = base.iter().cloned().chain(removed.from.path.iter().map(|step| step.name.clone())).collect();
    (path, removed.from.resource.as_ref().map(|(name, _)| name.clone()))
}

fn all(config: &Config) -> impl Iterator<Item = (&[Arc<str>], &Removed)> {
    config.modules.iter().flat_map(|module| module.body.removed.iter().map(|removed| (module.path.as_slice(), removed)))
}

impl Forgotten {
    /// Of the blocks with `destroy = false`.
    pub(super) fn of(config: &Config) -> Self {
        let kept = all(config).filter(|(_, removed)| !removed.destroy);
        Self { places: kept.map(|(base, removed)| place(base, removed)).collect() }
    }

    /// Whether a block says that the object stays as it is.
    pub(super) fn contains(&self, address: &Address) -> bool {
        let path = address.module().names();
        let resource = &address.resource;
        let is_meant = |(place, name): &(Vec<Arc<str>>, Option<ResourceName>)| match name {
            None => path.starts_with(place),
            Some(name) => {
                path == *place
                    && (name.mode, &name.type_name, &name.name) == (resource.mode, &resource.type_name, &resource.name)
            }
        };
        self.places.iter().any(is_meant)
    }
}

/// Blocks that say of something that it is removed although it is there.
pub(super) fn check(config: &Config) -> Report {
    let mut report = Report::default();
    for (base, removed) in all(config) {
        let (path, name) = place(base, removed);
        let Some((last, around)) = (match name {
            Some(_) => None,
            None => path.split_last(),
        }) else {
            let block = config.module(&path).zip(name).and_then(|(module, name)| module.body.resources.get(&name));
            if let Some(block) = block {
                let detail = "A removed block says that this resource is no longer managed, but the configuration still has it. \
                              Remove one of the two blocks.";
                let problem = Diagnostic::error("Removed resource still exists", detail).at(block.block.header_span);
                report.push(problem.note(Some(removed.span), "The removed block is here."));
            }
            continue;
        };
        let call = config.module(around).and_then(|module| module.body.calls.get(last));
        if let Some(call) = call {
            let detail = "A removed block says that this module is no longer used, but the configuration still calls it. \
                          Remove one of the two blocks.";
            let problem = Diagnostic::error("Removed module still exists", detail).at(call.block.header_span);
            report.push(problem.note(Some(removed.span), "The removed block is here."));
        }
    }
    report
}

/// What will not be managed any more, so that nobody is surprised later.
pub(super) fn warning(changes: &[Change]) -> Option<Diagnostic> {
    let forgotten = changes.iter().filter(|change| change.action == Action::Forget);
    told(forgotten.map(|change| match &change.deposed {
        Some(key) => format!(" - {} (deposed object {key})", change.address),
        None => format!(" - {}", change.address),
    }))
}

/// The same of a plan that could not be made: of the objects whose blocks are gone.
pub(super) fn warning_without_plan(config: &Config, live: &Live) -> Option<Diagnostic> {
    let forgotten = Forgotten::of(config);
    let gone = live.objects.keys().filter(|address| config.block(&address.resource).is_none());
    told(gone.filter(|address| forgotten.contains(address)).map(|address| format!(" - {address}")))
}

fn told(list: impl Iterator<Item = String>) -> Option<Diagnostic> {
    let list: Vec<String> = list.collect();
    if list.is_empty() {
        return None;
    }
    let detail = format!(
        "Applying this plan takes these objects out of the state, and does not delete them:\n{}\n\nglaz does not manage them \
         any more after that. To manage them again, import them.",
        list.join("\n")
    );
    Some(Diagnostic::warning("Some objects will no longer be managed by Terraform", detail))
}
