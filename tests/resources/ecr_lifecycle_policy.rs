//! `aws_ecr_lifecycle_policy`.

use crate::support::cases::{Cases, run};

#[test]
fn lifecycle_policy() {
    run(&Cases {
        type_name: "aws_ecr_lifecycle_policy",
        setup: r#"resource "aws_ecr_repository" "web" { name = "web" }"#,
        minimal: r#"
            repository = aws_ecr_repository.web.name
            policy = jsonencode({
              rules = [{
                rulePriority = 1
                selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 10 }
                action       = { type = "expire" }
              }]
            })
            "#,
        full: &[],
        changes: &[r#"
            repository = aws_ecr_repository.web.name
            policy = jsonencode({
              rules = [{
                rulePriority = 1
                description  = "keep five"
                selection    = { tagStatus = "tagged", tagPrefixList = ["v", "r"], countType = "imageCountMoreThan", countNumber = 5 }
                action       = { type = "expire" }
              }]
            })
            "#],
        import: Some("{repository}"),
        import_ignores: &[],
    });
}
