//! Evaluation of a whole configuration, and again of single instances while an apply goes on.

use std::sync::Arc;

use super::{Answers, Config, Desired, Environment, Outcome, VariableInput};
use crate::address::Address;
use crate::diagnostic::{Diagnostic, Report};
use crate::value::Value;

/// Evaluates a configuration. All errors, with their places.
pub fn evaluate(
    config: &Arc<Config>,
    inputs: &[VariableInput],
    env: &Environment,
    answers: &mut dyn Answers,
) -> Result<Outcome, Report> {
    Evaluator::new(config.clone(), inputs, env).run(answers)
}

/// Remembers what was evaluated, and evaluates again what was not wholly known.
///
/// Plan: `new`, `run`. Apply: `new` with [`Phase::Apply`](super::Phase::Apply), `run` with the planned values as
/// answers; then for each step `instance` (its configuration with what is known by now), the work, and `settle`
/// with the final value; at the end `outputs`.
#[derive(Debug)]
pub struct Evaluator {
    config: Arc<Config>,
}

impl Evaluator {
    /// An evaluator that has evaluated nothing yet.
    pub fn new(config: Arc<Config>, inputs: &[VariableInput], env: &Environment) -> Self {
        let _ = (inputs, env);
        Self { config }
    }

    /// Evaluates everything.
    pub fn run(&mut self, answers: &mut dyn Answers) -> Result<Outcome, Report> {
        let _ = (&self.config, answers);
        Err(Diagnostic::bug("Evaluation is not there yet").into())
    }

    /// Tells the final value of an instance; what was evaluated from the old one is evaluated again when needed.
    /// Checks the postconditions of the instance.
    pub fn settle(&mut self, address: &Address, value: Value) -> Result<(), Report> {
        let _ = (address, value);
        Err(Diagnostic::bug("Evaluation is not there yet").into())
    }

    /// The configuration of an instance with what is known by now.
    pub fn instance(&mut self, address: &Address, answers: &mut dyn Answers) -> Result<Desired, Report> {
        let _ = (address, answers);
        Err(Diagnostic::bug("Evaluation is not there yet").into())
    }

    /// Root outputs and checks with what is known by now; [`Outcome::instances`] is left empty.
    pub fn outputs(&mut self) -> Result<Outcome, Report> {
        Err(Diagnostic::bug("Evaluation is not there yet").into())
    }
}
