data "aws_iam_policy_document" "trust" {
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
