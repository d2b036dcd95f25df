//! `aws_ecs_task_definition`.

use crate::support::cases::{Cases, run};

#[test]
fn ecs_task_definition() {
    run(&Cases {
        type_name: "aws_ecs_task_definition",
        setup: "",
        minimal: r#"
            family                = "it"
            container_definitions = jsonencode([{ name = "web", image = "nginx", memory = 128 }])
        "#,
        full: &[
            r#"
            family                   = "it"
            requires_compatibilities = ["FARGATE"]
            network_mode             = "awsvpc"
            cpu                      = "1 vCPU"
            memory                   = "2 GB"
            execution_role_arn       = "arn:aws:iam::123456789012:role/execution"
            task_role_arn            = "arn:aws:iam::123456789012:role/task"
            pid_mode                 = "task"
            enable_fault_injection   = true
            container_definitions = jsonencode([
              {
                name         = "web"
                image        = "nginx"
                environment  = [{ name = "B", value = "2" }, { name = "A", value = "1" }]
                secrets      = [{ name = "S", valueFrom = "arn:aws:ssm:eu-west-1:123456789012:parameter/s" }]
                portMappings = [{ containerPort = 80 }]
                mountPoints  = [{ sourceVolume = "shared", containerPath = "/shared" }]
                healthCheck  = { command = ["CMD-SHELL", "true"] }
                dependsOn    = [{ containerName = "side", condition = "START" }]
                logConfiguration = {
                  logDriver = "awslogs"
                  options = {
                    awslogs-group         = "it"
                    awslogs-region        = "eu-west-1"
                    awslogs-stream-prefix = "web"
                  }
                }
              },
              { Name = "side", Image = "busybox", Essential = false, Command = ["sleep", "1"] },
            ])
            ephemeral_storage {
              size_in_gib = 30
            }
            runtime_platform {
              cpu_architecture        = "ARM64"
              operating_system_family = "LINUX"
            }
            volume {
              name = "shared"
            }
            volume {
              name = "files"
              efs_volume_configuration {
                file_system_id          = "fs-12345678"
                transit_encryption      = "ENABLED"
                transit_encryption_port = 2999
                authorization_config {
                  access_point_id = "fsap-1"
                  iam             = "ENABLED"
                }
              }
            }
            volume {
              name                = "ebs"
              configure_at_launch = true
            }
            tags = { a = "1" }
            "#,
            r#"
            family                   = "it"
            requires_compatibilities = ["EC2"]
            network_mode             = "bridge"
            ipc_mode                 = "host"
            pid_mode                 = "host"
            memory                   = "512"
            track_latest             = true
            container_definitions = jsonencode([
              { name = "web", image = "nginx", portMappings = [{ containerPort = 80, hostPort = 0 }] },
              { name = "envoy", image = "envoy" },
            ])
            placement_constraints {
              type       = "memberOf"
              expression = "attribute:ecs.instance-type == t3.large"
            }
            proxy_configuration {
              container_name = "envoy"
              properties     = { AppPorts = "80", ProxyIngressPort = "15000" }
            }
            volume {
              name      = "host"
              host_path = "/srv"
            }
            volume {
              name = "docker"
              docker_volume_configuration {
                autoprovision = true
                driver        = "local"
                driver_opts   = { type = "nfs" }
                labels        = { a = "b" }
                scope         = "shared"
              }
            }
            volume {
              name = "windows"
              fsx_windows_file_server_volume_configuration {
                file_system_id = "fs-1"
                root_directory = "\\data"
                authorization_config {
                  credentials_parameter = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:fsx"
                  domain                = "corp.example.com"
                }
              }
            }
            "#,
        ],
        changes: &[
            r#"
            family                = "it"
            container_definitions = jsonencode([{ name = "web", image = "nginx:2", memory = 128, portMappings = [{ containerPort = 80 }] }])
            tags                  = { a = "1" }
            "#,
            r#"
            family                = "it"
            container_definitions = jsonencode([{ name = "web", image = "nginx:2", memory = 128, portMappings = [{ containerPort = 80 }] }])
            tags                  = { a = "2", b = "1" }
            skip_destroy          = true
            "#,
            r#"
            family                = "it"
            container_definitions = jsonencode([{ name = "web", image = "nginx:2", memory = 128, portMappings = [{ containerPort = 80 }] }])
            tags                  = { a = "2", b = "1" }
            track_latest          = true
            "#,
            r#"
            family                = "it"
            container_definitions = jsonencode([{ Image = "nginx:2", Name = "web", Memory = "128", portMappings = [{ containerPort = 80, protocol = "tcp" }] }])
            "#,
            r#"
            family                = "it"
            network_mode          = "awsvpc"
            cpu                   = "256"
            memory                = "512"
            container_definitions = jsonencode([{ name = "web", image = "nginx:2" }])
            volume {
              name = "empty"
            }
            "#,
        ],
        import: Some("{arn}"),
        import_ignores: &["skip_destroy", "track_latest"],
    });
}
