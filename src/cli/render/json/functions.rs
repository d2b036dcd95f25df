//! `metadata functions -json`: the signatures of all functions.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{FORMAT, line};
use crate::diagnostic::Diagnostic;
use crate::lang::functions::{self, Parameter};
use crate::value::Type;
use crate::value::json::{Raw, type_to_json};

#[derive(Serialize)]
struct Whole {
    format_version: &'static str,
    function_signatures: BTreeMap<String, Signature>,
}

/// What a function takes and gives.
#[derive(Serialize)]
pub(super) struct Signature {
    description: &'static str,
    /// Functions of providers have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'static str>,
    return_type: Raw,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parameters: Vec<Param>,
    #[serde(skip_serializing_if = "Option::is_none")]
    variadic_parameter: Option<Param>,
}

#[derive(Serialize)]
struct Param {
    name: &'static str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_nullable: bool,
    #[serde(rename = "type")]
    ty: Raw,
}

/// The signature of a function in a problem with a call of it.
#[derive(Serialize)]
pub(super) struct NamedSignature {
    name: String,
    params: Vec<NamedParam>,
    #[serde(skip_serializing_if = "Option::is_none")]
    variadic_param: Option<NamedParam>,
    return_type: Raw,
}

#[derive(Serialize)]
struct NamedParam {
    name: &'static str,
    #[serde(rename = "type")]
    ty: Raw,
}

/// Functions that Terraform took away, and one that only the console has.
const NOT_LISTED: [&str; 3] = ["list", "map", "type"];

/// All functions, each under its short name and under `core::`.
pub(crate) fn functions() -> Result<String, Diagnostic> {
    let mut function_signatures = BTreeMap::new();
    for name in functions::names().filter(|name| !name.contains("::") && !NOT_LISTED.contains(name)) {
        for name in [name.to_owned(), format!("core::{name}")] {
            if let Some(signature) = signature(&name)? {
                function_signatures.insert(name, signature);
            }
        }
    }
    line(&Whole { format_version: FORMAT, function_signatures })
}

/// The functions of a provider, by the names they have in it.
pub(super) fn of_provider(local: &str) -> Result<BTreeMap<String, Signature>, Diagnostic> {
    let prefix = format!("provider::{local}::");
    let mut all = BTreeMap::new();
    for name in functions::names() {
        if let (Some(short), Some(found)) = (name.strip_prefix(&prefix), signature(name)?) {
            all.insert(short.to_owned(), Signature { summary: Some(found.description), ..found });
        }
    }
    Ok(all)
}

fn signature(name: &str) -> Result<Option<Signature>, Diagnostic> {
    let Some(found) = functions::signature(name) else { return Ok(None) };
    Ok(Some(Signature {
        description: found.doc,
        summary: None,
        return_type: ty(&found.returns)?,
        parameters: found.parameters.iter().map(param).collect::<Result<_, _>>()?,
        variadic_parameter: found.rest.as_ref().map(param).transpose()?,
    }))
}

/// The signature of a function that may not exist.
pub(super) fn named(name: &str) -> Option<NamedSignature> {
    let found = functions::signature(name)?;
    let param = |one: &Parameter| Some(NamedParam { name: one.name, ty: ty(&one.ty).ok()? });
    Some(NamedSignature {
        name: name.strip_prefix("core::").unwrap_or(name).to_owned(),
        params: found.parameters.iter().map(param).collect::<Option<_>>()?,
        variadic_param: match &found.rest {
            Some(rest) => Some(param(rest)?),
            None => None,
        },
        return_type: ty(&found.returns).ok()?,
    })
}

fn param(one: &Parameter) -> Result<Param, Diagnostic> {
    Ok(Param { name: one.name, is_nullable: one.is_nullable, ty: ty(&one.ty)? })
}

fn ty(ty: &Type) -> Result<Raw, Diagnostic> {
    Raw::parse(&type_to_json(ty)).map_err(|error| Diagnostic::bug(format!("A type has no JSON form: {error}")))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    /// A line for a function: `lookup(inputMap: "dynamic", key: "string", ...default?: "dynamic") -> "dynamic"`.
    fn lines(text: &str) -> BTreeSet<String> {
        let all: Value = serde_json::from_str(text).expect("JSON");
        assert_eq!(all["format_version"], "1.0");
        let param = |one: &Value| {
            let null = if one["is_nullable"] == true { "?" } else { "" };
            format!("{}{null}: {}", one["name"].as_str().unwrap_or_default(), one["type"])
        };
        let line = |(name, one): (&String, &Value)| {
            let mut params: Vec<String> = one["parameters"].as_array().into_iter().flatten().map(param).collect();
            params.extend(one.get("variadic_parameter").map(|rest| format!("...{}", param(rest))));
            format!("{name}({}) -> {}", params.join(", "), one["return_type"])
        };
        all["function_signatures"].as_object().into_iter().flatten().map(line).collect()
    }

    /// We say more of these: Terraform calls their results "dynamic".
    const BETTER: [&str; 6] = ["contains(", "format(", "formatlist(", "index(", "sum(", "templatestring("];

    #[test]
    fn signatures_are_terraforms() {
        let ours = lines(&super::functions().expect("JSON"));
        let theirs: BTreeSet<String> = include_str!("samples/functions.txt")
            .lines()
            .flat_map(|line| [line.to_owned(), format!("core::{line}")])
            .collect();
        let better = |line: &&String| !BETTER.iter().any(|name| line.trim_start_matches("core::").starts_with(name));
        let missing: Vec<&String> = theirs.difference(&ours).filter(better).collect();
        let more: Vec<&String> = ours.difference(&theirs).filter(better).collect();
        assert!(missing.is_empty() && more.is_empty(), "missing: {missing:#?}\nnot there: {more:#?}");
    }
}
