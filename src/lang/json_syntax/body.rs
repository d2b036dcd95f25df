//! Objects as the bodies of blocks.

use super::either;
use super::expression::expression;
use super::shape::{Meaning, Others, Shape};
use super::text::{Kind, Node, Property, Text};
use crate::diagnostic::{Diagnostic, Report, Span, near_miss};
use crate::lang::syntax::tree::{Attribute, Block, Body, Label};

/// Names of labels that a block must have.
type Labels = &'static [&'static str];

/// The body of a block, or of a file.
pub(super) fn body(node: &Node, shape: &Shape, report: &mut Report) -> Body {
    let end = Span { start: node.span.end.saturating_sub(1).max(node.span.start), ..node.span };
    let end = Span { end: end.start, ..end };
    let mut body = Body { attributes: Vec::new(), blocks: Vec::new(), span: node.span, missing: end, is_json: true };
    let mut objects = Vec::new();
    objects_of(node, &mut objects, report);
    for Property { name, value } in objects.into_iter().flatten() {
        if name.value == "//" {
            continue;
        }
        let known = shape.blocks.iter().find(|(kind, ..)| *kind == name.value);
        let meaning = shape.arguments.iter().find(|(argument, _)| *argument == name.value).map(|(_, meaning)| *meaning);
        match (known, meaning, shape.others) {
            (Some((_, labels, inner)), ..) => {
                let place = Place { kind: name, labels, shape: inner };
                place.labelled(value, &mut Vec::new(), &mut body.blocks, report);
            }
            (None, Some(meaning), _) | (None, None, Others::Arguments(meaning)) => {
                let summary = if shape.is_open() { "Duplicate attribute definition" } else { "Duplicate argument" };
                argument(name, value, (meaning, summary), &mut body, report);
            }
            (None, None, Others::Either) => {
                let expr = expression(value, Meaning::Expression, report);
                either::add(attribute(name, value, expr), &mut body, report);
            }
            (None, None, Others::Nothing) => report.push(extraneous(name, shape)),
        }
    }
    body
}

/// The objects whose properties make up a body: arrays are taken together.
fn objects_of<'a>(node: &'a Node, objects: &mut Vec<&'a [Property]>, report: &mut Report) {
    match &node.kind {
        Kind::Object(properties) => objects.push(properties),
        Kind::Array(elements) => elements.iter().for_each(|element| objects_of(element, objects, report)),
        _ => report.push(wrong_type("An object is needed here, with arguments and blocks.", node.span)),
    }
}

fn wrong_type(detail: impl Into<String>, span: Span) -> Diagnostic {
    Diagnostic::error("Incorrect JSON value type", detail).at(span)
}

fn extraneous(name: &Text, shape: &Shape) -> Diagnostic {
    let names = shape.arguments.iter().map(|(name, _)| *name).chain(shape.blocks.iter().map(|(kind, ..)| *kind));
    super::extraneous(&name.value, name.span, near_miss(&name.value, names))
}

fn attribute(name: &Text, value: &Node, expr: crate::lang::syntax::tree::Expr) -> Attribute {
    Attribute { name: name.value.as_str().into(), name_span: name.span, expr, span: name.span.to(value.span) }
}

/// Adds an argument of this meaning; the summary is that of a second one of its name.
fn argument(name: &Text, value: &Node, how: (Meaning, &'static str), body: &mut Body, report: &mut Report) {
    let (meaning, again) = how;
    if let Some(first) = body.attribute(&name.value) {
        report.push(Diagnostic { summary: again.into(), ..super::repeated(&name.value, name.span, first.name_span) });
        return;
    }
    let expr = expression(value, meaning, report);
    body.attributes.push(attribute(name, value, expr));
}

/// A property that stands for blocks.
struct Place<'a> {
    kind: &'a Text,
    labels: Labels,
    shape: &'static Shape,
}

impl<'a> Place<'a> {
    /// The blocks behind the labels that are left.
    fn labelled(&self, node: &'a Node, found: &mut Vec<&'a Text>, blocks: &mut Vec<Block>, report: &mut Report) {
        let Some(label) = self.labels.get(found.len()) else {
            return self.bodies(node, found, blocks, report);
        };
        let mut properties = Vec::new();
        match &node.kind {
            Kind::Null => {}
            Kind::Object(own) => properties.extend(own),
            Kind::Array(elements) => {
                for element in elements {
                    match &element.kind {
                        Kind::Object(own) => properties.extend(own),
                        _ => report.push(self.needs_labels(element.span)),
                    }
                }
            }
            _ => report.push(self.needs_labels(node.span)),
        }
        if properties.is_empty() {
            let kind = &self.kind.value;
            let detail = format!("A property is needed here whose name is the {label} of the {kind} block.");
            report.push(Diagnostic::error("Missing block label", detail).at(node.span));
        }
        for Property { name, value } in properties {
            found.push(name);
            self.labelled(value, found, blocks, report);
            found.pop();
        }
    }

    fn needs_labels(&self, span: Span) -> Diagnostic {
        let detail =
            format!("An object is needed here whose properties are named like the {} blocks.", self.kind.value);
        wrong_type(detail, span)
    }

    /// One block for an object, several for an array, none for null.
    fn bodies(&self, node: &Node, labels: &[&Text], blocks: &mut Vec<Block>, report: &mut Report) {
        match &node.kind {
            Kind::Null => {}
            Kind::Object(_) => blocks.push(self.block(node, labels, report)),
            Kind::Array(elements) => {
                let there = elements.iter().filter(|element| element.kind != Kind::Null);
                blocks.extend(there.map(|element| self.block(element, labels, report)).collect::<Vec<_>>());
            }
            _ => {
                let kind = &self.kind.value;
                let detail = format!("An object is needed here, the content of a {kind} block, or an array of them.");
                report.push(wrong_type(detail, node.span));
            }
        }
    }

    fn block(&self, node: &Node, labels: &[&Text], report: &mut Report) -> Block {
        let label = |text: &&Text| Label { text: text.value.as_str().into(), span: text.span };
        // Labels may stand far from the kind, with other blocks in between.
        let header = labels.last().map_or(self.kind.span, |label| label.span);
        Block {
            kind: self.kind.value.as_str().into(),
            kind_span: self.kind.span,
            labels: labels.iter().map(label).collect(),
            body: body(node, self.shape, report),
            span: node.span,
            header_span: header,
        }
    }
}
