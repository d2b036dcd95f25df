use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::{groups_behind, is_same};
use crate::preflight::stack::{Object, Place, Replaced, Stack};

rule! {
    /// A target group or security group that others use cannot be deleted first, and with a fixed name the new one cannot
    /// be made first either. Such a replacement fails half-way: `ResourceInUse`, `DependencyViolation`,
    /// `DuplicateTargetGroupName`.
    ///
    /// Use `name_prefix` with `create_before_destroy`, or change the name along with what forces the replacement.
    "K39" "fixed-name" "Replacement of something in use with a fixed name" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    let listeners = stack.all("aws_lb_listener").iter();
    let behind: Vec<_> = listeners.flat_map(|listener| groups_behind(stack, listener)).collect();
    for group in stack.all("aws_lb_target_group") {
        let is_used = behind.iter().any(|one| is_same(one, &group.attr("arn")));
        look_at(stack, group, is_used, "a listener forwards to it", found);
    }
    let places = |type_name: &str, block: Option<&str>| -> Vec<Place<'_>> {
        let objects = stack.all(type_name).iter();
        let around = objects.map(|object| block.map_or_else(|| object.clone(), |block| object.block(block)));
        around.flat_map(|place| place.items("security_groups")).collect()
    };
    let mut users = places("aws_lb", None);
    users.extend(places("aws_ecs_service", Some("network_configuration")));
    for group in stack.all("aws_security_group") {
        // In another VPC the name is free.
        let stays = |replaced: Replaced<'_>| replaced.before("vpc_id") == group.attr("vpc_id").text();
        let is_used = users.iter().any(|one| is_same(one, &group.attr("id"))) && stack.replaced(group).is_some_and(stays);
        look_at(stack, group, is_used, "something uses it", found);
    }
}

fn look_at(stack: &Stack<'_>, object: &Object<'_>, is_used: bool, use_of_it: &str, found: &mut Findings) {
    let Some(replaced) = stack.replaced(object).filter(|_| is_used) else { return };
    let name = object.attr("name");
    if replaced.before("name").is_none() || replaced.before("name") != name.given() {
        return;
    }
    let why = if replaced.create_first {
        "a second one of the same name cannot be made beside it".to_owned()
    } else {
        format!("it cannot be deleted while {use_of_it}")
    };
    found.warning(&name, format!("{object} must be replaced, and {why}. Use `name_prefix` with `create_before_destroy = true`, or give it a new name."));
}
