//! Resource blocks: their instances, configuration and conditions; provider blocks.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::sync::Arc;

use super::{Evaluator, Prepared, provision, visible};
use crate::address::{Address, Blocks, Key, Mode, Resource};
use crate::diagnostic::{Diagnostic, Report, near_miss};
use crate::lang::blocks::{META_ARGUMENTS, meta_blocks};
use crate::lang::conditions;
use crate::lang::config::{Condition, ModuleBody, ResourceBlock, ResourceName};
use crate::lang::decode::Decoder;
use crate::lang::desired::{Answers, CheckKind, Desired, Lifecycle, Outcome, ProviderConfig, ProviderRef};
use crate::lang::expand::{Expansion, NoInstances, expand};
use crate::lang::expr::Eval;
use crate::lang::graph::{Item, NodeId, static_path};
use crate::lang::own::Own;
use crate::lang::references::Mention;
use crate::lang::scope::ModuleScope;
use crate::lang::spans::Spans;
use crate::lang::store::{InstanceCell, Instances, Repeated, Repetition, ResourceCell};
use crate::lang::target::Target;
use crate::lang::{lifecycle, providers};
use crate::resource::attr::Schema;
use crate::value::{Marks, Type, Value};

/// The instances of one block that will be asked for.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) prepared: Vec<Prepared>,
    /// By module instance, still without instances.
    cells: Vec<ResourceCell>,
}

impl Evaluator {
    /// The block of a resource node.
    pub(super) fn block(&self, id: NodeId) -> Option<(usize, BlockRef)> {
        let node = &self.graph.nodes[id];
        match &node.item {
            Item::Resource(name) => {
                let body = self.config.modules[node.module].body.clone();
                let at = body.resources.get_index_of(name)?;
                Some((node.module, BlockRef { body, at }))
            }
            _ => None,
        }
    }

    /// Evaluates the configuration of all instances of a block.
    pub(super) fn prepare(&mut self, id: NodeId, answers: &mut dyn Answers, report: &mut Report) -> Batch {
        let mut batch = Batch::default();
        let Some((module, block)) = self.block(id) else { return batch };
        let Some(schema) = answers.schema(block.name.mode, &block.name.type_name) else {
            report.push(no_such_type(&block, answers));
            return batch;
        };
        report.extend(lifecycle::check_ignored(&block.lifecycle.ignore_changes, schema));
        report.extend(self.check_provisioners(module, &block, schema));
        let known = answers.provider_source(block.name.mode, &block.name.type_name).map(str::to_owned);
        let provider = providers::reference(&self.config, module, &block, known.as_deref());
        if let Err(problems) = self.use_provider(&provider, &block, answers) {
            report.extend(problems);
            return batch;
        }
        let shared = self.shared(id, provider);
        let imports = match self.imports_of(module, &block.name) {
            Ok(imports) => imports,
            Err(problems) => {
                report.extend(problems);
                return batch;
            }
        };
        let own = self.graph.wrong(id).own;
        if !own.before.is_empty() {
            // What others see of the block it sees itself: its own references may name what is not there.
            self.store.resources[id] = self.own_view(module, &block, schema);
        }
        batch.cells = Vec::with_capacity(self.instances_of(module));
        for at in 0..self.instances_of(module) {
            let scope = self.scope(module, at);
            let expansion = match expand(&block.repeat, &scope, self.is_validation()) {
                Ok(expansion) => expansion,
                Err(NoInstances::Open(_)) if answers.accepts_open() || self.is_excluded(&block, module, at) => {
                    batch.cells.push(ResourceCell { repeated: Repeated::Open, ..ResourceCell::default() });
                    continue;
                }
                Err(why) => {
                    report.extend(why.into());
                    continue;
                }
            };
            batch.cells.push(ResourceCell {
                repeated: expansion.repeated,
                marks: expansion.marks.clone(),
                open: expansion.open,
                instances: Instances::with_capacity(expansion.instances.len()),
                ..ResourceCell::default()
            });
            let ahead = match self.ahead(&own, &block, (module, at), &expansion, answers) {
                Ok(ahead) => ahead,
                Err(problems) => {
                    report.extend(problems);
                    continue;
                }
            };
            for (key, repetition) in expansion.instances {
                if !self.selection.is_whole() && self.taken(&block, module, at, key.as_ref()).is_none() {
                    continue;
                }
                let one = Instance { module, at, key, repetition: &repetition, marks: &expansion.marks };
                match self.desired(&block, schema, &one, &shared) {
                    Ok((mut desired, warnings)) => {
                        report.extend(warnings);
                        imports.give(&mut desired);
                        if !ahead.is_empty() {
                            let others = Marks::origins_of(ahead.iter().cloned()).origins_but(&desired.address);
                            desired.origins = desired.origins.union(&others);
                        }
                        batch.prepared.push(Prepared { desired: Arc::new(desired), module_instance: at, repetition });
                    }
                    Err(problems) => report.extend(self.refused(&block, &one).unwrap_or(problems)),
                }
            }
            if !self.selection.is_whole() {
                let left = self.left_out(&block, (module, at), answers);
                let Some(cell) = batch.cells.last_mut() else { continue };
                for (key, value) in left.into_iter().filter(|(key, _)| cell.repeated.fits(key.as_ref())) {
                    cell.instances.insert(key, InstanceCell { repetition: Repetition::none(), value });
                }
            }
        }
        if !self.is_validation() && answers.plans_changes() && !imports.is_empty() {
            let known: HashSet<&Address> = batch.prepared.iter().map(|one| &one.desired.address).collect();
            let is_known = |address: &Address| known.contains(address) || !self.takes(address);
            report.0.extend(imports.left_over(&batch.cells, is_known));
        }
        batch
    }

    /// The instances that others of their block name, if none of them waits for itself.
    fn ahead(
        &self,
        own: &Own,
        block: &ResourceBlock,
        (module, at): (usize, usize),
        expansion: &Expansion,
        answers: &dyn Answers,
    ) -> Result<Vec<Address>, Report> {
        if self.is_validation() || own.is_empty() {
            return Ok(Vec::new());
        }
        let keys = expansion.instances.iter().map(|(key, _)| key.as_ref());
        let taken: Vec<Address> = keys.filter_map(|key| self.taken(block, module, at, key)).collect();
        if !own.before.is_empty() && answers.plans_changes() {
            // Those that are not wanted any more wait too.
            let path = self.store.modules[module].list[at].path.clone();
            let ResourceName { mode, type_name, name } = block.name.clone();
            let mut all = answers.existing(&Resource { module: path, mode, type_name, name });
            all.retain(|address| !taken.contains(address) && self.takes(address));
            let all = [taken.clone(), all].concat();
            if let Some(circle) = own.circle(&all, block.block.header_span) {
                return Err(circle.into());
            }
        }
        let mut problems = Report::default();
        taken.iter().for_each(|one| problems.extend(own.problems(&block.name, one.key.as_ref())));
        if answers.plans_changes() && !taken.is_empty() {
            problems.extend(own.triggers.clone());
        }
        problems.or(taken.into_iter().filter(|one| own.before.contains(&one.key)).collect())
    }

    /// The preconditions that an instance does not fulfil: what is wrong with its configuration may come from there.
    fn refused(&mut self, block: &ResourceBlock, one: &Instance<'_>) -> Option<Report> {
        if self.is_validation() {
            return None;
        }
        let verdict = self.conditions(&block.lifecycle.preconditions, conditions::PRECONDITION, one, None);
        if !verdict.report.has_errors() {
            return None;
        }
        let ResourceName { mode, type_name, name } = block.name.clone();
        let module = self.store.modules[one.module].list[one.at].path.clone();
        let address = Address::new(Resource { module, mode, type_name, name }, one.key.clone());
        Some(self.record_resource(&address, verdict, false))
    }

    /// What all instances of a block have in common.
    pub(super) fn shared(&self, id: NodeId, provider: ProviderRef) -> Shared {
        // The source of a provider is kept once.
        let provider = self.providers.get_key_value(&provider).map_or(provider, |(known, _)| known.clone());
        let awaits = self.awaits(id);
        Shared {
            block: self.graph.nodes[id].resource.clone(),
            references: self.references[id].clone(),
            depends_on: self.depends_on(id, &awaits),
            direct: self.direct(id),
            awaits,
            all: OnceCell::new(),
            provider,
        }
    }

    /// What a block that refers to itself sees of itself before it is planned: which instances there are, and their type.
    fn own_view(&self, module: usize, block: &ResourceBlock, schema: &'static Schema) -> Vec<ResourceCell> {
        let view = |at: usize| {
            let mut cell = ResourceCell::default();
            if let Ok(expansion) = expand(&block.repeat, &self.scope(module, at), self.is_validation()) {
                cell.repeated = expansion.repeated;
                for (key, repetition) in expansion.instances {
                    cell.instances.insert(key, InstanceCell { repetition, value: schema.unknown() });
                }
                if !self.is_validation() {
                    cell.join();
                }
            }
            cell
        };
        (0..self.instances_of(module)).map(view).collect()
    }

    /// The configuration of one instance, and its preconditions.
    pub(super) fn desired(
        &self,
        block: &ResourceBlock,
        schema: &'static Schema,
        one: &Instance<'_>,
        shared: &Shared,
    ) -> Result<(Desired, Report), Report> {
        let path = self.store.modules[one.module].list[one.at].path.clone();
        let name = &block.name;
        let resource = match &shared.block {
            Some(block) if block.module == path => block.clone(),
            _ => Arc::new(Resource {
                module: path,
                mode: name.mode,
                type_name: name.type_name.clone(),
                name: name.name.clone(),
            }),
        };
        let address = Address { resource, key: one.key.clone() };
        let about = |report: Report| Report(report.0.into_iter().map(|problem| problem.about(&address)).collect());
        let scope = self.scope_of(one);
        let eval = Eval::new(&scope);
        let decoder = Decoder {
            eval: &eval,
            meta_arguments: &META_ARGUMENTS,
            meta_blocks: meta_blocks(block.name.mode),
            allows_ephemeral: block.name.mode == Mode::Ephemeral,
        };
        let is_asked_for = !(block.generated || self.refreshes && block.name.mode == Mode::Managed);
        let config = if is_asked_for { decoder.top(&block.block.body, schema) } else { schema.absent() };
        let lifecycle = self.lifecycle(block, one, &eval);
        let warnings = about(eval.into_report());
        if warnings.has_errors() {
            return Err(warnings);
        }
        let around = &self.store.modules[one.module].list[one.at];
        let each = one.repetition.value.iter().chain(&one.repetition.key);
        let marks = each.fold(config.marks_deep().union(one.marks).union(&around.marks), |marks, value| {
            marks.union(&value.marks_deep())
        });
        // An unknown value that does not say where it comes from may come from anything that the block refers to.
        let depends_on = if address.is_managed() && config.has_unknown_without_origin() {
            shared.all().clone()
        } else {
            shared.depends_on.clone()
        };
        let desired = Desired {
            origins: marks.origins_but(&address),
            config,
            spans: Spans::new(block.block.clone()),
            depends_on,
            awaits: shared.awaits.clone(),
            direct: shared.direct.clone(),
            references: shared.references.clone(),
            lifecycle,
            provider: shared.provider.clone(),
            has_conditions: !block.lifecycle.preconditions.is_empty() || !block.lifecycle.postconditions.is_empty(),
            in_check: block.check.is_some(),
            generated: block.generated,
            import: None,
            address,
        };
        Ok((desired, warnings))
    }

    pub(super) fn scope_of<'a>(&'a self, one: &Instance<'a>) -> ModuleScope<'a> {
        ModuleScope { repetition: one.repetition, ..self.scope(one.module, one.at) }
    }

    fn lifecycle(&self, block: &ResourceBlock, one: &Instance<'_>, eval: &Eval<'_>) -> Lifecycle {
        let path = &self.store.modules[one.module].list[one.at].path;
        let triggers = block.lifecycle.replace_triggered_by.iter();
        Lifecycle {
            prevent_destroy: block.lifecycle.prevent_destroy,
            ignore_changes: block.lifecycle.ignore_changes.clone(),
            // What is looked at is the plan alone: a validation has no instances to name, and a refresh replaces nothing.
            replace_triggered_by: if self.is_validation() || self.refreshes {
                Vec::new()
            } else {
                triggers.filter_map(|expr| lifecycle::trigger(expr, path, eval)).collect()
            },
        }
    }

    /// Asks for the instances of a block and keeps their values.
    pub(super) fn answer(
        &mut self,
        id: NodeId,
        batch: Batch,
        answers: &mut dyn Answers,
        outcome: &mut Outcome,
        report: &mut Report,
    ) {
        let Some((module, block)) = self.block(id) else { return };
        let Batch { prepared, mut cells } = batch;
        let checks_only = self.is_validation();
        let schema = answers.schema(block.name.mode, &block.name.type_name);
        let anything = schema.map_or_else(|| Value::unknown_not_null(Type::Any), Schema::unknown);
        for one in prepared {
            let Prepared { mut desired, module_instance: at, repetition } = one;
            let address = desired.address.clone();
            let key = address.key.clone();
            let instance = Instance { module, at, key: key.clone(), repetition: &repetition, marks: &Marks::default() };
            let before = self.conditions(&block.lifecycle.preconditions, conditions::PRECONDITION, &instance, None);
            let failed = before.report.has_errors();
            let origins = before.marks.origins_but(&address);
            if !origins.is_subset(&desired.origins) {
                let all = desired.origins.union(&origins);
                Arc::make_mut(&mut desired).origins = all;
            }
            report.extend(self.record_resource(&address, before, false));
            if failed {
                continue;
            }
            if answers.is_absent(&desired) {
                continue;
            }
            let value = match answers.instance(&desired) {
                // What a validation sees of a resource is only its type: it could be null, for all that Terraform's knows.
                Ok(_) if checks_only => visible(Value::unknown(anything.ty()), &address),
                Ok(value) => visible(value, &address),
                Err(problems) if block.check.is_some() && !self.is_validation() => {
                    // Nobody asks how a check ends while everything goes.
                    if !self.is_destroy() {
                        report.extend(self.unread(&address, problems));
                    }
                    visible(anything.clone(), &address)
                }
                Err(problems) => {
                    report.extend(problems);
                    continue;
                }
            };
            if !checks_only {
                outcome.instances.insert(address.clone());
            }
            let after =
                self.conditions(&block.lifecycle.postconditions, conditions::POSTCONDITION, &instance, Some(&value));
            report.extend(self.record_resource(&address, after, true));
            if let Some(cell) = cells.get_mut(at) {
                cell.instances.insert(key, InstanceCell { repetition, value });
            }
        }
        self.store.open[id] = true;
        // Of a validation nothing is asked afterwards: what nobody refers to need not be kept.
        if checks_only && !self.is_referred_to(id) {
            return;
        }
        for cell in &mut cells {
            // One that is not evaluated, or not there, must not give its place to the next.
            cell.fill_gaps(&anything);
            cell.join();
        }
        self.store.resources[id] = cells;
    }

    /// Whether anything is evaluated from the node; the end of its module only waits for it.
    fn is_referred_to(&self, id: NodeId) -> bool {
        self.graph.needed_by.of(id).any(|after| !matches!(self.graph.nodes[after].item, Item::Close))
    }

    pub(super) fn conditions(
        &self,
        conditions: &[Condition],
        words: conditions::Words,
        one: &Instance<'_>,
        this: Option<&Value>,
    ) -> conditions::Verdict {
        let mut scope = self.scope_of(one);
        scope.this = this;
        if self.is_validation() {
            return conditions::Verdict { report: conditions::sound(conditions, &scope), ..Default::default() };
        }
        if self.is_destroy() {
            return conditions::Verdict::default();
        }
        conditions::check(conditions, words.warning_if(self.refreshes), &scope)
    }

    pub(super) fn record_resource(&mut self, address: &Address, verdict: conditions::Verdict, adds: bool) -> Report {
        if verdict.status.is_none() {
            return verdict.report;
        }
        let config = address.module().without_keys();
        let block = Resource { module: config, ..(*address.resource).clone() };
        let report = self.record(CheckKind::Resource, address.to_string(), block.to_string(), verdict, adds);
        Report(report.0.into_iter().map(|problem| problem.about(address)).collect())
    }

    /// Resources of `depends_on`, of the block and of the modules around it, and what provisioners refer to: that must be
    /// there when they run, although no value of the object comes from it.
    fn depends_on(&self, id: NodeId, awaits: &Blocks) -> Arc<Blocks> {
        let Some((module, block)) = self.block(id) else { return Arc::default() };
        let gate = self.graph.id(module, Item::Gate).map(|gate| self.references[gate].clone()).unwrap_or_default();
        let named = block.depends_on.iter().filter_map(|expr| Some((expr.as_traversal()?, expr.span)));
        let named = self.mentioned(module, named);
        if named.is_empty() && awaits.is_empty() {
            return gate;
        }
        let mut all = (*gate).clone();
        all.extend(named.into_iter().chain(awaits.iter().cloned()));
        Arc::new(all)
    }

    /// Resources that the provisioners of the block refer to, directly or through locals, variables and outputs; of a data
    /// source, those that its own `depends_on` names.
    fn awaits(&self, id: NodeId) -> Arc<Blocks> {
        match self.block(id) {
            Some((module, block)) if block.name.mode == Mode::Data => {
                let named = block.depends_on.iter().filter_map(|expr| Some((expr.as_traversal()?, expr.span)));
                Arc::new(self.mentioned(module, named))
            }
            Some((module, block)) if !block.provisioners.is_empty() => {
                Arc::new(self.mentioned(module, provision::mentions(&block)))
            }
            _ => Arc::default(),
        }
    }

    /// Resources behind these references.
    fn mentioned<'m>(&self, module: usize, mentions: impl Iterator<Item = Mention<'m>>) -> Blocks {
        let mut all = Blocks::default();
        for (traversal, span) in mentions {
            let Ok(target) = crate::lang::target::resolve(traversal, span) else { continue };
            let node = match target.target {
                Target::Resource(name) => {
                    let mode = name.mode;
                    let node = self.graph.id(module, Item::Resource(name));
                    all.extend(node.and_then(|node| self.graph.nodes[node].resource.clone()));
                    if mode != Mode::Ephemeral {
                        continue;
                    }
                    node
                }
                Target::Module(name) | Target::ModuleOutput(name, ..) => {
                    self.config.modules[module].children.get(&name).and_then(|child| self.graph.id(*child, Item::Close))
                }
                Target::Variable(name) => self.graph.id(module, Item::Variable(name)),
                Target::Local(name) => self.graph.id(module, Item::Local(name)),
                _ => None,
            };
            all.extend(node.iter().flat_map(|node| self.references[*node].iter().cloned()));
        }
        all
    }

    /// Makes sure that the provider configuration of a resource is there.
    fn use_provider(
        &mut self,
        provider: &ProviderRef,
        block: &ResourceBlock,
        answers: &mut dyn Answers,
    ) -> Result<(), Report> {
        if self.providers.contains_key(provider) {
            return Ok(());
        }
        if let Some(alias) = &provider.alias {
            let detail = format!(
                "There is no provider block for {} with alias = \"{alias}\" in this module, and none was passed in.",
                provider.name()
            );
            let span = block.provider.as_deref().map_or(block.block.header_span, |(_, _, span)| *span);
            return Err(Diagnostic::error("Provider configuration not present", detail).at(span).into());
        }
        let Some(schema) = answers.provider_schema(provider.name()) else { return Ok(()) };
        let config = ProviderConfig { config: schema.absent(), spans: None };
        answers.provider(provider, &config)?;
        self.providers.insert(provider.clone(), config);
        Ok(())
    }

    /// Evaluates a provider block.
    pub(super) fn provider_block(&mut self, id: NodeId, answers: &mut dyn Answers) -> Report {
        let module = self.graph.nodes[id].module;
        let Item::Provider(name, alias) = self.graph.nodes[id].item.clone() else { return Report::default() };
        let Some(block) = self.config.modules[module].body.providers.get(&(name.clone(), alias.clone())).cloned()
        else {
            return Report::default();
        };
        let source = providers::source(&self.config, module, &name);
        let provider = ProviderRef { module: static_path(&self.config.modules[module]), source, alias };
        let Some(schema) = answers.provider_schema(provider.name()) else {
            return Report::default();
        };
        let scope = self.scope(module, 0);
        let eval = Eval::new(&scope);
        let decoder =
            Decoder { eval: &eval, meta_arguments: &["alias", "version"], meta_blocks: &[], allows_ephemeral: true };
        let config = decoder.top(&block.block.body, schema);
        let report = eval.into_report();
        if report.has_errors() {
            return report;
        }
        let config = ProviderConfig { config, spans: Some(Spans::new(block.block.clone())) };
        let problems = answers.provider(&provider, &config).err().unwrap_or_default();
        self.providers.insert(provider, config);
        problems
    }
}

/// A block of a module, held without a copy of its expressions.
pub(super) struct BlockRef {
    body: Arc<ModuleBody>,
    at: usize,
}

impl std::ops::Deref for BlockRef {
    type Target = ResourceBlock;

    fn deref(&self) -> &ResourceBlock {
        &self.body.resources[self.at]
    }
}

/// Which instance is meant.
pub(super) struct Instance<'a> {
    pub(super) module: usize,
    pub(super) at: usize,
    pub(super) key: Option<Key>,
    pub(super) repetition: &'a Repetition,
    pub(super) marks: &'a Marks,
}

/// What all instances of a block have in common.
pub(super) struct Shared {
    /// The block without instance keys.
    block: Option<Arc<Resource>>,
    references: Arc<Blocks>,
    depends_on: Arc<Blocks>,
    awaits: Arc<Blocks>,
    direct: Arc<Blocks>,
    /// References and `depends_on`, once an instance asks: thousands may, and the planner knows the set again by its pointer.
    all: OnceCell<Arc<Blocks>>,
    provider: ProviderRef,
}

impl Shared {
    fn all(&self) -> &Arc<Blocks> {
        self.all.get_or_init(|| Arc::new(self.depends_on.union(&self.references).cloned().collect()))
    }
}

fn no_such_type(block: &ResourceBlock, answers: &dyn Answers) -> Diagnostic {
    let name = &block.name;
    let (summary, word, others) = match name.mode {
        Mode::Managed => ("Invalid resource type", "resource", [Mode::Data, Mode::Ephemeral]),
        Mode::Data => ("Invalid data source", "data source", [Mode::Managed, Mode::Ephemeral]),
        Mode::Ephemeral => ("Invalid ephemeral resource", "ephemeral resource", [Mode::Managed, Mode::Data]),
    };
    let other = others.into_iter().find(|other| answers.schema(*other, &name.type_name).is_some());
    let hint = match near_miss(&name.type_name, answers.type_names(name.mode)) {
        Some(near) => format!(" Did you mean \"{near}\"?"),
        None => {
            other.map(|other| format!(" There is one to be used in a {} block.", other.keyword())).unwrap_or_default()
        }
    };
    let detail = format!("There is no {word} type \"{}\".{hint}", name.type_name);
    Diagnostic::error(summary, detail)
        .at(block.block.labels.first().map(|label| label.span))
        .within(block.block.header_span)
}
