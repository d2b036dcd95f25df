//! `aws_route`.

use crate::support::cases::{Cases, run};

#[test]
fn ec2_route() {
    run(&Cases {
        type_name: "aws_route",
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
            resource "aws_route_table" "main" {
              vpc_id = aws_vpc.main.id
            }
            resource "aws_route_table" "other" {
              vpc_id = aws_vpc.main.id
            }
        "#,
        minimal: r#"
            route_table_id         = aws_route_table.main.id
            destination_cidr_block = "0.0.0.0/0"
            gateway_id             = aws_internet_gateway.main.id
            "#,
        full: &[
            r#"
            route_table_id         = aws_route_table.main.id
            destination_cidr_block = "0.0.0.0/0"
            gateway_id             = aws_internet_gateway.main.id
            timeouts {
              create = "5m"
              update = "2m"
              delete = "5m"
            }
            "#,
            r#"
            route_table_id              = aws_route_table.main.id
            destination_ipv6_cidr_block = "::/0"
            gateway_id                  = aws_internet_gateway.main.id
            "#,
        ],
        changes: &[
            r#"
            route_table_id         = aws_route_table.main.id
            destination_cidr_block = "0.0.0.0/0"
            nat_gateway_id         = aws_nat_gateway.main.id
            "#,
            r#"
            route_table_id         = aws_route_table.main.id
            destination_cidr_block = "172.16.0.0/12"
            gateway_id             = aws_internet_gateway.main.id
            "#,
            r#"
            route_table_id         = aws_route_table.other.id
            destination_cidr_block = "172.16.0.0/12"
            gateway_id             = aws_internet_gateway.main.id
            "#,
        ],
        import: Some("{route_table_id}_{destination_cidr_block}"),
        import_ignores: &[],
    });
}
