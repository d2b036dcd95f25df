# Objects named by their id, which is their ARN, name or number.
resource "aws_lb_listener" "production" {
  load_balancer_arn = aws_lb.main.id

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.blue.id
  }
}

resource "aws_codedeploy_deployment_group" "web" {
  load_balancer_info {
    target_group_pair_info {
      prod_traffic_route {
        listener_arns = [aws_lb_listener.production.id]
      }
      test_traffic_route {
        listener_arns = [aws_lb_listener.test.arn]
      }
      target_group {
        name = aws_lb_target_group.blue.name
      }
      target_group {
        name = aws_lb_target_group.green.name
      }
    }
  }
}

resource "aws_iam_role_policy_attachment" "execution" {
  role = aws_iam_role.execution.id
}

resource "aws_ecs_service" "web" {
  task_definition = aws_ecs_task_definition.web.id
}
