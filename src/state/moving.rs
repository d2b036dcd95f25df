//! Moving objects to other addresses, within a state or into another one (`state mv`).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::select::Selection;
use super::{InstanceKey, State};
use crate::address::{Address, Mode, ModulePath, Resource};

/// Which object goes where.
pub type Moves = Vec<(InstanceKey, InstanceKey)>;

/// Why nothing can be moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is nothing to move.
    Source(String),
    /// It cannot be moved to there.
    Target(String),
    /// The two do not go together.
    Request(String),
    /// There is a module already where one should go.
    ModuleExists(String),
}

/// The moves that bring `from` (of the state `source`) to `to` (in the state `target`, which may be the same one).
///
/// # Errors
/// There is nothing at `from`, something is at `to`, or they are of different kinds.
pub fn moves(source: &State, target: &State, from: &Selection, to: &Selection) -> Result<Moves, Refusal> {
    match from {
        Selection::Module(module) => whole_module(source, target, module, to),
        Selection::Instance(address) => {
            if !from.is_in(source) {
                return Err(Refusal::Source(format!("The state does not contain {address}.")));
            }
            one_instance(source, target, address, to)
        }
        Selection::Resource(resource) => {
            let single = Address::new(resource.clone(), None);
            if source.of_resource(resource).any(|(key, _)| key.address == single) {
                return one_instance(source, target, &single, to);
            }
            whole_resource(source, target, resource, to)
        }
    }
}

/// Takes the objects out of one state and puts them into the other under their new names.
pub fn transfer(source: &mut State, target: &mut State, moves: &Moves) {
    for (from, to) in moves {
        if let Some(instance) = source.instances.remove(from) {
            target.instances.insert(to.clone(), instance);
        }
    }
}

/// Gives the objects of a state their new names.
pub fn rename(state: &mut State, moves: &Moves) {
    let taken: Vec<_> = moves.iter().map(|(from, to)| (to.clone(), state.instances.remove(from))).collect();
    for (to, instance) in taken {
        state.instances.extend(instance.map(|instance| (to, instance)));
    }
    rename_dependencies(state, moves.iter().map(|(from, to)| (&from.address, &to.address)));
}

/// What objects depend on is recorded by block: blocks of which all objects moved have other names now. The pairs are from
/// where to where.
pub fn rename_dependencies<'a>(state: &mut State, moved: impl Iterator<Item = (&'a Address, &'a Address)>) {
    let names = moved.map(|(from, to)| (from.resource.without_keys(), to.resource.without_keys()));
    let mut names: BTreeMap<Resource, Resource> = names.filter(|(from, to)| from != to).collect();
    if names.is_empty() {
        return;
    }
    for key in state.instances.keys() {
        names.remove(&key.address.resource.without_keys());
    }
    for dependency in state.instances.values_mut().flat_map(|instance| &mut instance.dependencies) {
        if let Some(name) = names.get(&**dependency) {
            *dependency = Arc::new(name.clone());
        }
    }
}

fn one_instance(source: &State, target: &State, from: &Address, to: &Selection) -> Result<Moves, Refusal> {
    let to = match to {
        Selection::Instance(to) => to.clone(),
        Selection::Resource(to) => Address::new(to.clone(), None),
        Selection::Module(_) => return Err(wrong_kind(from, to, "the target must also be a resource instance")),
    };
    check_types(&from.resource, &to.resource)?;
    if target.instances.keys().any(|key| key.address == to) {
        return Err(taken(&to, "resource instance"));
    }
    let all = source.of_resource(&from.resource).filter(|(key, _)| key.address == *from);
    Ok(all.map(|(key, _)| (key.clone(), InstanceKey { address: to.clone(), ..key.clone() })).collect())
}

fn whole_resource(source: &State, target: &State, from: &Resource, to: &Selection) -> Result<Moves, Refusal> {
    if source.of_resource(from).next().is_none() {
        return Err(Refusal::Source(format!("Cannot move {from}: does not match anything in the current state.")));
    }
    let Selection::Resource(to) = to else {
        return Err(wrong_kind(
            from,
            to,
            "the source is a whole resource (not a resource instance) so the target must also be a whole resource",
        ));
    };
    check_types(from, to)?;
    if target.of_resource(to).next().is_some() {
        return Err(taken(to, "resource"));
    }
    let renamed = |key: &InstanceKey| {
        let address = Address::new(to.clone(), key.address.key.clone());
        InstanceKey { address, deposed: key.deposed.clone() }
    };
    Ok(source.of_resource(from).map(|(key, _)| (key.clone(), renamed(key))).collect())
}

/// A module step without a key means the call without `count` and `for_each` here, not all its instances.
fn whole_module(source: &State, target: &State, from: &ModulePath, to: &Selection) -> Result<Moves, Refusal> {
    let inside = |module: &ModulePath, of: &ModulePath| module.0.starts_with(&of.0);
    let found: Vec<&InstanceKey> = source.instances.keys().filter(|key| inside(key.address.module(), from)).collect();
    if found.is_empty() {
        return Err(Refusal::Source(format!("Cannot move {from}: does not match anything in the current state.")));
    }
    let Selection::Module(to) = to else {
        return Err(wrong_kind(from, to, "the target must also be a module"));
    };
    if inside(to, from) && to != from {
        return Err(Refusal::Target(format!("Cannot move {from} to {to}: a module cannot be moved into itself.")));
    }
    if target.instances.keys().any(|key| inside(key.address.module(), to)) {
        return Err(Refusal::ModuleExists(format!("There are objects inside {to} already.")));
    }
    let renamed = |key: &InstanceKey| {
        let rest = key.address.module().0.iter().skip(from.0.len());
        let module = ModulePath(to.0.iter().chain(rest).cloned().collect());
        let resource = Resource { module, ..(*key.address.resource).clone() };
        InstanceKey { address: Address::new(resource, key.address.key.clone()), deposed: key.deposed.clone() }
    };
    Ok(found.into_iter().map(|key| (key.clone(), renamed(key))).collect())
}

fn check_types(from: &Resource, to: &Resource) -> Result<(), Refusal> {
    let why = match (from.mode, to.mode) {
        (Mode::Managed, Mode::Data) => "a managed resource can be moved only to another managed resource address",
        (Mode::Data, Mode::Managed) => "a data resource can be moved only to another data resource address",
        (Mode::Ephemeral, _) | (_, Mode::Ephemeral) => "an ephemeral resource is not in the state",
        _ if from.type_name != to.type_name => "resource types don't match",
        _ => return Ok(()),
    };
    Err(Refusal::Request(format!("Cannot move {from} to {to}: {why}.")))
}

fn wrong_kind(from: &dyn fmt::Display, to: &Selection, why: &str) -> Refusal {
    Refusal::Target(format!("Cannot move {from} to {to}: {why}."))
}

fn taken(to: &dyn fmt::Display, what: &str) -> Refusal {
    Refusal::Target(format!("Cannot move to {to}: there is already a {what} at that address in the current state."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(addresses: &[&str]) -> State {
        let text = |key: &str| serde_json::Value::from(key);
        let mut resources = Vec::new();
        for address in addresses {
            let address: Address = address.parse().expect("an address");
            let key = match &address.key {
                None => serde_json::Value::Null,
                Some(crate::address::Key::Int(at)) => (*at).into(),
                Some(crate::address::Key::Str(key)) => text(key),
            };
            let mode = if address.is_managed() { "managed" } else { "data" };
            resources.push(serde_json::json!({
                "module": address.module().to_string(), "mode": mode, "type": *address.resource.type_name,
                "name": *address.resource.name, "provider": "provider[\"p\"]", "instances": [{ "index_key": key }],
            }));
        }
        let text = serde_json::json!({ "version": 4, "resources": resources }).to_string();
        super::super::file_v4::read(text.as_bytes(), "test").expect("a state").expect("not empty")
    }

    fn moved(all: &[&str], from: &str, to: &str) -> Result<Vec<String>, Refusal> {
        let mut state = state(all);
        let (from, to) = (Selection::parse(from).expect("from"), Selection::parse(to).expect("to"));
        let moves = moves(&state, &state, &from, &to)?;
        rename(&mut state, &moves);
        Ok(state.instances.keys().map(ToString::to_string).collect())
    }

    #[track_caller]
    fn refused(all: &[&str], from: &str, to: &str) -> String {
        match moved(all, from, to).expect_err("refused") {
            Refusal::Source(text) => format!("source: {text}"),
            Refusal::Target(text) => format!("target: {text}"),
            Refusal::Request(text) => format!("request: {text}"),
            Refusal::ModuleExists(text) => format!("module: {text}"),
        }
    }

    #[test]
    fn instances() {
        assert_eq!(moved(&["a.b"], "a.b", "a.c").expect("moved"), ["a.c"]);
        assert_eq!(moved(&["a.b"], "a.b", "a.b[0]").expect("moved"), ["a.b[0]"]);
        assert_eq!(moved(&["a.b[0]", "a.b[1]"], "a.b[0]", "a.b[\"x\"]").expect("moved"), ["a.b[1]", "a.b[\"x\"]"]);
        assert_eq!(moved(&["a.b[0]"], "a.b[0]", "a.c").expect("moved"), ["a.c"]);
        assert_eq!(moved(&["a.b"], "a.b", "module.m.a.b").expect("moved"), ["module.m.a.b"]);
        assert_eq!(
            refused(&["a.b"], "a.b", "a.b"),
            "target: Cannot move to a.b: there is already a resource instance at that address in the current state."
        );
        assert_eq!(
            refused(&["a.b"], "a.b", "module.m"),
            "target: Cannot move a.b to module.m: the target must also be a resource instance."
        );
        assert_eq!(refused(&["a.b"], "a.c[0]", "a.d"), "source: The state does not contain a.c[0].");
    }

    #[test]
    fn whole_resources() {
        assert_eq!(moved(&["a.b[0]", "a.b[1]"], "a.b", "a.c").expect("moved"), ["a.c[0]", "a.c[1]"]);
        assert!(refused(&["a.b[0]"], "a.b", "a.c[0]").contains("the source is a whole resource"));
        assert!(refused(&["a.b[0]", "a.c[\"x\"]"], "a.b", "a.c").contains("there is already a resource at that"));
        assert_eq!(
            refused(&["a.b"], "a.x", "a.c"),
            "source: Cannot move a.x: does not match anything in the current state."
        );
    }

    #[test]
    fn modules() {
        let all = ["module.m[0].a.b", "module.m[0].module.n.a.b[1]", "module.m[1].a.b"];
        assert_eq!(
            moved(&all, "module.m[0]", "module.z").expect("moved"),
            ["module.m[1].a.b", "module.z.a.b", "module.z.module.n.a.b[1]"]
        );
        assert_eq!(
            moved(&["module.m.a.b"], "module.m", "module.x.module.y").expect("moved"),
            ["module.x.module.y.a.b"]
        );
        assert!(refused(&all, "module.m", "module.z").starts_with("source: "), "no instance without a key");
        assert!(refused(&all, "module.m[0]", "module.m[1]").starts_with("module: "));
        assert!(refused(&all, "module.m[0]", "a.c").contains("the target must also be a module"));
        assert!(refused(&all, "module.m[0]", "module.m[0].module.o").contains("into itself"));
    }

    #[test]
    fn kinds_must_agree() {
        assert_eq!(refused(&["a.b"], "a.b", "x.b"), "request: Cannot move a.b to x.b: resource types don't match.");
        assert!(refused(&["a.b"], "a.b", "data.a.b").contains("only to another managed resource"));
        assert!(refused(&["data.a.b"], "data.a.b", "a.b").contains("only to another data resource"));
        assert_eq!(moved(&["data.a.b"], "data.a.b", "data.a.c").expect("moved"), ["data.a.c"]);
    }

    #[test]
    fn into_another_state() {
        let (mut source, mut target) = (state(&["a.b", "a.c"]), state(&["a.d"]));
        let (from, to) = (Selection::parse("a.b").expect("from"), Selection::parse("a.b").expect("to"));
        let moves = moves(&source, &target, &from, &to).expect("moves");
        transfer(&mut source, &mut target, &moves);
        let names = |state: &State| state.instances.keys().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!((names(&source), names(&target)), (vec!["a.c".into()], vec!["a.b".into(), "a.d".into()]));
    }
}
