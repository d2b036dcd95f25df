//! `aws_codedeploy_app`.

use crate::support::cases::{Cases, run};

#[test]
fn codedeploy_app() {
    run(&Cases {
        type_name: "aws_codedeploy_app",
        setup: "",
        minimal: r#"name = "it""#,
        full: &[r#"
            name             = "it"
            compute_platform = "ECS"
            tags             = { a = "1" }
        "#],
        changes: &[
            r#"
            name = "it"
            tags = { a = "1" }
            "#,
            r#"
            name = "renamed"
            tags = { a = "2", b = "1" }
            "#,
            r#"name = "renamed""#,
            r#"
            name             = "renamed"
            compute_platform = "Lambda"
            "#,
        ],
        import: Some("{name}"),
        import_ignores: &[],
    });
}
