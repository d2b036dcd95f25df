//! Arguments with an empty text, as modules give them that have nothing to say: taken for left out, by the plan and by the call.

use crate::support::stack::stack;

/// Of each, arguments that the service decides when they are left out, and arguments that nobody decides.
const EMPTY: &str = r#"
variable "none" {
  default = ""
}

resource "aws_vpc" "one" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "one" {
  vpc_id               = aws_vpc.one.id
  cidr_block           = "10.0.1.0/24"
  availability_zone    = var.none
  outpost_arn          = var.none
}

resource "aws_subnet" "two" {
  vpc_id               = aws_vpc.one.id
  cidr_block           = "10.0.2.0/24"
  availability_zone_id = var.none
}

resource "aws_security_group" "one" {
  vpc_id = aws_vpc.one.id
  name   = var.none
}

resource "aws_security_group" "two" {
  vpc_id      = var.none
  name_prefix = var.none
}

resource "aws_vpc_security_group_ingress_rule" "one" {
  security_group_id = aws_security_group.one.id
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 80
  cidr_ipv4         = "10.0.0.0/8"
}

resource "aws_eip" "one" {
  domain               = "vpc"
  instance             = var.none
  network_border_group = var.none
  public_ipv4_pool     = var.none
}

resource "aws_ecr_repository" "one" {
  name = "one"
  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = var.none
  }
}

resource "aws_ecs_cluster" "one" {
  name = "one"
}

resource "aws_ecs_task_definition" "one" {
  family                = "one"
  task_role_arn         = var.none
  execution_role_arn    = var.none
  container_definitions = jsonencode([{ name = "a", image = "b", memory = 10 }])
}

resource "aws_ecs_service" "one" {
  name             = "one"
  cluster          = aws_ecs_cluster.one.id
  task_definition  = aws_ecs_task_definition.one.arn
  desired_count    = 0
  iam_role         = var.none
  platform_version = var.none
}

resource "aws_lb" "one" {
  name               = "one"
  load_balancer_type = "network"
  internal           = true
  subnets            = [aws_subnet.one.id]
}

resource "aws_lb_target_group" "one" {
  name     = "one"
  port     = 80
  protocol = "TCP"
  vpc_id   = aws_vpc.one.id
}

resource "aws_lb_listener" "one" {
  load_balancer_arn = aws_lb.one.arn
  port              = 80
  protocol          = "TCP"
  certificate_arn   = var.none
  ssl_policy        = var.none
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.one.arn
  }
}

resource "aws_iam_role" "one" {
  name                 = "one"
  description          = var.none
  permissions_boundary = var.none
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs.amazonaws.com" } }]
  })
}
"#;

#[test]
fn it_says_nothing() {
    let stack = stack().unchecked().aws().file("main.tf", EMPTY);
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    // It means the same as null.
    stack.write("main.tf", EMPTY.replace("= var.none", "= null"));
    stack.assert_nothing_to_do();
    let said = EMPTY.replace("availability_zone_id = var.none", "availability_zone_id = \"euw1-az1\"");
    stack.write("main.tf", said.replace("description          = var.none", "description          = \"one\""));
    stack.apply().succeeds();
    // Where the service decides, what is there stays; what nobody decides is taken away.
    stack.write("main.tf", EMPTY);
    stack.plan().ends_with(2).says("0 to add, 1 to change, 0 to destroy").says("description");
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn it_is_missing_where_it_is_needed() {
    let listener = EMPTY.replace("protocol          = \"TCP\"", "protocol          = \"TLS\"");
    let stack = stack().unchecked().aws().file("main.tf", listener);
    stack.plan().fails().says("A listener that speaks TLS shows a certificate");
}
