//! `glaz output`.

use std::io::Write as _;

use clap::Args;

use super::Globals;
use super::failure::Failure;
use super::render;
use super::stored::{self, StoredArgs};
use crate::diagnostic::{Diagnostic, Report, Sources, near_miss};
use crate::state::{Output, State};
use crate::value::{Data, Value};

/// Show the outputs of a stack.
///
/// Reads them from the state, as the last apply left them. All of them, with sensitive ones hidden; or one by name, in
/// clear, for scripts.
#[derive(Args, Debug)]
pub(super) struct OutputArgs {
    /// Only this output.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Print JSON, sensitive values included.
    #[arg(long)]
    json: bool,
    /// Print one text, number or bool as it is, without quotes and line break.
    #[arg(long)]
    raw: bool,
    #[command(flatten)]
    state: StoredArgs,
}

impl OutputArgs {
    /// What does not go together.
    fn mistake(&self) -> Option<Diagnostic> {
        if self.names.len() > 1 {
            let text = "The output command takes the name of one output, or no arguments to show all of them.";
            return Some(Diagnostic::error("Unexpected argument", text));
        }
        if self.raw && self.json {
            return Some(Diagnostic::error("Invalid output format", "Use -raw or -json, not both."));
        }
        let text = "-raw prints one output. Give its name:\n\n    glaz output -raw NAME";
        (self.raw && self.names.is_empty()).then(|| Diagnostic::error("Output name required", text))
    }
}

/// Shows outputs; the exit code.
pub(super) async fn run(args: &OutputArgs, globals: &Globals) -> Result<u8, Failure> {
    if let Some(problem) = args.mistake() {
        return Err(problem.into());
    }
    let state = stored::read(&args.state, globals).await?.unwrap_or_else(|| State::of_lineage(""));
    match args.names.first() {
        None if args.json => globals.shell.line(&render::json::outputs(&state)?),
        None if state.outputs.is_empty() => globals.warn(&nothing(), &Sources::default()),
        None => globals.shell.out(&render::plan::output_values(&state)),
        Some(name) => one(args, name, &state, globals)?,
    }
    Ok(0)
}

fn nothing() -> Report {
    let text = "The state has no outputs, or all of them are empty. Add an `output` block to the stack and apply it.";
    Diagnostic::warning("No outputs found", text).into()
}

fn one(args: &OutputArgs, name: &str, state: &State, globals: &Globals) -> Result<(), Failure> {
    if state.outputs.is_empty() && !args.json {
        globals.warn(&nothing(), &Sources::default());
        return Ok(());
    }
    let output = state.outputs.get(name).ok_or_else(|| not_found(name, state))?;
    if args.json {
        globals.shell.line(&render::json::output(output)?);
    } else if args.raw {
        // A reader that went away is not an error of ours. Nothing is taken out of the text.
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(raw(name, output)?.as_bytes()).and_then(|()| out.flush());
    } else {
        globals.shell.line(&render::value::value(&output.value.unmarked()));
    }
    Ok(())
}

fn not_found(name: &str, state: &State) -> Diagnostic {
    let hint = near_miss(name, state.outputs.keys().map(String::as_str));
    let hint = hint.map(|near| format!(" Did you mean \"{near}\"?")).unwrap_or_default();
    let text = format!(
        "The state has no output \"{name}\".{hint} If you added it to the stack a moment ago, it appears with the next apply. An output whose value is null is not stored."
    );
    Diagnostic::error(format!("Output \"{name}\" not found"), text)
}

/// The bare text of a simple value.
fn raw(name: &str, output: &Output) -> Result<String, Diagnostic> {
    let Value { data, .. } = &output.value;
    Ok(match data {
        Data::String(text) => text.to_string(),
        Data::Number(number) => number.to_string(),
        Data::Bool(truth) => truth.to_string(),
        _ => {
            let what = render::value::friendly(&output.value.ty());
            let text = format!(
                "-raw prints text, numbers and bools, but output \"{name}\" is {what}. Use -json for values with parts:\n\n    glaz output -json {name}"
            );
            return Err(Diagnostic::error("Unsupported value for raw output", text));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Type;

    fn state() -> State {
        let mut state = State::of_lineage("l");
        let mut add = |name: &str, value: Value, sensitive| {
            state.outputs.insert(name.to_owned(), Output { value, sensitive });
        };
        add("address", "10.0.0.1".into(), false);
        add("list", Value::list(Type::Number, vec![1.into()]), false);
        add("secret", "hush".into(), true);
        state
    }

    #[test]
    fn all_hide_what_is_sensitive() {
        let expected = "address = \"10.0.0.1\"\nlist = tolist([\n  1,\n])\nsecret = <sensitive>\n";
        assert_eq!(render::plan::output_values(&state()), expected);
    }

    #[test]
    fn raw_takes_simple_values() {
        let state = state();
        assert_eq!(raw("address", &state.outputs["address"]).as_deref(), Ok("10.0.0.1"));
        let refused = raw("list", &state.outputs["list"]).expect_err("refused");
        assert!(refused.detail.contains("is list of number"), "{}", refused.detail);
    }

    #[test]
    fn a_wrong_name_gets_the_near_one() {
        assert!(not_found("adress", &state()).detail.contains("Did you mean \"address\"?"));
    }
}
