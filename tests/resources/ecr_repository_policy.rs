//! `aws_ecr_repository_policy`.

use crate::support::cases::{Cases, run};

#[test]
fn repository_policy() {
    run(&Cases {
        type_name: "aws_ecr_repository_policy",
        setup: r#"resource "aws_ecr_repository" "web" { name = "web" }"#,
        minimal: r#"
            repository = aws_ecr_repository.web.name
            policy = jsonencode({
              Version = "2012-10-17"
              Statement = [{
                Effect    = "Allow"
                Principal = { AWS = "arn:aws:iam::123456789012:root" }
                Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
              }]
            })
            "#,
        full: &[],
        changes: &[r#"
            repository = aws_ecr_repository.web.name
            policy = jsonencode({
              Version = "2012-10-17"
              Statement = [{
                Sid       = "pull"
                Effect    = "Allow"
                Principal = "*"
                Action    = "ecr:BatchGetImage"
              }]
            })
            "#],
        import: Some("{repository}"),
        import_ignores: &[],
    });
}
