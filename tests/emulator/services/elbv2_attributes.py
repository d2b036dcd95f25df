"""ELBv2 attributes: every key that AWS returns, with its default, per kind of object.

moto returns a few of them. Sources: "Load balancer attributes", "Target group
attributes" and "Listener attributes" of the Elastic Load Balancing user guides.
"""

from typing import Any

from ..overlay import AwsError, Call, operation

S3_LOG_KEYS = ("enabled", "bucket", "prefix")


def _logs(*kinds: str) -> dict[str, str]:
    return {f"{kind}.s3.{key}": "false" if key == "enabled" else "" for kind in kinds for key in S3_LOG_KEYS}


LOAD_BALANCER = {
    "application": {
        **_logs("access_logs", "connection_logs", "health_check_logs"),
        "client_keep_alive.seconds": "3600",
        "deletion_protection.enabled": "false",
        "idle_timeout.timeout_seconds": "60",
        "ipv6.deny_all_igw_traffic": "false",
        "load_balancing.cross_zone.enabled": "true",
        "routing.http.desync_mitigation_mode": "defensive",
        "routing.http.drop_invalid_header_fields.enabled": "false",
        "routing.http.preserve_host_header.enabled": "false",
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
        "routing.http.xff_client_port.enabled": "false",
        "routing.http.xff_header_processing.mode": "append",
        "routing.http2.enabled": "true",
        "waf.fail_open.enabled": "false",
        "zonal_shift.config.enabled": "false",
    },
    "network": {
        **_logs("access_logs"),
        "deletion_protection.enabled": "false",
        "dns_record.client_routing_policy": "any_availability_zone",
        "ipv6.deny_all_igw_traffic": "false",
        "load_balancing.cross_zone.enabled": "false",
        "secondary_ips.auto_assigned.per_subnet": "0",
        "zonal_shift.config.enabled": "false",
    },
    "gateway": {
        "deletion_protection.enabled": "false",
        "load_balancing.cross_zone.enabled": "false",
    },
}

GROUP_HEALTH = {
    "target_group_health.dns_failover.minimum_healthy_targets.count": "1",
    "target_group_health.dns_failover.minimum_healthy_targets.percentage": "off",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": "1",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": "off",
}
COMMON_TARGET_GROUP = {
    "deregistration_delay.timeout_seconds": "300",
    "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
    "stickiness.enabled": "false",
    **GROUP_HEALTH,
}
HTTP_TARGET_GROUP = {
    **COMMON_TARGET_GROUP,
    "load_balancing.algorithm.anomaly_mitigation": "off",
    "load_balancing.algorithm.type": "round_robin",
    "slow_start.duration_seconds": "0",
    "stickiness.app_cookie.cookie_name": "",
    "stickiness.app_cookie.duration_seconds": "86400",
    "stickiness.lb_cookie.duration_seconds": "86400",
    "stickiness.type": "lb_cookie",
}
NETWORK_TARGET_GROUP = {
    **COMMON_TARGET_GROUP,
    "deregistration_delay.connection_termination.enabled": "false",
    "proxy_protocol_v2.enabled": "false",
    "stickiness.type": "source_ip",
    "target_health_state.unhealthy.connection_termination.enabled": "true",
    "target_health_state.unhealthy.draining_interval_seconds": "0",
}
GENEVE_TARGET_GROUP = {
    "deregistration_delay.timeout_seconds": "300",
    "stickiness.enabled": "false",
    "stickiness.type": "source_ip_dest_ip_proto",
    "target_failover.on_deregistration": "no_rebalance",
    "target_failover.on_unhealthy": "no_rebalance",
}


def target_group_defaults(protocol: str | None, target_type: str) -> dict[str, str]:
    if target_type == "lambda":
        return {"lambda.multi_value_headers.enabled": "false"}
    if protocol == "GENEVE":
        return dict(GENEVE_TARGET_GROUP)
    if protocol in ("HTTP", "HTTPS"):
        return dict(HTTP_TARGET_GROUP)
    by_address = target_type != "instance" and protocol in ("TCP", "TLS")
    return {**NETWORK_TARGET_GROUP, "preserve_client_ip.enabled": "false" if by_address else "true"}


HTTP_LISTENER = {
    "routing.http.response.server.enabled": "true",
    **{
        f"routing.http.response.{header}.header_value": ""
        for header in (
            "access_control_allow_credentials",
            "access_control_allow_headers",
            "access_control_allow_methods",
            "access_control_allow_origin",
            "access_control_expose_headers",
            "access_control_max_age",
            "content_security_policy",
            "strict_transport_security",
            "x_content_type_options",
            "x_frame_options",
        )
    },
}
HTTPS_LISTENER = {
    **HTTP_LISTENER,
    **{
        f"routing.http.request.{name.lower().replace('-', '_')}.header_name": name
        for name in (
            "X-Amzn-Mtls-Clientcert",
            "X-Amzn-Mtls-Clientcert-Issuer",
            "X-Amzn-Mtls-Clientcert-Leaf",
            "X-Amzn-Mtls-Clientcert-Serial-Number",
            "X-Amzn-Mtls-Clientcert-Subject",
            "X-Amzn-Mtls-Clientcert-Validity",
            "X-Amzn-Tls-Cipher-Suite",
            "X-Amzn-Tls-Version",
        )
    },
}


def listener_defaults(protocol: str | None) -> dict[str, str]:
    if protocol == "HTTP":
        return dict(HTTP_LISTENER)
    if protocol == "HTTPS":
        return dict(HTTPS_LISTENER)
    return {"tcp.idle_timeout.seconds": "350"} if protocol in ("TCP", None, "") else {}


# --- Operations -----------------------------------------------------------------------


def _update(current: dict[str, str], wanted: list[dict], kind: str) -> dict:
    """Change known keys and answer all of them, as each Modify…Attributes does."""
    for attribute in wanted:
        if attribute["Key"] not in current:
            raise AwsError("ValidationError", f"{kind} attribute key '{attribute['Key']}' is not recognized")
    current.update({attribute["Key"]: str(attribute.get("Value", "")) for attribute in wanted})
    return {"Attributes": current}


@operation("elbv2", "ModifyLoadBalancerAttributes")
def modify_load_balancer_attributes(call: Call) -> dict:
    balancer: Any = call.backend()._get_resource_by_arn(call.params["LoadBalancerArn"])
    return _update(balancer.attrs, call.params["Attributes"], "Load balancer")


@operation("elbv2", "ModifyTargetGroupAttributes")
def modify_target_group_attributes(call: Call) -> dict:
    backend, arn, wanted = call.backend(), call.params["TargetGroupArn"], call.params["Attributes"]
    group = backend._get_resource_by_arn(arn)
    before = dict(group.attributes)
    # moto's checks of single values, then ours of the keys.
    backend.modify_target_group_attributes(arn, {a["Key"]: a.get("Value", "") for a in wanted})
    group.attributes = before
    return _update(group.attributes, wanted, "Target group")


@operation("elbv2", "ModifyListenerAttributes")
def modify_listener_attributes(call: Call) -> dict:
    listener: Any = call.backend()._get_resource_by_arn(call.params["ListenerArn"])
    return _update(listener.attributes, call.params["Attributes"], "Listener")
