//! What names mean inside a module instance.

use std::path::{Component, Path, PathBuf};

use super::evaluator::{Evaluator, unknown_input};
use super::expr::{Eval, Functions, Scope, constant};
use super::graph::{Item, NodeId};
use super::operators;
use super::store::{Repeated, Repetition};
use super::syntax::tree::{ExprKind, Step, StepKind, Traversal};
use super::target::{Target, resolve};
use crate::address::Key;
use crate::diagnostic::{Diagnostic, Report, Span, near_miss};
use crate::value::{Data, Marks, Number, Type, Value};

/// The provider whose functions there are.
const BUILTIN_SOURCE: &str = "terraform.io/builtin/terraform";

/// The summary for the word `self` where it stands for nothing.
pub(super) const NO_SELF: &str = "Invalid \"self\" reference";

/// Names inside one module instance, with `count`, `each` and `self` of one block.
pub(super) struct ModuleScope<'a> {
    /// Everything evaluated so far.
    pub(super) evaluator: &'a Evaluator,
    /// The module.
    pub(super) module: usize,
    /// Its instance.
    pub(super) instance: usize,
    /// `count` and `each`.
    pub(super) repetition: &'a Repetition,
    /// `self`.
    pub(super) this: Option<&'a Value>,
    /// Values that take the place of the evaluated ones, such as the resource of a postcondition.
    pub(super) instead: Option<(Target, &'a Value)>,
}

impl Scope for ModuleScope<'_> {
    fn lookup(&self, traversal: &Traversal, span: Span, _: &Eval<'_>) -> Result<(Value, usize), Report> {
        let reference = resolve(traversal, span)?;
        let mut used = reference.used;
        if let Some((target, value)) = &self.instead
            && *target == reference.target
        {
            return Ok(((*value).clone(), used));
        }
        let value = match reference.target {
            Target::Variable(name) => self.node(Item::Variable(name)),
            Target::Local(name) => self.node(Item::Local(name)),
            Target::Resource(name) => {
                let id = self.evaluator.graph.id(self.module, Item::Resource(name));
                let rest = traversal.steps.get(used..).unwrap_or_default();
                if let Some(problem) = id.and_then(|id| self.no_such_attribute(id, rest, span)) {
                    return Err(problem.into());
                }
                let whole = id.map(|id| self.evaluator.store.whole(id, self.instance));
                match whole {
                    Some(whole) if self.evaluator.sees_names => Value::unknown(Type::Any).with_marks(&whole.marks),
                    Some(whole) => whole,
                    None => Value::unknown(Type::Any),
                }
            }
            Target::Module(name) => self.node(Item::CallValue(name)),
            Target::ModuleOutput(name, key, output) => {
                let with_key = usize::from(key.is_some());
                if let Some(value) = self.output(&name, key.as_ref(), &output) {
                    value
                } else {
                    used -= 1 + with_key;
                    self.evaluator.whole_call(self.module, self.instance, &name)
                }
            }
            Target::Count(name) => self.count(&name, span)?,
            Target::Each(name) => self.each(&name, span)?,
            Target::Path(name) => self.path(&name, span)?,
            Target::Terraform(name) => self.terraform(&name, span)?,
            Target::This => self.this(span)?,
        };
        Ok((value, used))
    }

    fn functions(&self) -> Option<(&Functions, bool)> {
        Some((&self.evaluator.functions, false))
    }

    fn looks_ahead(&self) -> bool {
        true
    }

    fn is_builtin_provider(&self, local: &str) -> bool {
        let required = &self.evaluator.config.modules[self.module].body.settings.required_providers;
        required.get(local).is_some_and(|required| &*required.source == BUILTIN_SOURCE)
    }
}

/// Names inside a module whose variables may have any value: what a validation checks conditions with.
pub(super) struct AnyInput<'a>(pub(super) ModuleScope<'a>);

impl Scope for AnyInput<'_> {
    fn lookup(&self, traversal: &Traversal, span: Span, eval: &Eval<'_>) -> Result<(Value, usize), Report> {
        let reference = resolve(traversal, span)?;
        let variables = &self.0.evaluator.config.modules[self.0.module].body.variables;
        match reference.target {
            Target::Variable(name) if variables.contains_key(&name) => {
                Ok((unknown_input(&variables[&name]), reference.used))
            }
            _ => self.0.lookup(traversal, span, eval),
        }
    }

    fn functions(&self) -> Option<(&Functions, bool)> {
        self.0.functions()
    }

    fn looks_ahead(&self) -> bool {
        true
    }

    fn is_builtin_provider(&self, local: &str) -> bool {
        self.0.is_builtin_provider(local)
    }
}

impl ModuleScope<'_> {
    fn node(&self, item: Item) -> Value {
        let id = self.evaluator.graph.id(self.module, item);
        id.map_or_else(|| Value::unknown(Type::Any), |id| self.evaluator.store.value(id, self.instance))
    }

    /// The problem with an attribute that no object of the block can have. It is one of names, which `try` does not hide.
    fn no_such_attribute(&self, id: NodeId, steps: &[Step], whole: Span) -> Option<Diagnostic> {
        let cell = self.evaluator.store.resources.get(id)?.get(self.instance)?;
        let has_key = steps.first().is_some_and(is_written_key);
        let steps = match cell.repeated {
            Repeated::Once => steps,
            Repeated::Count | Repeated::ForEach | Repeated::Open if has_key => &steps[1..],
            _ => return None,
        };
        let step = steps.first()?;
        let StepKind::Attr(name) = &step.kind else {
            let is_index = has_key && is_written_key(step);
            let detail = "An instance has attributes, and no elements. Name an attribute, with a dot before it.";
            return is_index.then(|| Diagnostic::error("Invalid index operation", detail).at(step.span(whole)));
        };
        // The names are looked for where they are: making the whole type each time would be slow.
        let (_, first) = cell.instances.iter().next()?;
        let names: Vec<&str> = match &first.value.data {
            Data::Object(entries) if !entries.contains_key(name) => entries.keys().map(|name| &**name).collect(),
            Data::Unknown(unknown) => match &unknown.ty {
                Type::Object(fields) => match fields.get(name) {
                    None => fields.keys().map(|name| &**name).collect(),
                    Some(field) if cell.repeated == Repeated::Open => return below(&field.ty, &steps[1..], whole),
                    Some(_) => return None,
                },
                _ => return None,
            },
            _ => return None,
        };
        let hint = near_miss(name, names);
        let hint = hint.map(|near| format!(" Did you mean \"{near}\"?")).unwrap_or_default();
        let detail = format!("This object does not have an attribute named \"{name}\".{hint}");
        Some(Diagnostic::error("Unsupported attribute", detail).at(step.span(whole)))
    }

    /// The output of one instance of a module; `None` when the call has keys and none is given, or the other way.
    fn output(&self, call: &str, key: Option<&Key>, output: &str) -> Option<Value> {
        if self.evaluator.is_validation() {
            return None;
        }
        let child = *self.evaluator.config.modules[self.module].children.get(call)?;
        let instances = &self.evaluator.store.modules[child];
        let instance = *instances.by_call.get(&(self.instance, key.cloned()))?;
        let id = self.evaluator.graph.id(child, Item::Output(output.into()))?;
        Some(self.evaluator.store.value(id, instance))
    }

    fn count(&self, name: &str, span: Span) -> Result<Value, Diagnostic> {
        if name != "index" {
            let detail = format!("There is no count.{name}, only count.index.");
            return Err(Diagnostic::error("Invalid \"count\" attribute", detail).at(span));
        }
        self.repetition.index.clone().ok_or_else(|| {
            let detail = "count.index only has a meaning in a block with the count argument.";
            Diagnostic::error("Reference to \"count\" in non-counted context", detail).at(span)
        })
    }

    fn each(&self, name: &str, span: Span) -> Result<Value, Diagnostic> {
        match name {
            "key" => self.repetition.key.clone().ok_or_else(|| {
                let detail = "each.key only has a meaning in a block with the for_each argument.";
                Diagnostic::error("Reference to \"each\" in context without for_each", detail).at(span)
            }),
            "value" => self.repetition.value.clone().ok_or_else(|| {
                let detail = "each.value only has a meaning in a block with the for_each argument.";
                Diagnostic::error("each.value cannot be used in this context", detail).at(span)
            }),
            _ => {
                let detail = format!("There is no each.{name}, only each.key and each.value.");
                Err(Diagnostic::error("Invalid \"each\" attribute", detail).at(span))
            }
        }
    }

    fn path(&self, name: &str, span: Span) -> Result<Value, Diagnostic> {
        let shown = |path: &Path| Ok(Value::string(path.to_string_lossy()));
        let modules = &self.evaluator.config.modules;
        match name {
            "module" => shown(&relative(&modules[0].dir, &modules[self.module].dir)),
            "root" => shown(Path::new(".")),
            "cwd" => shown(&self.evaluator.env.cwd),
            _ => {
                let hint = near_miss(name, ["module", "root", "cwd"]);
                let hint = hint.map(|near| format!(" Did you mean path.{near}?")).unwrap_or_default();
                let detail = format!("There is no path.{name}, only path.module, path.root and path.cwd.{hint}");
                Err(Diagnostic::error("Invalid \"path\" attribute", detail).at(span))
            }
        }
    }

    fn terraform(&self, name: &str, span: Span) -> Result<Value, Diagnostic> {
        match name {
            "workspace" => Ok(Value::string(&self.evaluator.env.workspace)),
            "applying" => {
                let applying = self.evaluator.env.phase == super::Phase::Apply;
                Ok(Value::from(applying).with_marks(&Marks::EPHEMERAL))
            }
            _ => {
                let detail = format!("There is no terraform.{name}, only terraform.workspace.");
                Err(Diagnostic::error("Invalid \"terraform\" attribute", detail).at(span))
            }
        }
    }

    fn this(&self, span: Span) -> Result<Value, Report> {
        self.this.cloned().ok_or_else(|| {
            let detail = "The word \"self\" only has a meaning in postconditions, provisioners and connections.";
            Diagnostic::error(NO_SELF, detail).at(span).into()
        })
    }
}

/// Whether the step is an index that is written out, so that nothing has to be evaluated to know it.
fn is_written_key(step: &Step) -> bool {
    written_key(step).is_some()
}

fn written_key(step: &Step) -> Option<Value> {
    match &step.kind {
        StepKind::Index(key) if matches!(key.kind, ExprKind::Number(_) | ExprKind::Template(_)) => constant(key).ok(),
        StepKind::LegacyIndex(digits) => digits.parse::<Number>().ok().map(Value::from),
        _ => None,
    }
}

/// The problem with what is looked for below an attribute of a type.
pub(super) fn below(ty: &Type, steps: &[Step], whole: Span) -> Option<Diagnostic> {
    let mut value = Value::unknown(ty.clone());
    for step in steps {
        let result = match (&step.kind, written_key(step)) {
            (StepKind::Attr(name), _) => operators::attribute(&value, name),
            (_, Some(key)) => operators::index(&value, &key),
            _ => return None,
        };
        match result {
            Ok(inner) => value = inner,
            Err(problem) => return Some(Diagnostic::error(problem.summary, problem.detail).at(step.span(whole))),
        }
    }
    None
}

/// The way from one folder to another; both are clean.
fn relative(from: &Path, to: &Path) -> PathBuf {
    if from == Path::new(".") || from.components().any(|part| part == Component::ParentDir) && !to.starts_with(from) {
        return to.to_owned();
    }
    if to.is_absolute() != from.is_absolute() {
        return to.to_owned();
    }
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    let way: PathBuf = up.chain(to.components().skip(shared)).collect();
    if way.as_os_str().is_empty() { PathBuf::from(".") } else { way }
}
