//! Evaluation of one node in all instances of its module.

use std::sync::Arc;

use super::Evaluator;
use crate::address::ModulePath;
use crate::diagnostic::{Diagnostic, Report, Span};
use crate::lang::conditions::{self, Verdict, Words};
use crate::lang::config::{Condition, Module, Output, Repeat};
use crate::lang::desired::{CheckKind, CheckStatus};
use crate::lang::expand::expand;
use crate::lang::expr::Eval;
use crate::lang::graph::{Item, NodeId};
use crate::lang::input::Origin;
use crate::lang::scope::{AnyInput, ModuleScope};
use crate::lang::store::{ModuleInstance, ModuleInstances, Repetition, join};
use crate::lang::target::Target;
use crate::value::{Entries, Type, Value};

/// No `count` and no `each`.
const NO_REPETITION: &Repetition = &Repetition { index: None, key: None, value: None };

impl Evaluator {
    /// Names inside a module instance, outside of any block that repeats.
    pub(in crate::lang) fn scope(&self, module: usize, instance: usize) -> ModuleScope<'_> {
        ModuleScope { evaluator: self, module, instance, repetition: NO_REPETITION, this: None, instead: None }
    }

    pub(super) fn instances_of(&self, module: usize) -> usize {
        self.store.modules[module].list.len()
    }

    /// Evaluates a node that is no resource and no provider; remembers its value.
    pub(super) fn evaluate(&mut self, id: NodeId) -> Report {
        let module = self.graph.nodes[id].module;
        let item = self.graph.nodes[id].item.clone();
        let body = self.config.modules[module].body.clone();
        let mut report = Report::default();
        match &item {
            Item::Variable(name) => {
                if let Some(variable) = body.variables.get(name) {
                    self.put_each(id, module, &mut report, |this, instance| this.variable(module, instance, variable));
                }
            }
            Item::Local(name) => {
                if let Some(local) = body.locals.get(name) {
                    self.put_each(id, module, &mut report, |this, instance| {
                        Eval::new(&this.scope(module, instance)).finish_with(&local.expr)
                    });
                }
            }
            Item::Output(name) => {
                if let Some(output) = body.outputs.get(name) {
                    let problems = self.output_conditions(module, name, output);
                    let has_failed = problems.has_errors();
                    report.extend(problems);
                    self.put_each(id, module, &mut report, |this, instance| {
                        if has_failed {
                            return Ok(Value::unknown(Type::Any));
                        }
                        this.output(module, instance, name, output)
                    });
                }
            }
            Item::Validation(name) => {
                if let Some(variable) = body.variables.get(name) {
                    for instance in 0..self.instances_of(module) {
                        report.extend(self.validate(module, instance, name, &variable.validations));
                    }
                }
            }
            Item::Call(name) => report.extend(self.call(module, name)),
            Item::CallValue(name) => {
                let values =
                    (0..self.instances_of(module)).map(|instance| self.whole_call(module, instance, name)).collect();
                self.store.put(id, values);
            }
            Item::Check(name) => {
                if let Some(check) = body.checks.get(name) {
                    let instances = if self.is_destroy() { 0 } else { self.instances_of(module) };
                    for instance in 0..instances {
                        if self.is_validation() {
                            let scope = self.scope(module, instance);
                            report.extend(conditions::misplaced_self(&check.asserts, &scope));
                            report.extend(conditions::messages(&check.asserts, conditions::ASSERT, &scope));
                            continue;
                        }
                        let path = &self.store.modules[module].list[instance].path;
                        let (object, config) = (named(path, "check", name), named(&path.without_keys(), "check", name));
                        if self.unread.contains(&object) {
                            continue;
                        }
                        let verdict =
                            conditions::check(&check.asserts, conditions::ASSERT, &self.scope(module, instance));
                        report.extend(self.record(CheckKind::Check, object, config, verdict, false));
                    }
                }
            }
            Item::Gate | Item::Close | Item::Resource(_) | Item::Provider(..) => {}
        }
        report
    }

    fn put_each(
        &mut self,
        id: NodeId,
        module: usize,
        report: &mut Report,
        value: impl Fn(&Self, usize) -> Result<Value, Report>,
    ) {
        let mut values = Vec::with_capacity(self.instances_of(module));
        for instance in 0..self.instances_of(module) {
            values.push(value(self, instance).unwrap_or_else(|problems| {
                report.extend(problems);
                Value::unknown(Type::Any)
            }));
        }
        self.store.put(id, values);
    }

    fn output(&self, module: usize, instance: usize, name: &str, output: &Output) -> Result<Value, Report> {
        let value = Eval::new(&self.scope(module, instance)).finish_with(&output.value)?;
        let marks = value.marks_deep();
        if self.config.modules[module].parent.is_none() {
            if marks.is_ephemeral() && !output.ephemeral {
                return Err(not_ephemeral(name, output));
            }
            if output.ephemeral {
                let detail = format!("The output \"{name}\" is kept in the state, so that it cannot be ephemeral.");
                return Err(Diagnostic::error("Ephemeral output not allowed", detail).at(output.span).into());
            }
            if marks.is_sensitive() && !output.sensitive {
                let detail = format!(
                    "The output \"{name}\" holds a sensitive value and would show it. Add sensitive = true to the output, or \
                     use nonsensitive() if the value is no secret."
                );
                return Err(Diagnostic::error("Output refers to sensitive values", detail).at(output.span).into());
            }
        } else if marks.is_ephemeral() && !output.ephemeral {
            return Err(not_ephemeral(name, output));
        } else if output.ephemeral && !value.marks.is_ephemeral() && (value.is_known() || !self.is_validation()) {
            let detail = format!(
                "The output \"{name}\" says that its value is ephemeral, and it is not. Remove ephemeral = true, or give \
                 it a value that comes from something ephemeral as a whole."
            );
            let summary = "Value not allowed in ephemeral output";
            return Err(Diagnostic::error(summary, detail).at(output.value.span).into());
        }
        Ok(value)
    }

    fn output_conditions(&mut self, module: usize, name: &str, output: &Output) -> Report {
        let mut report = Report::default();
        if output.preconditions.is_empty() || self.is_destroy() {
            return report;
        }
        for instance in 0..self.instances_of(module) {
            let scope = self.scope(module, instance);
            let verdict = if self.is_validation() {
                conditions::check(&output.preconditions, conditions::OUTPUT, &AnyInput(scope))
            } else {
                conditions::check(&output.preconditions, conditions::OUTPUT.warning_if(self.refreshes), &scope)
            };
            let path = &self.store.modules[module].list[instance].path;
            let (object, config) = (named(path, "output", name), named(&path.without_keys(), "output", name));
            report.extend(self.record(CheckKind::Output, object, config, verdict, false));
        }
        report
    }

    fn validate(&mut self, module: usize, instance: usize, name: &Arc<str>, validations: &[Condition]) -> Report {
        let verdict = self.verdict(module, instance, name, validations, conditions::VALIDATION);
        let path = &self.store.modules[module].list[instance].path;
        let (object, config) = (named(path, "var", name), named(&path.without_keys(), "var", name));
        if let Some(id) = self.graph.id(module, Item::Validation(name.clone())) {
            self.store.open[id] |= verdict.status.is_some_and(|status| status != CheckStatus::Pass);
        }
        let report = self.record(CheckKind::Variable, object, config, verdict, false);
        let place = self.given_at(module, name);
        let moved = |problem: Diagnostic| match problem.subject {
            Some(condition) if problem.summary == conditions::VALIDATION.failed => {
                let problem = Diagnostic { subject: place, context: None, ..problem };
                problem.note(Some(condition), "The condition is here.")
            }
            _ => problem,
        };
        Report(report.0.into_iter().map(moved).collect())
    }

    /// Where the value of a variable is given, or else the variable.
    fn given_at(&self, module: usize, name: &Arc<str>) -> Option<Span> {
        let Module { path, parent, body, .. } = &self.config.modules[module];
        let given = match (parent, path.last()) {
            (Some(parent), Some(call)) => {
                let call = self.config.modules[*parent].body.calls.get(call);
                call.and_then(|call| call.block.body.attribute(name)).map(|attribute| attribute.expr.span)
            }
            _ => match self.inputs.get(name).map(|input| &input.origin) {
                Some(Origin::File(span)) => Some(*span),
                _ => None,
            },
        };
        given.or_else(|| body.variables.get(name).map(|variable| variable.span))
    }

    /// The verdict on a variable. Its mark does not hide its own messages' problems: what is sensitive stays so.
    fn verdict(
        &self,
        module: usize,
        instance: usize,
        name: &Arc<str>,
        validations: &[Condition],
        words: Words,
    ) -> Verdict {
        let Some(id) = self.graph.id(module, Item::Variable(name.clone())) else { return Verdict::default() };
        let value = self.store.value(id, instance);
        let mut scope = self.scope(module, instance);
        scope.instead = Some((Target::Variable(name.clone()), &value));
        conditions::check(validations, words, &scope)
    }

    /// Finds the instances of a module.
    fn call(&mut self, module: usize, name: &str) -> Report {
        let mut report = Report::default();
        let (Some(child), Some(call)) = (
            self.config.modules[module].children.get(name).copied(),
            self.config.modules[module].body.calls.get(name).cloned(),
        ) else {
            return report;
        };
        let mut found = ModuleInstances::default();
        for parent in 0..self.instances_of(module) {
            let expansion = match expand(&call.repeat, &self.scope(module, parent), self.is_validation()) {
                Ok(expansion) => expansion,
                Err(why) => {
                    report.extend(why.into());
                    continue;
                }
            };
            found.repeated = expansion.repeated;
            let around = &self.store.modules[module].list[parent];
            let marks = around.marks.union(&expansion.marks);
            for (key, repetition) in expansion.instances {
                let path = around.path.child(name, key.clone());
                let marks = repetition.value.iter().fold(marks.clone(), |marks, value| marks.union(&value.marks));
                found.by_call.insert((parent, key), found.list.len());
                let repetition = (*repetition).clone();
                found.list.push(ModuleInstance { path, parent, repetition, marks });
            }
        }
        self.store.modules[child] = found;
        report
    }

    /// All outputs of all instances of a module call, in one value.
    pub(in crate::lang) fn whole_call(&self, module: usize, instance: usize, name: &str) -> Value {
        let Some(child) = self.config.modules[module].children.get(name).copied() else {
            return Value::unknown(Type::Any);
        };
        if self.is_validation() {
            return self.any_call(module, child, name);
        }
        let instances = &self.store.modules[child];
        let outputs: Vec<_> = self.config.modules[child]
            .body
            .outputs
            .keys()
            .filter_map(|name| Some((name.clone(), self.graph.id(child, Item::Output(name.clone()))?)))
            .collect();
        let one = |at: usize| -> Value {
            let entries = outputs.iter().map(|(name, id)| (name.clone(), self.store.value(*id, at)));
            Value::object(entries.collect::<Entries>())
        };
        let range = (instance, None)..;
        let mine = instances.by_call.range(range).take_while(|((parent, _), _)| *parent == instance);
        join(instances.repeated, mine.map(|((_, key), at)| (key.clone(), one(*at))))
    }
}

impl Evaluator {
    /// What validation sees of a module call: the names of its outputs, and nothing of their values.
    fn any_call(&self, module: usize, child: usize, name: &str) -> Value {
        let names = self.config.modules[child].body.outputs.keys();
        let ty = Type::object(names.map(|name| (name.clone(), Type::Any)));
        let repeat = self.config.modules[module].body.calls.get(name).map(|call| &call.repeat);
        Value::unknown(match repeat {
            Some(Repeat::Count(_)) => Type::list(ty),
            Some(Repeat::ForEach(_)) => Type::map(ty),
            Some(Repeat::Once) | None => ty,
        })
    }
}

fn not_ephemeral(name: &str, output: &Output) -> Report {
    let detail = format!(
        "The output \"{name}\" holds an ephemeral value. An output of a module may, with ephemeral = true; those of the root \
         module are kept in the state."
    );
    Diagnostic::error("Ephemeral value not allowed", detail).at(output.value.span).into()
}

/// The name of something in a module instance.
pub(super) fn named(path: &ModulePath, word: &str, name: &str) -> String {
    if path.is_root() { format!("{word}.{name}") } else { format!("{path}.{word}.{name}") }
}
