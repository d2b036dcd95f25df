//! Where the state of another stack is: the backends `local` and `s3`, with their arguments.

use std::path::{Path, PathBuf};

use crate::builtin::above::Above;
use crate::builtin::source::blocking;
use crate::resource::{Error, Surroundings};
use crate::value::{Data, Value};

/// Backends of Terraform's whose states glaz cannot read.
const ELSEWHERE: [&str; 11] =
    ["azurerm", "cloud", "consul", "cos", "gcs", "http", "inmem", "kubernetes", "oss", "pg", "remote"];

/// What an argument must be.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Text,
    Bool,
    Number,
    Texts,
    Object,
}

const LOCAL: &[(&str, Kind)] = &[("path", Kind::Text), ("workspace_dir", Kind::Text)];

/// Arguments of the s3 backend that reading can meet: <https://developer.hashicorp.com/terraform/language/backend/s3>.
const S3: &[(&str, Kind)] = &[
    ("access_key", Kind::Text),
    ("acl", Kind::Text),
    ("assume_role", Kind::Object),
    ("bucket", Kind::Text),
    ("dynamodb_endpoint", Kind::Text),
    ("dynamodb_table", Kind::Text),
    ("encrypt", Kind::Bool),
    ("endpoint", Kind::Text),
    ("endpoints", Kind::Object),
    ("external_id", Kind::Text),
    ("force_path_style", Kind::Bool),
    ("insecure", Kind::Bool),
    ("key", Kind::Text),
    ("kms_key_id", Kind::Text),
    ("max_retries", Kind::Number),
    ("profile", Kind::Text),
    ("region", Kind::Text),
    ("role_arn", Kind::Text),
    ("secret_key", Kind::Text),
    ("session_name", Kind::Text),
    ("shared_config_files", Kind::Texts),
    ("shared_credentials_file", Kind::Text),
    ("shared_credentials_files", Kind::Texts),
    ("skip_credentials_validation", Kind::Bool),
    ("skip_metadata_api_check", Kind::Bool),
    ("skip_region_validation", Kind::Bool),
    ("skip_requesting_account_id", Kind::Bool),
    ("skip_s3_checksum", Kind::Bool),
    ("sts_endpoint", Kind::Text),
    ("sts_region", Kind::Text),
    ("token", Kind::Text),
    ("use_dualstack_endpoint", Kind::Bool),
    ("use_fips_endpoint", Kind::Bool),
    ("use_lockfile", Kind::Bool),
    ("use_path_style", Kind::Bool),
    ("workspace_key_prefix", Kind::Text),
];

/// Whether there is such a backend, and glaz can read from it.
pub(super) fn exists(kind: &str) -> Result<(), String> {
    match kind {
        "local" | "s3" => Ok(()),
        other if ELSEWHERE.contains(&other) => Err(format!(
            "glaz cannot read states from the backend \"{other}\", only from \"local\" and \"s3\". Copy the state to one of those, or read what you need with another data source."
        )),
        other => Err(format!("There is no backend type named \"{other}\".")),
    }
}

/// What is wrong with the arguments; a phrase.
pub(super) fn check(kind: &str, config: &Value) -> Result<(), String> {
    let (known, needed): (_, &[&str]) = if kind == "s3" { (S3, &["bucket", "key"]) } else { (LOCAL, &[]) };
    if !config.is_null() && config.entries().is_none() {
        return Err("an object is required".to_owned());
    }
    for (name, value) in config.entries().into_iter().flatten() {
        let Some((_, kind)) = known.iter().find(|(known, _)| *known == &**name) else {
            let is_terraforms = matches!(
                &**name,
                "custom_ca_bundle"
                    | "http_proxy"
                    | "https_proxy"
                    | "no_proxy"
                    | "assume_role_with_web_identity"
                    | "allowed_account_ids"
                    | "forbidden_account_ids"
                    | "retry_mode"
                    | "sse_customer_key"
            );
            let says = if is_terraforms { "glaz does not read the attribute" } else { "unexpected attribute" };
            return Err(format!("{says} \"{name}\""));
        };
        if !value.is_null() {
            fits(*kind, value).map_err(|needs| format!(".{name}: {needs} required"))?;
        }
    }
    match needed.iter().find(|name| text(config, name).is_none()) {
        Some(missing) => Err(format!("attribute \"{missing}\" is required")),
        None => Ok(()),
    }
}

fn fits(kind: Kind, value: &Value) -> Result<(), &'static str> {
    let is_plain = matches!(value.data, Data::String(_) | Data::Number(_) | Data::Bool(_));
    let (fits, needs) = match kind {
        Kind::Text => (is_plain, "string"),
        Kind::Bool => (value.as_bool().is_some() || matches!(value.as_str(), Some("true" | "false")), "bool"),
        Kind::Number => {
            (value.as_number().is_some() || value.as_str().is_some_and(|text| text.parse::<i64>().is_ok()), "number")
        }
        Kind::Texts => {
            (value.elements().is_some_and(|all| all.iter().all(|one| one.as_str().is_some())), "set of string")
        }
        Kind::Object => (value.entries().is_some(), "object"),
    };
    if fits { Ok(()) } else { Err(needs) }
}

fn text<'a>(config: &'a Value, name: &str) -> Option<&'a str> {
    config.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// A state file.
pub(super) struct Found {
    pub bytes: Vec<u8>,
    /// What to call it.
    pub name: String,
}

/// Terraform's words for a state that is not there.
pub(super) fn not_found(workspace: &str) -> Error {
    let text = format!(
        "No stored state was found for the workspace \"{workspace}\" in the given backend. Apply the other stack first, or correct `config` and `workspace`."
    );
    Error::titled("Unable to find remote state", text)
}

/// Reads the state file of a workspace.
pub(super) async fn read(
    above: &Above,
    around: &Surroundings,
    kind: &str,
    config: &Value,
    workspace: &str,
) -> Result<Found, Error> {
    exists(kind).and_then(|()| check(kind, config)).map_err(|why| Error::titled(super::BACKEND, format!("{why}.")))?;
    if kind == "s3" {
        return bucket(above, around, config, workspace).await;
    }
    let path = path(config, workspace);
    let workspace = workspace.to_owned();
    blocking(move || match std::fs::read(&path) {
        Ok(bytes) => Ok(Found { bytes, name: path.display().to_string() }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(not_found(&workspace)),
        Err(error) => {
            let text = format!("error loading the remote state: \"{}\" cannot be read: {error}.", path.display());
            Err(Error::titled("Error loading state error", text))
        }
    })
    .await
}

/// The file of the local backend: `path` is that of the default workspace alone.
fn path(config: &Value, workspace: &str) -> PathBuf {
    if workspace == "default" || workspace.is_empty() {
        return text(config, "path").unwrap_or("terraform.tfstate").into();
    }
    Path::new(text(config, "workspace_dir").unwrap_or("terraform.tfstate.d")).join(workspace).join("terraform.tfstate")
}

async fn bucket(above: &Above, around: &Surroundings, config: &Value, workspace: &str) -> Result<Found, Error> {
    let Some(read) = above.read_object else {
        let text = "This glaz was compiled without the feature `s3`: it cannot read states out of buckets.";
        return Err(Error::titled(super::BACKEND, text));
    };
    let key = key(config, workspace);
    let name = format!("s3://{}/{key}", text(config, "bucket").unwrap_or_default());
    match read(config, &key, around).await? {
        Some(bytes) => Ok(Found { bytes, name }),
        None => Err(not_found(workspace)),
    }
}

/// The object of the s3 backend: other workspaces lie below `workspace_key_prefix`.
fn key(config: &Value, workspace: &str) -> String {
    let key = text(config, "key").unwrap_or_default();
    if workspace == "default" || workspace.is_empty() {
        return key.to_owned();
    }
    let prefix = config.get("workspace_key_prefix").and_then(Value::as_str).unwrap_or("env:");
    if prefix.is_empty() { format!("{workspace}/{key}") } else { format!("{prefix}/{workspace}/{key}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(pairs: &[(&str, Value)]) -> Value {
        Value::object(pairs.iter().map(|(name, value)| ((*name).into(), value.clone())).collect())
    }

    #[test]
    fn where_workspaces_are() {
        let local = config(&[("path", "x.tfstate".into()), ("workspace_dir", "dirs".into())]);
        assert_eq!(path(&local, "default"), Path::new("x.tfstate"));
        assert_eq!(path(&local, "dev"), Path::new("dirs/dev/terraform.tfstate"));
        assert_eq!(path(&config(&[]), "dev"), Path::new("terraform.tfstate.d/dev/terraform.tfstate"));
        let s3 = config(&[("bucket", "b".into()), ("key", "a/state".into())]);
        assert_eq!((key(&s3, "default"), key(&s3, "dev")), ("a/state".into(), "env:/dev/a/state".into()));
        let prefixed = config(&[("key", "state".into()), ("workspace_key_prefix", "work".into())]);
        assert_eq!(key(&prefixed, "dev"), "work/dev/state");
    }

    #[test]
    fn arguments_in_terraforms_words() {
        let says = |kind, pairs: &[(&str, Value)]| check(kind, &config(pairs)).unwrap_err();
        assert_eq!(says("local", &[("pathh", "x".into())]), "unexpected attribute \"pathh\"");
        assert_eq!(says("local", &[("path", config(&[]))]), ".path: string required");
        assert_eq!(says("s3", &[("key", "x".into())]), "attribute \"bucket\" is required");
        assert_eq!(check("local", &Value::from("x")), Err("an object is required".to_owned()));
        assert_eq!(exists("nope"), Err("There is no backend type named \"nope\".".to_owned()));
        assert!(exists("gcs").is_err_and(|why| why.contains("cannot read states")));
    }
}
