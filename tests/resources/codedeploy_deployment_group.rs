//! `aws_codedeploy_deployment_group`.

use crate::support::cases::{Cases, run};

#[test]
fn codedeploy_deployment_group() {
    run(&Cases {
        type_name: "aws_codedeploy_deployment_group",
        setup: r#"
            resource "aws_iam_role" "one" {
              name = "codedeploy"
              assume_role_policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Allow"
                  Action    = "sts:AssumeRole"
                  Principal = { Service = "codedeploy.amazonaws.com" }
                }]
              })
            }
            resource "aws_codedeploy_app" "server" {
              name = "server"
            }
            resource "aws_codedeploy_app" "ecs" {
              name             = "ecs"
              compute_platform = "ECS"
            }
            resource "aws_vpc" "one" {
              cidr_block = "10.0.0.0/16"
            }
            resource "aws_subnet" "one" {
              for_each          = { "eu-west-1a" = "10.0.1.0/24", "eu-west-1b" = "10.0.2.0/24" }
              vpc_id            = aws_vpc.one.id
              availability_zone = each.key
              cidr_block        = each.value
            }
            resource "aws_lb" "one" {
              name     = "one"
              internal = true
              subnets  = [for subnet in aws_subnet.one : subnet.id]
            }
            resource "aws_lb_target_group" "one" {
              for_each    = toset(["blue", "green"])
              name        = each.key
              port        = 80
              protocol    = "HTTP"
              target_type = "ip"
              vpc_id      = aws_vpc.one.id
            }
            resource "aws_lb_listener" "one" {
              for_each          = { production = 80, test = 81 }
              load_balancer_arn = aws_lb.one.arn
              port              = each.value
              protocol          = "HTTP"
              default_action {
                type             = "forward"
                target_group_arn = aws_lb_target_group.one["blue"].arn
              }
            }
            resource "aws_ecs_cluster" "one" {
              name = "one"
            }
            resource "aws_ecs_task_definition" "one" {
              family                   = "one"
              requires_compatibilities = ["FARGATE"]
              network_mode             = "awsvpc"
              cpu                      = "256"
              memory                   = "512"
              container_definitions    = jsonencode([{ name = "web", image = "nginx", portMappings = [{ containerPort = 80 }] }])
            }
            resource "aws_ecs_service" "one" {
              name            = "one"
              cluster         = aws_ecs_cluster.one.id
              task_definition = aws_ecs_task_definition.one.arn
              launch_type     = "FARGATE"
              force_delete    = true
              deployment_controller {
                type = "CODE_DEPLOY"
              }
              network_configuration {
                subnets = [for subnet in aws_subnet.one : subnet.id]
              }
              load_balancer {
                target_group_arn = aws_lb_target_group.one["blue"].arn
                container_name   = "web"
                container_port   = 80
              }
              depends_on = [aws_lb_listener.one]
            }
        "#,
        minimal: r#"
            app_name              = aws_codedeploy_app.server.name
            deployment_group_name = "it"
            service_role_arn      = aws_iam_role.one.arn
        "#,
        full: &[
            r#"
            app_name               = aws_codedeploy_app.ecs.name
            deployment_group_name  = "it"
            service_role_arn       = aws_iam_role.one.arn
            deployment_config_name = "CodeDeployDefault.ECSCanary10Percent5Minutes"
            deployment_style {
              deployment_type   = "BLUE_GREEN"
              deployment_option = "WITH_TRAFFIC_CONTROL"
            }
            ecs_service {
              cluster_name = aws_ecs_cluster.one.name
              service_name = aws_ecs_service.one.name
            }
            load_balancer_info {
              target_group_pair_info {
                prod_traffic_route {
                  listener_arns = [aws_lb_listener.one["production"].arn]
                }
                test_traffic_route {
                  listener_arns = [aws_lb_listener.one["test"].arn]
                }
                target_group {
                  name = aws_lb_target_group.one["blue"].name
                }
                target_group {
                  name = aws_lb_target_group.one["green"].name
                }
              }
            }
            blue_green_deployment_config {
              deployment_ready_option {
                action_on_timeout    = "STOP_DEPLOYMENT"
                wait_time_in_minutes = 60
              }
              terminate_blue_instances_on_deployment_success {
                action                           = "TERMINATE"
                termination_wait_time_in_minutes = 5
              }
            }
            auto_rollback_configuration {
              enabled = true
              events  = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]
            }
            alarm_configuration {
              enabled                   = true
              alarms                    = ["too-slow", "too-many-errors"]
              ignore_poll_alarm_failure = true
            }
            trigger_configuration {
              trigger_name       = "failed"
              trigger_events     = ["DeploymentFailure", "DeploymentRollback"]
              trigger_target_arn = "arn:aws:sns:eu-west-1:123456789012:deployments"
            }
            tags = { a = "1" }
            "#,
            r#"
            app_name                    = aws_codedeploy_app.server.name
            deployment_group_name       = "it"
            service_role_arn            = aws_iam_role.one.arn
            deployment_config_name      = "CodeDeployDefault.HalfAtATime"
            outdated_instances_strategy = "IGNORE"
            termination_hook_enabled    = true
            deployment_style {
              deployment_type   = "IN_PLACE"
              deployment_option = "WITH_TRAFFIC_CONTROL"
            }
            ec2_tag_set {
              ec2_tag_filter {
                key   = "role"
                type  = "KEY_AND_VALUE"
                value = "web"
              }
              ec2_tag_filter {
                key  = "canary"
                type = "KEY_ONLY"
              }
            }
            on_premises_instance_tag_filter {
              key  = "role"
              type = "KEY_ONLY"
            }
            load_balancer_info {
              target_group_info {
                name = aws_lb_target_group.one["blue"].name
              }
            }
            "#,
        ],
        changes: &[
            r#"
            app_name              = aws_codedeploy_app.server.name
            deployment_group_name = "it"
            service_role_arn      = aws_iam_role.one.arn
            ec2_tag_filter {
              key   = "role"
              type  = "KEY_AND_VALUE"
              value = "web"
            }
            auto_rollback_configuration {
              enabled = true
              events  = ["DEPLOYMENT_FAILURE"]
            }
            alarm_configuration {
              enabled = true
              alarms  = ["too-slow"]
            }
            tags = { a = "1" }
            "#,
            r#"
            app_name               = aws_codedeploy_app.server.name
            deployment_group_name  = "renamed"
            service_role_arn       = aws_iam_role.one.arn
            deployment_config_name = "CodeDeployDefault.AllAtOnce"
            auto_rollback_configuration {
              enabled = false
            }
            load_balancer_info {
              elb_info {
                name = "classic"
              }
            }
            tags = { a = "2" }
            "#,
            r#"
            app_name              = aws_codedeploy_app.server.name
            deployment_group_name = "renamed"
            service_role_arn      = aws_iam_role.one.arn
            "#,
        ],
        import: Some("{app_name}:{deployment_group_name}"),
        import_ignores: &[],
    });
}
