# Who may talk to whom:
#
#   the world ──80/443──▶ load balancer ──container port──▶ tasks ──▶ anywhere
#   testers ────test port───▶
#
# All rules are resources of their own. Mixed with inline ingress/egress blocks
# the two would delete each other's rules. And since a group made this way starts
# with no egress at all, the outgoing rules are as necessary as the incoming ones.

# --- load balancer -----------------------------------------------------------

resource "aws_security_group" "load_balancer" {
  # A prefix instead of a name: a group can only be replaced by one that exists
  # next to it, as long as network interfaces hold on to the old one.
  name_prefix = "${var.name}-alb-"
  description = "Load balancer of ${var.name}"
  vpc_id      = aws_vpc.this.id

  tags = merge(local.tags, { Name = "${var.name}-alb" })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "production" {
  for_each = toset(var.ingress_cidr_blocks)

  security_group_id = aws_security_group.load_balancer.id
  description       = "Production listener"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = local.production_port
  to_port           = local.production_port

  tags = local.tags
}

# Port 80 stays open next to HTTPS, for the redirect.
resource "aws_vpc_security_group_ingress_rule" "redirect" {
  for_each = var.tls == null ? toset([]) : toset(var.ingress_cidr_blocks)

  security_group_id = aws_security_group.load_balancer.id
  description       = "Redirect to HTTPS"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 80

  tags = local.tags
}

# The test listener shows a revision before its users see it.
resource "aws_vpc_security_group_ingress_rule" "test" {
  for_each = toset(var.test_ingress_cidr_blocks)

  security_group_id = aws_security_group.load_balancer.id
  description       = "Test listener"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = var.test_listener_port
  to_port           = var.test_listener_port

  tags = local.tags
}

# Tests that run inside the private subnets (a CodeDeploy hook, say) reach the
# public load balancer from the outside, with the address of a NAT gateway.
resource "aws_vpc_security_group_ingress_rule" "test_from_nat" {
  for_each = aws_eip.nat

  security_group_id = aws_security_group.load_balancer.id
  description       = "Test listener, from the private subnets"
  cidr_ipv4         = "${each.value.public_ip}/32"
  ip_protocol       = "tcp"
  from_port         = var.test_listener_port
  to_port           = var.test_listener_port

  tags = local.tags
}

# Requests and health checks.
resource "aws_vpc_security_group_egress_rule" "load_balancer_to_tasks" {
  security_group_id            = aws_security_group.load_balancer.id
  description                  = "Requests and health checks"
  referenced_security_group_id = aws_security_group.tasks.id
  ip_protocol                  = "tcp"
  from_port                    = var.container_port
  to_port                      = var.container_port

  tags = local.tags
}

# --- tasks -------------------------------------------------------------------

resource "aws_security_group" "tasks" {
  name_prefix = "${var.name}-tasks-"
  description = "Tasks of ${var.name}"
  vpc_id      = aws_vpc.this.id

  tags = merge(local.tags, { Name = "${var.name}-tasks" })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "tasks_from_load_balancer" {
  security_group_id            = aws_security_group.tasks.id
  description                  = "From the load balancer only"
  referenced_security_group_id = aws_security_group.load_balancer.id
  ip_protocol                  = "tcp"
  from_port                    = var.container_port
  to_port                      = var.container_port

  tags = local.tags
}

# Image pulls, logs, secrets, and whatever the application calls.
resource "aws_vpc_security_group_egress_rule" "tasks_to_anywhere" {
  security_group_id = aws_security_group.tasks.id
  description       = "Image pulls, logs, secrets, application"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1" # all protocols; ports must stay unset

  tags = local.tags
}
