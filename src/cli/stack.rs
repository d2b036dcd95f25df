//! A stack, opened: its configuration, the values of its variables, its state.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::Globals;
use super::encryption::OtherStates;
use super::environment::Environment;
use super::failure::Failure;
use super::modules;
use super::place::Place;
use super::values::{ValueArgs, inputs};
use crate::diagnostic::{Diagnostic, Report, Sources, shell_word};
use crate::lang::{self, Config, Files, Loaded, Origin, Phase, Snapshot, VariableInput};
use crate::plan::saved::Saved;
use crate::resource::{Registry, Surroundings};
use crate::rollout::{Controllers, Images};
use crate::state::Store;
use crate::state::lock::LockRequest;

/// Which stack, and with which values.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct StackArgs {
    /// Folder of the stack; the current one when left out.
    #[arg(value_name = "DIR")]
    pub dir: Option<PathBuf>,
    #[command(flatten)]
    pub values: ValueArgs,
    #[command(flatten)]
    pub state: StateArgs,
    /// Whether a folder without stack files will do: everything can be deleted from the state alone.
    #[arg(skip)]
    pub may_be_empty: bool,
    /// Whether files that are broken will do: everything can be deleted from the state alone.
    #[arg(skip)]
    pub is_destroy: bool,
}

fn no_files(dir: &Path) -> Diagnostic {
    let text = format!(
        "The folder {} holds no .tf files. Planning it would delete everything the state remembers. Run glaz in the folder of the stack, or name it. To delete everything, run:\n\n    glaz destroy",
        dir.display()
    );
    Diagnostic::error("No configuration files", text)
}

/// Where the state is, and how it is locked.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct StateArgs {
    /// State file; `terraform.tfstate` in the stack's folder when left out. Refused where the backend keeps states elsewhere.
    #[arg(long = "state", value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Where to keep the state as it was: beside it with the ending .backup when left out, nowhere with `-`.
    #[arg(long, value_name = "FILE")]
    pub backup: Option<PathBuf>,
    #[command(flatten)]
    pub elsewhere: Elsewhere,
    #[command(flatten)]
    pub locking: LockArgs,
}

/// How the state is locked.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct LockArgs {
    /// Lock the state while it is used.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true")]
    pub lock: Option<bool>,
    /// How long to wait for a lock that somebody else holds, such as 30s or 5m.
    #[arg(long = "lock-timeout", value_name = "DURATION", default_value = "0s", value_parser = duration)]
    pub lock_timeout: Duration,
}

/// Parses `30s`, `5m`, `1h`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    crate::resource::attr::duration(text).ok_or_else(|| "give a duration such as 30s, 5m or 1h".to_owned())
}

/// Providers that are built in, for commands that read no data sources.
pub(super) fn registry() -> Registry {
    registry_with(OtherStates::default())
}

/// Providers that are built in, with what opens the states of other stacks.
fn registry_with(others: OtherStates) -> Registry {
    let mut providers = crate::builtin::providers(&above(others));
    #[cfg(feature = "aws")]
    providers.push(crate::aws::provider());
    Registry::new(std::mem::take(&mut providers))
}

/// The deployment controllers of AWS.
#[allow(clippy::unnecessary_wraps)] // without AWS there is none
fn rollouts() -> Option<Arc<dyn Controllers>> {
    #[cfg(all(
        feature = "codedeploy",
        feature = "ecs",
        feature = "elbv2",
        feature = "autoscaling",
        feature = "cloudwatch"
    ))]
    return Some(Arc::new(crate::aws::rollouts::AwsControllers));
    #[cfg(not(all(
        feature = "codedeploy",
        feature = "ecs",
        feature = "elbv2",
        feature = "autoscaling",
        feature = "cloudwatch"
    )))]
    None
}

/// Who knows whether an image was pushed.
#[allow(clippy::unnecessary_wraps)] // without ECR nobody
fn images() -> Option<Arc<dyn Images>> {
    #[cfg(feature = "ecr")]
    return Some(Arc::new(crate::aws::ecr::images::EcrImages));
    #[cfg(not(feature = "ecr"))]
    None
}

/// What built-in types need of the language, the state and AWS.
fn above(others: OtherStates) -> crate::builtin::Above {
    crate::builtin::Above {
        render: |text, vars, around| {
            let home = around.environment.get("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
            lang::render_template(text, vars, &around.clock, home)
        },
        outputs: |bytes, name| {
            // Not marked as sensitive, as in Terraform: the stacks that use them are written for that.
            let outputs =
                |state: crate::state::State| state.outputs.into_iter().map(|(name, output)| (name, output.value));
            Ok(crate::state::file_v4::read(bytes, name)?.map(|state| outputs(state).collect()))
        },
        #[cfg(feature = "s3")]
        read_object: Some(crate::aws::bucket::read_object),
        #[cfg(not(feature = "s3"))]
        read_object: None,
        unseal: Arc::new(others),
    }
}

/// A stack, opened.
pub(super) struct Stack {
    /// Its configuration.
    pub config: Arc<Config>,
    /// Its files, for diagnostics.
    pub sources: Sources,
    /// Warnings found while reading it.
    pub warnings: Report,
    /// Values of root variables.
    pub inputs: Vec<VariableInput>,
    /// What expressions see of the surroundings.
    pub env: lang::Environment,
    /// Where it keeps its state.
    pub place: Place,
    /// All types.
    pub registry: Registry,
    /// The deployment controllers, where there are any.
    pub rollouts: Option<Arc<dyn Controllers>>,
    /// Who knows whether an image was pushed, where somebody does.
    pub images: Option<Arc<dyn Images>>,
    /// What providers get from outside.
    pub around: Surroundings,
    /// Every file that was read.
    pub files: Snapshot,
    /// What is wrong with the files, where they need not be right.
    pub broken: Box<Report>,
    /// Whether there are no files, or none that can be used.
    pub is_without_files: bool,
    /// Provider configurations of which no block can be read: the state says their regions.
    pub assumed: Arc<BTreeSet<lang::ProviderRef>>,
    /// The configuration as far as it can be read, where only a part of it is used: it may protect objects.
    pub protected: Option<Arc<Config>>,
}

/// Keeps the configuration as long as the process lives: to give back half a million expressions one by one at the end
/// takes longer than to evaluate them.
fn to_the_end(config: Arc<Config>) -> Arc<Config> {
    std::mem::forget(config.clone());
    config
}

impl Stack {
    /// Reads the configuration and collects the values of its variables.
    ///
    /// Modules that are missing are installed first; validation works with what is installed.
    pub(super) async fn open(args: &StackArgs, globals: &Globals, phase: Phase) -> Result<Self, Failure> {
        let (dir, environment) = (args.dir.clone().unwrap_or_else(|| PathBuf::from(".")), &globals.environment);
        let loaded = match phase {
            Phase::Validate => lang::load_from(&dir, modules::files(environment)),
            Phase::Plan | Phase::Apply | Phase::Destroy if args.is_destroy => {
                modules::load(&dir, globals).unwrap_or_else(|failure| {
                    // What can be read of the root module without what it calls.
                    let loaded = lang::load_root(&dir);
                    Loaded { report: failure.report, sources: failure.sources, ..loaded }
                })
            }
            Phase::Plan | Phase::Apply | Phase::Destroy => modules::load(&dir, globals)?,
        };
        let (mut sources, mut report) = (loaded.sources, loaded.report);
        let mut broken = Report::default();
        if report.has_errors() {
            if !args.is_destroy {
                return Err(Failure { report, sources });
            }
            broken = std::mem::take(&mut report);
        }
        let is_without_files = sources.is_empty();
        if is_without_files && phase == Phase::Plan && !args.may_be_empty {
            return Err(no_files(&dir).into());
        }
        // Validating needs no values, as with Terraform: files with a fixed name are not read then.
        let with_files = (phase != Phase::Validate).then_some(&*dir);
        let inputs = match inputs(&args.values, with_files, environment, &mut sources) {
            Ok(inputs) => inputs,
            Err(problems) if args.is_destroy => {
                broken.extend(problems);
                Vec::new()
            }
            Err(problems) => return Err(Failure { report: problems, sources }),
        };
        let is_lost = args.is_destroy && (is_without_files || !broken.0.is_empty());
        let found = match place(args, &loaded.config, globals, phase, is_lost).await {
            Ok(found) => found,
            Err(problems) => return Err(Failure { sources, ..problems.into() }),
        };
        let around = environment.surroundings();
        let env = evaluation(dir, found.1, environment, &around, phase);
        report.extend(found.0.warnings());
        let warnings = std::mem::take(&mut report);
        Ok(Self {
            config: to_the_end(loaded.config),
            sources,
            warnings,
            inputs,
            env,
            registry: registry_with(found.0.others()),
            place: found.0,
            rollouts: rollouts(),
            images: images(),
            around,
            files: loaded.files,
            broken: Box::new(broken),
            is_without_files,
            assumed: Arc::default(),
            protected: None,
        })
    }

    /// The same stack with other files: those of the snapshot, which are not read from the disk again.
    pub(super) fn with_files(self, files: Snapshot) -> Result<Self, Failure> {
        let loaded = lang::load_from(&self.env.root, Files::of(files));
        let (mut sources, report) = (loaded.sources, loaded.report);
        if report.has_errors() {
            return Err(Failure { report, sources });
        }
        // Values of variables point into files that come after those of the stack.
        sources.extend_from(&self.sources);
        Ok(Self { config: to_the_end(loaded.config), sources, warnings: report, files: loaded.files, ..self })
    }

    /// Its state, not yet locked.
    pub(super) fn store(&self, args: &StateArgs) -> Result<Store, Failure> {
        store(args, &self.place).map_err(|problems| self.fail(problems))
    }

    /// The stack of a saved plan: its configuration as it was, with the values it was planned with.
    pub(super) async fn reopen(saved: &Saved, globals: &Globals) -> Result<Self, Failure> {
        let environment = &globals.environment;
        let loaded = lang::load_from(&saved.root, Files::of(saved.files.clone()));
        let (sources, warnings) = (loaded.sources, loaded.report);
        if warnings.has_errors() {
            return Err(Failure { report: warnings, sources });
        }
        let root = loaded.config.root().map(|root| &*root.body);
        let dir = Some(saved.root.as_path()).filter(|root| *root != Path::new("."));
        let around = environment.surroundings();
        let workspace = saved.workspace.clone();
        let env = evaluation(saved.root.clone(), workspace.clone(), environment, &around, Phase::Plan);
        let place = match Place::of(dir, root, globals).await {
            Ok(place) => place,
            Err(report) => return Err(Failure { report, sources }),
        };
        if let Err(report) = same_workspace(&workspace, &place) {
            return Err(Failure { report, sources });
        }
        let registry = registry_with(place.others());
        Ok(Self {
            place: place.of_workspace(workspace),
            config: to_the_end(loaded.config),
            sources,
            warnings,
            inputs: saved.variables.clone(),
            env: lang::Environment { plan_time: saved.time, ..env },
            registry,
            rollouts: rollouts(),
            images: images(),
            around,
            files: loaded.files,
            broken: Box::default(),
            is_without_files: false,
            assumed: Arc::default(),
            protected: None,
        })
    }

    /// Values that are given with a saved plan, one of a name. Those that come from files that are read without being
    /// named are asked for nothing but ephemeral variables; the answer's flag says so.
    pub(super) fn also_given(
        &mut self,
        args: &ValueArgs,
        environment: &Environment,
    ) -> Result<Vec<(VariableInput, bool)>, Failure> {
        let dir = self.env.root.clone();
        let named = inputs(args, None, environment, &mut self.sources);
        let all = inputs(args, Some(&dir), environment, &mut self.sources);
        let (named, all) = (named.map_err(|report| self.fail(report))?, all.map_err(|report| self.fail(report))?);
        let by_flag = |input: &VariableInput| input.origin != Origin::Environment;
        let flags: BTreeSet<Arc<str>> = named.iter().filter(|one| by_flag(one)).map(|one| one.name.clone()).collect();
        let mut winners = BTreeMap::new();
        for input in all {
            let is_automatic = matches!(input.origin, Origin::File(_)) && !flags.contains(&input.name);
            winners.insert(input.name.clone(), (input, is_automatic));
        }
        Ok(winners.into_values().collect())
    }

    /// The failure with this stack's files.
    pub(super) fn fail(&self, report: impl Into<Report>) -> Failure {
        Failure { report: report.into(), sources: self.sources.clone() }
    }
}

/// Where the stack keeps its state, and its workspace. Validation looks at nothing but the files, so it takes them as
/// they would be by default. `is_lost` says that the files need not be there or right.
async fn place(
    args: &StackArgs,
    config: &Config,
    globals: &Globals,
    phase: Phase,
    is_lost: bool,
) -> Result<(Place, String), Report> {
    let dir = args.dir.as_deref();
    let place = match config.root() {
        root if is_lost => Place::of_lost_files(dir, root.map(|root| &*root.body), globals).await?,
        Some(root) if phase != Phase::Validate => Place::of(dir, Some(&root.body), globals).await?,
        _ => Place::without_backend(dir, globals).await?,
    };
    let workspace = place.workspace()?;
    Ok((place, workspace))
}

/// What expressions see.
fn evaluation(
    root: PathBuf,
    workspace: String,
    environment: &Environment,
    around: &Surroundings,
    phase: Phase,
) -> lang::Environment {
    lang::Environment {
        workspace,
        root,
        cwd: environment.cwd.clone(),
        home: environment.get("HOME").map(PathBuf::from),
        clock: around.clock.clone(),
        plan_time: around.clock.now(),
        phase,
    }
}

/// A state, not yet locked: the file that was given, or that of the workspace that is selected.
pub(super) fn store(args: &StateArgs, place: &Place) -> Result<Store, Report> {
    args.elsewhere.check()?;
    place.refuse_files(args.file.as_deref(), args.backup.as_deref())?;
    let mut store = match &args.file {
        Some(file) => Store::file(file).sealed(place.state_seal()),
        None => place.store()?,
    };
    match &args.backup {
        Some(file) if file.as_os_str() == "-" => drop(store.backup_to(None)),
        Some(file) => drop(store.backup_to(Some(file.clone()))),
        None => {}
    }
    Ok(store)
}

/// Terraform's flag for writing the state to another file than it is read from.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct Elsewhere {
    /// Terraform's flag; refused: a state is read and written in one place.
    #[arg(long = "state-out", value_name = "FILE", hide = true)]
    state_out: Option<PathBuf>,
}

impl Elsewhere {
    /// Refuses it.
    pub(super) fn check(&self) -> Result<(), Diagnostic> {
        let Some(out) = &self.state_out else { return Ok(()) };
        let text = format!(
            "glaz reads a state and writes it in one place, so that an interrupted run finds what it did. Nothing was changed. To go on in another file, copy the state there and give it with -state:\n\n    -state={}\n\nA state in a bucket is moved by another backend block and `glaz init -migrate-state`.",
            shell_word(&out.display().to_string())
        );
        Err(Diagnostic::error("-state-out is not supported", text))
    }
}

impl LockArgs {
    /// Locks the state, unless the person does not want it.
    pub(super) async fn take(&self, store: &mut Store, globals: &Globals, operation: &str) -> Result<(), Diagnostic> {
        if self.lock == Some(false) {
            return Ok(());
        }
        globals.watch_signals();
        let request = LockRequest {
            operation: operation.to_owned(),
            info: String::new(),
            who: globals.environment.who(),
            timeout: self.lock_timeout,
            command: operation.strip_prefix("OperationType").unwrap_or(operation).to_ascii_lowercase(),
            process: Environment::process(),
        };
        lock(store, &request, globals).await?;
        globals.leases.add(store);
        Ok(())
    }
}

/// How long the lock is waited for before that is said.
const QUIET: Duration = Duration::from_secs(3);

/// Takes the lock, and says so when that takes its time.
async fn lock(store: &mut Store, request: &LockRequest, globals: &Globals) -> Result<(), Diagnostic> {
    let expires = " A lock that has expired is watched for half a minute before it is taken over.";
    let more = if store.can_be_forced() { expires } else { "" };
    let clock = globals.environment.clock();
    let locking = store.lock(request, &clock);
    tokio::pin!(locking);
    tokio::select! {
        biased;
        locked = &mut locking => return locked,
        () = clock.pass(QUIET) => {}
    }
    globals.say(&format!("Acquiring state lock. This may take a few moments...{more}"));
    locking.await
}

/// A plan is about one workspace: whoever selected another would change what they do not look at.
fn same_workspace(planned: &str, place: &Place) -> Result<(), Report> {
    let selected = place.workspace()?;
    if selected == planned {
        return Ok(());
    }
    let text = format!(
        "The plan was made for the workspace \"{planned}\", and \"{selected}\" is selected. Nothing was changed. Go back with `glaz workspace select {planned}` and apply it again, or plan again here."
    );
    Err(Diagnostic::error("Saved plan is for another workspace", text).into())
}
