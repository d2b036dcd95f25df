//! What an expression is made of, for programs that look at a configuration without evaluating it.

use super::expr;
use super::references::mentions;
use super::syntax::tree::{Expr, StepKind, Traversal};
use super::target::{Target, constant_key, resolve};
use crate::value::Value;

/// An expression from outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Described {
    /// It refers to nothing: its value, when it has one.
    Constant(Option<Value>),
    /// What it refers to, in the spelling of Terraform's JSON: each reference in full, then shorter and shorter down to
    /// the object it names.
    References(Vec<String>),
}

/// Describes an expression.
pub fn describe(expr: &Expr) -> Described {
    let found = mentions(expr);
    if found.is_empty() {
        let value = expr::constant(expr).ok().filter(Value::is_wholly_known);
        return Described::Constant(value);
    }
    Described::References(found.into_iter().flat_map(|(traversal, span)| names(traversal, span)).collect())
}

/// The reference in full and its beginnings. Steps that are known only when it is evaluated are left out.
fn names(traversal: &Traversal, span: crate::diagnostic::Span) -> Vec<String> {
    let shortest = match resolve(traversal, span) {
        Ok(reference) if matches!(reference.target, Target::ModuleOutput(..)) => 1,
        Ok(reference) => reference.used,
        Err(_) => 0,
    };
    let long_enough = beginnings(traversal).into_iter().skip(shortest);
    let mut all: Vec<String> =
        long_enough.map(|text| text.strip_prefix("resource.").map(str::to_owned).unwrap_or(text)).collect();
    all.reverse();
    all
}

/// How a reference is written with none of its steps, with one, with two and so on, as far as they are known without
/// evaluating it.
pub(super) fn beginnings(traversal: &Traversal) -> Vec<String> {
    let mut text = traversal.root.to_string();
    let mut all = vec![text.clone()];
    for step in &traversal.steps {
        match &step.kind {
            StepKind::Attr(name) => {
                text.push('.');
                text.push_str(name);
            }
            StepKind::LegacyIndex(digits) => text.push_str(&format!("[{digits}]")),
            StepKind::Index(_) => match constant_key(step) {
                Some(key) => text.push_str(&key.to_string()),
                None => break,
            },
            StepKind::Splat(_) | StepKind::AttrSplat(_) => break,
        }
        all.push(text.clone());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::syntax::parse_expression;

    fn references(text: &str) -> String {
        match describe(&parse_expression(0, text).0.expect("an expression")) {
            Described::Constant(value) => format!("= {value:?}"),
            Described::References(all) => all.join(" "),
        }
    }

    #[test]
    fn references_in_full_and_shorter() {
        assert_eq!(references("[1, \"a\"]"), "= Some([1, \"a\"])");
        assert_eq!(references("var.a"), "var.a");
        assert_eq!(references("t.b[\"p\"].id"), "t.b[\"p\"].id t.b[\"p\"] t.b");
        assert_eq!(references("\"${module.m.out}-${self.id}\""), "module.m.out module.m self.id self");
        assert_eq!(references("t.a[count.index].id"), "t.a count.index");
        assert_eq!(references("[for x in data.d.y.list : x.z]"), "data.d.y.list data.d.y");
        assert_eq!(references("local.m.k[*].v"), "local.m.k local.m");
    }
}
