//! `aws_vpc`.

use crate::support::cases::{Cases, run};

#[test]
fn ec2_vpc() {
    run(&Cases {
        type_name: "aws_vpc",
        setup: "",
        minimal: r#"cidr_block = "10.0.0.0/16""#,
        full: &[r#"
            cidr_block                           = "10.0.0.0/16"
            assign_generated_ipv6_cidr_block     = true
            ipv6_cidr_block_network_border_group = "eu-west-1"
            enable_dns_hostnames                 = true
            enable_dns_support                   = true
            enable_network_address_usage_metrics = true
            instance_tenancy                     = "default"
            tags                                 = { Name = "it" }
        "#],
        changes: &[
            r#"
            cidr_block           = "10.0.0.0/16"
            enable_dns_hostnames = true
            tags                 = { Name = "it" }
            "#,
            r#"
            cidr_block           = "10.0.0.0/16"
            enable_dns_hostnames = false
            enable_dns_support   = false
            tags                 = { Name = "it", Tier = "x" }
            "#,
            r#"
            cidr_block                           = "10.0.0.0/16"
            enable_dns_hostnames                 = true
            enable_network_address_usage_metrics = true
            assign_generated_ipv6_cidr_block     = true
            "#,
            r#"
            cidr_block                           = "10.0.0.0/16"
            enable_network_address_usage_metrics = false
            assign_generated_ipv6_cidr_block     = false
            "#,
            r#"cidr_block = "10.1.0.0/16""#,
        ],
        import: Some("{id}"),
        import_ignores: &["assign_generated_ipv6_cidr_block"],
    });
}
