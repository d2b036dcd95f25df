//! Files with values of root variables.

use std::path::Path;

use super::expr::constant;
use super::input::{Given, Origin, VariableInput};
use super::json_syntax;
use super::syntax::parse;
use super::syntax::tree::Body;
use crate::diagnostic::{Diagnostic, Report, Sources};

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
    if report.has_errors() {
        return Err(report);
    }
    for block in &body.blocks {
        let detail = "A file with values of variables holds only lines like name = value. Declarations of variables stand \
                      in .tf files.";
        report.push(Diagnostic::error(format!("Unexpected \"{}\" block", block.kind), detail).at(block.kind_span));
    }
    // A file of another kind: its values are nobody's business.
    if body.blocks.is_empty() { values(&body, report) } else { Err(report) }
}

fn from_json(file: u32, text: &str) -> Result<Vec<VariableInput>, Report> {
    let (body, report) = json_syntax::parse_values(file, text);
    values(&body, report)
}

/// Values that are written out.
fn values(body: &Body, report: Report) -> Result<Vec<VariableInput>, Report> {
    let mut inputs = Vec::new();
    for attribute in &body.attributes {
        inputs.push(VariableInput {
            name: attribute.name.clone(),
            value: constant(&attribute.expr).map_or_else(Given::Wrong, Given::Value),
            origin: Origin::File(attribute.expr.span),
        });
    }
    report.or(inputs)
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
                |inputs| {
                    let value = |one: &VariableInput| match &one.value {
                        Given::Value(value) => format!("{value:?}"),
                        Given::Text(text) => text.to_string(),
                        Given::Wrong(report) => report.0.iter().map(|one| &*one.summary).collect(),
                    };
                    let shown = inputs.iter().map(|one| format!("{} = {}", one.name, value(one)));
                    shown.collect::<Vec<_>>().join(", ")
                },
            )
        };
        assert_eq!(read("a.tfvars", "a = [1]\nb = \"x\"\n", &mut sources), r#"a = [1], b = "x""#);
        assert_eq!(read("a.tfvars.json", r#"{"a": {"b": null}}"#, &mut sources), r#"a = {"b": null}"#);
        assert!(read("a.tfvars", "a = var.b\nb = 1", &mut sources).contains("Variables not allowed"));
        assert_eq!(read("a.tfvars", "variable \"x\" {}", &mut sources), r#"["Unexpected \"variable\" block"]"#);
    }
}
