//! What a command line names in a state: an instance, a whole resource, or everything inside a module.

use std::fmt;

use super::State;
use crate::address::{Address, BadAddress, ModulePath, Resource};

/// A part of a state, as a person names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// One instance, named with its key.
    Instance(Address),
    /// A resource, named without a key: all its instances, or the one that has no key.
    Resource(Resource),
    /// Everything inside a module. A step without a key stands for all instances of that module call.
    Module(ModulePath),
}

impl Selection {
    /// Reads `TYPE.NAME`, `TYPE.NAME[KEY]` or `module.NAME`, in any module.
    ///
    /// # Errors
    /// The text is none of these.
    pub fn parse(text: &str) -> Result<Self, BadAddress> {
        if !text.is_empty()
            && let Ok(module) = text.parse::<ModulePath>()
        {
            return Ok(Self::Module(module));
        }
        let address: Address = text.parse()?;
        Ok(match &address.key {
            Some(_) => Self::Instance(address),
            None => Self::Resource((*address.resource).clone()),
        })
    }

    /// Whether the instance is a part of it.
    pub fn fits(&self, address: &Address) -> bool {
        match self {
            Self::Instance(wanted) => wanted == address,
            Self::Resource(wanted) => *wanted == *address.resource,
            Self::Module(wanted) => is_inside(address.module(), wanted),
        }
    }

    /// Whether the state has a part of it.
    pub fn is_in(&self, state: &State) -> bool {
        state.instances.keys().any(|key| self.fits(&key.address))
    }
}

/// Whether a module instance is the one that is named, or inside it.
fn is_inside(module: &ModulePath, wanted: &ModulePath) -> bool {
    let mut pairs = wanted.0.iter().zip(module.0.iter());
    module.0.len() >= wanted.0.len() && pairs.all(|(a, b)| a.name == b.name && (a.key.is_none() || a.key == b.key))
}

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instance(address) => address.fmt(f),
            Self::Resource(resource) => resource.fmt(f),
            Self::Module(module) => module.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(selection: &str, address: &str) -> bool {
        Selection::parse(selection).expect("a selection").fits(&address.parse().expect("an address"))
    }

    #[test]
    fn a_resource_stands_for_its_instances() {
        assert!(fits("a.b", "a.b"));
        assert!(fits("a.b", "a.b[0]"));
        assert!(fits("a.b[0]", "a.b[0]"));
        assert!(!fits("a.b[0]", "a.b"));
        assert!(!fits("a.b[0]", "a.b[\"0\"]"));
        assert!(!fits("a.b", "module.m.a.b"));
        assert!(!fits("a.b", "data.a.b"));
        assert!(fits("data.a.b", "data.a.b[1]"));
    }

    #[test]
    fn a_module_stands_for_what_is_inside() {
        assert!(fits("module.m", "module.m.a.b"));
        assert!(fits("module.m", "module.m[0].a.b[1]"));
        assert!(fits("module.m[0]", "module.m[0].module.n[\"x\"].a.b"));
        assert!(!fits("module.m[0]", "module.m[1].a.b"));
        assert!(!fits("module.m[0]", "module.m.a.b"));
        assert!(!fits("module.m.module.n", "module.m.a.b"));
        assert!(!fits("module.m", "a.b"));
    }

    #[test]
    fn prints_what_it_parses() {
        for text in ["a.b", "a.b[0]", "data.a.b[\"x\"]", "module.m", "module.m[\"x\"].module.n", "module.m.a.b"] {
            assert_eq!(Selection::parse(text).map(|one| one.to_string()).as_deref(), Ok(text));
        }
        for text in ["", "a", "a.b.c", "a[", "module", "a.b[x]"] {
            assert!(Selection::parse(text).is_err(), "{text}");
        }
    }
}
