//! Cases that do not pass yet, each with the reason. They are run all the same, and what they say is printed; they fail
//! the test only with `GLAZ_PENDING=fail`. The list is to become empty.

/// Type, start of the case's name, reason.
const PENDING: &[(&str, &str, &str)] = &[
    ("aws_codedeploy_deployment_group", "", "functions"),
    ("aws_ecs_service", "", "functions"),
    ("aws_ecs_task_definition", "", "functions"),
    ("aws_iam_role", "changes", "functions"),
    ("aws_lb", "", "aws_s3_bucket"),
    ("aws_lb_listener", "", "tls_private_key"),
    ("aws_lb_listener_rule", "", "aws_security_group"),
    ("aws_lb_target_group_attachment", "full 0", "availability zone of a target in the network"),
];

/// Why the case need not pass yet.
pub fn reason(type_name: &str, case: &str) -> Option<&'static str> {
    let is_strict = std::env::var("GLAZ_PENDING").is_ok_and(|value| value == "fail");
    let found = PENDING.iter().find(|(name, start, _)| *name == type_name && case.starts_with(start));
    found.filter(|_| !is_strict).map(|(_, _, why)| *why)
}
