//! What `console` needs: resources as they are remembered, and the value of an expression that a person typed.

use std::sync::Arc;

use crate::address::{Address, ModulePath, Resource};
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::config::Repeat;
use crate::lang::edges::Edges;
use crate::lang::expr::Eval;
use crate::lang::functions;
use crate::lang::graph::{Item, NodeId};
use crate::lang::store::{InstanceCell, Repeated, Repetition, ResourceCell};
use crate::lang::syntax::tree::{Call, Expr, ExprKind};
use crate::value::{Type, Value};

use super::{Evaluator, Remembered, visible};

/// What an expression comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// A value.
    Value(Value),
    /// The text of a type, for the function `type`, which only people can call.
    Type(String),
}

impl Evaluator {
    /// The value of an expression in the root module, after [`run`](Self::run). What could not be evaluated there is
    /// not known here.
    ///
    /// # Errors
    /// Everything wrong with the expression.
    pub fn expression(&mut self, expr: &Expr) -> Result<Answer, Report> {
        Edges::new(&self.config, &self.graph).expression(expr).or(())?;
        self.functions.console = true;
        let result = match type_call(expr) {
            Some(call) => self.type_of(call, expr).map(Answer::Type),
            None => Eval::new(&self.scope(0, 0)).finish_with(expr).map(Answer::Value),
        };
        self.functions.console = false;
        result
    }

    /// Values of the variables of a module instance, after [`run`](Self::run); none of one that does not exist.
    pub fn variables(&self, path: &ModulePath) -> Vec<(Arc<str>, Value)> {
        let mut found = Vec::new();
        for (module, instances) in self.store.modules.iter().enumerate() {
            let Some(instance) = instances.list.iter().position(|one| one.path == *path) else { continue };
            let names = self.config.modules[module].body.variables.keys();
            let known = names.filter_map(|name| Some((name, self.graph.id(module, Item::Variable(name.clone()))?)));
            found.extend(known.map(|(name, id)| (name.clone(), self.store.value(id, instance))));
        }
        found
    }

    fn type_of(&self, call: &Call, expr: &Expr) -> Result<String, Report> {
        let wrong =
            |error: functions::CallError| Diagnostic::error(error.summary(), error.detail("type")).at(expr.span);
        functions::check_count("type", call.args.len()).map_err(wrong)?;
        let value = call
            .args
            .first()
            .map_or_else(|| Ok(Value::unknown(Type::Any)), |arg| Eval::new(&self.scope(0, 0)).finish_with(arg))?;
        Ok(functions::describe_type(&value.ty()))
    }

    /// Takes the instances of a block as they are remembered.
    pub(super) fn recall(&mut self, id: NodeId, remembered: &Remembered) {
        let Some((module, block)) = self.block(id) else { return };
        let name = &block.name;
        let cell = |path: &crate::address::ModulePath| {
            let resource = Resource {
                module: path.clone(),
                mode: name.mode,
                type_name: name.type_name.clone(),
                name: name.name.clone(),
            };
            let first = Address::new(resource.clone(), None);
            let found = remembered.range(first..).take_while(|(address, _)| *address.resource == resource);
            joined(&block.repeat, found.map(|(address, value)| (address.clone(), value.clone())).collect())
        };
        self.store.resources[id] = self.store.modules[module].list.iter().map(|one| cell(&one.path)).collect();
    }
}

/// The call when the expression is nothing but `type(…)`.
fn type_call(expr: &Expr) -> Option<&Call> {
    match &expr.kind {
        ExprKind::Parens(inner) => type_call(inner),
        ExprKind::Call(call) if matches!(&*call.name, "type" | "core::type") && !call.expand_final => Some(call),
        _ => None,
    }
}

/// Remembered instances in one value. Nothing is known about a block that has none: it may not have been applied yet.
fn joined(repeat: &Repeat, found: Vec<(Address, Value)>) -> ResourceCell {
    let repeated = match repeat {
        Repeat::Once => Repeated::Once,
        Repeat::Count(_) => Repeated::Count,
        Repeat::ForEach(_) => Repeated::ForEach,
    };
    let mut cell = ResourceCell { repeated, ..ResourceCell::default() };
    if found.is_empty() {
        return cell;
    }
    for (address, value) in found {
        if repeated.fits(address.key.as_ref()) {
            let value = visible(value, &address);
            cell.instances.insert(address.key, InstanceCell { repetition: Repetition::none(), value });
        }
    }
    cell.fill_gaps(&Value::unknown(Type::Any));
    cell.join();
    cell
}
