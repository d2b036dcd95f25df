//! Where listeners and rules send requests: by which parts, to which target groups, however the stack file writes it.

use std::collections::BTreeMap;

use super::object::{block, blocks, text};
use super::observed::target_group_name;
use crate::value::{Data, Entries, Type, Value};

/// What a list of actions forwards to, with weights; none when it does not forward.
pub fn forwards(actions: &Value) -> Option<Vec<(String, i64)>> {
    let forward = actions.elements()?.iter().find(|action| is_forward(action))?;
    if let Some(inner) = block(forward, "forward") {
        let groups = blocks(inner, "target_group").iter();
        let weighted =
            |one: &Value| Some((text(one, "arn")?.to_owned(), one.get("weight").and_then(Value::as_i64).unwrap_or(1)));
        let all: Vec<_> = groups.filter_map(weighted).collect();
        if !all.is_empty() {
            return Some(all);
        }
    }
    text(forward, "target_group_arn").map(|arn| vec![(arn.to_owned(), 1)])
}

/// The listener or rule as others see it before a deployment has turned it: where it forwards to is not known.
pub fn leads_elsewhere(object: &Value) -> Value {
    let open = |action: &Value| {
        let open = |name: &'static str| {
            let value = action.get(name)?;
            Some((name, Value::unknown(value.ty()).with_marks(&value.marks_deep())))
        };
        let names = ["target_group_arn", "forward"].into_iter().filter(|_| is_forward(action));
        with(action, names.filter_map(open))
    };
    let actions = ["default_action", "action"].into_iter();
    with(object, actions.filter_map(|name| Some((name, object.get(name)?.map_children(&open)))))
}

/// Whether two lists of actions send requests to the same places by the same parts: a group of weight 0 gets none, one
/// alone gets all whatever its weight, and who is not kept at a group is so for no time.
pub(super) fn lead_alike(one: &Value, other: &Value) -> bool {
    parts(one) == parts(other) && stickiness(one) == stickiness(other)
}

/// Where the forward leads stays as it is unless the person changed that; other actions, and for how long a client is kept at
/// its group, are theirs. Another spelling of the same is no change. Where ECS `needs_both` groups in the rule, one that is
/// not there yet comes in with weight 0.
pub(super) fn kept(said: &Value, live: &Value, before: Option<&Value>, pair: &[String], needs_both: bool) -> Value {
    let is_of_pair = |arn: &str| pair.iter().any(|one| one == target_group_name(arn));
    let (Some(wanted), Some(there)) = (forwards(said), forwards(live)) else { return said.clone() };
    let is_untouched = before.is_none_or(|before| parts(before) == parts(said));
    if !is_untouched || !wanted.iter().all(|(arn, _)| is_of_pair(arn)) {
        return said.clone();
    }
    let missing = wanted.iter().filter(|(arn, _)| !there.iter().any(|(one, _)| one == arn));
    let missing: Vec<(String, i64)> = missing.map(|(arn, _)| (arn.clone(), 0)).collect();
    let is_same = (missing.is_empty() || !needs_both) && stickiness(said) == stickiness(live);
    let Some(now) = live.elements().unwrap_or_default().iter().find(|one| is_forward(one)) else { return said.clone() };
    let groups: Vec<(String, i64)> = there.iter().cloned().chain(missing).collect();
    said.map_children(&|one| {
        if !is_forward(one) {
            return one.clone();
        }
        divided(one, now, &groups).filter(|_| !is_same).unwrap_or_else(|| copied(one, now))
    })
}

fn is_forward(action: &Value) -> bool {
    text(action, "type") == Some("forward")
}

/// Target groups that get requests, with their parts in lowest terms.
fn parts(actions: &Value) -> Option<BTreeMap<String, i64>> {
    let mut all: BTreeMap<String, i64> = forwards(actions)?.into_iter().filter(|(_, weight)| *weight > 0).collect();
    let divisor = all.values().copied().fold(0, common_divisor);
    all.values_mut().for_each(|weight| *weight /= divisor.max(1));
    Some(all)
}

fn common_divisor(one: i64, other: i64) -> i64 {
    if other == 0 { one } else { common_divisor(other, one % other) }
}

/// For how many seconds a client stays with its target group; `None` where it does not.
fn stickiness(actions: &Value) -> Option<i64> {
    let forward = actions.elements()?.iter().find(|action| is_forward(action)).and_then(|one| block(one, "forward"))?;
    let sticky = block(forward, "stickiness")?;
    let is_on = sticky.get("enabled").and_then(Value::as_bool) == Some(true);
    is_on.then(|| sticky.get("duration").and_then(Value::as_i64).unwrap_or_default())
}

/// The action with the destinations of the one that is live, as that is written.
fn copied(said: &Value, now: &Value) -> Value {
    let names = ["target_group_arn", "forward"].into_iter();
    with(said, names.filter_map(|name| Some((name, now.get(name)?.clone()))))
}

/// The action with these groups and its own stickiness; `None` where neither it nor the live one has a `forward` block.
fn divided(said: &Value, now: &Value, groups: &[(String, i64)]) -> Option<Value> {
    let own = block(said, "forward");
    let model = own.or_else(|| block(now, "forward"))?;
    let all = model.get("target_group")?;
    let group = all.elements()?.first()?;
    let group = |(arn, weight): &(String, i64)| {
        with(group, [("arn", Value::from(arn.as_str())), ("weight", Value::from(*weight))])
    };
    let groups = Value::set(group(groups.first()?).ty(), groups.iter().map(group).collect());
    let stickiness = model.get("stickiness").map(|sticky| if own.is_some() { sticky.clone() } else { emptied(sticky) });
    let forward = with(model, [("target_group", groups)].into_iter().chain(stickiness.map(|one| ("stickiness", one))));
    let blocks = Value::list(forward.ty(), vec![forward]);
    Some(with(said, [("forward", blocks), ("target_group_arn", Value::null(Type::String))]))
}

/// No block of the kind.
fn emptied(blocks: &Value) -> Value {
    match &blocks.data {
        Data::List(ty, _) => Value::list(ty.clone(), Vec::new()),
        _ => Value::null(blocks.ty()),
    }
}

/// The object with other values of some attributes.
pub(super) fn with<'a>(object: &Value, values: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let mut entries: Entries = object.entries().cloned().unwrap_or_default();
    entries.extend(values.into_iter().map(|(name, value)| (name.into(), value)));
    Value { data: Data::Object(entries.into()), marks: object.marks.clone() }
}
