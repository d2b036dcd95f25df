//! Cases of `aws_iam_role_policy_attachment`.

use crate::support::cases::{Cases, run};

#[test]
fn role_policy_attachment() {
    run(&Cases {
        type_name: "aws_iam_role_policy_attachment",
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
}

resource "aws_iam_role" "it" {
  name               = "it"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}"#,
        minimal: r#"role       = aws_iam_role.it.name
policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy""#,
        full: &[r#"role       = aws_iam_role.it.name
policy_arn = aws_iam_policy.a.arn"#],
        changes: &[r#"role       = aws_iam_role.it.name
policy_arn = aws_iam_policy.b.arn"#],
        import: Some("{role}/{policy_arn}"),
        import_ignores: &[],
    });
}
