//! Evaluating again during apply, with what has become known.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::resources::Instance;
use super::{Evaluator, visible};
use crate::address::{Address, Resource};
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::conditions;
use crate::lang::desired::{Answers, CheckResult, CheckStatus, Desired, Outcome};
use crate::lang::expand::expand;
use crate::lang::graph::{Item, NodeId, mode_of};
use crate::lang::providers;
use crate::lang::store::Repetition;
use crate::value::{Marks, Type, Value};

impl Evaluator {
    /// Tells the final value of an instance; what was evaluated from the old one is evaluated again when needed.
    /// Checks the postconditions of the instance; others go on seeing the old value where they do not hold.
    pub fn settle(&mut self, address: &Address, value: Value) -> Result<(), Report> {
        let (id, at) = self.find(address)?;
        let value = visible(value, address);
        let cell = self.store.resources[id].get_mut(at).ok_or_else(|| unknown(address))?;
        let found = cell.instances.get(&address.key).ok_or_else(|| unknown(address))?;
        let (repetition, old) = (found.repetition.clone(), found.value.clone());
        cell.replace(address.key.as_ref(), &value);
        self.spoil(id);
        let Some((module, block)) = self.block(id) else { return Ok(()) };
        if let Some(check) = &block.check {
            self.unread.remove(&super::node::named(address.module(), "check", check));
        }
        if block.lifecycle.postconditions.is_empty() {
            return Ok(());
        }
        let mut problems = self.refresh(id);
        if !problems.has_errors() {
            let one =
                Instance { module, at, key: address.key.clone(), repetition: &repetition, marks: &Marks::default() };
            let after = &block.lifecycle.postconditions;
            let verdict = self.conditions(after, conditions::POSTCONDITION, &one, Some(&value));
            problems = self.record_resource(address, verdict, true);
        }
        self.refused.remove(address);
        if problems.has_errors() {
            self.refused.insert(address.clone());
            self.store.resources[id][at].replace(address.key.as_ref(), &old);
        }
        self.told(problems)
    }

    /// What is evaluated from refused values, by node.
    fn behind_refused(&self) -> BTreeSet<NodeId> {
        let mut todo: Vec<NodeId> =
            self.refused.iter().filter_map(|address| Some(self.find(address).ok()?.0)).collect();
        let mut behind = BTreeSet::new();
        while let Some(id) = todo.pop() {
            todo.extend(self.graph.needed_by.of(id).filter(|after| behind.insert(*after)));
        }
        behind
    }

    /// How a check block ends that looks at a refused value: nobody can tell.
    fn leave_open(&mut self, id: NodeId) {
        let node = &self.graph.nodes[id];
        let Item::Check(name) = &node.item else { return };
        for instance in &self.store.modules[node.module].list {
            if let Some(result) = self.checks.get_mut(&super::node::named(&instance.path, "check", name)) {
                result.status = CheckStatus::Unknown;
                result.messages.clear();
            }
        }
    }

    /// Keeps warnings for the end of the apply.
    fn told(&mut self, problems: Report) -> Result<(), Report> {
        if problems.has_errors() {
            return Err(problems);
        }
        self.warnings.extend(problems);
        Ok(())
    }

    /// The configuration of an instance with what is known by now.
    pub fn instance(&mut self, address: &Address, answers: &mut dyn Answers) -> Result<Desired, Report> {
        let (id, at) = self.find(address)?;
        let Some((module, block)) = self.block(id) else { return Err(unknown(address).into()) };
        self.refresh(id).or(())?;
        let schema = answers.schema(block.name.mode, &block.name.type_name).ok_or_else(|| unknown(address))?;
        self.repeat_again(id, at)?;
        let known = answers.provider_source(block.name.mode, &block.name.type_name).map(str::to_owned);
        let provider = providers::reference(&self.config, module, &block, known.as_deref());
        let shared = self.shared(id, provider);
        let cell = self.store.resources[id].get(at).ok_or_else(|| unknown(address))?;
        let (marks, found) = (cell.marks.clone(), cell.instances.get(&address.key).ok_or_else(|| unknown(address))?);
        let repetition = found.repetition.clone();
        let one = Instance { module, at, key: address.key.clone(), repetition: &repetition, marks: &marks };
        let before = self.conditions(&block.lifecycle.preconditions, conditions::PRECONDITION, &one, None);
        let problems = self.record_resource(address, before, false);
        self.told(problems)?;
        let one = Instance { module, at, key: address.key.clone(), repetition: &repetition, marks: &marks };
        self.desired(&block, schema, &one, &shared).map(|(desired, _)| desired)
    }

    /// The module instance of an instance, and what `count` and `each` are in it, with what is known by now.
    pub(super) fn repetition(&mut self, address: &Address) -> Result<(usize, Arc<Repetition>), Report> {
        let (id, at) = self.find(address)?;
        self.refresh(id);
        self.repeat_again(id, at)?;
        let cell = self.store.resources[id].get(at).and_then(|cell| cell.instances.get(&address.key));
        Ok((at, cell.ok_or_else(|| unknown(address))?.repetition.clone()))
    }

    /// Root outputs and checks with what is known by now, and what is wrong with them; [`Outcome::instances`] is left
    /// empty. What cannot be evaluated stays known after apply.
    pub fn outputs(&mut self) -> (Outcome, Report) {
        let mut report = std::mem::take(&mut self.warnings);
        let behind = self.behind_refused();
        for id in self.in_order(0..self.graph.nodes.len()) {
            if !self.selected[id] {
                continue;
            }
            if behind.contains(&id) {
                self.leave_open(id);
                continue;
            }
            let is_check = match self.graph.nodes[id].item {
                Item::Check(_) => true,
                Item::Validation(_) => self.store.open[id],
                _ => false,
            };
            if mode_of(&self.graph.nodes[id].item).is_some() {
                self.join_again(id);
                report.extend(self.check_again(id));
            } else if self.store.stale[id] || is_check {
                self.store.stale[id] = false;
                report.extend(self.evaluate(id));
                report.extend(self.validate_again(id));
            }
        }
        let outcome = Outcome {
            outputs: self.root_outputs(),
            checks: self.checks.values().cloned().collect(),
            providers: self.providers.clone(),
            ..Outcome::default()
        };
        (outcome, report)
    }

    /// The node of an instance's block and the index of its module instance.
    pub(super) fn find(&self, address: &Address) -> Result<(NodeId, usize), Diagnostic> {
        let (mut module, mut at) = (0, 0);
        for step in address.module().0.iter() {
            let child = self.config.modules[module].children.get(&step.name).ok_or_else(|| unknown(address))?;
            let instances = &self.store.modules[*child].by_call;
            at = *instances.get(&(at, step.key.clone())).ok_or_else(|| unknown(address))?;
            module = *child;
        }
        let resource = &address.resource;
        let name = crate::lang::config::ResourceName {
            mode: resource.mode,
            type_name: resource.type_name.clone(),
            name: resource.name.clone(),
        };
        let id = self.graph.id(module, Item::Resource(name)).ok_or_else(|| unknown(address))?;
        Ok((id, at))
    }

    /// Notes that what was evaluated from a node is out of date, as far as it was not wholly known.
    fn spoil(&mut self, id: NodeId) {
        let mut todo = vec![id];
        while let Some(id) = todo.pop() {
            for after in self.graph.needed_by.of(id) {
                let node = &self.graph.nodes[after];
                if self.store.stale[after] {
                    continue;
                }
                if mode_of(&node.item).is_some() {
                    // Until one of them is evaluated again, which concerns no other.
                    self.store.stale[after] = true;
                    self.store.resources[after].iter_mut().for_each(|cell| cell.stale = cell.open);
                } else if self.store.open[after] || matches!(node.item, Item::Call(_) | Item::Gate) {
                    self.store.stale[after] = true;
                    todo.push(after);
                }
            }
        }
    }

    /// Checks conditions of instances that nothing was done to, and that could not be told before.
    fn check_again(&mut self, id: NodeId) -> Report {
        let mut report = Report::default();
        let Some((module, block)) = self.block(id) else { return report };
        let lifecycle = &block.lifecycle;
        if lifecycle.preconditions.is_empty() && lifecycle.postconditions.is_empty() {
            return report;
        }
        for at in 0..self.store.resources[id].len() {
            if let Err(problems) = self.repeat_again(id, at) {
                report.extend(problems);
                continue;
            }
            let cells: Vec<_> = self.store.resources[id][at].instances.iter().cloned().collect();
            for (key, cell) in cells {
                let path = self.store.modules[module].list[at].path.clone();
                let name = &block.name;
                let resource = Resource {
                    module: path,
                    mode: name.mode,
                    type_name: name.type_name.clone(),
                    name: name.name.clone(),
                };
                let address = Address::new(resource, key.clone());
                if self.standing(&address.to_string()) != Some(CheckStatus::Unknown) {
                    continue;
                }
                let one = Instance { module, at, key, repetition: &cell.repetition, marks: &Marks::default() };
                let before = self.conditions(&lifecycle.preconditions, conditions::PRECONDITION, &one, None);
                report.extend(self.record_resource(&address, before, false));
                let one = Instance { key: address.key.clone(), ..one };
                let after =
                    self.conditions(&lifecycle.postconditions, conditions::POSTCONDITION, &one, Some(&cell.value));
                let adds = !lifecycle.preconditions.is_empty();
                report.extend(self.record_resource(&address, after, adds));
            }
        }
        report
    }

    /// How all conditions ended so far; also those that were not looked at.
    pub fn checks(&self) -> Vec<CheckResult> {
        self.all_checks()
    }

    /// Evaluates again what a resource needs and is out of date. The answer is what is wrong with values that only
    /// now can be told.
    pub(super) fn refresh(&mut self, id: NodeId) -> Report {
        let mut report = Report::default();
        let mut stale = Vec::new();
        let mut seen = std::collections::HashSet::new();
        let mut todo = vec![id];
        while let Some(at) = todo.pop() {
            for need in self.graph.needs.of(at) {
                if !seen.insert(need) {
                    continue;
                }
                let is_resource = mode_of(&self.graph.nodes[need].item).is_some();
                if is_resource || self.store.stale[need] {
                    stale.push(need);
                }
                if !is_resource && self.store.stale[need] {
                    todo.push(need);
                }
            }
        }
        for id in self.in_order(stale) {
            if mode_of(&self.graph.nodes[id].item).is_some() {
                self.join_again(id);
            } else {
                self.store.stale[id] = false;
                if matches!(self.graph.nodes[id].item, Item::Call(_)) {
                    self.call_again(id);
                } else {
                    // A problem shows again when the value is used.
                    drop(self.evaluate(id));
                    report.extend(self.validate_again(id));
                }
            }
        }
        report
    }

    /// Validates a variable whose value could not be told before.
    fn validate_again(&mut self, id: NodeId) -> Report {
        let node = &self.graph.nodes[id];
        let Item::Variable(name) = &node.item else { return Report::default() };
        let validation = self.graph.id(node.module, Item::Validation(name.clone()));
        let Some(validation) = validation.filter(|validation| self.store.open[*validation]) else {
            return Report::default();
        };
        let report = self.evaluate(validation);
        if report.has_errors() {
            // Nothing is made from a value that is refused.
            self.store.values[id].iter_mut().for_each(|value| *value = Value::unknown(Type::Any));
        }
        report
    }

    fn in_order(&self, ids: impl IntoIterator<Item = NodeId>) -> Vec<NodeId> {
        let mut ids: Vec<_> = ids.into_iter().collect();
        ids.sort_by_key(|id| self.graph.position[*id]);
        ids
    }

    fn join_again(&mut self, id: NodeId) {
        for cell in self.store.resources[id].iter_mut().filter(|cell| cell.whole.is_none()) {
            cell.join();
        }
    }

    /// Evaluates `for_each` of a resource again when values in it have become known.
    fn repeat_again(&mut self, id: NodeId, at: usize) -> Result<(), Report> {
        let Some((module, block)) = self.block(id) else { return Ok(()) };
        if !self.store.resources[id].get(at).is_some_and(|cell| cell.stale) {
            return Ok(());
        }
        let expansion = expand(&block.repeat, &self.scope(module, at), false)?;
        self.store.stale[id] = false;
        let Some(cell) = self.store.resources[id].get_mut(at) else { return Ok(()) };
        (cell.open, cell.stale) = (expansion.open, false);
        for (key, repetition) in expansion.instances {
            if let Some(instance) = cell.instances.get_mut(&key) {
                instance.repetition = repetition;
            }
        }
        Ok(())
    }

    /// Evaluates `for_each` of a module call again: `each.value` may have become known, the keys stay.
    fn call_again(&mut self, id: NodeId) {
        let module = self.graph.nodes[id].module;
        let Item::Call(name) = self.graph.nodes[id].item.clone() else { return };
        let Some(call) = self.config.modules[module].body.calls.get(&name).cloned() else { return };
        let Some(child) = self.config.modules[module].children.get(&name).copied() else { return };
        for parent in 0..self.instances_of(module) {
            let Ok(expansion) = expand(&call.repeat, &self.scope(module, parent), false) else { continue };
            for (key, repetition) in expansion.instances {
                if let Some(at) = self.store.modules[child].by_call.get(&(parent, key)).copied() {
                    self.store.modules[child].list[at].repetition = (*repetition).clone();
                }
            }
        }
    }
}

fn unknown(address: &Address) -> Diagnostic {
    Diagnostic::bug(format!("The evaluation does not know {address}"))
}
