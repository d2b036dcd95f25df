//! `aws_eip`.

use crate::support::cases::{Cases, run};

#[test]
fn ec2_eip() {
    run(&Cases {
        type_name: "aws_eip",
        setup: "",
        minimal: r#"
            domain = "vpc"
            "#,
        full: &[r#"
            domain               = "vpc"
            tags                 = { Name = "it" }
            timeouts {
              read   = "5m"
              update = "5m"
              delete = "5m"
            }
            "#],
        changes: &[
            r#"
            domain = "vpc"
            tags   = { Name = "it" }
            "#,
            r#"
            domain = "vpc"
            tags   = { Name = "other", Tier = "x" }
            "#,
            "",
        ],
        import: Some("{id}"),
        import_ignores: &[],
    });
}
