//! What each node needs, from the references in its expressions, and what is wrong with those.

mod undeclared;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use undeclared::{incomplete, reference, undeclared};

use super::blocks::{MODULE_ARGUMENTS, meta_blocks};
use super::config::{Condition, Config, Module, ModuleCall, Repeat, ResourceBlock, ResourceName};
use super::evaluator::provisioner_mentions;
use super::graph::{Graph, Item, Lookup, Node, NodeId, Wrong};
use super::imports::ByBlock;
use super::own::Own;
use super::references::{Mention, body_mentions, mentions};
use super::syntax::tree::{Expr, Step, StepKind, Traversal};
use super::target::{Target, constant_key, resolve};
use super::{lifecycle, providers};
use crate::address::{Key, Mode};
use crate::diagnostic::{Diagnostic, Report, Span};

/// Looks up edges.
pub(super) struct Edges<'a> {
    config: &'a Config,
    graph: &'a Graph,
    imports: ByBlock,
    /// By module and traversal: what it leads to, where nothing is wrong with it. The same words share a traversal.
    known: RefCell<HashMap<(usize, *const Traversal), NodeId>>,
}

/// What was found about one node.
#[derive(Default)]
struct Found {
    needs: Vec<NodeId>,
    /// For each need that names one instance of a block, with a key that is written out: that key.
    keys: Vec<(NodeId, Key)>,
    report: Report,
    /// References of a block to itself.
    own: Own,
    /// Attributes that were asked for with a key too many or too few.
    attributes: Vec<Lookup>,
    /// What is wrong when a plan is made, and no mistake before.
    later: Report,
    /// The check block that the node belongs to.
    check: Option<Arc<str>>,
}

impl Found {
    /// Takes over what another found, but for the block itself; its problems are given back.
    fn take(&mut self, other: Self, own: Option<NodeId>) -> Report {
        let (of_itself, keys): (Vec<_>, Vec<_>) = other.keys.into_iter().partition(|(need, _)| Some(*need) == own);
        let whole = other.needs.iter().filter(|need| Some(**need) == own).count().saturating_sub(of_itself.len());
        self.own.before.extend(of_itself.into_iter().map(|(_, key)| Some(key)).chain(std::iter::repeat_n(None, whole)));
        self.needs.extend(other.needs.into_iter().filter(|need| Some(*need) != own));
        self.keys.extend(keys);
        self.attributes.extend(other.attributes);
        other.report
    }

    /// Looks at the instance key of a reference to a resource, and notes what is asked for behind an attribute.
    fn keyed(&mut self, resource: &ResourceBlock, rest: &[Step], span: Span) {
        let problem = instance_key(resource, rest, span);
        let name = &resource.name;
        let has_key = rest.first().is_some_and(|step| !matches!(step.kind, StepKind::Attr(_)));
        let steps: Vec<Step> = rest.iter().skip(usize::from(has_key)).cloned().collect();
        // The name of an attribute alone is looked for where it is evaluated.
        if problem.is_none() && steps.len() < 2 {
            return;
        }
        self.report.0.extend(problem);
        self.attributes.push(Lookup { of: (name.mode, name.type_name.clone()), steps, span });
    }
}

impl<'a> Edges<'a> {
    /// Of this configuration.
    pub(super) fn new(config: &'a Config, graph: &'a Graph) -> Self {
        Self { config, graph, imports: ByBlock::new(config), known: RefCell::default() }
    }

    fn module(&self, at: usize) -> &'a Module {
        &self.config.modules[at]
    }

    /// What the node needs, and what is wrong with its references.
    pub(super) fn of(&self, node: &Node) -> (Vec<NodeId>, Wrong) {
        let Found { needs, report, own, attributes, later, .. } = self.found(node);
        (needs, Wrong { now: report, attributes, own, later })
    }

    /// What the node needs, each with the keys of the only instances that it names; none where it names all.
    pub(super) fn keyed(&self, node: &Node) -> BTreeMap<NodeId, Option<BTreeSet<Key>>> {
        let Found { needs, keys, .. } = self.found(node);
        let mut named: BTreeMap<NodeId, (usize, BTreeSet<Key>)> = BTreeMap::new();
        for (need, key) in keys {
            let (count, all) = named.entry(need).or_default();
            *count += 1;
            all.insert(key);
        }
        for need in &needs {
            if let Some((count, _)) = named.get_mut(need) {
                *count = count.wrapping_sub(1);
            }
        }
        let only = |need: &NodeId| named.get(need).filter(|(more, _)| *more == 0).map(|(_, keys)| keys.clone());
        needs.iter().map(|need| (*need, only(need))).collect()
    }

    fn found(&self, node: &Node) -> Found {
        let mut found = Found::default();
        let at = node.module;
        let module = self.module(at);
        let body = &module.body;
        self.need_call(at, &mut found);
        match &node.item {
            Item::Variable(name) => self.argument(at, name, &mut found),
            Item::Validation(name) => {
                self.need(at, Item::Variable(name.clone()), &mut found);
                let validations = body.variables.get(name).map(|v| v.validations.as_slice()).unwrap_or_default();
                self.conditions(at, validations, &mut found);
                self.validated(at, name, &mut found);
            }
            Item::Local(name) => {
                body.locals.get(name).into_iter().for_each(|local| self.expr(at, &local.expr, &mut found));
            }
            Item::Output(name) => {
                if let Some(output) = body.outputs.get(name) {
                    self.expr(at, &output.value, &mut found);
                    self.targets(at, &output.depends_on, &mut found);
                    self.conditions(at, &output.preconditions, &mut found);
                }
            }
            Item::Resource(name) => {
                body.resources.get(name).into_iter().for_each(|resource| self.resource(at, resource, &mut found));
            }
            Item::Call(name) => {
                body.calls.get(name).into_iter().for_each(|call| self.call(at, call, &mut found));
            }
            Item::CallValue(name) => {
                self.need(at, Item::Call(name.clone()), &mut found);
                if let Some(child) = module.children.get(name) {
                    let outputs = self.module(*child).body.outputs.keys();
                    outputs.for_each(|output| self.need(*child, Item::Output(output.clone()), &mut found));
                    self.need(*child, Item::Close, &mut found);
                }
            }
            Item::Gate => self.gate(at, &mut found),
            // Whoever waits for a module waits for all that it waits for, also where nothing in it uses that.
            Item::Close => {
                self.need(at, Item::Gate, &mut found);
                for name in body.variables.keys() {
                    self.need(at, Item::Variable(name.clone()), &mut found);
                    self.need(at, Item::Validation(name.clone()), &mut found);
                }
                body.locals.keys().for_each(|name| self.need(at, Item::Local(name.clone()), &mut found));
                body.resources.keys().for_each(|name| self.need(at, Item::Resource(name.clone()), &mut found));
                body.outputs.keys().for_each(|name| self.need(at, Item::Output(name.clone()), &mut found));
                module.children.values().for_each(|child| self.need(*child, Item::Close, &mut found));
            }
            Item::Provider(name, alias) => {
                if let Some(provider) = body.providers.get(&(name.clone(), alias.clone())) {
                    self.mentions(at, body_mentions(&provider.block.body, &["alias", "version"]), &mut found);
                }
            }
            Item::Check(name) => {
                if let Some(check) = body.checks.get(name) {
                    found.check = Some(name.clone());
                    self.conditions(at, &check.asserts, &mut found);
                    check.data.iter().for_each(|data| self.need(at, Item::Resource(data.clone()), &mut found));
                }
            }
        }
        found
    }

    /// What is wrong with the references of an expression in the root module.
    pub(super) fn expression(&self, expr: &Expr) -> Report {
        let mut found = Found::default();
        self.expr(0, expr, &mut found);
        found.report
    }

    fn need(&self, module: usize, item: Item, found: &mut Found) {
        found.needs.extend(self.graph.id(module, item));
    }

    /// Everything inside a module needs to know the module's instances.
    fn need_call(&self, at: usize, found: &mut Found) {
        let module = self.module(at);
        if let (Some(parent), Some(name)) = (module.parent, module.path.last()) {
            self.need(parent, Item::Call(name.clone()), found);
        }
    }

    /// The call that a module belongs to, with the module it stands in.
    fn call_of(&self, at: usize) -> Option<(usize, &'a ModuleCall)> {
        let module = self.module(at);
        let parent = module.parent?;
        self.module(parent).body.calls.get(module.path.last()?).map(|call| (parent, call))
    }

    fn argument(&self, at: usize, name: &Arc<str>, found: &mut Found) {
        let Some((parent, call)) = self.call_of(at) else { return };
        if let Some(attribute) = call.block.body.attribute(name) {
            self.expr(parent, &attribute.expr, found);
        }
    }

    fn call(&self, at: usize, call: &ModuleCall, found: &mut Found) {
        // What is wrong with depends_on is found at the gate of the module.
        self.repeat(at, &call.repeat, found);
        let Some(child) = self.module(at).children.get(&call.name) else { return };
        found.report.extend(super::passing::absent(self.config, at, call));
        let variables = &self.module(*child).body.variables;
        for attribute in &call.block.body.attributes {
            if !MODULE_ARGUMENTS.contains(&&*attribute.name) && !variables.contains_key(&attribute.name) {
                let names = variables.keys().map(|name| &**name);
                found.report.push(super::blocks::unsupported_argument(attribute, names, std::iter::empty()));
            }
        }
    }

    fn gate(&self, at: usize, found: &mut Found) {
        let Some((parent, call)) = self.call_of(at) else { return };
        self.need(parent, Item::Gate, found);
        self.targets(parent, &call.depends_on, found);
    }

    fn resource(&self, at: usize, resource: &ResourceBlock, found: &mut Found) {
        self.need(at, Item::Gate, found);
        found.check.clone_from(&resource.check);
        // A resource may be named in its own depends_on: that says nothing.
        let mut targets = Found::default();
        self.targets(at, &resource.depends_on, &mut targets);
        let own = self.graph.id(at, Item::Resource(resource.name.clone()));
        let problems = found.take(targets, own);
        found.report.extend(problems);
        let meta = meta_blocks(resource.name.mode).iter().copied();
        let skip: Vec<&str> = ["count", "for_each", "provider", "depends_on"].into_iter().chain(meta).collect();
        let inside = self.block_mentions(at, resource, body_mentions(&resource.block.body, &skip), found);
        let run = self.block_mentions(at, resource, provisioner_mentions(resource).collect(), found);
        found.own.before.extend(inside.iter().chain(&run).map(|(key, _)| key.clone()));
        found.own.arguments = inside;
        if let Repeat::Count(expr) | Repeat::ForEach(expr) = &resource.repeat {
            let itself = self.block_mentions(at, resource, mentions(expr), found);
            let arguments = itself.into_iter().map(|(_, span)| (None, span)).collect();
            found.later.extend(Own { arguments, ..Own::default() }.problems(&resource.name, None));
        }
        self.imports(at, resource, found);
        let ResourceBlock { lifecycle: rules, .. } = resource;
        self.conditions(at, &rules.preconditions, found);
        // A postcondition may look at the resource itself: that is no cycle.
        let mut after = Found::default();
        self.conditions(at, &rules.postconditions, &mut after);
        let problems = found.take(after, own);
        found.report.extend(problems);
        for expr in &rules.replace_triggered_by {
            let mut trigger = Found::default();
            self.expr(at, expr, &mut trigger);
            // Whether there is such an object is seen in the plan.
            trigger.attributes.clear();
            let mut problems = found.take(trigger, own);
            problems.0.retain(|problem| !problem.summary.ends_with("resource instance key"));
            if let Some(problem) = lifecycle::not_plain(expr) {
                problems = problem.into();
            }
            if !is_out_of_place(expr, &resource.repeat) {
                found.own.triggers.extend(problems);
            }
        }
        if let Some((module, name, alias)) = providers::block_of(self.config, at, resource) {
            self.need(module, Item::Provider(name, alias), found);
        }
    }

    /// References of the `import` blocks about a resource, which stand in the root module.
    fn imports(&self, at: usize, resource: &ResourceBlock, found: &mut Found) {
        let own = self.graph.id(at, Item::Resource(resource.name.clone()));
        for import in self.imports.about(self.config, at, &resource.name) {
            let mut inside = Found::default();
            self.expr(0, &import.id, &mut inside);
            import.for_each.iter().for_each(|expr| self.expr(0, expr, &mut inside));
            if inside.needs.iter().any(|need| Some(*need) == own) {
                let detail = "The id of an object to import cannot come from the resource that it becomes.";
                inside.report.push(Diagnostic::error("Invalid import id argument", detail).at(import.id.span));
            }
            let problems = found.take(inside, own);
            found.report.extend(problems);
        }
    }

    /// References of the block itself. Those to the block are given back: the key of the instance, and where it stands.
    fn block_mentions(
        &self,
        at: usize,
        resource: &ResourceBlock,
        inside: Vec<Mention<'_>>,
        found: &mut Found,
    ) -> Vec<(Option<Key>, Span)> {
        let id = self.graph.id(at, Item::Resource(resource.name.clone()));
        let target = Target::Resource(resource.name.clone());
        let (own, others): (Vec<_>, Vec<_>) = inside.into_iter().partition(|(traversal, span)| {
            match self.known.borrow().get(&(at, std::ptr::from_ref(*traversal))) {
                Some(node) => Some(*node) == id,
                None => resolve(traversal, *span).is_ok_and(|reference| reference.target == target),
            }
        });
        self.mentions(at, others, found);
        let named = |(traversal, span): Mention<'_>| {
            let used = resolve(traversal, span).map_or(0, |reference| reference.used);
            let rest = traversal.steps.get(used..).unwrap_or_default();
            found.keyed(resource, rest, span);
            let key = rest.first().and_then(constant_key);
            let last = used + usize::from(key.is_some());
            let end = last.checked_sub(1).and_then(|last| traversal.steps.get(last)).map(|step| step.span(span).end);
            (key, Span { end: end.unwrap_or(span.end), ..span })
        };
        own.into_iter().map(named).collect()
    }

    fn repeat(&self, at: usize, repeat: &Repeat, found: &mut Found) {
        match repeat {
            Repeat::Once => {}
            Repeat::Count(expr) | Repeat::ForEach(expr) => self.expr(at, expr, found),
        }
    }

    /// A validation waits for those of the other variables it looks at, so that it sees nothing that is not valid.
    fn validated(&self, at: usize, own: &Arc<str>, found: &mut Found) {
        for variable in self.module(at).body.variables.values().filter(|one| one.name != *own) {
            let id = self.graph.id(at, Item::Variable(variable.name.clone()));
            if id.is_some_and(|id| found.needs.contains(&id)) && !variable.validations.is_empty() {
                self.need(at, Item::Validation(variable.name.clone()), found);
            }
        }
    }

    fn conditions(&self, at: usize, conditions: &[Condition], found: &mut Found) {
        for condition in conditions {
            self.expr(at, &condition.condition, found);
            self.expr(at, &condition.message, found);
        }
    }

    fn expr(&self, at: usize, expr: &Expr, found: &mut Found) {
        self.mentions(at, mentions(expr), found);
    }

    /// `depends_on`: whole modules and resources.
    fn targets(&self, at: usize, exprs: &[Expr], found: &mut Found) {
        let before = found.report.0.len();
        for expr in exprs {
            let Some(traversal) = expr.as_traversal() else { continue };
            match resolve(traversal, expr.span) {
                Err(problem) => found.report.push(problem),
                Ok(reference) => match &reference.target {
                    Target::Module(name) | Target::ModuleOutput(name, ..) => match self.module(at).children.get(name) {
                        Some(child) => self.need(*child, Item::Close, found),
                        None => self.undeclared(at, &reference.target, expr.span, found),
                    },
                    target => {
                        let rest = traversal.steps.get(reference.used..).unwrap_or_default();
                        let is_whole = matches!(
                            rest.iter().map(|step| &step.kind).collect::<Vec<_>>()[..],
                            [] | [StepKind::Index(_)]
                        );
                        if matches!(target, Target::Resource(_)) && !is_whole {
                            let detail = "What a block depends on is a whole object: leave the attribute out.";
                            found.report.push(Diagnostic::error("Invalid depends_on reference", detail).at(expr.span));
                        }
                        let known = found.needs.len();
                        self.target(at, target, traversal, &[], expr.span, found);
                        let key = rest.first().and_then(constant_key).filter(|_| is_whole);
                        found.keys.extend(found.needs.get(known).copied().zip(key));
                    }
                },
            }
        }
        // After the first mistake Terraform does not look whether the others are there.
        let mut at = 0..;
        found.report.0.retain(|problem| {
            at.next().is_none_or(|at| at <= before) || !problem.summary.starts_with("Reference to undeclared")
        });
    }

    fn mentions(&self, at: usize, mentions: Vec<Mention<'_>>, found: &mut Found) {
        for (traversal, span) in mentions {
            let key = (at, std::ptr::from_ref(traversal));
            if let Some(node) = self.known.borrow().get(&key) {
                found.needs.push(*node);
                continue;
            }
            let (needs, keys, problems) = (found.needs.len(), found.keys.len(), found.report.0.len());
            let asked = found.attributes.len();
            match resolve(traversal, span) {
                Ok(reference) => {
                    let rest = traversal.steps.get(reference.used..).unwrap_or_default();
                    self.target(at, &reference.target, traversal, rest, span, found);
                }
                Err(problem) => {
                    found.report.push(problem);
                    found.report.0.extend(incomplete(self.module(at), traversal, span));
                }
            }
            let is_known = found.keys.len() == keys && found.attributes.len() == asked;
            let is_plain = found.report.0.len() == problems && is_known;
            if let ([node], true) = (&found.needs[needs..], is_plain) {
                self.known.borrow_mut().insert(key, *node);
            }
        }
    }

    fn target(&self, at: usize, target: &Target, traversal: &Traversal, rest: &[Step], span: Span, found: &mut Found) {
        let module = self.module(at);
        let item = match target {
            Target::Variable(name) => Item::Variable(name.clone()),
            Target::Local(name) => Item::Local(name.clone()),
            Target::Resource(name) => {
                if let Some(resource) = module.body.resources.get(name) {
                    found.keyed(resource, rest, span);
                    if resource.check.is_some() && resource.check != found.check {
                        found.report.push(scoped(resource, span));
                    }
                }
                Item::Resource(name.clone())
            }
            Target::Module(name) => Item::CallValue(name.clone()),
            Target::ModuleOutput(name, key, output) => {
                let repeats = |call: &ModuleCall| !matches!(call.repeat, Repeat::Once);
                if module.body.calls.get(name).is_some_and(|call| repeats(call) != key.is_some()) {
                    // Not an output of an instance, but something of all of them together.
                    return self.need(at, Item::CallValue(name.clone()), found);
                }
                match module.children.get(name).map(|child| self.graph.id(*child, Item::Output(output.clone()))) {
                    Some(Some(node)) => return found.needs.push(node),
                    // A module that could not be read has been reported already.
                    None if module.body.calls.contains_key(name) => return,
                    // An output that is not there is missed where it is looked for; `try` may go on without it.
                    Some(None) => return self.need(at, Item::CallValue(name.clone()), found),
                    None => return self.undeclared(at, target, span, found),
                }
            }
            Target::Count(_) | Target::Each(_) | Target::Path(_) | Target::Terraform(_) | Target::This => return,
        };
        match self.graph.id(at, item) {
            Some(node) => {
                let key = |step: &Step| constant_key(step).filter(|_| matches!(target, Target::Resource(_)));
                found.keys.extend(rest.first().and_then(key).map(|key| (node, key)));
                found.needs.push(node);
            }
            None => self.undeclared(at, target, traversal.root_span(span).to(span), found),
        }
    }

    fn undeclared(&self, at: usize, target: &Target, span: Span, found: &mut Found) {
        found.report.0.extend(undeclared(self.module(at), target, span));
    }
}

/// The problem with a reference from outside to the data source of a check block.
fn scoped(resource: &ResourceBlock, span: Span) -> Diagnostic {
    let check = resource.check.as_deref().unwrap_or_default();
    let detail = format!(
        "The {} stands in the block check \"{check}\", and only the conditions there can refer to it. Move it out of the \
         check to use it elsewhere.",
        described(&resource.name)
    );
    Diagnostic::error("Reference to scoped resource", detail).at(span)
}

/// A block in a sentence.
pub(super) fn described(name: &ResourceName) -> String {
    let word = match name.mode {
        Mode::Data => "data source",
        Mode::Managed => "resource",
        Mode::Ephemeral => "ephemeral resource",
    };
    format!("{word} \"{}\" \"{}\"", name.type_name, name.name)
}

/// The problem with an instance key that is missing or too much.
fn instance_key(resource: &ResourceBlock, rest: &[Step], span: Span) -> Option<Diagnostic> {
    let name = &resource.name;
    let repeats = match resource.repeat {
        Repeat::Once => None,
        Repeat::Count(_) => Some("count"),
        Repeat::ForEach(_) => Some("for_each"),
    };
    let first = rest.first()?;
    let step = first.span(span);
    match (&first.kind, repeats) {
        (StepKind::Attr(_), Some(word)) => {
            let example = if word == "count" { "[count.index]" } else { "[each.key]" };
            let detail = format!(
                "The {} has {word}, so that an attribute belongs to one of its instances. Name the instance, such as {}{example}.",
                described(name),
                reference(name)
            );
            let block = Span { end: step.start, ..span };
            Some(Diagnostic::error("Missing resource instance key", detail).at(block).within(span))
        }
        (StepKind::Index(_) | StepKind::LegacyIndex(_), None) => {
            let detail = format!(
                "The {} has neither count nor for_each, so that it has no keys. Remove the brackets.",
                described(name)
            );
            let instance = Span { end: step.end, ..span };
            Some(Diagnostic::error("Unexpected resource instance key", detail).at(instance).within(span))
        }
        _ => None,
    }
}

/// Whether a trigger uses `count` or `each` where the block has none: then nothing else is looked at.
fn is_out_of_place(expr: &Expr, repeat: &Repeat) -> bool {
    mentions(expr).iter().any(|(traversal, _)| match &*traversal.root {
        "count" => !matches!(repeat, Repeat::Count(_)),
        "each" => !matches!(repeat, Repeat::ForEach(_)),
        _ => false,
    })
}
