//! What a plan was planned from, as JSON: options, variables, and the files of the configuration.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::Saved;
use super::form::{address, damaged, texts};
use crate::lang::{Given, Origin, Snapshot, VariableInput};
use crate::plan::{Options, Plan, Purpose};
use crate::state::State;
use crate::value::json::{JsonError, from_exact, to_exact};
use crate::value::{Type, Value};

#[derive(Serialize, Deserialize)]
struct OptionsForm {
    mode: Purpose,
    refresh: bool,
    replace: Vec<String>,
    parallelism: usize,
    variables: Vec<VariableForm>,
    ephemeral: Vec<String>,
    root: PathBuf,
    folder: String,
    workspace: String,
    state_file: Option<PathBuf>,
    had_state: bool,
    time: Duration,
}

#[derive(Serialize, Deserialize)]
struct VariableForm {
    name: String,
    value: GivenForm,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum GivenForm {
    Text(String),
    Value(Json),
}

#[derive(Serialize, Deserialize)]
struct FilesForm {
    folders: Vec<(PathBuf, Vec<String>)>,
    files: Vec<(PathBuf, String)>,
}

/// Options and variables as JSON.
pub(super) fn write(saved: &Saved) -> Result<String, JsonError> {
    let Saved {
        plan: _,
        options,
        variables,
        ephemeral,
        files: _,
        root,
        folder,
        workspace,
        state_file,
        had_state,
        state: _,
        time,
    } = saved;
    // What was selected and decided is part of the plan itself.
    let Options {
        mode,
        refresh,
        replace,
        selection: _,
        parallelism,
        offline: _,
        takes: _,
        reads: _,
        absent_is_unknown: _,
        to_import: _,
    } = options;
    let variable = |input: &VariableInput| {
        let value = match &input.value {
            Given::Text(text) => GivenForm::Text(text.to_string()),
            Given::Value(value) => GivenForm::Value(to_exact(value)?),
            // That of a variable that is not declared: no plan is made with another.
            Given::Wrong(_) => GivenForm::Value(to_exact(&Value::null(Type::Any))?),
        };
        Ok(VariableForm { name: input.name.to_string(), value })
    };
    let form = OptionsForm {
        mode: *mode,
        refresh: *refresh,
        replace: texts(replace),
        parallelism: *parallelism,
        variables: variables.iter().map(variable).collect::<Result<_, JsonError>>()?,
        ephemeral: ephemeral.clone(),
        root: root.clone(),
        folder: folder.clone(),
        workspace: workspace.clone(),
        state_file: state_file.clone(),
        had_state: *had_state,
        time: *time,
    };
    serde_json::to_string(&form).map_err(damaged)
}

/// Reads what [`write`] wrote, and puts the parts together.
pub(super) fn read(text: &str, plan: Plan, files: Snapshot, state: State) -> Result<Saved, JsonError> {
    let form: OptionsForm = serde_json::from_str(text).map_err(damaged)?;
    let variable = |form: VariableForm| {
        let value = match form.value {
            GivenForm::Text(text) => Given::Text(text.into()),
            GivenForm::Value(value) => Given::Value(from_exact(&value)?),
        };
        Ok(VariableInput { name: form.name.into(), value, origin: Origin::Plan })
    };
    let options = Options {
        mode: form.mode,
        refresh: form.refresh,
        replace: form.replace.iter().map(|text| address(text)).collect::<Result<_, _>>()?,
        selection: plan.selection.clone(),
        parallelism: form.parallelism,
        offline: false,
        reads: |_| true,
        takes: plan.takes.clone(),
        absent_is_unknown: false,
        to_import: None,
    };
    Ok(Saved {
        plan,
        options,
        variables: form.variables.into_iter().map(variable).collect::<Result<_, JsonError>>()?,
        ephemeral: form.ephemeral,
        files,
        root: form.root,
        folder: form.folder,
        workspace: form.workspace,
        state_file: form.state_file,
        had_state: form.had_state,
        state,
        time: form.time,
    })
}

/// The files as JSON.
pub(super) fn write_files(files: &Snapshot) -> Result<String, JsonError> {
    let Snapshot { folders, files } = files;
    let form = FilesForm {
        folders: folders.iter().map(|(path, names)| (path.clone(), names.clone())).collect(),
        files: files.iter().map(|(path, text)| (path.clone(), text.to_string())).collect(),
    };
    serde_json::to_string(&form).map_err(damaged)
}

/// Reads what [`write_files`] wrote.
pub(super) fn read_files(text: &str) -> Result<Snapshot, JsonError> {
    let form: FilesForm = serde_json::from_str(text).map_err(damaged)?;
    Ok(Snapshot {
        folders: form.folders.into_iter().collect(),
        files: form.files.into_iter().map(|(path, text)| (path, text.into())).collect(),
    })
}
