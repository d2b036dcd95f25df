//! `aws_vpc_security_group_ingress_rule`.

use crate::support::cases::{Cases, run};

#[test]
fn ec2_vpc_security_group_ingress_rule() {
    rule("aws_vpc_security_group_ingress_rule");
}

/// The cases of a rule, which are the same in both directions.
pub(super) fn rule(type_name: &'static str) {
    run(&Cases {
        type_name,
        setup: r#"
            resource "aws_vpc" "main" {
              cidr_block = "10.0.0.0/16"
            }
            resource "aws_security_group" "main" {
              name   = "main"
              vpc_id = aws_vpc.main.id
            }
            resource "aws_security_group" "peer" {
              name   = "peer"
              vpc_id = aws_vpc.main.id
            }
        "#,
        minimal: r#"
            security_group_id = aws_security_group.main.id
            ip_protocol       = "-1"
            cidr_ipv4         = "0.0.0.0/0"
            "#,
        full: &[
            r#"
            security_group_id = aws_security_group.main.id
            description       = "HTTP"
            ip_protocol       = "tcp"
            from_port         = 80
            to_port           = 90
            cidr_ipv4         = "10.0.0.0/8"
            tags              = { Name = "it" }
            "#,
            r#"
            security_group_id = aws_security_group.main.id
            ip_protocol       = "icmp"
            from_port         = 8
            to_port           = -1
            cidr_ipv4         = "10.0.0.0/8"
            "#,
            r#"
            security_group_id            = aws_security_group.main.id
            ip_protocol                  = "6"
            from_port                    = 80
            to_port                      = 80
            referenced_security_group_id = aws_security_group.main.id
            "#,
        ],
        changes: &[
            r#"
            security_group_id = aws_security_group.main.id
            description       = "HTTP"
            ip_protocol       = "tcp"
            from_port         = 80
            to_port           = 80
            cidr_ipv4         = "10.0.0.0/8"
            tags              = { Name = "it" }
            "#,
            r#"
            security_group_id            = aws_security_group.main.id
            ip_protocol                  = "tcp"
            from_port                    = 80
            to_port                      = 81
            referenced_security_group_id = aws_security_group.peer.id
            tags                         = { Name = "it", Tier = "x" }
            "#,
            r#"
            security_group_id = aws_security_group.main.id
            ip_protocol       = "-1"
            cidr_ipv6         = "::/0"
            "#,
            r#"
            security_group_id = aws_security_group.peer.id
            ip_protocol       = "-1"
            cidr_ipv6         = "::/0"
            "#,
        ],
        import: Some("{id}"),
        import_ignores: &[],
    });
}
