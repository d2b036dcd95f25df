//! Answers the evaluation with planned values, and writes down what is planned for each instance on the way.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

mod reads;

pub use super::known_values::Known;

use super::change::{Action, Change, Reason};
use super::complete::complete;
use super::diff::{Changed, changes};
use super::draw::{Options, Planned, Purpose};
use super::ignore::{ignore, is_ignored};
use super::live::{Live, copy_marks, left_out, mark_schema};
use super::sharing::{self, Shared, Sharing, Undecided};
use super::steps::block_of;
use super::{checks, part_of, problem, rollouts, turned};
use crate::address::{Address, Addresses, Blocks, Mode, Resource};
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::{Answers, CreateFirst, Desired, Path, ProviderConfig, ProviderRef, Spans, Step, Trigger};
use crate::resource::{AnyResource, Cloud, Draft, Problems, Registry, Schema};
use crate::rollout::{Governance, configured};
use crate::value::{Marks, Type, Value};

/// Providers that are configured with what is not known yet, and where that comes from.
pub(super) type Late = BTreeMap<ProviderRef, BTreeSet<Address>>;

/// What was read and opened so far.
#[derive(Default)]
pub struct Readings {
    /// Data sources that were read, by address.
    pub data: BTreeMap<Address, Value>,
    /// Ephemeral resources that are open, by address.
    pub open: BTreeMap<Address, Value>,
    /// Data sources that cannot be read, and why.
    pub unread: BTreeMap<Address, Report>,
}

/// Plans instance by instance while the configuration is evaluated.
pub struct Planner<'a> {
    registry: &'a Registry,
    live: &'a Live,
    pub(super) readings: Readings,
    /// Whether the evaluation waits while data sources are read and ephemeral resources opened.
    pub(super) waits: bool,
    /// What the evaluation waits for.
    pub(super) awaited: Vec<Arc<Desired>>,
    /// Connections that could be made.
    clouds: &'a BTreeMap<ProviderRef, Cloud>,
    options: &'a Options,
    /// What is planned so far, in the order of dependency.
    changes: Vec<Change>,
    /// By block, where its changes are.
    by_block: HashMap<Arc<Resource>, Vec<usize>>,
    /// What the last `depends_on` named.
    named: Option<(Arc<Blocks>, Addresses)>,
    /// Data sources that can be read now, objects that `import` blocks name, and ephemeral resources to open.
    to_read: Vec<Arc<Desired>>,
    /// Provider configurations that are used.
    providers: BTreeMap<ProviderRef, ProviderConfig>,
    /// Those whose configuration is not known yet, with where its values come from.
    late: Late,
    /// What deployment controllers govern.
    governance: &'a Governance,
    /// What is configured, of attributes that a deployment controller may move on.
    configured: BTreeMap<Address, Value>,
    /// Where governed objects stand in the files.
    spans: BTreeMap<Address, Spans>,
    /// Task definitions that are shared with a pipeline.
    sharing: BTreeMap<Address, Sharing>,
    /// What both changed and nothing was decided about.
    conflicts: Vec<Undecided>,
    /// By instance, services whose deployments say what is not known yet in it.
    waiting: BTreeMap<Address, BTreeSet<Address>>,
    /// Services that say what is not known yet in an instance that is planned to change.
    needed: BTreeSet<Address>,
    /// Warnings.
    warnings: Report,
}

impl<'a> Planner<'a> {
    /// A planner over what exists.
    pub fn new(
        registry: &'a Registry,
        live: &'a Live,
        readings: Readings,
        clouds: &'a BTreeMap<ProviderRef, Cloud>,
        options: &'a Options,
        governance: &'a Governance,
    ) -> Self {
        Self {
            registry,
            live,
            readings,
            waits: false,
            awaited: Vec::new(),
            clouds,
            options,
            changes: Vec::new(),
            by_block: HashMap::new(),
            named: None,
            to_read: Vec::new(),
            providers: BTreeMap::new(),
            late: Late::new(),
            governance,
            configured: BTreeMap::new(),
            spans: BTreeMap::new(),
            sharing: BTreeMap::new(),
            conflicts: Vec::new(),
            waiting: BTreeMap::new(),
            needed: BTreeSet::new(),
            warnings: Report::default(),
        }
    }

    /// What can be read now (data sources, and objects that `import` blocks name), what was read, and what is planned.
    pub(super) fn finish(self) -> (Vec<Arc<Desired>>, Readings, Planned) {
        let Self { changes, warnings, to_read, providers, configured, spans, governance, .. } = self;
        let (sharing, conflicts, waiting, late) = (self.sharing, self.conflicts, self.waiting, self.late);
        let mut revisions: BTreeSet<Resource> =
            changes.iter().flat_map(|change| rollouts::old_revisions(change, governance)).collect();
        revisions.extend(changes.iter().filter_map(|change| rollouts::running_revision(change, governance)));
        (
            to_read,
            self.readings,
            Planned {
                changes,
                create_first: CreateFirst::default(),
                revisions,
                warnings,
                providers,
                configured,
                spans,
                sharing,
                conflicts,
                waiting,
                needed: self.needed,
                late,
            },
        )
    }

    fn is_offline(&self) -> bool {
        self.options.mode == Purpose::Validate
    }

    fn managed(&mut self, want: &Desired) -> Result<Value, Report> {
        let Some(resource) = self.registry.resource(want.address.type_name()).cloned() else {
            return Err(Diagnostic::bug(format!("The type of {} has no table", want.address)).into());
        };
        if let Some(value) = self.live.left_out.get(&want.address) {
            // A deletion is evaluated as a whole: providers may be configured with what it is not about.
            return Ok(value.clone());
        }
        // What is to be deleted is what it is until then: providers are configured with it.
        let is_going = self.options.mode == Purpose::Destroy && self.live.objects.contains_key(&want.address);
        if is_going || self.options.mode == Purpose::RefreshOnly {
            return self.as_it_is(want, &resource);
        }
        let object = if self.is_offline() { None } else { self.live.objects.get(&want.address) };
        let is_gone = self.live.vanished.contains_key(&want.address);
        if object.is_none() && !is_gone && want.import.is_some() && self.options.mode == Purpose::Normal {
            self.to_read.push(Arc::new(want.clone()));
        }
        let prior = object.map(|object| &object.attributes);
        let said = match prior.filter(|_| want.generated) {
            Some(object) => super::generate::accepted(&resource, object).0,
            None => want.config.clone(),
        };
        let config = ignore(&want.lifecycle.ignore_changes, resource.schema(), &said, prior);
        let (said, config) = match self.share(want, &resource) {
            Some(shared) => (shared.merged.clone(), shared.config().clone()),
            None => (said, config),
        };
        let config = self.hold(want, &resource, config, prior);
        let cloud = self.cloud(&want.provider);
        let draft = draft(&resource, cloud, &config, prior);
        // What is wrong with a generated block is told once it is written, where it stands.
        if !want.generated {
            self.check(&resource, &draft, want)?;
        }
        let is_triggered = self.is_triggered(&want.lifecycle.replace_triggered_by)?;
        let (planned, forced) = draft.finish();
        let (action, reason, changed) = match prior {
            // Everything is new: no attribute changes.
            None if is_triggered => (Action::Create, Reason::ByTriggers, Vec::new()),
            None => (Action::Create, Reason::None, Vec::new()),
            Some(prior) => {
                let is_tainted = object.is_some_and(|object| object.is_tainted);
                self.decide(want, &resource, (is_tainted, is_triggered), prior, &planned, &forced)
            }
        };
        let after = match (action, prior) {
            (Action::NoOp, Some(prior)) => prior.clone(),
            // Nothing is ignored for an object that is made anew.
            (Action::Replace { .. }, _) => replan(&resource, cloud, &said),
            _ => planned,
        };
        let visible = mark_schema(resource.schema(), &after);
        let shown = sharing::seen(self.live, self.sharing.get(&want.address), &want.address, visible.clone());
        let before = prior.cloned().unwrap_or_else(|| Value::null(Type::Any));
        let shown = rollouts::until_deployed(&want.address, action, &before, shown);
        let shown = self.live.turned.seen(&want.address, shown);
        self.record(want, action, reason, before, visible, changed);
        Ok(shown)
    }

    /// What the stack file and a pipeline changed of a task definition, put together.
    fn share(&mut self, want: &Desired, resource: &Arc<dyn AnyResource>) -> Option<Shared> {
        if self.options.mode != Purpose::Normal {
            return None;
        }
        let shared = sharing::share(self.live, self.governance, &self.options.takes, want, resource.schema())?;
        self.sharing.insert(want.address.clone(), shared.sharing.clone());
        self.conflicts.extend(shared.conflicts.iter().cloned());
        Some(shared)
    }

    /// The configuration with what belongs to a deployment controller as it is.
    fn hold(&mut self, want: &Desired, resource: &Arc<dyn AnyResource>, config: Value, prior: Option<&Value>) -> Value {
        let address = &want.address;
        let is_ignored = |name: &str| is_ignored(&want.lifecycle.ignore_changes, name);
        let said = sharing::by_own_name(&self.sharing, &want.config);
        let now = configured::configured(address.type_name(), resource.schema(), &said, &is_ignored);
        let Some(now) = now else { return config };
        self.configured.insert(address.clone(), now);
        self.spans.insert(address.clone(), want.spans.clone());
        match prior {
            Some(prior) => sharing::hold(self.governance, self.live, &self.sharing, address, &config, prior),
            None => config,
        }
    }

    /// The object as it exists.
    fn as_it_is(&mut self, want: &Desired, resource: &Arc<dyn AnyResource>) -> Result<Value, Report> {
        let Some(object) = self.live.objects.get(&want.address) else {
            if self.options.absent_is_unknown {
                let unknown = Value::unknown(resource.schema().ty.clone());
                if self.options.to_import.as_ref() == Some(&want.address) {
                    self.record(want, Action::NoOp, Reason::None, unknown.clone(), unknown.clone(), Vec::new());
                }
                return Ok(unknown);
            }
            // The evaluation leaves out what is absent (`is_absent`).
            return Err(Diagnostic::bug(format!("{} was to be read, and is not there", want.address)).into());
        };
        let value = object.attributes.clone();
        let visible = mark_schema(resource.schema(), &value);
        self.record(want, Action::NoOp, Reason::None, value, visible.clone(), Vec::new());
        Ok(visible)
    }

    /// Reports what the table and the type find wrong with the draft.
    fn check(&mut self, resource: &Arc<dyn AnyResource>, draft: &Draft, want: &Desired) -> Result<(), Report> {
        let mut found = Problems::default();
        checks::check(resource.schema(), draft.config(), &mut found);
        resource.check(draft, &mut found);
        let mut report = Report::default();
        for one in &found.found {
            let diagnostic = problem::from_problem(one, &want.address, &want.spans);
            if one.is_warning { self.warnings.push(diagnostic) } else { report.push(diagnostic) }
        }
        report.or(())
    }

    fn decide(
        &self,
        want: &Desired,
        resource: &Arc<dyn AnyResource>,
        (is_tainted, is_triggered): (bool, bool),
        prior: &Value,
        planned: &Value,
        forced: &[&str],
    ) -> (Action, Reason, Vec<Changed>) {
        let mut changed = changes(resource.schema(), prior, planned);
        for one in &mut changed {
            let name = one.path.0.first();
            one.forces_replacement |= matches!(name, Some(Step::Attr(name)) if forced.contains(&&**name));
            // A tainted object is replaced whatever changes.
            one.forces_replacement &= !is_tainted;
        }
        let goes_along = || {
            let planned = |whole: &Address| self.of_block(&block_of(whole)).find(|change| change.address == *whole);
            part_of::goes_with(want, &**resource, self.live, planned)
        };
        let replace = Action::Replace { create_first: false };
        let (action, reason) = if is_triggered {
            (replace, Reason::ByTriggers)
        } else if is_tainted {
            (replace, Reason::Tainted)
        } else if self.options.replace.contains(&want.address) {
            (replace, Reason::ByRequest)
        } else if changed.iter().any(|one| one.forces_replacement) || goes_along() {
            (replace, Reason::CannotUpdate)
        } else if changed.is_empty() && !changes_secrecy(resource.schema(), &want.config, prior, planned) {
            (Action::NoOp, Reason::None)
        } else {
            (Action::Update, Reason::None)
        };
        (action, reason, changed)
    }

    /// Whether there are objects of a trigger that is not configured any more: their going is no reason to replace others,
    /// and no mistake.
    fn is_going(&self, trigger: &Trigger) -> bool {
        self.live.objects.keys().any(|address| is_meant(trigger, address))
    }

    /// Whether one of the triggers is planned to change: an object that is changed or replaced, or an attribute of one.
    fn is_triggered(&self, triggers: &[Trigger]) -> Result<bool, Report> {
        let mut report = Report::default();
        let mut is_triggered = false;
        for trigger in triggers.iter().filter(|_| !self.is_offline()) {
            let block = trigger.resource.without_keys();
            let mut meant = self.of_block(&block).filter(|change| is_meant(trigger, &change.address)).peekable();
            if meant.peek().is_none() && !self.is_going(trigger) {
                report.push(no_change(trigger));
            }
            is_triggered |= meant.any(|change| {
                matches!(change.action, Action::Update | Action::Replace { .. }) && differs(change, &trigger.path)
            });
        }
        report.or(is_triggered)
    }

    fn record(
        &mut self,
        want: &Desired,
        action: Action,
        reason: Reason,
        before: Value,
        after: Value,
        changed: Vec<Changed>,
    ) {
        if self.is_offline() {
            return; // Nobody asks what would be done.
        }
        let dependencies = self.dependencies(want, action);
        if action != Action::NoOp {
            self.note_needs(want);
        }
        let change = Change {
            address: want.address.clone(),
            deposed: None,
            moved_from: None,
            importing: None,
            provider: want.provider.clone(),
            action,
            reason,
            before,
            after,
            changed,
            dependencies,
            recorded: want.references.clone(),
            had: self.live.objects.get(&want.address).map(|object| object.dependencies.clone()).unwrap_or_default(),
            create_before_destroy: false,
            span: Some(want.spans.header()),
        };
        self.by_block.entry(block_of(&want.address)).or_default().push(self.changes.len());
        self.changes.push(change);
    }

    /// Instances that the instance depends on: where its values and those of its provider come from, what may trigger its
    /// replacement, and all of what `depends_on` names.
    fn dependencies(&mut self, want: &Desired, action: Action) -> Addresses {
        let named = self.named_dependencies(want);
        let awaited = self.awaited_by(want, action);
        if !awaited.is_empty() {
            self.waiting.insert(want.address.clone(), awaited.clone());
        }
        let connected = self.late.get(&want.provider).into_iter().flatten().cloned();
        let triggers = want.lifecycle.replace_triggered_by.iter().flat_map(|trigger| {
            let is_meant = |change: &&Change| trigger.key.is_none() || trigger.key == change.address.key;
            self.of_block(&trigger.resource).filter(is_meant).map(|change| change.address.clone())
        });
        let more = triggers.chain(awaited).chain(connected);
        let mut more = more.filter(|address| !named.contains(address) && *address != want.address).peekable();
        if more.peek().is_none() {
            return named.clone();
        }
        more.chain(named.iter().cloned()).collect()
    }

    /// Services whose deployments the instance waits for: they say what is not known yet in its configuration or in that of
    /// its provider, or what its provisioners are told.
    fn awaited_by(&self, want: &Desired, action: Action) -> BTreeSet<Address> {
        let turned = &self.live.turned;
        let mut all = turned.awaited(&want.config, &want.references);
        if let Some(provider) = self.providers.get(&want.provider).filter(|_| action != Action::NoOp) {
            all.extend(turned.awaited(&provider.config, &want.references));
        }
        if matches!(action, Action::Create | Action::Replace { .. } | Action::Read) {
            all.extend(turned.by_blocks(&want.awaits));
        }
        all
    }

    /// Notes which services say what is not known yet in the instance, or what its provisioners are told.
    fn note_needs(&mut self, want: &Desired) {
        if self.governance.services.is_empty() {
            return; // Nobody else deploys.
        }
        let told = want.awaits.iter().filter(|block| &*block.type_name == rollouts::SERVICE);
        let told: Vec<Address> = told.flat_map(|block| self.of_block(block)).map(|one| one.address.clone()).collect();
        self.needed.extend(told);
        if !want.config.is_wholly_known() {
            turned::unknown_origins(&want.config, &Marks::default(), &mut |origin| {
                self.needed.extend(Some(origin).filter(|one| one.type_name() == rollouts::SERVICE).cloned());
            });
        }
    }

    /// The connection of a provider whose configuration is known.
    fn cloud(&self, provider: &ProviderRef) -> Option<&'a Cloud> {
        self.clouds.get(provider).filter(|_| !self.late.contains_key(provider))
    }

    fn named_dependencies(&mut self, want: &Desired) -> Addresses {
        if want.depends_on.is_empty() {
            return want.origins.clone();
        }
        let named = match &self.named {
            // All instances of a block name the same.
            Some((blocks, named)) if Arc::ptr_eq(blocks, &want.depends_on) => named.clone(),
            _ => {
                let named = want.depends_on.iter().flat_map(|block| self.of_block(block));
                let named: Addresses = named.map(|change| change.address.clone()).collect();
                self.named = Some((want.depends_on.clone(), named.clone()));
                named
            }
        };
        if want.origins.is_subset(&named) && !named.contains(&want.address) {
            return named;
        }
        named.union(&want.origins).without(&want.address)
    }

    /// What is planned so far for the instances of a block.
    fn of_block(&self, block: &Resource) -> impl Iterator<Item = &Change> {
        let places = self.by_block.get(block).into_iter().flatten();
        places.filter_map(|at| self.changes.get(*at))
    }
}

/// Whether an argument becomes sensitive, or ceases to be: the state must remember it, although nothing else changes.
fn changes_secrecy(schema: &Schema, config: &Value, prior: &Value, planned: &Value) -> bool {
    let (prior, planned) = (mark_schema(schema, prior), mark_schema(schema, planned));
    let is_said = |name: &str| config.get(name).is_some_and(|said| !said.is_null());
    let mut said = schema.attrs.iter().filter(|attr| attr.is_input() && is_said(attr.name));
    said.any(|attr| {
        let (Some(prior), Some(planned)) = (prior.get(attr.name), planned.get(attr.name)) else { return false };
        let bare = planned.unmarked();
        copy_marks(prior, &bare) != copy_marks(planned, &bare)
    })
}

pub(super) fn schema(registry: &Registry, mode: Mode, type_name: &str) -> Option<&'static Schema> {
    match mode {
        Mode::Managed => registry.resource(type_name).map(|resource| resource.schema()),
        Mode::Data => registry.source(type_name).map(|source| source.schema()),
        Mode::Ephemeral => registry.ephemeral(type_name).map(|ephemeral| ephemeral.schema()),
    }
}

pub(super) fn type_names(registry: &Registry, mode: Mode) -> Vec<&'static str> {
    match mode {
        Mode::Managed => registry.resources().map(|resource| resource.type_name()).collect(),
        Mode::Data => registry.sources().map(|source| source.type_name()).collect(),
        Mode::Ephemeral => registry.ephemerals().map(|ephemeral| ephemeral.type_name()).collect(),
    }
}

/// Whether a trigger names the object. Without a key it names all of a block, but no attribute of theirs.
fn is_meant(trigger: &Trigger, address: &Address) -> bool {
    let is_whole = trigger.key.is_none() && trigger.path.0.is_empty();
    *address.resource == trigger.resource && (is_whole || trigger.key == address.key)
}

/// Whether what is at the path changes; nothing there is no change.
fn differs(change: &Change, path: &Path) -> bool {
    let (before, after) = (path.find(&change.before), path.find(&change.after));
    path.0.is_empty() || before.map(Value::unmarked) != after.map(Value::unmarked)
}

/// A trigger that names no instance there is, or the instance itself.
fn no_change(trigger: &Trigger) -> Diagnostic {
    let key = trigger.key.as_ref().map(ToString::to_string).unwrap_or_default();
    let name = crate::address::Resource { module: crate::address::ModulePath::root(), ..trigger.resource.clone() };
    let module = match &trigger.resource.module {
        root if root.is_root() => "the root module".to_owned(),
        module => module.to_string(),
    };
    let detail = format!(
        "replace_triggered_by names {name}{key}, but there is no such object that could change before this one. It may have no \
         instances, not this one, or be the resource itself."
    );
    Diagnostic::error(format!("no change found for {name}{key} in {module}"), detail).at(trigger.span)
}

/// A data source or an ephemeral resource as it is configured, refused when the table or `check` finds something wrong.
fn drafted(
    want: &Desired,
    schema: &'static Schema,
    check: impl FnOnce(&Draft, &mut Problems),
) -> Result<Value, Report> {
    let planned = complete(schema, &want.config, None);
    let draft = Draft::new(want.config.clone(), planned.clone(), None);
    let mut found = Problems::default();
    checks::check(schema, draft.config(), &mut found);
    check(&draft, &mut found);
    let problems = found.found.iter().map(|one| problem::from_problem(one, &want.address, &want.spans));
    Report(problems.collect()).or(planned)
}

/// The draft of an object, adjusted by its type.
pub fn draft(resource: &Arc<dyn AnyResource>, cloud: Option<&Cloud>, config: &Value, prior: Option<&Value>) -> Draft {
    let planned = complete(resource.schema(), config, prior);
    let mut draft = Draft::new(config.clone(), planned, prior.cloned());
    resource.revise(cloud, &mut draft);
    draft
}

/// The planned object when it is made anew.
fn replan(resource: &Arc<dyn AnyResource>, cloud: Option<&Cloud>, config: &Value) -> Value {
    draft(resource, cloud, config, None).finish().0
}

impl Answers for Planner<'_> {
    fn schema(&self, mode: Mode, type_name: &str) -> Option<&'static Schema> {
        schema(self.registry, mode, type_name)
    }

    fn type_names(&self, mode: Mode) -> Vec<&'static str> {
        type_names(self.registry, mode)
    }

    fn provider_schema(&self, name: &str) -> Option<&'static Schema> {
        self.registry.provider(name).map(|provider| provider.schema())
    }

    fn accepts_open(&self) -> bool {
        self.options.offline
    }

    fn plans_changes(&self) -> bool {
        self.options.mode != Purpose::RefreshOnly
    }

    fn existing(&self, block: &Resource) -> Vec<Address> {
        self.live.objects.keys().filter(|address| *address.resource == *block).cloned().collect()
    }

    fn left_out(&self, block: &Resource) -> Vec<(Address, Value)> {
        left_out(&self.live.left_out, block)
    }

    fn provider(&mut self, provider: &ProviderRef, config: &ProviderConfig) -> Result<(), Report> {
        self.providers.insert(provider.clone(), config.clone());
        if !config.config.is_wholly_known() {
            let mut origins = self.live.turned.awaited(&config.config, &Blocks::default());
            origins.extend(config.config.marks_deep().origins().cloned());
            self.late.insert(provider.clone(), origins);
        }
        Ok(())
    }

    fn announce(&mut self, batch: &[Arc<Desired>]) -> bool {
        let awaited: Vec<_> = batch.iter().filter(|want| self.waits && self.is_awaited(want)).cloned().collect();
        let is_put_off = !awaited.is_empty();
        self.awaited.extend(awaited);
        is_put_off
    }

    fn is_absent(&self, want: &Desired) -> bool {
        let is_there = || self.live.objects.contains_key(&want.address);
        let leaves_out = self.options.mode == Purpose::RefreshOnly && !self.options.absent_is_unknown;
        leaves_out && want.address.is_managed() && !is_there()
    }

    fn instance(&mut self, want: &Desired) -> Result<Value, Report> {
        match want.address.resource.mode {
            Mode::Managed => self.managed(want),
            Mode::Data => self.data(want),
            Mode::Ephemeral => self.ephemeral(want),
        }
    }
}
