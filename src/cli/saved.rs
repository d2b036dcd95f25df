//! Saved plans from the command line: `plan -out=FILE`, `apply FILE`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::Globals;
use super::encryption;
use super::failure::Failure;
use super::run::{self, PlanOptions, Planned};
use super::stack::{Stack, StateArgs};
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::config::Variable;
use crate::lang::{Given, Origin, VariableInput, root_value};
use crate::plan::saved::{self, Saved};
use crate::plan::{self, Purpose};
use crate::state;

/// Writes the plan to a file.
pub(super) async fn save(planned: &Planned, options: &PlanOptions, file: &Path) -> Result<(), Failure> {
    let Planned { stack, loaded, plan, .. } = planned;
    if let Some(seal) = stack.place.plan_seal() {
        seal.ready().await.map_err(|problem| stack.fail(problem))?;
    }
    let declared = variables(stack);
    let mut given: BTreeMap<Arc<str>, VariableInput> = BTreeMap::new();
    // Of several values of a name the last one counts. What is not declared is nobody's business.
    for input in stack.inputs.iter().filter(|input| declared.contains_key(&input.name)) {
        given.insert(input.name.clone(), input.clone());
    }
    let is_ephemeral = |name: &Arc<str>| declared.get(name).is_some_and(|variable| variable.ephemeral);
    let (ephemeral, kept): (Vec<_>, Vec<_>) = given.into_values().partition(|input| is_ephemeral(&input.name));
    let saved = Saved {
        plan: plan.clone(),
        options: planned.options.clone(),
        variables: kept,
        ephemeral: ephemeral.into_iter().map(|input| input.name.to_string()).collect(),
        files: stack.files.clone(),
        root: stack.env.root.clone(),
        folder: saved::folder::digest(&stack.env.root),
        workspace: stack.env.workspace.clone(),
        state_file: options.stack.state.file.clone(),
        had_state: loaded.exists,
        state: loaded.state.clone(),
        time: stack.env.plan_time,
    };
    saved.write(file, stack.place.plan_seal()).map_err(|problem| stack.fail(problem))
}

/// Reads a saved plan, out of the envelope that the stack of the current folder says.
pub(super) async fn read(file: &Path, globals: &Globals) -> Result<Saved, Failure> {
    let (seal, shown) = (encryption::here(globals).await?.plan, file.display().to_string());
    // What cannot be read is told as for any other plan.
    let Ok(bytes) = std::fs::read(file) else { return Ok(Saved::read(file)?) };
    Ok(Saved::unpack(&encryption::open(bytes, &shown, seal.as_ref()).await?, &shown)?)
}

fn variables(stack: &Stack) -> BTreeMap<Arc<str>, &Variable> {
    let root = stack.config.root().into_iter();
    root.flat_map(|root| &root.body.variables).map(|(name, variable)| (name.clone(), variable)).collect()
}

/// Opens a saved plan to be applied: its own configuration and values, the state as it is now, locked and compared with
/// the one that the plan starts from. With `undoes` an interrupted run would have to be undone, for which no plan is of use.
pub(super) async fn open(
    file: &Path,
    options: &PlanOptions,
    undoes: bool,
    globals: &Globals,
) -> Result<Planned, Failure> {
    let saved = read(file, globals).await?;
    let mut stack = Stack::reopen(&saved, globals).await?;
    let given = stack.also_given(&options.stack.values, &globals.environment)?;
    let mut warnings = stack.warnings.clone();
    warnings.extend(take_values(&mut stack, &saved, given).map_err(|report| stack.fail(report))?);
    globals.warn(&warnings, &stack.sources);
    let wanted = plan::Options { parallelism: options.parallelism, ..saved.options.clone() };
    let at = &options.stack.state;
    let at = StateArgs { file: at.file.clone().or_else(|| saved.state_file.clone()), ..at.clone() };
    let mut store = stack.store(&at)?;
    let fail = |diagnostic: Diagnostic| stack.fail(diagnostic);
    if undoes && state::load(&mut store, &stack.around.clock).await.map_err(fail)?.can_be_undone() {
        return Err(fail(interrupted(file)));
    }
    at.locking.take(&mut store, globals, "OperationTypeApply").await.map_err(fail)?;
    let mut loaded = state::load(&mut store, &stack.around.clock).await.map_err(fail)?;
    globals.warn(&loaded.warnings, &stack.sources);
    stack.place.remember().map_err(fail)?;
    let recovered = run::take_over(&stack, &mut loaded, &wanted, globals).await.map_err(|report| stack.fail(report))?;
    let standing = saved::check_standing(&saved, &loaded.state, loaded.exists, loaded.can_be_undone());
    standing.map_err(|report| stack.fail(report))?;
    if !loaded.exists {
        saved::folder::check(&saved, store.is_in_bucket()).map_err(fail)?;
    }
    let plan = if saved.plan.has_changes() {
        let again = plan::redraw(saved.plan, run::request(&stack, &loaded.state, &wanted)).await;
        again.map_err(|report| stack.fail(report))?
    } else {
        saved.plan
    };
    Ok(Planned { stack, store, loaded, recovered, plan, options: wanted })
}

/// Why a saved plan is not applied with -rollback.
fn interrupted(file: &Path) -> Diagnostic {
    let text = format!(
        "A run was interrupted or stopped, and -rollback undoes what that one did; no plan is of use for that. Nothing was done. Run the command without {}, with the flags and variables of that run, in the folder of the stack:\n\n    glaz apply -rollback",
        file.display()
    );
    Diagnostic::error("An interrupted run is undone without a plan", text)
}

/// Takes over values that are given again: ephemeral ones, which are not part of the plan. All others must be what
/// they were.
fn take_values(stack: &mut Stack, saved: &Saved, given: Vec<(VariableInput, bool)>) -> Result<Report, Report> {
    let (mut report, mut taken) = (Report::default(), Vec::new());
    let declared = variables(stack);
    for (input, is_automatic) in given {
        let is_from_outside = is_automatic || input.origin == Origin::Environment;
        match declared.get(&input.name) {
            None if input.origin == Origin::Environment || matches!(input.value, Given::Wrong(_)) => {}
            None => report.push(undeclared(&input, is_automatic)),
            Some(variable) if variable.ephemeral => {
                if saved.ephemeral.iter().any(|name| **name == *input.name) {
                    taken.push(input);
                } else if !is_from_outside {
                    report.push(not_then(&input.name));
                }
            }
            Some(_) if is_automatic => {}
            Some(variable) => {
                let then = saved.variables.iter().find(|then| then.name == input.name);
                if root_value(variable, then)? != root_value(variable, Some(&input))? {
                    report.push(changed(&input));
                }
            }
        }
    }
    for name in &saved.ephemeral {
        if !taken.iter().any(|input| *input.name == **name) {
            report.push(not_now(name));
        }
    }
    stack.inputs.extend(taken);
    report.clone().or(report)
}

/// As when planning: an error for a flag, a warning for a file that nobody named.
fn undeclared(input: &VariableInput, is_automatic: bool) -> Diagnostic {
    let text = format!("There is no variable \"{}\" in the root module of the plan.", input.name);
    let summary = "Value for undeclared variable";
    match input.origin {
        Origin::File(span) if is_automatic => Diagnostic::warning(summary, text).at(span),
        _ => Diagnostic::error(summary, text),
    }
}

fn not_then(name: &str) -> Diagnostic {
    let text = format!(
        "The ephemeral variable \"{name}\" had no value when the plan was made, so it must not get one now. Plan again with it."
    );
    Diagnostic::error("Ephemeral variable was not set during planning", text)
}

fn not_now(name: &str) -> Diagnostic {
    let text = format!(
        "The ephemeral variable \"{name}\" had a value when the plan was made. Such values are not saved, so give it again with -var, in a variables file, or in the environment as TF_VAR_{name}."
    );
    Diagnostic::error("No value for required variable", text)
}

/// Never says a value: it may be a secret.
fn changed(input: &VariableInput) -> Diagnostic {
    let name = &input.name;
    if input.origin == Origin::Environment {
        let text = format!(
            "TF_VAR_{name} has another value than \"{name}\" had when the plan was made. The plan goes by the value it was made with."
        );
        return Diagnostic::warning("Ignoring variable when applying a saved plan", text);
    }
    let text = format!(
        "\"{name}\" had another value when the plan was made, and a saved plan is applied with the values it was made with. Leave it out, or plan again. A variable whose value is given at apply is declared with `ephemeral = true`."
    );
    let span = match input.origin {
        Origin::File(span) => Some(span),
        _ => None,
    };
    Diagnostic::error("Can't change variable when applying a saved plan", text).at(span)
}

/// Refuses planning flags with a saved plan: the plan is what it is.
pub(super) fn no_planning_flags(options: &PlanOptions, mode: Purpose) -> Result<(), Failure> {
    let flags = [
        (mode == Purpose::Destroy, "-destroy"),
        (mode == Purpose::RefreshOnly, "-refresh-only"),
        (!options.target.is_empty(), "-target"),
        (!options.exclude.is_empty(), "-exclude"),
        (!options.replace.is_empty(), "-replace"),
        (options.refresh == Some(false), "-refresh=false"),
        (!options.take.is_empty(), "-take"),
    ];
    let given: Vec<&str> = flags.iter().filter(|(is_given, _)| *is_given).map(|(_, flag)| *flag).collect();
    if given.is_empty() {
        return Ok(());
    }
    let text = format!(
        "A saved plan is applied as it is; {} would change what is planned. Give such flags to glaz plan.",
        given.join(", ")
    );
    Err(Diagnostic::error("Planning options with a saved plan", text).into())
}
