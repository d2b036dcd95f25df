# A listener whose rules lead to a service of their own, and a rule of the production listener that leads nowhere.
resource "aws_vpc_security_group_ingress_rule" "web" {
  for_each = { production = 80, test = 8080, admin = 9443 }
}

resource "aws_vpc_security_group_egress_rule" "tasks" {
  from_port = 8000
  to_port   = 9999
}

# --- beside it ---

resource "aws_vpc_security_group_egress_rule" "admin" {
  security_group_id            = aws_security_group.balancer.id
  referenced_security_group_id = aws_security_group.admin.id
  from_port                    = 9000
  to_port                      = 9000
  ip_protocol                  = "tcp"
}

resource "aws_lb_target_group" "admin" {
  name        = "admin"
  port        = 9000
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = aws_vpc.main.id
  health_check {
    path = "/ping"
  }
}

resource "aws_lb_listener" "admin" {
  load_balancer_arn = aws_lb.main.arn
  port              = 9443
  protocol          = "HTTPS"
  certificate_arn   = "arn:aws:acm:eu-west-1:123456789012:certificate/0d0aa54b-0f75-4b1c-9d3c-0bb0b3d8b2a1"
  default_action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      status_code  = "403"
    }
  }
}

resource "aws_lb_listener_rule" "admin" {
  listener_arn = aws_lb_listener.admin.arn
  priority     = 10
  condition {
    path_pattern {
      values = ["/admin/*"]
    }
  }
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.admin.arn
  }
}

resource "aws_lb_listener_rule" "maintenance" {
  listener_arn = aws_lb_listener.production.arn
  priority     = 5
  condition {
    host_header {
      values = ["down.example.com"]
    }
  }
  action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      message_body = "back soon"
      status_code  = "503"
    }
  }
}

resource "aws_security_group" "admin" {
  name   = "admin"
  vpc_id = aws_vpc.main.id
}

resource "aws_vpc_security_group_ingress_rule" "admin" {
  security_group_id            = aws_security_group.admin.id
  referenced_security_group_id = aws_security_group.balancer.id
  from_port                    = 9000
  to_port                      = 9000
  ip_protocol                  = "tcp"
}

resource "aws_vpc_security_group_egress_rule" "outside" {
  security_group_id = aws_security_group.admin.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

resource "aws_ecs_task_definition" "admin" {
  family                   = "admin"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = "256"
  memory                   = "512"
  execution_role_arn       = aws_iam_role.execution.arn
  container_definitions = jsonencode([{
    name         = "admin"
    image        = "public.ecr.aws/docker/library/nginx:1.27.2"
    portMappings = [{ containerPort = 9000 }]
  }])
}

resource "aws_ecs_service" "admin" {
  name                              = "admin"
  cluster                           = aws_ecs_cluster.main.arn
  task_definition                   = aws_ecs_task_definition.admin.arn
  desired_count                     = 1
  launch_type                       = "FARGATE"
  health_check_grace_period_seconds = 30
  network_configuration {
    subnets         = [aws_subnet.private_a.id, aws_subnet.private_b.id]
    security_groups = [aws_security_group.admin.id]
  }
  load_balancer {
    target_group_arn = aws_lb_target_group.admin.arn
    container_name   = "admin"
    container_port   = 9000
  }
  depends_on = [aws_lb_listener_rule.admin]
}
