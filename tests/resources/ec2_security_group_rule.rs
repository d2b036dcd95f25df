//! `aws_security_group_rule`.

use crate::support::cases::{Cases, run};

#[test]
fn ec2_security_group_rule() {
    run(&Cases {
        type_name: "aws_security_group_rule",
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
            type              = "ingress"
            protocol          = "tcp"
            from_port         = 80
            to_port           = 80
            cidr_blocks       = ["10.0.0.0/8"]
            "#,
        full: &[
            r#"
            security_group_id = aws_security_group.main.id
            type              = "ingress"
            description       = "HTTP"
            protocol          = "6"
            from_port         = 80
            to_port           = 90
            cidr_blocks       = ["10.0.0.0/8", "192.168.0.0/16"]
            ipv6_cidr_blocks  = ["2001:db8::/32"]
            timeouts {
              create = "2m"
            }
            "#,
            r#"
            security_group_id        = aws_security_group.main.id
            type                     = "egress"
            protocol                 = "-1"
            from_port                = 0
            to_port                  = 0
            source_security_group_id = aws_security_group.peer.id
            "#,
            r#"
            security_group_id = aws_security_group.main.id
            type              = "ingress"
            protocol          = "icmp"
            from_port         = 8
            to_port           = -1
            self              = true
            "#,
        ],
        changes: &[
            r#"
            security_group_id = aws_security_group.main.id
            type              = "ingress"
            description       = "HTTP"
            protocol          = "tcp"
            from_port         = 80
            to_port           = 80
            cidr_blocks       = ["10.0.0.0/8"]
            "#,
            r#"
            security_group_id = aws_security_group.main.id
            type              = "ingress"
            description       = "HTTP"
            protocol          = "tcp"
            from_port         = 80
            to_port           = 80
            cidr_blocks       = ["192.168.0.0/16", "10.0.0.0/8"]
            "#,
            r#"
            security_group_id = aws_security_group.main.id
            type              = "ingress"
            protocol          = "tcp"
            from_port         = 80
            to_port           = 80
            cidr_blocks       = ["192.168.0.0/16", "10.0.0.0/8"]
            "#,
            r#"
            security_group_id = aws_security_group.main.id
            type              = "ingress"
            description       = "HTTP"
            protocol          = "tcp"
            from_port         = 80
            to_port           = 80
            cidr_blocks       = ["192.168.0.0/16", "10.0.0.0/8"]
            "#,
            r#"
            security_group_id = aws_security_group.main.id
            type              = "ingress"
            description       = ""
            protocol          = "tcp"
            from_port         = 80
            to_port           = 80
            cidr_blocks       = ["192.168.0.0/16", "10.0.0.0/8"]
            "#,
            r#"
            security_group_id        = aws_security_group.main.id
            type                     = "egress"
            protocol                 = "tcp"
            from_port                = 80
            to_port                  = 81
            source_security_group_id = aws_security_group.peer.id
            "#,
            r#"
            security_group_id = aws_security_group.peer.id
            type              = "egress"
            protocol          = "all"
            from_port         = 0
            to_port           = 0
            self              = true
            "#,
        ],
        import: Some("{security_group_id}_ingress_tcp_80_80_10.0.0.0/8"),
        import_ignores: &[],
    });
}
