//! Order that the files do not state, as the calls show it.

use crate::support::stack::{Stack, stack};

/// A service that refers to nothing it needs but its target group, its role and its subnets.
pub(super) const STACK: &str = concat!(
    include_str!("network.tf"),
    r#"
resource "aws_route_table" "one" {
  vpc_id = aws_vpc.one.id
}

resource "aws_route" "one" {
  route_table_id         = aws_route_table.one.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.one.id
}

resource "aws_route_table_association" "one" {
  for_each       = aws_subnet.one
  subnet_id      = each.value.id
  route_table_id = aws_route_table.one.id
}

resource "aws_lb" "web" {
  name    = "web"
  subnets = [for subnet in aws_subnet.one : subnet.id]
}

resource "aws_lb_target_group" "web" {
  name        = "web"
  port        = 80
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = aws_vpc.one.id
}

resource "aws_lb_listener" "web" {
  load_balancer_arn = aws_lb.web.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web.arn
  }
}

resource "aws_iam_role" "execution" {
  name = "execution"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ecs-tasks.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "execution" {
  role   = aws_iam_role.execution.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "logs:*", Resource = "*" }] })
}

resource "aws_cloudwatch_log_group" "web" {
  name = "/ecs/web"
}

resource "aws_ecs_cluster" "main" {
  name = "main"
}

resource "aws_ecs_task_definition" "web" {
  family                   = "web"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = "256"
  memory                   = "512"
  execution_role_arn       = aws_iam_role.execution.arn
  container_definitions = jsonencode([{
    name         = "web"
    image        = "nginx:1.27"
    portMappings = [{ containerPort = 80 }]
    logConfiguration = {
      logDriver = "awslogs"
      options   = { awslogs-group = "/ecs/web", awslogs-region = "eu-west-1", awslogs-stream-prefix = "web" }
    }
  }])
}

resource "aws_ecs_service" "web" {
  name            = "web"
  cluster         = aws_ecs_cluster.main.id
  task_definition = aws_ecs_task_definition.web.arn
  desired_count   = 1
  launch_type     = "FARGATE"
  network_configuration {
    subnets          = [for subnet in aws_subnet.one : subnet.id]
    assign_public_ip = true
  }
  load_balancer {
    target_group_arn = aws_lb_target_group.web.arn
    container_name   = "web"
    container_port   = 80
  }
}
"#
);

/// Where the first and the last call of an operation are in the log.
fn places(stack: &Stack, operation: &str) -> (usize, usize) {
    let calls = stack.emulator().calls();
    let at: Vec<usize> =
        calls.iter().enumerate().filter(|(_, call)| call.operation == operation).map(|(at, _)| at).collect();
    assert!(!at.is_empty(), "{operation} was not called");
    (at[0], at[at.len() - 1])
}

/// Every call of `earlier` is before every call of `later`.
#[track_caller]
pub(super) fn in_order(stack: &Stack, earlier: &[&str], later: &str) {
    for one in earlier {
        assert!(places(stack, one).1 < places(stack, later).0, "{one} came after {later}");
    }
}

const NEEDED: &[&str] = &["CreateListener", "PutRolePolicy", "CreateLogGroup", "CreateRoute", "AssociateRouteTable"];
const LET_GO: &[&str] =
    &["DeleteListener", "DeleteRolePolicy", "DeleteLogGroup", "DeleteRoute", "DisassociateRouteTable"];

/// The service is gone before anything it needed is.
#[track_caller]
fn taken_down_in_order(stack: &Stack) {
    for later in LET_GO {
        in_order(stack, &["DeleteService"], later);
    }
    in_order(stack, &["DeleteLoadBalancer"], "DetachInternetGateway");
    assert!(stack.instances().is_empty());
    stack.emulator().assert_empty();
}

#[test]
fn what_a_service_needs_is_made_first_and_deleted_last() {
    let stack = stack().file("main.tf", STACK).aws();
    stack.apply().succeeds();
    in_order(&stack, NEEDED, "CreateService");
    in_order(&stack, &["AttachInternetGateway"], "CreateLoadBalancer");
    stack.assert_nothing_to_do();
    stack.emulator().forget_calls();
    stack.destroy().succeeds();
    taken_down_in_order(&stack);
}

#[test]
fn the_order_of_a_destroy_needs_no_files_and_nothing_in_the_state_but_values() {
    let stack = stack().file("main.tf", STACK).aws();
    stack.apply().succeeds();
    // Such an edge is none of Terraform's dependencies, and state has none of it.
    let state = stack.state();
    let service = state["resources"].as_array().unwrap().iter().find(|one| one["type"] == "aws_ecs_service").unwrap();
    let depends_on = service["instances"][0]["dependencies"].to_string();
    assert!(depends_on.contains("aws_lb_target_group.web"), "{depends_on}");
    assert!(!depends_on.contains("aws_lb_listener.web"), "{depends_on}");
    std::fs::remove_file(stack.path("main.tf")).unwrap();
    stack.emulator().forget_calls();
    stack.destroy().succeeds();
    taken_down_in_order(&stack);
}

#[test]
fn what_the_files_say_wins_over_what_is_inferred() {
    // The listener waits for the service here: then the service cannot wait for the listener.
    let listener = "resource \"aws_lb_listener\" \"web\" {\n  depends_on = [aws_ecs_service.web]\n";
    let text = STACK.replace("resource \"aws_lb_listener\" \"web\" {\n", listener);
    let stack = stack().file("main.tf", text).aws();
    stack.run(&["plan"]).succeeds();
}

/// Applies the stack, lets it come to rest, and applies the other text: once is enough. Its calls are in the log.
pub(super) fn becomes(text: &str, other: &str) -> Stack {
    let stack = stack().file("main.tf", text).aws();
    stack.apply().succeeds();
    stack.emulator().clock(r#"{"advance": 7200}"#);
    stack.emulator().clock(r#"{"speed": 0, "per_poll": 5}"#);
    stack.emulator().forget_calls();
    stack.write("main.tf", other);
    stack.apply().succeeds();
    stack
}

/// Another image, so that the service changes as well.
fn with_another_image(text: &str) -> String {
    text.replace("nginx:1.27", "nginx:1.28")
}

const GROUP: &str = r#"
resource "aws_security_group" "web" {
  name   = "web"
  vpc_id = aws_vpc.one.id
}

resource "aws_vpc_security_group_ingress_rule" "old" {
  security_group_id = aws_security_group.web.id
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 80
  cidr_ipv4         = "10.0.0.0/8"
}
"#;

#[test]
fn a_renamed_security_group_rule_goes_before_it_is_made_again() {
    let uses = "    security_groups = [aws_security_group.web.id]\n    assign_public_ip";
    let text = format!("{STACK}{GROUP}").replace("    assign_public_ip", uses);
    // Stated or not, that the service comes after the rule is no reason to keep the old one.
    let stated = text.replace(
        "resource \"aws_ecs_service\" \"web\" {",
        "resource \"aws_ecs_service\" \"web\" {\n  depends_on = [aws_vpc_security_group_ingress_rule.old]",
    );
    for text in [text, stated] {
        let renamed = text
            .replace("ingress_rule\" \"old\"", "ingress_rule\" \"new\"")
            .replace("ingress_rule.old", "ingress_rule.new");
        let stack = becomes(&text, &with_another_image(&renamed));
        in_order(&stack, &["RevokeSecurityGroupIngress"], "AuthorizeSecurityGroupIngress");
        in_order(&stack, &["AuthorizeSecurityGroupIngress"], "UpdateService");
        stack.assert_nothing_to_do();
    }
}

#[test]
fn a_renamed_listener_rule_goes_before_its_priority_is_taken_again() {
    let rule = r#"
resource "aws_lb_listener_rule" "web" {
  for_each     = { old = "/api" }
  listener_arn = aws_lb_listener.web.arn
  priority     = 10
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web.arn
  }
  condition {
    path_pattern {
      values = [each.value]
    }
  }
}
"#;
    let text = format!("{STACK}{rule}");
    let stack = becomes(&text, &with_another_image(&text.replace("{ old =", "{ new =")));
    in_order(&stack, &["DeleteRule"], "CreateRule");
    in_order(&stack, &["CreateRule"], "UpdateService");
    stack.assert_nothing_to_do();
}

#[test]
fn a_renamed_policy_is_there_in_the_end() {
    let text = STACK.replace("  role   = aws_iam", "  name   = \"logs\"\n  role   = aws_iam");
    let renamed = text.replace("\"aws_iam_role_policy\" \"execution\"", "\"aws_iam_role_policy\" \"renamed\"");
    let stack = becomes(&text, &with_another_image(&renamed));
    in_order(&stack, &["DeleteRolePolicy"], "PutRolePolicy");
    in_order(&stack, &["PutRolePolicy"], "UpdateService");
    stack.assert_nothing_to_do();
}
