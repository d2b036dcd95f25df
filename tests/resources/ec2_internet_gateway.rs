//! `aws_internet_gateway`.

use crate::support::cases::{Cases, run};

#[test]
fn ec2_internet_gateway() {
    run(&Cases {
        type_name: "aws_internet_gateway",
        setup: r#"
            resource "aws_vpc" "main" {
              cidr_block = "10.0.0.0/16"
            }
            resource "aws_vpc" "other" {
              cidr_block = "10.1.0.0/16"
            }
        "#,
        minimal: "",
        full: &[r#"
            vpc_id = aws_vpc.main.id
            tags   = { Name = "it" }
            timeouts {
              create = "5m"
              update = "5m"
              delete = "5m"
            }
        "#],
        changes: &[
            r#"
            vpc_id = aws_vpc.main.id
            tags   = { Name = "it" }
            "#,
            r#"
            vpc_id = aws_vpc.other.id
            tags   = { Name = "it", Tier = "x" }
            "#,
            "",
        ],
        import: Some("{id}"),
        import_ignores: &[],
    });
}
