//! Rules that look into the account, reading only.

use super::{base, found};
use crate::support::stack::{Stack, stack};

/// Rules that speak only with an account.
pub(super) const SHOWN: &[&str] = &["log_group", "role_exists", "fixed_name", "missing_image", "not_empty"];

fn task(log_group: &str, role: &str) -> String {
    format!(
        r#"
        resource "aws_ecs_task_definition" "web" {{
          family             = "web"
          execution_role_arn = "arn:aws:iam::123456789012:role/{role}"
          container_definitions = jsonencode([{{
            name   = "web"
            image  = "web:3f2a91c"
            memory = 128
            logConfiguration = {{
              logDriver = "awslogs"
              options   = {{ awslogs-group = "{log_group}", awslogs-region = "eu-west-1", awslogs-stream-prefix = "web" }}
            }}
          }}])
        }}
        "#
    )
}

const MADE: &str = r#"
    resource "aws_cloudwatch_log_group" "there" {
      name = "there"
    }

    resource "aws_iam_role" "there" {
      name = "there"
      assume_role_policy = jsonencode({
        Version   = "2012-10-17"
        Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]
      })
    }
"#;

#[test]
fn names_that_are_written_out_must_exist() {
    let stack = stack().file("main.tf", task("there", "there")).file("other/main.tf", MADE).aws();
    stack.run(&["-chdir=other", "apply", "-auto-approve"]).succeeds();
    let look = |stack: &Stack| found(&stack.run(&["check", "-json"]));
    assert!(look(&stack).is_empty());
    stack.write("main.tf", task("their", "three"));
    assert_eq!(look(&stack).into_iter().collect::<Vec<_>>(), ["log_group", "role_exists"]);
    // The plan is stopped by it, and asks for nothing to be changed.
    stack.plan().fails().says("Log group does not exist").says("Role does not exist");
    // Files alone cannot tell.
    assert!(found(&stack.run(&["check", "-offline", "-json"])).is_empty());
}

#[test]
fn without_credentials_the_files_are_looked_at() {
    let zones = "data \"aws_availability_zones\" \"all\" {}\n";
    let stack = base().file("zones.tf", zones).without_env("AWS_ACCESS_KEY_ID").without_env("AWS_SECRET_ACCESS_KEY");
    stack.run(&["check"]).succeeds().says("No credentials: the account is not looked at.");
}

#[test]
fn an_image_that_is_written_out_must_have_been_pushed() {
    let text = |tag: &str| {
        format!(
            r#"
            resource "aws_ecr_repository" "web" {{
              name = "web"
            }}
            resource "aws_ecs_task_definition" "web" {{
              family                = "web"
              container_definitions = jsonencode([{{
                name   = "web"
                image  = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:{tag}"
                memory = 128
              }}])
            }}
            resource "aws_ecs_service" "web" {{
              name            = "web"
              task_definition = aws_ecs_task_definition.web.arn
              desired_count   = 1
            }}
            "#
        )
    };
    let stack = stack().file("main.tf", text("3f2a91c")).aws();
    stack.run(&["apply", "-auto-approve", "-target=aws_ecr_repository.web"]).succeeds();
    stack.emulator().push("web", "3f2a91c");
    let look = |stack: &Stack| found(&stack.run(&["check", "-json"])).into_iter().collect::<Vec<_>>();
    assert!(look(&stack).is_empty());
    stack.write("main.tf", text("7c81d02"));
    assert_eq!(look(&stack), ["missing_image"]);
    assert!(found(&stack.run(&["check", "-offline", "-json"])).is_empty());
    stack.write("main.tf", text("7c81d02").replace("desired_count   = 1", "desired_count   = 0"));
    assert!(look(&stack).is_empty());
}

#[test]
fn what_is_deleted_must_be_empty() {
    let stack = stack().file("main.tf", "resource \"aws_ecr_repository\" \"web\" {\n  name = \"web\"\n}\n").aws();
    stack.apply().succeeds();
    stack.write("main.tf", "locals {}\n");
    let look = |stack: &Stack| found(&stack.run(&["check", "-json"])).into_iter().collect::<Vec<_>>();
    assert!(look(&stack).is_empty());
    stack.emulator().push("web", "3f2a91c");
    assert_eq!(look(&stack), ["not_empty"]);
}

const NETWORK: &str = r#"
        resource "aws_vpc" "main" {
          cidr_block = "10.0.0.0/16"
          tags       = { Name = "main" }
        }
        resource "aws_internet_gateway" "main" {
          vpc_id = aws_vpc.main.id
          tags   = { Name = "main" }
        }
        resource "aws_subnet" "main" {
          for_each          = { a = "10.0.0.0/24", b = "10.0.1.0/24" }
          vpc_id            = aws_vpc.main.id
          cidr_block        = each.value
          availability_zone = "eu-west-1${each.key}"
        }
        resource "aws_lb" "main" {
          name       = "main"
          subnets    = [for subnet in aws_subnet.main : subnet.id]
          depends_on = [aws_internet_gateway.main]
        }
        resource "aws_lb_listener" "main" {
          load_balancer_arn = aws_lb.main.arn
          port              = 80
          protocol          = "HTTP"
          default_action {
            type             = "forward"
            target_group_arn = aws_lb_target_group.main.arn
          }
        }
"#;

#[test]
fn a_name_that_stays_is_in_the_way_of_a_replacement() {
    let group = |name: &str, port: u16| {
        format!(
            "resource \"aws_lb_target_group\" \"main\" {{\n  name = \"{name}\"\n  port = {port}\n  protocol = \"HTTP\"\n  vpc_id = aws_vpc.main.id\n}}\n"
        )
    };
    let stack = stack().file("network.tf", NETWORK).file("group.tf", group("web", 80)).aws();
    stack.apply().succeeds();
    stack.write("group.tf", group("web", 81));
    assert_eq!(found(&stack.run(&["check", "-json"])).into_iter().collect::<Vec<_>>(), ["fixed_name"]);
    stack.write("group.tf", group("other", 81));
    assert!(found(&stack.run(&["check", "-json"])).is_empty());
}

#[test]
fn a_target_group_behind_another_load_balancer_is_found_in_the_account() {
    let group = r#"
        resource "aws_lb_target_group" "main" {
          name        = "blue"
          port        = 80
          protocol    = "HTTP"
          target_type = "ip"
          vpc_id      = aws_vpc.main.id
        }
        resource "aws_lb_target_group" "green" {
          name        = "green"
          port        = 80
          protocol    = "HTTP"
          target_type = "ip"
          vpc_id      = aws_vpc.main.id
        }
        output "green" {
          value = aws_lb_target_group.green.arn
        }
        output "subnets" {
          value = [for subnet in aws_subnet.main : subnet.id]
        }
    "#;
    let deploys = r#"
        resource "aws_codedeploy_app" "web" {
          name             = "web"
          compute_platform = "ECS"
        }
        resource "aws_codedeploy_deployment_group" "web" {
          app_name               = aws_codedeploy_app.web.name
          deployment_group_name  = "web"
          deployment_config_name = "CodeDeployDefault.ECSAllAtOnce"
          service_role_arn       = "arn:aws:iam::123456789012:role/any"
          deployment_style {
            deployment_option = "WITH_TRAFFIC_CONTROL"
            deployment_type   = "BLUE_GREEN"
          }
          blue_green_deployment_config {
            deployment_ready_option {
              action_on_timeout = "CONTINUE_DEPLOYMENT"
            }
            terminate_blue_instances_on_deployment_success {
              action = "TERMINATE"
            }
          }
          ecs_service {
            cluster_name = "main"
            service_name = "web"
          }
          load_balancer_info {
            target_group_pair_info {
              prod_traffic_route {
                listener_arns = [aws_lb_listener.main.arn]
              }
              target_group {
                name = aws_lb_target_group.main.name
              }
              target_group {
                name = aws_lb_target_group.green.name
              }
            }
          }
        }
    "#;
    let other = r#"
        variable "green" {
          type = string
        }
        variable "subnets" {
          type = list(string)
        }
        resource "aws_lb" "other" {
          name    = "other"
          subnets = var.subnets
        }
        resource "aws_lb_listener" "other" {
          load_balancer_arn = aws_lb.other.arn
          port              = 80
          protocol          = "HTTP"
          default_action {
            type             = "forward"
            target_group_arn = var.green
          }
        }
    "#;
    let stack = stack().file("network.tf", NETWORK).file("group.tf", group).file("other/main.tf", other).aws();
    stack.apply().succeeds();
    let value = |name: &str| stack.run(&["output", "-json", name]).succeeds().out;
    let (green, subnets) = (value("green"), value("subnets"));
    let (green, subnets) =
        (format!("-var=green={}", green.trim().trim_matches('"')), format!("-var=subnets={subnets}"));
    stack.run(&["-chdir=other", "apply", "-auto-approve", &green, &subnets]).succeeds();
    stack.write("deploys.tf", deploys);
    let output = stack.run(&["check", "-json"]);
    assert!(found(&output).contains("pair_elsewhere"), "{}", output.raw());
}
