//! `aws_route_table_association`.

use crate::support::cases::{Cases, run};

#[test]
fn ec2_route_table_association() {
    run(&Cases {
        type_name: "aws_route_table_association",
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
            resource "aws_route_table" "main" {
              vpc_id = aws_vpc.main.id
            }
            resource "aws_route_table" "other" {
              vpc_id = aws_vpc.main.id
            }
        "#,
        minimal: r"
            route_table_id = aws_route_table.main.id
            subnet_id      = aws_subnet.main.id
            ",
        full: &[r#"
            route_table_id = aws_route_table.main.id
            subnet_id      = aws_subnet.main.id
            timeouts {
              create = "5m"
              update = "2m"
              delete = "5m"
            }
            "#],
        changes: &[
            r"
            route_table_id = aws_route_table.other.id
            subnet_id      = aws_subnet.main.id
            ",
            r"
            route_table_id = aws_route_table.other.id
            subnet_id      = aws_subnet.other.id
            ",
        ],
        import: Some("{subnet_id}/{route_table_id}"),
        import_ignores: &[],
    });
}
