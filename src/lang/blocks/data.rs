//! `resource`, `data` and `ephemeral` blocks.

use std::sync::Arc;

use super::named::{check_name, condition, depends_on, reference, reference_list};
use super::provisioner::provisioner;
use super::reader::{Content, Wanted, bool_argument, content};
use super::required_providers::check_local_name;
use crate::address::Mode;
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::config::{Condition, LifecycleBlock, Repeat, ResourceBlock, ResourceName};
use crate::lang::desired::IgnoreChanges;
use crate::lang::path::{Path, Step as PathStep};
use crate::lang::references::mentions;
use crate::lang::syntax::tree::{Block, Expr, ExprKind, Step, StepKind, Traversal};
use crate::lang::target::{Target, resolve};

/// Local name and alias of a provider configuration.
pub(super) type ProviderName = (Arc<str>, Option<Arc<str>>);

/// Arguments that every resource block understands itself.
pub(in crate::lang) const META_ARGUMENTS: [&str; 4] = ["count", "for_each", "provider", "depends_on"];
/// Blocks that a resource block understands itself: what is not made has no provisioners.
pub(in crate::lang) const fn meta_blocks(mode: Mode) -> &'static [&'static str] {
    match mode {
        Mode::Managed => &["lifecycle", RESERVED, "connection", "provisioner"],
        Mode::Data | Mode::Ephemeral => &["lifecycle", RESERVED],
    }
}

/// A block that may mean something in a later version.
const RESERVED: &str = "locals";

/// Reads a `resource`, `data` or `ephemeral` block.
pub(super) fn resource(block: &Arc<Block>, mode: Mode, report: &mut Report) -> ResourceBlock {
    let [ty, name] = [&block.labels[0], &block.labels[1]];
    let (type_summary, name_summary) = match mode {
        Mode::Managed => ("Invalid resource type name", "Invalid resource name"),
        Mode::Data => ("Invalid data source name", "Invalid data resource name"),
        Mode::Ephemeral => ("Invalid ephemeral resource type", "Invalid ephemeral resource name"),
    };
    check_name(&ty.text, ty.span, type_summary, report);
    check_name(&name.text, name.span, name_summary, report);
    let blocks: &[(&str, &[&str])] = match mode {
        Mode::Managed => &[("lifecycle", &[]), ("connection", &[]), ("provisioner", &["type"])],
        Mode::Data | Mode::Ephemeral => &[("lifecycle", &[])],
    };
    let inside =
        content(&block.body, Wanted { optional: &META_ARGUMENTS, blocks, open: true, ..Wanted::default() }, report);
    for inner in block.body.blocks.iter().filter(|inner| &*inner.kind == RESERVED) {
        let summary = format!("Reserved block type name in {} block", mode.keyword());
        let detail = format!("The name {RESERVED} is kept free for a later version of the language.");
        report.push(Diagnostic::error(summary, detail).at(inner.kind_span));
    }
    let connection = single(&inside, "connection", report);
    let name = ResourceName { mode, type_name: ty.text.clone(), name: name.text.clone() };
    let lifecycle = single(&inside, "lifecycle", report).map(|block| lifecycle(block, &name, report));
    ResourceBlock {
        name,
        repeat: repeat(&inside, report),
        depends_on: depends_on(&inside, report).into(),
        provider: inside
            .expr("provider")
            .and_then(|expr| provider_name(expr, report).map(|(n, a)| Box::new((n, a, expr.span)))),
        lifecycle: lifecycle.map_or_else(LifecycleBlock::none, Arc::new),
        provisioners: inside.blocks_of("provisioner").map(|block| provisioner(block, connection, report)).collect(),
        generated: false,
        check: None,
        block: block.clone(),
    }
}

pub(super) fn single<'a>(inside: &Content<'a>, kind: &str, report: &mut Report) -> Option<&'a Block> {
    let mut blocks = inside.blocks_of(kind);
    let first = blocks.next();
    for again in blocks {
        report.push(
            Diagnostic::error(format!("Duplicate {kind} block"), format!("There is already a {kind} block here."))
                .at(again.kind_span)
                .note(first.map(|first| first.header_span), "The first one stands here."),
        );
    }
    first
}

/// `count` or `for_each`.
pub(super) fn repeat(inside: &Content<'_>, report: &mut Report) -> Repeat {
    match (inside.attribute("count"), inside.attribute("for_each")) {
        (Some(_), Some(for_each)) => {
            let detail = "A block has either count or for_each, since each decides alone how many instances there are.";
            report.push(
                Diagnostic::error("Invalid combination of \"count\" and \"for_each\"", detail).at(for_each.name_span),
            );
            Repeat::Once
        }
        (Some(count), None) => Repeat::Count(Box::new(count.expr.clone())),
        (None, Some(for_each)) => Repeat::ForEach(Box::new(for_each.expr.clone())),
        (None, None) => Repeat::Once,
    }
}

/// A provider configuration: `aws` or `aws.alias`, perhaps in quotes.
pub(super) fn provider_name(expr: &Expr, report: &mut Report) -> Option<ProviderName> {
    let mut problems = Report::default();
    let plain = reference(expr, &mut problems);
    for problem in problems.0 {
        let is_error = problem.is_error();
        let summary = "Invalid provider configuration reference".into();
        report.push(if is_error { Diagnostic { summary, ..problem } } else { problem });
    }
    let expr = plain?;
    let traversal = expr.as_traversal()?;
    check_local_name(&traversal.root, traversal.root_span(expr.span), report);
    match traversal.steps.as_slice() {
        [] => Some((traversal.root.clone(), None)),
        [Step { kind: StepKind::Attr(alias), .. }] => Some((traversal.root.clone(), Some(alias.clone()))),
        _ => {
            let detail = "A provider configuration is its local name, optionally followed by a dot and an alias.";
            report.push(Diagnostic::error("Invalid provider configuration reference", detail).at(expr.span));
            None
        }
    }
}

fn lifecycle(block: &Block, name: &ResourceName, report: &mut Report) -> LifecycleBlock {
    let managed = ["create_before_destroy", "prevent_destroy", "ignore_changes", "replace_triggered_by"];
    let wanted =
        Wanted { optional: &managed, blocks: &[("precondition", &[]), ("postcondition", &[])], ..Wanted::default() };
    let inside = content(&block.body, wanted, report);
    if name.mode != Mode::Managed {
        let (summary, what) = match name.mode {
            Mode::Data => ("Invalid data resource lifecycle argument", "a data source"),
            _ => ("Invalid ephemeral resource lifecycle argument", "an ephemeral resource"),
        };
        for name in managed {
            if let Some(attribute) = inside.attribute(name) {
                let detail = format!("\"{name}\" only makes sense for a managed resource, not for {what}.");
                report.push(Diagnostic::error(summary, detail).at(attribute.name_span));
            }
        }
    }
    let conditions = |kind: &'static str, report: &mut Report| {
        let conditions: Vec<Condition> =
            inside.blocks_of(kind).filter_map(|block| condition(block, kind, report)).collect();
        own_references(&conditions, name, kind, report);
        conditions
    };
    LifecycleBlock {
        create_before_destroy: bool_argument(inside.expr("create_before_destroy"), report),
        prevent_destroy: bool_argument(inside.expr("prevent_destroy"), report).unwrap_or(false),
        ignore_changes: inside.expr("ignore_changes").map(|expr| ignore_changes(expr, report)).unwrap_or_default(),
        replace_triggered_by: inside
            .expr("replace_triggered_by")
            .map(|expr| triggers(expr, report))
            .unwrap_or_default(),
        preconditions: conditions("precondition", report),
        postconditions: conditions("postcondition", report),
    }
}

/// Reports conditions and messages that name the block they belong to.
fn own_references(conditions: &[Condition], name: &ResourceName, kind: &str, report: &mut Report) {
    let target = Target::Resource(name.clone());
    let all = conditions.iter().flat_map(|one| [&one.condition, &one.message]).flat_map(mentions);
    let own = all.filter(|(traversal, span)| resolve(traversal, *span).is_ok_and(|found| found.target == target));
    for (_, span) in own {
        let detail = match kind {
            "postcondition" => "A block cannot be named in its own conditions. Write self for the object.",
            _ => "A block cannot be named in its own conditions: there is no object yet when this one is looked at.",
        };
        report.push(Diagnostic::error(format!("Invalid reference in {kind}"), detail).at(span));
    }
}

fn ignore_changes(expr: &Expr, report: &mut Report) -> IgnoreChanges {
    if expr.as_word() == Some("all") {
        return IgnoreChanges::All;
    }
    let mut paths = Vec::new();
    for element in reference_list(expr, report) {
        let Some(traversal) = element.as_traversal() else { continue };
        let mut path = Path::attr(&traversal.root);
        path.0.extend(traversal.steps.iter().filter_map(path_step));
        paths.push((path, element.span));
    }
    IgnoreChanges::Paths(paths)
}

/// A constant step as a step of a path.
pub(in crate::lang) fn path_step(step: &Step) -> Option<PathStep> {
    match &step.kind {
        StepKind::Attr(name) => Some(PathStep::Attr(name.clone())),
        StepKind::LegacyIndex(digits) => digits.parse().ok().map(PathStep::Index),
        StepKind::Index(key) => match &key.kind {
            ExprKind::Number(digits) => digits.parse().ok().map(PathStep::Index),
            _ => key.as_text().map(|text| PathStep::Key(text.into())),
        },
        StepKind::Splat(_) | StepKind::AttrSplat(_) => None,
    }
}

const NOT_MANAGED: &str = "Only managed resources, their instances and attributes can trigger a replacement.";

/// Whether a reference is to a resource or data source, as far as its first word tells.
fn is_resource(traversal: &Traversal) -> bool {
    let others = ["var", "local", "module", "path", "terraform", "each", "count", "self", "ephemeral"];
    !others.contains(&&*traversal.root) && !traversal.steps.is_empty()
}

/// What is wrong with a trigger that is more than a reference: it must name one resource, and nothing else. That it is no
/// plain reference is told once there is an instance in a plan.
fn composed(element: &Expr, report: &mut Report) {
    let mut mentioned = mentions(element);
    mentioned.retain(|(mention, _)| !["count", "each"].contains(&&*mention.root));
    let (resources, others): (Vec<_>, Vec<_>) = mentioned.into_iter().partition(|(one, _)| is_resource(one));
    if !others.is_empty() {
        let summary = "Invalid reference in replace_triggered_by expression";
        report.push(Diagnostic::error(summary, NOT_MANAGED).at(element.span));
    }
    if resources.len() != 1 {
        let detail = "Only references to resources, their instances and attributes are possible here.";
        report.push(Diagnostic::error("Invalid replace_triggered_by expression", detail).at(element.span));
    }
}

/// `replace_triggered_by`: references to resources, whose keys may use `count.index` and `each.key`.
fn triggers(expr: &Expr, report: &mut Report) -> Vec<Expr> {
    let ExprKind::Tuple(elements) = &expr.kind else {
        report
            .push(Diagnostic::error("Invalid expression", "A list of references in brackets is needed.").at(expr.span));
        return Vec::new();
    };
    let mut triggers = Vec::new();
    // Of several mistakes the first is told: what follows may be a consequence.
    for element in elements {
        let Some(traversal) = element.as_traversal() else {
            let before = report.0.len();
            composed(element, report);
            if report.0.len() > before {
                break;
            }
            triggers.push(element.clone());
            continue;
        };
        if !is_resource(traversal) {
            let again = "This is no resource. To replace when a value changes, keep it in a terraform_data resource.";
            report.push(Diagnostic::error("Invalid replace_triggered_by expression", again).at(element.span));
            let summary = "Invalid reference in replace_triggered_by expression";
            report.push(Diagnostic::error(summary, NOT_MANAGED).at(element.span));
            break;
        }
        let keys = traversal.steps.iter().filter_map(|step| match &step.kind {
            StepKind::Index(key) => Some(mentions(key)),
            _ => None,
        });
        let keys: Vec<_> = keys.flatten().collect();
        let is_key = |step: &Step| matches!(&step.kind, StepKind::Attr(name) if &**name == "key");
        if keys.iter().any(|(mention, _)| &*mention.root == "each" && !mention.steps.first().is_some_and(is_key)) {
            let detail = "Of each only each.key can be used here: the values may be known only after apply.";
            let summary = "Invalid each reference in replace_triggered_by expression";
            report.push(Diagnostic::error(summary, detail).at(element.span));
            break;
        }
        if keys.iter().any(|(mention, _)| !["each", "count"].contains(&&*mention.root)) {
            let detail = "A key can use count.index and each.key, and nothing else.";
            report.push(
                Diagnostic::error("Invalid reference in replace_triggered_by expression", detail).at(element.span),
            );
            break;
        }
        triggers.push(element.clone());
    }
    triggers
}
