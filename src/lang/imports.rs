//! `import` blocks: which objects are taken over, and under which ids.

use std::collections::HashMap;
use std::sync::Arc;

use super::config::{Config, Import, Repeat, ResourceBlock, ResourceName};
use super::convert;
use super::desired::Desired;
use super::edges::Edges;
use super::evaluator::Evaluator;
use super::expr::{Eval, Functions, Scope};
use super::graph::{Graph, Item, NodeId};
use super::scope::ModuleScope;
use super::store::{Repeated, Repetition, ResourceCell};
use super::syntax::tree::{Expr, Traversal};
use crate::address::{Address, Key, ModulePath, Resource};
use crate::diagnostic::{Diagnostic, Report, Span};
use crate::value::{Data, Type, Value};

/// An object to take over.
#[derive(Clone, Debug)]
struct Importing {
    /// The instance it becomes.
    address: Address,
    /// Its id, as the type's import takes it.
    id: Value,
    /// `to` of the block.
    span: Span,
}

/// The objects to take over for a block.
#[derive(Clone, Debug, Default)]
pub(super) struct Imports {
    all: Vec<Importing>,
    /// The last one for each instance: later blocks win, as in Terraform.
    by_address: HashMap<Address, usize>,
}

const NO_TARGET: &str = "Configuration for import target does not exist";
const WRONG_TO: &str = "Invalid import 'to' expression";
const WRONG_ID: &str = "Invalid import id argument";

/// Which `import` blocks are about which resource block.
#[derive(Debug)]
pub(super) struct ByBlock(HashMap<(Vec<Arc<str>>, ResourceName), Vec<usize>>);

impl ByBlock {
    /// Those of the root module: others are a mistake.
    pub(super) fn new(config: &Config) -> Self {
        let mut all: HashMap<_, Vec<usize>> = HashMap::new();
        for (at, import) in config.modules.iter().take(1).flat_map(|root| &root.body.imports).enumerate() {
            let path = import.path.iter().map(|(name, _)| name.clone()).collect();
            all.entry((path, import.resource.clone())).or_default().push(at);
        }
        Self(all)
    }

    /// The blocks about a resource block, in the order in which they are written.
    pub(super) fn about<'a>(&self, config: &'a Config, module: usize, name: &ResourceName) -> Vec<&'a Import> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let all = self.0.get(&(config.modules[module].path.clone(), name.clone()));
        all.into_iter().flatten().map(|at| &config.modules[0].body.imports[*at]).collect()
    }
}

/// What is wrong with the blocks as they are written, whatever they are about.
pub(super) fn written(config: &Config) -> Report {
    let mut report = Report::default();
    let mut seen: HashMap<Address, Span> = HashMap::new();
    for module in &config.modules {
        for import in &module.body.imports {
            if module.parent.is_some() {
                let detail = "Import blocks stand in the root module only. Move the block there and give the address from there.";
                report.push(Diagnostic::error("Invalid import configuration", detail).at(import.span));
                continue;
            }
            report.0.extend(provider_argument(config, import));
            let Some(address) = constant_address(import).filter(|_| import.for_each.is_none()) else { continue };
            if let Some(first) = seen.get(&address) {
                let summary = format!("Duplicate import configuration for \"{}\"", address.resource);
                let detail = "An object is imported once: one import block is enough for an address.";
                report.push(
                    Diagnostic::error(summary, detail).at(import.to).note(Some(*first), "The first one is here."),
                );
            }
            seen.entry(address).or_insert(import.span);
        }
    }
    report
}

/// What is wrong with what the blocks are about.
/// Blocks that something cannot be imported into are added to `failed`: what uses them is not looked at.
pub(super) fn check(config: &Config, graph: &Graph, is_validation: bool, failed: &mut Vec<NodeId>) -> Report {
    let mut report = Report::default();
    for import in config.modules.first().into_iter().flat_map(|root| &root.body.imports) {
        let problem = target(config, import, is_validation);
        let names = if block_of(config, import).is_none() { names(config, graph, import) } else { Report::default() };
        if names.has_errors() {
            report.extend(names);
        } else if let Some(problem) = problem {
            let module = config.module_at(import.path.iter().map(|(name, _)| name));
            failed.extend(module.and_then(|module| graph.id(module, Item::Resource(import.resource.clone()))));
            report.push(problem);
        }
    }
    report
}

fn block_of<'a>(config: &'a Config, import: &Import) -> Option<&'a ResourceBlock> {
    config.module(import.path.iter().map(|(name, _)| name))?.body.resources.get(&import.resource)
}

/// What is wrong with the names in a block that no resource block belongs to; others are looked at with theirs.
fn names(config: &Config, graph: &Graph, import: &Import) -> Report {
    let edges = Edges::new(config, graph);
    let problems = |expr: &Expr| Some(edges.expression(expr)).filter(Report::has_errors);
    import.for_each.as_ref().and_then(problems).or_else(|| problems(&import.id)).unwrap_or_default()
}

/// What is wrong with `to`.
fn target(config: &Config, import: &Import, is_validation: bool) -> Option<Diagnostic> {
    let Some(block) = block_of(config, import) else {
        // In the root module a configuration may be generated, for a single object.
        return match (&import.key, &import.for_each) {
            (Some(_), Some(_)) => {
                Some(wrong_to("There is no resource block, so that there is no for_each either.", import))
            }
            (None, None) if import.path.is_empty() && is_validation => None,
            _ => Some(no_target(import)),
        };
    };
    let mismatch = match (&block.repeat, &import.key) {
        (Repeat::Once, Some(_)) if import.for_each.is_none() => {
            "The resource has neither count nor for_each, so that there is no key. Remove the brackets."
        }
        (Repeat::Count(_), None) => "The resource has count, so that an index in brackets is needed.",
        (Repeat::ForEach(_), None) => "The resource has for_each, so that a key in brackets is needed.",
        _ => return None,
    };
    Some(wrong_to(mismatch, import))
}

/// What is wrong with `provider`, which a block has already.
fn provider_argument(config: &Config, import: &Import) -> Option<Diagnostic> {
    let block = block_of(config, import)?;
    let (name, alias, span) = import.provider.as_ref().filter(|_| !block.generated)?;
    // A block that was generated for it says the same.
    let is_same = |(own, other, _): &(Arc<str>, Option<Arc<str>>, Span)| own == name && other == alias;
    if block.provider.as_deref().is_some_and(is_same) {
        return None;
    }
    let detail = "The resource block says which provider is used. Remove the argument from the import block.";
    Some(Diagnostic::error("Invalid import provider argument", detail).at(*span))
}

fn wrong_to(detail: &str, import: &Import) -> Diagnostic {
    Diagnostic::error(WRONG_TO, detail.to_owned()).at(import.to)
}

/// The problem with an import that nothing in the configuration is there for.
pub(super) fn no_target(import: &Import) -> Diagnostic {
    let detail = "There is no resource block for the object to import. Write one, or for a single object of the root module let \
                  it be generated:\n\n    glaz plan -generate-config-out=generated.tf";
    Diagnostic::error(NO_TARGET, detail).at(import.to)
}

/// The address of a block whose keys are written out.
fn constant_address(import: &Import) -> Option<Address> {
    let key = |expr: &Option<Expr>| match expr {
        None => Some(None),
        Some(expr) => super::expr::constant(expr).ok().and_then(|value| key_of(&value)).map(Some),
    };
    let mut module = ModulePath::root();
    for (name, expr) in &import.path {
        module = module.child(name, key(expr)?);
    }
    Some(address(import, module, key(&import.key)?))
}

fn address(import: &Import, module: ModulePath, key: Option<Key>) -> Address {
    let ResourceName { mode, type_name, name } = &import.resource;
    Address::new(Resource { module, mode: *mode, type_name: type_name.clone(), name: name.clone() }, key)
}

fn key_of(value: &Value) -> Option<Key> {
    match &value.data {
        Data::Number(number) => number.to_i64().map(Key::Int),
        Data::String(text) => Some(Key::Str(text.clone())),
        _ => None,
    }
}

impl Evaluator {
    /// The objects to take over for a block.
    pub(super) fn imports_of(&self, module: usize, name: &ResourceName) -> Result<Imports, Report> {
        let (mut found, mut report) = (Imports::default(), Report::default());
        for import in self.imports.about(&self.config, module, name) {
            match self.repetitions(import) {
                Err(problems) => report.extend(problems),
                Ok(all) => {
                    for repetition in &all {
                        match self.importing(import, repetition, module, name) {
                            Ok(one) => found.add(one),
                            Err(problems) => report.extend(problems),
                        }
                    }
                }
            }
        }
        report.or(found)
    }

    /// `each` for every object of a block.
    fn repetitions(&self, import: &Import) -> Result<Vec<Repetition>, Report> {
        let Some(expr) = &import.for_each else { return Ok(vec![Repetition::default()]) };
        let wrong = |detail: &str| -> Report {
            Diagnostic::error("Invalid for_each argument", detail.to_owned()).at(expr.span).into()
        };
        let value = Eval::new(&self.scope(0, 0)).finish_with(expr)?;
        let marks = value.marks_deep();
        if marks.is_ephemeral() {
            return Err(wrong(
                "What is imported is kept in the state, so that it cannot come from an ephemeral value.",
            ));
        }
        if value.is_null() {
            return Ok(Vec::new());
        }
        let each = |key: Value, value: &Value| Repetition {
            index: None,
            key: Some(key.with_marks(&marks)),
            value: Some(value.clone().with_marks(&marks)),
        };
        if !value.is_wholly_known() {
            let unknown = Value::unknown(Type::Any);
            return if self.is_validation() {
                Ok(vec![each(unknown.clone(), &unknown)])
            } else {
                Err(wrong(
                    "for_each depends on values that are known only after apply, so that it cannot be told what is imported. \
                     First apply what it depends on with -target.",
                ))
            };
        }
        match &value.data {
            Data::Map(_, entries) | Data::Object(entries) => {
                Ok(entries.iter().map(|(key, value)| each(Value::string(key), value)).collect())
            }
            Data::Set(_, elements) => Ok(elements.iter().map(|element| each(element.clone(), element)).collect()),
            Data::List(_, elements) | Data::Tuple(elements) => {
                Ok((0..).zip(elements.iter()).map(|(at, element)| each(Value::from(at), element)).collect())
            }
            _ => Err(wrong("for_each must be a map, a set, a list or an object.")),
        }
    }

    /// One object; nothing while its address is not known.
    fn importing(
        &self,
        import: &Import,
        repetition: &Repetition,
        module: usize,
        name: &ResourceName,
    ) -> Result<Option<Importing>, Report> {
        let scope = ModuleScope { repetition, ..self.scope(0, 0) };
        let key = |expr: &Option<Expr>| -> Result<Option<Option<Key>>, Report> {
            let Some(expr) = expr else { return Ok(Some(None)) };
            let value = Eval::new(&OnlyEach(&scope)).finish_with(expr)?;
            if !value.is_known() {
                return Ok(None);
            }
            let wrong = || wrong_to("A key must be a number or a text.", import);
            key_of(&value).map(|key| Some(Some(key))).ok_or_else(|| wrong().into())
        };
        let mut path = Some(ModulePath::root());
        for (name, expr) in &import.path {
            let key = key(expr)?;
            path = path.zip(key).map(|(path, key)| path.child(name, key));
        }
        let own = key(&import.key)?;
        let id = self.import_id(import, &scope)?;
        let Some(((module_path, own), id)) = path.zip(own).zip(id) else { return Ok(None) };
        let block = self.config.modules[module].body.resources.get(name);
        let fits = match (block.map(|block| &block.repeat), &own) {
            // That was told already.
            (Some(Repeat::Once), Some(_)) if import.for_each.is_none() => return Ok(None),
            (Some(Repeat::Count(_)), Some(key)) => matches!(key, Key::Int(_)),
            (Some(Repeat::ForEach(_)), Some(key)) => matches!(key, Key::Str(_)),
            (Some(Repeat::Once), Some(_)) => false,
            _ => true,
        };
        if !fits {
            let detail =
                "The key does not fit the resource: count has numbers, for_each has texts, and others have no keys.";
            return Err(wrong_to(detail, import).into());
        }
        Ok(Some(Importing { address: address(import, module_path, own), id, span: import.to }))
    }

    /// The id; nothing while it is not known and need not be.
    fn import_id(&self, import: &Import, scope: &ModuleScope<'_>) -> Result<Option<Value>, Report> {
        let span = import.id.span;
        let wrong = |detail: &str| -> Report { Diagnostic::error(WRONG_ID, detail.to_owned()).at(span).into() };
        let value = Eval::new(scope).finish_with(&import.id)?;
        if value.is_null() {
            return Err(wrong("The id is null, but it must name the object to import."));
        }
        let text = convert::convert(&value, &Type::String).map_err(|why| {
            Diagnostic::error("Incorrect value type", format!("The id must be text: {why}.")).at(span)
        })?;
        match text.as_str() {
            Some("") => Err(wrong("The id is empty, but it must name the object to import.")),
            Some(_) => Ok(Some(text)),
            None if self.is_validation() => Ok(None),
            None => Err(wrong(
                "The id depends on values that are known only after apply, so that the object cannot be read. First apply what \
                 it depends on with -target.",
            )),
        }
    }
}

/// Keys of `to` may use `each` and nothing else.
struct OnlyEach<'a>(&'a ModuleScope<'a>);

impl Scope for OnlyEach<'_> {
    fn lookup(&self, traversal: &Traversal, span: Span, eval: &Eval<'_>) -> Result<(Value, usize), Report> {
        if &*traversal.root == "each" {
            let Repetition { key: Some(key), value: Some(value), .. } = self.0.repetition else {
                return self.0.lookup(traversal, span, eval);
            };
            let each = [("key".into(), key.clone()), ("value".into(), value.clone())];
            return Ok((Value::object(each.into_iter().collect()), 0));
        }
        let detail = "A key of the address can use each.key and each.value, and nothing else.";
        Err(Diagnostic::error("Unknown variable", detail).at(span).into())
    }

    fn functions(&self) -> Option<(&Functions, bool)> {
        None
    }
}

impl Imports {
    fn add(&mut self, one: Option<Importing>) {
        if let Some(one) = one {
            self.by_address.insert(one.address.clone(), self.all.len());
            self.all.push(one);
        }
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Gives the instance what it takes over.
    pub(super) fn give(&self, desired: &mut Desired) {
        let Some(import) = self.by_address.get(&desired.address).and_then(|at| self.all.get(*at)) else { return };
        let origins = import.id.marks_deep().origins_but(&desired.address);
        desired.origins = desired.origins.union(&origins);
        desired.import = Some(import.id.clone());
    }

    /// The first one for an instance that the configuration does not have: these are all that it has.
    pub(super) fn left_over(&self, cells: &[ResourceCell], is_known: impl Fn(&Address) -> bool) -> Option<Diagnostic> {
        if cells.iter().any(|cell| cell.repeated == Repeated::Open) {
            return None;
        }
        let import = self.all.iter().find(|import| !is_known(&import.address))?;
        let detail = format!(
            "The configuration has no {}, so that the object to import would have no configuration. Correct the key, or change \
             count or for_each of the resource or of the modules around it.",
            import.address
        );
        Some(Diagnostic::error(NO_TARGET, detail).at(import.span).about(&import.address))
    }
}
