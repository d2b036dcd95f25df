//! `glaz console`.

mod complete;
mod edit;

use std::io::{BufRead as _, IsTerminal as _};
use std::path::Path;
use std::sync::Arc;

use clap::Args;

use super::Globals;
use super::failure::Failure;
use super::render;
use super::stack::{Stack, StackArgs};
use crate::diagnostic::{Diagnostic, Report, Sources};
use crate::lang::syntax::parse_expression;
use crate::lang::{Answer, Evaluator, Given, Origin, Phase, VariableInput};
use crate::plan::{self, Options, Plan, Remembered, Request};
use crate::state::{self, State};
use crate::value::Value;

/// What Terraform calls the typed text in diagnostics.
const SOURCE: &str = "<console-input>";

/// What `help` prints.
const HELP: &str = "\
Type an expression and press Enter to see its value. Names mean what they mean in the
root module: var.x, local.x, module.x.y, path.module, and resources as the state has
them, such as aws_vpc.main.id. With -plan they are as the plan wants them.

All functions of the language are there, and type(x), which shows the type of a value.
An expression with open brackets or an open heredoc goes on in the next line.

To leave, type exit, or press Control-C or Control-D.";

/// Try out expressions.
///
/// Evaluates what is typed in the root module, with the values that the state has. Changes nothing and takes no lock.
/// When standard input is no terminal, every line is an expression, the value of the last one is printed, and the first
/// error ends it with exit code 1.
#[derive(Args, Debug)]
pub(super) struct ConsoleArgs {
    #[command(flatten)]
    stack: StackArgs,
    /// Draw up a plan first, and use the values it will lead to.
    #[arg(long)]
    plan: bool,
}

/// Answers expressions; the exit code.
pub(super) async fn run(args: &ConsoleArgs, globals: &Globals) -> Result<u8, Failure> {
    let mut session = Session::open(args, globals).await?;
    if std::io::stdin().is_terminal() {
        edit::interact(&mut session, globals)?;
        return Ok(0);
    }
    piped(&mut session, globals)
}

/// Every line an expression; prints the last result, as Terraform does.
fn piped(session: &mut Session, globals: &Globals) -> Result<u8, Failure> {
    let mut last = String::new();
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| {
            let text = format!("Standard input cannot be read: {error}.");
            Diagnostic::error("Failed to read standard input", text)
        })?;
        match session.answer(&line)? {
            Reply::Text(text) => last = text,
            Reply::Exit => return Ok(0),
        }
    }
    globals.shell.line(&last);
    Ok(0)
}

/// What an input leads to.
enum Reply {
    /// Text to print.
    Text(String),
    /// The end.
    Exit,
}

/// A stack whose values are known as far as possible.
struct Session {
    evaluator: Evaluator,
    sources: Sources,
    names: Vec<String>,
}

impl Session {
    async fn open(args: &ConsoleArgs, globals: &Globals) -> Result<Self, Failure> {
        let mut stack = Stack::open(&args.stack, globals, Phase::Apply).await?;
        let unset = unset(&stack);
        stack.inputs.extend(unset);
        let (state, mut report) = remembered(args, &stack, globals).await?;
        let planned = if args.plan { Some(draw(&mut stack, &state).await?) } else { None };
        let mut answers = if let Some(plan) = &planned {
            Remembered::of_plan(plan, &stack.registry)
        } else {
            let (answers, problems) = Remembered::of_state(&state, &stack.registry);
            report.extend(problems);
            answers
        };
        report.extend(stack.warnings.clone());
        let mut evaluator = Evaluator::new(stack.config.clone(), &stack.inputs, &stack.env);
        match evaluator.run(&mut answers) {
            Ok(outcome) => report.extend(outcome.warnings),
            Err(problems) => {
                report.extend(problems);
                let text = "Because of the problems above, some values are not known here.";
                report.push(Diagnostic::warning("Some expressions may have unexpected results", text));
            }
        }
        globals.warn(&report, &stack.sources);
        let names = complete::names(&stack.config);
        Ok(Self { evaluator, sources: stack.sources, names })
    }

    /// What an input leads to.
    fn answer(&mut self, input: &str) -> Result<Reply, Failure> {
        let input = input.trim();
        match input {
            "" => Ok(Reply::Text(String::new())),
            "exit" => Ok(Reply::Exit),
            "help" => Ok(Reply::Text(HELP.to_owned())),
            _ => self.value(input).map(Reply::Text),
        }
    }

    fn value(&mut self, input: &str) -> Result<String, Failure> {
        // The line that ends a heredoc needs its line break.
        let input = if input.contains("<<") { format!("{input}\n") } else { input.to_owned() };
        let mut sources = self.sources.clone();
        let file = sources.add(Path::new(SOURCE), &input);
        let (expr, report) = parse_expression(file, &input);
        let answer = match (expr, report.has_errors()) {
            (Some(expr), false) => self.evaluator.expression(&expr),
            _ => Err(report),
        };
        match answer {
            Ok(Answer::Value(value)) => Ok(render::value::value(&value)),
            Ok(Answer::Type(text)) => Ok(text),
            Err(report) => Err(Failure { report, sources }),
        }
    }
}

/// Root variables that nobody gave a value are not known; they are no error here.
fn unset(stack: &Stack) -> Vec<VariableInput> {
    let variables = stack.config.root().into_iter().flat_map(|root| root.body.variables.values());
    let is_given = |name: &Arc<str>| stack.inputs.iter().any(|input| input.name == *name);
    variables
        .filter(|variable| variable.default.is_none() && !is_given(&variable.name))
        .map(|variable| VariableInput {
            name: variable.name.clone(),
            value: Given::Value(Value::unknown(variable.ty.clone())),
            origin: Origin::Prompt,
        })
        .collect()
}

/// The state, without a lock: nothing is written.
async fn remembered(args: &ConsoleArgs, stack: &Stack, globals: &Globals) -> Result<(State, Report), Failure> {
    let mut store = stack.store(&args.stack.state)?;
    let loaded = state::load(&mut store, &globals.environment.clock()).await?;
    Ok((loaded.state, loaded.warnings))
}

async fn draw(stack: &mut Stack, state: &State) -> Result<Plan, Failure> {
    let options = Options::default();
    // While planning, `timestamp` and its like are not known.
    stack.env.phase = Phase::Plan;
    let request = Request {
        config: &stack.config,
        inputs: &stack.inputs,
        env: &stack.env,
        state,
        registry: &stack.registry,
        around: &stack.around,
        options: &options,
        rollouts: stack.rollouts.as_deref(),
    };
    plan::draw(request).await.map_err(|report| stack.fail(report))
}
