//! Findings in SARIF 2.1.0, which code scanning reads.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use serde_json::{Value as Json, json};

use crate::diagnostic::{Diagnostic, Severity, Sources, Span};
use crate::preflight::{Finding, RULES};

/// One run with all rules and what they found. Paths are relative to the current folder.
pub(crate) fn findings(findings: &[Finding], sources: &Sources) -> Result<String, Diagnostic> {
    let rules: Vec<Json> = RULES
        .iter()
        .map(|rule| {
            json!({
                "id": rule.code,
                "name": rule.name,
                "shortDescription": { "text": rule.summary },
                "fullDescription": { "text": rule.explanation() },
            })
        })
        .collect();
    let results: Vec<Json> = findings.iter().map(|finding| result(finding, sources)).collect();
    super::json::pretty(&json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "glaz", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    }))
}

fn result(finding: &Finding, sources: &Sources) -> Json {
    let one = &finding.diagnostic;
    let level = if one.severity == Severity::Error { "error" } else { "warning" };
    let locations: Vec<Json> = one.subject.and_then(|span| location(span, sources)).into_iter().collect();
    json!({
        "ruleId": finding.rule.code,
        "ruleIndex": RULES.iter().position(|rule| rule.code == finding.rule.code),
        "level": level,
        "message": { "text": one.detail },
        "locations": locations,
    })
}

fn location(span: Span, sources: &Sources) -> Option<Json> {
    let path = sources.file(span.file)?.path.to_string_lossy().into_owned();
    let ((line, column), (end_line, end_column)) =
        (sources.position(span.file, span.start), sources.position(span.file, span.end));
    Some(json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(&path) },
            "region": { "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column },
        },
    }))
}

/// A path as a URI: relative, or of a file of this machine.
fn uri(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let plain: String = path
        .bytes()
        .map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    if plain.starts_with('/') { format!("file://{plain}") } else { plain }
}

#[cfg(test)]
mod tests {
    #[test]
    fn paths_are_uris() {
        assert_eq!(super::uri("modules/web/main.tf"), "modules/web/main.tf");
        assert_eq!(super::uri("my stack/ä.tf"), "my%20stack/%C3%A4.tf");
        assert_eq!(super::uri("/srv/main.tf"), "file:///srv/main.tf");
    }
}
