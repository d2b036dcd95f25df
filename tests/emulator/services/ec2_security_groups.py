"""EC2 security groups: rules with ids, all-or-nothing authorisation, refusals."""

import copy
from typing import Any

from moto.ec2.models.security_groups import SecurityGroupBackend, SecurityGroupRule

from ..overlay import AwsError, Call, before, operation
from . import usage

# --- Rules as AWS compares and shows them ---------------------------------------------


def _identity(rule: SecurityGroupRule) -> tuple:
    """What makes two rules duplicates: everything but description and id."""
    return (
        rule.ip_protocol,
        rule.from_port,
        rule.to_port,
        rule.cidr_ipv4,
        rule.cidr_ipv6,
        rule.source_group.get("GroupId"),
        rule.prefix_list_id,
    )


def _sources(rule: SecurityGroupRule) -> list[dict]:
    """Where the rule's traffic comes from or goes to; the description stands there too."""
    return [source for source in (rule.ip_range, rule.source_group, getattr(rule, "prefix_list", None)) if source]


def _description(rule: SecurityGroupRule) -> str | None:
    for source in _sources(rule):
        if source.get("Description"):
            return source["Description"]
    return None


def _describe(_backend: Any, wanted: SecurityGroupRule, rule: SecurityGroupRule) -> None:
    """A rule that is given without description loses the one it had (moto keeps it)."""
    description = _description(wanted)
    for source in _sources(rule):
        source.pop("Description", None)
        if description:
            source["Description"] = description


def _rule_arn(rule: SecurityGroupRule) -> str:
    backend = rule.ec2_backend
    return f"arn:aws:ec2:{backend.region_name}:{backend.account_id}:security-group-rule/{rule.id}"


_moto_rule_init = SecurityGroupRule.__init__


def _rule_init(rule: SecurityGroupRule, *args: Any, **kwargs: Any) -> None:
    """moto forgets a prefix list's description."""
    _moto_rule_init(rule, *args, **kwargs)
    rule.prefix_list = kwargs.get("prefix_list_id") or (args[7] if len(args) > 7 else None)


# moto takes the description as part of a rule's identity, so that the same
# source with another description is accepted (AWS: InvalidPermission.Duplicate).
SecurityGroupRule.__eq__ = lambda rule, other: _identity(rule) == _identity(other)  # type: ignore
SecurityGroupRule.__init__ = _rule_init  # type: ignore[method-assign]
SecurityGroupRule.description = property(_description)  # type: ignore
SecurityGroupRule.security_group_rule_arn = property(_rule_arn)  # type: ignore
SecurityGroupBackend._sg_update_description = _describe  # type: ignore[method-assign]


# --- Authorise ------------------------------------------------------------------------


@operation("ec2", "AuthorizeSecurityGroupIngress")
def authorize_ingress(call: Call) -> dict:
    return _authorize(call, "ingress")


@operation("ec2", "AuthorizeSecurityGroupEgress")
def authorize_egress(call: Call) -> dict:
    return _authorize(call, "egress")


def _authorize(call: Call, direction: str) -> dict:
    """All rules or none, and every one in the answer (moto answers the last permission's)."""
    group = _group(call)
    rules: list = getattr(group, f"{direction}_rules")
    saved = list(rules)
    added: list = []
    try:
        for permission in _permissions(call):
            added += _authorize_one(call, direction, group, permission)
    except Exception:
        setattr(group, f"{direction}_rules", saved)
        raise
    return {"Return": True, "SecurityGroupRules": [_shown(rule) for rule in added]}


def _authorize_one(call: Call, direction: str, group: Any, permission: dict) -> list:
    _check_ports(permission)
    authorize = getattr(call.backend(), f"authorize_security_group_{direction}")
    rules, _ = authorize(
        group_name_or_id=group.id,
        ip_protocol=permission.get("IpProtocol"),
        from_port=permission.get("FromPort"),
        to_port=permission.get("ToPort"),
        ip_ranges=permission.get("IpRanges", []) + permission.get("Ipv6Ranges", []),
        source_groups=permission.get("UserIdGroupPairs", []),
        prefix_list_ids=permission.get("PrefixListIds", []),
        sgrule_tags=_rule_tags(call),
    )
    return rules


def _check_ports(permission: dict) -> None:
    protocol = str(permission.get("IpProtocol", "")).lower()
    if not protocol:
        raise AwsError("InvalidParameterValue", "Invalid value 'null' for protocol.")
    ports = permission.get("FromPort"), permission.get("ToPort")
    if protocol in ("tcp", "udp", "6", "17") and None in ports:
        raise AwsError(
            "InvalidParameterValue",
            "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
        )
    if None in ports and protocol != "-1":
        permission["FromPort"], permission["ToPort"] = -1, -1


def _permissions(call: Call) -> list[dict]:
    if "IpPermissions" in call.params:
        return call.params["IpPermissions"]
    single = {key: call.params[key] for key in ("IpProtocol", "FromPort", "ToPort") if key in call.params}
    if "CidrIp" in call.params:
        single["IpRanges"] = [{"CidrIp": call.params["CidrIp"]}]
    if "SourceSecurityGroupName" in call.params:
        single["UserIdGroupPairs"] = [{"GroupName": call.params["SourceSecurityGroupName"]}]
    return [single]


def _rule_tags(call: Call) -> dict[str, str]:
    return {
        tag["Key"]: tag["Value"]
        for specification in call.params.get("TagSpecifications", [])
        if specification.get("ResourceType") == "security-group-rule"
        for tag in specification.get("Tags", [])
    }


def _shown(rule: SecurityGroupRule) -> SecurityGroupRule:
    """Absent ports read -1 in SecurityGroupRule."""
    shown = copy.copy(rule)
    shown.from_port = -1 if rule.from_port is None else rule.from_port
    shown.to_port = -1 if rule.to_port is None else rule.to_port
    return shown


def _group(call: Call) -> Any:
    name = call.params.get("GroupId") or call.params.get("GroupName")
    group = call.backend().get_security_group_by_name_or_id(name)
    if not group:
        raise AwsError("InvalidGroup.NotFound", f"The security group '{name}' does not exist")
    return group


# --- Revoke, modify -------------------------------------------------------------------


@before("ec2", "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress")
def refuse_unknown_rule_ids(call: Call) -> None:
    """`InvalidSecurityGroupRuleId.NotFound` for ids (by content: `InvalidPermission.NotFound`)."""
    group = _group(call)
    for rule_id in call.params.get("SecurityGroupRuleIds", []):
        if not group.get_rule(rule_id):
            raise _no_such_rule(rule_id)


def _no_such_rule(rule_id: str) -> AwsError:
    return AwsError(
        "InvalidSecurityGroupRuleId.NotFound",
        f"The security group rule ID '{rule_id}' does not exist",
    )


@operation("ec2", "ModifySecurityGroupRules")
def modify_rules(call: Call) -> dict:
    """ModifySecurityGroupRules replaces a rule as a whole and keeps its id and tags."""
    group = _group(call)
    updates = call.params["SecurityGroupRules"]
    for update in updates:
        if not group.get_rule(update["SecurityGroupRuleId"]):
            raise _no_such_rule(update["SecurityGroupRuleId"])
    for update in updates:
        _replace(call, group, group.get_rule(update["SecurityGroupRuleId"]), update.get("SecurityGroupRule", {}))
    return {"Return": True}


SOURCES = ("CidrIpv4", "CidrIpv6", "PrefixListId", "ReferencedGroupId")


def _replace(call: Call, group: Any, rule: SecurityGroupRule, wanted: dict) -> None:
    given = [source for source in SOURCES if wanted.get(source)]
    if len(given) != 1:
        raise AwsError(
            "InvalidParameterCombination" if given else "MissingParameter",
            "Exactly one of cidrIpv4, cidrIpv6, prefixListId, or referencedGroupId must be specified",
        )
    permission = {"IpProtocol": wanted.get("IpProtocol"), "FromPort": wanted.get("FromPort"),
                  "ToPort": wanted.get("ToPort")}
    _check_ports(permission)
    changed = SecurityGroupRule(
        call.backend(),
        permission["IpProtocol"],
        group.id,
        permission["FromPort"],
        permission["ToPort"],
        _ip_range(wanted),
        _source_group(call, wanted),
        {"PrefixListId": wanted["PrefixListId"], **_described(wanted)} if wanted.get("PrefixListId") else None,
        is_egress=rule.is_egress,
    )
    siblings = group.egress_rules if rule.is_egress else group.ingress_rules
    if any(other == changed for other in siblings if other is not rule):
        raise AwsError("InvalidPermission.Duplicate", "the specified rule already exists")
    for name in ("ip_protocol", "from_port", "to_port", "ip_range", "source_group", "prefix_list_id", "prefix_list"):
        setattr(rule, name, getattr(changed, name))


def _described(wanted: dict) -> dict:
    return {"Description": wanted["Description"]} if wanted.get("Description") else {}


def _ip_range(wanted: dict) -> dict | None:
    if wanted.get("CidrIpv4"):
        return {"CidrIp": wanted["CidrIpv4"], **_described(wanted)}
    if wanted.get("CidrIpv6"):
        return {"CidrIpv6": wanted["CidrIpv6"], **_described(wanted)}
    return None


def _source_group(call: Call, wanted: dict) -> dict | None:
    group_id = wanted.get("ReferencedGroupId")
    if not group_id:
        return None
    if not call.backend().get_security_group_from_id(group_id):
        raise AwsError("InvalidGroup.NotFound", f"The security group '{group_id}' does not exist")
    return {"GroupId": group_id, "UserId": call.account, "OwnerId": call.account, **_described(wanted)}


# --- Delete ---------------------------------------------------------------------------


@before("ec2", "DeleteSecurityGroup")
def refuse_group_in_use(call: Call) -> None:
    """DeleteSecurityGroup: in use or referenced by another group → `DependencyViolation`."""
    group = _group(call)
    if group.is_default:
        raise AwsError(
            "CannotDelete",
            f'the specified group: "{group.id}" name: "{group.name}" cannot be deleted by a user',
        )
    backend = call.backend()
    on_interface = any(group in eni.group_set for eni in backend.enis.values())
    if on_interface or _referenced(backend, group.id) or any(usage.users_of_security_group(call, group.id)):
        raise AwsError("DependencyViolation", f"resource {group.id} has a dependent object")


def _referenced(backend: Any, group_id: str) -> bool:
    return any(
        rule.source_group.get("GroupId") == group_id
        for groups in backend.groups.values()
        for other in groups.values()
        if other.id != group_id
        for rule in other.ingress_rules + other.egress_rules
    )
