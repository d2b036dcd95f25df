# Whether tasks get a public address is known after apply.
resource "aws_ecs_service" "web" {
  network_configuration {
    subnets          = [aws_subnet.public_a.id, aws_subnet.public_b.id]
    security_groups  = [aws_security_group.tasks.id]
    assign_public_ip = tobool(terraform_data.public.output)
  }
}

# --- beside it ---

resource "terraform_data" "public" {
  input = timestamp() != ""
}
