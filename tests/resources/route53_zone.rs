//! `aws_route53_zone`.

use crate::support::cases::{Cases, run};

#[test]
fn route53_zone() {
    run(&Cases {
        type_name: "aws_route53_zone",
        setup: "",
        minimal: r#"name = "example.com""#,
        full: &[r#"
            name          = "Example.com."
            comment       = "The shop"
            force_destroy = true
            tags          = { a = "1" }
        "#],
        changes: &[
            r#"
            name    = "example.com"
            comment = "The shop"
            tags    = { a = "1", b = "2" }
            "#,
            r#"
            name          = "example.com"
            comment       = ""
            force_destroy = true
            tags          = { b = "3" }
            "#,
            r#"name = "example.com""#,
            r#"name = "other.example.com""#,
        ],
        import: Some("{zone_id}"),
        import_ignores: &["force_destroy"],
    });
}

#[cfg(feature = "ec2")] // for the networks
#[test]
fn route53_zone_private() {
    run(&Cases {
        type_name: "aws_route53_zone",
        setup: r#"
            resource "aws_vpc" "a" {
              cidr_block = "10.0.0.0/16"
            }
            resource "aws_vpc" "b" {
              cidr_block = "10.1.0.0/16"
            }
        "#,
        minimal: r#"
            name = "internal.example.com"
            vpc {
              vpc_id = aws_vpc.a.id
            }
        "#,
        full: &[r#"
            name = "internal.example.com"
            vpc {
              vpc_id     = aws_vpc.a.id
              vpc_region = "eu-west-1"
            }
            vpc {
              vpc_id = aws_vpc.b.id
            }
        "#],
        changes: &[
            r#"
            name = "internal.example.com"
            vpc {
              vpc_id = aws_vpc.a.id
            }
            vpc {
              vpc_id = aws_vpc.b.id
            }
            "#,
            r#"
            name = "internal.example.com"
            vpc {
              vpc_id = aws_vpc.b.id
            }
            "#,
            r#"name = "internal.example.com""#,
        ],
        import: Some("{zone_id}"),
        import_ignores: &["force_destroy"],
    });
}
