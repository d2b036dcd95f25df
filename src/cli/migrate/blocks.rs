//! Blocks of the stack file as text.

use crate::address::quote;
use crate::rollout::migrate::{Hook, Settings};
use crate::rollout::pace::Shift;

/// `deployment_configuration` of the service. `hooks_role` is how the files call the role of the functions.
pub(super) fn configuration(settings: &Settings, hooks_role: &dyn Fn(&Hook) -> String) -> String {
    let mut out = format!(
        "deployment_configuration {{\n    strategy             = \"{}\"\n    bake_time_in_minutes = \"{}\"\n",
        settings.strategy(),
        settings.bake_minutes
    );
    match settings.shift {
        Shift::Canary { percent, minutes } => out.push_str(&format!(
            "\n    canary_configuration {{\n      canary_percent              = {percent}\n      canary_bake_time_in_minutes = \"{minutes}\"\n    }}\n"
        )),
        Shift::Linear { percent, minutes } => out.push_str(&format!(
            "\n    linear_configuration {{\n      step_percent              = {percent}\n      step_bake_time_in_minutes = \"{minutes}\"\n    }}\n"
        )),
        Shift::AllAtOnce | Shift::TaskByTask { .. } => {}
    }
    for hook in &settings.hooks {
        let stages: Vec<String> = hook.stages.iter().map(|stage| quote(stage)).collect();
        out.push_str(&format!(
            "\n    lifecycle_hook {{\n      hook_target_arn  = {}\n      role_arn         = {}\n      lifecycle_stages = [{}]\n    }}\n",
            quote(&hook.function),
            hooks_role(hook),
            stages.join(", ")
        ));
    }
    out.push_str("  }");
    out
}

/// `alarms` of the service.
pub(super) fn alarms(settings: &Settings) -> Option<String> {
    let alarms = settings.alarms.as_ref()?;
    let names: Vec<String> = alarms.names.iter().map(|name| quote(name)).collect();
    Some(format!(
        "alarms {{\n    enable      = true\n    rollback    = {}\n    alarm_names = [{}]\n  }}",
        alarms.rollback,
        names.join(", ")
    ))
}

/// `advanced_configuration` of the load balancer: expressions.
pub(super) fn advanced(idle: &str, production: &str, test: Option<&str>, role: &str) -> String {
    let test = test.map(|test| format!("      test_listener_rule         = {test}\n")).unwrap_or_default();
    format!(
        "advanced_configuration {{\n      alternate_target_group_arn = {idle}\n      production_listener_rule   = {production}\n{test}      role_arn                   = {role}\n    }}"
    )
}

/// Both target groups, all of the weight on the one with the tasks.
pub(super) fn forward(live: &str, idle: &str) -> String {
    format!(
        "forward {{\n      target_group {{\n        arn    = {live}\n        weight = 100\n      }}\n\n      target_group {{\n        arn    = {idle}\n        weight = 0\n      }}\n    }}"
    )
}

/// A rule behind all others of a listener.
pub(super) fn rule(name: &str, listener: &str, priority: i64, (live, idle): (&str, &str)) -> String {
    format!(
        "resource \"aws_lb_listener_rule\" \"{name}\" {{\n  listener_arn = {listener}\n  priority     = {priority}\n\n  action {{\n    type = \"forward\"\n\n    {}\n  }}\n\n  condition {{\n    path_pattern {{\n      values = [\"/*\"]\n    }}\n  }}\n}}\n",
        forward(live, idle)
    )
}

/// A role that ECS may assume; `named` is the argument with its name, or with what that begins with.
fn role(label: &str, named: &str) -> String {
    format!(
        "resource \"aws_iam_role\" \"{label}\" {{\n  {named}\n\n  assume_role_policy = jsonencode({{\n    Version = \"2012-10-17\"\n    Statement = [{{\n      Effect    = \"Allow\"\n      Action    = \"sts:AssumeRole\"\n      Principal = {{ Service = \"ecs.amazonaws.com\" }}\n    }}]\n  }})\n}}\n"
    )
}

/// The role with which ECS moves traffic.
pub(super) fn traffic_role(label: &str, named: &str, partition: &str) -> String {
    format!(
        "{}\nresource \"aws_iam_role_policy_attachment\" \"{label}\" {{\n  role       = aws_iam_role.{label}.name\n  policy_arn = \"arn:{partition}:iam::aws:policy/{}\"\n}}\n",
        role(label, named),
        super::known::POLICY
    )
}

/// The role with which ECS calls functions.
pub(super) fn hooks_role(label: &str, named: &str, hooks: &[Hook]) -> String {
    let functions: Vec<String> = hooks.iter().map(|hook| quote(&hook.function)).collect();
    format!(
        "{}\nresource \"aws_iam_role_policy\" \"{label}\" {{\n  name = \"invoke\"\n  role = aws_iam_role.{label}.id\n\n  policy = jsonencode({{\n    Version = \"2012-10-17\"\n    Statement = [{{\n      Effect   = \"Allow\"\n      Action   = \"lambda:InvokeFunction\"\n      Resource = [{}]\n    }}]\n  }})\n}}\n",
        role(label, named),
        functions.join(", ")
    )
}
