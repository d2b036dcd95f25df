//! Deployments in a plan: a line for each service that a controller governs, and what will be deployed.

use crate::cli::shell::{BOLD, DIM, YELLOW, paint};
use crate::plan::{Action, Plan};
use crate::rollout::{Controller, Rollout, Running, say};
use crate::value::Value;

/// The section; empty where nothing is governed.
pub(super) fn rollouts(plan: &Plan) -> String {
    let mut out = String::new();
    for (address, governed) in &plan.governance.services {
        let Some(rollout) = plan.rollouts.get(address) else {
            // Nothing but ECS moves a service that is deployed task by task.
            if governed.controller.governs() {
                out.push_str(&format!("  {}\n", say::service(governed)));
            }
            continue;
        };
        let change = plan.changes.iter().find(|change| change.address == *address && change.deposed.is_none());
        if let Some(running) = rollout.running.as_ref().filter(|_| change.is_some_and(|one| one.action == Action::NoOp))
        {
            let text = format!(
                "{}: deployment {} was started by a run that did not see it through ({}): it is watched to its end",
                rollout.service,
                running.name(),
                running.status
            );
            out.push_str(&format!("  {} {}\n", paint(YELLOW, "~"), paint(BOLD, text)));
            continue;
        }
        let to = change.and_then(|change| change.after.get("task_definition")).and_then(Value::as_str);
        out.push_str(&deployment(rollout, to, &address.to_string()));
        out.push_str(&paint(DIM, format!("      now {}\n", say::service(governed))));
    }
    let shared = || plan.sharing.iter().filter(|(_, one)| !one.kept.is_empty());
    let is_many = shared().count() > 1;
    for (address, one) in shared() {
        let of = if is_many { format!("{address}: ") } else { String::new() };
        one.kept.iter().for_each(|line| out.push_str(&format!("  {of}{line}\n")));
    }
    for address in plan.caught_up().filter(|address| !plan.rollouts.contains_key(*address)) {
        out.push_str(&format!(
            "  {address}: the stack file has caught up with what was deployed; an apply remembers that.\n"
        ));
    }
    if out.is_empty() { out } else { format!("\n{}\n{out}", paint(BOLD, "Deployments:")) }
}

/// The same for machines: a text for each entry, without colours.
pub(in crate::cli::render) fn entries(plan: &Plan) -> Vec<String> {
    let text = anstream::adapter::strip_str(&rollouts(plan)).to_string();
    let mut all: Vec<String> = Vec::new();
    for line in text.lines().skip_while(|line| !line.starts_with("  ")) {
        match all.last_mut().filter(|_| line.starts_with("    ")) {
            Some(entry) => entry.push_str(&format!("; {}", line.trim())),
            None => all.push(line.trim().trim_start_matches("~ ").to_owned()),
        }
    }
    all
}

fn deployment(rollout: &Rollout, to: Option<&str>, address: &str) -> String {
    let pace = &rollout.group.pace;
    let words = pace.words(&rollout.service);
    let minutes = |time: std::time::Duration| match time.as_secs().div_ceil(60) {
        minutes @ 0..120 => format!("{minutes} min"),
        minutes => format!("{} h {} min", minutes / 60, minutes % 60),
    };
    let mut out = format!("  {} {}\n", paint(YELLOW, "~"), paint(BOLD, say::rollout(rollout, to)));
    out.push_str(&format!(
        "      {words}\n      all traffic moved after about {}, finished after about {}\n",
        minutes(pace.until_traffic()),
        minutes(pace.until_finished())
    ));
    if !rollout.group.rolls_back {
        let what = match rollout.controller {
            Controller::Rolling => "`deployment_circuit_breaker` of the service",
            _ => "`auto_rollback_configuration` of the group",
        };
        out.push_str(&format!("      a failure is not rolled back: {what} is off\n"));
    }
    // Runs of glaz write the instance into what they start.
    let is_ours =
        |one: &&Running| one.description.starts_with("glaz ") && one.description.ends_with(&format!(": {address}"));
    if let Some(running) = rollout.running.as_ref().filter(is_ours) {
        out.push_str(&format!(
            "      deployment {} was started by a run before ({}): followed where it brings out the same, else waited for, superseded or refused, as -on-running says\n",
            running.name(),
            running.status
        ));
    } else if let Some(running) = &rollout.running {
        out.push_str(&format!(
            "      deployment {} is under way ({}): waited for, superseded or refused, as -on-running says\n",
            running.name(),
            running.status
        ));
    }
    out
}
