"""CloudWatch Logs: log group class, deletion protection, retention values, tags of what is not there.

"CreateLogGroup", "PutRetentionPolicy", "DeleteLogGroup" of the API reference (2014-03-28).
"""

from collections.abc import Iterator
from typing import Any

from ..overlay import AwsError, Call, before, existing_backends, leftovers, operation, page

RETENTION_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)


def not_found() -> AwsError:
    return AwsError("ResourceNotFoundException", "The specified log group does not exist.")


@operation("logs", "CreateLogGroup")
def create_log_group(call: Call) -> dict:
    """Keeps class and deletion protection, which moto drops."""
    backend, params = call.backend(), call.params
    name = params["logGroupName"]
    backend.create_log_group(name, params.get("tags") or {}, kmsKeyId=params.get("kmsKeyId"))
    group = backend.groups[name]
    group.log_group_class = params.get("logGroupClass") or "STANDARD"
    group.deletion_protection = params.get("deletionProtectionEnabled", False)
    return {}


def _described(group: Any) -> dict:
    return {
        **group.to_describe_dict(),
        "logGroupClass": getattr(group, "log_group_class", "STANDARD"),
        "deletionProtectionEnabled": getattr(group, "deletion_protection", False),
    }


@operation("logs", "DescribeLogGroups")
def describe_log_groups(call: Call) -> dict:
    params = call.params
    groups = [_described(group) for _, group in sorted(call.backend().groups.items())]
    if prefix := params.get("logGroupNamePrefix"):
        groups = [group for group in groups if group["logGroupName"].startswith(prefix)]
    if pattern := params.get("logGroupNamePattern"):
        groups = [group for group in groups if pattern.lower() in group["logGroupName"].lower()]
    if wanted := params.get("logGroupIdentifiers"):
        groups = [group for group in groups if group["logGroupName"] in wanted or group["logGroupArn"] in wanted]
    if kind := params.get("logGroupClass"):
        groups = [group for group in groups if group["logGroupClass"] == kind]
    groups, token = page(call, groups, params.get("limit") or 50)
    return {"logGroups": groups, "nextToken": token}


@before("logs", "PutRetentionPolicy")
def check_retention(call: Call) -> None:
    days = call.params["retentionInDays"]
    if days not in RETENTION_DAYS:
        allowed = ", ".join(map(str, RETENTION_DAYS))
        raise AwsError(
            "InvalidParameterException",
            f"1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{allowed}]",
        )


@operation("logs", "AssociateKmsKey")
def associate_kms_key(call: Call) -> dict:
    """moto has neither this nor its opposite."""
    _keyed_group(call).kms_key_id = call.params["kmsKeyId"]
    return {}


@operation("logs", "DisassociateKmsKey")
def disassociate_kms_key(call: Call) -> dict:
    _keyed_group(call).kms_key_id = None
    return {}


def _keyed_group(call: Call) -> Any:
    return _group(call, call.params.get("logGroupName") or call.params["resourceIdentifier"])


@operation("logs", "PutLogGroupDeletionProtection")
def put_deletion_protection(call: Call) -> dict:
    group = _group(call, call.params["logGroupIdentifier"])
    group.deletion_protection = call.params["deletionProtectionEnabled"]
    return {}


def _group(call: Call, name_or_arn: str) -> Any:
    name = name_or_arn.split(":log-group:", 1)[-1].removesuffix(":*")
    group = call.backend().groups.get(name)
    if not group:
        raise not_found()
    return group


@before("logs", "DeleteLogGroup")
def refuse_protected(call: Call) -> None:
    group = call.backend().groups.get(call.params["logGroupName"])
    if group and getattr(group, "deletion_protection", False):
        raise AwsError(
            "ValidationException",
            "The log group has deletion protection enabled. Disable deletion protection before deleting it.",
        )


@before("logs", "ListTagsForResource", "TagResource", "UntagResource")
def refuse_tags_of_missing_group(call: Call) -> None:
    arn = call.params["resourceArn"]
    if ":log-group:" in arn:
        _group(call, arn)


@leftovers("logs")
def logs_leftovers() -> Iterator[tuple[str, str]]:
    for backend in existing_backends("logs"):
        yield from (("log-group", name) for name in backend.groups)
