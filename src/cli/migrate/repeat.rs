//! Blocks that stand for several objects, by `count`, `for_each`, or a module that is called several times.

use super::known::local;
use super::text::{At, ModuleText};
use crate::address::{Address, Key};
use crate::lang::syntax::tree::Block;

/// How the block of the service is repeated. What is written for it is repeated in the same way.
#[derive(Default)]
pub(super) struct Repeat {
    /// `count` or `for_each`, with the expression as it is written.
    argument: Option<(&'static str, String)>,
    /// The key of the service.
    key: Option<Key>,
    /// Whether the files stand for several services.
    is_shared: bool,
}

impl Repeat {
    /// That of the service's block.
    pub(super) fn of(files: &ModuleText, at: At, block: &Block, service: &Address, is_shared: bool) -> Self {
        let argument = ["count", "for_each"].into_iter().find_map(|name| {
            let attribute = block.body.attribute(name)?;
            Some((name, files.text(at, attribute.expr.span).to_owned()))
        });
        Self { argument, key: service.key.clone(), is_shared }
    }

    /// Whether names that are written out would be given twice.
    pub(super) fn is_any(&self) -> bool {
        self.is_shared || self.argument.is_some()
    }

    /// What follows the name of a block, to mean the instance that belongs to the service's own.
    pub(super) fn index(&self) -> &'static str {
        match &self.argument {
            Some(("count", _)) => "[count.index]",
            Some(_) => "[each.key]",
            None => "",
        }
    }

    /// The key of the service, when its block is repeated by keys.
    pub(super) fn key(&self) -> Option<&str> {
        match &self.key {
            Some(Key::Str(key)) if self.argument.is_some() => Some(key),
            _ => None,
        }
    }

    /// How the service's block calls an instance of the module.
    pub(super) fn local(&self, address: &Address) -> String {
        if address.key.is_some() && address.key == self.key && self.argument.is_some() {
            return format!("{}{}", name(address), self.index());
        }
        local(address)
    }

    /// New blocks, which call the one with this name: for each service one of them.
    pub(super) fn blocks(&self, text: &str, made: &str) -> String {
        let Some((argument, expression)) = &self.argument else { return text.to_owned() };
        let header = |line: &str| {
            let more =
                if line.starts_with("resource ") { format!("  {argument} = {expression}\n\n") } else { String::new() };
            format!("{line}\n{more}")
        };
        let repeated: String = text.lines().map(header).collect();
        repeated.replace(&format!("{made}."), &format!("{made}{}.", self.index()))
    }
}

/// The block of an instance, inside of its module.
pub(super) fn name(address: &Address) -> String {
    local(&Address::new((*address.resource).clone(), None))
}
