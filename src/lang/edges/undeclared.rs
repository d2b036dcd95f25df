//! References to what is not there, and what could have been meant.

use std::sync::Arc;

use super::described;
use crate::address::Mode;
use crate::diagnostic::{Diagnostic, Span, near_miss};
use crate::lang::config::{Module, ModuleBody, ResourceName};
use crate::lang::syntax::tree::Traversal;
use crate::lang::target::Target;

/// A word such as `local` that stands alone: what could follow it.
pub(super) fn incomplete(module: &Module, traversal: &Traversal, span: Span) -> Option<Diagnostic> {
    let body = &module.body;
    let (summary, names): (_, Vec<&str>) = match &*traversal.root {
        "local" => ("Reference to undeclared local value", body.locals.keys().map(|name| &**name).collect()),
        "var" => ("Reference to undeclared input variable", body.variables.keys().map(|name| &**name).collect()),
        "count" => ("Invalid \"count\" attribute", vec!["index"]),
        "each" => ("Invalid \"each\" attribute", vec!["key", "value"]),
        "path" => ("Invalid \"path\" attribute", vec!["cwd", "module", "root"]),
        "terraform" => ("Invalid \"terraform\" attribute", vec!["applying", "workspace"]),
        _ => return None,
    };
    let detail = if names.is_empty() {
        format!("No name follows \"{}\", and this module has none that could.", traversal.root)
    } else {
        format!("No name follows \"{}\". These could: {}.", traversal.root, names.join(", "))
    };
    Some(Diagnostic::error(summary, detail).at(span))
}

/// The problem with a reference to what the module does not have.
pub(super) fn undeclared(module: &Module, target: &Target, span: Span) -> Option<Diagnostic> {
    let body = &module.body;
    let place =
        if module.path.is_empty() { "the root module".to_owned() } else { format!("module {}", module.path.join(".")) };
    let hint = |name: &str, names: &mut dyn Iterator<Item = &Arc<str>>| {
        near_miss(name, names.map(|name| &**name)).map(|near| format!(" Did you mean \"{near}\"?")).unwrap_or_default()
    };
    let (summary, detail) = match target {
        Target::Variable(name) => {
            let hint = hint(name, &mut body.variables.keys());
            let add = if hint.is_empty() { format!(" Declare it with variable \"{name}\" {{}}.") } else { hint };
            ("Reference to undeclared input variable", format!("There is no variable \"{name}\" in {place}.{add}"))
        }
        Target::Local(name) => {
            let hint = hint(name, &mut body.locals.keys());
            ("Reference to undeclared local value", format!("There is no local value \"{name}\" in {place}.{hint}"))
        }
        Target::Resource(name) => {
            let hint = meant_resource(name, body);
            ("Reference to undeclared resource", format!("There is no {} in {place}.{hint}", described(name)))
        }
        Target::Module(name) | Target::ModuleOutput(name, ..) => {
            let hint = hint(name, &mut body.calls.keys());
            ("Reference to undeclared module", format!("There is no module call \"{name}\" in {place}.{hint}"))
        }
        _ => return None,
    };
    Some(Diagnostic::error(summary, detail).at(span))
}

/// A sentence with what was probably meant by a resource that is not there.
fn meant_resource(name: &ResourceName, body: &ModuleBody) -> String {
    let resources = || body.resources.keys();
    let same_type = resources().filter(|other| other.type_name == name.type_name && other.mode == name.mode);
    if let Some(near) = near_miss(&name.name, same_type.map(|other| &*other.name)) {
        return format!(" Did you mean \"{near}\"?");
    }
    let same_name = || resources().filter(|other| other.name == name.name);
    if let Some(other) = same_name().find(|other| other.type_name == name.type_name) {
        return format!(" Did you mean {}?", reference(other));
    }
    let near_type = near_miss(&name.type_name, same_name().map(|other| &*other.type_name));
    if let Some(other) = same_name().find(|other| Some(&*other.type_name) == near_type) {
        return format!(" Did you mean {}?", reference(other));
    }
    // The words of blocks are not those of references.
    let (word, exists) = match &*name.type_name {
        "variable" | "vars" | "input" => ("var", body.variables.contains_key(&name.name)),
        "locals" => ("local", body.locals.contains_key(&name.name)),
        "modules" => ("module", body.calls.contains_key(&name.name)),
        _ => return String::new(),
    };
    let is = if exists { "is" } else { "would be" };
    format!(" It {is} written {word}.{}.", name.name)
}

/// How a reference to a block is written.
pub(super) fn reference(name: &ResourceName) -> String {
    let word = match name.mode {
        Mode::Data => "data.",
        Mode::Managed => "",
        Mode::Ephemeral => "ephemeral.",
    };
    format!("{word}{}.{}", name.type_name, name.name)
}
