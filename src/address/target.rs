//! What `-target` and `-exclude` name: a module, a block or one instance, with everything in it.

use std::fmt;
use std::str::FromStr;

use super::{Address, BadAddress, ModulePath, Resource};

/// Part of a configuration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// `module.a`, with the modules inside it. Without a key at its end it means every instance of the call.
    Module(ModulePath),
    /// `module.a.aws_vpc.main`: every instance of the block in this module instance.
    Block(Resource),
    /// `aws_subnet.public[0]`.
    Instance(Address),
}

impl Target {
    /// Whether the instance belongs to it.
    pub fn contains(&self, address: &Address) -> bool {
        match self {
            Self::Module(path) => is_inside(&address.resource.module, path),
            Self::Block(resource) => *address.resource == *resource,
            Self::Instance(instance) => address == instance,
        }
    }

    /// Whether an instance of the block could belong to it; the block is one without instance keys.
    pub fn touches(&self, block: &Resource) -> bool {
        let names = block.module.names();
        match self {
            Self::Module(path) => names.starts_with(&path.names()),
            Self::Block(other) => is_same_block(block, other),
            Self::Instance(address) => is_same_block(block, &address.resource),
        }
    }

    /// Whether every instance of the block belongs to it; the block is one without instance keys.
    pub fn covers(&self, block: &Resource) -> bool {
        let no_keys = |path: &ModulePath| path.0.iter().all(|step| step.key.is_none());
        match self {
            Self::Module(path) => no_keys(path) && self.touches(block),
            Self::Block(other) => no_keys(&other.module) && self.touches(block),
            Self::Instance(_) => false,
        }
    }
}

fn is_same_block(block: &Resource, other: &Resource) -> bool {
    let same = (block.mode, &block.type_name, &block.name) == (other.mode, &other.type_name, &other.name);
    same && block.module.names() == other.module.names()
}

/// Whether a module instance is, or is inside, the one that is named. A name that ends without key means all instances.
fn is_inside(module: &ModulePath, named: &ModulePath) -> bool {
    let Some((last, before)) = named.0.split_last() else { return true };
    let Some(at) = module.0.get(before.len()) else { return false };
    module.0.starts_with(before) && at.name == last.name && (last.key.is_none() || last.key == at.key)
}

impl FromStr for Target {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        if let Ok(path) = text.parse::<ModulePath>()
            && !path.is_root()
        {
            return Ok(Self::Module(path));
        }
        let address: Address = text.parse()?;
        Ok(if address.key.is_none() { Self::Block((*address.resource).clone()) } else { Self::Instance(address) })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Module(path) => path.fmt(f),
            Self::Block(resource) => resource.fmt(f),
            Self::Instance(address) => address.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contained(target: &str, addresses: &[&str]) -> Vec<bool> {
        let target: Target = target.parse().expect("a target");
        addresses.iter().map(|address| target.contains(&address.parse().expect("an address"))).collect()
    }

    #[test]
    fn what_belongs_to_a_target() {
        let all = ["t.a", "t.a[0]", "module.m.t.a", "module.m[0].t.a", "module.m[0].module.n.t.a", "module.n.t.a"];
        assert_eq!(contained("t.a", &all), [true, true, false, false, false, false]);
        assert_eq!(contained("t.a[0]", &all), [false, true, false, false, false, false]);
        assert_eq!(contained("module.m", &all), [false, false, true, true, true, false]);
        assert_eq!(contained("module.m[0]", &all), [false, false, false, true, true, false]);
        assert_eq!(contained("module.m[0].module.n", &all), [false, false, false, false, true, false]);
        assert_eq!(contained("data.t.a", &all), [false; 6]);
    }

    #[test]
    fn blocks_have_no_keys() {
        let block = (*"module.m.t.a".parse::<Address>().expect("an address").resource).clone();
        for (target, touches, covers) in [
            ("module.m", true, true),
            ("module.m[0]", true, false),
            ("module.m[0].t.a[1]", true, false),
            ("module.m.t.a", true, true),
            ("t.a", false, false),
        ] {
            let target: Target = target.parse().expect("a target");
            assert_eq!((target.touches(&block), target.covers(&block)), (touches, covers), "{target}");
        }
    }

    #[test]
    fn prints_what_it_parses() {
        for text in ["module.a[\"x\"].module.b", "t.a", "data.t.a[\"k\"]", "module.a.t.b[0]"] {
            assert_eq!(text.parse::<Target>().map(|target| target.to_string()).as_deref(), Ok(text));
        }
        for text in ["", "x", "module", "module.", "not a target"] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }
}
