//! `glaz migrate-controller`.

mod blocks;
mod known;
mod repeat;
mod text;
mod words;
mod write;

use std::path::Path;

use clap::Args;

use super::Globals;
use super::carry_out::{self, How};
use super::failure::Failure;
use super::governed::{self, Seen, Service};
use super::rollout_args::RolloutArgs;
use super::run::{self, PlanOptions};
use super::stack::{Stack, StackArgs};
use crate::address::{Address, ModulePath};
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::Evaluator;
use crate::lang::config::Module;
use crate::lang::source::Source;
use crate::plan::Remembered;
use crate::rollout::migrate::{self, HookChoice, Obstacle, Settings};
use crate::rollout::{Choices, Controller, Point};
use crate::state::State;
use crate::state::store::atomic;
use crate::value::Value;
use known::Known;
use text::{Edited, ModuleText, overlaid};
use write::{Job, Written, write};

/// Mode of a file that vanished between reading and writing; others keep theirs.
const FILE_MODE: u32 = 0o644;

const EXAMPLES: &str = "Examples:
  glaz migrate-controller web                      shows everything, asks, does it; the diff is what to write
  glaz migrate-controller web -write               the same, and writes the stack files
  glaz migrate-controller web -write -hooks=keep   functions that answer as ECS expects it go over as well";

/// Move a service from CodeDeploy to ECS's own blue/green deployments.
///
/// Looks at the service, its deployment group and its listeners, and says what is in the way. Shows what changes in the
/// stack files and, as a plan, what changes in AWS: a listener rule that names both target groups, a role with which ECS
/// moves traffic, the service itself, and the deployment group and application that nobody needs any more. Asks, does
/// it, and waits until the service is steady. Run again after an interruption, it goes on. Services of the same block (`count`,
/// `for_each`, a module that is called several times) go over together.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct MigrateArgs {
    /// Name or address of the service.
    #[arg(value_name = "SERVICE")]
    service: String,
    #[command(flatten)]
    stack: StackArgs,
    #[command(flatten)]
    rollout: RolloutArgs,
    /// Write the stack files, before anything changes in AWS. Without it they stay as they are, and the next plan
    /// wants them as shown.
    #[arg(long)]
    write: bool,
    /// Role with which ECS moves traffic, as ARN or as address in the service's module. Found among the roles of the
    /// module, or made, when left out.
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// What becomes of the functions that deployments call: keep or drop.
    #[arg(long, value_name = "WHAT")]
    hooks: Option<HookChoice>,
    /// Leave deployment group and application as they are.
    #[arg(long)]
    keep_codedeploy: bool,
    /// Do not ask before changing anything.
    #[arg(long)]
    auto_approve: bool,
}

/// What is said of plans for a part, which this is by its nature.
const TARGETED: &str = "Resource targeting is in effect";
const QUESTION: &str = "\nDo you want to migrate the service?\n  glaz will perform the actions described above.\n  Only 'yes' will be accepted to approve.\n\n  Enter a value: ";

/// Migrates; the exit code.
pub(super) async fn run(args: &MigrateArgs, globals: &Globals) -> Result<u8, Failure> {
    let seen = governed::see(&args.stack, globals).await?;
    let (written, settings, service) = {
        let service = seen.service(&args.service)?;
        let all = together(&seen, &service)?;
        let mut settings = Vec::with_capacity(all.len());
        for one in &all {
            settings.push((one.governed.name.clone(), self::settings(args, &seen, one).await?));
        }
        (written(args, &seen, &all, &settings)?, settings, service.address.clone())
    };
    let is_over = written.edited.is_empty();
    for (name, settings) in &settings {
        globals.shell.out(&words::settings(name, settings, is_over));
    }
    globals.shell.out(&words::notes(&written.notes));
    globals.shell.out(&words::diff(&written.edited, args.write));
    let options = options(args, &written.parts);
    let stack = edited(seen.stack, &written.edited)?;
    let mut planned = run::plan_of(stack, &options, "OperationTypeApply", globals).await?;
    planned.plan.warnings.0.retain(|warning| warning.summary != TARGETED);
    run::show(&planned, &options, globals);
    if planned.plan.has_changes() {
        globals.shell.out(&words::way_back(&service));
    }
    if !run::is_approved(&planned, args.auto_approve, QUESTION, &args.stack.values, globals)? {
        globals.shell.line("\nCancelled. Nothing was changed.");
        return Ok(1);
    }
    let choices = choices(args, &planned.plan, globals).map_err(|problem| planned.stack.fail(problem))?;
    if args.write {
        save(&written.edited).map_err(|problem| planned.stack.fail(problem))?;
    }
    let code = carry_out::apply(planned, &choices, How { is_part: true, ..How::default() }, globals).await?;
    let names: Vec<&str> = settings.iter().map(|(name, _)| name.as_str()).collect();
    globals.shell.out(&words::end(&names, &args.service, &written.edited, args.write));
    Ok(code)
}

/// What the service is to be told.
async fn settings(args: &MigrateArgs, seen: &Seen, service: &Service<'_>) -> Result<Settings, Failure> {
    let fail = |error: crate::resource::Error| seen.failed(&error, service.address, "Looking at");
    let refused = |obstacles: Vec<Obstacle>| {
        let problem = |one: Obstacle| Diagnostic::error(one.summary, one.text).about(service.address);
        seen.stack.fail(Report(obstacles.into_iter().map(problem).collect()))
    };
    let governed = service.governed;
    if let Some(settings) =
        migrate::settings_of(service.attributes).filter(|_| governed.controller == Controller::Gradual)
    {
        return Ok(settings);
    }
    if let Some(obstacle) = migrate::other_controller(governed) {
        return Err(refused(vec![obstacle]));
    }
    let (mut facts, mut hooks) = (migrate::Facts::default(), Vec::new());
    if let (Some(group), Some(order)) = (&governed.group, service.order("")) {
        facts = service.controllers.facts(service.cloud, service.attributes, group).await.map_err(fail)?;
        hooks = service.controllers.hooks(service.cloud, &order).await.map_err(fail)?.all;
    }
    migrate::settings(governed, service.attributes, &facts, &hooks, args.hooks).map_err(refused)
}

/// The services that the block of a service stands for, that one first: their files are the same.
fn together<'a>(seen: &'a Seen, service: &Service<'_>) -> Result<Vec<Service<'a>>, Failure> {
    let of = |address: &Address| module(&seen.stack, address.module()).map(|module| module.dir.clone());
    let dir = of(service.address).ok_or_else(|| seen.stack.fail(unwritable(service.address)))?;
    let is_block = |one: &Service<'_>| {
        one.address.resource.name == service.address.resource.name && of(one.address).as_ref() == Some(&dir)
    };
    let mut all: Vec<Service<'_>> = seen.services()?.into_iter().filter(is_block).collect();
    all.sort_by_key(|one| one.address != service.address);
    Ok(all)
}

/// What changes in the files. They have to say the same for all services that they stand for.
fn written(
    args: &MigrateArgs,
    seen: &Seen,
    services: &[Service<'_>],
    settings: &[(String, Settings)],
) -> Result<Written, Failure> {
    let groups: Vec<Address> = services.iter().filter_map(|one| group_of(seen, one)).collect();
    let evaluator = evaluated(&seen.stack, seen.state());
    let mut all = Written::default();
    for (service, (_, settings)) in services.iter().zip(settings) {
        let is_shared = services.len() > 1 || stands_for_more(seen, service);
        let one = written_of(args, (seen, &evaluator), service, settings, is_shared, &groups)?;
        if service.address == services[0].address {
            all = one;
            continue;
        }
        let text = |written: &Written| -> Vec<String> { written.edited.iter().map(|one| one.new.clone()).collect() };
        if let Some(lines) = differing(&text(&all), &text(&one)) {
            return Err(seen.stack.fail(unlike([services[0].address, service.address], &lines)));
        }
        all.parts.extend(one.parts);
        all.notes.extend(one.notes.into_iter().filter(|note| !all.notes.contains(note)).collect::<Vec<_>>());
    }
    Ok(all)
}

/// The configuration with what is remembered: for what is passed in to modules. What cannot be evaluated is not known.
fn evaluated(stack: &Stack, state: &State) -> Evaluator {
    let (mut answers, _) = Remembered::of_state(state, &stack.registry);
    let mut evaluator = Evaluator::new(stack.config.clone(), &stack.inputs, &stack.env);
    drop(evaluator.run(&mut answers));
    evaluator
}

/// The deployment group of a service, when it stands in the same module.
fn group_of(seen: &Seen, service: &Service<'_>) -> Option<Address> {
    let group = service.governed.group.clone().and_then(|group| group.address?.parse::<Address>().ok());
    group.or_else(|| seen.group_of(service)).filter(|group| group.module() == service.address.module())
}

/// Whether the files of a service are those of others too, which may not exist yet: their module is called again, or by keys.
fn stands_for_more(seen: &Seen, service: &Service<'_>) -> bool {
    let path = service.address.module();
    let Some(dir) = self::module(&seen.stack, path).map(|module| &module.dir) else { return false };
    let calls = seen.stack.config.modules.iter().filter(|one| one.dir == *dir).count();
    calls > 1 || path.0.iter().any(|step| step.key.is_some())
}

/// What changes in the files, as far as one of the services goes.
fn written_of(
    args: &MigrateArgs,
    (seen, evaluator): (&Seen, &Evaluator),
    service: &Service<'_>,
    settings: &Settings,
    is_shared: bool,
    groups: &[Address],
) -> Result<Written, Failure> {
    let path = service.address.module();
    let module = self::module(&seen.stack, path).ok_or_else(|| seen.stack.fail(unwritable(service.address)))?;
    let files = ModuleText::of(&seen.stack.files, &module.dir);
    let known = Known::new(seen.plan(), seen.state(), path, evaluator);
    let group = group_of(seen, service);
    let is_of_block = |one: &&Address| {
        group.as_ref().is_some_and(|group| group.resource.name == one.resource.name)
            && one.type_name() == write::GROUP
            && self::module(&seen.stack, one.module()).is_some_and(|of| of.dir == module.dir)
    };
    let mut instances = seen.plan().live.objects.keys().filter(is_of_block);
    let job = Job {
        known: &known,
        service: service.address,
        arn: service.attributes.get("arn").and_then(Value::as_str).unwrap_or_default(),
        name: &service.governed.name,
        cluster: &service.governed.cluster,
        settings,
        role: args.role.as_deref(),
        group: group.as_ref(),
        keeps_group: args.keep_codedeploy,
        is_shared,
        frees_group: instances.all(|one| groups.contains(one)),
    };
    let written = write(&job, files).map_err(|problem| seen.stack.fail(problem))?;
    let full = |part: &String| if path.is_root() { part.clone() } else { format!("{path}.{part}") };
    Ok(Written { parts: written.parts.iter().map(full).collect(), ..written })
}

/// The module that the service stands in, when its files are the stack's own.
fn module<'a>(stack: &'a Stack, path: &ModulePath) -> Option<&'a Module> {
    let names = path.names();
    let found = stack.config.modules.iter().find(|module| module.path == names)?;
    let mut above = Some(found);
    while let Some(module) = above {
        if !matches!(module.source, None | Some(Source::Local(_))) {
            return None;
        }
        above = module.parent.map(|at| &stack.config.modules[at]);
    }
    Some(found)
}

/// The first lines in which the two differ.
fn differing(one: &[String], other: &[String]) -> Option<[String; 2]> {
    let lines =
        |all: &[String]| -> Vec<String> { all.iter().flat_map(|text| text.lines()).map(str::to_owned).collect() };
    let (one, other) = (lines(one), lines(other));
    let last = one.len().max(other.len());
    let line = |all: &[String], at: usize| all.get(at).map_or("", String::as_str).trim().to_owned();
    (0..last).find(|at| one.get(*at) != other.get(*at)).map(|at| [line(&one, at), line(&other, at)])
}

fn unlike([one, other]: [&Address; 2], lines: &[String; 2]) -> Diagnostic {
    let is_foreign = lines.iter().all(|line| line.contains("\"arn:"));
    let advice = if is_foreign {
        "The module does not know the object by anything but this ARN: pass it in by a variable that holds the object's ARN, apply that, and migrate then."
    } else {
        "Make them alike, apply that, and migrate then: a deployment of one of them brings its tasks to the other target group; rules of their listeners, times, alarms and functions are yours."
    };
    let text = format!(
        "{one} and {other} come from the same block, and what ECS has to be told differs:\n\n    {}\n    {}\n\nOne text cannot say both. {advice} Nothing was changed.",
        lines[0], lines[1]
    );
    Diagnostic::error("The services of the block differ", text).about(other)
}

fn unwritable(service: &Address) -> Diagnostic {
    let text = format!(
        "{service} stands in a module whose files come from elsewhere. Give the module what its service needs (deployment_controller ECS, deployment_configuration, advanced_configuration) where it is kept, and apply: the plan shows the change of the controller."
    );
    Diagnostic::error("The stack files cannot be changed by glaz", text).about(service)
}

/// The stack with its files as they are to be.
fn edited(stack: Stack, edited: &[Edited]) -> Result<Stack, Failure> {
    if edited.is_empty() {
        return Ok(stack);
    }
    let files = overlaid(&stack.files, edited);
    stack.with_files(files)
}

fn options(args: &MigrateArgs, parts: &[String]) -> PlanOptions {
    let reading = PlanOptions::reading(&args.stack);
    PlanOptions { stack: args.stack.clone(), target: parts.to_vec(), check: Some(true), ..reading }
}

/// As far as the service is steady, unless the person says otherwise.
fn choices(args: &MigrateArgs, plan: &crate::plan::Plan, globals: &Globals) -> Result<Choices, Diagnostic> {
    let choices = args.rollout.choices(plan, globals.shell)?;
    Ok(Choices { wait: args.rollout.wait.clone().unwrap_or(Point::Finished), ..choices })
}

fn save(edited: &[Edited]) -> Result<(), Diagnostic> {
    for one in edited {
        let path: &Path = &one.path;
        let written = path.canonicalize().and_then(|path| atomic::replace(&path, one.new.as_bytes(), FILE_MODE));
        written.map_err(|error| {
            let text = format!("The file {} cannot be written: {error}. Nothing was changed in AWS.", path.display());
            Diagnostic::error("Failed to write a stack file", text)
        })?;
    }
    Ok(())
}
