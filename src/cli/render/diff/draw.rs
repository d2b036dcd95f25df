//! A tree of changes -> text, in Terraform's form.

use unicode_width::UnicodeWidthStr as _;

use super::align::align;
use super::{Diff, Kind, Named, Op, Turn};
use crate::cli::render::value::{LATER, SENSITIVE, name, quote, visible};
use crate::cli::shell::{DIM, GREEN, RED, YELLOW, paint};
use crate::value::{Data, Value};

/// How a tree is drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pen {
    /// Whether `+`, `~` and `-` are written before each line.
    pub symbols: bool,
    /// Whether what does not change is written too.
    pub all: bool,
    /// Whether `-> null` is left out, because something around it says so already.
    pub quiet: bool,
}

/// Attributes that say which object it is: always shown.
const TELLING: [&str; 3] = ["id", "name", "tags"];

impl Pen {
    /// For plans.
    pub(crate) const CHANGES: Self = Self { symbols: true, all: false, quiet: false };
    /// For plans in full.
    pub(crate) const EVERYTHING: Self = Self { all: true, ..Self::CHANGES };
    /// For what exists.
    pub(crate) const STATE: Self = Self { symbols: false, all: true, quiet: false };

    const fn all(self) -> Self {
        Self { all: true, ..self }
    }

    const fn quiet(self, quiet: bool) -> Self {
        Self { quiet, ..self }
    }

    fn symbol(self, op: Op) -> String {
        if !self.symbols {
            return String::new();
        }
        match op {
            Op::Same => "    ".into(),
            Op::Make => format!("  {} ", paint(GREEN, "+")),
            Op::Change => format!("  {} ", paint(YELLOW, "~")),
            Op::Drop => format!("  {} ", paint(RED, "-")),
        }
    }

    /// The start of a line at this depth.
    fn start(self, depth: usize, op: Op) -> String {
        "    ".repeat(depth) + &self.symbol(op)
    }

    fn null(self, op: Op) -> String {
        if op == Op::Drop && !self.quiet { format!(" {}", paint(DIM, "-> null")) } else { String::new() }
    }

    fn hidden(self, depth: usize, what: &str, count: usize) -> String {
        let plural = if count == 1 { "" } else { "s" };
        format!(
            "{}{}\n",
            self.start(depth, Op::Same),
            paint(DIM, format!("# ({count} unchanged {what}{plural} hidden)"))
        )
    }
}

fn forces(diff: &Diff) -> String {
    if diff.forces { format!(" {}", paint(RED, "# forces replacement")) } else { String::new() }
}

/// What is said before a part that was shown and will be hidden, or the other way round.
fn turns(diff: &Diff, depth: usize, pen: Pen) -> String {
    let (what, turn) = match diff.kind {
        Kind::Secret(Some(turn)) => ("attribute value", turn),
        Kind::SecretBlock(Some(turn)) => ("block", turn),
        _ => return String::new(),
    };
    let (first, mut second) = match turn {
        Turn { hides: true, .. } => {
            ("will be marked as sensitive and will not", "display in UI output after applying this change.".to_owned())
        }
        Turn { hides: false, .. } => {
            ("will no longer be marked as sensitive", "after applying this change.".to_owned())
        }
    };
    if turn.alone {
        second.push_str(" The value is unchanged.");
    }
    let start = format!("{}  #", "    ".repeat(depth));
    if pen.symbols {
        format!("{start} {}: this {what} {first}\n{start} {second}\n", paint(YELLOW, "Warning"))
    } else {
        String::new()
    }
}

fn arrow() -> String {
    paint(YELLOW, "->")
}

/// The part as text; its first line goes on where the caller's ends.
pub(crate) fn text(diff: &Diff, depth: usize, pen: Pen) -> String {
    match &diff.kind {
        Kind::Leaf(old, new) => leaf(diff, old.as_ref(), new.as_ref(), depth, pen),
        Kind::Json(inside, only_layout) => json(diff, inside, *only_layout, depth, pen),
        Kind::Later(None) => format!("{LATER}{}", forces(diff)),
        Kind::Later(Some(old)) => format!("{} {} {LATER}{}", text(old, depth, pen.quiet(true)), arrow(), forces(diff)),
        Kind::Secret(_) => format!("{SENSITIVE}{}{}", pen.null(diff.op), forces(diff)),
        Kind::WriteOnly => format!("(write-only attribute){}{}", pen.null(diff.op), forces(diff)),
        Kind::SecretBlock(_) => secret_block(diff, depth, pen),
        Kind::Other(old, new) => {
            let side = |one| text(one, depth, pen.quiet(true));
            format!("{} {} {}{}", side(old), arrow(), side(new), forces(diff))
        }
        Kind::Object(parts) => named(diff, parts, true, depth, pen),
        Kind::Map(parts) => named(diff, parts, false, depth, pen),
        Kind::List(parts) => list(diff, parts, depth, pen),
        Kind::Set(parts) => set(diff, parts, depth, pen),
        Kind::Block(attrs, blocks) => block(diff, attrs, blocks, depth, pen),
    }
}

fn plain(value: Option<&Value>) -> String {
    match value.map(|value| &value.data) {
        None | Some(Data::Null(_)) => "null".into(),
        Some(Data::String(text)) => quote(text),
        Some(Data::Bool(truth)) => truth.to_string(),
        Some(Data::Number(number)) => number.to_string(),
        Some(_) => LATER.into(),
    }
}

fn leaf(diff: &Diff, old: Option<&Value>, new: Option<&Value>, depth: usize, pen: Pen) -> String {
    let is_long = |value: Option<&Value>| value.and_then(Value::as_str).is_some_and(|text| text.contains('\n'));
    if is_long(old) || is_long(new) {
        return lines(diff, old, new, depth, pen);
    }
    match diff.op {
        Op::Change => format!("{} {} {}{}", plain(old), arrow(), plain(new), forces(diff)),
        Op::Drop if old.is_some_and(Value::is_null) => format!("null{}", forces(diff)),
        _ => format!("{}{}{}", plain(new.or(old)), pen.null(diff.op), forces(diff)),
    }
}

/// A text of several lines.
fn lines(diff: &Diff, old: Option<&Value>, new: Option<&Value>, depth: usize, pen: Pen) -> String {
    let ends =
        |value: Option<&Value>| value.is_none_or(|value| value.as_str().is_some_and(|text| text.ends_with('\n')));
    let cut = usize::from(ends(old) && ends(new)); // a line break at the end of both is not shown
    let split = |value: Option<&Value>| -> Vec<String> {
        let text = value.map(|value| value.as_str().map_or_else(|| plain(Some(value)), str::to_owned));
        text.map_or_else(Vec::new, |text| text[..text.len() - cut].split('\n').map(visible).collect())
    };
    let (before, after) = (split(old), split(new));
    let mut body = String::new();
    let mut line = |op: Op, text: &str| body.push_str(&format!("{}{text}\n", pen.start(depth + 1, op)));
    match diff.op {
        Op::Change => {
            for pair in align(&before, &after, |_| false) {
                match pair {
                    (Some(a), Some(_)) => line(Op::Same, &before[a]),
                    (Some(a), None) => line(Op::Drop, &before[a]),
                    (None, Some(b)) => line(Op::Make, &after[b]),
                    (None, None) => {}
                }
            }
        }
        Op::Drop => before.iter().for_each(|one| line(Op::Same, one)),
        Op::Make | Op::Same => after.iter().for_each(|one| line(Op::Same, one)),
    }
    format!("<<-EOT{}\n{body}{}EOT{}", forces(diff), pen.start(depth, Op::Same), pen.null(diff.op))
}

fn json(diff: &Diff, inside: &Diff, only_layout: bool, depth: usize, pen: Pen) -> String {
    let inner = text(inside, depth + 1, pen.quiet(true));
    let (layout, replaced) = match (only_layout, diff.forces) {
        (true, true) => (" # whitespace changes force replacement", String::new()),
        (true, false) => (" # whitespace changes", String::new()),
        (false, _) => ("", forces(diff)),
    };
    let op = if inside.op == Op::Change { Op::Change } else { Op::Same };
    let null = pen.null(diff.op);
    if inner.contains('\n') {
        let (start, end) = (pen.start(depth + 1, op), pen.start(depth, Op::Same));
        format!("jsonencode({layout}\n{start}{inner}{replaced}\n{end}){null}")
    } else {
        format!("jsonencode({inner}){layout}{null}{replaced}")
    }
}

fn secret_block(diff: &Diff, depth: usize, pen: Pen) -> String {
    let (start, end) = (pen.start(depth + 1, Op::Same), pen.start(depth, Op::Same));
    format!(
        "{{{}\n{start}# At least one attribute in this block is (or was) sensitive,\n{start}# so its contents will not be displayed.\n{end}}}",
        forces(diff)
    )
}

fn widest(parts: &Named, shown: fn(&str) -> String) -> usize {
    parts.iter().map(|(one, _)| shown(one).width()).max().unwrap_or_default()
}

/// `name = ` filled up to the widest.
fn head(shown: &str, widest: usize) -> String {
    format!("{shown}{} = ", " ".repeat(widest.saturating_sub(shown.width())))
}

/// An object or a map.
fn named(diff: &Diff, parts: &Named, is_object: bool, depth: usize, pen: Pen) -> String {
    if parts.is_empty() {
        return format!("{{}}{}{}", pen.null(diff.op), forces(diff));
    }
    let shown: fn(&str) -> String = if is_object { name } else { quote };
    let widest = widest(parts, shown);
    let inner = pen.quiet(true);
    let mut out = format!("{{{}\n", forces(diff));
    let mut same = 0;
    for (key, part) in parts {
        let pen = if is_object && TELLING.contains(&&**key) { inner.all() } else { inner };
        if part.op == Op::Same && !pen.all {
            same += 1;
            continue;
        }
        let comma = if !is_object && matches!(part.kind, Kind::Object(_)) { "," } else { "" };
        let (start, head) = (pen.start(depth + 1, part.op), head(&shown(key), widest));
        out.push_str(&turns(part, depth + 1, pen));
        out.push_str(&format!("{start}{head}{}{comma}\n", text(part, depth + 1, pen)));
    }
    if same > 0 {
        out.push_str(&pen.hidden(depth + 1, if is_object { "attribute" } else { "element" }, same));
    }
    format!("{out}{}}}{}", pen.start(depth, Op::Same), pen.null(diff.op))
}

fn set(diff: &Diff, parts: &[Diff], depth: usize, pen: Pen) -> String {
    if parts.is_empty() {
        return format!("[]{}{}", pen.null(diff.op), forces(diff));
    }
    let inner = pen.quiet(true);
    let mut out = format!("[{}\n", forces(diff));
    let same = parts.iter().filter(|part| part.op == Op::Same && !pen.all).count();
    for part in parts.iter().filter(|part| part.op != Op::Same || pen.all) {
        out.push_str(&turns(part, depth + 1, pen));
        out.push_str(&format!("{}{},\n", pen.start(depth + 1, part.op), text(part, depth + 1, inner)));
    }
    if same > 0 {
        out.push_str(&pen.hidden(depth + 1, "element", same));
    }
    format!("{out}{}]{}", pen.start(depth, Op::Same), pen.null(diff.op))
}

/// A list: around each change the element before and the one after are shown, since order matters.
fn list(diff: &Diff, parts: &[Diff], depth: usize, pen: Pen) -> String {
    if parts.is_empty() {
        return format!("[]{}{}", pen.null(diff.op), forces(diff));
    }
    let inner = pen.quiet(true);
    let one = |part: &Diff| {
        let pen = if part.op == Op::Same { inner.all() } else { inner };
        let said = turns(part, depth + 1, pen);
        format!("{said}{}{},\n", pen.start(depth + 1, part.op), text(part, depth + 1, pen))
    };
    let mut out = format!("[{}\n", forces(diff));
    let mut same: Vec<&Diff> = Vec::new();
    let mut shows_next = false;
    for part in parts {
        if part.op == Op::Same && !shows_next && !pen.all {
            same.push(part);
            continue;
        }
        if same.len() > 1 {
            out.push_str(&pen.hidden(depth + 1, "element", same.len() - 1));
        }
        out.extend(same.last().map(|last| one(last)));
        same.clear();
        shows_next = part.op != Op::Same;
        out.push_str(&one(part));
    }
    if !same.is_empty() {
        out.push_str(&pen.hidden(depth + 1, "element", same.len()));
    }
    format!("{out}{}]{}", pen.start(depth, Op::Same), pen.null(diff.op))
}

fn block(diff: &Diff, attrs: &Named, blocks: &[(std::sync::Arc<str>, Vec<Diff>)], depth: usize, pen: Pen) -> String {
    if attrs.is_empty() && blocks.is_empty() {
        return format!("{{}}{}", forces(diff));
    }
    let mut out = format!("{{{}\n", forces(diff));
    let widest = widest(attrs, name);
    let mut same = 0;
    for (key, part) in attrs {
        let pen = if TELLING.contains(&&**key) { pen.all() } else { pen };
        if part.op == Op::Same && !pen.all {
            same += 1;
            continue;
        }
        let (start, head) = (pen.start(depth + 1, part.op), head(&name(key), widest));
        out.push_str(&turns(part, depth + 1, pen));
        out.push_str(&format!("{start}{head}{}\n", text(part, depth + 1, pen)));
    }
    if same > 0 {
        out.push_str(&pen.hidden(depth + 1, "attribute", same));
    }
    let mut same = 0;
    for (key, group) in blocks {
        same += group.iter().filter(|part| part.op == Op::Same && !pen.all).count();
        for (at, part) in group.iter().filter(|part| part.op != Op::Same || pen.all).enumerate() {
            if at == 0 && !attrs.is_empty() {
                out.push('\n');
            }
            out.push_str(&turns(part, depth + 1, pen));
            let start = pen.start(depth + 1, part.op);
            out.push_str(&format!("{start}{} {}\n", name(key), text(part, depth + 1, pen)));
        }
    }
    if same > 0 {
        out.push('\n');
        out.push_str(&pen.hidden(depth + 1, "block", same));
    }
    format!("{out}{}}}", pen.start(depth, Op::Same))
}
