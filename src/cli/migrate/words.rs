//! What is said of a migration.

use super::text::Edited;
use crate::address::Address;
use crate::cli::render::unified;
use crate::cli::shell::{BOLD, DIM, YELLOW, paint};
use crate::diagnostic::shell_word;
use crate::rollout::migrate::{Settings, Way};
use crate::rollout::observed::{last_part, target_group_name};

/// What goes over, and what comes out otherwise.
pub(super) fn settings(name: &str, settings: &Settings, is_over: bool) -> String {
    let title = if is_over {
        format!("{name}: the stack files say already what ECS needs")
    } else {
        format!("{name}: from CodeDeploy to ECS's own blue/green")
    };
    let mut out = format!("\n{}\n", paint(BOLD, title));
    let mut line =
        |what: &str, text: String| out.push_str(&format!("  {} {text}\n", paint(DIM, format!("{what:<11}"))));
    line(
        "strategy",
        format!("{}: {}; old tasks stay {} min", settings.strategy(), settings.shift, settings.bake_minutes),
    );
    line(
        "targets",
        format!("{} with the tasks, {} empty", target_group_name(&settings.live), target_group_name(&settings.idle)),
    );
    line("production", way(&settings.production));
    if let Some(test) = &settings.test {
        line("test", way(test));
    }
    if let Some(alarms) = &settings.alarms {
        let end = if alarms.rollback { "end a deployment and roll it back" } else { "end a deployment" };
        line("alarms", format!("{} {end}", alarms.names.join(", ")));
    }
    for hook in &settings.hooks {
        line("function", format!("{} at {}", last_part(&hook.function), hook.stages.join(", ")));
    }
    out + &notes(&settings.notes)
}

/// What else there is to know.
pub(super) fn notes(all: &[String]) -> String {
    let lines: Vec<String> = all.iter().map(|note| format!("  {} {note}\n", paint(YELLOW, "note       "))).collect();
    lines.concat()
}

fn way(way: &Way) -> String {
    match way {
        Way::Rule { arn, is_single: false } => format!("rule {}", last_part(arn)),
        Way::Rule { arn, is_single: true } => {
            format!("rule {}, which gets the second target group with weight 0", last_part(arn))
        }
        Way::Listener { arn, is_single } => {
            let more = if *is_single { ", which gets the second target group with weight 0" } else { "" };
            format!("listener {}{more}", last_part(arn))
        }
        Way::New { listener, priority } => format!(
            "a new rule of listener {} for all paths, at priority {priority}: ECS moves the traffic of one rule, not of a default action",
            last_part(listener)
        ),
    }
}

/// What changes in the files.
pub(super) fn diff(edited: &[Edited], is_written: bool) -> String {
    if edited.is_empty() {
        return String::new();
    }
    let title = if is_written {
        "Stack files, written once you approve:"
    } else {
        "Stack files, to be changed (-write does it):"
    };
    let diffs: String = edited.iter().map(|one| unified(&one.old, &one.new, &one.path.display().to_string())).collect();
    format!("\n{}\n\n{diffs}", paint(BOLD, title))
}

/// What goes back, and what does not.
pub(super) fn way_back(service: &Address) -> String {
    format!(
        "\n{}\n  The deployment that takes the service over starts the revision that runs now once more. When it fails, ECS sends the\n  traffic back to the tasks of now by itself; the service stays with ECS, and the deployment group stays as well.\n  AWS documents the change of the controller in this direction. Back to CodeDeploy leads the stack file as it was, with\n  the service made anew: glaz apply -replace={}\n",
        paint(BOLD, "Going back:"),
        shell_word(&service.to_string())
    )
}

/// What is left to do.
pub(super) fn end(names: &[&str], said: &str, edited: &[Edited], is_written: bool) -> String {
    let files: Vec<String> = edited.iter().map(|one| one.path.display().to_string()).collect();
    let names = format!("{} {} deployed by ECS", names.join(" and "), if names.len() > 1 { "are" } else { "is" });
    match (files.is_empty(), is_written) {
        (true, _) => format!("\n{names}.\n"),
        (false, true) => format!("\n{names}. Written: {}.\n", files.join(", ")),
        (false, false) => format!(
            "\n{names}. The stack files still say CODE_DEPLOY, and the next plan would want that back: change {} as shown above, or let it be done by\n\n    glaz migrate-controller {} -write\n",
            files.join(", "),
            shell_word(said)
        ),
    }
}
