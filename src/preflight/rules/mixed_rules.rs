use crate::preflight::rule::{Findings, rule};
use crate::preflight::stack::Stack;

rule! {
    /// Rules written inside `aws_security_group` mean: these and no others. Rules that are resources of their own, for
    /// the same group, are removed by the next apply and made again by the one after it. The two sides delete each
    /// other's work for ever.
    ///
    /// Write all rules of a group in one style, best as `aws_vpc_security_group_ingress_rule` and its counterpart.
    "K34" "mixed-rules" "Rules inside and outside a security group" check
}

const OUTSIDE: &[(&str, Option<&str>)] = &[
    ("aws_security_group_rule", None),
    ("aws_vpc_security_group_ingress_rule", Some("ingress")),
    ("aws_vpc_security_group_egress_rule", Some("egress")),
];

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for group in stack.all("aws_security_group") {
        for (type_name, kind) in OUTSIDE {
            for rule in stack.that_name(type_name, "security_group_id", group.attr("id").text()) {
                let Some(kind) = kind.or_else(|| rule.attr("type").text()) else { continue };
                if group.attr(kind).is_said() {
                    found.error(&group.block(kind), format!("{group} has `{kind}` rules of its own, and {rule} adds one from outside: each apply would remove what the other makes. Use one style for all rules of the group."));
                }
            }
        }
    }
}
