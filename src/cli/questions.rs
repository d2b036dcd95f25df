//! Questions for the values of root variables that nobody gave, as Terraform asks them.

use std::sync::Arc;

use super::failure::Failure;
use super::shell::{BOLD, Shell, paint};
use super::stack::Stack;
use super::values::ValueArgs;
use crate::diagnostic::Diagnostic;
use crate::lang::config::Variable;
use crate::lang::{Given, Origin, VariableInput};

/// Asks for each root variable without value and default, by name. Where nobody can be asked, planning says what is
/// missing.
pub(super) fn ask(stack: &mut Stack, args: &ValueArgs, shell: &Shell) -> Result<(), Failure> {
    if args.input == Some(false) || !shell.may_ask {
        return Ok(());
    }
    for variable in missing(stack) {
        let Some(answer) = shell.ask_for(&question(&variable), variable.sensitive) else {
            let text =
                format!("The question for the variable \"{}\" was not answered. Nothing was done.", variable.name);
            return Err(stack.fail(Diagnostic::error("Error asking for input to configure variable", text)));
        };
        stack.inputs.push(VariableInput {
            name: variable.name.clone(),
            value: Given::Text(answer.into()),
            origin: Origin::Prompt,
        });
    }
    Ok(())
}

/// The variables without value and default.
fn missing(stack: &Stack) -> Vec<Variable> {
    let is_given = |name: &Arc<str>| stack.inputs.iter().any(|input| input.name == *name);
    let root = stack.config.root().into_iter().flat_map(|root| root.body.variables.values());
    let mut missing: Vec<Variable> =
        root.filter(|variable| variable.default.is_none() && !is_given(&variable.name)).cloned().collect();
    missing.sort_by(|a, b| a.name.cmp(&b.name));
    missing
}

fn question(variable: &Variable) -> String {
    let mut text = paint(BOLD, format!("var.{}", variable.name)) + "\n";
    for line in variable.description.iter().flat_map(|description| description.lines()) {
        text.push_str(&format!("  {line}\n"));
    }
    text + "\n  " + &paint(BOLD, "Enter a value:") + " "
}
