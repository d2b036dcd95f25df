//! `glaz status`.

use std::convert::Infallible;
use std::time::Duration;

use clap::Args;
use serde_json::{Value as Json, json};

use super::Globals;
use super::failure::Failure;
use super::governed::{self, Seen, Service};
use super::shell::{BOLD, DIM, GREEN, RED, Shell, YELLOW, paint};
use super::stack::StackArgs;
use super::trouble;
use crate::rollout::observed::revision;
use crate::rollout::{Controller, Health, Look, Trouble, alarms_of, say};

const EXAMPLES: &str = "Examples:
  glaz status                    all services, again and again until Ctrl-C
  glaz status web -once          one service, one look
  glaz status -json | jq -r '.services[] | \"\\(.service) \\(.traffic)\"'";

/// Show where the users' requests go, which revision runs, how far a deployment is, which alarms ring, and what failed last.
///
/// Asks AWS and changes nothing. On a terminal it looks again every few seconds until Ctrl-C.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct StatusArgs {
    /// Name or address of a service; all of the stack when left out.
    #[arg(value_name = "SERVICE")]
    service: Option<String>,
    #[command(flatten)]
    stack: StackArgs,
    /// Look once, also on a terminal.
    #[arg(long)]
    once: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// How often it looks.
const PAUSE: Duration = Duration::from_secs(5);

/// What was found out about a service.
struct Report<'a> {
    service: Service<'a>,
    look: Option<Look>,
    health: Vec<Health>,
    trouble: Trouble,
}

/// Shows; the exit code.
pub(super) async fn run(args: &StatusArgs, globals: &Globals) -> Result<u8, Failure> {
    let is_live = globals.shell.is_terminal && !args.once && !args.json;
    // Whoever is asked for a value may end it as everywhere.
    let seen = governed::see(&args.stack, globals).await?;
    if !is_live {
        return show(args, &seen, globals).await.map(|()| 0);
    }
    // One wait for all rounds: Ctrl-C may come while AWS is asked.
    let stopped = tokio::signal::ctrl_c();
    tokio::select! {
        biased;
        _ = stopped => Ok(0),
        failed = Box::pin(follow(args, seen, globals)) => failed.map(|never| match never {}),
    }
}

/// Shows again and again.
async fn follow(args: &StatusArgs, mut seen: Seen, globals: &Globals) -> Result<Infallible, Failure> {
    loop {
        show(args, &seen, globals).await?;
        seen.stack.around.clock.sleep(PAUSE).await;
        seen.again(&args.stack).await?;
    }
}

/// Looks and shows.
async fn show(args: &StatusArgs, seen: &Seen, globals: &Globals) -> Result<(), Failure> {
    let all = reports(args, seen).await?;
    if args.json {
        let services: Vec<Json> = all.iter().map(as_json).collect();
        globals.shell.line(&json!({ "format_version": "1.0", "services": services }).to_string());
        return Ok(());
    }
    let text: String = all.iter().map(as_text).collect::<Vec<_>>().join("\n");
    if globals.shell.is_terminal && !args.once {
        Shell::clear();
    }
    globals.warn(&seen.warnings(), &seen.stack.sources);
    globals.shell.out(if text.is_empty() { "There is no ECS service here.\n" } else { &text });
    Ok(())
}

async fn reports<'a>(args: &StatusArgs, seen: &'a Seen) -> Result<Vec<Report<'a>>, Failure> {
    let services = match &args.service {
        Some(name) => vec![seen.service(name)?],
        None => seen.services()?,
    };
    let mut all = Vec::with_capacity(services.len());
    for service in services {
        let fail = |error: crate::resource::Error| seen.failed(&error, service.address, "Looking at");
        let running = service.governed.observed.as_ref().and_then(|observed| observed.running.as_ref());
        let look = match (running, service.order("")) {
            (Some(running), Some(order)) => {
                Some(service.controllers.look(service.cloud, &order, &running.id).await.map_err(fail)?)
            }
            _ => None,
        };
        let pair = &service.governed.pair;
        let health = service.controllers.health(service.cloud, service.attributes, pair).await.map_err(fail)?;
        let group = service.governed.group.as_ref();
        let mut alarms = group.map(|group| group.alarms.clone()).unwrap_or_default();
        alarms.extend(
            alarms_of(service.attributes).into_iter().filter(|name| !alarms.contains(name)).collect::<Vec<_>>(),
        );
        let trouble = service.controllers.trouble(service.cloud, &service.named(""), &alarms).await.map_err(fail)?;
        all.push(Report { service, look, health, trouble });
    }
    Ok(all)
}

fn as_json(report: &Report<'_>) -> Json {
    let governed = report.service.governed;
    let observed = governed.observed.clone().unwrap_or_default();
    let sets = observed.task_sets.iter().map(|set| {
        json!({
            "id": set.id, "status": set.status, "task_definition": set.task_definition, "target_group": set.target_group,
            "desired": set.desired, "running": set.running, "pending": set.pending, "steady": set.is_steady,
            "deployment": set.deployment,
        })
    });
    let look = report.look.as_ref().map(|look| {
        let events = look.events.iter().map(|event| json!({ "name": event.name, "status": event.status, "why": event.why }));
        let shares = look.shares.iter().map(|share| {
            json!({ "label": share.label, "target_group": share.target_group, "percent": share.weight, "desired": share.desired, "running": share.running })
        });
        let tasks = look.tasks.map(|tasks| {
            json!({ "desired": tasks.desired, "running": tasks.running, "pending": tasks.pending, "failed": tasks.failed, "old": tasks.old })
        });
        json!({
            "tasks": tasks, "hints": look.hints, "stuck": look.stuck,
            "id": look.id, "events": events.collect::<Vec<_>>(), "traffic": shares.collect::<Vec<_>>(),
            "all_traffic_moved": look.has_traffic(), "waits": look.is_ending, "rollback": look.rollback,
        })
    });
    let controller = match governed.controller {
        Controller::Rolling | Controller::Gradual => "ecs",
        Controller::CodeDeploy => "code_deploy",
        Controller::External => "external",
    };
    let weights = governed.weights.iter().map(|(group, weight)| json!({ "target_group": group, "weight": weight }));
    let health = report
        .health
        .iter()
        .map(|one| json!({ "target_group": one.target_group, "states": one.states, "problems": one.problems }));
    json!({
        "address": report.service.address.to_string(),
        "service": governed.name,
        "cluster": governed.cluster,
        "controller": controller,
        "strategy": report.service.strategy(),
        "application": governed.group.as_ref().map(|group| &group.app),
        "deployment_group": governed.group.as_ref().map(|group| &group.name),
        "task_definition": governed.task_definition,
        "traffic": weights.collect::<Vec<_>>(),
        "task_sets": sets.collect::<Vec<_>>(),
        "running_deployment": observed.running,
        "deployment": look,
        "health": health.collect::<Vec<_>>(),
        "scaled": observed.is_scaled,
        "alarms": trouble::alarms_json(&report.trouble),
        "last_failures": trouble::failures_json(&report.trouble),
        "notes": report.trouble.notes,
    })
}

fn as_text(report: &Report<'_>) -> String {
    let governed = report.service.governed;
    let mut out = format!("{}\n", paint(BOLD, say::service(governed)));
    let mut line =
        |name: &str, text: String| out.push_str(&format!("  {} {text}\n", paint(DIM, format!("{name:<11}"))));
    if let Some(group) = &governed.group {
        line("group", format!("{}/{}, {}: {}", group.app, group.name, group.config, group.pace.words(&governed.name)));
    }
    if let Some(strategy) = report.service.strategy() {
        line("strategy", format!("{strategy}: {}", report.service.pace().words(&governed.name)));
    }
    let observed = governed.observed.clone().unwrap_or_default();
    for set in &observed.task_sets {
        let number = revision(&set.task_definition).1.map(|number| number.to_string()).unwrap_or_default();
        let group = set.target_group.as_deref().map(|arn| format!(", {}", say::short(arn, &governed.pair)));
        let by = set.deployment.as_deref().map(|id| format!(", by {id}"));
        let more: String = group.into_iter().chain(by).collect();
        let tasks = format!("{} of {} tasks running", set.running, set.desired);
        let tasks = if set.running < set.desired { paint(YELLOW, tasks) } else { tasks };
        line("task set", format!("{:<8} revision {number}, {tasks}{more}", set.status));
    }
    for one in &report.health {
        let states: Vec<String> = one.states.iter().map(|(state, count)| format!("{count} {state}")).collect();
        let states = if states.is_empty() { "no targets".to_owned() } else { states.join(", ") };
        line("targets", format!("{:<8} {states}", say::short(&one.target_group, &governed.pair)));
        one.problems.iter().for_each(|problem| line("", paint(RED, problem)));
    }
    if let Some(look) = &report.look {
        line("deployment", format!("{}: {}", look.id, look.progress(&governed.name)));
        let bar: Vec<String> = look.events.iter().map(event).collect();
        if !bar.is_empty() {
            line("", bar.join(" "));
        }
        look.hints.iter().for_each(|hint| line("", paint(RED, hint)));
    }
    trouble::lines(&report.trouble).into_iter().for_each(|(name, text)| line(name, text));
    out
}

/// One event in the bar.
fn event(event: &crate::rollout::Event) -> String {
    match event.status.as_str() {
        "Succeeded" => paint(GREEN, format!("✓ {}", event.name)),
        "Failed" => paint(RED, format!("✗ {}", event.name)),
        "InProgress" => paint(YELLOW, format!("▸ {}", event.name)),
        "Skipped" => paint(DIM, format!("- {}", event.name)),
        _ => paint(DIM, format!("· {}", event.name)),
    }
}
