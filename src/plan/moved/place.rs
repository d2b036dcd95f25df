//! What a move speaks of: a module call, a module instance, a resource or an instance of one, in every instance of the
//! module that holds the block.

use std::fmt;
use std::sync::Arc;

use crate::address::{Address, Key, ModulePath, ModuleStep, Resource};
use crate::lang::config::{Endpoint, ResourceName};

/// One end of a move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Calls that lead to the module of the block; each of its instances is meant.
    pub base: Vec<Arc<str>>,
    /// From there on, with exact keys.
    pub path: Vec<ModuleStep>,
    /// What is there.
    pub subject: Subject,
}

/// What is at the end of the path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// All instances of the module call that the path ends in.
    Call,
    /// The module instance that the path ends in.
    Module,
    /// All instances of a resource.
    Resource(ResourceName),
    /// One instance of a resource.
    Instance(ResourceName, Option<Key>),
}

/// A [`Place`] in one instance of the module of the block.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Named {
    /// All instances of a module call.
    Call(ModulePath, Arc<str>),
    /// A module instance.
    Module(ModulePath),
    /// All instances of a resource.
    Resource(Resource),
    /// One instance of a resource.
    Instance(Address),
}

/// A step of a path; without a key it stands for every instance.
type Pattern<'a> = (&'a Arc<str>, Option<&'a Option<Key>>);

/// Both ends of a move in a module. Without any key on both sides all instances move; a key on one side makes both
/// speak of one instance.
pub(super) fn unify(base: &[Arc<str>], from: &Endpoint, to: &Endpoint) -> (Place, Place) {
    let has_key = |end: &Endpoint| match &end.resource {
        Some((_, key)) => key.is_some(),
        None => end.path.last().is_some_and(|step| step.key.is_some()),
    };
    let is_exact = has_key(from) || has_key(to);
    let place = |end: &Endpoint| {
        let subject = match (&end.resource, is_exact) {
            (Some((name, key)), true) => Subject::Instance(name.clone(), key.clone()),
            (Some((name, _)), false) => Subject::Resource(name.clone()),
            (None, true) => Subject::Module,
            (None, false) => Subject::Call,
        };
        Place { base: base.to_vec(), path: end.path.clone(), subject }
    };
    (place(from), place(to))
}

impl Place {
    /// A single instance anywhere.
    pub(super) fn of_instance(address: &Address) -> Self {
        let Resource { module, mode, type_name, name } = &*address.resource;
        let name = ResourceName { mode: *mode, type_name: type_name.clone(), name: name.clone() };
        Self { base: Vec::new(), path: module.0.to_vec(), subject: Subject::Instance(name, address.key.clone()) }
    }

    fn is_module(&self) -> bool {
        matches!(self.subject, Subject::Call | Subject::Module)
    }

    fn name(&self) -> Option<&ResourceName> {
        match &self.subject {
            Subject::Call | Subject::Module => None,
            Subject::Resource(name) | Subject::Instance(name, _) => Some(name),
        }
    }

    /// The way from the root.
    fn pattern(&self) -> Vec<Pattern<'_>> {
        let exact = self.path.len() - usize::from(self.subject == Subject::Call);
        let steps = self.path.iter().enumerate();
        let steps = steps.map(|(at, step)| (&step.name, Some(&step.key).filter(|_| at < exact)));
        self.base.iter().map(|name| (name, None)).chain(steps).collect()
    }

    /// Where the module instance, or the one it is in, goes when this place moves to the other. Only for modules.
    pub(super) fn carry_module(&self, to: &Self, module: &ModulePath) -> Option<ModulePath> {
        let pattern = self.pattern();
        if !self.is_module() || !starts_with(module, &pattern) {
            return None;
        }
        let mut path = to.inside(module);
        if let (Subject::Call, Some(last)) = (&to.subject, path.last_mut()) {
            last.key.clone_from(&module.0[pattern.len() - 1].key);
        }
        path.extend(module.0[pattern.len()..].iter().cloned());
        Some(ModulePath(path.into()))
    }

    /// Where the resource goes when this place moves to the other. Only for resources.
    pub(super) fn carry_resource(&self, to: &Self, resource: &Resource) -> Option<Resource> {
        let is_meant = self.name().is_some_and(|name| is_named(resource, name)) && self.is_module_of(resource);
        let name = to.name().filter(|_| is_meant)?;
        Some(Resource {
            module: ModulePath(to.inside(&resource.module).into()),
            mode: name.mode,
            type_name: name.type_name.clone(),
            name: name.name.clone(),
        })
    }

    /// Whether it names the resource or an instance of it.
    pub(super) fn selects(&self, resource: &Resource) -> bool {
        self.name().is_some_and(|name| is_named(resource, name)) && self.is_module_of(resource)
    }

    fn is_module_of(&self, resource: &Resource) -> bool {
        let pattern = self.pattern();
        resource.module.0.len() == pattern.len() && starts_with(&resource.module, &pattern)
    }

    /// The path of this place in the instance of its base that `module` lies in.
    fn inside(&self, module: &ModulePath) -> Vec<ModuleStep> {
        module.0.iter().take(self.base.len()).chain(&self.path).cloned().collect()
    }

    /// What it is in one instance of the module of the block.
    pub(super) fn named(&self, base: &ModulePath) -> Named {
        let mut path = self.inside(base);
        let resource = |path: Vec<ModuleStep>, name: &ResourceName| Resource {
            module: ModulePath(path.into()),
            mode: name.mode,
            type_name: name.type_name.clone(),
            name: name.name.clone(),
        };
        match &self.subject {
            Subject::Call => {
                let name = path.pop().map(|step| step.name).unwrap_or_default();
                Named::Call(ModulePath(path.into()), name)
            }
            Subject::Module => Named::Module(ModulePath(path.into())),
            Subject::Resource(name) => Named::Resource(resource(path, name)),
            Subject::Instance(name, key) => Named::Instance(Address::new(resource(path, name), key.clone())),
        }
    }

    /// Whether something that arrives at the other place goes on from here.
    pub(super) fn continues(&self, other: &Self) -> bool {
        let (own, their) = (self.pattern(), other.pattern());
        let is_same = match (&self.subject, &other.subject) {
            (Subject::Call | Subject::Module, Subject::Call | Subject::Module) => true,
            (Subject::Resource(own), Subject::Resource(their)) => own == their,
            (Subject::Instance(own, key), Subject::Instance(their, other)) => own == their && key == other,
            _ => false,
        };
        is_same && own.len() == their.len() && may_match(&their, &own)
    }

    /// Whether both are instances of the same module call, or all of them.
    pub(super) fn is_index_of(&self, other: &Self) -> bool {
        let names = |place: &Self| place.path.iter().map(|step| step.name.clone()).collect::<Vec<_>>();
        self.is_module() && other.is_module() && self.base == other.base && names(self) == names(other)
    }

    /// Whether it lies inside of the other place.
    pub(super) fn is_inside(&self, other: &Self) -> bool {
        let (own, their) = (self.pattern(), other.pattern());
        if their.len() > own.len() || !may_match(&their, &own) {
            return false;
        }
        match (&self.subject, &other.subject) {
            (Subject::Instance(own_name, _), Subject::Resource(name)) => own.len() == their.len() && own_name == name,
            (_, Subject::Resource(_) | Subject::Instance(..)) => false,
            (Subject::Call, Subject::Call) | (Subject::Call | Subject::Module, Subject::Module) => {
                own.len() > their.len()
            }
            (_, Subject::Call | Subject::Module) => true,
        }
    }
}

fn is_named(resource: &Resource, name: &ResourceName) -> bool {
    resource.mode == name.mode && resource.type_name == name.type_name && resource.name == name.name
}

fn starts_with(module: &ModulePath, pattern: &[Pattern<'_>]) -> bool {
    module.0.len() >= pattern.len()
        && module
            .0
            .iter()
            .zip(pattern)
            .all(|(step, (name, key))| step.name == **name && key.is_none_or(|key| *key == step.key))
}

/// Whether something can match both, as far as the shorter one goes.
fn may_match(short: &[Pattern<'_>], long: &[Pattern<'_>]) -> bool {
    short
        .iter()
        .zip(long)
        .all(|((name, key), (other, theirs))| name == other && (key.is_none() || theirs.is_none() || key == theirs))
}

/// As people know it; every instance as `[*]`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.pattern().into_iter().map(|(name, key)| match key {
            Some(key) => format!("module.{name}{}", key.as_ref().map(ToString::to_string).unwrap_or_default()),
            None => format!("module.{name}[*]"),
        });
        let mut words: Vec<String> = words.collect();
        let shown = |name: &ResourceName| {
            let data = name.mode.prefix();
            format!("{data}{}.{}", name.type_name, name.name)
        };
        match &self.subject {
            Subject::Call | Subject::Module => {}
            Subject::Resource(name) => words.push(format!("{}[*]", shown(name))),
            Subject::Instance(name, key) => {
                words.push(format!("{}{}", shown(name), key.as_ref().map(ToString::to_string).unwrap_or_default()));
            }
        }
        f.write_str(&words.join("."))
    }
}

impl Named {
    /// What it is in a sentence.
    pub(super) fn noun(&self) -> &'static str {
        match self {
            Self::Call(..) => "module call",
            Self::Module(_) => "module instance",
            Self::Resource(_) => "resource",
            Self::Instance(_) => "resource instance",
        }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(module, name) if module.is_root() => write!(f, "module.{name}"),
            Self::Call(module, name) => write!(f, "{module}.module.{name}"),
            Self::Module(module) => write!(f, "{module}"),
            Self::Resource(resource) => write!(f, "{resource}"),
            Self::Instance(address) => write!(f, "{address}"),
        }
    }
}
