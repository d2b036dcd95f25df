//! `aws_ecr_repository`.

use crate::support::cases::{Cases, run};

#[test]
fn repository() {
    run(&Cases {
        type_name: "aws_ecr_repository",
        setup: "",
        minimal: r#"name = "team/web""#,
        full: &[r#"
            name                 = "team/web"
            image_tag_mutability = "IMMUTABLE"
            force_delete         = true
            encryption_configuration {
              encryption_type = "AES256"
            }
            image_scanning_configuration {
              scan_on_push = true
            }
            tags = { Name = "web" }
            "#],
        changes: &[
            r#"
            name                 = "team/web"
            image_tag_mutability = "IMMUTABLE"
            image_scanning_configuration {
              scan_on_push = true
            }
            tags = { Name = "web" }
            "#,
            r#"
            name         = "team/web"
            force_delete = true
            tags         = { Env = "dev" }
            "#,
            r#"name = "team/web""#,
            r#"name = "team/api""#,
        ],
        import: Some("{name}"),
        import_ignores: &["force_delete"],
    });
}
