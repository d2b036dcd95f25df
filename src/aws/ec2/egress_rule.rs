//! `aws_vpc_security_group_egress_rule`: one rule of a security group for outgoing traffic.
//!
//! API: EC2 2016-11-15, `AuthorizeSecurityGroupEgress` and its siblings.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupEgress.html>

use aws_sdk_ec2::types as sdk;

use super::permissions::Way;
use super::single_rule::{self, Args, one_direction};
use crate::aws::contract::*;

/// The type.
pub struct EgressRule;

one_direction!(EgressRule, "aws_vpc_security_group_egress_rule", Way::Out);
