# Tasks on instances, on ports that ECS chooses: the load balancer reaches the instances, not the tasks.
# --- beside it ---

resource "aws_ecs_task_definition" "bridge" {
  family = "bridge"
  container_definitions = jsonencode([
    { name = "web", image = "web:3f2a91c", memory = 128, portMappings = [{ containerPort = "80", hostPort = 0 }] },
  ])
}

resource "aws_ecs_task_definition" "fixed" {
  family       = "fixed"
  network_mode = "bridge"
  container_definitions = jsonencode([
    { name = "agent", image = "agent:1.2", memory = 128, portMappings = [{ containerPort = 8125, hostPort = 8125 }] },
  ])
}

resource "aws_lb_target_group" "instances" {
  name     = "instances"
  port     = 80
  protocol = "HTTP"
  vpc_id   = aws_vpc.main.id
}

resource "aws_lb_listener_rule" "instances" {
  listener_arn = aws_lb_listener.production.arn

  condition {
    path_pattern {
      values = ["/instances/*"]
    }
  }

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.instances.arn
  }
}

resource "aws_ecs_service" "bridge" {
  name            = "bridge"
  cluster         = aws_ecs_cluster.main.id
  task_definition = aws_ecs_task_definition.bridge.arn
  launch_type     = "EC2"
  desired_count   = 4

  load_balancer {
    target_group_arn = aws_lb_target_group.instances.arn
    container_name   = "web"
    container_port   = 80
  }
}

resource "aws_ecs_service" "fixed" {
  name            = "fixed"
  cluster         = aws_ecs_cluster.main.id
  task_definition = aws_ecs_task_definition.fixed.arn
  launch_type     = "EC2"
  desired_count   = 2

  placement_constraints {
    type = "distinctInstance"
  }
}

resource "aws_ecs_service" "daemon" {
  name                = "daemon"
  cluster             = aws_ecs_cluster.main.id
  task_definition     = aws_ecs_task_definition.fixed.arn
  launch_type         = "EC2"
  scheduling_strategy = "DAEMON"
}
