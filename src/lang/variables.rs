//! Files with values of root variables.

use std::path::Path;

use serde_json::value::RawValue;

use super::expr::constant;
use super::input::{Given, Origin, VariableInput};
use super::syntax::parse;
use crate::diagnostic::{Diagnostic, Report, Sources, Span};
use crate::value::json;

/// Reads a `.tfvars` or `.tfvars.json` file.
pub fn from_file(path: &Path, text: &str, sources: &mut Sources) -> Result<Vec<VariableInput>, Report> {
    let file = sources.add(path, text);
    if path.extension().is_some_and(|extension| extension == "json") {
        from_json(file, text)
    } else {
        native(file, text)
    }
}

fn native(file: u32, text: &str) -> Result<Vec<VariableInput>, Report> {
    let (body, mut report) = parse(file, text);
    for block in &body.blocks {
        let detail = "A file with values of variables holds only lines like name = value. Declarations of variables stand \
                      in .tf files.";
        report.push(Diagnostic::error(format!("Unexpected \"{}\" block", block.kind), detail).at(block.kind_span));
    }
    let mut inputs = Vec::new();
    for attribute in &body.attributes {
        match constant(&attribute.expr) {
            Ok(value) => inputs.push(VariableInput {
                name: attribute.name.clone(),
                value: Given::Value(value),
                origin: Origin::File(attribute.expr.span),
            }),
            Err(problems) => report.extend(problems),
        }
    }
    report.or(inputs)
}

fn from_json(file: u32, text: &str) -> Result<Vec<VariableInput>, Report> {
    let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let span = Span { file, start: 0, end };
    let wrong = |why: String| Report::from(Diagnostic::error("Invalid variables file", why).at(span));
    let raw = serde_json::from_str::<&RawValue>(text)
        .map_err(|error| wrong(format!("This is not JSON: line {}, column {}.", error.line(), error.column())))?;
    let value = json::implied(raw).map_err(|error| wrong(format!("{error}.")))?;
    let entries = value.entries().ok_or_else(|| wrong("The file must hold one JSON object.".to_owned()))?;
    let input = |(name, value): (&std::sync::Arc<str>, &crate::value::Value)| VariableInput {
        name: name.clone(),
        value: Given::Value(value.clone()),
        origin: Origin::File(span),
    };
    Ok(entries.iter().map(input).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_from_files() {
        let mut sources = Sources::default();
        let read = |name: &str, text: &str, sources: &mut Sources| {
            from_file(Path::new(name), text, sources).map_or_else(
                |report| format!("{:?}", report.0.iter().map(|one| &one.summary).collect::<Vec<_>>()),
                |inputs| format!("{:?}", inputs.iter().map(|one| (&one.name, &one.value)).collect::<Vec<_>>()),
            )
        };
        assert_eq!(read("a.tfvars", "a = [1]\nb = \"x\"\n", &mut sources), r#"[("a", Value([1])), ("b", Value("x"))]"#);
        assert_eq!(read("a.tfvars.json", r#"{"a": {"b": null}}"#, &mut sources), r#"[("a", Value({"b": null}))]"#);
        assert_eq!(read("a.tfvars", "a = var.b", &mut sources), r#"["Variables not allowed"]"#);
        assert_eq!(read("a.tfvars", "variable \"x\" {}", &mut sources), r#"["Unexpected \"variable\" block"]"#);
    }
}
