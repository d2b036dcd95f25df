locals {
  container = {
    name         = "web"
    image        = "${aws_ecr_repository.web.repository_url}:3f2a91c"
    portMappings = [{ containerPort = 8080 }]
  }
}

resource "aws_ecs_task_definition" "web" {
  execution_role_arn = aws_iam_role.task.arn
  task_role_arn      = aws_iam_role.execution.arn
}

resource "aws_ecs_service" "web" {
  enable_execute_command = false
}
