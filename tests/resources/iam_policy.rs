//! Cases of `aws_iam_policy`.

use crate::support::cases::{Cases, run};

#[test]
fn policy() {
    run(&Cases {
        type_name: "aws_iam_policy",
        setup: r#"data "aws_iam_policy_document" "one" {
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
}"#,
        minimal: r#"name   = "it"
policy = data.aws_iam_policy_document.one.json"#,
        full: &[r#"name_prefix = "full-"
path        = "/service/"
description = "Everything"
policy      = data.aws_iam_policy_document.two.json
tags        = { Name = "full" }"#],
        changes: &[
            r#"name   = "it"
policy = data.aws_iam_policy_document.two.json
tags   = { Name = "it" }"#,
            r#"name   = "it"
policy = data.aws_iam_policy_document.one.json
tags = { Name = "other", more = "" }"#,
            r#"name                              = "it"
policy                            = data.aws_iam_policy_document.two.json
delay_after_policy_creation_in_ms = 10"#,
            r#"name   = "it"
policy = data.aws_iam_policy_document.one.json"#,
        ],
        import: Some("{arn}"),
        import_ignores: &[],
    });
}
