# Made here and not by the first task: the managed execution policy may write to
# a log group but not create one, and one that ECS makes never expires.

resource "aws_cloudwatch_log_group" "this" {
  name              = "/ecs/${var.name}"
  retention_in_days = var.log_retention_days

  tags = local.tags
}
