//! Entries of `required_providers`.

use std::sync::Arc;

use super::data::provider_name;
use super::settings::full_source;
use crate::diagnostic::{Diagnostic, Report, Span, near_miss};
use crate::lang::config::RequiredProvider;
use crate::lang::expr::constant;
use crate::lang::syntax::tree::{Attribute, Expr, ExprKind, ObjectKey};
use crate::lang::version::{Constraint, malformed};

/// Reads `name = { source = ..., version = ... }`, or the older `name = "version"`.
pub(super) fn required_provider(attribute: &Attribute, report: &mut Report) -> Option<RequiredProvider> {
    let (name, span) = (&attribute.name, attribute.span);
    let mut provider = RequiredProvider { source: full_source(name).into(), version: None, aliases: Vec::new(), span };
    let entries = match &attribute.expr.kind {
        ExprKind::Object(entries) => entries,
        ExprKind::Number(_) => {
            provider.version = version(&attribute.expr, report);
            return Some(provider);
        }
        _ if attribute.expr.as_text().is_some() => {
            provider.version = version(&attribute.expr, report);
            return Some(provider);
        }
        _ => {
            let detail = "A required provider is an object with source and version.";
            report.push(Diagnostic::error("Invalid required_providers object", detail).at(attribute.expr.span));
            return None;
        }
    };
    check_local_name(name, attribute.name_span, report);
    for entry in entries {
        let key = match &entry.key {
            ObjectKey::Name(name) => name.text.clone(),
            ObjectKey::Expr(key) | ObjectKey::Ambiguous(key) => match constant(key) {
                Ok(value) => value.as_str().unwrap_or_default().into(),
                Err(problems) => {
                    report.extend(problems);
                    continue;
                }
            },
        };
        match &*key {
            "source" => {
                if let Some(source) = source(&entry.value, report) {
                    provider.source = source;
                }
            }
            "version" => provider.version = version_text(&entry.value, report),
            "configuration_aliases" => aliases(name, &entry.value, &mut provider, report),
            other => {
                let hint = near_miss(other, ["source", "version", "configuration_aliases"]);
                let hint = hint.map(|near| format!(" Did you mean \"{near}\"?")).unwrap_or_default();
                let detail = format!("A required provider has no \"{other}\".{hint}");
                report.push(Diagnostic::error("Invalid required_providers object", detail).at(entry.key.span()));
            }
        }
    }
    Some(provider)
}

/// A version constraint as text; a number stands for that version.
fn version(expr: &Expr, report: &mut Report) -> Option<Arc<str>> {
    match &expr.kind {
        ExprKind::Number(digits) => Some(digits.to_string().into()),
        _ => version_text(expr, report),
    }
}

fn version_text(expr: &Expr, report: &mut Report) -> Option<Arc<str>> {
    let Some(text) = text(expr) else {
        let detail = "A version constraint is text that is written out, such as \"~> 5.0\".";
        report.push(Diagnostic::error("Invalid version constraint", detail).at(expr.span));
        return None;
    };
    if text.trim().is_empty() || text.parse::<Constraint>().is_err() {
        report.push(malformed(&text, expr.span));
        return None;
    }
    Some(text)
}

fn text(expr: &Expr) -> Option<Arc<str>> {
    constant(expr).ok()?.as_str().map(Into::into)
}

fn source(expr: &Expr, report: &mut Report) -> Option<Arc<str>> {
    let Some(text) = text(expr) else {
        let detail = "The source of a provider is text that is written out, such as \"hashicorp/aws\".";
        report.push(Diagnostic::error("Invalid source", detail).at(expr.span));
        return None;
    };
    match parse_source(&text) {
        Ok(source) => Some(source.into()),
        Err((summary, detail)) => {
            report.push(Diagnostic::error(summary, detail).at(expr.span));
            None
        }
    }
}

/// The address in full and in small letters, or the summary and detail of what is wrong with it.
fn parse_source(text: &str) -> Result<String, (&'static str, String)> {
    let parts: Vec<_> = text.split('/').collect();
    if parts.len() > 3 || parts.iter().any(|part| part.is_empty()) {
        let detail =
            "A source looks like \"NAMESPACE/TYPE\" or \"HOST/NAMESPACE/TYPE\", for example \"hashicorp/aws\".";
        return Err(("Invalid provider source string", detail.to_owned()));
    }
    let mut from_end = parts.iter().rev();
    let kind = from_end.next().copied().unwrap_or_default();
    if let Some(why) = bad_part(kind) {
        return Err(("Invalid provider type", format!("\"{kind}\" cannot be the type of a provider: {why}.")));
    }
    if let Some(namespace) = from_end.next().filter(|namespace| **namespace != "-")
        && let Some(why) = bad_part(namespace)
    {
        return Err(("Invalid provider namespace", format!("\"{namespace}\" cannot be a namespace: {why}.")));
    }
    if let Some(host) = from_end.next()
        && !is_host(host)
    {
        return Err(("Invalid provider source hostname", format!("\"{host}\" is no name of a host.")));
    }
    if kind.to_lowercase().starts_with("terraform-") {
        let bare = kind.to_lowercase();
        let bare = bare.trim_start_matches("terraform-").trim_start_matches("provider-");
        let detail = format!(
            "The type of a provider never begins with \"terraform-\". The address probably ends in \"{bare}\"."
        );
        return Err(("Invalid provider type", detail));
    }
    Ok(full_source(&text.to_lowercase()))
}

/// Why a word cannot be a part of a provider's address.
fn bad_part(part: &str) -> Option<&'static str> {
    if part.starts_with('-') || part.ends_with('-') {
        Some("it begins or ends with a hyphen")
    } else if part.contains("--") {
        Some("it has two hyphens in a row")
    } else if !part.chars().all(|c| c == '-' || c.is_alphanumeric()) {
        Some("only letters, digits and hyphens are possible")
    } else {
        None
    }
}

fn is_host(host: &str) -> bool {
    let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    name.split('.').all(|label| !label.is_empty() && bad_part(label).is_none())
        && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

/// `configuration_aliases`
fn aliases(name: &str, expr: &Expr, provider: &mut RequiredProvider, report: &mut Report) {
    let ExprKind::Tuple(elements) = &expr.kind else {
        let detail = "A list of names in brackets is needed, such as [aws.east].";
        report.push(Diagnostic::error("Invalid expression", detail).at(expr.span));
        return;
    };
    for element in elements {
        if element.as_text().is_some() {
            let detail = "The name of a provider configuration is written without quotes here.";
            report.push(Diagnostic::error("Invalid expression", detail).at(element.span));
            continue;
        }
        let Some(alias) = provider_name(element, report) else { continue };
        if &*alias.0 == name {
            provider.aliases.push(alias);
        } else {
            let detail = format!("Aliases of the provider {name} begin with its local name: {name}.ALIAS.");
            report.push(Diagnostic::error("Invalid configuration_aliases value", detail).at(element.span));
        }
    }
}

/// Reports a local name of a provider that cannot be one.
pub(super) fn check_local_name(name: &str, span: Span, report: &mut Report) {
    let detail = match bad_part(name) {
        Some(why) => format!("\"{name}\" cannot be the name of a provider: {why}."),
        None if name.to_lowercase() != name => {
            format!("Names of providers have small letters only. Write \"{}\".", name.to_lowercase())
        }
        None => return,
    };
    report.push(Diagnostic::error("Invalid provider local name", detail).at(span));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources() {
        for (text, full) in [
            ("aws", "registry.terraform.io/hashicorp/aws"),
            ("A/B", "registry.terraform.io/a/b"),
            ("-/aws", "registry.terraform.io/-/aws"),
            ("x.y:80/a/b", "x.y:80/a/b"),
        ] {
            assert_eq!(parse_source(text).as_deref(), Ok(full));
        }
        for (text, summary) in [
            ("", "Invalid provider source string"),
            ("a/b/c/d", "Invalid provider source string"),
            ("https://x.y/a/b", "Invalid provider source string"),
            ("-a/b", "Invalid provider namespace"),
            ("./foo", "Invalid provider namespace"),
            ("a--b/c", "Invalid provider namespace"),
            ("a_b/c", "Invalid provider namespace"),
            ("a b", "Invalid provider type"),
            ("a/b-", "Invalid provider type"),
            ("hashicorp/terraform-provider-foo", "Invalid provider type"),
            ("a..b/c/d", "Invalid provider source hostname"),
        ] {
            assert_eq!(parse_source(text).map_err(|(summary, _)| summary), Err(summary), "{text}");
        }
    }
}
