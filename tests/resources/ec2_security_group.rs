//! `aws_security_group`.

use crate::support::cases::{Cases, run};

#[test]
fn ec2_security_group() {
    run(&Cases {
        type_name: "aws_security_group",
        setup: r#"
            resource "aws_vpc" "main" {
              cidr_block = "10.0.0.0/16"
            }
            resource "aws_security_group" "peer" {
              name   = "peer"
              vpc_id = aws_vpc.main.id
            }
        "#,
        minimal: r#"
            name   = "it"
            vpc_id = aws_vpc.main.id
            "#,
        full: &[
            r#"
            name                   = "it"
            description            = "All of it"
            vpc_id                 = aws_vpc.main.id
            revoke_rules_on_delete = true
            ingress {
              description = "HTTP"
              protocol    = "tcp"
              from_port   = 80
              to_port     = 80
              cidr_blocks = ["10.0.0.0/8", "192.168.0.0/16"]
            }
            ingress {
              protocol         = "udp"
              from_port        = 53
              to_port          = 53
              ipv6_cidr_blocks = ["2001:db8::/32"]
              self             = true
            }
            egress {
              protocol        = "-1"
              from_port       = 0
              to_port         = 0
              security_groups = [aws_security_group.peer.id]
            }
            tags = { Name = "it" }
            timeouts {
              create = "5m"
              delete = "5m"
            }
            "#,
            r#"
            name_prefix = "it-"
            vpc_id      = aws_vpc.main.id
            "#,
        ],
        changes: &[
            r#"
            name   = "it"
            vpc_id = aws_vpc.main.id
            ingress {
              protocol    = "tcp"
              from_port   = 80
              to_port     = 80
              cidr_blocks = ["10.0.0.0/8"]
            }
            ingress {
              protocol    = "tcp"
              from_port   = 80
              to_port     = 80
              cidr_blocks = ["192.168.0.0/16"]
            }
            tags = { Name = "it" }
            "#,
            r#"
            name   = "it"
            vpc_id = aws_vpc.main.id
            ingress {
              description = "HTTP"
              protocol    = "tcp"
              from_port   = 80
              to_port     = 80
              cidr_blocks = ["192.168.0.0/16", "10.0.0.0/8"]
            }
            egress {
              protocol    = "-1"
              from_port   = 0
              to_port     = 0
              cidr_blocks = ["0.0.0.0/0"]
            }
            tags = { Name = "it", Tier = "x" }
            "#,
            r#"
            name   = "it"
            vpc_id = aws_vpc.main.id
            ingress {
              protocol    = "tcp"
              from_port   = 80
              to_port     = 80
              cidr_blocks = ["192.168.0.0/16", "10.0.0.0/8"]
            }
            egress {
              protocol    = "-1"
              from_port   = 0
              to_port     = 0
              cidr_blocks = ["0.0.0.0/0"]
            }
            tags = { Name = "it", Tier = "x" }
            "#,
            r#"
            name   = "it"
            vpc_id = aws_vpc.main.id
            ingress {
              description = "HTTP"
              protocol    = "tcp"
              from_port   = 80
              to_port     = 80
              cidr_blocks = ["192.168.0.0/16", "10.0.0.0/8"]
            }
            egress {
              protocol    = "-1"
              from_port   = 0
              to_port     = 0
              cidr_blocks = ["0.0.0.0/0"]
            }
            tags = { Name = "it", Tier = "x" }
            "#,
            r#"
            name   = "it"
            vpc_id = aws_vpc.main.id
            ingress {
              description = ""
              protocol    = "tcp"
              from_port   = 80
              to_port     = 80
              cidr_blocks = ["192.168.0.0/16", "10.0.0.0/8"]
            }
            egress {
              protocol    = "-1"
              from_port   = 0
              to_port     = 0
              cidr_blocks = ["0.0.0.0/0"]
            }
            tags = { Name = "it", Tier = "x" }
            "#,
            r#"
            name                   = "it"
            vpc_id                 = aws_vpc.main.id
            revoke_rules_on_delete = true
            ingress                = []
            egress                 = []
            "#,
            r#"
            name        = "it"
            description = "Another"
            vpc_id      = aws_vpc.main.id
            "#,
        ],
        import: Some("{id}"),
        import_ignores: &["revoke_rules_on_delete"],
    });
}
