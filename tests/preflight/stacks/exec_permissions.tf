resource "aws_iam_role_policy" "exec" {
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "ssmmessages:Create*", Resource = "*" }]
  })
}
