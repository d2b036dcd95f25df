//! Two values -> a tree of what changes between them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::align::align;
use super::{Diff, Kind, Named, Op, Turn};
use crate::lang::{Path, Step};
use crate::plan::diff::Changed;
use crate::resource::attr::{Attr, Nesting, Schema, Shape};
use crate::value::{Data, Type, Value, json};

/// A resource: attributes and nested blocks as the table says. A side that does not exist is `None`.
pub(crate) fn resource(schema: &Schema, old: Option<&Value>, new: Option<&Value>, changed: &[Changed]) -> Diff {
    let forcing = changed.iter().filter(|one| one.forces_replacement).map(|one| &one.path).collect();
    Builder { forcing }.block(schema, old, new, &Path::default())
}

/// Any value without a table: all that is known of it is what it is.
pub(crate) fn untyped(old: Option<&Value>, new: Option<&Value>) -> Diff {
    value(old, new, Form::Untyped)
}

/// A value whose own type counts: maps look like maps.
pub(crate) fn typed(old: Option<&Value>, new: Option<&Value>) -> Diff {
    value(old, new, Form::Typed)
}

/// A root output in a plan. Its planned value may have no type yet, so types do not count.
pub(crate) fn output(old: Option<&Value>, new: Option<&Value>, is_sensitive: bool) -> Diff {
    if is_sensitive { Diff::new(op(old, new), Kind::Secret(None)) } else { untyped(old, new) }
}

/// Whether the type of a value is known, or only what it is. Without a type, maps look like objects and sets like
/// lists, and null attributes are shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Typed,
    Untyped,
}

struct Builder<'a> {
    forcing: BTreeSet<&'a Path>,
}

impl Builder<'_> {
    fn block(&self, schema: &Schema, old: Option<&Value>, new: Option<&Value>, path: &Path) -> Diff {
        let mut attrs: Named = Vec::new();
        let mut blocks: Vec<(Arc<str>, Vec<Diff>)> = Vec::new();
        if is_hidden(old) || is_hidden(new) {
            return secret(old, new, Kind::SecretBlock);
        }
        for attr in &schema.attrs {
            let part = |whole: Option<&Value>| whole.and_then(|whole| whole.get(attr.name)).cloned();
            let held = fields(attr, old, new);
            let (old, new) = (part(old), part(new));
            let (old, new) = (old.as_ref().filter(|one| !is_blank(one)), new.as_ref().filter(|one| !is_blank(one)));
            let path = path.then(Step::Attr(attr.name.into()));
            match attr.shape {
                Shape::Plain(_) if held.is_some() => {
                    let diff = held.map(|diff| Diff { forces: self.forces(&diff, &path), ..diff });
                    attrs.extend(diff.map(|diff| (attr.name.into(), diff)));
                }
                Shape::Plain(ref ty) => attrs.extend(self.attribute(attr, ty, old, new, &path)),
                Shape::Block(nesting, inner) => {
                    let nested = self.nested(attr, nesting, inner, old, new, &path);
                    if !nested.is_empty() {
                        blocks.push((attr.name.into(), nested));
                    }
                }
            }
        }
        let parts = attrs.iter().map(|(_, part)| part).chain(blocks.iter().flat_map(|(_, all)| all));
        let op = sides(old, new).unwrap_or_else(|| op_of(parts));
        // What is told is not known here: it comes and goes with the block.
        let own = if op == Op::Change { Op::Same } else { op };
        let write_only = schema.attrs.iter().filter(|attr| attr.spec.write_only);
        attrs.extend(write_only.map(|attr| (attr.name.into(), Diff::new(own, Kind::WriteOnly))));
        attrs.sort_by(|(a, _), (b, _)| a.cmp(b));
        blocks.sort_by(|(a, _), (b, _)| a.cmp(b));
        Diff::new(op, Kind::Block(attrs, blocks))
    }

    fn attribute(
        &self,
        attr: &Attr,
        ty: &Type,
        old: Option<&Value>,
        new: Option<&Value>,
        path: &Path,
    ) -> Option<(Arc<str>, Diff)> {
        if old.is_none() && new.is_none() {
            return None;
        }
        let form = if *ty == Type::Any { Form::Untyped } else { Form::Typed };
        let mut diff =
            if attr.spec.sensitive { Diff::new(op(old, new), Kind::Secret(None)) } else { value(old, new, form) };
        diff.forces = self.forces(&diff, path);
        Some((attr.name.into(), diff))
    }

    /// Whether the change of a part replaces the object.
    fn forces(&self, diff: &Diff, path: &Path) -> bool {
        diff.op != Op::Same && self.forcing.contains(path)
    }

    /// The blocks of one name.
    fn nested(
        &self,
        attr: &Attr,
        nesting: Nesting,
        inner: &Schema,
        old: Option<&Value>,
        new: Option<&Value>,
        path: &Path,
    ) -> Vec<Diff> {
        if attr.spec.sensitive || is_hidden(old) || is_hidden(new) {
            let any = [old, new].iter().flatten().any(|value| value.elements().is_none_or(|all| !all.is_empty()));
            let turned = |turn: Option<Turn>| Kind::SecretBlock(turn.filter(|_| !attr.spec.sensitive));
            return if any { vec![secret(old, new, turned)] } else { Vec::new() };
        }
        let all = |value: Option<&Value>| -> Vec<Value> {
            match value {
                Some(value) if value.is_known() && nesting == Nesting::Single => vec![value.clone()],
                Some(value) => value.elements().unwrap_or_default().to_vec(),
                None => Vec::new(),
            }
        };
        let (before, after) = (all(old), all(new));
        if new.is_some_and(|new| !new.is_known()) {
            return self.later(inner, &before, path);
        }
        let pairs: Vec<(Option<usize>, Option<usize>)> = match nesting {
            Nesting::Set => matched(&before, &after),
            _ => (0..before.len().max(after.len()))
                .map(|at| ((at < before.len()).then_some(at), (at < after.len()).then_some(at)))
                .collect(),
        };
        let one = |(old, new): (Option<usize>, Option<usize>)| {
            let at = if nesting == Nesting::Single {
                path.clone()
            } else {
                path.then(Step::Index(new.or(old).unwrap_or(0)))
            };
            let mut diff = self.block(inner, old.map(|at| &before[at]), new.map(|at| &after[at]), &at);
            let whole = matches!(diff.op, Op::Make | Op::Drop) && self.forcing.contains(path);
            diff.forces = whole || (diff.op != Op::Same && nesting != Nesting::Single && self.forcing.contains(&at));
            diff
        };
        pairs.into_iter().map(one).collect()
    }

    /// Blocks that are known only after apply.
    fn later(&self, inner: &Schema, before: &[Value], path: &Path) -> Vec<Diff> {
        let forces = self.forcing.contains(path);
        let one = |old: &Value| {
            let gone = self.block(inner, Some(old), None, path);
            Diff { forces, ..Diff::new(Op::Change, Kind::Later(Some(Box::new(gone)))) }
        };
        match before {
            [] => vec![Diff { forces, ..Diff::new(Op::Make, Kind::Later(None)) }],
            all => all.iter().map(one).collect(),
        }
    }
}

/// What changes in a value whose meaning the type tells field by field: what a service fills in by itself is no change.
/// `None` where it is not known or not told on both sides.
fn fields(attr: &Attr, old: Option<&Value>, new: Option<&Value>) -> Option<Diff> {
    let fields = attr.spec.fields?;
    let of = |whole: Option<&Value>| {
        let (whole, part) = (whole?, whole?.get(attr.name)?);
        let marks = part.marks_deep();
        let is_plain = part.is_wholly_known() && !marks.is_sensitive() && !marks.is_ephemeral();
        let text = fields(part, whole).filter(|_| is_plain)?.to_string();
        parsed(&text.as_str().into())
    };
    let inside = untyped(Some(&of(old)?), Some(&of(new)?));
    Some(Diff::new(inside.op, Kind::Json(Box::new(inside), false)))
}

/// Null and empty text in a block mean the same: left out.
fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

/// What happens when one side does not exist.
fn sides(old: Option<&Value>, new: Option<&Value>) -> Option<Op> {
    match (old, new) {
        (None, Some(_)) => Some(Op::Make),
        (Some(_), None) => Some(Op::Drop),
        (None, None) => Some(Op::Same),
        (Some(_), Some(_)) => None,
    }
}

fn op(old: Option<&Value>, new: Option<&Value>) -> Op {
    let equal = || old.map(Value::unmarked) == new.map(Value::unmarked);
    sides(old, new).unwrap_or_else(|| if equal() { Op::Same } else { Op::Change })
}

fn op_of<'a>(parts: impl IntoIterator<Item = &'a Diff>) -> Op {
    if parts.into_iter().all(|part| part.op == Op::Same) { Op::Same } else { Op::Change }
}

fn is_hidden(value: Option<&Value>) -> bool {
    value.is_some_and(|value| value.marks.is_sensitive())
}

/// A part that is not shown. That it will be, or was before, is a change of its own.
fn secret(old: Option<&Value>, new: Option<&Value>, kind: impl FnOnce(Option<Turn>) -> Kind) -> Diff {
    let op = op(old, new);
    let turns = matches!(op, Op::Same | Op::Change) && is_hidden(old) != is_hidden(new);
    let turn = turns.then_some(Turn { hides: is_hidden(new), alone: op == Op::Same });
    Diff::new(if turns { Op::Change } else { op }, kind(turn))
}

/// What kinds of values can be compared part by part.
#[derive(PartialEq, Eq)]
enum Sort {
    Leaf,
    List,
    Set,
    Map,
    Object,
}

fn sort(value: &Value, form: Form) -> Sort {
    match (&value.data, form) {
        (Data::Set(..), Form::Typed) => Sort::Set,
        (Data::List(..) | Data::Tuple(_) | Data::Set(..), _) => Sort::List,
        (Data::Map(..), Form::Typed) => Sort::Map,
        (Data::Map(..) | Data::Object(_), _) => Sort::Object,
        _ => Sort::Leaf,
    }
}

fn value(old: Option<&Value>, new: Option<&Value>, form: Form) -> Diff {
    if [old, new].iter().flatten().any(|value| value.marks.is_sensitive() || value.marks.is_ephemeral()) {
        return secret(old, new, Kind::Secret);
    }
    if new.is_some_and(|new| !new.is_known()) {
        let gone = old.filter(|old| !old.is_null()).map(|old| Box::new(value(Some(old), None, form)));
        return Diff::new(if gone.is_some() { Op::Change } else { Op::Make }, Kind::Later(gone));
    }
    let sorts: Vec<Sort> = [old, new].into_iter().flatten().map(|value| sort(value, form)).collect();
    if let [a, b] = sorts.as_slice()
        && a != b
    {
        return other(old, new, form);
    }
    let parts = match sorts.first() {
        Some(Sort::List) => Kind::List(list(old, new, form)),
        Some(Sort::Set) => Kind::Set(set(old, new, form)),
        Some(Sort::Map) => Kind::Map(entries(old, new, form, false)),
        Some(Sort::Object) => Kind::Object(entries(old, new, form, form == Form::Typed)),
        Some(Sort::Leaf) | None => return leaf(old, new, form),
    };
    let inside = match &parts {
        Kind::List(all) | Kind::Set(all) => op_of(all),
        Kind::Map(all) | Kind::Object(all) => op_of(all.iter().map(|(_, part)| part)),
        _ => Op::Same,
    };
    Diff::new(sides(old, new).unwrap_or(inside), parts)
}

/// It becomes something of another kind.
fn other(old: Option<&Value>, new: Option<&Value>, form: Form) -> Diff {
    let (gone, come) = (value(old, None, form), value(None, new, form));
    Diff::new(Op::Change, Kind::Other(Box::new(gone), Box::new(come)))
}

fn leaf(old: Option<&Value>, new: Option<&Value>, form: Form) -> Diff {
    let op = match (old, new) {
        (Some(old), Some(new)) if old.is_null() && new.is_null() => Op::Same,
        _ => op(old, new),
    };
    let (was, will) = (old.and_then(parsed), new.and_then(parsed));
    match (old, new, &was, &will) {
        (_, _, None, None) => Diff::new(op, Kind::Leaf(old.cloned(), new.cloned())),
        (Some(_), Some(_), None, Some(_)) | (Some(_), Some(_), Some(_), None) => other(old, new, form),
        _ => {
            let inside = untyped(was.as_ref(), will.as_ref());
            let only_layout = inside.op == Op::Same && op == Op::Change;
            Diff::new(op, Kind::Json(Box::new(inside), only_layout))
        }
    }
}

/// The JSON that a text holds, when it is an object or an array.
fn parsed(value: &Value) -> Option<Value> {
    let text = value.as_str().filter(|text| text.starts_with(['{', '[']))?;
    json::implied(json::Raw::parse(text).ok()?.value()).ok()
}

fn elements(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::elements).unwrap_or_default()
}

fn list(old: Option<&Value>, new: Option<&Value>, form: Form) -> Vec<Diff> {
    let (before, after) = (elements(old), elements(new));
    let plain = |all: &[Value]| all.iter().map(Value::unmarked).collect::<Vec<_>>();
    let pairs_up = |one: &Value| form == Form::Untyped || one.entries().is_some();
    let pairs = align(&plain(before), &plain(after), pairs_up);
    pairs.into_iter().map(|(a, b)| value(a.map(|at| &before[at]), b.map(|at| &after[at]), form)).collect()
}

fn set(old: Option<&Value>, new: Option<&Value>, form: Form) -> Vec<Diff> {
    let (before, after) = (elements(old), elements(new));
    let pairs = matched(before, after);
    pairs.into_iter().map(|(a, b)| value(a.map(|at| &before[at]), b.map(|at| &after[at]), form)).collect()
}

/// Elements of two sets: those in both, those that go, then those that come.
fn matched(before: &[Value], after: &[Value]) -> Vec<(Option<usize>, Option<usize>)> {
    let plain = |all: &[Value]| all.iter().map(Value::unmarked).collect::<Vec<_>>();
    let (before, after) = (plain(before), plain(after));
    let both = |one: &Value| after.iter().position(|other| other == one && one.is_wholly_known());
    let mut pairs: Vec<_> = before.iter().enumerate().map(|(at, one)| (Some(at), both(one))).collect();
    let taken: BTreeSet<usize> = pairs.iter().filter_map(|(_, at)| *at).collect();
    pairs.extend((0..after.len()).filter(|at| !taken.contains(at)).map(|at| (None, Some(at))));
    pairs
}

/// Attributes or entries of both sides. With `hides_null`, null means left out.
fn entries(old: Option<&Value>, new: Option<&Value>, form: Form, hides_null: bool) -> Named {
    let names =
        |value: Option<&Value>| value.and_then(Value::entries).map(|all| all.keys().cloned().collect::<BTreeSet<_>>());
    let mut all = names(old).unwrap_or_default();
    all.extend(names(new).unwrap_or_default());
    let one = |name: Arc<str>| {
        let part = |whole: Option<&Value>| whole.and_then(|whole| whole.get(&name)).cloned();
        let (old, new) = (part(old), part(new));
        let shown = |one: &&Value| !(hides_null && one.is_null());
        let (old, new) = (old.as_ref().filter(shown), new.as_ref().filter(shown));
        (old.is_some() || new.is_some()).then(|| (name.clone(), value(old, new, form)))
    };
    all.into_iter().filter_map(one).collect()
}
