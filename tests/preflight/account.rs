//! Rules that look into the account, reading only.

use super::{BESIDE, base, base_text, changed, found};
use crate::support::stack::{Stack, stack};

/// Rules that speak only with an account.
pub(super) const SHOWN: &[&str] = &[
    "certificate",
    "fixed_name",
    "log_group",
    "missing_image",
    "not_empty",
    "other_network",
    "role_exists",
    "termination_wait",
];

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
    // A group of another region is looked for there.
    stack.write("main.tf", task("there", "there").replace("eu-west-1", "eu-central-1"));
    assert_eq!(look(&stack).into_iter().collect::<Vec<_>>(), ["log_group"]);
    stack.write("main.tf", task("their", "three"));
    assert_eq!(look(&stack).into_iter().collect::<Vec<_>>(), ["log_group", "role_exists"]);
    // The plan is stopped by it, and asks for nothing to be changed.
    stack.plan().fails().says("Warning: Log group does not exist").says("Error: Role does not exist");
    // Files alone cannot tell.
    assert!(found(&stack.run(&["check", "-offline", "-json"])).is_empty());
}

/// Texts of the mistakes that only a new stack makes certain: what exists may have been completed elsewhere.
const MISTAKES: &str = r#"
    resource "aws_subnet" "public_b" {
      cidr_block = "10.1.0.0/24"
    }

    resource "aws_ecs_service" "web" {
      load_balancer {
        target_group_arn = aws_lb_target_group.other.arn
        container_name   = "web"
        container_port   = 8080
      }
    }

    resource "aws_lb_listener" "production" {
      default_action {
        type = "fixed-response"

        fixed_response {
          content_type = "text/plain"
          status_code  = "404"
        }
      }
    }

    resource "aws_vpc_security_group_ingress_rule" "web" {
      for_each = { production = 443, test = 8080 }
    }

    resource "aws_iam_role_policy_attachment" "codedeploy" {
      policy_arn = "arn:aws:iam::aws:policy/CloudWatchLogsFullAccess"
    }
"#;
const OTHER: &str = r#"
    resource "aws_lb_target_group" "other" {
      name        = "other"
      port        = 8080
      protocol    = "HTTP"
      target_type = "ip"
      vpc_id      = aws_vpc.main.id
    }
"#;

#[test]
fn what_is_certain_stops_a_plan_and_the_rest_is_a_warning() {
    let text = format!("{MISTAKES}{BESIDE}{OTHER}");
    let stack = changed(&text).aws();
    stack
        .plan()
        .fails()
        .says("Error: Target group without a load balancer")
        .says("Error: Production listener does not forward to the pair")
        .says("Error: CodeDeploy may not pass the task's roles")
        .says("Error: Address ranges overlap")
        .says("Warning: Load balancer's security group is closed");
    // Without asking nothing of this is certain.
    for answer in [stack.run(&["check", "-offline"]), stack.run(&["plan", "-refresh=false"])] {
        answer.succeeds().says("Warning: Target group without a load balancer").never_says("Error:");
    }
}

/// What the plan is not about says something all the same, and nothing is said about it.
#[test]
fn a_part_of_a_stack_is_looked_at_with_the_rest_in_mind() {
    let text = base_text().replace("  depends_on = [aws_lb_listener.production]\n", "");
    // The image comes with the first push, which another test is about.
    let line = "  container_definitions    =";
    let text = text.replace(line, &format!("  # glaz:allow 001-2\n{line}"));
    let stack = stack().file("main.tf", text).aws();
    stack.run(&["plan", "-target=aws_ecs_service.web"]).succeeds().never_says("No listener forwards");
    for part in ["-target=aws_lb.main", "-target=aws_codedeploy_deployment_group.web", "-exclude=aws_lb_listener.test"]
    {
        let plan = stack.run(&["plan", part]).succeeds();
        plan.never_says("glaz check -explain");
    }
    stack.write("case_override.tf", "resource \"aws_lb_target_group\" \"green\" {\n  target_type = \"instance\"\n}\n");
    stack.run(&["plan", "-target=aws_vpc.main"]).succeeds().never_says("glaz check -explain");
    stack.run(&["plan", "-target=aws_lb_target_group.green"]).succeeds().says("Blue and green differ");
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

/// Rules that ask are silent too once everything is there, and while an emptied or forced repository goes.
#[test]
fn a_good_stack_passes_every_rule_also_in_the_account() {
    let registry = "resource \"aws_ecr_repository\" \"web\" {\n  name = \"web\"\n";
    let gone = "locals {\n  url = \"123456789012.dkr.ecr.eu-west-1.amazonaws.com/web\"\n}\n";
    let forced = base_text().replace(registry, &format!("{registry}  force_delete = true\n"));
    let stack = stack().file("main.tf", base_text()).aws();
    let look = |stack: &Stack| found(&stack.run(&["check", "-json"])).into_iter().collect::<Vec<_>>();
    assert_eq!(look(&stack), ["missing_image"]);
    stack.run(&["apply", "-auto-approve", "-target=aws_ecr_repository.web"]).succeeds();
    stack.emulator().push("web", "3f2a91c");
    assert_eq!(look(&stack), Vec::<String>::new());
    stack.apply().succeeds();
    assert_eq!(look(&stack), Vec::<String>::new());
    // A registry of another account that may not be looked at.
    stack.emulator().faults(r#"[{"service": "ecr", "operation": "DescribeImages", "kind": "deny"}]"#);
    stack.write("other_override.tf", OTHER_REGISTRY);
    assert_eq!(look(&stack), Vec::<String>::new());
    stack.emulator().no_faults();
    stack.write("other_override.tf", "");
    // What goes with its images because the files said so is told, and stops nothing.
    stack.write("main.tf", &forced);
    stack.apply().succeeds();
    stack.write(
        "main.tf",
        forced
            .replace(&format!("{registry}  force_delete = true\n}}\n"), gone)
            .replace("aws_ecr_repository.web.repository_url", "local.url"),
    );
    let output = stack.run(&["check"]).succeeds();
    output.says("Warning: Not empty");
}

const OTHER_REGISTRY: &str = r#"
    resource "aws_ecs_task_definition" "web" {
      container_definitions = jsonencode([merge(local.container, { image = "210987654321.dkr.ecr.eu-west-1.amazonaws.com/web:1" })])
    }
"#;

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
    // A network that exists may have got a second range.
    stack.write(
        "subnet.tf",
        "resource \"aws_subnet\" \"far\" {\n  vpc_id = aws_vpc.main.id\n  cidr_block = \"10.1.0.0/24\"\n}\n",
    );
    assert!(found(&stack.run(&["check", "-json"])).is_empty());
}

#[test]
fn what_stays_in_its_network_is_not_moved_to_another() {
    let look = |stack: &Stack| found(&stack.run(&["check", "-json"])).into_iter().collect::<Vec<_>>();
    let rest = r#"
        resource "aws_lb_target_group" "green" {
          port        = 80
          protocol    = "HTTP"
          target_type = "ip"
          vpc_id      = aws_vpc.main.id
        }
        resource "aws_ecs_task_definition" "web" {
          family                   = "web"
          requires_compatibilities = ["FARGATE"]
          network_mode             = "awsvpc"
          cpu                      = "256"
          memory                   = "512"
          container_definitions    = jsonencode([{ name = "web", image = "nginx:1", portMappings = [{ containerPort = 80 }] }])
        }
    "#;
    let service = SERVICE.replace("\"web:1\"", "aws_ecs_task_definition.web.arn");
    let network = NETWORK.replace("aws_lb_target_group.main", "aws_lb_target_group.green");
    let stack = stack().file("network.tf", &network).file("rest.tf", rest).file("service.tf", service).aws();
    stack.with_flags(&["apply", "-auto-approve", "-check=false"]).succeeds();
    let before = look(&stack);
    assert!(!before.contains(&"other_network".to_owned()), "{before:?}");
    stack.write("network.tf", network.replace("\"10.0.", "\"10.9."));
    assert!(look(&stack).contains(&"other_network".to_owned()));
    let plan = |flags: &[&str]| stack.with_flags(&[&["plan"], flags].concat());
    let refused = plan(&[]).fails();
    refused.says("-replace=aws_lb.main").says("-replace=aws_ecs_service.green");
    plan(&["-replace=aws_lb.main"]).fails().says("aws_ecs_service.green stays in its VPC");
    let both = plan(&["-replace=aws_lb.main", "-replace=aws_ecs_service.green"]);
    both.never_says("stays in its VPC");
}

const SERVICE: &str = r#"
    resource "aws_ecs_cluster" "main" {
      name = "main"
    }
    resource "aws_ecs_service" "green" {
      name            = "green"
      cluster         = aws_ecs_cluster.main.arn
      task_definition = "web:1"
      launch_type     = "FARGATE"
      network_configuration {
        subnets = [for subnet in aws_subnet.main : subnet.id]
      }
      load_balancer {
        target_group_arn = aws_lb_target_group.green.arn
        container_name   = "web"
        container_port   = 80
      }
    }
"#;

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
    // It has a load balancer, so a service may use it.
    stack.write("service.tf", SERVICE);
    let output = stack.run(&["check", "-json"]);
    assert!(found(&output).is_empty(), "{}", output.raw());
    stack.write("service.tf", "");
    stack.write("deploys.tf", deploys);
    let output = stack.run(&["check", "-json"]);
    assert!(found(&output).contains("pair_elsewhere"), "{}", output.raw());
}
