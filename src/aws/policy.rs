//! IAM policies: when two documents mean the same, and mistakes in them. For every attribute that holds a policy.
//!
//! AWS stores a policy in its own words: a list of one becomes a text, lists change their order, the root of an account
//! becomes its number. <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html>

#![allow(dead_code)] // with fewer services compiled in, fewer checks are asked for

use serde_json::{Map, Value as Json, json};

use crate::value::Value;

/// Whether two policies mean the same: for `same` of an attribute.
pub(super) fn same(have: &Value, want: &Value) -> bool {
    let meaning = |value: &Value| value.as_str().and_then(|text| serde_json::from_str(text).ok()).map(meaning);
    matches!((meaning(have), meaning(want)), (Some(have), Some(want)) if have == want)
}

/// A policy as plain as possible: lists sorted, texts that may stand for lists as lists, defaults filled in.
fn meaning(policy: Json) -> Json {
    let Json::Object(mut policy) = policy else { return policy };
    let statements = policy.remove("Statement").map(list).unwrap_or_default();
    let mut statements: Vec<Json> = statements.into_iter().map(statement).collect();
    statements.sort_by_key(Json::to_string);
    policy.insert("Statement".into(), Json::Array(statements));
    policy.entry("Version").or_insert(json!("2008-10-17"));
    policy.retain(|_, value| !is_nothing(value));
    Json::Object(policy)
}

fn statement(statement: Json) -> Json {
    let Json::Object(statement) = statement else { return statement };
    let part = |(name, value): (String, Json)| {
        let value = match name.as_str() {
            "Action" | "NotAction" => texts(value, str::to_lowercase),
            "Resource" | "NotResource" => texts(value, str::to_owned),
            "Principal" | "NotPrincipal" => principal(value),
            "Condition" => condition(value),
            _ => value,
        };
        (name, value)
    };
    Json::Object(statement.into_iter().map(part).filter(|(_, value)| !is_nothing(value)).collect())
}

fn is_nothing(value: &Json) -> bool {
    value.is_null() || value.as_str() == Some("")
}

fn list(value: Json) -> Vec<Json> {
    match value {
        Json::Array(all) => all,
        Json::Null => Vec::new(),
        one => vec![one],
    }
}

/// A sorted list of texts; truth values and numbers may be written as such.
fn texts(value: Json, spell: impl Fn(&str) -> String) -> Json {
    let text = |one: Json| one.as_str().map_or_else(|| one.to_string(), &spell);
    let mut all: Vec<String> = list(value).into_iter().map(text).collect();
    all.sort();
    all.dedup();
    json!(all)
}

/// `"*"` is everybody, like `{"AWS": "*"}`; and an account's root is its number.
fn principal(value: Json) -> Json {
    match value {
        Json::Object(kinds) => Json::Object(kinds.into_iter().map(|(kind, who)| (kind, texts(who, account))).collect()),
        who => json!({ "AWS": texts(who, str::to_owned) }),
    }
}

fn account(principal: &str) -> String {
    let of_root = |arn: &str| {
        let (_, rest) = arn.strip_prefix("arn:")?.split_once(":iam::")?;
        Some(rest.strip_suffix(":root")?.to_owned())
    };
    of_root(principal).unwrap_or_else(|| principal.to_owned())
}

fn condition(value: Json) -> Json {
    let keys = |keys: Json| match keys {
        Json::Object(keys) => {
            let key = |(name, value): (String, Json)| (name.to_lowercase(), texts(value, str::to_owned));
            Json::Object(keys.into_iter().map(key).collect())
        }
        other => other,
    };
    match value {
        Json::Object(tests) => Json::Object(tests.into_iter().map(|(test, value)| (test, keys(value))).collect()),
        other => other,
    }
}

// --- Mistakes ---------------------------------------------------------------------------------------------------

/// The statements of a policy that has its outer shape right.
fn statements(text: &str) -> Result<Vec<Map<String, Json>>, String> {
    if text.starts_with(char::is_whitespace) {
        return Err("A policy starts with {. Remove the white space before it.".into());
    }
    let policy: Json = serde_json::from_str(text)
        .map_err(|error| format!("This is not JSON, which a policy is written in: {error}."))?;
    let Json::Object(mut policy) = policy else { return Err("A policy is a JSON object.".into()) };
    if let Some(version) =
        policy.get("Version").filter(|version| !matches!(version.as_str(), Some("2012-10-17" | "2008-10-17")))
    {
        return Err(format!("The version of a policy is its language's, \"2012-10-17\", and not {version}."));
    }
    let statements = list(policy.remove("Statement").unwrap_or_default());
    if statements.is_empty() {
        return Err("A policy without statements says nothing. Add a \"Statement\".".into());
    }
    let checked = |(at, statement): (usize, Json)| match statement {
        Json::Object(statement) => match statement.get("Effect").and_then(Json::as_str) {
            Some("Allow" | "Deny") => Ok(statement),
            _ => Err(format!("Statement {} has no \"Effect\". Give it \"Allow\" or \"Deny\".", at + 1)),
        },
        _ => Err(format!("Statement {} is not a JSON object.", at + 1)),
    };
    statements.into_iter().enumerate().map(checked).collect()
}

/// Any policy: JSON, statements, effects.
pub(super) fn check(value: &Value) -> Result<(), String> {
    value.as_str().map_or(Ok(()), |text| statements(text).map(|_| ()))
}

/// A policy that says what its holder may do.
pub(super) fn check_identity(value: &Value) -> Result<(), String> {
    let Some(text) = value.as_str() else { return Ok(()) };
    for (at, statement) in statements(text)?.iter().enumerate() {
        let (at, has) = (at + 1, |names: [&str; 2]| names.iter().any(|name| statement.contains_key(*name)));
        if has(["Principal", "NotPrincipal"]) {
            return Err(format!(
                "Statement {at} names a principal, but this policy is about whoever holds it. Remove \"Principal\"."
            ));
        }
        if !has(["Action", "NotAction"]) {
            return Err(format!("Statement {at} does not say what is allowed or denied. Add an \"Action\"."));
        }
        if !has(["Resource", "NotResource"]) {
            return Err(format!("Statement {at} does not say on what. Add a \"Resource\", such as \"*\"."));
        }
    }
    Ok(())
}

/// A policy of a resource: who may do what on it.
pub(super) fn check_resource(value: &Value) -> Result<(), String> {
    const PARTS: [([&str; 2], &str); 3] = [
        (
            ["Principal", "NotPrincipal"],
            "who it is about. Add a \"Principal\", such as {\"AWS\": \"arn:aws:iam::123456789012:root\"}",
        ),
        (["Action", "NotAction"], "what is allowed or denied. Add an \"Action\""),
        (["Resource", "NotResource"], "on what. Add a \"Resource\""),
    ];
    let Some(text) = value.as_str() else { return Ok(()) };
    for (at, statement) in statements(text)?.iter().enumerate() {
        let lacks = |names: &[&str; 2]| !names.iter().any(|name| statement.contains_key(*name));
        if let Some((_, what)) = PARTS.iter().find(|(names, _)| lacks(names)) {
            return Err(format!("Statement {} does not say {what}.", at + 1));
        }
    }
    Ok(())
}

/// All resources that the statements of a policy name.
pub(super) fn resources(text: &str) -> Vec<String> {
    let of = |statement: Map<String, Json>| list(statement.get("Resource").cloned().unwrap_or_default());
    let named = statements(text).unwrap_or_default().into_iter().flat_map(of);
    named.filter_map(|one| Some(one.as_str()?.to_owned())).collect()
}

/// A policy that says who may take on a role.
pub(super) fn check_trust(value: &Value) -> Result<(), String> {
    let Some(text) = value.as_str() else { return Ok(()) };
    for (at, statement) in statements(text)?.iter().enumerate() {
        let (at, has) = (at + 1, |names: [&str; 2]| names.iter().any(|name| statement.contains_key(*name)));
        if !has(["Principal", "NotPrincipal"]) {
            return Err(format!(
                "Statement {at} does not say who may take on the role. Add a \"Principal\", such as {{\"Service\": \"ecs-tasks.amazonaws.com\"}}."
            ));
        }
        if has(["Resource", "NotResource"]) {
            return Err(format!(
                "Statement {at} names a resource, but a trust policy is about the role it belongs to. Remove \"Resource\"."
            ));
        }
        let actions = list(statement.get("Action").cloned().unwrap_or_default());
        let is_sts = |action: &Json| {
            action.as_str().is_some_and(|action| action == "*" || action.to_lowercase().starts_with("sts:"))
        };
        if actions.is_empty() || !actions.iter().all(is_sts) {
            return Err(format!(
                "Statement {at} is about taking on the role, which is an action of STS. Set \"Action\" to \"sts:AssumeRole\"."
            ));
        }
        let services = statement.get("Principal").and_then(|principal| principal.get("Service")).cloned();
        for service in services.map(list).unwrap_or_default() {
            known_service(service.as_str().unwrap_or_default())?;
        }
    }
    Ok(())
}

/// Services that take on roles, whose names are easily mistyped.
const SERVICES: &[&str] = &[
    "application-autoscaling.amazonaws.com",
    "codebuild.amazonaws.com",
    "codedeploy.amazonaws.com",
    "codepipeline.amazonaws.com",
    "ec2.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "ecs.amazonaws.com",
    "ecr.amazonaws.com",
    "eks.amazonaws.com",
    "edgelambda.amazonaws.com",
    "events.amazonaws.com",
    "lambda.amazonaws.com",
    "rds.amazonaws.com",
    "s3.amazonaws.com",
    "scheduler.amazonaws.com",
    "sns.amazonaws.com",
    "sqs.amazonaws.com",
    "ssm.amazonaws.com",
    "states.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
];

/// Refuses a name that is one slip away from a well-known one. Short names are close to each other: those pass.
fn known_service(name: &str) -> Result<(), String> {
    let is_slip = |known: &&&str| known.len() > "12345.amazonaws.com".len() && distance(name, known) == 1;
    match SERVICES.iter().find(is_slip) {
        Some(known) if !SERVICES.contains(&name) => Err(format!("There is no service {name}. Did you mean {known}?")),
        _ => Ok(()),
    }
}

/// How many letters must be added, removed or changed between two texts.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (at, left) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (to, right) in b.bytes().enumerate() {
            let change = diagonal + usize::from(left != right);
            diagonal = row[to + 1];
            row[to + 1] = change.min(diagonal + 1).min(row[to] + 1);
        }
    }
    row[b.len()]
}

/// Characters that count against a quota: all but white space.
pub(super) fn size(text: &str) -> usize {
    text.chars().filter(|letter| !letter.is_whitespace()).count()
}

/// At most `limit` characters that count.
pub(super) fn check_size(value: &Value, limit: usize) -> Result<(), String> {
    match value.as_str().map(size) {
        Some(size) if size > limit => Err(format!(
            "This policy has {size} characters without white space, and AWS takes {limit}. Split it, or use wildcards."
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn are_same(have: &str, want: &str) -> bool {
        same(&have.into(), &want.into())
    }

    #[test]
    fn the_same_in_other_words() {
        let stack = r#"{"Version":"2012-10-17","Statement":[{"Sid":"","Effect":"Allow","Action":["s3:PutObject","S3:getobject"],
            "Resource":"*","Principal":{"AWS":["arn:aws:iam::123456789012:root"]},
            "Condition":{"Bool":{"aws:SecureTransport":true}}}]}"#;
        let aws = r#"{"Statement":{"Effect":"Allow","Resource":["*"],"Action":["s3:GetObject","s3:PutObject"],
            "Principal":{"AWS":"123456789012"},"Condition":{"Bool":{"aws:securetransport":["true"]}}},"Version":"2012-10-17"}"#;
        assert!(are_same(stack, aws));
        assert!(are_same(r#"{"Statement":[]}"#, r#"{"Version":"2008-10-17","Statement":[]}"#));
        assert!(are_same(r#"{"Statement":{"Principal":"*"}}"#, r#"{"Statement":{"Principal":{"AWS":["*"]}}}"#));
        let (a, b) = (r#"{"Sid":"a","Effect":"Deny"}"#, r#"{"Sid":"b","Effect":"Allow"}"#);
        assert!(are_same(&format!(r#"{{"Statement":[{a},{b}]}}"#), &format!(r#"{{"Statement":[{b},{a}]}}"#)));
    }

    #[test]
    fn not_the_same() {
        assert!(!are_same(r#"{"Statement":{"Resource":"a"}}"#, r#"{"Statement":{"Resource":"A"}}"#));
        assert!(!are_same(r#"{"Statement":{"Action":"a:*"}}"#, r#"{"Statement":{"NotAction":"a:*"}}"#));
        assert!(!are_same(r#"{"Version":"2012-10-17"}"#, "{}"));
        assert!(!are_same("no", "no"));
    }

    #[test]
    fn mistakes_are_named() {
        let trust = |service: &str| {
            let text = json!({"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}});
            check_trust(&text.to_string().as_str().into())
        };
        assert_eq!(trust("ecs-tasks.amazonaws.com"), Ok(()));
        assert_eq!(trust("anything.amazonaws.com"), Ok(()));
        let said = "There is no service ecs-task.amazonaws.com. Did you mean ecs-tasks.amazonaws.com?";
        assert_eq!(trust("ecs-task.amazonaws.com"), Err(said.to_owned()));
        let no_resource = r#"{"Statement":{"Effect":"Allow","Action":"s3:*"}}"#;
        assert!(check_identity(&no_resource.into()).is_err_and(|text| text.contains("Resource")));
        assert!(check(&" {}".into()).is_err());
        let of_bucket =
            r#"{"Statement":{"Effect":"Deny","Action":"s3:*","Resource":["arn:aws:s3:::a","arn:aws:s3:::a/*"]}}"#;
        assert!(check_resource(&of_bucket.into()).is_err_and(|text| text.contains("Principal")));
        assert_eq!(resources(of_bucket), ["arn:aws:s3:::a", "arn:aws:s3:::a/*"]);
        assert!(check(&"{}".into()).is_err());
    }
}
