//! `aws_vpc_security_group_egress_rule`.

use super::ec2_vpc_security_group_ingress_rule::rule;

#[test]
fn ec2_vpc_security_group_egress_rule() {
    rule("aws_vpc_security_group_egress_rule");
}
