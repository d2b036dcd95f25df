resource "aws_ecs_service" "web" {
  health_check_grace_period_seconds = 0
}
