//! What a service is told so that ECS deploys it as CodeDeploy did.

use super::Facts;
use super::hooks::{HookChoice, called, hooks};
use super::routes::{NETWORK, Way, way};
use crate::rollout::govern::Governed;
use crate::rollout::object::{block, blocks, own_pace, text, texts};
use crate::rollout::observed::{Controller, target_group_name};
use crate::rollout::pace::Shift;
use crate::value::Value;

/// Minutes for which ECS keeps the old tasks at most, and for which a step lasts at most.
const LONGEST: u32 = 1440;
/// Percent of the smallest linear step of ECS.
const SMALLEST_STEP: u32 = 3;

/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/nlb-resources-for-blue-green.html>
const NETWORK_WAITS: &str = "behind a network load balancer ECS waits 10 min wherever it moves test requests or the traffic: deployments take longer";

/// What is in the way of a migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// A fixed phrase.
    pub summary: &'static str,
    /// What it is, why, and what to do.
    pub text: String,
}

impl Obstacle {
    pub(super) fn new(summary: &'static str, text: impl Into<String>) -> Self {
        Self { summary, text: text.into() }
    }
}

/// Alarms that end a deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alarms {
    /// Their names, sorted.
    pub names: Vec<String>,
    /// Whether the deployment is rolled back then.
    pub rollback: bool,
}

/// A function that ECS calls on the way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hook {
    /// ARN of the function.
    pub function: String,
    /// Stages at which it is called.
    pub stages: Vec<String>,
    /// ARN of the role with which ECS calls it, where there is one already.
    pub role: Option<String>,
}

/// What a service is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How traffic moves.
    pub shift: Shift,
    /// Minutes for which the old tasks stay.
    pub bake_minutes: u32,
    /// ARN of the target group with the tasks.
    pub live: String,
    /// ARN of the other target group.
    pub idle: String,
    /// How the users' requests get to the service.
    pub production: Way,
    /// How test requests get there.
    pub test: Option<Way>,
    /// Alarms that end a deployment.
    pub alarms: Option<Alarms>,
    /// Functions that are called on the way.
    pub hooks: Vec<Hook>,
    /// ARN of the role with which ECS moves traffic, where the service has one already.
    pub role: Option<String>,
    /// What comes out otherwise than with CodeDeploy.
    pub notes: Vec<String>,
}

impl Settings {
    /// As ECS calls the way in which traffic moves.
    pub fn strategy(&self) -> &'static str {
        match self.shift {
            Shift::AllAtOnce | Shift::TaskByTask { .. } => "BLUE_GREEN",
            Shift::Canary { .. } => "CANARY",
            Shift::Linear { .. } => "LINEAR",
        }
    }
}

/// The settings for a service that CodeDeploy deploys. `spec_hooks` are the hooks of its last AppSpec.
///
/// # Errors
/// Everything that is in the way.
pub fn settings(
    governed: &Governed,
    service: &Value,
    facts: &Facts,
    spec_hooks: &[serde_json::Value],
    choice: Option<HookChoice>,
) -> Result<Settings, Vec<Obstacle>> {
    let mut found = Vec::new();
    idle(governed, &mut found);
    let Some(group) = &governed.group else {
        let text = format!(
            "No deployment group of CodeDeploy, in the stack or in the account, names service {}, so nobody knows its second target group and its listeners. Nothing was changed.",
            governed.name
        );
        return Err(vec![Obstacle::new("No deployment group", text)]);
    };
    if !["application", NETWORK].contains(&facts.balancer.as_str()) {
        let text = format!(
            "The load balancer in front of service {} is of the kind \"{}\", and ECS moves the traffic of application and network load balancers only. Leave the service to CodeDeploy.",
            governed.name, facts.balancer
        );
        found.push(Obstacle::new("Not a load balancer that ECS moves traffic of", text));
    }
    let Some((live, idle)) = pair(governed, facts, &mut found) else { return Err(found) };
    let [production] = group.production.as_slice() else {
        let text = format!(
            "Deployment group {} names {} production listeners; ECS moves the traffic of one rule.",
            group.name,
            group.production.len()
        );
        found.push(Obstacle::new("Not one production listener", text));
        return Err(found);
    };
    let both = [live.as_str(), idle.as_str()];
    let production = way(production, "production", both, facts).map_err(|one| found.push(one)).ok();
    let test = group.test.first().map(|listener| way(listener, "test", both, facts));
    let test = test.transpose().map_err(|one| found.push(one)).ok().flatten();
    all_there(governed, &live, facts, &mut found);
    let mut notes = Vec::new();
    if facts.balancer == NETWORK {
        notes.push(NETWORK_WAITS.to_owned());
    }
    let (shift, bake_minutes) = times(governed, &mut notes);
    let called = called(spec_hooks);
    if choice.is_none() && !called.is_empty() {
        found.push(functions(&called));
    }
    let kept = if choice == Some(HookChoice::Keep) { called } else { Vec::new() };
    let hooks = hooks(&kept, shift != Shift::AllAtOnce, text(service, "arn").unwrap_or_default());
    match production {
        Some(production) if found.is_empty() => {
            let alarms = facts.alarms.clone();
            Ok(Settings { shift, bake_minutes, live, idle, production, test, alarms, hooks, role: None, notes })
        }
        _ => Err(found),
    }
}

/// Whether nothing is under way.
fn idle(governed: &Governed, found: &mut Vec<Obstacle>) {
    let name = &governed.name;
    let Some(observed) = &governed.observed else { return };
    if let Some(running) = &observed.running {
        let text = format!(
            "Deployment {} of service {name} is under way ({}), and ECS takes a service over only when none is. Nothing was changed. Wait until it is over (`glaz status {name}`), or stop it with:\n\n    glaz deploy {name} -stop",
            running.name(),
            running.status
        );
        found.push(Obstacle::new("A deployment is under way", text));
    } else if observed.task_sets.len() != 1 {
        let text = format!(
            "Service {name} has {} task sets, and ECS takes over exactly one. Those of a deployment that is over go away by themselves; what a stopped deployment left goes with the next deployment: glaz deploy {name}. Nothing was changed.",
            observed.task_sets.len()
        );
        found.push(Obstacle::new("Not one task set", text));
    }
}

/// The target group with the tasks, and the other one.
fn pair(governed: &Governed, facts: &Facts, found: &mut Vec<Obstacle>) -> Option<(String, String)> {
    let sets = governed.observed.as_ref().map(|observed| observed.task_sets.as_slice()).unwrap_or_default();
    let live = sets.iter().find(|set| set.status == "PRIMARY").and_then(|set| set.target_group.as_deref());
    let other = live.and_then(|live| facts.groups.iter().find(|(_, arn)| arn != live));
    let is_of_pair = live.is_some_and(|live| facts.groups.iter().any(|(_, arn)| arn == live));
    match (live, other) {
        (Some(live), Some((_, idle))) if is_of_pair => Some((live.to_owned(), idle.clone())),
        _ => {
            let names: Vec<&str> = facts.groups.iter().map(|(name, _)| name.as_str()).collect();
            let text = format!(
                "The tasks of service {} are in {}, and its deployment group names {}. ECS needs two target groups, one of them with the tasks. Mend the deployment group first.",
                governed.name,
                live.map_or("no target group", target_group_name),
                if names.is_empty() { "none that exists".to_owned() } else { names.join(" and ") }
            );
            found.push(Obstacle::new("Not a pair of target groups", text));
            None
        }
    }
}

/// Whether all requests reach the tasks.
fn all_there(governed: &Governed, live: &str, facts: &Facts, found: &mut Vec<Obstacle>) {
    let to_pair = |rule: &&super::Rule| {
        rule.forwards.iter().any(|(arn, _)| arn == live)
            || rule.forwards.iter().any(|(arn, _)| facts.groups.iter().any(|(_, one)| one == arn))
    };
    let strays = |rule: &&super::Rule| rule.forwards.iter().any(|(arn, weight)| arn != live && *weight > 0);
    if let Some(rule) = facts.rules.iter().filter(to_pair).find(strays) {
        let shares: Vec<String> =
            rule.forwards.iter().map(|(arn, weight)| format!("{} {weight}", target_group_name(arn))).collect();
        let text = format!(
            "The tasks of service {} are in {}, and the listener {} divides requests otherwise: {}. A deployment was stopped half-way. Bring all of it back (glaz deploy {} brings out what the stack file says), and migrate then.",
            governed.name,
            target_group_name(live),
            crate::rollout::observed::last_part(&rule.listener),
            shares.join(", "),
            governed.name
        );
        found.push(Obstacle::new("The traffic is divided", text));
    }
}

fn times(governed: &Governed, notes: &mut Vec<String>) -> (Shift, u32) {
    let pace = governed.group.as_ref().map(|group| group.pace).unwrap_or_default();
    let shift = match pace.shift {
        None => {
            notes.push("how the deployment configuration moves traffic is not known: all at once is taken".to_owned());
            Shift::AllAtOnce
        }
        Some(Shift::Linear { percent, minutes }) if percent < SMALLEST_STEP => {
            notes.push(format!("steps of {percent} % become steps of {SMALLEST_STEP} %, the smallest that ECS knows"));
            Shift::Linear { percent: SMALLEST_STEP, minutes }
        }
        Some(shift) => shift,
    };
    let shift = match shift {
        Shift::Canary { percent, minutes } => Shift::Canary { percent, minutes: shortened(minutes, notes) },
        Shift::Linear { percent, minutes } => Shift::Linear { percent, minutes: shortened(minutes, notes) },
        Shift::AllAtOnce | Shift::TaskByTask { .. } => shift,
    };
    if pace.ready_minutes > 0 {
        notes.push(format!(
            "CodeDeploy waits up to {} min for somebody to let the traffic move; ECS does not",
            pace.ready_minutes
        ));
    }
    (shift, shortened(pace.termination_minutes, notes))
}

fn shortened(minutes: u32, notes: &mut Vec<String>) -> u32 {
    if minutes > LONGEST {
        notes.push(format!("{minutes} min become {LONGEST} min, the longest that ECS waits"));
    }
    minutes.min(LONGEST)
}

fn functions(called: &[(String, String)]) -> Obstacle {
    let list: Vec<String> = called.iter().map(|(event, function)| format!("\n  {event}: {function}")).collect();
    let text = format!(
        "The last deployment called functions on its way:\n{}\n\nECS calls functions too, but with another event, and takes their answer from what they return (hookStatus: SUCCEEDED, FAILED or IN_PROGRESS) instead of PutLifecycleEventHookExecutionStatus. Functions written for CodeDeploy fail there, and the deployment with them. Say what becomes of them:\n\n    -hooks=keep   they answer as ECS expects it: lifecycle hooks are made of them\n    -hooks=drop   nobody calls them any more",
        list.concat()
    );
    Obstacle::new("Functions are called on the way", text)
}

/// The settings of a service that ECS deploys already: what an interrupted migration left, or one whose stack files
/// were not written.
pub fn settings_of(service: &Value) -> Option<Settings> {
    let balancer = block(service, "load_balancer")?;
    let advanced = block(balancer, "advanced_configuration")?;
    let rule = |name: &str| {
        let arn = text(advanced, name)?.to_owned();
        let is_listener = arn.contains(":listener/");
        Some(if is_listener { Way::Listener { arn, is_single: false } } else { Way::Rule { arn, is_single: false } })
    };
    let (_, pace) = own_pace(service);
    let alarms = block(service, "alarms").filter(|all| all.get("enable").and_then(Value::as_bool) == Some(true));
    let own = block(service, "deployment_configuration")?;
    let hook = |one: &Value| {
        let stages = texts(Some(one), "lifecycle_stages");
        Some(Hook {
            function: text(one, "hook_target_arn")?.to_owned(),
            stages,
            role: text(one, "role_arn").map(str::to_owned),
        })
    };
    Some(Settings {
        shift: pace.shift.unwrap_or(Shift::AllAtOnce),
        bake_minutes: pace.termination_minutes,
        live: text(balancer, "target_group_arn")?.to_owned(),
        idle: text(advanced, "alternate_target_group_arn")?.to_owned(),
        production: rule("production_listener_rule")?,
        test: rule("test_listener_rule"),
        alarms: alarms.map(|all| Alarms {
            names: texts(Some(all), "alarm_names"),
            rollback: all.get("rollback").and_then(Value::as_bool) == Some(true),
        }),
        hooks: blocks(own, "lifecycle_hook").iter().filter_map(hook).collect(),
        role: text(advanced, "role_arn").map(str::to_owned),
        notes: Vec::new(),
    })
}

/// Why this service cannot be migrated at all; `None` for one under CodeDeploy.
pub fn other_controller(governed: &Governed) -> Option<Obstacle> {
    let text = match governed.controller {
        Controller::CodeDeploy => return None,
        Controller::External => format!(
            "Service {} is deployed by an outside controller (EXTERNAL), and only that one knows its task sets. ECS takes over from CodeDeploy only.",
            governed.name
        ),
        Controller::Rolling => format!(
            "Service {} is deployed by ECS task by task already. For blue/green set `strategy = \"BLUE_GREEN\"` in `deployment_configuration` and add `advanced_configuration` to the `load_balancer` block.",
            governed.name
        ),
        Controller::Gradual => format!("Service {} is deployed by ECS's own blue/green already.", governed.name),
    };
    Some(Obstacle::new("Not deployed by CodeDeploy", text))
}
