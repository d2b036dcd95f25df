//! Attributes of `aws_lb`.

use crate::aws::contract::*;
use crate::aws::elbv2::shared::{NAME, NAME_SAYS};

model! {
    /// A load balancer: takes requests on its listeners and passes them on to target groups.
    pub struct Args {
        /// Name, unique in the account and region: 1 to 32 letters, digits and hyphens. Made up when left out.
        name: Option<String> = optional_computed().force_new().length(1, 32).pattern(NAME, NAME_SAYS).conflicts(&["name_prefix"]),
        /// Start of a made-up name, at most 6 characters.
        name_prefix: Option<String> = optional_computed().force_new().length(1, 6).pattern("^[0-9A-Za-z][0-9A-Za-z-]*$", "letters, digits and hyphens, not starting with a hyphen"),
        /// Kind: application (HTTP), network (TCP, TLS, UDP) or gateway (appliances).
        load_balancer_type: Option<String> = optional().force_new().default(Lit::Str("application")).one_of(&["application", "network", "gateway"]),
        /// Whether it has private addresses only.
        internal: Option<bool> = optional_computed().force_new(),
        /// Subnets it has addresses in, one per zone; an application load balancer needs two zones.
        subnets: Set<String> = optional_computed().conflicts(&["subnet_mapping"]),
        /// Subnets with chosen addresses.
        subnet_mapping: Set<SubnetMapping> = optional_computed(),
        /// Security groups; the network's default one when left out for an application load balancer.
        security_groups: Set<String> = optional_computed(),
        /// Kind of addresses clients use.
        ip_address_type: Option<String> = optional_computed().one_of(&["ipv4", "dualstack", "dualstack-without-public-ipv4"]),
        /// Pool of customer-owned addresses, on an Outpost.
        customer_owned_ipv4_pool: Option<String> = optional().force_new(),
        /// Address pools of IPAM for public addresses.
        ipam_pools: Option<IpamPools> = optional(),
        /// Whether it refuses to be deleted.
        enable_deletion_protection: Option<bool> = optional().default(Lit::Bool(false)),
        /// Whether requests go to targets in all zones. Always so for an application load balancer.
        enable_cross_zone_load_balancing: Option<bool> = optional().default(Lit::Bool(false)),
        /// Seconds a connection may be idle: 1 to 4000. Application load balancers only.
        idle_timeout: Option<i32> = optional().default(Lit::Int(60)).range(1, 4000),
        /// Seconds a client's connection is kept for further requests: 60 to 604800. Application load balancers only.
        client_keep_alive: Option<i32> = optional().default(Lit::Int(3600)).range(60, 604_800),
        /// Whether clients may use HTTP/2. Application load balancers only.
        enable_http2: Option<bool> = optional().default(Lit::Bool(true)),
        /// Whether headers that are not valid are removed. Application load balancers only.
        drop_invalid_header_fields: Option<bool> = optional().default(Lit::Bool(false)),
        /// How requests that may be an attack are handled. Application load balancers only.
        desync_mitigation_mode: Option<String> = optional().default(Lit::Str("defensive")).one_of(&["monitor", "defensive", "strictest"]),
        /// Whether the Host header reaches targets unchanged. Application load balancers only.
        preserve_host_header: Option<bool> = optional().default(Lit::Bool(false)),
        /// Whether targets are told TLS version and cipher. Application load balancers only.
        enable_tls_version_and_cipher_suite_headers: Option<bool> = optional().default(Lit::Bool(false)),
        /// Whether X-Forwarded-For holds the client's port. Application load balancers only.
        enable_xff_client_port: Option<bool> = optional().default(Lit::Bool(false)),
        /// What happens to the X-Forwarded-For header. Application load balancers only.
        xff_header_processing_mode: Option<String> = optional().default(Lit::Str("append")).one_of(&["append", "preserve", "remove"]),
        /// Whether requests pass when the web application firewall does not answer. Application load balancers only.
        enable_waf_fail_open: Option<bool> = optional().default(Lit::Bool(false)),
        /// Whether traffic can be led away from a zone.
        enable_zonal_shift: Option<bool> = optional().default(Lit::Bool(false)),
        /// How clients are spread over zones by DNS. Network load balancers only.
        dns_record_client_routing_policy: Option<String> = optional().default(Lit::Str("any_availability_zone")).one_of(&["any_availability_zone", "availability_zone_affinity", "partial_availability_zone_affinity"]),
        /// Additional addresses per subnet: 0 to 7. Fewer than before replaces it. Network load balancers only.
        secondary_ips_auto_assigned_per_subnet: Option<i32> = optional_computed().range(0, 7),
        /// Whether security groups apply to PrivateLink traffic: on or off. Network load balancers only.
        enforce_security_group_inbound_rules_on_private_link_traffic: Option<String> = optional_computed().one_of(&["on", "off"]),
        /// Whether UDP over IPv6 uses a prefix as source: on or off. Network load balancers only.
        enable_prefix_for_ipv6_source_nat: Option<String> = optional_computed().one_of(&["on", "off"]),
        /// Capacity that is always there.
        minimum_load_balancer_capacity: Option<Capacity> = optional(),
        /// Log of requests.
        access_logs: Option<Logs> = optional(),
        /// Log of connections. Application load balancers only.
        connection_logs: Option<Logs> = optional(),
        /// Log of health checks. Application load balancers only.
        health_check_logs: Option<Logs> = optional(),
        /// ARN of the load balancer.
        arn: Option<String> = computed(),
        /// The ARN's last part, as CloudWatch metrics name the load balancer.
        arn_suffix: Option<String> = computed(),
        /// Name in DNS.
        dns_name: Option<String> = computed(),
        /// Hosted zone of that name, for alias records.
        zone_id: Option<String> = computed(),
        /// Network it is in.
        vpc_id: Option<String> = computed(),
        /// Tags of the load balancer.
        tags: Tags = optional(),
        /// All tags, those of the provider included.
        tags_all: Tags = optional_computed(),
        /// Time limits.
        timeouts: Option<Timeouts> = optional(),
    }
}

model! {
    /// A subnet and the addresses the load balancer has there.
    pub struct SubnetMapping {
        /// The subnet.
        subnet_id: String = required(),
        /// Elastic IP. Internet-facing network load balancers only.
        allocation_id: Option<String> = optional(),
        /// Private address. Internal network load balancers only.
        private_ipv4_address: Option<String> = optional(),
        /// IPv6 address.
        ipv6_address: Option<String> = optional(),
        /// Outpost of the subnet.
        outpost_id: Option<String> = computed(),
    }
}

model! {
    /// Address pools of IPAM.
    pub struct IpamPools {
        /// Pool for public IPv4 addresses.
        ipv4_ipam_pool_id: String = required(),
    }
}

model! {
    /// Capacity that is always there.
    pub struct Capacity {
        /// Load balancer capacity units.
        capacity_units: i32 = required(),
    }
}

model! {
    /// A log in S3.
    pub struct Logs {
        /// Bucket. Its policy must let the load balancer write.
        bucket: String = required(),
        /// Start of the keys.
        prefix: Option<String> = optional(),
        /// Whether it is written.
        enabled: Option<bool> = optional().default(Lit::Bool(false)),
    }
}
