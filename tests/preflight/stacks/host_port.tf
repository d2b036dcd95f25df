# --- beside it ---

resource "aws_ecs_task_definition" "bridge" {
  family = "bridge"
  container_definitions = jsonencode([
    { name = "web", image = "web:3f2a91c", memory = 128, portMappings = [{ containerPort = 80, hostPort = 80 }] },
  ])
}

resource "aws_ecs_service" "bridge" {
  name            = "bridge"
  cluster         = aws_ecs_cluster.main.id
  task_definition = aws_ecs_task_definition.bridge.arn
  desired_count   = 2
}
