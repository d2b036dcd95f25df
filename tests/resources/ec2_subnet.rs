//! `aws_subnet`.

use crate::support::cases::{Cases, run};

#[test]
fn ec2_subnet() {
    run(&Cases {
        type_name: "aws_subnet",
        setup: r#"
            resource "aws_vpc" "main" {
              cidr_block                       = "10.0.0.0/16"
              assign_generated_ipv6_cidr_block = true
            }
        "#,
        minimal: r#"
            vpc_id     = aws_vpc.main.id
            cidr_block = "10.0.1.0/24"
        "#,
        full: &[
            r#"
            vpc_id                                         = aws_vpc.main.id
            cidr_block                                     = "10.0.1.0/24"
            availability_zone                              = "eu-west-1a"
            ipv6_cidr_block                                = cidrsubnet(aws_vpc.main.ipv6_cidr_block, 8, 1)
            assign_ipv6_address_on_creation                = true
            enable_dns64                                   = true
            enable_resource_name_dns_a_record_on_launch    = true
            enable_resource_name_dns_aaaa_record_on_launch = true
            map_public_ip_on_launch                        = true
            private_dns_hostname_type_on_launch            = "resource-name"
            tags                                           = { Name = "it" }
            timeouts {
              create = "5m"
              delete = "5m"
            }
            "#,
            r#"
            vpc_id               = aws_vpc.main.id
            cidr_block           = "10.0.1.0/24"
            availability_zone_id = "euw1-az1"
            "#,
        ],
        changes: &[
            r#"
            vpc_id                  = aws_vpc.main.id
            cidr_block              = "10.0.1.0/24"
            map_public_ip_on_launch = true
            ipv6_cidr_block         = cidrsubnet(aws_vpc.main.ipv6_cidr_block, 8, 1)
            tags                    = { Name = "it" }
            "#,
            r#"
            vpc_id                          = aws_vpc.main.id
            cidr_block                      = "10.0.1.0/24"
            ipv6_cidr_block                 = cidrsubnet(aws_vpc.main.ipv6_cidr_block, 8, 2)
            assign_ipv6_address_on_creation = true
            enable_dns64                    = true
            tags                            = { Name = "it", Tier = "x" }
            "#,
            r#"
            vpc_id                                      = aws_vpc.main.id
            cidr_block                                  = "10.0.1.0/24"
            ipv6_cidr_block                             = cidrsubnet(aws_vpc.main.ipv6_cidr_block, 8, 2)
            enable_resource_name_dns_a_record_on_launch = true
            private_dns_hostname_type_on_launch         = "resource-name"
            "#,
            r#"
            vpc_id     = aws_vpc.main.id
            cidr_block = "10.0.2.0/24"
            "#,
        ],
        import: Some("{id}"),
        import_ignores: &[],
    });
}
