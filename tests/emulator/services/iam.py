"""IAM: `DeleteConflict` where moto deletes, service-linked roles by their real names.

Error texts as in the "Errors" sections of the IAM API reference (2010-05-08).
"""

import copy
import functools
from collections.abc import Iterator
from typing import Any

from moto.iam.models import IAMBackend
from moto.iam.utils import random_alphanumeric

from ..overlay import AwsError, Call, Place, after, before, existing_backends, leftovers
from ..settings import settings

#: Service principals whose role has letters that moto's capitalisation misses.
SERVICE_LINKED_NAMES = {
    "ecs.amazonaws.com": "ECS",
    "elasticloadbalancing.amazonaws.com": "ElasticLoadBalancing",
    "autoscaling.amazonaws.com": "AutoScaling",
    "ecs.application-autoscaling.amazonaws.com": "ApplicationAutoScaling_ECSService",
    "rds.amazonaws.com": "RDS",
}


_moto_init_aws_policies = IAMBackend._init_aws_policies


@functools.cache
def _managed_policies() -> list[Any]:
    class Account:
        account_id, region_name = "aws", "aws"

    return _moto_init_aws_policies(Account())  # type: ignore[arg-type]


def _init_aws_policies(backend: IAMBackend) -> list[Any]:
    """For speed only: moto parses 1,500 policies for each of five partitions after every reset."""
    if backend.region_name != "aws":
        return []
    policies = [copy.copy(policy) for policy in _managed_policies()]
    for policy in policies:
        policy.account_id = backend.account_id
    return policies


IAMBackend._init_aws_policies = _init_aws_policies  # type: ignore[method-assign]


def conflict(message: str) -> AwsError:
    return AwsError("DeleteConflict", message, 409)


@before("iam", "DeletePolicy")
def refuse_policy_in_use(call: Call) -> None:
    """DeletePolicy: detach it everywhere and delete its other versions first."""
    arn = call.params["PolicyArn"]
    if ":iam::aws:policy/" in arn:
        raise AwsError("AccessDenied", f"Policy {arn} is not in the scope of this account.", 403)
    backend = call.backend()
    policy = backend.get_policy(arn)
    attached = any(arn in holder.managed_policies for holder in _holders(backend))
    bounds = any(_boundary(holder) == arn for holder in _holders(backend))
    if attached or bounds:
        raise conflict("Cannot delete a policy attached to entities.")
    if len(policy.versions) > 1:
        raise conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. "
            "The default version is deleted with the policy."
        )


def _holders(backend: Any) -> Iterator[Any]:
    yield from backend.roles.values()
    yield from backend.users.values()
    yield from backend.groups.values()


def _boundary(holder: Any) -> str | None:
    boundary = getattr(holder, "permissions_boundary", None)
    return boundary.get("PermissionsBoundaryArn") if isinstance(boundary, dict) else boundary


@before("iam", "CreatePolicyVersion")
def refuse_sixth_version(call: Call) -> None:
    """Five versions per policy (`LimitExceeded`)."""
    policy = call.backend().managed_policies.get(call.params["PolicyArn"])
    if policy and len(policy.versions) >= 5:
        raise AwsError(
            "LimitExceeded",
            "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.",
            409,
        )


@before("iam", "DeleteUser")
def refuse_user_in_use(call: Call) -> None:
    """DeleteUser: access keys, login profile and group memberships go first."""
    backend = call.backend()
    user = backend.get_user(call.params["UserName"])
    if user.access_keys:
        raise conflict("Cannot delete entity, must delete access keys first.")
    if getattr(user, "password", None):
        raise conflict("Cannot delete entity, must delete login profile first.")
    if any(user in group.users for group in backend.groups.values()):
        raise conflict("Cannot delete entity, must remove users from group first.")


@before("iam", "DeleteGroup")
def refuse_group_in_use(call: Call) -> None:
    group = call.backend().get_group(call.params["GroupName"])
    if group.users:
        raise conflict("Cannot delete entity, must remove users from group first.")
    if group.managed_policies:
        raise conflict("Cannot delete entity, must detach all policies first.")
    if group.policies:
        raise conflict("Cannot delete entity, must delete policies first.")


@before("iam", "AddRoleToInstanceProfile")
def refuse_second_role(call: Call) -> None:
    """One role per instance profile (`LimitExceeded`)."""
    if call.backend().get_instance_profile(call.params["InstanceProfileName"]).roles:
        raise AwsError("LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1", 409)


@after("iam", "CreateInstanceProfile")
def give_real_id(call: Call, result: dict) -> None:
    """Ids of instance profiles start with AIPA."""
    result["InstanceProfile"].id = "AIPA" + random_alphanumeric(17).upper()


@after("iam", "CreateRole")
def start_propagating(call: Call, result: dict) -> None:
    """A new role is not known everywhere at once: its first uses are refused, as many as the setting says."""
    result["Role"].refusals_left = settings.iam_role_refusals


def is_known(place: Place, arn: str) -> bool:
    """Whether a service that is given the role can assume it by now."""
    role = next((role for role in place.backend("iam").roles.values() if role.arn == arn), None)
    if role and getattr(role, "refusals_left", 0) > 0:
        role.refusals_left -= 1
        return False
    return role is not None


@before("iam", "CreateServiceLinkedRole")
def refuse_taken_service_role(call: Call) -> None:
    """A repeat is `InvalidInput`, not EntityAlreadyExists."""
    name = _service_role_name(call)
    if name and any(role.name == name for role in call.backend().roles.values()):
        raise AwsError(
            "InvalidInput",
            f"Service role name {name} has been taken in this account, please try a different suffix.",
        )


def _service_role_name(call: Call) -> str | None:
    words = SERVICE_LINKED_NAMES.get(call.params["AWSServiceName"])
    suffix = call.params.get("CustomSuffix")
    return f"AWSServiceRoleFor{words}" + (f"_{suffix}" if suffix else "") if words else None


@after("iam", "CreateServiceLinkedRole")
def name_service_role(call: Call, result: dict) -> None:
    name = _service_role_name(call)
    if name:
        result["Role"].name = name


@leftovers("iam")
def iam_leftovers() -> Iterator[tuple[str, str]]:
    """Service-linked roles stay in an account and are no leftover."""
    for backend in existing_backends("iam"):
        yield from (("role", r.name) for r in backend.roles.values() if not r.path.startswith("/aws-service-role/"))
        yield from (("policy", arn) for arn in backend.managed_policies if ":iam::aws:policy/" not in arn)
        yield from (("instance-profile", name) for name in backend.instance_profiles)
        yield from (("user", name) for name in backend.users)
        yield from (("group", name) for name in backend.groups)
        yield from (("server-certificate", name) for name in backend.certificates)
        yield from (("open-id-connect-provider", arn) for arn in backend.open_id_providers)
