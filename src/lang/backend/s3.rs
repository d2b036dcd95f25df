//! Arguments of the `s3` backend, and what they may be: <https://developer.hashicorp.com/terraform/language/backend/s3>.
//!
//! Summaries are those of Terraform 1.11.

use std::time::Duration;

use super::{Mistake, mistyped};
use crate::diagnostic::{Diagnostic, Severity};
use crate::lang::convert;
use crate::resource::attr;
use crate::value::{Entries, Type, Value};

/// What an argument is.
enum Kind {
    Text(&'static [Check]),
    Flag,
    Number,
    Texts(&'static [Check]),
    /// Texts by name.
    Tags,
    Object(&'static [Argument]),
}

/// What is wrong with a text.
type Check = fn(&str) -> Option<Problem>;

/// Severity, summary, detail.
type Problem = (Severity, &'static str, String);

struct Argument {
    name: &'static str,
    kind: Kind,
    is_needed: bool,
    /// What to write in its place.
    newer: Option<&'static str>,
}

const fn argument(name: &'static str, kind: Kind) -> Argument {
    Argument { name, kind, is_needed: false, newer: None }
}

const fn needed(name: &'static str, kind: Kind) -> Argument {
    Argument { is_needed: true, ..argument(name, kind) }
}

const fn older(name: &'static str, newer: &'static str, kind: Kind) -> Argument {
    Argument { newer: Some(newer), ..argument(name, kind) }
}

use Kind::{Flag, Number, Object, Tags, Text, Texts};

const ARGUMENTS: &[Argument] = &[
    argument("access_key", Text(&[])),
    argument("acl", Text(&[])),
    argument("allowed_account_ids", Texts(&[])),
    argument("assume_role", Object(ASSUME_ROLE)),
    argument("assume_role_with_web_identity", Object(WEB_IDENTITY)),
    needed("bucket", Text(&[not_empty])),
    argument("custom_ca_bundle", Text(&[])),
    older("dynamodb_endpoint", "endpoints.dynamodb", Text(&[address])),
    older("dynamodb_table", "use_lockfile", Text(&[])),
    argument("ec2_metadata_service_endpoint", Text(&[whole_address])),
    argument("ec2_metadata_service_endpoint_mode", Text(&[metadata_mode])),
    argument("encrypt", Flag),
    older("endpoint", "endpoints.s3", Text(&[address])),
    argument("endpoints", Object(ENDPOINTS)),
    argument("forbidden_account_ids", Texts(&[])),
    older("force_path_style", "use_path_style", Flag),
    argument("http_proxy", Text(&[])),
    argument("https_proxy", Text(&[])),
    older("iam_endpoint", "endpoints.iam", Text(&[address])),
    argument("insecure", Flag),
    needed("key", Text(&[not_empty, no_slash_at_ends, no_double_slash])),
    argument("kms_key_id", Text(&[kms_key])),
    argument("max_retries", Number),
    argument("no_proxy", Text(&[])),
    argument("profile", Text(&[])),
    argument("region", Text(&[])),
    argument("retry_mode", Text(&[retry_mode])),
    argument("secret_key", Text(&[])),
    argument("shared_config_files", Texts(&[])),
    older("shared_credentials_file", "shared_credentials_files", Text(&[])),
    argument("shared_credentials_files", Texts(&[])),
    argument("skip_credentials_validation", Flag),
    argument("skip_metadata_api_check", Flag),
    argument("skip_region_validation", Flag),
    argument("skip_requesting_account_id", Flag),
    argument("skip_s3_checksum", Flag),
    argument("sse_customer_key", Text(&[])),
    older("sts_endpoint", "endpoints.sts", Text(&[address])),
    argument("sts_region", Text(&[])),
    argument("token", Text(&[])),
    argument("use_dualstack_endpoint", Flag),
    argument("use_fips_endpoint", Flag),
    argument("use_lockfile", Flag),
    argument("use_path_style", Flag),
    argument("workspace_key_prefix", Text(&[no_slash_at_ends])),
];

const ASSUME_ROLE: &[Argument] = &[
    argument("duration", Text(&[duration])),
    argument("external_id", Text(&[external_id_length, external_id])),
    argument("policy", Text(&[not_empty, policy])),
    argument("policy_arns", Texts(&[arn, policy_arn])),
    needed("role_arn", Text(&[not_empty, arn, role_arn])),
    argument("session_name", Text(&[session_length, session])),
    argument("source_identity", Text(&[session_length, session])),
    argument("tags", Tags),
    argument("transitive_tag_keys", Texts(&[])),
];

const WEB_IDENTITY: &[Argument] = &[
    argument("duration", Text(&[duration])),
    argument("policy", Text(&[not_empty, policy])),
    argument("policy_arns", Texts(&[arn, policy_arn])),
    needed("role_arn", Text(&[not_empty, arn, role_arn])),
    argument("session_name", Text(&[session_length, session])),
    argument("web_identity_token", Text(&[token_length])),
    argument("web_identity_token_file", Text(&[token_length])),
];

const ENDPOINTS: &[Argument] = &[
    argument("dynamodb", Text(&[address])),
    argument("iam", Text(&[address])),
    argument("s3", Text(&[address])),
    argument("sso", Text(&[whole_address])),
    argument("sts", Text(&[address])),
];

/// Arguments that exclude each other.
const EXCLUSIVE: [[&str; 2]; 4] = [
    ["kms_key_id", "sse_customer_key"],
    ["shared_credentials_file", "shared_credentials_files"],
    ["force_path_style", "use_path_style"],
    ["allowed_account_ids", "forbidden_account_ids"],
];

/// Older arguments for an address and the one in `endpoints` that excludes each.
const ADDRESSES: [(&str, &str); 4] =
    [("dynamodb_endpoint", "dynamodb"), ("iam_endpoint", "iam"), ("endpoint", "s3"), ("sts_endpoint", "sts")];

/// Names of the arguments, in order.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ARGUMENTS.iter().map(|argument| argument.name)
}

/// The value as the argument's type.
pub(super) fn typed(name: &str, value: &Value) -> Result<Value, Mistake> {
    match ARGUMENTS.iter().find(|argument| argument.name == name).map(|argument| &argument.kind) {
        Some(Object(inner)) => object(name, inner, value),
        Some(kind) => convert(kind, value).map_err(|why| mistyped(name, None, why)),
        None => Ok(value.clone()),
    }
}

fn convert(kind: &Kind, value: &Value) -> Result<Value, String> {
    let ty = match kind {
        Text(_) => Type::String,
        Flag => Type::Bool,
        Number => Type::Number,
        Texts(_) => Type::set(Type::String),
        // Objects have no objects inside.
        Tags | Object(_) => Type::map(Type::String),
    };
    convert::convert(value, &ty).map_err(|why| why.to_string())
}

fn object(name: &str, known: &[Argument], value: &Value) -> Result<Value, Mistake> {
    if value.is_null() {
        return Ok(value.clone());
    }
    let mut all = Entries::new();
    for (inner, value) in value.entries().ok_or_else(|| mistyped(name, None, "object required"))? {
        let Some(argument) = known.iter().find(|argument| argument.name == &**inner) else {
            let mistake = mistyped(name, None, format_args!("unexpected attribute \"{inner}\""));
            return Err(Mistake { inside: Some(inner.clone()), ..mistake });
        };
        let value = convert(&argument.kind, value).map_err(|why| mistyped(name, Some(inner.clone()), why))?;
        all.insert(inner.clone(), value);
    }
    Ok(Value::object(all))
}

/// Names from the argument to what is inside it; none for the whole block.
type Path = Vec<&'static str>;

/// What is wrong with the arguments, and which each is about.
pub(super) fn check(given: &Entries) -> Vec<(Path, Diagnostic)> {
    const WEB: &str = "assume_role_with_web_identity";
    let mut found = Vec::new();
    let is_given = |name: &str| given.get(name).is_some_and(|value| !value.is_null());
    for pair in EXCLUSIVE {
        if pair.iter().all(|name| is_given(name)) {
            found.push((Path::new(), combination(&pair)));
        }
    }
    for argument in ARGUMENTS {
        check_argument(argument, given, &[], &mut found);
    }
    for (name, inner) in ADDRESSES {
        let newer = given.get("endpoints").and_then(|all| all.get(inner)).is_some_and(|value| !value.is_null());
        if is_given(name) && newer {
            let text = format!("The parameters \"{name}\" and \"endpoints.{inner}\" cannot be configured together.");
            found.push((vec!["endpoints", inner], Diagnostic::error("Conflicting Parameters", text)));
        }
    }
    if let Some(role) = given.get(WEB).and_then(Value::entries) {
        let pair = ["web_identity_token", "web_identity_token_file"];
        match pair.iter().filter(|name| role.get(name).is_some_and(|value| !value.is_null())).count() {
            1 => {}
            0 => {
                let text = format!("Exactly one of {} must be set.", pair.join(", "));
                found.push((vec![WEB], Diagnostic::error("Missing Required Value", text)));
            }
            _ => found.push((vec![WEB], combination(&pair))),
        }
    }
    found
}

/// Checks an argument that is inside of `outer`.
fn check_argument(argument: &Argument, given: &Entries, outer: &[&'static str], found: &mut Vec<(Path, Diagnostic)>) {
    let path = [outer, &[argument.name]].concat();
    let shown = path.join(".");
    let Some(value) = given.get(argument.name).filter(|value| !value.is_null()) else {
        if argument.is_needed {
            let text = format!(
                "The attribute \"{shown}\" is required by the backend. Set it in the block, or with -backend-config of glaz init."
            );
            found.push((outer.to_vec(), Diagnostic::error("Missing Required Value", text)));
        }
        return;
    };
    if let Some(newer) = argument.newer {
        let text = format!("The parameter \"{shown}\" is deprecated. Use parameter \"{newer}\" instead.");
        found.push((path.clone(), Diagnostic::warning("Deprecated Parameter", text)));
    }
    let mut try_all = |checks: &[Check], text: &str| {
        if let Some((severity, summary, detail)) = checks.iter().find_map(|check| check(text)) {
            found.push((path.clone(), Diagnostic { severity, ..Diagnostic::error(summary, detail) }));
        }
    };
    match &argument.kind {
        Text(checks) => try_all(checks, value.as_str().unwrap_or_default()),
        Texts(checks) => {
            for one in value.elements().unwrap_or_default() {
                try_all(checks, one.as_str().unwrap_or_default());
            }
        }
        Object(inner) => {
            let none = Entries::new();
            for one in *inner {
                check_argument(one, value.entries().unwrap_or(&none), &path, found);
            }
        }
        Flag | Number | Tags => {}
    }
}

fn combination(names: &[&str]) -> Diagnostic {
    Diagnostic::error("Invalid Attribute Combination", format!("Only one of {} can be set.", names.join(", ")))
}

#[allow(clippy::unnecessary_wraps)] // what a check gives
fn wrong(summary: &'static str, detail: impl Into<String>) -> Option<Problem> {
    Some((Severity::Error, summary, detail.into()))
}

const INVALID: &str = "Invalid Value";

fn not_empty(text: &str) -> Option<Problem> {
    if text.trim().is_empty() { wrong(INVALID, "The value cannot be empty or all whitespace.") } else { None }
}

fn no_slash_at_ends(text: &str) -> Option<Problem> {
    let is_wrong = text.starts_with('/') || text.ends_with('/');
    if is_wrong { wrong(INVALID, "The value must not start or end with \"/\".") } else { None }
}

fn no_double_slash(text: &str) -> Option<Problem> {
    if text.contains("//") { wrong(INVALID, "Value must not contain \"//\".") } else { None }
}

/// Scheme and host of an address.
fn is_whole(text: &str) -> bool {
    text.split_once("://")
        .is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty() && !rest.starts_with('/'))
}

fn address(text: &str) -> Option<Problem> {
    let detail = || {
        format!(
            "The value should be a valid URL containing at least a scheme and hostname. Had \"{text}\". An incomplete one may have unexpected effects."
        )
    };
    (!is_whole(text)).then(|| (Severity::Warning, "Complete URL Expected", detail()))
}

fn whole_address(text: &str) -> Option<Problem> {
    if is_whole(text) {
        return None;
    }
    wrong(INVALID, format!("The value must be a valid URL containing at least a scheme and hostname. Had \"{text}\"."))
}

fn metadata_mode(text: &str) -> Option<Problem> {
    let is_known = matches!(text, "IPv4" | "IPv6");
    if is_known { None } else { wrong(INVALID, "Value must be one of [IPv4, IPv6].") }
}

fn retry_mode(text: &str) -> Option<Problem> {
    let is_known = matches!(text, "standard" | "adaptive");
    if is_known { None } else { wrong(INVALID, format!("unknown RetryMode, {text}. It is standard or adaptive.")) }
}

/// The id of a key: a UUID, or `mrk-` and 32 digits.
fn is_kms_id(text: &str) -> bool {
    let is_hex = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    if let Some(digits) = text.strip_prefix("mrk-") {
        return is_hex(digits, 32);
    }
    let parts: Vec<&str> = text.split('-').collect();
    parts.len() == 5
        && parts.iter().zip([8, 4, 4, 4, 12]).all(|(part, length)| is_hex(part, length))
        && matches!(parts[2].as_bytes()[0], b'1'..=b'5')
        && matches!(parts[3].as_bytes()[0], b'8' | b'9' | b'a' | b'b')
}

fn is_kms_alias(text: &str) -> bool {
    text.strip_prefix("alias/")
        .is_some_and(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "/_-".contains(c)))
}

fn kms_key(text: &str) -> Option<Problem> {
    if text.starts_with("arn:") {
        let is_key = |resource: &str| resource.strip_prefix("key/").is_some_and(is_kms_id) || is_kms_alias(resource);
        let is_right = resource_of(text).is_some_and(is_key);
        return if is_right {
            None
        } else {
            wrong("Invalid KMS Key ARN", format!("Value must be a valid KMS Key ARN, got \"{text}\"."))
        };
    }
    if is_kms_id(text) || is_kms_alias(text) {
        None
    } else {
        wrong("Invalid KMS Key ID", format!("Value must be a valid KMS Key ID, got \"{text}\"."))
    }
}

/// The last part of an ARN.
fn resource_of(text: &str) -> Option<&str> {
    let mut parts = text.splitn(6, ':');
    let is_arn = parts.next() == Some("arn") && parts.next().is_some_and(|part| !part.is_empty());
    parts.nth(3).filter(|_| is_arn)
}

fn arn(text: &str) -> Option<Problem> {
    if resource_of(text).is_some() {
        return None;
    }
    wrong(
        "Invalid ARN",
        format!(
            "The value \"{text}\" cannot be parsed as an ARN: it has six parts with colons between them, the first being arn."
        ),
    )
}

fn role_arn(text: &str) -> Option<Problem> {
    let is_role = resource_of(text).is_some_and(|resource| resource.starts_with("role/"));
    if is_role {
        None
    } else {
        wrong("Invalid IAM Role ARN", format!("Value must be a valid IAM Role ARN, got \"{text}\"."))
    }
}

fn policy_arn(text: &str) -> Option<Problem> {
    let is_policy = resource_of(text).is_some_and(|resource| resource.starts_with("policy/"));
    if is_policy {
        None
    } else {
        wrong("Invalid IAM Policy ARN", format!("Value must be a valid IAM Policy ARN, got \"{text}\"."))
    }
}

fn duration(text: &str) -> Option<Problem> {
    const SUMMARY: &str = "Invalid Duration";
    let Some(time) = attr::duration(text).filter(|_| !text.is_empty()) else {
        return wrong(
            SUMMARY,
            format!("The value \"{text}\" cannot be parsed as a duration. Write one like 1h or 90m."),
        );
    };
    let is_right = (Duration::from_secs(15 * 60)..=Duration::from_secs(12 * 3600)).contains(&time);
    if is_right { None } else { wrong(SUMMARY, format!("Duration must be between 15m0s and 12h0m0s, had {text}.")) }
}

fn length(text: &str, least: usize, most: usize) -> Option<Problem> {
    let length = text.len();
    if (least..=most).contains(&length) {
        return None;
    }
    wrong("Invalid Value Length", format!("Length must be between {least} and {most}, had {length}."))
}

fn external_id_length(text: &str) -> Option<Problem> {
    length(text, 2, 1224)
}

fn session_length(text: &str) -> Option<Problem> {
    length(text, 2, 64)
}

fn token_length(text: &str) -> Option<Problem> {
    length(text, 4, 20_000)
}

fn only(text: &str, others: &str) -> Option<Problem> {
    let is_right = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || others.contains(c));
    let detail = || format!("Value can only contain letters, numbers, or the following characters: _{others}");
    if is_right { None } else { wrong(INVALID, detail()) }
}

fn external_id(text: &str) -> Option<Problem> {
    only(text, "+=,.@:/-")
}

fn session(text: &str) -> Option<Problem> {
    only(text, "+=,.@-")
}

fn policy(text: &str) -> Option<Problem> {
    const SUMMARY: &str = "Invalid IAM Policy Document";
    if !text.trim_start().starts_with('{') {
        return wrong(
            SUMMARY,
            "Expected a JSON object describing the policy. Give the text of the policy, not the name of a file.",
        );
    }
    let error = serde_json::from_str::<serde::de::IgnoredAny>(text).err()?;
    wrong("Invalid JSON Document", format!("The JSON document contains an error: {error}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(pairs: &[(&str, Value)]) -> Vec<String> {
        let mut given: Entries = [("bucket".into(), "b".into()), ("key".into(), "k".into())].into();
        for (name, value) in pairs {
            given.insert((*name).into(), typed(name, value).ok().expect("of its type"));
        }
        check(&given).into_iter().map(|(_, problem)| problem.summary.into_owned()).collect()
    }

    fn role(pairs: &[(&str, Value)]) -> Value {
        let mut all: Entries = [("role_arn".into(), "arn:aws:iam::123456789012:role/x".into())].into();
        all.extend(pairs.iter().map(|(name, value)| ((*name).into(), value.clone())));
        Value::object(all)
    }

    #[test]
    fn summaries_are_those_of_terraform() {
        let none: [&str; 0] = [];
        assert_eq!(says(&[]), none);
        assert_eq!(says(&[("bucket", "".into())]), ["Invalid Value"]);
        assert_eq!(says(&[("key", "/x/".into())]), ["Invalid Value"]);
        assert_eq!(says(&[("key", "a//b".into())]), ["Invalid Value"]);
        assert_eq!(says(&[("workspace_key_prefix", "/x".into())]), ["Invalid Value"]);
        assert_eq!(says(&[("workspace_key_prefix", "".into())]), none);
        assert_eq!(says(&[("kms_key_id", "x".into())]), ["Invalid KMS Key ID"]);
        assert_eq!(says(&[("kms_key_id", "arn:aws:kms:x:y:z".into())]), ["Invalid KMS Key ARN"]);
        let key = "arn:aws:kms:eu-west-1:123456789012:key/12345678-1234-1234-8234-123456789012";
        assert_eq!(says(&[("kms_key_id", key.into())]), none);
        assert_eq!(says(&[("kms_key_id", "alias/states".into())]), none);
        assert_eq!(says(&[("retry_mode", "foo".into())]), ["Invalid Value"]);
        assert_eq!(says(&[("ec2_metadata_service_endpoint_mode", "IPv5".into())]), ["Invalid Value"]);
        assert_eq!(says(&[("dynamodb_table", "t".into())]), ["Deprecated Parameter"]);
        assert_eq!(
            says(&[("force_path_style", true.into()), ("use_path_style", true.into())]),
            ["Invalid Attribute Combination", "Deprecated Parameter"]
        );
        let endpoints = Value::object([("s3".into(), "foo".into())].into());
        assert_eq!(
            says(&[("endpoint", "http://x".into()), ("endpoints", endpoints)]),
            ["Deprecated Parameter", "Complete URL Expected", "Conflicting Parameters"]
        );
    }

    #[test]
    fn roles() {
        let none: [&str; 0] = [];
        let of = |pairs: &[(&str, Value)]| says(&[("assume_role", role(pairs))]);
        assert_eq!(of(&[("duration", "1h".into()), ("session_name", "me@here".into())]), none);
        assert_eq!(of(&[("duration", "1x".into())]), ["Invalid Duration"]);
        assert_eq!(of(&[("duration", "5m".into())]), ["Invalid Duration"]);
        assert_eq!(of(&[("external_id", "a".into())]), ["Invalid Value Length"]);
        assert_eq!(of(&[("session_name", "a b".into())]), ["Invalid Value"]);
        assert_eq!(of(&[("policy", "x".into())]), ["Invalid IAM Policy Document"]);
        assert_eq!(of(&[("policy", "{".into())]), ["Invalid JSON Document"]);
        assert_eq!(of(&[("role_arn", "foo".into())]), ["Invalid ARN"]);
        assert_eq!(of(&[("role_arn", "arn:aws:iam::1:user/x".into())]), ["Invalid IAM Role ARN"]);
        assert_eq!(says(&[("assume_role", Value::object(Entries::new()))]), ["Missing Required Value"]);
        assert_eq!(says(&[("assume_role_with_web_identity", role(&[]))]), ["Missing Required Value"]);
    }

    #[test]
    fn types() {
        assert!(typed("encrypt", &"maybe".into()).is_err());
        assert_eq!(typed("encrypt", &"true".into()).ok(), Some(true.into()));
        assert!(typed("max_retries", &"x".into()).is_err());
        let foreign = Value::object([("rolearn".into(), "x".into())].into());
        let mistake = typed("assume_role", &foreign).expect_err("a mistake");
        assert_eq!(mistake.inside.as_deref(), Some("rolearn"));
        assert!(mistake.problem.detail.contains("unexpected attribute \"rolearn\""), "{}", mistake.problem.detail);
    }
}
