//! Mistakes in a target group that are found before AWS is asked.

use super::model::{Args, HealthCheck};
use crate::aws::contract::{Draft, Problems};

/// Finds them.
pub(super) fn check(want: &Draft, found: &mut Problems) {
    let kind = want.known(Args::target_type).unwrap_or_else(|| "instance".into());
    if kind == "lambda" {
        function(want, found);
    } else {
        needs_network(want, &kind, found);
    }
    let Some(protocol) = want.known(Args::protocol) else { return };
    if kind == "alb" && protocol != "TCP" {
        found.at(Args::protocol, "A target group of a load balancer has the protocol TCP. Set `protocol = \"TCP\"`.");
    }
    if protocol == "GENEVE" && want.known(Args::port).is_some_and(|port| port != 6081) {
        found.at(Args::port, "GENEVE is always on port 6081. Set `port = 6081`.");
    }
    if let Some(health) = want.said(Args::health_check) {
        health_check(&health, &protocol, found);
    }
    stickiness(want, &protocol, found);
    slow_start(want, found);
}

fn function(want: &Draft, found: &mut Problems) {
    let ignored = "A target group of functions has neither port nor protocol nor network, so this is ignored. Remove it.";
    if want.is_set(Args::port) {
        found.warn(Args::port, ignored);
    }
    if want.is_set(Args::protocol) {
        found.warn(Args::protocol, ignored);
    }
    if want.is_set(Args::vpc_id) {
        found.warn(Args::vpc_id, ignored);
    }
}

fn needs_network(want: &Draft, kind: &str, found: &mut Problems) {
    let needs = |name: &str, example: &str| {
        format!("Targets of type {kind} are reached over the network, which needs `{name}`. Set it, such as `{name} = {example}`.")
    };
    if !want.is_set(Args::port) {
        found.at(Args::port, needs("port", "80"));
    }
    if !want.is_set(Args::protocol) {
        found.at(Args::protocol, needs("protocol", "\"HTTP\""));
    }
    if !want.is_set(Args::vpc_id) {
        found.at(Args::vpc_id, needs("vpc_id", "aws_vpc.main.id"));
    }
}

fn health_check(health: &HealthCheck, protocol: &str, found: &mut Problems) {
    let how = health.protocol.as_deref().unwrap_or("HTTP").to_uppercase();
    let mut wrong = |name: &str, text: String| found.inside(&["health_check", name], text);
    if matches!(protocol, "HTTP" | "HTTPS") && how == "TCP" {
        let text = format!("Targets that speak {protocol} are checked with HTTP or HTTPS, not with TCP. Set `protocol` to one of them.");
        wrong("protocol", text);
    }
    if how == "TCP" {
        let text = "A TCP check only opens a connection: it has no path and no status codes. Remove this, or check with HTTP.";
        if health.path.as_deref().is_some_and(|path| !path.is_empty()) {
            wrong("path", text.into());
        }
        if health.matcher.as_deref().is_some_and(|codes| !codes.is_empty()) {
            wrong("matcher", text.into());
        }
    }
    let interval = health.interval.unwrap_or(30);
    if let Some(timeout) = health.timeout.filter(|timeout| *timeout >= interval && how != "TCP") {
        wrong(
            "timeout",
            format!("A check may take {timeout} seconds but the next one starts after {interval}. Set `timeout` below `interval`."),
        );
    }
}

fn stickiness(want: &Draft, protocol: &str, found: &mut Problems) {
    let Some(sticky) = want.said(Args::stickiness) else { return };
    let fitting: &[&str] = match protocol {
        "HTTP" | "HTTPS" => &["lb_cookie", "app_cookie"],
        "GENEVE" => &["source_ip_dest_ip", "source_ip_dest_ip_proto"],
        _ => &["source_ip"],
    };
    // Switched off, hashicorp/aws lets any type pass.
    if sticky.enabled != Some(false) && !fitting.contains(&sticky.r#type.as_str()) {
        let text = format!("Clients of a {protocol} target group are recognised by {}. Set `type` to that.", fitting.join(" or "));
        found.inside(&["stickiness", "type"], text);
    }
    if sticky.r#type != "app_cookie" {
        return;
    }
    match sticky.cookie_name.as_deref().filter(|name| !name.is_empty()) {
        None => found.inside(&["stickiness"], "Stickiness of type app_cookie follows the application's cookie and needs to know it. Set `cookie_name`."),
        Some(name) if name.starts_with("AWSALB") => {
            let text = "Cookie names that start with AWSALB are kept for the load balancer. Choose another name.";
            found.inside(&["stickiness", "cookie_name"], text);
        }
        Some(_) => {}
    }
}

fn slow_start(want: &Draft, found: &mut Problems) {
    let Some(seconds) = want.known(Args::slow_start).filter(|seconds| *seconds != 0) else { return };
    if seconds < 30 {
        found.at(Args::slow_start, "A slow start takes 30 to 900 seconds, or 0 for none.");
    }
    let algorithm = want.known(Args::load_balancing_algorithm_type).unwrap_or_default();
    if matches!(algorithm.as_str(), "least_outstanding_requests" | "weighted_random") {
        let text = format!("A slow start works with the algorithm round_robin only, not with {algorithm}. Change one of the two.");
        found.at(Args::slow_start, text);
    }
}
