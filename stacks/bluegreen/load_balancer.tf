# One load balancer, two target groups, two listeners.
#
# Production and test listener both start on blue. From then on CodeDeploy moves
# them: a deployment fills the idle group, shows it on the test listener, then
# shifts production to it, and the next deployment swings back.

resource "aws_lb" "this" {
  name               = var.name
  load_balancer_type = "application" # only an ALB can shift traffic gradually
  internal           = false
  subnets            = [for subnet in aws_subnet.public : subnet.id]
  security_groups    = [aws_security_group.load_balancer.id]

  drop_invalid_header_fields = true
  enable_deletion_protection = var.deletion_protection

  tags = merge(local.tags, { Name = var.name })

  # "Subnet has no internet gateway" otherwise; and on the way down the gateway
  # cannot be detached while the load balancer still has public addresses.
  depends_on = [
    aws_internet_gateway.this,
    aws_route.public_internet,
    aws_route_table_association.public,
  ]
}

# One resource for both: blue and green cannot differ in anything but the name.
resource "aws_lb_target_group" "this" {
  for_each = toset(["blue", "green"])

  name        = "${var.name}-${each.key}"
  vpc_id      = aws_vpc.this.id
  target_type = "ip" # Fargate tasks have addresses, not instances
  protocol    = "HTTP"

  # Only a fallback: ECS registers every task with its container port. A constant
  # here means that another container_port does not replace a group in use.
  port = 80

  # How long a stopping task may finish its requests.
  deregistration_delay = var.deregistration_delay_seconds

  health_check {
    protocol            = "HTTP"
    port                = "traffic-port"
    path                = var.health_check.path
    matcher             = var.health_check.matcher
    interval            = var.health_check.interval
    timeout             = var.health_check.timeout
    healthy_threshold   = var.health_check.healthy_threshold
    unhealthy_threshold = var.health_check.unhealthy_threshold
  }

  tags = merge(local.tags, { Name = "${var.name}-${each.key}" })
}

resource "aws_lb_listener" "production" {
  load_balancer_arn = aws_lb.this.arn
  port              = local.production_port
  protocol          = local.production_protocol
  certificate_arn   = var.tls == null ? null : var.tls.certificate_arn
  ssl_policy        = var.tls == null ? null : var.tls.ssl_policy

  # Where production starts. CodeDeploy decides from there on, and glaz leaves it
  # to that. Terraform would point everybody back to blue, and needs
  #   lifecycle { ignore_changes = [default_action] }
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this["blue"].arn
  }

  tags = local.tags
}

resource "aws_lb_listener" "test" {
  load_balancer_arn = aws_lb.this.arn
  port              = var.test_listener_port # glaz:allow K07 closed until test_ingress_cidr_blocks names somebody
  protocol          = local.production_protocol
  certificate_arn   = var.tls == null ? null : var.tls.certificate_arn
  ssl_policy        = var.tls == null ? null : var.tls.ssl_policy

  # Blue, like production: CodeDeploy refuses a group whose test listener already
  # stands on green. Governed by it afterwards.
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this["blue"].arn
  }

  tags = local.tags
}

# With HTTPS, plain requests are sent there. Not part of any deployment.
resource "aws_lb_listener" "redirect" {
  count = var.tls == null ? 0 : 1

  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "redirect"

    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }

  tags = local.tags
}
