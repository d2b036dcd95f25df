//! Attributes of `aws_lb_target_group`.

use crate::aws::contract::*;
use crate::aws::elbv2::shared::{NAME, NAME_SAYS};
use crate::value::Value;

/// A number in text, as these attributes are kept.
fn number(value: &Value) -> Option<i64> {
    value.as_str()?.parse().ok()
}

fn delay(value: &Value) -> Result<(), String> {
    match number(value) {
        Some(0..=3600) => Ok(()),
        _ => Err("A number of seconds from 0 to 3600 is needed.".into()),
    }
}

fn port(value: &Value) -> Result<(), String> {
    match (value.as_str(), number(value)) {
        (Some("traffic-port"), _) | (_, Some(1..=65535)) => Ok(()),
        _ => Err("A port from 1 to 65535 is needed, or `traffic-port`.".into()),
    }
}

model! {
    /// Where a load balancer sends requests: instances, addresses, a function, or another load balancer.
    pub struct Args {
        /// Name, unique in the account and region: 1 to 32 letters, digits and hyphens. Made up when left out.
        name: Option<String> = optional_computed().force_new().length(1, 32).pattern(NAME, NAME_SAYS).conflicts(&["name_prefix"]),
        /// Start of a made-up name, at most 6 characters. With `create_before_destroy`, a group in use can be replaced.
        name_prefix: Option<String> = optional_computed().force_new().length(1, 6).pattern("^[0-9A-Za-z][0-9A-Za-z-]*$", "letters, digits and hyphens, not starting with a hyphen"),
        /// Port that targets listen on, unless they are registered with their own. Not for functions.
        port: Option<i32> = optional().force_new().range(1, 65535),
        /// Protocol between the load balancer and its targets: HTTP or HTTPS behind an application load balancer,
        /// one of the others behind a network load balancer, GENEVE behind a gateway. Not for functions.
        protocol: Option<String> = optional().force_new().one_of(&["HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE", "QUIC", "TCP_QUIC"]),
        /// Version of HTTP that targets speak; HTTP1 when left out. Only for HTTP and HTTPS.
        protocol_version: Option<String> = optional_computed().force_new().same(attr::same_ignoring_case).one_of(&["HTTP1", "HTTP2", "GRPC"]),
        /// What gets registered: instance ids, IP addresses (tasks with a network of their own), a function, or an
        /// application load balancer.
        target_type: Option<String> = optional().force_new().default(Lit::Str("instance")).one_of(&["instance", "ip", "lambda", "alb"]),
        /// Network the targets live in. Not for functions.
        vpc_id: Option<String> = optional().force_new(),
        /// Kind of addresses of the targets; ipv4 when left out.
        ip_address_type: Option<String> = optional_computed().force_new().one_of(&["ipv4", "ipv6"]),
        /// Port on which targets talk to the load balancer about their load.
        target_control_port: Option<i32> = optional().force_new().range(1, 65535),
        /// Seconds that a target which leaves may take to finish its requests: 0 to 3600.
        deregistration_delay: Option<String> = optional().default(Lit::Int(300)).check(delay),
        /// Seconds over which a new target's share of requests grows: 0 (at once) or 30 to 900. HTTP and HTTPS only.
        slow_start: Option<i32> = optional().default(Lit::Int(0)).range(0, 900),
        /// How a target is picked. HTTP and HTTPS only; round_robin when left out.
        load_balancing_algorithm_type: Option<String> = optional_computed().one_of(&["round_robin", "least_outstanding_requests", "weighted_random"]),
        /// Whether targets that answer badly get fewer requests. Needs the algorithm weighted_random.
        load_balancing_anomaly_mitigation: Option<String> = optional_computed().one_of(&["on", "off"]),
        /// Whether requests go to targets in all zones.
        load_balancing_cross_zone_enabled: Option<String> = optional_computed().one_of(&["true", "false", "use_load_balancer_configuration"]),
        /// Whether connections are cut when the deregistration delay is over. Network load balancers only.
        connection_termination: Option<bool> = optional_computed(),
        /// Whether targets see the client's address. Network load balancers only.
        preserve_client_ip: Option<String> = optional_computed().one_of(&["true", "false"]),
        /// Whether connections start with a proxy protocol 2 header. Network load balancers only.
        proxy_protocol_v2: Option<bool> = optional().default(Lit::Bool(false)),
        /// Whether headers and query parameters reach the function as lists of values. Functions only.
        lambda_multi_value_headers_enabled: Option<bool> = optional().default(Lit::Bool(false)),
        /// How the load balancer learns that a target is well.
        health_check: Option<HealthCheck> = optional_computed(),
        /// Keeps a client on one target.
        stickiness: Option<Stickiness> = optional_computed(),
        /// What happens to flows of a target that fails. Gateway load balancers only.
        target_failover: Vec<TargetFailover> = optional_computed(),
        /// When too few targets are well.
        target_group_health: Option<GroupHealth> = optional_computed(),
        /// What happens to connections of a target that is not well. Network load balancers with TCP or TLS only.
        target_health_state: Vec<HealthState> = optional_computed(),
        /// ARN of the group.
        arn: Option<String> = computed(),
        /// The ARN's last part, as CloudWatch metrics name the group.
        arn_suffix: Option<String> = computed(),
        /// ARNs of the load balancers that send requests here. Empty until a listener or rule names the group.
        load_balancer_arns: Set<String> = computed(),
        /// Tags of the group.
        tags: Tags = optional(),
        /// All tags, those of the provider included.
        tags_all: Tags = optional_computed(),
    }
}

model! {
    /// How the load balancer learns that a target is well.
    pub struct HealthCheck {
        /// Whether targets are checked. Only functions may go without.
        enabled: Option<bool> = optional().default(Lit::Bool(true)),
        /// Passed checks in a row before a target gets traffic: 2 to 10.
        healthy_threshold: Option<i32> = optional().default(Lit::Int(3)).range(2, 10),
        /// Failed checks in a row before a target gets none: 2 to 10.
        unhealthy_threshold: Option<i32> = optional().default(Lit::Int(3)).range(2, 10),
        /// Seconds between two checks of one target: 5 to 300.
        interval: Option<i32> = optional().default(Lit::Int(30)).range(5, 300),
        /// Seconds after which a check without an answer has failed: 2 to 120, and less than the interval.
        timeout: Option<i32> = optional_computed().range(2, 120),
        /// Protocol of the check: HTTP, HTTPS or TCP.
        protocol: Option<String> = optional().default(Lit::Str("HTTP")).same(attr::same_ignoring_case).one_of(&["HTTP", "HTTPS", "TCP"]),
        /// Port that is checked, or `traffic-port` for the one that requests go to.
        port: Option<String> = optional().default(Lit::Str("traffic-port")).check(port),
        /// Path asked for. HTTP and HTTPS only.
        path: Option<String> = optional_computed().length(1, 1024).pattern("^/", "a path that starts with /"),
        /// Answers that pass: status codes of HTTP (200 to 499) or gRPC (0 to 99), such as `200,301-302`.
        matcher: Option<String> = optional_computed().pattern("^[0-9]+([,-][0-9]+)*$", "status codes such as 200, 200,202 or 200-299"),
    }
}

model! {
    /// Keeps a client on one target.
    pub struct Stickiness {
        /// How clients are recognised: lb_cookie or app_cookie for HTTP; source_ip for a network load balancer;
        /// source_ip_dest_ip and source_ip_dest_ip_proto for a gateway.
        r#type: String = required().one_of(&["lb_cookie", "app_cookie", "source_ip", "source_ip_dest_ip", "source_ip_dest_ip_proto"]),
        /// Whether clients are kept.
        enabled: Option<bool> = optional().default(Lit::Bool(true)),
        /// Seconds for which a cookie holds: 1 to 604800.
        cookie_duration: Option<i32> = optional().default(Lit::Int(86400)).range(1, 604_800),
        /// Name of the application's cookie. Only for app_cookie.
        cookie_name: Option<String> = optional(),
    }
}

model! {
    /// What happens to flows of a target that fails. Both must say the same.
    pub struct TargetFailover {
        /// When it is deregistered.
        on_deregistration: String = required().one_of(&["rebalance", "no_rebalance"]),
        /// When it fails its checks.
        on_unhealthy: String = required().one_of(&["rebalance", "no_rebalance"]),
    }
}

model! {
    /// When too few targets are well.
    pub struct GroupHealth {
        /// Fewer than these, and DNS leads away from the zone.
        dns_failover: Option<DnsFailover> = optional_computed(),
        /// Fewer than these, and requests go to all targets, well or not.
        unhealthy_state_routing: Option<Routing> = optional_computed(),
    }
}

model! {
    /// Fewer than these, and DNS leads away from the zone.
    pub struct DnsFailover {
        /// Number of targets, or `off`.
        minimum_healthy_targets_count: Option<String> = optional().default(Lit::Str("1")),
        /// Percentage of targets, 1 to 100, or `off`.
        minimum_healthy_targets_percentage: Option<String> = optional().default(Lit::Str("off")),
    }
}

model! {
    /// Fewer than these, and requests go to all targets, well or not.
    pub struct Routing {
        /// Number of targets.
        minimum_healthy_targets_count: Option<i32> = optional().default(Lit::Int(1)).range(1, i64::from(i32::MAX)),
        /// Percentage of targets, 1 to 100, or `off`.
        minimum_healthy_targets_percentage: Option<String> = optional().default(Lit::Str("off")),
    }
}

model! {
    /// What happens to connections of a target that is not well.
    pub struct HealthState {
        /// Whether they are cut.
        enable_unhealthy_connection_termination: bool = required(),
        /// Seconds before they are: 0 to 360000.
        unhealthy_draining_interval: Option<i32> = optional().default(Lit::Int(0)).range(0, 360_000),
    }
}
