use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::{groups_behind, is_same};
use crate::preflight::stack::Stack;

rule! {
    /// A target group or security group that others use cannot be deleted first, and with a fixed name the new one cannot
    /// be made first either. Such a replacement fails half-way: `ResourceInUse`, `DependencyViolation`,
    /// `DuplicateTargetGroupName`.
    ///
    /// Use `name_prefix` with `create_before_destroy`, or change the name along with what forces the replacement.
    "K39" "fixed-name" "Replacement of something in use with a fixed name" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    let behind: Vec<_> = stack.all("aws_lb_listener").iter().flat_map(|listener| groups_behind(stack, listener)).collect();
    for group in stack.all("aws_lb_target_group") {
        let Some(replaced) = stack.replaced(group) else { continue };
        let name = group.attr("name");
        let is_used = behind.iter().any(|one| is_same(one, &group.attr("arn")));
        let is_kept = replaced.name.is_some() && replaced.name == name.given();
        if is_used && is_kept {
            let why = if replaced.create_first {
                "a second one of the same name cannot be made beside it"
            } else {
                "it cannot be deleted while a listener forwards to it"
            };
            found.warning(&name, format!("{group} must be replaced, and {why}. Use `name_prefix` with `create_before_destroy = true`, or give it a new name."));
        }
    }
}
