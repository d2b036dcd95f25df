//! Cases of `aws_iam_role_policy`.

use crate::support::cases::{Cases, run};

#[test]
fn role_policy() {
    run(&Cases {
        type_name: "aws_iam_role_policy",
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

resource "aws_iam_role" "it" {
  name               = "it"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}"#,
        minimal: r#"role   = aws_iam_role.it.name
policy = data.aws_iam_policy_document.one.json"#,
        full: &[
            r#"name = "full"
role   = aws_iam_role.it.name
policy = data.aws_iam_policy_document.one.json"#,
            r#"name_prefix = "full-"
role   = aws_iam_role.it.name
policy = data.aws_iam_policy_document.one.json"#,
        ],
        changes: &[
            r#"role   = aws_iam_role.it.name
policy = data.aws_iam_policy_document.two.json"#,
            r#"role   = aws_iam_role.it.name
policy = data.aws_iam_policy_document.one.json"#,
        ],
        import: Some("{id}"),
        import_ignores: &[],
    });
}
