//! `ignore_changes`: what the stack file says, with what is to be ignored as it is.

use std::sync::Arc;

use super::complete::is_absent;
use crate::lang::{IgnoreChanges, Path, Step};
use crate::resource::Schema;
use crate::resource::attr::Attr;
use crate::value::{Data, Type, Value};

/// Whether `ignore_changes` names the attribute or something inside it.
pub fn is_ignored(ignored: &IgnoreChanges, name: &str) -> bool {
    let is_it = |path: &Path| matches!(path.0.first(), Some(Step::Attr(first)) if &**first == name);
    match ignored {
        IgnoreChanges::None => false,
        IgnoreChanges::All => true,
        IgnoreChanges::Paths(paths) => paths.iter().any(|(path, _)| is_it(path)),
    }
}

/// What the stack file says, with what `ignore_changes` names as it is: what was secret of that stays so, and what was not
/// does not become one.
pub fn ignore(ignored: &IgnoreChanges, schema: &Schema, config: &Value, prior: Option<&Value>) -> Value {
    let Some(prior) = prior else { return config.clone() };
    let inputs = |name: &str| schema.get(name).is_some_and(Attr::is_input);
    match ignored {
        IgnoreChanges::None => config.clone(),
        IgnoreChanges::All => {
            // What the service decides stays as it is anyway, and nobody has said it.
            let is_left = |name: &str, said: &Value| {
                schema.get(name).is_some_and(|attr| attr.is_computed() && is_absent(attr, said))
            };
            let keep = |(name, said): (&Arc<str>, &Value)| {
                let before = prior.get(name).filter(|_| inputs(name) && !is_left(name, said));
                (name.clone(), before.unwrap_or(said).clone())
            };
            Value::object(config.entries().into_iter().flatten().map(keep).collect())
        }
        IgnoreChanges::Paths(paths) => {
            paths.iter().fold(config.clone(), |config, (path, _)| keep(path, &config, prior))
        }
    }
}

/// Whether the steps are written as the values ask for them: a dot before an attribute of an object, brackets around the
/// key of a map. Only the last step may put the attribute of an object in brackets.
fn leads_through(steps: &[Step], value: &Value) -> bool {
    let Some((step, rest)) = steps.split_first() else { return true };
    let fits = match (step, &value.data) {
        (Step::Attr(_), Data::Map(..)) => false,
        (Step::Key(_), Data::Object(_)) => rest.is_empty(),
        _ => true,
    };
    fits && Path(vec![step.clone()]).find(value).is_none_or(|inner| leads_through(rest, inner))
}

/// The configuration with what the path leads to as it is. A key in brackets comes and goes with the object; of an
/// object, which has no keys to come and go, everything stays.
fn keep(path: &Path, config: &Value, prior: &Value) -> Value {
    if !leads_through(&path.0, prior) {
        return config.clone();
    }
    let Some((Step::Key(key), around)) = path.0.split_last() else {
        return path.find(prior).map_or_else(|| config.clone(), |before| path.replace(config, before));
    };
    let around = Path(around.to_vec());
    let (Some(said), Some(before)) = (around.find(config), around.find(prior)) else { return config.clone() };
    let own = before.get(key).cloned();
    match (&said.data, own) {
        (Data::Object(_), _) => around.replace(config, before),
        (Data::Map(ty, entries), own) => {
            let mut entries = (**entries).clone();
            match own {
                Some(own) => drop(entries.insert(key.clone(), own)),
                None => drop(entries.remove(key)),
            }
            let map = Value { data: Data::Map(ty.clone(), entries.into()), marks: said.marks.clone() };
            around.replace(config, &map)
        }
        (Data::Null(Type::Map(ty)), Some(own)) => {
            around.replace(config, &Value::map((**ty).clone(), [(key.clone(), own)].into()))
        }
        _ => config.clone(),
    }
}
