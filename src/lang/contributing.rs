//! Which attributes of objects values come from, found without evaluating anything: for programs that say what a change may
//! be due to. What is found may be more than what counted in the end.
//!
//! <https://developer.hashicorp.com/terraform/internals/json-format#plan-representation>: `relevant_attributes`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::config::{Config, Module, Repeat, ResourceBlock, ResourceName};
use super::references::{body_mentions, mentions};
use super::syntax::tree::{Body, Expr, StepKind, Traversal};
use super::target::{Target, constant_key, resolve};
use crate::address::{Key, Mode, ModulePath, Resource};
use crate::diagnostic::Span;

/// Arguments and blocks of a resource that say nothing of the object.
const META: &[&str] = &["count", "for_each", "provider", "depends_on", "lifecycle", "provisioner", "connection"];

/// An attribute of an object, or a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// The block of the object.
    pub block: Resource,
    /// Which of its instances; none for any.
    pub key: Option<Key>,
    /// The way into the object.
    pub path: Vec<Part>,
}

/// A step of the way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// An attribute.
    Attr(Arc<str>),
    /// An element.
    Index(Key),
}

/// A reference with the place it stands in.
#[derive(Clone)]
struct Seen {
    module: ModulePath,
    /// The block, for `count` and `each`.
    block: Option<ResourceName>,
    target: Target,
    /// Steps into what is named, as far as they are written out.
    rest: Vec<Part>,
}

/// What contributes to these blocks, named with their module, and to all outputs of these modules: the root module's only
/// where they are named.
pub fn contributing(
    config: &Config,
    blocks: impl IntoIterator<Item = (ModulePath, ResourceName)>,
    outputs: &[Arc<str>],
    modules: impl IntoIterator<Item = ModulePath>,
) -> Vec<Contribution> {
    let walk = Walk { config };
    let mut open = Vec::new();
    for (module, name) in blocks {
        open.extend(walk.block(&module, &name, &[]));
    }
    for path in modules {
        let Some(module) = walk.module(&path) else { continue };
        let named = module.body.outputs.iter().filter(|(name, _)| !path.is_root() || outputs.contains(name));
        named.for_each(|(_, output)| open.extend(in_expr(&path, None, &output.value)));
    }
    let (mut visited, mut found) = (BTreeSet::new(), BTreeMap::new());
    while let Some(seen) = open.pop() {
        if !visited.insert(seen.name()) {
            continue;
        }
        if let Some(contribution) = seen.contribution() {
            found.insert(contribution.place(), contribution);
        }
        open.extend(walk.meta(&seen));
    }
    found.into_values().collect()
}

impl Contribution {
    /// Objects of the root module come first, data sources before others.
    fn place(&self) -> (String, bool, Arc<str>, Arc<str>, Option<Key>, Vec<Part>) {
        let Resource { module, mode, type_name, name } = &self.block;
        (module.to_string(), *mode != Mode::Data, type_name.clone(), name.clone(), self.key.clone(), self.path.clone())
    }
}

impl Seen {
    fn name(&self) -> String {
        format!("{} {:?} {:?} {:?}", self.module, self.block, self.target, self.rest)
    }

    fn contribution(&self) -> Option<Contribution> {
        let Target::Resource(ResourceName { mode, type_name, name }) = &self.target else { return None };
        let block =
            Resource { module: self.module.clone(), mode: *mode, type_name: type_name.clone(), name: name.clone() };
        let (key, path) = match self.rest.split_first() {
            Some((Part::Index(key), rest)) => (Some(key.clone()), rest),
            _ => (None, self.rest.as_slice()),
        };
        Some(Contribution { block, key, path: path.to_vec() })
    }
}

struct Walk<'a> {
    config: &'a Config,
}

impl Walk<'_> {
    fn module(&self, path: &ModulePath) -> Option<&Module> {
        self.config.module(path.names().iter())
    }

    /// What the named thing itself refers to.
    fn meta(&self, seen: &Seen) -> Vec<Seen> {
        let Some(module) = self.module(&seen.module) else { return Vec::new() };
        match &seen.target {
            Target::Local(name) => {
                module.body.locals.get(name).map(|local| in_expr(&seen.module, None, &local.expr)).unwrap_or_default()
            }
            Target::Variable(name) => self.argument(&seen.module, name),
            Target::ModuleOutput(call, key, output) => {
                let child = seen.module.child(call, key.clone());
                let output = self.module(&child).and_then(|module| module.body.outputs.get(output));
                output.map(|output| in_expr(&child, None, &output.value)).unwrap_or_default()
            }
            Target::Module(call) => {
                let child = seen.module.child(call, None);
                let outputs = self.module(&child).into_iter().flat_map(|module| module.body.outputs.values());
                outputs.flat_map(|output| in_expr(&child, None, &output.value)).collect()
            }
            Target::Count(_) | Target::Each(_) => {
                let block = seen.block.as_ref().and_then(|name| module.body.resources.get(name));
                match block.map(|block| &block.repeat) {
                    Some(Repeat::Count(expr) | Repeat::ForEach(expr)) => in_expr(&seen.module, None, expr),
                    _ => Vec::new(),
                }
            }
            Target::Resource(name) => self.block(&seen.module, name, &seen.rest),
            Target::Path(_) | Target::Terraform(_) | Target::This => Vec::new(),
        }
    }

    /// The argument of the call that gives a variable of the module its value.
    fn argument(&self, path: &ModulePath, name: &str) -> Vec<Seen> {
        let (Some(parent), Some(step)) = (path.parent(), path.0.last()) else { return Vec::new() };
        let call = self.module(&parent).and_then(|module| module.body.calls.get(&step.name));
        let argument = call.and_then(|call| call.block.body.attribute(name));
        argument.map(|argument| in_expr(&parent, None, &argument.expr)).unwrap_or_default()
    }

    /// What the part of a block refers to that this way leads to.
    fn block(&self, path: &ModulePath, name: &ResourceName, rest: &[Part]) -> Vec<Seen> {
        let block = self.module(path).and_then(|module| module.body.resources.get(name));
        let Some(ResourceBlock { block, .. }) = block else { return Vec::new() };
        let way = if matches!(rest.first(), Some(Part::Index(_))) { &rest[1..] } else { rest };
        let Some(Part::Attr(attribute)) = way.first() else { return in_body(path, name, &block.body, META) };
        if let Some(attribute) = block.body.attribute(attribute) {
            return in_expr(path, Some(name), &attribute.expr);
        }
        let is_it = |kind: &str, labels: &[super::syntax::tree::Label]| {
            kind == &**attribute || kind == "dynamic" && labels.first().is_some_and(|label| label.text == *attribute)
        };
        let inner = block.body.blocks.iter().filter(|inner| is_it(&inner.kind, &inner.labels));
        inner.flat_map(|inner| in_body(path, name, &inner.body, &[])).collect()
    }
}

fn in_expr(module: &ModulePath, block: Option<&ResourceName>, expr: &Expr) -> Vec<Seen> {
    mentions(expr).into_iter().filter_map(|(traversal, span)| seen(module, block, traversal, span)).collect()
}

fn in_body(module: &ModulePath, block: &ResourceName, body: &Body, skip: &[&str]) -> Vec<Seen> {
    let found = body_mentions(body, skip).into_iter();
    found.filter_map(|(traversal, span)| seen(module, Some(block), traversal, span)).collect()
}

fn seen(module: &ModulePath, block: Option<&ResourceName>, traversal: &Traversal, span: Span) -> Option<Seen> {
    let reference = resolve(traversal, span).ok()?;
    let mut rest = Vec::new();
    for step in traversal.steps.iter().skip(reference.used) {
        rest.push(match &step.kind {
            StepKind::Attr(name) => Part::Attr(name.clone()),
            StepKind::LegacyIndex(digits) => Part::Index(Key::Int(digits.parse().ok()?)),
            StepKind::Index(_) => match constant_key(step) {
                Some(key) => Part::Index(key),
                None => break,
            },
            StepKind::Splat(_) | StepKind::AttrSplat(_) => break,
        });
    }
    // Elsewhere it does not matter which block it stands in.
    let is_own = matches!(reference.target, Target::Count(_) | Target::Each(_));
    Some(Seen { module: module.clone(), block: block.filter(|_| is_own).cloned(), target: reference.target, rest })
}
