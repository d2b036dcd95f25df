# Services are trusted by the name they have in a region or a partition.
resource "aws_iam_role" "codedeploy" {
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "codedeploy.eu-west-1.amazonaws.com" } }]
  })
}

resource "aws_iam_role" "task" {
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:*", Principal = { Service = "ecs-tasks.${data.aws_partition.current.dns_suffix}" } }]
  })
}

resource "aws_iam_role" "execution" {
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

# --- beside it ---

data "aws_partition" "current" {}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = ["123456789012"]
    }
  }
}
