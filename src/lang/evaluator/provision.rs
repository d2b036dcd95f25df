//! Provisioners: what they are told, evaluated just before each runs.

use std::sync::Arc;

use super::Evaluator;
use crate::address::{Address, Key};
use crate::diagnostic::{Diagnostic, Report, Span};
use crate::lang::config::{Provisioner, Repeat, ResourceBlock, ResourceName};
use crate::lang::decode::Decoder;
use crate::lang::expr::{Eval, Functions, Scope};
use crate::lang::graph::Item;
use crate::lang::references::{Mention, body_mentions};
use crate::lang::scope::ModuleScope;
use crate::lang::store::Repetition;
use crate::lang::syntax::tree::{Body, Traversal};
use crate::lang::target::Target;
use crate::resource::attr::Schema;
use crate::resource::provisioner;
use crate::value::{Type, Value};

/// Arguments of a provisioner that the language itself understands.
const META_ARGUMENTS: [&str; 2] = ["when", "on_failure"];
/// Blocks of a provisioner that the language itself understands.
const META_BLOCKS: [&str; 1] = ["connection"];

/// A provisioner that is about to run.
#[derive(Clone, Debug)]
pub struct Provision {
    /// Such as `local-exec`.
    pub kind: Arc<str>,
    /// Its arguments, by the table of its kind.
    pub config: Value,
    /// How the machine is reached: the `connection` blocks of the resource and of the provisioner in one.
    pub connection: Option<Value>,
    /// Header of its block.
    pub span: Span,
}

impl Evaluator {
    /// The provisioners that run when an instance was made, or before it is destroyed, in order. Those for destruction
    /// are found as long as the block is there, also for an instance that the block no longer has; after that in a
    /// `removed` block.
    pub fn provisioners(&self, address: &Address, on_destroy: bool) -> Vec<Provisioner> {
        let Some((_, block)) = self.block_of(address) else {
            let removed = self.config.removed(&address.resource).filter(|_| on_destroy);
            return removed.map(|(_, removed)| removed.provisioners.clone()).unwrap_or_default();
        };
        block.provisioners.iter().filter(|one| one.on_destroy == on_destroy).cloned().collect()
    }

    /// What a provisioner is told; `this` is the object.
    ///
    /// # Errors
    /// Its arguments cannot be evaluated.
    pub fn provision(
        &mut self,
        address: &Address,
        provisioner: &Provisioner,
        this: &Value,
    ) -> Result<Provision, Report> {
        let unknown = || Diagnostic::bug(format!("The evaluation does not know {address}"));
        let removed = || self.config.removed(&address.resource).map(|(module, _)| module);
        let module = self.module_of(address).or_else(removed).ok_or_else(unknown)?;
        if provisioner.on_destroy {
            // Nothing else may exist any more: the key alone says what count.index and each.key are.
            let repetition = Repetition {
                index: match &address.key {
                    Some(Key::Int(index)) => Some(Value::from(*index)),
                    _ => None,
                },
                key: match &address.key {
                    Some(Key::Str(key)) => Some(Value::from(&**key)),
                    _ => None,
                },
                value: None,
            };
            let scope = ModuleScope { repetition: &repetition, this: Some(this), ..self.scope(module, 0) };
            return told(provisioner, &scope);
        }
        let (at, repetition) = self.repetition(address)?;
        let mut scope = ModuleScope { repetition: &repetition, this: Some(this), ..self.scope(module, at) };
        let whole = self.with_itself(address, this)?;
        scope.instead = whole.as_ref().map(|(name, whole)| (Target::Resource(name.clone()), whole));
        told(provisioner, &scope)
    }

    /// Of a block whose provisioners refer to it: its name and its instances, this one as it has just been made.
    fn with_itself(&self, address: &Address, this: &Value) -> Result<Option<(ResourceName, Value)>, Report> {
        let (id, at) = self.find(address)?;
        let Item::Resource(name) = &self.graph.nodes[id].item else { return Ok(None) };
        let cell = self.store.resources[id].get(at).filter(|_| !self.graph.wrong(id).own.before.is_empty());
        Ok(cell.cloned().and_then(|mut cell| {
            cell.replace(address.key.as_ref(), &super::visible(this.clone(), address));
            cell.join();
            cell.whole.map(|whole| (name.clone(), whole))
        }))
    }

    /// Finds mistakes in the provisioners of a block, before anything is known of what they refer to.
    pub(super) fn check_provisioners(&self, module: usize, block: &ResourceBlock, schema: &Schema) -> Report {
        let mut report = Report::default();
        let unknown = |ty| Some(Value::unknown_not_null(ty));
        let repetition = match &block.repeat {
            Repeat::Once => Repetition::default(),
            Repeat::Count(_) => Repetition { index: unknown(Type::Number), ..Repetition::default() },
            Repeat::ForEach(_) => {
                Repetition { key: unknown(Type::String), value: Some(Value::unknown(Type::Any)), index: None }
            }
        };
        let this = Value::unknown_not_null(schema.ty.clone());
        let here = || ModuleScope { repetition: &repetition, this: Some(&this), ..self.scope(module, 0) };
        let scope = Nothing(here());
        for provisioner in &block.provisioners {
            match read(provisioner, &scope) {
                Ok((told, problems)) => {
                    if !problems.has_errors() {
                        report.extend(unreachable(provisioner, &here()));
                    }
                    report.extend(problems);
                    report.0.extend(chosen(&told));
                }
                Err(problem) => report.push(problem),
            }
        }
        report
    }

    fn block_of(&self, address: &Address) -> Option<(usize, &ResourceBlock)> {
        let module = self.module_of(address)?;
        let resource = &address.resource;
        let name =
            ResourceName { mode: resource.mode, type_name: resource.type_name.clone(), name: resource.name.clone() };
        self.config.modules[module].body.resources.get(&name).map(|block| (module, block))
    }

    fn module_of(&self, address: &Address) -> Option<usize> {
        let child = |module: usize, name: &Arc<str>| self.config.modules[module].children.get(name).copied();
        address.module().0.iter().try_fold(0, |module, step| child(module, &step.name))
    }
}

/// The arguments of a provisioner and of its connection.
fn told(provisioner: &Provisioner, scope: &dyn Scope) -> Result<Provision, Report> {
    let (told, problems) = read(provisioner, scope)?;
    problems.or(told)
}

/// The same beside what is wrong with them. There may be no such provisioner.
fn read(provisioner: &Provisioner, scope: &dyn Scope) -> Result<(Provision, Report), Diagnostic> {
    let eval = Eval::new(scope);
    let decoded = |body: &Body, schema: &Schema| {
        let decoder =
            Decoder { eval: &eval, meta_arguments: &META_ARGUMENTS, meta_blocks: &META_BLOCKS, allows_ephemeral: true };
        decoder.top(body, schema)
    };
    let Some(schema) = provisioner::table(&provisioner.kind) else {
        let detail =
            format!("There is no provisioner \"{}\", only local-exec, remote-exec and file.", provisioner.kind);
        let label = provisioner.block.labels.first().map(|label| label.span);
        return Err(Diagnostic::error("Missing required provisioner plugin", detail).at(label));
    };
    let config = decoded(&provisioner.block.body, schema);
    let connection = provisioner.connection.as_ref().map(|block| decoded(&block.body, provisioner::connection()));
    let span = provisioner.block.header_span;
    Ok((Provision { kind: provisioner.kind.clone(), config, connection, span }, eval.into_report()))
}

/// What in a connection cannot be meant, as far as it is known before anything is made: WinRM above all.
fn unreachable(provisioner: &Provisioner, scope: &dyn Scope) -> Report {
    let connection = provisioner.connection.iter().filter(|_| &*provisioner.kind != "local-exec");
    let mut report = Report::default();
    for attribute in connection.flat_map(|block| &block.body.attributes) {
        let Ok(value) = Eval::new(scope).finish_with(&attribute.expr) else { continue };
        let text = value.as_str().filter(|_| !value.marks.is_sensitive());
        if let Some(why) = text.and_then(|text| provisioner::misfit(&attribute.name, text)) {
            let summary = format!("{} provisioner error", provisioner.kind);
            report.push(Diagnostic::error(summary, why).at(attribute.expr.span));
        }
    }
    report
}

/// Of some arguments exactly one must be given.
fn chosen(told: &Provision) -> Option<Diagnostic> {
    let given = |name: &&&str| told.config.get(name).is_some_and(|value| !value.is_null());
    let (names, none, several): (&[&str], _, _) = match &*told.kind {
        "remote-exec" => {
            let summary = "Invalid remote-exec provisioner configuration";
            (&["inline", "script", "scripts"], summary, summary)
        }
        "file" => {
            let none = "Must provide one of 'source' or 'content'";
            (&["source", "content"], none, "Cannot set both 'source' and 'content'")
        }
        _ => return None,
    };
    let list = names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(" or ");
    let (summary, detail) = match names.iter().filter(given).count() {
        1 => return None,
        0 => (none, format!("{list} is needed, and none is given.")),
        _ => (several, format!("Only one of {list} can be given, since each alone says what to do.")),
    };
    Some(Diagnostic::error(summary, detail).at(told.span))
}

/// Names as they are, but nothing is known of what they stand for.
struct Nothing<'a>(ModuleScope<'a>);

impl Scope for Nothing<'_> {
    fn lookup(&self, traversal: &Traversal, span: Span, eval: &Eval<'_>) -> Result<(Value, usize), Report> {
        let (value, used) = self.0.lookup(traversal, span, eval)?;
        Ok((Value::unknown(value.ty()).with_marks(&value.marks), used))
    }

    fn functions(&self) -> Option<(&Functions, bool)> {
        self.0.functions()
    }

    fn is_builtin_provider(&self, local: &str) -> bool {
        self.0.is_builtin_provider(local)
    }
}

/// References of what runs after creation.
pub(in crate::lang) fn mentions(block: &ResourceBlock) -> impl Iterator<Item = Mention<'_>> {
    let made = block.provisioners.iter().filter(|provisioner| !provisioner.on_destroy);
    made.flat_map(|one| {
        let connection = one.connection.iter().flat_map(|block| body_mentions(&block.body, &[]));
        body_mentions(&one.block.body, &[&META_ARGUMENTS[..], &META_BLOCKS].concat()).into_iter().chain(connection)
    })
}
