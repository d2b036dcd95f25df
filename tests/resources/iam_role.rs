//! Cases of `aws_iam_role`.

use crate::support::cases::{Cases, run};

#[test]
fn role() {
    run(&Cases {
        type_name: "aws_iam_role",
        setup: r#"data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "one" {
  statement {
    sid       = "One"
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = ["*"]
  }
}
data "aws_iam_policy_document" "two" {
  source_policy_documents = [data.aws_iam_policy_document.one.json]
  statement {
    actions   = ["sqs:SendMessage"]
    resources = ["arn:aws:sqs:eu-west-1:123456789012:&{aws:username}"]
    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalTag/team"
      values   = ["a", "b"]
    }
  }
}

resource "aws_iam_policy" "a" {
  name   = "a"
  policy = data.aws_iam_policy_document.one.json
}
resource "aws_iam_policy" "b" {
  name   = "b"
  policy = data.aws_iam_policy_document.two.json
}"#,
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
