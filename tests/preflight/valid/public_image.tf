# The image is public: the execution role need not pull from ECR, and the task role may do everything.
locals {
  container = {
    name         = "web"
    image        = "public.ecr.aws/docker/library/nginx:1.29.3"
    portMappings = [{ containerPort = 8080 }]
  }
}

resource "aws_iam_role_policy_attachment" "execution" {
  policy_arn = "arn:aws:iam::aws:policy/CloudWatchLogsFullAccess"
}

# --- beside it ---

resource "aws_iam_role_policy_attachment" "task" {
  role       = aws_iam_role.task.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
