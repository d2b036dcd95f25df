//! Files and paths.

use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::value::{Type, Value};

use super::glob;
use super::{Call, CallError, Function, FunctionScope, Kind, Outcome, Param, Returns, function, param};

const PATH: &[Param] = &[param("path", Kind::String)];
const TEXT: Returns = Returns::Always(Kind::String);

pub(super) const FUNCTIONS: &[Function] = &[
    function("abspath", "The path from the root.", PATH, TEXT, |call| {
        Ok(display(&absolute(&call.scope.base_dir.join(call.text(0)))).into())
    }),
    function("basename", "The last part of a path.", PATH, TEXT, |call| Ok(base(call.text(0)).into())),
    function("dirname", "A path without its last part.", PATH, TEXT, |call| Ok(directory(call.text(0)).into())),
    function("pathexpand", "The path with ~ replaced by the home directory.", PATH, TEXT, |call| {
        expand(call.scope, call.text(0)).map(|path| display(&path).into()).map_err(CallError::new)
    }),
    function("file", "The text of a file.", PATH, TEXT, |call| Ok(text_of(call)?.into())),
    function("filebase64", "The contents of a file in Base64.", PATH, TEXT, |call| {
        Ok(STANDARD.encode(bytes_of(call)?).into())
    }),
    function("fileexists", "Whether there is a file.", PATH, Returns::Always(Kind::Bool), exists),
    function(
        "fileset",
        "The files below a directory whose path matches a pattern.",
        &[param("path", Kind::String), param("pattern", Kind::String)],
        Returns::Always(Kind::SetOfStrings),
        fileset,
    ),
    function(
        "templatefile",
        "The text of a file with its template sequences filled in.",
        &[param("path", Kind::String), param("vars", Kind::Any)],
        Returns::From(|_| Ok(Type::Any)),
        |call| {
            let text = text_of(call)?;
            (call.scope.render)(call.text(0), &text, variables(call)?)
        },
    )
    .maybe_null(),
    function(
        "templatestring",
        "Text with its template sequences filled in.",
        &[param("template", Kind::Any), param("vars", Kind::Any)],
        Returns::From(|args| match args[0].ty() {
            Type::String => Ok(Type::Any),
            _ => Err(CallError::at(0, "invalid template value: a string is required")),
        }),
        |call| (call.scope.render)("<templatestring argument>", call.text(0), variables(call)?),
    )
    .maybe_null(),
];

fn variables<'a>(call: &'a Call<'_>) -> Result<&'a Value, CallError> {
    let vars = &call.args[1];
    let Some(entries) = vars.entries() else {
        return Err(CallError::at(1, "invalid vars value: must be a map"));
    };
    let is_name = |name: &str| {
        name.chars().next().is_some_and(unicode_ident::is_xid_start)
            && name.chars().all(|character| character == '-' || unicode_ident::is_xid_continue(character))
    };
    match entries.keys().find(|name| !is_name(name)) {
        Some(bad) => Err(CallError::at(
            1,
            format!(
                "invalid template variable name {bad:?}: must start with a letter, followed by zero or more letters, digits, and underscores"
            ),
        )),
        None => Ok(vars),
    }
}

/// Why a file cannot be read.
pub(super) struct ReadError(std::io::Error);

impl ReadError {
    /// In the words of the operating system.
    pub(super) fn describe(&self, path: &Path) -> String {
        let reason = match self.0.kind() {
            ErrorKind::NotFound => "no such file or directory".into(),
            ErrorKind::PermissionDenied => "permission denied".into(),
            ErrorKind::IsADirectory => "is a directory".into(),
            _ => self.0.to_string(),
        };
        format!("open {}: {reason}", display(path))
    }
}

/// Reads a file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, ReadError> {
    std::fs::read(path).map_err(ReadError)
}

/// Where the file with a path written by the user is.
pub(super) fn readable(scope: &FunctionScope<'_>, path: &str) -> Result<PathBuf, String> {
    let path = expand(scope, path).map_err(|reason| format!("failed to expand ~: {reason}"))?;
    Ok(clean(&scope.base_dir.join(path)))
}

fn bytes_of(call: &Call<'_>) -> Result<Vec<u8>, CallError> {
    let written = call.text(0);
    let path = readable(call.scope, written).map_err(|reason| CallError::at(0, reason))?;
    read(&path).map_err(|error| {
        CallError::at(0, match error.0.kind() {
            ErrorKind::NotFound => format!(
                "no file exists at {written:?}; this function works only with files that are distributed as part of the \
                 configuration source code, so if this file will be created by a resource in this configuration you must \
                 instead obtain this result from an attribute of that resource"
            ),
            ErrorKind::IsADirectory => format!("failed to read file: read {}: is a directory", display(&path)),
            _ => error.describe(&path),
        })
    })
}

fn text_of(call: &Call<'_>) -> Result<String, CallError> {
    String::from_utf8(bytes_of(call)?).map_err(|_| {
        CallError::new(format!(
            "contents of {:?} are not valid UTF-8; use the filebase64 function to obtain the Base64 encoded contents or \
             the other file functions (e.g. filemd5, filesha256) to obtain file hashing results instead",
            call.text(0)
        ))
    })
}

fn exists(call: &Call<'_>) -> Outcome {
    let path = readable(call.scope, call.text(0)).map_err(CallError::new)?;
    let what = match std::fs::metadata(&path) {
        Ok(found) if found.is_file() => return Ok(true.into()),
        Ok(found) if found.is_dir() => "a directory, not a file",
        Ok(_) => "not a regular file",
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false.into()),
        Err(_) => return Err(CallError::new(format!("failed to stat {:?}", display(&path)))),
    };
    Err(CallError::new(format!("{:?} is {what}", display(&path))))
}

fn fileset(call: &Call<'_>) -> Outcome {
    let root = clean(&call.scope.base_dir.join(call.text(0)));
    let pattern = clean(&root.join(call.text(1).trim_start_matches('/')));
    let failed = |reason: &str| CallError::new(format!("failed to glob pattern {:?}: {reason}", display(&pattern)));
    let found = glob::find(&display(&pattern)).map_err(|reason| failed(&reason))?;
    let files = found.into_iter().filter(|path| path.is_file()).map(|path| relative(&path, &root).into());
    Ok(Value::set(Type::String, files.collect()))
}

fn display(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn expand(scope: &FunctionScope<'_>, path: &str) -> Result<PathBuf, String> {
    match path.strip_prefix('~') {
        None => Ok(path.into()),
        Some(rest) if rest.is_empty() || rest.starts_with('/') => {
            let home = scope.home.as_ref().ok_or("the home directory is not known")?;
            Ok(if rest.is_empty() { home.clone() } else { clean(&home.join(rest.trim_start_matches('/'))) })
        }
        Some(_) => Err("cannot expand user-specific home dir".into()),
    }
}

fn absolute(path: &Path) -> PathBuf {
    clean(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()))
}

/// The shortest path that means the same, by its text alone.
pub(super) fn clean(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => match cleaned.components().next_back() {
                Some(Component::Normal(_)) => {
                    cleaned.pop();
                }
                Some(Component::RootDir) => {}
                _ => cleaned.push(".."),
            },
            part => cleaned.push(part),
        }
    }
    if cleaned.as_os_str().is_empty() { ".".into() } else { cleaned }
}

/// The path as seen from `root`; both are clean and start at the same place.
fn relative(path: &Path, root: &Path) -> String {
    let normal = |path: &Path| {
        path.components()
            .filter(|part| *part != Component::CurDir)
            .map(|part| part.as_os_str().to_owned())
            .collect::<Vec<_>>()
    };
    let (path, root) = (normal(path), normal(root));
    let common = path.iter().zip(&root).take_while(|(a, b)| a == b).count();
    let up = root[common..].iter().map(|_| "..".to_owned());
    let down = path[common..].iter().map(|part| part.to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

fn base(path: &str) -> String {
    if path.is_empty() {
        return ".".into();
    }
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() {
        return "/".into();
    }
    trimmed.rsplit('/').next().unwrap_or(trimmed).into()
}

fn directory(path: &str) -> String {
    let end = path.rfind('/').map_or(0, |at| at + 1);
    display(&clean(Path::new(&path[..end])))
}
