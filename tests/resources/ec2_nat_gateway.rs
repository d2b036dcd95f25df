//! `aws_nat_gateway`.

use crate::support::cases::{Cases, run};

#[test]
fn ec2_nat_gateway() {
    run(&Cases {
        type_name: "aws_nat_gateway",
        setup: r#"
            resource "aws_vpc" "main" {
              cidr_block = "10.0.0.0/16"
            }
            resource "aws_internet_gateway" "main" {
              vpc_id = aws_vpc.main.id
            }
            resource "aws_subnet" "main" {
              vpc_id     = aws_vpc.main.id
              cidr_block = "10.0.1.0/24"
            }
            resource "aws_subnet" "other" {
              vpc_id     = aws_vpc.main.id
              cidr_block = "10.0.2.0/24"
            }
            resource "aws_eip" "main" {
              domain     = "vpc"
              depends_on = [aws_internet_gateway.main]
            }
            resource "aws_eip" "other" {
              domain     = "vpc"
              depends_on = [aws_internet_gateway.main]
            }
        "#,
        minimal: r"
            allocation_id = aws_eip.main.id
            subnet_id     = aws_subnet.main.id
            ",
        full: &[
            r#"
            allocation_id     = aws_eip.main.id
            subnet_id         = aws_subnet.main.id
            connectivity_type = "public"
            tags              = { Name = "it" }
            timeouts {
              create = "5m"
              update = "5m"
              delete = "5m"
            }
            "#,
            r#"
            connectivity_type = "private"
            subnet_id         = aws_subnet.main.id
            "#,
        ],
        changes: &[
            r#"
            allocation_id = aws_eip.main.id
            subnet_id     = aws_subnet.main.id
            tags          = { Name = "it" }
            "#,
            r"
            allocation_id = aws_eip.other.id
            subnet_id     = aws_subnet.other.id
            ",
        ],
        import: Some("{id}"),
        import_ignores: &[],
    });
}
