//! `aws_ecs_service`.

use crate::support::cases::{Cases, run};

#[test]
fn ecs_service() {
    run(&Cases {
        type_name: "aws_ecs_service",
        setup: r#"
            resource "aws_vpc" "one" {
              cidr_block = "10.0.0.0/16"
            }
            resource "aws_subnet" "one" {
              vpc_id            = aws_vpc.one.id
              availability_zone = "eu-west-1a"
              cidr_block        = "10.0.1.0/24"
            }
            resource "aws_subnet" "two" {
              vpc_id            = aws_vpc.one.id
              availability_zone = "eu-west-1b"
              cidr_block        = "10.0.2.0/24"
            }
            resource "aws_security_group" "one" {
              name   = "one"
              vpc_id = aws_vpc.one.id
            }
            resource "aws_ecs_cluster" "one" {
              name = "one"
            }
            resource "aws_ecs_cluster_capacity_providers" "one" {
              cluster_name       = aws_ecs_cluster.one.name
              capacity_providers = ["FARGATE", "FARGATE_SPOT"]
            }
            resource "aws_ecs_task_definition" "ec2" {
              family                = "ec2"
              container_definitions = jsonencode([{ name = "web", image = "nginx", memory = 128 }])
            }
            resource "aws_ecs_task_definition" "fargate" {
              for_each                 = toset(["one", "two"])
              family                   = each.key
              requires_compatibilities = ["FARGATE"]
              network_mode             = "awsvpc"
              cpu                      = "256"
              memory                   = "512"
              container_definitions = jsonencode([
                { name = "web", image = "nginx", portMappings = [{ name = "http", containerPort = 80 }] },
              ])
              volume {
                name                = "data"
                configure_at_launch = true
              }
            }
            resource "aws_lb" "one" {
              name     = "one"
              internal = true
              subnets  = [aws_subnet.one.id, aws_subnet.two.id]
            }
            resource "aws_lb_target_group" "two" {
              name        = "two"
              port        = 80
              protocol    = "HTTP"
              target_type = "ip"
              vpc_id      = aws_vpc.one.id
            }
            resource "aws_lb_target_group" "one" {
              name        = "one"
              port        = 80
              protocol    = "HTTP"
              target_type = "ip"
              vpc_id      = aws_vpc.one.id
            }
            resource "aws_lb_listener" "one" {
              load_balancer_arn = aws_lb.one.arn
              port              = 80
              protocol          = "HTTP"
              default_action {
                type             = "forward"
                target_group_arn = aws_lb_target_group.one.arn
              }
            }
            resource "aws_lb_listener_rule" "one" {
              for_each     = { production = 1, test = 2 }
              listener_arn = aws_lb_listener.one.arn
              priority     = each.value
              condition {
                path_pattern {
                  values = ["/${each.key}"]
                }
              }
              action {
                type             = "forward"
                target_group_arn = each.key == "production" ? aws_lb_target_group.one.arn : aws_lb_target_group.two.arn
              }
              lifecycle {
                // ECS's own strategies move the weights.
                ignore_changes = [action]
              }
            }
        "#,
        minimal: r#"
            name            = "it"
            cluster         = aws_ecs_cluster.one.id
            task_definition = aws_ecs_task_definition.ec2.arn
        "#,
        full: &[
            // CodeDeploy, as in the blue/green stack.
            r#"
            name             = "it"
            cluster          = aws_ecs_cluster.one.id
            task_definition  = aws_ecs_task_definition.fargate["one"].arn
            desired_count    = 2
            launch_type      = "FARGATE"
            platform_version = "LATEST"
            deployment_controller {
              type = "CODE_DEPLOY"
            }
            network_configuration {
              subnets         = [aws_subnet.one.id, aws_subnet.two.id]
              security_groups = [aws_security_group.one.id]
            }
            load_balancer {
              target_group_arn = aws_lb_target_group.one.arn
              container_name   = "web"
              container_port   = 80
            }
            health_check_grace_period_seconds  = 60
            deployment_maximum_percent         = 300
            deployment_minimum_healthy_percent = 50
            enable_ecs_managed_tags            = true
            enable_execute_command             = true
            propagate_tags                     = "SERVICE"
            force_delete                       = true
            wait_for_steady_state              = true
            tags                               = { a = "1" }
            timeouts {
              create = "10m"
            }
            depends_on = [aws_lb_listener.one]
            "#,
            // ECS's own rolling deployments.
            r#"
            name                          = "it"
            cluster                       = aws_ecs_cluster.one.name
            task_definition               = aws_ecs_task_definition.fargate["one"].arn
            desired_count                 = 1
            launch_type                   = "FARGATE"
            availability_zone_rebalancing = "DISABLED"
            scheduling_strategy           = "REPLICA"
            force_new_deployment          = true
            sigint_rollback               = true
            wait_for_steady_state         = true
            triggers                      = { image = "1" }
            network_configuration {
              subnets          = [aws_subnet.one.id]
              assign_public_ip = true
            }
            deployment_controller {
              type = "ECS"
            }
            deployment_circuit_breaker {
              enable   = true
              rollback = true
            }
            alarms {
              alarm_names = ["too-slow"]
              enable      = true
              rollback    = true
            }
            deployment_configuration {
              strategy             = "ROLLING"
              bake_time_in_minutes = "5"
              lifecycle_hook {
                hook_target_arn  = "arn:aws:lambda:eu-west-1:123456789012:function:check"
                role_arn         = "arn:aws:iam::123456789012:role/hook"
                lifecycle_stages = ["PRE_SCALE_UP", "POST_SCALE_UP"]
                hook_details     = jsonencode({ level = 3, names = ["a"] })
              }
            }
            service_registries {
              registry_arn = "arn:aws:servicediscovery:eu-west-1:123456789012:service/srv-1"
              port         = 80
            }
            service_connect_configuration {
              enabled   = true
              namespace = "arn:aws:servicediscovery:eu-west-1:123456789012:namespace/ns-1"
              access_log_configuration {
                format                   = "JSON"
                include_query_parameters = "ENABLED"
              }
              log_configuration {
                log_driver = "awslogs"
                options    = { awslogs-group = "proxy" }
                secret_option {
                  name       = "token"
                  value_from = "arn:aws:ssm:eu-west-1:123456789012:parameter/token"
                }
              }
              service {
                port_name             = "http"
                discovery_name        = "web"
                ingress_port_override = 8080
                client_alias {
                  port     = 80
                  dns_name = "web"
                }
                timeout {
                  idle_timeout_seconds        = 60
                  per_request_timeout_seconds = 15
                }
                tls {
                  kms_key  = "arn:aws:kms:eu-west-1:123456789012:key/11111111-1111-1111-1111-111111111111"
                  role_arn = "arn:aws:iam::123456789012:role/tls"
                  issuer_cert_authority {
                    aws_pca_authority_arn = "arn:aws:acm-pca:eu-west-1:123456789012:certificate-authority/1"
                  }
                }
              }
            }
            volume_configuration {
              name = "data"
              managed_ebs_volume {
                role_arn         = "arn:aws:iam::123456789012:role/volume"
                size_in_gb       = 20
                volume_type      = "gp3"
                iops             = 3000
                throughput       = 125
                file_system_type = "ext4"
                encrypted        = true
                tag_specifications {
                  resource_type  = "volume"
                  propagate_tags = "SERVICE"
                  tags           = { a = "1" }
                }
              }
            }
            vpc_lattice_configurations {
              port_name        = "http"
              role_arn         = "arn:aws:iam::123456789012:role/lattice"
              target_group_arn = "arn:aws:vpc-lattice:eu-west-1:123456789012:targetgroup/tg-1"
            }
            "#,
            // ECS's own canary.
            r#"
            name            = "it"
            cluster         = aws_ecs_cluster.one.id
            task_definition = aws_ecs_task_definition.fargate["one"].arn
            launch_type     = "FARGATE"
            network_configuration {
              subnets = [aws_subnet.one.id]
            }
            deployment_configuration {
              strategy             = "CANARY"
              bake_time_in_minutes = "10"
              canary_configuration {
                canary_percent              = 12.5
                canary_bake_time_in_minutes = "3"
              }
            }
            load_balancer {
              target_group_arn = aws_lb_target_group.one.arn
              container_name   = "web"
              container_port   = 80
              advanced_configuration {
                alternate_target_group_arn = aws_lb_target_group.two.arn
                production_listener_rule   = aws_lb_listener_rule.one["production"].arn
                role_arn                   = "arn:aws:iam::123456789012:role/infrastructure"
                test_listener_rule         = aws_lb_listener_rule.one["test"].arn
              }
            }
            depends_on = [aws_lb_listener.one]
            "#,
            // Capacity providers.
            r#"
            name            = "it"
            cluster         = aws_ecs_cluster_capacity_providers.one.cluster_name
            task_definition = aws_ecs_task_definition.fargate["one"].arn
            network_configuration {
              subnets = [aws_subnet.one.id]
            }
            capacity_provider_strategy {
              capacity_provider = "FARGATE"
              base              = 1
              weight            = 1
            }
            capacity_provider_strategy {
              capacity_provider = "FARGATE_SPOT"
              weight            = 3
            }
            "#,
            // Instances.
            r#"
            name            = "it"
            cluster         = aws_ecs_cluster.one.id
            task_definition = aws_ecs_task_definition.ec2.family
            launch_type     = "EC2"
            ordered_placement_strategy {
              type  = "spread"
              field = "host"
            }
            ordered_placement_strategy {
              type  = "binpack"
              field = "cpu"
            }
            placement_constraints {
              type = "distinctInstance"
            }
            placement_constraints {
              type       = "memberOf"
              expression = "attribute:ecs.instance-type == t3.large"
            }
            "#,
            r#"
            name                = "it"
            cluster             = aws_ecs_cluster.one.id
            task_definition     = aws_ecs_task_definition.ec2.arn
            scheduling_strategy = "DAEMON"
            "#,
            r#"
            name    = "it"
            cluster = aws_ecs_cluster.one.id
            deployment_controller {
              type = "EXTERNAL"
            }
            "#,
        ],
        changes: &[
            r#"
            name                   = "it"
            cluster                = aws_ecs_cluster.one.id
            task_definition        = aws_ecs_task_definition.ec2.arn
            desired_count          = 2
            propagate_tags         = "SERVICE"
            enable_execute_command = true
            tags                   = { a = "1" }
            deployment_circuit_breaker {
              enable   = true
              rollback = false
            }
            ordered_placement_strategy {
              type  = "spread"
              field = "attribute:ecs.availability-zone"
            }
            "#,
            r#"
            name                    = "it"
            cluster                 = aws_ecs_cluster.one.id
            task_definition         = aws_ecs_task_definition.ec2.arn
            desired_count           = 0
            enable_ecs_managed_tags = true
            tags                    = { b = "1" }
            "#,
            r#"
            name            = "it"
            cluster         = aws_ecs_cluster.one.id
            task_definition = aws_ecs_task_definition.fargate["one"].arn
            launch_type     = "FARGATE"
            desired_count   = 1
            network_configuration {
              subnets         = [aws_subnet.one.id]
              security_groups = [aws_security_group.one.id]
            }
            load_balancer {
              target_group_arn = aws_lb_target_group.one.arn
              container_name   = "web"
              container_port   = 80
            }
            health_check_grace_period_seconds = 30
            depends_on                        = [aws_lb_listener.one]
            "#,
            r#"
            name            = "it"
            cluster         = aws_ecs_cluster.one.id
            task_definition = aws_ecs_task_definition.fargate["two"].arn
            launch_type     = "FARGATE"
            desired_count   = 1
            network_configuration {
              subnets = [aws_subnet.one.id, aws_subnet.two.id]
            }
            alarms {
              alarm_names = ["too-slow"]
              enable      = true
              rollback    = false
            }
            service_connect_configuration {
              enabled   = true
              namespace = "arn:aws:servicediscovery:eu-west-1:123456789012:namespace/ns-1"
            }
            "#,
            r#"
            name            = "it"
            cluster         = aws_ecs_cluster.one.id
            task_definition = aws_ecs_task_definition.fargate["two"].arn
            launch_type     = "FARGATE"
            network_configuration {
              subnets = [aws_subnet.one.id, aws_subnet.two.id]
            }
            "#,
        ],
        import: Some("one/{name}"),
        import_ignores: &[
            "deployment_controller",
            "force_delete",
            "force_new_deployment",
            "sigint_rollback",
            "triggers",
            "wait_for_steady_state",
        ],
    });
}
