# Policies that nobody here has read, and one that allows more than its name says.
resource "aws_iam_role_policy_attachment" "codedeploy" {
  policy_arn = "arn:aws:iam::aws:policy/AmazonECS_FullAccess"
}

resource "aws_iam_role_policy" "secrets" {
  role = element(split("/", aws_iam_role.execution.arn), 1)
}

resource "aws_iam_role_policy_attachment" "execution" {
  policy_arn = "arn:aws:iam::123456789012:policy/AmazonEC2ContainerRegistryReadOnly"
}

resource "aws_iam_role_policy" "exec" {
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = { Effect = "Allow", NotAction = ["iam:*"], Resource = "*" }
  })
}
