"""ELBv2: idempotent creates, refusals, defaults and the `provisioning` phase.

Error names: "Common errors" and the error lists of the Elastic Load Balancing
API reference, version 2015-12-01.
"""

import copy
from collections.abc import Iterator
from typing import Any

from moto.elbv2 import models
from moto.elbv2.models import ELBv2Backend, FakeAction, FakeTargetGroup
from moto.elbv2.ssl_policies import SSL_POLICIES
from moto.moto_api._internal import mock_random

from ..overlay import AwsError, Call, after, before, existing_backends, leftovers, operation, page
from ..settings import settings
from . import elbv2_attributes as attributes

#: Canonical hosted zones of application load balancers ("Elastic Load Balancing endpoints").
HOSTED_ZONES = {
    "us-east-1": "Z35SXDOTRQ7X7K",
    "us-east-2": "Z3AADJGX6KTTL2",
    "us-west-1": "Z368ELLRRE2KJ0",
    "us-west-2": "Z1H1FL5HABSF5",
    "eu-west-1": "Z32O12XQLNTSW2",
    "eu-west-2": "ZHURV8PSTC4K8",
    "eu-west-3": "Z3Q77PNBQS71R4",
    "eu-central-1": "Z215JYRZR1TBD5",
    "eu-north-1": "Z23TAZ6LKFMNIO",
}


#: How the ARN names each kind; moto says `app` for all of them.
ARN_KINDS = {"application": "app", "network": "net", "gateway": "gwy"}
_moto_arn = models.make_arn_for_load_balancer


def _settings_of(call: Call) -> dict:
    """What "identical settings" compares: all parameters but tags, lists without order."""
    return {
        key: sorted(map(str, value)) if isinstance(value, list) and key in ("Subnets", "SecurityGroups") else value
        for key, value in call.params.items()
        if key != "Tags"
    }


# --- Load balancers -------------------------------------------------------------------


@operation("elbv2", "CreateLoadBalancer")
def create_load_balancer(call: Call) -> dict:
    """A repeat with the same settings answers the same ARN, else `DuplicateLoadBalancerName`."""
    name = call.params["Name"]
    for balancer in call.backend().load_balancers.values():
        if balancer.name == name:
            if balancer.creation == _settings_of(call):
                return {"LoadBalancers": [balancer]}
            raise AwsError(
                "DuplicateLoadBalancerName",
                f"A load balancer with the same name '{name}' exists, but with different settings",
            )
    _check_new_load_balancer(call)
    kind = ARN_KINDS[call.params.get("Type", "application")]
    models.make_arn_for_load_balancer = lambda **parts: _moto_arn(**parts).replace("/app/", f"/{kind}/", 1)
    balancer = call.moto()["LoadBalancers"][0]
    _complete_load_balancer(call, balancer)
    return {"LoadBalancers": [balancer]}


def _check_new_load_balancer(call: Call) -> None:
    ec2, params = call.backend("ec2"), call.params
    subnet_ids = params.get("Subnets") or [m["SubnetId"] for m in params.get("SubnetMappings", [])]
    subnets = [_subnet(ec2, subnet_id) for subnet_id in subnet_ids]
    if params.get("Type", "application") == "application":
        if len({subnet.availability_zone for subnet in subnets}) < 2:
            raise AwsError(
                "ValidationError",
                "At least two subnets in two different Availability Zones must be specified",
            )
    for group in params.get("SecurityGroups", []):
        if not ec2.get_security_group_from_id(group):
            raise AwsError("InvalidSecurityGroup", f"The security group '{group}' does not exist")
    if params.get("Scheme", "internet-facing") == "internet-facing" and subnets:
        _require_internet_gateway(ec2, subnets[0].vpc_id)


def _subnet(ec2: Any, subnet_id: str) -> Any:
    for zone in ec2.subnets.values():
        if subnet_id in zone:
            return zone[subnet_id]
    raise AwsError("SubnetNotFound", f"The subnet ID '{subnet_id}' does not exist")


def _require_internet_gateway(ec2: Any, vpc_id: str) -> None:
    """`InvalidSubnet`; the default VPC has a gateway in AWS, though not in moto."""
    attached = any(gateway.vpc and gateway.vpc.id == vpc_id for gateway in ec2.internet_gateways.values())
    if not attached and not ec2.vpcs[vpc_id].is_default:
        raise AwsError("InvalidSubnet", f"VPC {vpc_id} has no internet gateway")


def _complete_load_balancer(call: Call, balancer: Any) -> None:
    balancer.creation = _settings_of(call)
    balancer.mappings = _mappings(call)
    balancer.scheme = balancer.scheme or "internet-facing"
    balancer.attrs = dict(attributes.LOAD_BALANCER[balancer.type])
    balancer.canonical_hosted_zone_id = HOSTED_ZONES.get(call.region, balancer.canonical_hosted_zone_id)
    balancer.polls_left = settings.load_balancer_provisioning_polls
    balancer.customer_owned_ipv4_pool = call.params.get("CustomerOwnedIpv4Pool")
    balancer.ipam_pools = call.params.get("IpamPools")
    if balancer.type == "application" and not balancer.security_groups:
        balancer.security_groups = [call.backend("ec2").get_default_security_group(balancer.vpc_id).id]
    number = mock_random.randint(10**8, 10**9 - 1)
    prefix = "internal-" if balancer.scheme == "internal" and balancer.type == "application" else ""
    balancer.dns_name = f"{prefix}{balancer.name}-{number}.{call.region}.elb.amazonaws.com"


def _mappings(call: Call) -> dict[str, dict]:
    return {mapping["SubnetId"]: mapping for mapping in call.params.get("SubnetMappings", [])}


def _zones(balancer: Any) -> list[models.AvailabilityZone]:
    """Chosen addresses are told with the zone (moto forgets them)."""
    zones = [models.AvailabilityZone(subnet) for subnet in balancer.subnets]
    for zone in zones:
        chosen = getattr(balancer, "mappings", {}).get(zone.subnet_id, {})
        address = {key: value for key, value in chosen.items() if key != "SubnetId"}
        zone.load_balancer_addresses = [address] if address else []
    return zones


models.FakeLoadBalancer.availability_zones = property(_zones)  # type: ignore


@after("elbv2", "SetSubnets")
def keep_mappings(call: Call, result: dict) -> None:
    balancer = call.backend().load_balancers[call.params["LoadBalancerArn"]]
    balancer.mappings = _mappings(call)
    result["AvailabilityZones"] = balancer.availability_zones


@operation("elbv2", "DescribeLoadBalancers")
def describe_load_balancers(call: Call) -> dict:
    """One missing name or ARN fails the whole call; PageSize and Marker page the rest."""
    balancers = list(call.backend().load_balancers.values())
    arns, names = call.params.get("LoadBalancerArns"), call.params.get("Names")
    if arns:
        balancers = _pick(balancers, arns, lambda b: b.arn, "LoadBalancerNotFound", "One or more load balancers not found")
    elif names:
        balancers = _pick(balancers, names, lambda b: b.name, "LoadBalancerNotFound", f"Load balancers '{names}' not found")
    balancers, marker = page(call, balancers, call.params.get("PageSize") or 400, "Marker")
    for balancer in balancers:
        _advance(balancer)
    return {"LoadBalancers": balancers, "NextMarker": marker}


def _advance(balancer: Any) -> None:
    """A describe is one step of provisioning → active."""
    if balancer.polls_left > 0:
        balancer.polls_left -= 1
    else:
        balancer.state = "active"


def _pick(objects: list, keys: list[str], key_of: Any, code: str, message: str) -> list:
    found = {key_of(item): item for item in objects}
    if any(key not in found for key in keys):
        raise AwsError(code, message)
    return [found[key] for key in dict.fromkeys(keys)]


@before("elbv2", "DeleteLoadBalancer")
def refuse_protected(call: Call) -> None:
    """`OperationNotPermitted` while deletion protection is on."""
    balancer = call.backend().load_balancers.get(call.params["LoadBalancerArn"])
    if balancer and balancer.attrs["deletion_protection.enabled"] == "true":
        raise AwsError(
            "OperationNotPermitted",
            f"Load balancer '{balancer.arn}' cannot be deleted because deletion protection is enabled",
        )


@after("elbv2", "SetSecurityGroups")
def name_security_groups(call: Call, result: dict) -> None:
    """SetSecurityGroupsOutput has `SecurityGroupIds`; moto answers `SecurityGroups`."""
    result["SecurityGroupIds"] = result["SecurityGroups"]
    setting = call.params.get("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic")
    if setting:
        balancer = call.backend().load_balancers[call.params["LoadBalancerArn"]]
        balancer.enforce_security_group_inbound_rules_on_private_link_traffic = setting
        result["EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"] = setting


@operation("elbv2", "SetIpAddressType")
def set_ip_address_type(call: Call) -> dict:
    balancer = call.backend()._get_resource_by_arn(call.params["LoadBalancerArn"])
    balancer.ip_address_type = call.params["IpAddressType"]
    return {"IpAddressType": balancer.ip_address_type}


@operation("elbv2", "DescribeCapacityReservation", "ModifyCapacityReservation")
def capacity_reservation(call: Call) -> dict:
    """Capacity unit reservation of a load balancer; at once `provisioned`."""
    balancer = call.backend()._get_resource_by_arn(call.params["LoadBalancerArn"])
    if call.params.get("ResetCapacityReservation"):
        balancer.minimum_capacity = None
    elif "MinimumLoadBalancerCapacity" in call.params:
        balancer.minimum_capacity = call.params["MinimumLoadBalancerCapacity"]
    minimum = getattr(balancer, "minimum_capacity", None)
    if not minimum:
        return {"DecreaseRequestsRemaining": 2, "CapacityReservationState": []}
    zones = [zone.zone_name for zone in balancer.availability_zones]
    each = minimum["CapacityUnits"] / len(zones)
    return {
        "DecreaseRequestsRemaining": 2,
        "MinimumLoadBalancerCapacity": minimum,
        "CapacityReservationState": [
            {"State": {"Code": "provisioned"}, "AvailabilityZone": zone, "EffectiveCapacityUnits": each}
            for zone in zones
        ],
    }


# --- Target groups --------------------------------------------------------------------


def _load_balancers_of(group: FakeTargetGroup) -> list[str]:
    from moto.elbv2.models import elbv2_backends

    backend = elbv2_backends[group.account_id][group.region_name]
    return [
        balancer.arn
        for balancer in backend.load_balancers.values()
        if any(_uses(backend, listener, group.arn) for listener in balancer.listeners.values())
    ]


def _uses(backend: Any, listener: Any, group_arn: str) -> bool:
    return any(
        group_arn in backend._get_target_group_arns_from(action.data)
        for rule in listener.rules.values()
        for action in rule.actions
    )


# moto only ever adds to this list, so a group seems in use after its listener is gone.
FakeTargetGroup.load_balancer_arns = property(_load_balancers_of, lambda group, value: None)  # type: ignore


@operation("elbv2", "CreateTargetGroup")
def create_target_group(call: Call) -> dict:
    """A repeat with the same settings answers the same ARN, else `DuplicateTargetGroupName`."""
    name = call.params["Name"]
    for group in call.backend().target_groups.values():
        if group.name == name:
            if group.creation == _settings_of(call):
                return {"TargetGroups": [group]}
            raise AwsError(
                "DuplicateTargetGroupName",
                f"A target group with the same name '{name}' exists, but with different settings",
            )
    group = call.moto()["TargetGroups"][0]
    group.creation = _settings_of(call)
    group.attributes = attributes.target_group_defaults(group.protocol, group.target_type)
    group.health_check_enabled = call.params.get("HealthCheckEnabled", group.target_type != "lambda")
    if group.protocol not in ("HTTP", "HTTPS") and group.health_check_protocol in ("HTTP", "HTTPS"):
        group.health_check_path = group.health_check_path or "/"
        group.matcher = call.params.get("Matcher") or {"HttpCode": "200-399"}
    return {"TargetGroups": [group]}


@after("elbv2", "ModifyTargetGroup")
def mark_changed(call: Call, result: dict) -> None:
    group = result["TargetGroups"][0]
    group.creation = None
    if matcher := call.params.get("Matcher"):
        group.matcher = matcher


@operation("elbv2", "DescribeTargetGroups")
def describe_target_groups(call: Call) -> dict:
    """An unused load balancer has an empty list (moto: TargetGroupNotFound), and there are pages."""
    backend, params = call.backend(), call.params
    groups = sorted(backend.target_groups.values(), key=lambda group: group.name)
    missing = ("TargetGroupNotFound", "One or more target groups not found")
    if params.get("TargetGroupArns"):
        groups = _pick(groups, params["TargetGroupArns"], lambda g: g.arn, *missing)
    elif params.get("Names"):
        groups = _pick(groups, params["Names"], lambda g: g.name, *missing)
    elif params.get("LoadBalancerArn"):
        backend._get_resource_by_arn(params["LoadBalancerArn"])
        groups = [group for group in groups if params["LoadBalancerArn"] in group.load_balancer_arns]
    groups, marker = page(call, groups, params.get("PageSize") or 400, "Marker")
    return {"TargetGroups": groups, "NextMarker": marker}


@operation("elbv2", "DeleteTargetGroup")
def delete_target_group(call: Call) -> dict:
    """`ResourceInUse` while a listener or rule names the group, even with weight 0."""
    arn, backend = call.params["TargetGroupArn"], call.backend()
    if arn in backend.target_groups and backend.target_groups[arn].load_balancer_arns:
        raise AwsError("ResourceInUse", f"Target group '{arn}' is currently in use by a listener or a rule")
    backend.target_groups.pop(arn, None)
    return {}


# --- Actions and conditions -----------------------------------------------------------

REDIRECT_DEFAULTS = {"Host": "#{host}", "Path": "/#{path}", "Port": "#{port}", "Protocol": "#{protocol}", "Query": "#{query}"}
AUTHENTICATE_DEFAULTS = {
    "OnUnauthenticatedRequest": "authenticate",
    "Scope": "openid",
    "SessionCookieName": "AWSELBAuthSessionCookie",
    "SessionTimeout": 604800,
}

_moto_action_init = FakeAction.__init__


def _action_init(action: FakeAction, data: dict[str, Any]) -> None:
    _moto_action_init(action, _complete_action(copy.deepcopy(data)))


def _complete_action(data: dict[str, Any]) -> dict[str, Any]:
    """Fill what AWS fills: both forms of a single forward, redirect placeholders, …"""
    if data.get("Type") == "forward":
        forward = data.setdefault("ForwardConfig", {})
        if not forward.get("TargetGroups") and data.get("TargetGroupArn"):
            forward["TargetGroups"] = [{"TargetGroupArn": data["TargetGroupArn"], "Weight": 1}]
        groups = forward.get("TargetGroups", [])
        data.pop("TargetGroupArn", None)
        if len(groups) == 1:
            data["TargetGroupArn"] = groups[0]["TargetGroupArn"]
    elif data.get("Type") == "redirect":
        data["RedirectConfig"] = {**REDIRECT_DEFAULTS, **data.get("RedirectConfig", {})}
    for key in ("AuthenticateOidcConfig", "AuthenticateCognitoConfig"):
        if key in data:
            data[key] = {**AUTHENTICATE_DEFAULTS, **data[key]}
            data[key].pop("ClientSecret", None)
    return data


FakeAction.__init__ = _action_init  # type: ignore[method-assign]


def _target_groups_of(_: Any, action_data: dict[str, Any]) -> list[str]:
    """moto looks at TargetGroupArn or at ForwardConfig, never at both."""
    groups = action_data.get("ForwardConfig", {}).get("TargetGroups", [])
    return [group["TargetGroupArn"] for group in groups]


def _number(actions: list[Any]) -> None:
    for position, action in enumerate(actions, 1):
        action.data.setdefault("Order", position)
        action.Order = action.data["Order"]


def _complete_conditions(conditions: list[dict]) -> None:
    """Host and path conditions come back in both forms, `Values` and `…Config`."""
    forms = {"host-header": "HostHeaderConfig", "path-pattern": "PathPatternConfig"}
    for condition in conditions:
        form = forms.get(condition.get("Field", ""))
        if form and condition.get("Values"):
            condition[form] = {"Values": condition["Values"]}
        elif form and condition.get(form, {}).get("Values"):
            condition["Values"] = condition[form]["Values"]


def _install_target_groups_of() -> None:
    ELBv2Backend._get_target_group_arns_from = _target_groups_of  # type: ignore[method-assign]


_install_target_groups_of()


# --- Listeners ------------------------------------------------------------------------


@operation("elbv2", "CreateListener")
def create_listener(call: Call) -> dict:
    """`DuplicateListener` for a second listener on a port, unless it is the same."""
    backend, params = call.backend(), call.params
    balancer = backend._get_resource_by_arn(params["LoadBalancerArn"])
    for listener in balancer.listeners.values():
        if listener.port == params.get("Port"):
            if listener.creation == _settings_of(call):
                return {"Listeners": [_shown(listener)]}
            raise AwsError(
                "DuplicateListener",
                f"A listener already exists on this port for this load balancer '{balancer.arn}'",
            )
    _check_certificates(call, params.get("Protocol"), params.get("Certificates"))
    _check_policy(params.get("SslPolicy"))
    listener = call.moto()["Listeners"][0]
    listener.creation = _settings_of(call)
    listener.attributes = attributes.listener_defaults(listener.protocol)
    listener.mutual_authentication = params.get("MutualAuthentication")
    listener.rule_settings = None
    _number(listener.default_actions)
    _settle_protocol(listener)
    return {"Listeners": [_shown(listener)]}


def _settle_protocol(listener: Any) -> None:
    if listener.protocol not in ("HTTPS", "TLS"):
        listener.ssl_policy, listener.certificates, listener.certificate = None, [], None
        listener.mutual_authentication = None
    elif listener.protocol == "HTTPS" and not listener.mutual_authentication:
        listener.mutual_authentication = {"Mode": "off"}


def _check_certificates(call: Call, protocol: str | None, certificates: list[dict] | None) -> None:
    if protocol not in ("HTTPS", "TLS"):
        if certificates:
            raise AwsError("ValidationError", f"You cannot specify a certificate for {protocol} listeners")
        return
    if not certificates:
        raise AwsError("ValidationError", f"A certificate must be specified for {protocol} listeners")
    if len(certificates) > 1:
        raise AwsError("TooManyCertificates", "Only one default certificate can be specified")
    _check_certificate(call, certificates[0]["CertificateArn"])


# A certificate that every account has, for stacks that do not manage one: arn:aws:iam::ACCOUNT:server-certificate/standing.
STANDING_CERTIFICATE = ":server-certificate/standing"

_moto_certificate_exists = ELBv2Backend._certificate_exists


def _certificate_exists(self: ELBv2Backend, certificate_arn: str) -> bool:
    return certificate_arn.endswith(STANDING_CERTIFICATE) or _moto_certificate_exists(self, certificate_arn)


ELBv2Backend._certificate_exists = _certificate_exists  # type: ignore[method-assign]


def _check_certificate(call: Call, arn: str) -> None:
    """`CertificateNotFound`; a certificate still to be validated is `UnsupportedCertificate`."""
    if arn.endswith(STANDING_CERTIFICATE):
        return
    if not call.backend()._certificate_exists(certificate_arn=arn):
        raise AwsError("CertificateNotFound", f"Certificate '{arn}' not found")
    if ":acm:" in arn:
        certificate = call.backend("acm").get_certificate(arn)
        if certificate.status == "PENDING_VALIDATION":
            raise AwsError(
                "UnsupportedCertificate",
                f"The certificate '{arn}' must have a fully-qualified domain name, a supported signature, "
                "and a supported RSA key size.",
            )


def _check_policy(name: str | None) -> None:
    if name and name not in SSL_POLICIES:
        raise AwsError("SSLPolicyNotFound", f"SSL policy '{name}' not found")


def _shown(listener: Any) -> Any:
    """DescribeListeners shows the default certificate only."""
    shown = copy.copy(listener)
    shown.certificates = listener.certificates[:1]
    return shown


@operation("elbv2", "ModifyListener")
def modify_listener(call: Call) -> dict:
    """moto refuses TLS, UDP, …, and drops additional certificates."""
    backend, params = call.backend(), call.params
    listener = backend._get_resource_by_arn(params["ListenerArn"])
    protocol = params.get("Protocol", listener.protocol)
    if protocol in ("HTTPS", "TLS") and not params.get("Certificates") and listener.certificates:
        certificates = [{"CertificateArn": listener.certificates[0]}]
    else:
        certificates = params.get("Certificates")
    _check_certificates(call, protocol, certificates)
    _check_policy(params.get("SslPolicy"))
    _check_port_is_free(call, listener)
    actions = [FakeAction(action) for action in params.get("DefaultActions", [])]
    backend._validate_actions(actions)
    _apply_listener_changes(listener, params, protocol, certificates, actions)
    return {"Listeners": [_shown(listener)]}


def _check_port_is_free(call: Call, listener: Any) -> None:
    balancer = call.backend().load_balancers[listener.load_balancer_arn]
    for other in balancer.listeners.values():
        if other is not listener and other.port == call.params.get("Port"):
            raise AwsError("DuplicateListener", "A listener already exists on this port for this load balancer")


def _apply_listener_changes(
    listener: Any, params: dict, protocol: str, certificates: list[dict] | None, actions: list
) -> None:
    if protocol != listener.protocol:
        listener.attributes = attributes.listener_defaults(protocol)
    listener.creation = None
    listener.protocol = protocol
    listener.port = params.get("Port", listener.port)
    listener.ssl_policy = params.get("SslPolicy") or listener.ssl_policy or "ELBSecurityPolicy-2016-08"
    listener.mutual_authentication = params.get("MutualAuthentication", listener.mutual_authentication)
    listener.alpn_policy = params.get("AlpnPolicy", listener.alpn_policy)
    if certificates:
        default = certificates[0]["CertificateArn"]
        listener.certificate = default
        listener.certificates = [default] + [c for c in listener.certificates[1:] if c != default]
    if actions:
        _number(actions)
        listener.default_actions = actions
        listener._default_rule[0].actions = actions
    _settle_protocol(listener)


@operation("elbv2", "DescribeListeners")
def describe_listeners(call: Call) -> dict:
    backend, params = call.backend(), call.params
    if params.get("ListenerArns"):
        everything = [l for b in backend.load_balancers.values() for l in b.listeners.values()]
        listeners = _pick(everything, params["ListenerArns"], lambda l: l.arn, "ListenerNotFound",
                          "One or more listeners not found")
    else:
        listeners = backend.describe_listeners(params.get("LoadBalancerArn"), [])
    listeners, marker = page(call, listeners, params.get("PageSize") or 400, "Marker")
    return {"Listeners": [_shown(listener) for listener in listeners], "NextMarker": marker}


@before("elbv2", "AddListenerCertificates")
def check_additional_certificates(call: Call) -> None:
    for certificate in call.params["Certificates"]:
        _check_certificate(call, certificate["CertificateArn"])


# --- Rules ----------------------------------------------------------------------------


@after("elbv2", "CreateRule", "ModifyRule")
def complete_rule(call: Call, result: dict) -> None:
    rule = result["Rules"][0]
    _number(rule.actions)
    _complete_conditions(rule.conditions)
    if call.params.get("ResetTransforms"):
        rule.transforms = None
    elif call.params.get("Transforms"):
        rule.transforms = call.params["Transforms"]


@operation("elbv2", "SetRulePriorities")
def set_rule_priorities(call: Call) -> dict:
    """All priorities change at once, so two rules can swap (moto: PriorityInUse)."""
    backend = call.backend()
    wanted = {item["RuleArn"]: item["Priority"] for item in call.params["RulePriorities"]}
    rules = backend.describe_rules(None, list(wanted))
    for rule in rules:
        listener = backend.describe_listeners(None, [rule.listener_arn])[0]
        for other in listener.rules.values():
            if other.arn != rule.arn and wanted.get(other.arn, other.priority) == wanted[rule.arn]:
                raise AwsError("PriorityInUse", f"Priority '{wanted[rule.arn]}' is currently in use")
    for rule in rules:
        rule.priority = wanted[rule.arn]
    return {"Rules": rules}


@before("elbv2", "DeleteRule")
def refuse_default_rule(call: Call) -> None:
    rule = call.backend().describe_rules(None, [call.params["RuleArn"]])[0]
    if rule.is_default:
        raise AwsError("OperationNotPermitted", f"Default rule '{rule.arn}' cannot be deleted")


# --- Tags -----------------------------------------------------------------------------


@before("elbv2", "DescribeTags")
def check_tagged_resources(call: Call) -> None:
    """A missing ARN fails the call (`LoadBalancerNotFound`, …); 20 ARNs at most."""
    arns = call.params["ResourceArns"]
    if len(arns) > 20:
        raise AwsError("ValidationError", "Cannot have more than 20 resources specified")
    for arn in arns:
        call.backend()._get_resource_by_arn(arn)


@operation("elbv2", "AddTags")
def add_tags(call: Call) -> dict:
    """50 tags per resource; moto still has the old quota of 10."""
    backend = call.backend()
    for arn in call.params["ResourceArns"]:
        backend._get_resource_by_arn(arn)
    for arn in call.params["ResourceArns"]:
        backend.tagging_service.tag_resource(arn, call.params["Tags"])
        if len(backend.tagging_service.get_tag_dict_for_resource(arn)) > 50:
            raise AwsError("TooManyTags", "The maximum number of tags has been reached")
    return {}


@leftovers("elbv2")
def elbv2_leftovers() -> Iterator[tuple[str, str]]:
    for backend in existing_backends("elbv2"):
        for arn, balancer in backend.load_balancers.items():
            yield "load-balancer", arn
            for listener_arn, listener in balancer.listeners.items():
                yield "listener", listener_arn
                yield from (("listener-rule", rule.arn) for rule in listener._non_default_rules.values())
        yield from (("target-group", arn) for arn in backend.target_groups)
