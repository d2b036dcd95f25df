//! What evaluation gives: one [`Desired`] per resource instance, and the [`Outcome`] of the whole configuration.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};
use serde::{Deserialize, Serialize};

use super::path::Path;
use super::spans::Spans;
use crate::address::{Address, Addresses, Blocks, Key, Mode, ModulePath, Resource};
use crate::clock::Clock;
use crate::diagnostic::{Report, Span};
use crate::resource::attr::Schema;
use crate::value::Value;

/// The caller of evaluation: it knows the types and supplies what stands for each instance.
pub trait Answers {
    /// The attribute table of a type; `None` when there is no such type.
    fn schema(&self, mode: Mode, type_name: &str) -> Option<&'static Schema>;

    /// All types, for near misses.
    fn type_names(&self, mode: Mode) -> Vec<&'static str>;

    /// The attributes of a `provider` block; `name` is the last part of the provider's source, such as `aws`.
    fn provider_schema(&self, name: &str) -> Option<&'static Schema>;

    /// Source of the provider that a type belongs to, such as `registry.terraform.io/hashicorp/aws`; `None`
    /// leaves it to the rule "first word of the type, hashicorp".
    fn provider_source(&self, mode: Mode, type_name: &str) -> Option<&str> {
        let _ = (mode, type_name);
        None
    }

    /// A provider configuration, given once, before the first instance that uses it.
    fn provider(&mut self, provider: &ProviderRef, config: &ProviderConfig) -> Result<(), Report> {
        let _ = (provider, config);
        Ok(())
    }

    /// The instances of data sources and ephemeral resources that will be asked for next. None of them depends on
    /// another, so that they may be read together. Whether they are put off: what does not follow from them comes first,
    /// and [`Evaluator::go_on`](super::Evaluator::go_on) comes back before they are asked for.
    fn announce(&mut self, batch: &[Arc<Desired>]) -> bool {
        let _ = batch;
        false
    }

    /// Values of instances as they are remembered. When given, resource blocks are not evaluated: each instance is what
    /// is remembered of it, and nobody is asked.
    fn remembered(&self) -> Option<&BTreeMap<Address, Value>> {
        None
    }

    /// Whether another pass will know more, for example after reading data sources: blocks whose `count` or
    /// `for_each` is not known yet are then passed over, and what refers to them stays known after apply.
    fn accepts_open(&self) -> bool {
        false
    }

    /// Whether changes are planned: objects are taken over for `import` blocks, so that each must have an instance, and what
    /// triggers a replacement must be there.
    fn plans_changes(&self) -> bool {
        true
    }

    /// The objects of a block that exist, wanted or not.
    fn existing(&self, block: &Resource) -> Vec<Address> {
        let _ = block;
        Vec::new()
    }

    /// The instances of a block that are remembered and that a run about a part is not about: expressions see them as they
    /// are remembered, wanted or not.
    fn left_out(&self, block: &Resource) -> Vec<(Address, Value)> {
        let _ = block;
        Vec::new()
    }

    /// Whether the object is not there and will not be made: expressions see an instance of a repeated block only when it
    /// is there, as while a plan only looks at what changed outside.
    fn is_absent(&self, want: &Desired) -> bool {
        let _ = want;
        false
    }

    /// The value that other expressions see. Asked once per instance, in dependency order.
    fn instance(&mut self, want: &Desired) -> Result<Value, Report>;
}

/// What expressions see of the surroundings.
#[derive(Clone, Debug)]
pub struct Environment {
    /// `terraform.workspace`.
    pub workspace: String,
    /// The folder of the root module as it was given, `.` when it is the current one. `path.module` and relative
    /// paths in functions start there.
    pub root: std::path::PathBuf,
    /// `path.cwd`: where the tool was started.
    pub cwd: std::path::PathBuf,
    /// The home directory, for `~` in paths.
    pub home: Option<std::path::PathBuf>,
    /// Time and randomness of the functions that use them.
    pub clock: Clock,
    /// When planning began (`plantimestamp`), since 1970.
    pub plan_time: std::time::Duration,
    /// What evaluation is for.
    pub phase: Phase,
}

/// What evaluation is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Checks only: variables without a value, `count` and `for_each` are not known.
    Validate,
    /// Functions without a fixed result (`timestamp`, `uuid`, `bcrypt`) are known after apply.
    Plan,
    /// As for a plan, but conditions do not matter: everything is going to be destroyed.
    Destroy,
    /// Everything is evaluated.
    Apply,
}

/// One resource instance as the stack files want it.
#[derive(Clone, Debug)]
pub struct Desired {
    /// Its name.
    pub address: Address,
    /// Every attribute of the schema; what is left out is [`Shape::absent`](crate::resource::Shape::absent).
    /// No defaults are filled in. Marks carry where each value comes from.
    pub config: Value,
    /// Where the block and each value stand.
    pub spans: Spans,
    /// Exact dependencies: instances that the configuration, `count`, `for_each` and the conditions come from.
    pub origins: Addresses,
    /// From `depends_on` of the block and of the modules around it; without instance keys.
    pub depends_on: Arc<Blocks>,
    /// Resource blocks that must be as they are to be when it is provisioned or read: what its provisioners refer to, and what a
    /// data source itself names in `depends_on`.
    pub awaits: Arc<Blocks>,
    /// Of a data source: managed resources that it names itself, without instance keys.
    pub direct: Arc<Blocks>,
    /// Resource blocks that the block refers to, directly or through locals, variables and outputs; without
    /// instance keys, `depends_on` included. Its closure is what state files record.
    pub references: Arc<Blocks>,
    /// The `lifecycle` block.
    pub lifecycle: Lifecycle,
    /// The provider configuration it uses.
    pub provider: ProviderRef,
    /// It has preconditions or postconditions.
    pub has_conditions: bool,
    /// It stands in a `check` block: it is read again by every apply, and what goes wrong is the check's affair.
    pub in_check: bool,
    /// No block says what it is: the object that is imported does.
    pub generated: bool,
    /// The id of an `import` block: the object that the instance takes over when it has none yet.
    pub import: Option<Value>,
}

/// The `lifecycle` block, without its conditions.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    /// Refuse plans that destroy it.
    pub prevent_destroy: bool,
    /// What to leave as it is.
    pub ignore_changes: IgnoreChanges,
    /// What else replaces it.
    pub replace_triggered_by: Vec<Trigger>,
}

/// `ignore_changes`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum IgnoreChanges {
    /// Nothing.
    #[default]
    None,
    /// `all`.
    All,
    /// These attributes.
    Paths(Vec<(Path, Span)>),
}

/// One reference of `replace_triggered_by`: a planned change of it replaces the instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// The block, in its module instance.
    pub resource: Resource,
    /// The instance; `None` means every instance of the block.
    pub key: Option<Key>,
    /// The attribute; empty means the whole object.
    pub path: Path,
    /// Where it is written.
    pub span: Span,
}

/// A provider configuration. Without alias and with a root module path unless a `provider` block says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderRef {
    /// Module that holds the `provider` block, without instance keys.
    pub module: ModulePath,
    /// Source address, such as `registry.terraform.io/hashicorp/aws`.
    pub source: Arc<str>,
    /// The `alias`.
    pub alias: Option<Arc<str>>,
}

impl ProviderRef {
    /// Last part of the source, such as `aws`.
    pub fn name(&self) -> &str {
        self.source.rsplit('/').next().unwrap_or(&self.source)
    }

    /// As state files write it: `provider["registry.terraform.io/hashicorp/aws"].alias`.
    pub fn in_state(&self) -> String {
        let alias = self.alias.as_ref().map(|alias| format!(".{alias}")).unwrap_or_default();
        let module = if self.module.is_root() { String::new() } else { format!("{}.", self.module) };
        format!("{module}provider[{}]{alias}", crate::address::quote(&self.source))
    }
}

/// A `provider` block, evaluated; an empty one when the configuration has none.
#[derive(Clone, Debug)]
pub struct ProviderConfig {
    /// Every attribute of the provider's schema.
    pub config: Value,
    /// Where its values stand; `None` when there is no block.
    pub spans: Option<Spans>,
}

/// A root output.
#[derive(Clone, Debug)]
pub struct OutputValue {
    /// Its value, with marks.
    pub value: Value,
    /// Whether the block says `sensitive = true`.
    pub sensitive: bool,
    /// Its description.
    pub description: Option<Arc<str>>,
    /// Its block.
    pub span: Span,
}

/// What stands behind a [`CheckResult`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckKind {
    /// Conditions of a resource.
    Resource,
    /// Preconditions of an output.
    Output,
    /// A `check` block.
    Check,
    /// Validations of a variable.
    Variable,
}

impl CheckKind {
    /// Its name in state and plan files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Resource => "resource",
            Self::Output => "output",
            Self::Check => "check",
            Self::Variable => "var",
        }
    }
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckStatus {
    /// It holds.
    Pass,
    /// It does not hold.
    Fail,
    /// It could not be evaluated.
    Error,
    /// Known after apply.
    Unknown,
}

impl CheckStatus {
    /// Its name in state and plan files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Error => "error",
            Self::Unknown => "unknown",
        }
    }

    /// The worse of the two: what a block says when its objects say different things.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        let rank = |status: Self| match status {
            Self::Pass => 0,
            Self::Unknown => 1,
            Self::Fail => 2,
            Self::Error => 3,
        };
        if rank(self) < rank(other) { other } else { self }
    }
}

/// The conditions of one object.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CheckResult {
    /// What kind of object.
    pub kind: CheckKind,
    /// Its name, such as `var.a` or `module.m.output.b`.
    pub object: String,
    /// Its name without instance keys.
    pub config: String,
    /// How it ended.
    pub status: CheckStatus,
    /// Messages of the conditions that do not hold.
    pub messages: Vec<String>,
}

/// What a configuration wants.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Every instance, in dependency order; none when the evaluation is only a check.
    pub instances: IndexSet<Address>,
    /// Root outputs.
    pub outputs: IndexMap<Arc<str>, OutputValue>,
    /// Provider configurations that are used.
    pub providers: BTreeMap<ProviderRef, ProviderConfig>,
    /// Every module instance, the root module first.
    pub modules: Vec<ModulePath>,
    /// Conditions and check blocks.
    pub checks: Vec<CheckResult>,
    /// Warnings.
    pub warnings: Report,
}
