//! Governed attributes stay as they are, unless the person changed what the stack file says about them.

use super::govern::{Governance, Held};
use super::object::text;
use super::observed::target_group_name;
use super::traffic::{self, with};
use crate::address::Address;
use crate::value::Value;

impl Governance {
    /// The configuration of an object with what belongs to a controller as it is. `live` is the object as it is,
    /// `remembered` what was configured at the last apply; without the latter nobody can tell who changed what, and
    /// what is live is taken over.
    pub fn hold(&self, address: &Address, config: Value, live: &Value, remembered: Option<&Value>) -> Value {
        let Some(held) = self.held(address) else { return config };
        let Some(mut entries) = config.entries().cloned() else { return config };
        for name in &held.attributes {
            let (Some(said), Some(now)) = (entries.get(name), live.get(name)) else { continue };
            let before = remembered.and_then(|all| all.get(name));
            if let Some(kept) = keep(name, said, &now.unmarked(), before, held) {
                entries.insert((*name).into(), kept.with_marks(&said.marks_deep()));
            }
        }
        Value { marks: config.marks.clone(), ..Value::object(entries) }
    }
}

/// What to plan in place of what is configured; `None` where that counts.
fn keep(name: &str, said: &Value, live: &Value, before: Option<&Value>, held: &Held) -> Option<Value> {
    if name == "load_balancer" {
        let is_left = is_absent(said) && before.is_none_or(is_absent);
        // What nobody configured is all of the controller's.
        if is_left {
            return Some(live.clone());
        }
        return said.is_wholly_known().then(|| keep_balancers(said, live, before, held));
    }
    if !said.is_wholly_known() {
        return None;
    }
    let said = said.unmarked();
    if before.is_none_or(|before| *before == said) {
        return Some(live.clone());
    }
    if matches!(name, "default_action" | "action") {
        return Some(traffic::kept(&said, live, before, &held.pair, held.needs_both));
    }
    None
}

fn is_absent(value: &Value) -> bool {
    value.is_null() || value.elements().is_some_and(<[Value]>::is_empty)
}

/// Which of the pair a service stands on is the controller's business, also when something else of the block changes.
fn keep_balancers(said: &Value, live: &Value, before: Option<&Value>, held: &Held) -> Value {
    let is_of_pair = |arn: &str| held.pair.iter().any(|one| one == target_group_name(arn));
    let [only] = live.elements().unwrap_or_default() else { return said.clone() };
    let Some(now) = only.get("target_group_arn") else { return said.clone() };
    let was =
        before.and_then(Value::elements).and_then(|all| all.first()).and_then(|one| text(one, "target_group_arn"));
    let one = |one: &Value| {
        let Some(own) = text(one, "target_group_arn") else { return one.clone() };
        let is_untouched = was.is_none_or(|was| was == own);
        let is_theirs = if held.pair.is_empty() { is_untouched } else { is_of_pair(own) };
        if is_theirs { with(one, [("target_group_arn", now.clone())]) } else { one.clone() }
    };
    said.unmarked().map_children(&one)
}
