//! `aws_iam_policy_document`: writes a policy. Nobody is asked; the text is letter for letter that of hashicorp/aws, so
//! that a state of either tool reads the same.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html>

mod document;
mod json;

use document::{Document, Statement, texts};
use json::Json;

use crate::aws::contract::*;

/// The data source.
pub struct PolicyDocument;

model! {
    /// A policy, written from blocks.
    pub struct Args {
        /// The statements.
        statement: Vec<StatementArgs> = optional(),
        /// Version of the policy language: 2012-10-17, or 2008-10-17, which knows no variables.
        version: Option<String> = optional().default(Lit::Str("2012-10-17")).one_of(&["2008-10-17", "2012-10-17"]),
        /// Id of the policy.
        policy_id: Option<String> = optional(),
        /// Policies in JSON to start from. A `sid` may occur once in them; statements here replace those with the same.
        source_policy_documents: Vec<String> = optional(),
        /// Policies in JSON that are laid over it: their statements replace those with the same `sid`.
        override_policy_documents: Vec<String> = optional(),
        /// A policy in JSON to start from.
        source_json: Option<String> = optional().deprecated("Use source_policy_documents."),
        /// A policy in JSON that is laid over it.
        override_json: Option<String> = optional().deprecated("Use override_policy_documents."),
        /// The policy, in JSON.
        json: Option<String> = computed(),
        /// The same without line breaks and blanks.
        minified_json: Option<String> = computed(),
    }
}

model! {
    /// A statement: who may or may not do what, on what, when.
    pub struct StatementArgs {
        /// Id, unique in the policy: letters and digits.
        sid: Option<String> = optional(),
        /// Allow or Deny.
        effect: Option<String> = optional().default(Lit::Str("Allow")).one_of(&["Allow", "Deny"]),
        /// Actions, such as `s3:GetObject` or `ecs:Describe*`.
        actions: Set<String> = optional(),
        /// All actions but these.
        not_actions: Set<String> = optional(),
        /// ARNs it is about; `*` stands for anything. Variables are written `&{aws:username}`.
        resources: Set<String> = optional(),
        /// All but these.
        not_resources: Set<String> = optional(),
        /// Who it is about. Not in policies that belong to a role, user or group.
        principals: Set<Principal> = optional(),
        /// All but these.
        not_principals: Set<Principal> = optional(),
        /// When it holds; all of them must be met.
        condition: Set<Condition> = optional(),
    }
}

model! {
    /// Who a statement is about.
    pub struct Principal {
        /// Kind: AWS, Service, Federated, CanonicalUser, or * for everybody.
        r#type: String = required(),
        /// ARNs, account numbers, service names, or *.
        identifiers: Set<String> = required(),
    }
}

model! {
    /// When a statement holds.
    pub struct Condition {
        /// Comparison, such as StringEquals or ArnLike.
        test: String = required(),
        /// What is compared, such as aws:SourceArn.
        variable: String = required(),
        /// Values, one of which fits.
        values: Vec<String> = required(),
    }
}

impl Source for PolicyDocument {
    type Model = Args;

    const TYPE: &'static str = "aws_iam_policy_document";
    const GLOBAL: bool = true;
    const OFFLINE: bool = true;

    async fn read(_aws: &Aws, want: Args) -> Result<(String, Args)> {
        let document = compose(&want).map_err(|text| Error::local(Self::TYPE, text))?.to_json();
        let (pretty, minified) = (document.pretty(), document.minified());
        let mut sum = flate2::Crc::new();
        sum.update(pretty.as_bytes());
        Ok((sum.sum().to_string(), Args { json: Some(pretty), minified_json: Some(minified), ..want }))
    }
}

/// The policy of the blocks, between the policies to start from and those laid over it.
fn compose(args: &Args) -> std::result::Result<Document, String> {
    let mut all = Document::default();
    let given = |text: &&str| !text.is_empty();
    if let Some(text) = args.source_json.as_deref().filter(given) {
        all = Document::parse(text).map_err(|why| format!("`source_json` is not a policy: {why}."))?;
    }
    let mut sids: Vec<String> = all.statements.iter().map(|one| one.sid.clone()).filter(|sid| !sid.is_empty()).collect();
    let mut claim = |sid: &str, place: &str| {
        if sids.iter().any(|taken| taken == sid) {
            return Err(format!("The sid {sid} occurs twice in {place}. Give each statement its own, or none."));
        }
        sids.extend(Some(sid.to_owned()).filter(|sid| !sid.is_empty()));
        Ok(())
    };
    for (at, text) in args.source_policy_documents.iter().enumerate().filter(|(_, text)| given(&text.as_str())) {
        let why = |why| format!("Item {} of `source_policy_documents` is not a policy: {why}.", at + 1);
        let source = Document::parse(text).map_err(why)?;
        for statement in source.statements.iter().filter(|one| !one.sid.is_empty()) {
            claim(&statement.sid, "`source_policy_documents`")?;
        }
        all.merge(source);
    }
    all.merge(own(args)?);
    let overrides = args.override_policy_documents.iter().map(String::as_str).chain(args.override_json.as_deref());
    for (at, text) in overrides.enumerate().filter(|(_, text)| given(text)) {
        let why = |why| format!("Item {} of `override_policy_documents` is not a policy: {why}.", at + 1);
        all.merge(Document::parse(text).map_err(why)?);
    }
    Ok(all)
}

/// The policy of the blocks.
fn own(args: &Args) -> std::result::Result<Document, String> {
    let version = args.version.clone().unwrap_or_default();
    let statements: std::result::Result<Vec<_>, _> = args.statement.iter().map(|one| statement(one, &version)).collect();
    let statements = statements?;
    for (at, one) in statements.iter().enumerate().filter(|(_, one)| !one.sid.is_empty()) {
        if statements[..at].iter().any(|before| before.sid == one.sid) {
            return Err(format!("The sid {} occurs in two `statement` blocks. Give each its own, or none.", one.sid));
        }
    }
    Ok(Document { version, id: args.policy_id.clone().unwrap_or_default(), statements })
}

fn statement(args: &StatementArgs, version: &str) -> std::result::Result<Statement, String> {
    let plain = |set: &Set<String>| (!set.is_empty()).then(|| sorted(set.0.clone()));
    let vars = |set: &Set<String>| {
        let given = Some(set.0.clone()).filter(|all| !all.is_empty());
        given.map(|all| variables(all, version).map(sorted)).transpose()
    };
    let principals = |set: &Set<Principal>| -> std::result::Result<Vec<_>, String> {
        let one = |one: &Principal| {
            let who = texts(sorted(variables(one.identifiers.0.clone(), version)?));
            Ok((one.r#type.clone(), who))
        };
        set.iter().map(one).collect()
    };
    let condition = |one: &Condition| {
        let values = variables(one.values.clone(), version)?;
        Ok((one.test.clone(), one.variable.clone(), texts(single_or_list(values))))
    };
    let conditions: std::result::Result<Vec<_>, String> = args.condition.iter().map(condition).collect();
    Ok(Statement {
        sid: args.sid.clone().unwrap_or_default(),
        effect: args.effect.clone().unwrap_or_default(),
        actions: plain(&args.actions),
        not_actions: plain(&args.not_actions),
        resources: vars(&args.resources)?,
        not_resources: vars(&args.not_resources)?,
        principals: principals(&args.principals)?,
        not_principals: principals(&args.not_principals)?,
        conditions: conditions?,
    })
}

/// hashicorp/aws sorts downwards; one stands for itself.
fn sorted(mut all: Vec<String>) -> Json {
    all.sort_by(|a, b| b.cmp(a));
    single_or_list(all)
}

fn single_or_list(mut all: Vec<String>) -> Json {
    match (all.len(), all.pop()) {
        (1, Some(only)) => Json::Text(only),
        (_, last) => Json::List(all.into_iter().chain(last).map(Json::Text).collect()),
    }
}

/// `&{…}` stands for IAM's `${…}`, which would be Terraform's own.
fn variables(all: Vec<String>, version: &str) -> std::result::Result<Vec<String>, String> {
    let one = |text: String| {
        if version == "2008-10-17" && text.contains("&{") {
            return Err(format!("\"{text}\" has a variable, which policies of version 2008-10-17 do not know. Leave out `version`."));
        }
        Ok(text.replace("&{", "${"))
    };
    all.into_iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(texts: &[&str]) -> Set<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn written(args: &Args) -> String {
        let args = Args { version: Some("2012-10-17".into()), ..args.clone() };
        compose(&args).map_or_else(|why| why, |document| document.to_json().pretty())
    }

    fn allow() -> StatementArgs {
        StatementArgs { effect: Some("Allow".into()), ..StatementArgs::default() }
    }

    #[test]
    fn the_text_is_that_of_terraform() {
        let statement = StatementArgs {
            sid: Some("Read".into()),
            actions: set(&["s3:GetObject", "s3:ListBucket"]),
            resources: set(&["arn:aws:s3:::b/&{aws:username}"]),
            principals: Set(vec![
                Principal { r#type: "Service".into(), identifiers: set(&["ecs-tasks.amazonaws.com"]) },
                Principal { r#type: "AWS".into(), identifiers: set(&["1", "2"]) },
            ]),
            condition: Set(vec![
                Condition { test: "StringEquals".into(), variable: "b".into(), values: vec!["<1>".into()] },
                Condition { test: "StringEquals".into(), variable: "a".into(), values: vec!["y".into(), "x".into()] },
            ]),
            ..allow()
        };
        let args = Args { policy_id: Some("it".into()), statement: vec![statement], ..Args::default() };
        let expected = r#"{
  "Version": "2012-10-17",
  "Id": "it",
  "Statement": [
    {
      "Sid": "Read",
      "Effect": "Allow",
      "Action": [
        "s3:ListBucket",
        "s3:GetObject"
      ],
      "Resource": "arn:aws:s3:::b/${aws:username}",
      "Principal": {
        "AWS": [
          "2",
          "1"
        ],
        "Service": "ecs-tasks.amazonaws.com"
      },
      "Condition": {
        "StringEquals": {
          "a": [
            "y",
            "x"
          ],
          "b": "\u003c1\u003e"
        }
      }
    }
  ]
}"#;
        assert_eq!(written(&args), expected);
        assert_eq!(written(&Args::default()), "{\n  \"Version\": \"2012-10-17\"\n}");
    }

    #[test]
    fn statements_with_the_same_sid_replace_each_other() {
        let source = r#"{"Version":"2008-10-17","Statement":[{"Sid":"a","Effect":"Deny","Action":"x:*"},{"Effect":"Allow","Condition":{"Bool":{"k":"true"}}}]}"#;
        let over = r#"{"Statement":{"Sid":"b","Effect":"Deny","Principal":"*"}}"#;
        let statement = |sid: &str| StatementArgs { sid: Some(sid.into()), actions: set(&["y:*"]), ..allow() };
        let args = Args {
            version: Some("2012-10-17".into()),
            source_policy_documents: vec![source.into(), String::new()],
            override_policy_documents: vec![over.into()],
            statement: vec![statement("a"), statement("b")],
            ..Args::default()
        };
        let text = compose(&args).map(|document| document.to_json().minified());
        let expected = r#"{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Action":"y:*"},{"Effect":"Allow","Condition":{"Bool":{"k":["true"]}}},{"Sid":"b","Effect":"Deny","Principal":"*"}]}"#;
        assert_eq!(text.as_deref(), Ok(expected));

        let twice = Args { source_policy_documents: vec![source.into(), source.into()], ..Args::default() };
        assert_eq!(written(&twice), "The sid a occurs twice in `source_policy_documents`. Give each statement its own, or none.");
    }

    #[test]
    fn the_old_version_has_no_variables() {
        let statement = StatementArgs { resources: set(&["&{aws:username}"]), ..allow() };
        let args = Args { version: Some("2008-10-17".into()), statement: vec![statement], ..Args::default() };
        assert!(compose(&args).is_err());
    }
}
