//! The data source `external`: what a program of the user prints.
//!
//! The program gets the query as a JSON object on standard input and prints a JSON object of texts.
//!
//! <https://registry.terraform.io/providers/hashicorp/external/latest/docs/data-sources/external>

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::Arc;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::source::{self, Source};
use crate::model;
use crate::resource::{AnySource, Draft, Error, Problems, Surroundings};
use crate::value::{Type, Value, json};

model! {
    /// What a program prints.
    pub struct Args {
        /// Always `-`.
        id: Option<String> = computed(),
        /// The program, found along `PATH`, and its arguments. No shell is between.
        program: Vec<String> = required(),
        /// Texts for the program, as a JSON object on its standard input.
        query: Option<BTreeMap<String, Option<String>>> = optional(),
        /// Folder the program runs in.
        working_dir: Option<String> = optional(),
        /// Texts that the program printed as a JSON object.
        result: Option<BTreeMap<String, String>> = computed(),
    }
}

/// The data source.
pub struct External;

impl Source for External {
    type Model = Args;

    const TYPE: &'static str = "external";

    fn check(want: &Draft, found: &mut Problems) {
        if want.known(Args::program).is_some_and(|program| program.iter().all(String::is_empty)) {
            let says = "The first element must name the program to run.";
            found.titled("External Program Missing", "program", says);
        }
    }

    async fn read(around: &Surroundings, want: Args) -> Result<Args, Error> {
        let path = around.environment.get("PATH").cloned().unwrap_or_default();
        run(want, &path).await
    }
}

async fn run(want: Args, path: &str) -> Result<Args, Error> {
    let words: Vec<&String> = want.program.iter().filter(|word| !word.is_empty()).collect();
    let Some((name, arguments)) = words.split_first() else {
        return Err(Error::titled("External Program Missing", "`program` names no program to run."));
    };
    let program = find(name, path).map_err(|why| {
        let text = format!(
            "The program \"{name}\" cannot be found: {why}. Write a name that is in one of the folders of PATH, or a path such as \"${{path.module}}/{}\"; the file must be executable.",
            name.trim_start_matches("./")
        );
        Error::titled("External Program Lookup Failed", text)
    })?;
    let failed = |why: String| {
        let text = format!("The program \"{}\" failed: {why}", program.display());
        Error::titled("External Program Execution Failed", text)
    };
    let query = query(&want)?;
    let mut command = Command::new(&program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    if let Some(folder) = want.working_dir.as_deref().filter(|folder| !folder.is_empty()) {
        command.current_dir(folder);
    }
    let output = talk(&mut command, query).await.map_err(|error| match command.as_std().get_current_dir() {
        Some(folder) if !folder.is_dir() => {
            failed(format!("its working_dir {} cannot be used: {error}.", folder.display()))
        }
        _ => failed(format!("{error}.")),
    })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = if said.trim().is_empty() { "It said nothing on standard error." } else { said.trim() };
        return Err(failed(format!("{}.\n\n{said}", output.status)));
    }
    let result = result(&output.stdout).map_err(|why| {
        let text =
            format!("The program \"{}\" must print a JSON object whose values are texts: {why}.", program.display());
        Error::titled("Unexpected External Program Results", text)
    })?;
    Ok(Args { id: Some("-".to_owned()), result: Some(result), ..want })
}

/// The program: a path as it is, a name along `PATH`.
fn find(name: &str, path: &str) -> Result<PathBuf, String> {
    let is_program = |path: &Path| match path.metadata() {
        Ok(found) if found.is_dir() => Err("it is a folder".to_owned()),
        Ok(found) if found.permissions().mode() & 0o111 == 0 => Err("permission denied".to_owned()),
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    };
    if name.contains('/') {
        return is_program(Path::new(name)).map(|()| PathBuf::from(name));
    }
    let places = path.split(':').map(|folder| Path::new(if folder.is_empty() { "." } else { folder }).join(name));
    let found = places.into_iter().find(|place| is_program(place).is_ok());
    found.ok_or_else(|| "no folder of PATH has an executable of this name".to_owned())
}

/// The query in JSON, as Go writes it. Null is left out.
fn query(want: &Args) -> Result<String, Error> {
    let given =
        want.query.iter().flatten().filter_map(|(name, text)| Some((name.as_str().into(), text.as_deref()?.into())));
    json::to_json(&Value::map(Type::String, given.collect()))
        .map_err(|error| Error::titled("Query Handling Failed", format!("{error}.")))
}

/// Starts it, hands it the query, and waits for its end. It does not outlive this.
async fn talk(command: &mut Command, query: String) -> std::io::Result<Output> {
    let mut child = command.spawn()?;
    let input = child.stdin.take();
    let write = async {
        if let Some(mut input) = input {
            // A program that does not care for the query closes its input; that is no mistake.
            let _ = input.write_all(query.as_bytes()).await;
        }
    };
    // Beside the reading: a program may print before it has read everything.
    tokio::join!(write, child.wait_with_output()).1
}

/// The texts a program printed. What it printed may be secret and is not repeated.
fn result(printed: &[u8]) -> Result<BTreeMap<String, String>, String> {
    let whole: serde_json::Value = serde_json::from_slice(printed).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        if printed.trim_ascii().is_empty() {
            "it printed nothing".to_owned()
        } else {
            format!("it is no JSON at {place}")
        }
    })?;
    let serde_json::Value::Object(entries) = whole else { return Err("it is no object".to_owned()) };
    let text = |(name, value): (String, serde_json::Value)| match value {
        serde_json::Value::String(text) => Ok((name, text)),
        // As Go reads null into a text.
        serde_json::Value::Null => Ok((name, String::new())),
        serde_json::Value::Bool(_) => Err(format!("the value of \"{name}\" is a bool")),
        serde_json::Value::Number(_) => Err(format!("the value of \"{name}\" is a number")),
        serde_json::Value::Array(_) => Err(format!("the value of \"{name}\" is a list")),
        serde_json::Value::Object(_) => Err(format!("the value of \"{name}\" is an object")),
    };
    entries.into_iter().map(text).collect()
}

/// The data sources.
pub(super) fn sources() -> Vec<Arc<dyn AnySource>> {
    vec![source::Erased::<External>::boxed()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_objects_of_texts_are_results() {
        assert_eq!(result(br#"{"a": "b", "n": null}"#).map(|all| all.len()), Ok(2));
        assert_eq!(result(b""), Err("it printed nothing".to_owned()));
        assert_eq!(result(b"[]"), Err("it is no object".to_owned()));
        assert_eq!(result(br#"{"a": 1}"#), Err("the value of \"a\" is a number".to_owned()));
        assert!(result(b"secret").is_err_and(|why| !why.contains("secret")));
    }
}
