# ECS's own blue/green behind rules of an application load balancer: both target groups in one rule, or each in one of two.
# --- beside it ---
resource "aws_lb_listener_rule" "native" {
  listener_arn = aws_lb_listener.production.arn
  priority     = 7

  action {
    type = "forward"
    forward {
      target_group {
        arn    = aws_lb_target_group.native["blue"].arn
        weight = 100
      }
      target_group {
        arn    = aws_lb_target_group.native["green"].arn
        weight = 0
      }
    }
  }

  condition {
    path_pattern {
      values = ["/native/*"]
    }
  }
}

resource "aws_lb_target_group" "native" {
  for_each    = toset(["blue", "green"])
  name        = "native-${each.key}"
  port        = 8080
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = aws_vpc.main.id
}

resource "aws_ecs_service" "native" {
  name                              = "native"
  cluster                           = aws_ecs_cluster.main.id
  task_definition                   = aws_ecs_task_definition.web.arn
  launch_type                       = "FARGATE"
  desired_count                     = 1
  health_check_grace_period_seconds = 60

  deployment_configuration {
    strategy             = "BLUE_GREEN"
    bake_time_in_minutes = 5
  }

  network_configuration {
    subnets         = [aws_subnet.private_a.id]
    security_groups = [aws_security_group.tasks.id]
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.native["blue"].arn
    container_name   = "web"
    container_port   = 8080

    advanced_configuration {
      alternate_target_group_arn = aws_lb_target_group.native["green"].arn
      production_listener_rule   = aws_lb_listener_rule.native.arn
      role_arn                   = "arn:aws:iam::123456789012:role/infrastructure"
    }
  }
}
