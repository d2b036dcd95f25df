//! `aws_vpc_security_group_ingress_rule`: one rule of a security group for incoming traffic.
//!
//! API: EC2 2016-11-15, `AuthorizeSecurityGroupIngress` and its siblings.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html>

use aws_sdk_ec2::types as sdk;

use super::permissions::Way;
use super::single_rule::{self, Args, one_direction};
use crate::aws::contract::*;

/// The type.
pub struct IngressRule;

one_direction!(IngressRule, "aws_vpc_security_group_ingress_rule", Way::In);
