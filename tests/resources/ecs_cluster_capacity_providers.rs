//! `aws_ecs_cluster_capacity_providers`.

use crate::support::cases::{Cases, run};

#[test]
fn ecs_cluster_capacity_providers() {
    run(&Cases {
        type_name: "aws_ecs_cluster_capacity_providers",
        setup: r#"resource "aws_ecs_cluster" "one" { name = "one" }"#,
        minimal: "cluster_name = aws_ecs_cluster.one.name",
        full: &[r#"
            cluster_name       = aws_ecs_cluster.one.name
            capacity_providers = ["FARGATE", "FARGATE_SPOT"]
            default_capacity_provider_strategy {
              capacity_provider = "FARGATE"
              base              = 1
              weight            = 10
            }
            default_capacity_provider_strategy {
              capacity_provider = "FARGATE_SPOT"
              weight            = 90
            }
        "#],
        changes: &[
            r#"
            cluster_name       = aws_ecs_cluster.one.name
            capacity_providers = ["FARGATE_SPOT"]
            "#,
            r#"
            cluster_name       = aws_ecs_cluster.one.name
            capacity_providers = ["FARGATE_SPOT", "FARGATE"]
            default_capacity_provider_strategy {
              capacity_provider = "FARGATE_SPOT"
              weight            = 1
            }
            "#,
            r#"
            cluster_name       = aws_ecs_cluster.one.name
            capacity_providers = ["FARGATE"]
            default_capacity_provider_strategy {
              capacity_provider = "FARGATE"
              base              = 3
            }
            "#,
            "cluster_name = aws_ecs_cluster.one.name",
        ],
        import: Some("{cluster_name}"),
        import_ignores: &[],
    });
}
