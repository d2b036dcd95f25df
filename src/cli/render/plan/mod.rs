//! A plan for people, in Terraform's words, so that they and their tools recognise it.

mod changes;
pub(super) mod rollouts;

#[cfg(test)]
pub(super) mod tests;
mod why;

use super::diff::{self, Op, Pen};
use super::value;
use crate::cli::shell::{BOLD, GREEN, RED, Shell, YELLOW, paint};
use crate::plan::{Plan, Purpose};
use crate::resource::Registry;
use crate::state::State;
pub(super) use changes::body;

/// How much of a plan is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Detail {
    /// One line per change.
    Brief,
    /// The changed attributes.
    #[default]
    Changes,
    /// Every attribute of what changes.
    Full,
}

impl Detail {
    fn pen(self) -> Pen {
        if self == Self::Full { Pen::EVERYTHING } else { Pen::CHANGES }
    }
}

/// Text that is handed on piece by piece: that of ten thousand changes need not be in memory at once.
struct Pieces<'a> {
    text: String,
    write: &'a mut dyn FnMut(&str),
}

impl Pieces<'_> {
    /// Bytes that are collected before they are handed on.
    const ENOUGH: usize = 1 << 16;

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        if self.text.len() >= Self::ENOUGH {
            self.flush();
        }
    }

    fn flush(&mut self) {
        (self.write)(&self.text);
        self.text.clear();
    }
}

/// The whole plan as [`write`] tells it.
pub(crate) fn plan(plan: &Plan, registry: &Registry, shell: &Shell, detail: Detail) -> String {
    let mut text = String::new();
    write(plan, registry, shell, detail, &mut |piece| text.push_str(piece));
    finish(text, shell)
}

/// The whole plan: what changed behind our back, what will be done, and what becomes of the outputs. With colours.
pub(crate) fn write(plan: &Plan, registry: &Registry, shell: &Shell, detail: Detail, write: &mut dyn FnMut(&str)) {
    let mut out = Pieces { text: String::new(), write };
    let drift = changes::drift(plan, registry, detail);
    if let Some(drift) = &drift {
        out.push(drift);
    }
    if plan.mode == Purpose::RefreshOnly {
        let outputs = output_changes(plan, detail);
        if drift.is_some() || outputs.is_empty() {
            out.push(&refreshed(drift.is_some()));
        }
        if drift.is_some() && !outputs.is_empty() {
            out.push(&format!("\n{}\n", rule(shell)));
        }
        out.push(&outputs);
    } else if plan.has_changes() {
        if drift.is_some() {
            out.push(&format!(
                "\nUnless you have made equivalent changes to your configuration, or ignored the relevant\nattributes using ignore_changes, the following plan may include actions to undo or respond\nto these changes.\n\n{}\n",
                rule(shell)
            ));
        }
        actions(plan, registry, detail, &mut out);
        out.push(&output_changes(plan, detail));
    } else if plan.mode == Purpose::Destroy {
        out.push(&nothing_there());
    } else {
        out.push(&no_changes(drift.is_some()));
    }
    out.push(&rollouts::rollouts(plan));
    out.flush();
}

/// Without colour, unless the shell has it.
fn finish(text: String, shell: &Shell) -> String {
    if shell.has_colour { text } else { anstream::adapter::strip_str(&text).to_string() }
}

fn rule(shell: &Shell) -> String {
    "─".repeat(shell.width.min(77))
}

fn no_changes(has_drift: bool) -> String {
    let (head, rest) =
        (paint(GREEN.bold(), "No changes."), paint(BOLD, "Your infrastructure matches the configuration."));
    let why = if has_drift {
        "Your configuration already fits the changes detected above. The next apply that changes\nanything else remembers them."
    } else {
        "glaz has compared your real infrastructure against your configuration\nand found no differences, so no changes are needed."
    };
    format!("\n{head} {rest}\n\n{why}\n")
}

/// What a destroy says when nothing is left to do.
fn nothing_there() -> String {
    let (head, rest) = (paint(GREEN.bold(), "No changes."), paint(BOLD, "No objects need to be destroyed."));
    format!("\n{head} {rest}\n\nNothing was made yet, or all of it was deleted already.\n")
}

/// What a plan that only refreshes says of objects.
fn refreshed(has_drift: bool) -> String {
    if has_drift {
        return "\nThis is a refresh-only plan, so glaz will not take any actions to undo these. If you were\nexpecting these changes then you can apply this plan to record the updated values in the state\nwithout changing any remote objects.\n"
            .to_owned();
    }
    let (head, rest) =
        (paint(GREEN.bold(), "No changes."), paint(BOLD, "Your infrastructure still matches the configuration."));
    format!(
        "\n{head} {rest}\n\nglaz has checked that the real remote objects still match the result of your most recent\nchanges, and found no differences.\n"
    )
}

/// The steps, with a legend before and a count after.
fn actions(plan: &Plan, registry: &Registry, detail: Detail, out: &mut Pieces<'_>) {
    let sorted = changes::sorted(plan);
    if sorted.is_empty() {
        return;
    }
    let causes = why::Causes::new(plan);
    out.push("\n");
    if detail == Detail::Brief {
        sorted.iter().for_each(|change| out.push(&changes::line(change, &causes)));
    } else {
        let legend = changes::legend(&sorted);
        // What is only imported or moved has no symbol.
        if !legend.is_empty() {
            out.push("glaz used the built-in providers to generate the following execution plan. Resource actions\nare indicated with the following symbols:\n");
            out.push(&format!("{legend}\n"));
        }
        out.push("glaz will perform the following actions:\n");
        for change in &sorted {
            out.push(&changes::whole(change, registry, &causes, detail));
        }
    }
    let (add, change, destroy) = plan.counts();
    let import = match plan.imports() {
        0 => String::new(),
        count => format!("{count} to import, "),
    };
    out.push(&format!("\n{} {import}{add} to add, {change} to change, {destroy} to destroy.\n", paint(BOLD, "Plan:")));
}

fn output_changes(plan: &Plan, detail: Detail) -> String {
    let all = plan.outputs.iter().filter(|(_, change)| change.is_change());
    let mut parts: diff::Named = all
        .map(|(name, change)| {
            (
                name.clone(),
                diff::output(
                    change.before.as_ref(),
                    change.after.as_ref().filter(|after| !after.is_null()),
                    change.is_hidden(),
                ),
            )
        })
        .collect();
    if parts.is_empty() {
        return String::new();
    }
    parts.sort_by(|(a, _), (b, _)| a.cmp(b));
    let widest = plan.outputs.keys().map(|name| name.len()).max().unwrap_or_default();
    let mut out = format!("\n{}\n", paint(BOLD, "Changes to Outputs:"));
    for (name, part) in &parts {
        let symbol = match part.op {
            Op::Make => paint(GREEN, "+"),
            Op::Drop => paint(RED, "-"),
            Op::Change | Op::Same => paint(YELLOW, "~"),
        };
        let text = if detail == Detail::Brief {
            format!("  {symbol} {name}\n")
        } else {
            format!("  {symbol} {name:widest$} = {}\n", diff::text(part, 0, detail.pen()))
        };
        out.push_str(&text);
    }
    if !plan.has_steps() {
        out.push_str("\nYou can apply this plan to save these new output values to the state, without changing any\nreal infrastructure.\n");
    }
    out
}

/// The outputs after an apply; nothing when there are none.
pub(crate) fn outputs(state: &State, shell: &Shell) -> String {
    if state.outputs.is_empty() {
        return String::new();
    }
    let head = format!("\n{}\n\n", paint(GREEN.bold(), "Outputs:"));
    finish(head + &output_values(state), shell)
}

/// One `name = value` after the other; sensitive ones as `<sensitive>`.
pub(crate) fn output_values(state: &State) -> String {
    let mut out = String::new();
    for (name, output) in &state.outputs {
        let is_sensitive = output.sensitive || output.value.marks_deep().is_sensitive();
        let shown = if is_sensitive { "<sensitive>".to_owned() } else { value::value(&output.value) };
        out.push_str(&format!("{name} = {shown}\n"));
    }
    out
}
