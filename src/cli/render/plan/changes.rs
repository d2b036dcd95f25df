//! One change: its heading, why it happens, and its attributes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Detail;
use super::why::Causes;
use crate::address::{Address, Key, Mode};
use crate::cli::render::diff::{self, Pen};
use crate::cli::shell::{BOLD, CYAN, GREEN, RED, YELLOW, paint};
use crate::plan::diff as compare;
use crate::plan::{Action, Change, Plan, Reason};
use crate::resource::{Registry, Schema};
use crate::value::{Value, without_echoes};

/// Changes that do something: the root module first, then the modules inside it.
pub(super) fn sorted(plan: &Plan) -> Vec<&Change> {
    let mut all: Vec<&Change> = plan.changes.iter().filter(|change| change.is_shown()).collect();
    all.sort_by(|a, b| order(&a.address).cmp(&order(&b.address)).then_with(|| a.deposed.cmp(&b.deposed)));
    all
}

/// Outer modules first, as Terraform lists resources.
fn order(address: &Address) -> (usize, &Address) {
    (address.resource.module.0.len(), address)
}

fn symbol(action: Action) -> String {
    match action {
        Action::NoOp => "   ".into(),
        Action::Read => format!(" {}", paint(CYAN, "<=")),
        Action::Create => format!("  {}", paint(GREEN, "+")),
        Action::Update => format!("  {}", paint(YELLOW, "~")),
        Action::Delete => format!("  {}", paint(RED, "-")),
        Action::Forget => format!(" {} ", paint(RED, ".")),
        Action::Replace { create_first: false } => format!("{}/{}", paint(RED, "-"), paint(GREEN, "+")),
        Action::Replace { create_first: true } => format!("{}/{}", paint(GREEN, "+"), paint(RED, "-")),
    }
}

/// What the symbols mean; only those that occur.
pub(super) fn legend(changes: &[&Change]) -> String {
    let all = [
        (Action::Create, "create"),
        (Action::Update, "update in-place"),
        (Action::Delete, "destroy"),
        (Action::Replace { create_first: false }, "destroy and then create replacement"),
        (Action::Replace { create_first: true }, "create replacement and then destroy"),
        (Action::Read, "read (data resources)"),
    ];
    let used = all.iter().filter(|(action, _)| changes.iter().any(|change| change.action == *action));
    used.fold(String::new(), |out, (action, text)| out + &symbol(*action) + " " + text + "\n")
}

/// `  + aws_vpc.main`, with the reason when there is one.
pub(super) fn line(change: &Change, causes: &Causes<'_>) -> String {
    let deposed = change.deposed.as_ref().map(|key| format!(" (deposed object {key})")).unwrap_or_default();
    let mut why: Vec<String> = match (change.action, change.reason) {
        (Action::Update, _) => {
            let names = super::why::names(change, false).join(", ");
            Some(names).filter(|names| !names.is_empty()).into_iter().collect()
        }
        (Action::Replace { .. }, Reason::Tainted) => vec!["tainted".into()],
        (Action::Replace { .. }, Reason::ByRequest) => vec!["as requested".into()],
        (Action::Replace { .. }, Reason::ByTriggers) => vec!["due to changes in replace_triggered_by".into()],
        _ => reasons(change, causes).into_iter().take(1).collect(),
    };
    if let (Some(from), false) = (&change.moved_from, change.action == Action::Delete) {
        let moved = format!("moved from {from}");
        why.extend(Some(moved).filter(|moved| !why.contains(moved)));
    }
    let why = if why.is_empty() { String::new() } else { format!(" ({})", why.join("; ")) };
    format!("{} {}{deposed}{why}\n", symbol(change.action), change.address)
}

/// Heading, reasons, attributes.
pub(super) fn whole(change: &Change, registry: &Registry, causes: &Causes<'_>, detail: Detail) -> String {
    let mut out = format!("\n{}", heading(change));
    for why in reasons(change, causes) {
        out.push_str(&format!("  # ({why})\n"));
    }
    let exists = |value: &Value| !value.is_null();
    let (old, new) = match change.action {
        Action::Create | Action::Read => (None, Some(&change.after)),
        Action::Delete => (Some(&change.before), None),
        Action::Forget => (Some(&change.before), Some(&change.before)),
        _ => (Some(&change.before), Some(&change.after)),
    };
    let is_replaced = matches!(change.action, Action::Replace { .. });
    let changed = if is_replaced { change.changed.as_slice() } else { &[] };
    let body = body(&change.address, registry, old.filter(|one| exists(one)), new, changed, detail.pen());
    out.push_str(&format!("{} {body}\n", symbol(change.action)));
    out
}

/// `resource "aws_vpc" "main" { ... }`.
pub(in crate::cli::render) fn body(
    address: &Address,
    registry: &Registry,
    old: Option<&Value>,
    new: Option<&Value>,
    changed: &[compare::Changed],
    pen: Pen,
) -> String {
    let (kind, schema) = schema(address, registry);
    let (old, new) = (old.map(without_echoes), new.map(without_echoes));
    let tree = match schema {
        Some(schema) => diff::resource(schema, old.as_ref(), new.as_ref(), changed),
        None => diff::untyped(old.as_ref(), new.as_ref()),
    };
    let (type_name, name) = (&address.resource.type_name, &address.resource.name);
    format!("{kind} \"{type_name}\" \"{name}\" {}", diff::text(&tree, 0, pen))
}

fn schema(address: &Address, registry: &Registry) -> (&'static str, Option<&'static Schema>) {
    let type_name: &Arc<str> = &address.resource.type_name;
    match address.resource.mode {
        Mode::Managed => ("resource", registry.resource(type_name).map(|one| one.schema())),
        Mode::Data => ("data", registry.source(type_name).map(|one| one.schema())),
        Mode::Ephemeral => ("ephemeral", registry.ephemeral(type_name).map(|one| one.schema())),
    }
}

fn heading(change: &Change) -> String {
    let deposed = change.deposed.as_ref().map(|key| format!(" (deposed object {key})")).unwrap_or_default();
    let address = paint(BOLD, format!("  # {}{deposed}", change.address));
    let red = |text: &str| paint(RED.bold(), text);
    match (change.action, change.reason) {
        (Action::NoOp, _) => match (&change.moved_from, &change.importing) {
            (_, Some(_)) => format!("{address} will be imported\n"),
            (Some(from), None) => format!("{} has moved to {}\n", paint(BOLD, format!("  # {from}")), change.address),
            (None, None) => format!("{address} stays as it is\n"),
        },
        (Action::Forget, _) => {
            format!("{address} will no longer be managed by glaz, but will not be destroyed\n")
        }
        (Action::Create, _) => format!("{address} will be created\n"),
        (Action::Read, _) => format!("{address} will be read during apply\n"),
        (Action::Update, _) => format!("{address} will be updated in-place\n"),
        (Action::Delete, _) => format!("{address} will be {}\n", red("destroyed")),
        (Action::Replace { .. }, Reason::Tainted) => format!("{address} is tainted, so must be {}\n", red("replaced")),
        (Action::Replace { .. }, Reason::ByRequest) => format!("{address} will be {}, as requested\n", red("replaced")),
        (Action::Replace { .. }, Reason::ByTriggers) => {
            format!("{address} will be {} due to changes in replace_triggered_by\n", red("replaced"))
        }
        (Action::Replace { .. }, _) => format!("{address} must be {}\n", red("replaced")),
    }
}

/// Why it happens, beyond what the attributes show.
fn reasons(change: &Change, causes: &Causes<'_>) -> Vec<String> {
    let resource = &change.address.resource;
    let key = change.address.key.as_ref();
    let shown = |key: Option<&Key>| key.map(ToString::to_string).unwrap_or_default();
    let mut all: Vec<String> = match change.reason {
        _ if change.action == Action::Forget => Vec::new(),
        Reason::NoResourceConfig => vec![format!("because {} is not in configuration", in_module(change))],
        Reason::NoMoveTarget => match &change.moved_from {
            Some(from) => {
                vec![format!("because {from} was moved to {}, which is not in configuration", change.address)]
            }
            None => vec![format!("because {} is not in configuration", in_module(change))],
        },
        Reason::CheckNested => vec!["config will be reloaded to verify a check block".into()],
        Reason::NoModule => vec![format!("because {} is not in configuration", resource.module)],
        Reason::WrongRepetition => vec![match key {
            None => "because resource uses count or for_each".into(),
            Some(Key::Int(_)) => "because resource does not use count".into(),
            Some(Key::Str(_)) => "because resource does not use for_each".into(),
        }],
        Reason::CountIndex if key.is_none() => vec!["because resource uses count".into()],
        Reason::CountIndex => vec![format!("because index {} is out of range for count", shown(key))],
        Reason::EachKey => vec![format!("because key {} is not in for_each map", shown(key))],
        Reason::ConfigUnknown => vec!["config refers to values not yet known".into()],
        Reason::DependencyPending => vec!["depends on a resource or a module with changes pending".into()],
        Reason::None | Reason::Tainted | Reason::CannotUpdate | Reason::ByRequest | Reason::ByTriggers => Vec::new(),
    };
    if let (Some(from), true) = (&change.moved_from, change.is_action()) {
        all.push(format!("moved from {from}"));
    }
    if causes.is_generated(change) {
        all.push("config will be generated".into());
    }
    if let Some(id) = &change.importing {
        all.push(format!("imported from {}", crate::address::quote(id)));
    }
    match change.action {
        Action::Forget => all.push("destroy = false is set in the configuration".into()),
        Action::Replace { .. } if change.importing.is_some() => {
            all.push("this replaces the imported object: the one that exists is destroyed".into());
        }
        _ => {}
    }
    if change.deposed.is_some() {
        all.push("left over from a partially-failed replacement of this instance".into());
    }
    if matches!(change.action, Action::Replace { .. }) {
        all.extend(causes.why(change));
        all.extend(causes.what_follows(change));
    }
    all
}

/// The block inside its module, as Terraform names it here.
fn in_module(change: &Change) -> String {
    let resource = &change.address.resource;
    let data = resource.mode.prefix();
    format!("{data}{}.{}", resource.type_name, resource.name)
}

/// What changed behind our back; `None` when nothing did. A plan that only refreshes has no other place for what is remembered
/// under another address.
pub(super) fn drift(plan: &Plan, registry: &Registry, detail: Detail) -> Option<String> {
    let changed = plan.live.drifted.iter().filter_map(|(address, old)| {
        let now = &plan.live.objects.get(address)?.attributes;
        (old.unmarked() != now.unmarked()).then_some((address, old, Some(now)))
    });
    let gone = plan.live.vanished.iter().map(|(address, object)| (address, &object.attributes, None));
    let moved = plan.moved_only().filter_map(|change| {
        let now = &plan.live.objects.get(&change.address)?.attributes;
        Some((&change.address, now, Some(now)))
    });
    let mut all: Vec<_> = changed.chain(gone).chain(moved).collect();
    if all.is_empty() {
        return None;
    }
    all.sort_by(|a, b| order(a.0).cmp(&order(b.0)));
    let origins: BTreeMap<&Address, &Change> = plan.moved_only().map(|change| (&change.address, change)).collect();
    let head = paint(BOLD.fg_color(CYAN.get_fg_color()), "Note:");
    let mut out = format!(
        "\n{head} {}\n\nglaz detected the following changes made outside of glaz since the last apply:\n",
        paint(BOLD, "Objects have changed outside of glaz")
    );
    for (address, old, now) in all {
        if let Some(change) = origins.get(address) {
            let (heading, pen) = (heading(change), detail.pen());
            let shown = || format!("{} {}\n", symbol(Action::NoOp), body(address, registry, Some(old), now, &[], pen));
            out.push_str(&if detail == Detail::Brief { heading } else { format!("\n{heading}{}", shown()) });
            continue;
        }
        let (action, what) = match now {
            Some(_) => (Action::Update, "has changed"),
            None => (Action::Delete, "has been deleted"),
        };
        if detail == Detail::Brief {
            out.push_str(&format!("{} {address} {what}\n", symbol(action)));
            continue;
        }
        out.push_str(&format!("\n{} {what}\n", paint(BOLD, format!("  # {address}"))));
        out.push_str(&format!("{} {}\n", symbol(action), body(address, registry, Some(old), now, &[], detail.pen())));
    }
    Some(out)
}
