//! A service comes after the listeners and rules that forward to its target groups. Until then a target group has no load
//! balancer: "The target group ... does not have an associated load balancer". Deleted the other way round, requests
//! find a listener whose targets drain, and no error of AWS's.

use super::Rule;
use super::objects::{Edges, Objects};

pub(super) const RULE: Rule = Rule { later: &["aws_ecs_service"], why: "forwards to its target group", find };

const GROUPS: &[&[&str]] = &[
    &["load_balancer", "target_group_arn"],
    &["load_balancer", "advanced_configuration", "alternate_target_group_arn"],
];

fn find(objects: &Objects<'_>, edges: &mut Edges) {
    let of_listeners: &[&[&str]] =
        &[&["default_action", "target_group_arn"], &["default_action", "forward", "target_group", "arn"]];
    let of_rules: &[&[&str]] = &[&["action", "target_group_arn"], &["action", "forward", "target_group", "arn"]];
    let listeners = objects.by("aws_lb_listener", of_listeners);
    let rules = objects.by("aws_lb_listener_rule", of_rules);
    for service in objects.all("aws_ecs_service") {
        for path in GROUPS {
            edges.after(*service, service.texts(path), &listeners);
            edges.after(*service, service.texts(path), &rules);
        }
    }
}
