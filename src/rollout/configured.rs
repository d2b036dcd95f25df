//! What the person configured at the last apply, for attributes that a controller may move on: only with it can a
//! change that the person makes be told from one that a deployment made.

use super::traffic::lead_alike;
use crate::resource::Schema;
use crate::value::{Data, Entries, Type, Value};

/// Attributes of a type whose configured value is remembered.
pub fn governable(type_name: &str) -> &'static [&'static str] {
    match type_name {
        "aws_ecs_service" => &[
            "task_definition",
            "load_balancer",
            "desired_count",
            "network_configuration",
            "platform_version",
            "capacity_provider_strategy",
        ],
        "aws_ecs_task_definition" => &[
            "container_definitions",
            "cpu",
            "enable_fault_injection",
            "ephemeral_storage",
            "execution_role_arn",
            "ipc_mode",
            "memory",
            "network_mode",
            "pid_mode",
            "placement_constraints",
            "proxy_configuration",
            "requires_compatibilities",
            "runtime_platform",
            "task_role_arn",
            "volume",
        ],
        "aws_lb_listener" | "aws_alb_listener" => &["default_action"],
        "aws_lb_listener_rule" | "aws_alb_listener_rule" => &["action"],
        _ => &[],
    }
}

/// What is configured now, of the attributes that are remembered; those that are not known yet are left out. What the
/// stack file leaves to others (`ignore_changes`) is null of any type: nothing is to be remembered of it. `None` for a
/// type of which nothing is remembered.
pub fn configured(
    type_name: &str,
    schema: &Schema,
    config: &Value,
    is_ignored: &dyn Fn(&str) -> bool,
) -> Option<Value> {
    let names = governable(type_name);
    if names.is_empty() {
        return None;
    }
    let mut entries = Entries::new();
    for name in names {
        let Some(attr) = schema.get(name) else { continue };
        let absent = attr.shape.absent();
        let said = config.get(name).unwrap_or(&absent);
        if is_ignored(name) {
            entries.insert((*name).into(), Value::null(Type::Any));
        } else if said.is_wholly_known() {
            entries.insert((*name).into(), said.unmarked());
        }
    }
    Some(Value::object(entries))
}

/// What is remembered after this: what is configured now, and what was known of the rest before.
pub fn merged(before: Option<&Value>, now: &Value) -> Value {
    let mut entries = before.and_then(Value::entries).cloned().unwrap_or_default();
    for (name, value) in now.entries().into_iter().flatten() {
        if is_left(value) {
            entries.remove(name);
        } else {
            entries.insert(name.clone(), value.clone());
        }
    }
    Value::object(entries)
}

/// Whether one of these attributes is configured otherwise than at the last apply.
pub fn differs(names: &[&str], before: Option<&Value>, now: &Value) -> bool {
    let Some(before) = before else { return false };
    let is_same = |name: &str, before: &Value, now: &Value| {
        before == now || matches!(name, "default_action" | "action") && lead_alike(before, now)
    };
    let differs = |name: &str, before: &Value, now: &Value| !is_left(now) && !is_same(name, before, now);
    names.iter().any(|name| before.get(name).zip(now.get(name)).is_some_and(|(before, now)| differs(name, before, now)))
}

/// Whether the stack file leaves it to others.
fn is_left(value: &Value) -> bool {
    matches!(value.data, Data::Null(Type::Any))
}
