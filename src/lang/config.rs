//! A configuration: the modules of a stack as they are written.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use indexmap::IndexMap;

use super::files::Snapshot;
use super::source::Source;
use super::syntax::tree::{Attribute, Block, Body, Expr, Label};
use crate::address::{Key, Mode, ModuleStep, Resource};
use crate::diagnostic::{Report, Sources, Span};
use crate::value::{Type, Value};

/// All modules of a stack; the first is the root module.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// One entry per module call (not per instance).
    pub modules: Vec<Module>,
}

/// What [`load`](super::load()) gives. The configuration is as complete as the errors allow.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The configuration.
    pub config: Arc<Config>,
    /// Every file that was read.
    pub sources: Sources,
    /// Errors and warnings.
    pub report: Report,
    /// What was read: enough to load it again.
    pub files: Snapshot,
    /// Whether modules are missing that installing may bring.
    pub is_incomplete: bool,
}

/// A module, as one call of it sees it.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// Names of the calls from the root.
    pub path: Vec<Arc<str>>,
    /// Its folder, relative to the root module's folder as given.
    pub dir: PathBuf,
    /// Where it comes from; nothing for the root module.
    pub source: Option<Source>,
    /// Module that calls it.
    pub parent: Option<usize>,
    /// Modules it calls.
    pub children: BTreeMap<Arc<str>, usize>,
    /// What its files say. Shared by all calls of one folder.
    pub body: Arc<ModuleBody>,
}

/// What the files of a module say.
#[derive(Clone, Debug, Default)]
pub struct ModuleBody {
    /// `variable` blocks.
    pub variables: IndexMap<Arc<str>, Variable>,
    /// Arguments of `locals` blocks.
    pub locals: IndexMap<Arc<str>, Attribute>,
    /// `output` blocks.
    pub outputs: IndexMap<Arc<str>, Output>,
    /// `resource`, `data` and `ephemeral` blocks.
    pub resources: IndexMap<ResourceName, ResourceBlock>,
    /// `module` blocks.
    pub calls: IndexMap<Arc<str>, ModuleCall>,
    /// `provider` blocks by local name and alias.
    pub providers: IndexMap<(Arc<str>, Option<Arc<str>>), ProviderBlock>,
    /// `terraform` blocks.
    pub settings: Settings,
    /// `check` blocks.
    pub checks: IndexMap<Arc<str>, CheckBlock>,
    /// `moved` blocks.
    pub moved: Vec<Moved>,
    /// `removed` blocks.
    pub removed: Vec<Removed>,
    /// `import` blocks.
    pub imports: Vec<Import>,
}

/// Name of a resource block inside its module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceName {
    /// Managed, data or ephemeral.
    pub mode: Mode,
    /// Resource type.
    pub type_name: Arc<str>,
    /// Local name.
    pub name: Arc<str>,
}

/// A `variable` block.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its name.
    pub name: Arc<str>,
    /// Type constraint; `any` when none is given.
    pub ty: Type,
    /// Defaults of optional attributes inside the type.
    pub defaults: super::types::Defaults,
    /// Whether a type was given (text inputs of variables without a type are strings).
    pub has_type: bool,
    /// Default, converted to the type.
    pub default: Option<Value>,
    /// Whether null is a value (otherwise null means the default).
    pub nullable: bool,
    /// Never shown.
    pub sensitive: bool,
    /// Never stored.
    pub ephemeral: bool,
    /// What it is for.
    pub description: Option<Arc<str>>,
    /// `validation` blocks.
    pub validations: Vec<Condition>,
    /// Header of the block.
    pub span: Span,
}

/// An `output` block.
#[derive(Clone, Debug)]
pub struct Output {
    /// Its value.
    pub value: Expr,
    /// Never shown.
    pub sensitive: bool,
    /// Never stored.
    pub ephemeral: bool,
    /// What it is for.
    pub description: Option<Arc<str>>,
    /// `depends_on`.
    pub depends_on: Vec<Expr>,
    /// `precondition` blocks.
    pub preconditions: Vec<Condition>,
    /// Header of the block.
    pub span: Span,
}

/// A condition with its message.
#[derive(Clone, Debug)]
pub struct Condition {
    /// Must be true.
    pub condition: Expr,
    /// Said when it is false.
    pub message: Expr,
    /// Header of the block.
    pub span: Span,
}

/// How many instances a block has.
#[derive(Clone, Debug, Default)]
pub enum Repeat {
    /// One, without key.
    #[default]
    Once,
    /// `count`.
    Count(Box<Expr>),
    /// `for_each`.
    ForEach(Box<Expr>),
}

/// A provider as the argument `provider` names it: local name and alias, with its place.
pub type WrittenProvider = (Arc<str>, Option<Arc<str>>, Span);

/// A `resource` or `data` block. There may be very many: what few of them have stands behind a pointer.
#[derive(Clone, Debug)]
pub struct ResourceBlock {
    /// Its name.
    pub name: ResourceName,
    /// The whole block, meta arguments included.
    pub block: Arc<Block>,
    /// `count` or `for_each`.
    pub repeat: Repeat,
    /// `depends_on`.
    pub depends_on: Box<[Expr]>,
    /// `provider`: local name and alias, with its place.
    pub provider: Option<Box<WrittenProvider>>,
    /// `lifecycle`.
    pub lifecycle: Arc<LifecycleBlock>,
    /// `provisioner` blocks in order.
    pub provisioners: Box<[Provisioner]>,
    /// It is not written anywhere: the object that is imported says what it is.
    pub generated: bool,
    /// The `check` block that it stands in.
    pub check: Option<Arc<str>>,
}

/// The `lifecycle` block as written.
#[derive(Clone, Debug, Default)]
pub struct LifecycleBlock {
    /// Make the replacement first.
    pub create_before_destroy: Option<bool>,
    /// Refuse plans that destroy it.
    pub prevent_destroy: bool,
    /// What to leave as it is.
    pub ignore_changes: super::IgnoreChanges,
    /// What else replaces it.
    pub replace_triggered_by: Vec<Expr>,
    /// Checked before.
    pub preconditions: Vec<Condition>,
    /// Checked after, with `self`.
    pub postconditions: Vec<Condition>,
}

/// A `provisioner` block.
#[derive(Clone, Debug)]
pub struct Provisioner {
    /// Such as `local-exec`.
    pub kind: Arc<str>,
    /// The whole block.
    pub block: Arc<Block>,
    /// Runs before destruction, not after creation.
    pub on_destroy: bool,
    /// Goes on when it fails.
    pub may_fail: bool,
    /// Its `connection` block, laid over that of the resource.
    pub connection: Option<Arc<Block>>,
}

/// A `module` block.
#[derive(Clone, Debug)]
pub struct ModuleCall {
    /// Its name.
    pub name: Arc<str>,
    /// The whole block, meta arguments included.
    pub block: Arc<Block>,
    /// Where the module is, as written.
    pub source: Option<Arc<str>>,
    /// Which versions of it will do, as written.
    pub version: Option<Arc<str>>,
    /// `count` or `for_each`.
    pub repeat: Repeat,
    /// `depends_on`.
    pub depends_on: Vec<Expr>,
    /// `providers`: names inside the module, and what they are here.
    pub providers: Vec<PassedProvider>,
}

/// An entry of a module's `providers` map: local name and alias in the module, and here.
#[derive(Clone, Debug)]
pub struct PassedProvider {
    /// In the called module.
    pub inside: (Arc<str>, Option<Arc<str>>),
    /// In the calling module.
    pub outside: (Arc<str>, Option<Arc<str>>),
    /// Where the name inside is written.
    pub inside_span: Span,
    /// Where the name here is written.
    pub span: Span,
}

/// A `provider` block.
#[derive(Clone, Debug)]
pub struct ProviderBlock {
    /// Local name.
    pub name: Arc<str>,
    /// `alias`.
    pub alias: Option<Arc<str>>,
    /// The whole block.
    pub block: Arc<Block>,
}

/// What the `terraform` blocks say.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `required_version`, with its places.
    pub required_version: Vec<(Arc<str>, Span)>,
    /// `required_providers` by local name.
    pub required_providers: IndexMap<Arc<str>, RequiredProvider>,
    /// `backend` block.
    pub backend: Option<Arc<Block>>,
    /// `encryption` block.
    pub encryption: Option<Arc<Block>>,
}

/// An entry of `required_providers`.
#[derive(Clone, Debug)]
pub struct RequiredProvider {
    /// Source address in full, such as `registry.terraform.io/hashicorp/aws`.
    pub source: Arc<str>,
    /// Version constraint as written.
    pub version: Option<Arc<str>>,
    /// Aliases that must be passed in.
    pub aliases: Vec<(Arc<str>, Option<Arc<str>>)>,
    /// Where it is written.
    pub span: Span,
}

/// A `check` block.
#[derive(Clone, Debug)]
pub struct CheckBlock {
    /// Its name.
    pub name: Arc<str>,
    /// Assertions.
    pub asserts: Vec<Condition>,
    /// Header of the block.
    pub span: Span,
    /// The nested `data` block, also listed among the resources.
    pub data: Option<ResourceName>,
}

/// What a `moved`, `removed` or `import` block names, seen from its module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Module calls on the way, with instance keys.
    pub path: Vec<ModuleStep>,
    /// The resource and perhaps the key of one instance; none names the module at the end of the path.
    pub resource: Option<(ResourceName, Option<Key>)>,
    /// Where it is written.
    pub span: Span,
}

/// A `removed` block.
#[derive(Clone, Debug)]
pub struct Removed {
    /// `from`, without keys.
    pub from: Endpoint,
    /// Whether the objects are destroyed; otherwise they are only forgotten.
    pub destroy: bool,
    /// `connection` block.
    pub connection: Option<Arc<Block>>,
    /// `provisioner` blocks in order, all of them for destruction.
    pub provisioners: Vec<Provisioner>,
    /// The block.
    pub span: Span,
}

/// An `import` block.
#[derive(Clone, Debug)]
pub struct Import {
    /// Module calls of `to`, with their keys.
    pub path: Vec<(Arc<str>, Option<Expr>)>,
    /// The resource of `to`.
    pub resource: ResourceName,
    /// The key of `to`.
    pub key: Option<Expr>,
    /// Where `to` is written.
    pub to: Span,
    /// `id`
    pub id: Expr,
    /// `for_each`
    pub for_each: Option<Expr>,
    /// `provider`: local name and alias, with its place.
    pub provider: Option<(Arc<str>, Option<Arc<str>>, Span)>,
    /// The block.
    pub span: Span,
}

/// A `moved` block.
#[derive(Clone, Debug)]
pub struct Moved {
    /// `from`.
    pub from: Endpoint,
    /// `to`.
    pub to: Endpoint,
    /// The block.
    pub span: Span,
}

impl ModuleBody {
    /// Gives back the room that growing left over.
    pub(super) fn shrink(&mut self) {
        self.variables.shrink_to_fit();
        self.locals.shrink_to_fit();
        self.outputs.shrink_to_fit();
        self.resources.shrink_to_fit();
        self.calls.shrink_to_fit();
    }
}

impl LifecycleBlock {
    /// That of a block without one: one for all.
    pub(super) fn none() -> Arc<Self> {
        static NONE: LazyLock<Arc<LifecycleBlock>> = LazyLock::new(Arc::default);
        NONE.clone()
    }
}

impl ResourceBlock {
    /// The block for an imported object that has none.
    fn generated(import: &Import) -> Self {
        let span = import.to;
        let label = |text: &Arc<str>| Label { text: text.clone(), span };
        let body = Body { attributes: Vec::new(), blocks: Vec::new(), span, missing: span, is_json: false };
        let labels = vec![label(&import.resource.type_name), label(&import.resource.name)];
        let block = Block { kind: "resource".into(), kind_span: span, labels, body, span, header_span: span };
        Self {
            name: import.resource.clone(),
            block: Arc::new(block),
            repeat: Repeat::Once,
            depends_on: Box::default(),
            provider: import.provider.clone().map(Box::new),
            lifecycle: LifecycleBlock::none(),
            provisioners: Box::default(),
            generated: true,
            check: None,
        }
    }
}

impl Config {
    /// The root module.
    pub fn root(&self) -> Option<&Module> {
        self.modules.first()
    }

    /// With a block for each object of the root module that is imported and has none.
    #[must_use]
    pub fn with_generated(&self) -> Self {
        let mut config = self.clone();
        let Some(root) = config.modules.first_mut() else { return config };
        let mut body = (*root.body).clone();
        for import in root.body.imports.iter().filter(|import| import.path.is_empty() && import.key.is_none()) {
            if import.for_each.is_none() && !body.resources.contains_key(&import.resource) {
                body.resources.insert(import.resource.clone(), ResourceBlock::generated(import));
            }
        }
        root.body = Arc::new(body);
        config
    }

    /// The module that these calls lead to.
    pub fn module<'a>(&self, names: impl IntoIterator<Item = &'a Arc<str>>) -> Option<&Module> {
        self.modules.get(self.module_at(names)?)
    }

    /// The index of the module that these calls lead to.
    pub(in crate::lang) fn module_at<'a>(&self, names: impl IntoIterator<Item = &'a Arc<str>>) -> Option<usize> {
        names.into_iter().try_fold(0, |at, name| self.modules.get(at)?.children.get(name).copied())
    }

    /// The `removed` block about a resource, with the index of the module it stands in; instance keys do not matter.
    pub fn removed(&self, resource: &Resource) -> Option<(usize, &Removed)> {
        let is_meant = |base: &[Arc<str>], removed: &Removed| {
            let path = base.iter().chain(removed.from.path.iter().map(|step| &step.name));
            path.eq(resource.module.0.iter().map(|step| &step.name))
                && removed.from.resource.as_ref().is_some_and(|(name, _)| {
                    (name.mode, &name.type_name, &name.name) == (resource.mode, &resource.type_name, &resource.name)
                })
        };
        let of = |(at, module): (usize, &Module)| -> Option<usize> {
            module.body.removed.iter().any(|removed| is_meant(&module.path, removed)).then_some(at)
        };
        let at = self.modules.iter().enumerate().find_map(of)?;
        let module = &self.modules[at];
        module.body.removed.iter().find(|removed| is_meant(&module.path, removed)).map(|removed| (at, removed))
    }

    /// The block that a resource comes from; instance keys do not matter.
    pub fn block(&self, resource: &Resource) -> Option<&ResourceBlock> {
        let module = self.module(resource.module.0.iter().map(|step| &step.name))?;
        let Resource { mode, type_name, name, .. } = resource;
        module.body.resources.get(&ResourceName { mode: *mode, type_name: type_name.clone(), name: name.clone() })
    }
}
