//! Which provider configuration a resource uses.

use std::sync::Arc;

use super::blocks::full_source;
use super::config::{Config, ResourceBlock};
use super::desired::ProviderRef;
use super::graph::static_path;
use crate::address::ModulePath;

impl Config {
    /// Whether a provider configuration is there: written in its module, or the plain one that every stack has.
    pub fn has_provider(&self, provider: &ProviderRef) -> bool {
        if provider.alias.is_none() && provider.module.is_root() {
            return true;
        }
        let names = provider.module.names();
        self.modules.iter().enumerate().filter(|(_, module)| module.path == names).any(|(at, module)| {
            let mut written = module.body.providers.keys();
            written.any(|(name, alias)| *alias == provider.alias && source(self, at, name) == provider.source)
        })
    }
}

/// Local name of the provider of a resource, and the alias it asks for.
fn asked(resource: &ResourceBlock) -> (Arc<str>, Option<Arc<str>>) {
    match resource.provider.as_deref() {
        Some((name, alias, _)) => (name.clone(), alias.clone()),
        None => (resource.name.type_name.split('_').next().unwrap_or_default().into(), None),
    }
}

/// Source of a provider by its local name in a module.
pub(super) fn source(config: &Config, module: usize, local: &str) -> Arc<str> {
    match config.modules[module].body.settings.required_providers.get(local) {
        Some(required) => required.source.clone(),
        None => full_source(local).into(),
    }
}

/// The module whose configuration is used, and its local name and alias there. Passed down through `providers`, or
/// inherited by source when there is no alias.
fn walk(config: &Config, module: usize, resource: &ResourceBlock) -> (usize, Arc<str>, Option<Arc<str>>) {
    let (mut name, mut alias) = asked(resource);
    let mut at = module;
    loop {
        let here = &config.modules[at];
        let key = (name.clone(), alias.clone());
        let (Some(parent), Some(call)) = (here.parent, here.path.last()) else { return (at, name, alias) };
        let source_here = source(config, at, &name);
        let passed = config.modules[parent].body.calls.get(call).and_then(|call| {
            call.providers.iter().find(|passed| passed.inside == key).map(|passed| passed.outside.clone())
        });
        match passed {
            Some(outside) => (name, alias) = outside,
            None if here.body.providers.contains_key(&key) => return (at, name, alias),
            None if alias.is_some() => return (at, name, alias),
            None => {
                let required = &config.modules[parent].body.settings.required_providers;
                let same = required.iter().find(|(_, required)| required.source == source_here).map(|(local, _)| local);
                name = same.cloned().unwrap_or(name);
            }
        }
        at = parent;
    }
}

/// The `provider` block that a resource uses, if there is one.
pub(super) fn block_of(
    config: &Config,
    module: usize,
    resource: &ResourceBlock,
) -> Option<(usize, Arc<str>, Option<Arc<str>>)> {
    let (at, name, alias) = walk(config, module, resource);
    config.modules[at].body.providers.contains_key(&(name.clone(), alias.clone())).then_some((at, name, alias))
}

/// The provider configuration that a resource uses. `known` is the provider that the type belongs to, if the
/// caller knows; it counts when the stack does not say otherwise.
pub(super) fn reference(config: &Config, module: usize, resource: &ResourceBlock, known: Option<&str>) -> ProviderRef {
    let (at, name, alias) = walk(config, module, resource);
    let said = config.modules[at].body.settings.required_providers.get(&name).map(|required| required.source.clone());
    let implied = known.filter(|_| resource.provider.is_none()).map(Arc::from);
    let source = said.or(implied).unwrap_or_else(|| full_source(&name).into());
    let has_block = config.modules[at].body.providers.contains_key(&(name, alias.clone()));
    let module = if has_block || alias.is_some() { static_path(&config.modules[at]) } else { ModulePath::root() };
    ProviderRef { module, source, alias }
}
