//! A block -> a value by the attribute table of its type.

use std::borrow::Cow;
use std::sync::Arc;

use super::blocks::{missing_argument, unsupported_argument, unsupported_block};
use super::convert;
use super::expr::{Cause, Eval, Frame, Frames, elements, kind};
use super::json_syntax;
use super::syntax::tree::{Attribute, Block, Body, Expr};
use crate::diagnostic::{Diagnostic, Report, Span, near_miss};
use crate::resource::attr::{Attr, Nesting, Schema, Shape, Usage};
use crate::value::{Data, Entries, Marks, Type, Value};

/// Reads bodies by attribute tables. Problems go to the [`Eval`].
pub(super) struct Decoder<'a, 'e> {
    /// Evaluates the expressions.
    pub(super) eval: &'a Eval<'e>,
    /// Arguments at the top that others understand.
    pub(super) meta_arguments: &'a [&'a str],
    /// Blocks at the top that others understand.
    pub(super) meta_blocks: &'a [&'a str],
    /// Whether ephemeral values will do: what is read is not kept in the state.
    pub(super) allows_ephemeral: bool,
}

/// A block, or the content of a `dynamic` one, with its loop variables.
type Found = Vec<Value>;

impl Decoder<'_, '_> {
    /// The value of a whole body.
    pub(super) fn top(&self, body: &Body, schema: &Schema) -> Value {
        let is_escape = |block: &&Block| &*block.kind == "_" && block.labels.is_empty();
        let sorted = self.sorted(body, schema);
        if !body.blocks.iter().any(|block| is_escape(&block)) {
            self.check_names(&sorted, schema, true);
            return self.entries(&sorted, schema, None);
        }
        let mut plain = sorted.into_owned();
        plain.blocks.retain(|block| !is_escape(&block));
        self.check_names(&plain, schema, true);
        // What stands in a block `_ { ... }` belongs to the type, whatever it is called.
        for escape in body.blocks.iter().filter(is_escape) {
            let inside = self.sorted(&escape.body, schema).into_owned();
            self.check_names(&inside, schema, false);
            plain.attributes.extend(inside.attributes);
            plain.blocks.extend(inside.blocks);
        }
        self.entries(&plain, schema, None)
    }

    fn body(&self, body: &Body, schema: &Schema, frames: Frames<'_>) -> Value {
        let body = self.sorted(body, schema);
        self.check_names(&body, schema, false);
        self.entries(&body, schema, frames)
    }

    /// The body with arguments and blocks told apart, also where it was written in JSON.
    fn sorted<'b>(&self, body: &'b Body, schema: &Schema) -> Cow<'b, Body> {
        let mut problems = Report::default();
        let sorted = json_syntax::by_table(body, schema, &mut problems);
        self.eval.extend(problems);
        sorted
    }

    fn entries(&self, body: &Body, schema: &Schema, frames: Frames<'_>) -> Value {
        let entry = |attr: &Attr| -> (Arc<str>, Value) {
            let value = match &attr.shape {
                Shape::Plain(ty) => self.plain(body, attr, ty, frames),
                Shape::Block(nesting, inner) => self.blocks(body, attr, *nesting, inner, frames),
            };
            (attr.key.clone(), value)
        };
        Value::object(schema.attrs.iter().map(entry).collect())
    }

    fn check_names(&self, body: &Body, schema: &Schema, top: bool) {
        let is_plain = |attr: &&Attr| matches!(attr.shape, Shape::Plain(_)) || attr.spec.as_attribute;
        let is_block = |attr: &&Attr| matches!(attr.shape, Shape::Block(..));
        let names = || schema.attrs.iter().filter(is_plain).filter(|attr| attr.is_input()).map(|attr| attr.name);
        let kinds = || schema.attrs.iter().filter(is_block).map(|attr| attr.name);
        for attribute in &body.attributes {
            let known = schema.get(&attribute.name).is_some_and(|attr| is_plain(&attr));
            if known || top && self.meta_arguments.contains(&&*attribute.name) {
                continue;
            }
            self.eval.push(if body.is_json {
                let near = near_miss(&attribute.name, names().chain(kinds()));
                json_syntax::extraneous(&attribute.name, attribute.name_span, near)
            } else {
                unsupported_argument(attribute, names(), kinds())
            });
        }
        for block in &body.blocks {
            let label = block.labels.first().filter(|_| &*block.kind == "dynamic");
            let kind = label.map_or(&block.kind, |label| &label.text);
            let known = schema.get(kind).is_some_and(|attr| is_block(&attr));
            if !(known || top && label.is_none() && self.meta_blocks.contains(&&**kind)) {
                let mut problem = unsupported_block(block, names(), kinds());
                if &**kind == "dynamic" && label.is_none() {
                    let detail = "A dynamic block has one label, in quotes: the type of the blocks that it stands for.";
                    problem = Diagnostic::error("Missing type for dynamic", detail).at(block.header_span);
                }
                if let Some(label) = label {
                    problem.detail = format!("Blocks of type \"{kind}\" are not expected here.");
                    problem.subject = Some(label.span);
                }
                self.eval.push(problem);
            } else if known
                && label.is_none()
                && let Some(extra) = block.labels.first()
            {
                let detail = format!("A {kind} block has no label.");
                self.eval.push(Diagnostic::error(format!("Extraneous label for {kind}"), detail).at(extra.span));
            }
        }
    }

    fn plain(&self, body: &Body, attr: &Attr, ty: &Type, frames: Frames<'_>) -> Value {
        let Some(attribute) = body.attribute(attr.name) else {
            if attr.spec.usage == Usage::Required {
                self.eval.push(missing_argument(attr.name, body.missing));
            }
            return attr.shape.absent();
        };
        let value = self.eval.value(&attribute.expr, frames);
        if attr.spec.usage == Usage::Computed {
            let detail = format!("The value of \"{}\" is decided by the provider and can only be read.", attr.name);
            let summary = format!("\"{}\" attribute is read-only", attr.name);
            self.eval.push(Diagnostic::error(summary, detail).at(attribute.name_span));
            return attr.shape.absent();
        }
        let value = self.converted(&value, ty, attr, &attribute.expr, frames);
        if let Some(why) = attr.spec.deprecated.filter(|_| !value.is_null()) {
            let detail = format!("The argument \"{}\" should not be used any more. {why}", attr.name);
            self.eval.push(Diagnostic::warning("Argument is deprecated", detail).at(attribute.name_span));
        }
        if value.is_null() && attr.spec.usage == Usage::Required && !self.eval.has_errors() {
            let detail = format!("The argument \"{}\" is required, but its value is null.", attr.name);
            self.eval.push(Diagnostic::error("Missing required argument", detail).at(attribute.expr.span));
        }
        value
    }

    /// The value as the type of its attribute.
    fn converted(&self, value: &Value, ty: &Type, attr: &Attr, expr: &Expr, frames: Frames<'_>) -> Value {
        let name = attr.name;
        if !self.allows_ephemeral && !attr.spec.write_only && value.marks_deep().is_ephemeral() {
            let detail = format!(
                "The argument \"{name}\" is kept in the state, so that it cannot come from an ephemeral value."
            );
            self.eval.push(Diagnostic::error("Invalid use of ephemeral value", detail).at(expr.span));
        }
        match convert::convert(value, ty) {
            Ok(value) => value,
            Err(why) => {
                let inside = if why.path.0.is_empty() { String::new() } else { format!(" at {}", why.path) };
                let detail = format!("The value of \"{name}\" does not fit{inside}: {}.", why.message);
                let problem = Diagnostic::error("Incorrect attribute value type", detail).at(expr.span);
                self.eval.push(self.eval.explained(problem, expr, frames, Cause::Content));
                Value::unknown(ty.clone())
            }
        }
    }

    fn blocks(&self, body: &Body, attr: &Attr, nesting: Nesting, schema: &'static Schema, frames: Frames<'_>) -> Value {
        if let (Some(attribute), true) = (body.attribute(attr.name), attr.spec.as_attribute) {
            return self.as_attribute(attribute, attr, nesting, schema, frames);
        }
        let mut found = Found::new();
        let mut marks = Marks::default();
        let mut open = false;
        let mut last = None;
        for block in &body.blocks {
            let label = block.labels.first().filter(|_| &*block.kind == "dynamic");
            match label {
                Some(label) if *label.text == *attr.name => {
                    last = Some(block.header_span);
                    match self.dynamic(block, attr.name, schema, frames) {
                        Some((blocks, inner)) => {
                            found.extend(blocks);
                            marks = marks.union(&inner);
                        }
                        None => open = true,
                    }
                }
                None if *block.kind == *attr.name => {
                    last = Some(block.header_span);
                    found.push(self.body(&block.body, schema, frames));
                }
                _ => {}
            }
        }
        if open {
            return Value::unknown(attr.shape.ty()).with_marks(&marks);
        }
        self.check_number(&found, attr, nesting, last.unwrap_or(body.missing));
        gathered(found, nesting, schema, &attr.shape).with_marks(&marks)
    }

    fn check_number(&self, found: &[Value], attr: &Attr, nesting: Nesting, at: Span) {
        let name = attr.name;
        let required = attr.spec.usage == Usage::Required;
        let least = attr.spec.min_items.max(usize::from(required));
        let most = match nesting {
            Nesting::Single | Nesting::One => Some(1),
            Nesting::List | Nesting::Set => attr.spec.max_items,
        };
        if found.len() < least && (required || !found.is_empty()) {
            let detail = format!("At least {least} {name} block(s) are needed here, and there are {}.", found.len());
            let summary = format!("Insufficient {name} blocks");
            self.eval.push(Diagnostic::error(summary, detail).at(at));
        }
        if most.is_some_and(|most| found.len() > most) {
            let most = most.unwrap_or_default();
            let summary = match nesting {
                Nesting::Single => format!("Duplicate {name} block"),
                _ => format!("Too many {name} blocks"),
            };
            let detail = format!("No more than {most} {name} block(s) can stand here, and there are {}.", found.len());
            self.eval.push(Diagnostic::error(summary, detail).at(at));
        }
    }

    /// Nested objects written as a list: `ingress = [{ ... }]`.
    fn as_attribute(
        &self,
        attribute: &Attribute,
        attr: &Attr,
        nesting: Nesting,
        schema: &'static Schema,
        frames: Frames<'_>,
    ) -> Value {
        let value = self.eval.value(&attribute.expr, frames);
        if value.is_null() {
            return attr.shape.absent();
        }
        let ty = Type::list(lenient(&schema.ty));
        let value = self.converted(&value, &ty, attr, &attribute.expr, frames);
        let marks = value.marks.clone();
        let Some(objects) = value.elements() else {
            return Value::unknown(attr.shape.ty()).with_marks(&marks);
        };
        let filled = objects.iter().map(|object| filled(object, schema)).collect::<Vec<_>>();
        self.check_number(&filled, attr, nesting, attribute.expr.span);
        gathered(filled, nesting, schema, &attr.shape).with_marks(&marks)
    }

    /// The blocks that a `dynamic` block stands for; `None` when their number is known only after apply.
    fn dynamic(
        &self,
        block: &Block,
        name: &str,
        schema: &'static Schema,
        frames: Frames<'_>,
    ) -> Option<(Found, Marks)> {
        let Some(for_each) = block.body.attribute("for_each") else {
            self.eval.push(missing_argument("for_each", block.header_span));
            return None;
        };
        for attribute in &block.body.attributes {
            let names = ["for_each", "iterator", "labels"];
            if !names.contains(&&*attribute.name) {
                self.eval.push(unsupported_argument(attribute, names.into_iter(), std::iter::empty()));
            }
        }
        let mut contents = block.body.blocks.iter().filter(|inner| &*inner.kind == "content");
        let Some(content) = contents.next() else {
            let detail = "A dynamic block has one content block, which says what each of its blocks holds.";
            self.eval.push(Diagnostic::error("Missing content block", detail).at(block.header_span));
            return None;
        };
        if let Some(again) = contents.next() {
            let detail = "A dynamic block has one content block only.";
            self.eval.push(Diagnostic::error("Extraneous content block", detail).at(again.header_span));
        }
        let iterator = block.body.attribute("iterator").map_or(Some(name), |attribute| attribute.expr.as_word());
        let Some(iterator) = iterator else {
            let detail = "The iterator of a dynamic block is a single word without quotes.";
            self.eval.push(Diagnostic::error("Invalid dynamic iterator name", detail).at(block.header_span));
            return None;
        };
        let collection = self.eval.value(&for_each.expr, frames);
        let marks = collection.marks.clone();
        if collection.is_null() {
            let detail = "for_each of a dynamic block must not be null. For no blocks at all, use an empty list.";
            self.eval.push(Diagnostic::error("Invalid dynamic for_each value", detail).at(for_each.expr.span));
            return None;
        }
        let Some(elements) = elements(&collection) else {
            self.open_dynamic(&collection, iterator, content, &for_each.expr, schema, frames);
            return None;
        };
        let mut found = Found::new();
        for (key, value) in elements {
            found.push(self.one_dynamic(key, value, iterator, content, schema, frames));
        }
        Some((found, marks))
    }

    fn one_dynamic(
        &self,
        key: Value,
        value: Value,
        iterator: &str,
        content: &Block,
        schema: &Schema,
        frames: Frames<'_>,
    ) -> Value {
        let object = Value::object([("key".into(), key), ("value".into(), value)].into());
        let frame = Frame { name: iterator, value: &object, outer: frames };
        self.body(&content.body, schema, Some(&frame))
    }

    /// A `dynamic` block over what is known only after apply: its content is checked once.
    fn open_dynamic(
        &self,
        collection: &Value,
        iterator: &str,
        content: &Block,
        expr: &Expr,
        schema: &Schema,
        frames: Frames<'_>,
    ) {
        let walkable = !matches!(collection.ty(), Type::Bool | Type::Number | Type::String);
        if collection.is_known() || !walkable {
            let detail = format!("for_each of a dynamic block needs a list, set or map; this is {}.", kind(collection));
            self.eval.push(Diagnostic::error("Invalid dynamic for_each value", detail).at(expr.span));
            return;
        }
        let any = || Value::unknown(Type::Any);
        self.one_dynamic(any(), any(), iterator, content, schema, frames);
    }
}

/// Blocks as the value of their attribute.
fn gathered(mut found: Vec<Value>, nesting: Nesting, schema: &Schema, shape: &Shape) -> Value {
    match nesting {
        Nesting::Single => found.drain(..).next().unwrap_or_else(|| shape.absent()),
        Nesting::One | Nesting::List => Value::list(schema.ty.clone(), found),
        Nesting::Set => Value::set(schema.ty.clone(), found),
    }
}

/// The type with every attribute optional, at any depth.
fn lenient(ty: &Type) -> Type {
    match ty {
        Type::List(element) => Type::list(lenient(element)),
        Type::Set(element) => Type::set(lenient(element)),
        Type::Map(element) => Type::map(lenient(element)),
        Type::Object(fields) => {
            let optional = |field: &crate::value::Field| crate::value::Field { ty: lenient(&field.ty), optional: true };
            Type::Object(Arc::new(fields.iter().map(|(name, field)| (name.clone(), optional(field))).collect()))
        }
        plain => plain.clone(),
    }
}

/// The object with blocks that are null made absent, at any depth.
fn filled(object: &Value, schema: &Schema) -> Value {
    let Data::Object(entries) = &object.data else { return object.clone() };
    let fill = |attr: &Attr| -> (Arc<str>, Value) {
        let value = entries.get(attr.name).cloned().unwrap_or_else(|| attr.shape.absent());
        let value = match &attr.shape {
            Shape::Block(..) if value.is_null() => attr.shape.absent(),
            Shape::Block(_, inner) => match &value.data {
                Data::Object(_) => filled(&value, inner),
                _ => value.map_children(&|child| filled(child, inner)),
            },
            Shape::Plain(_) => value,
        };
        (attr.name.into(), value)
    };
    Value { marks: object.marks.clone(), ..Value::object(schema.attrs.iter().map(fill).collect::<Entries>()) }
}
