//! Cases of `aws_iam_role`.

use crate::support::cases::{Cases, run};

#[test]
fn role() {
    run(&Cases {
        type_name: "aws_iam_role",
        setup: concat!(include_str!("setups/policy_documents.tf"), include_str!("setups/policies.tf")),
        minimal: r#"name               = "it"
assume_role_policy = data.aws_iam_policy_document.trust.json"#,
        full: &[r#"name_prefix           = "full-"
path                  = "/service/"
assume_role_policy    = data.aws_iam_policy_document.trust.json
description           = "Everything"
max_session_duration  = 7200
permissions_boundary  = aws_iam_policy.a.arn
force_detach_policies = true
managed_policy_arns   = [aws_iam_policy.b.arn]
tags                  = { Name = "full" }
inline_policy {
  name   = "one"
  policy = data.aws_iam_policy_document.one.json
}"#],
        changes: &[
            r#"name               = "it"
assume_role_policy = data.aws_iam_policy_document.trust.json
description = "It"
max_session_duration = 7200"#,
            r#"name               = "it"
assume_role_policy = data.aws_iam_policy_document.trust.json

permissions_boundary = aws_iam_policy.a.arn
tags                 = { Name = "it" }"#,
            r#"name               = "it"
assume_role_policy = data.aws_iam_policy_document.trust.json

permissions_boundary = aws_iam_policy.b.arn
managed_policy_arns  = [aws_iam_policy.a.arn, aws_iam_policy.b.arn]
tags                 = { Name = "other", more = "" }"#,
            r#"name                = "it"
managed_policy_arns = []
assume_role_policy  = jsonencode({
  Version = "2012-10-17"
  Statement = {
    Effect    = "Allow"
    Action    = "sts:AssumeRole"
    Principal = { Service = ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"] }
  }
})
inline_policy {
  name   = "one"
  policy = data.aws_iam_policy_document.one.json
}"#,
            r#"name               = "it"
assume_role_policy = data.aws_iam_policy_document.trust.json
force_detach_policies = true
inline_policy {}"#,
        ],
        import: Some("{id}"),
        import_ignores: &[],
    });
}
