//! `aws_route_table`.

use crate::support::cases::{Cases, run};

#[test]
fn ec2_route_table() {
    run(&Cases {
        type_name: "aws_route_table",
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
            resource "aws_eip" "main" {
              domain     = "vpc"
              depends_on = [aws_internet_gateway.main]
            }
            resource "aws_nat_gateway" "main" {
              allocation_id = aws_eip.main.id
              subnet_id     = aws_subnet.main.id
            }
        "#,
        minimal: r"
            vpc_id = aws_vpc.main.id
            ",
        full: &[r#"
            vpc_id = aws_vpc.main.id
            route {
              cidr_block = "0.0.0.0/0"
              gateway_id = aws_internet_gateway.main.id
            }
            route {
              cidr_block     = "172.16.0.0/12"
              nat_gateway_id = aws_nat_gateway.main.id
            }
            tags = { Name = "it" }
            timeouts {
              create = "5m"
              update = "2m"
              delete = "5m"
            }
            "#],
        changes: &[
            r#"
            vpc_id = aws_vpc.main.id
            route {
              cidr_block = "0.0.0.0/0"
              gateway_id = aws_internet_gateway.main.id
            }
            tags = { Name = "it" }
            "#,
            r#"
            vpc_id = aws_vpc.main.id
            route {
              cidr_block     = "0.0.0.0/0"
              nat_gateway_id = aws_nat_gateway.main.id
            }
            route {
              cidr_block = "172.16.0.0/12"
              gateway_id = aws_internet_gateway.main.id
            }
            tags = { Name = "it", Tier = "x" }
            "#,
            r"
            vpc_id = aws_vpc.main.id
            route  = []
            ",
        ],
        import: Some("{id}"),
        import_ignores: &[],
    });
}
