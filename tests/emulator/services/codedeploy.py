"""CodeDeploy: applications, deployment groups, deployment configurations, tags.

moto knows creates and reads of some of them. Here CodeDeploy is ours as a whole;
objects are dictionaries as in "Data Types" of the CodeDeploy API reference
(2014-10-06). Deployments and revisions have their own files.
"""

import copy
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from ..clock import clock
from ..overlay import AwsError, Call, Place, Store, leftovers, operation, page
from .iam import is_known

#: Statuses of deployments that are over.
ENDED = ("Succeeded", "Failed", "Stopped")


@dataclass(eq=False)
class Revision:
    """A revision that an application knows."""

    location: dict
    registered: datetime
    description: str | None = None
    first_used: datetime | None = None
    last_used: datetime | None = None
    groups: set[str] = field(default_factory=set)


@dataclass
class CodeDeploy:
    applications: dict[str, dict] = field(default_factory=dict)
    #: by (application, group)
    groups: dict[tuple[str, str], dict] = field(default_factory=dict)
    #: made by users; the predefined ones are in `PREDEFINED`
    configs: dict[str, dict] = field(default_factory=dict)
    deployments: dict[str, dict] = field(default_factory=dict)
    #: application → key of the revision → revision
    revisions: dict[str, dict[str, Revision]] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)


store = Store(CodeDeploy)


def state(where: Call | Place) -> CodeDeploy:
    return store.of(where)


def now() -> datetime:
    return clock.now()


def check_name(name: str, code: str, what: str) -> None:
    """Names of applications, groups and configurations: "Limits" of the CodeDeploy user guide."""
    if not re.fullmatch(r"[A-Za-z0-9+=,.@_-]{1,100}", name):
        raise AwsError(code, f"{what} name is invalid: {name}")


def _pages(call: Call, key: str, items: list) -> dict:
    items, token = page(call, items, 100)
    return {key: items, "nextToken": token}


# --- Applications ---------------------------------------------------------------------


def application_of(call: Call, name: str) -> dict:
    application = state(call).applications.get(name)
    if not application:
        raise AwsError("ApplicationDoesNotExistException", f"No application found for name: {name}")
    return application


def _application_arn(call: Call, name: str) -> str:
    return call.arn(f"application:{name}")


@operation("codedeploy", "CreateApplication")
def create_application(call: Call) -> dict:
    name = call.params["applicationName"]
    check_name(name, "InvalidApplicationNameException", "Application")
    _refuse_taken_application(call, name)
    application = {
        "applicationId": str(uuid.uuid4()),
        "applicationName": name,
        "createTime": now(),
        "linkedToGitHub": False,
        "computePlatform": call.params.get("computePlatform") or "Server",
    }
    state(call).applications[name] = application
    _set_tags(call, _application_arn(call, name), call.params.get("tags"))
    return {"applicationId": application["applicationId"]}


def _refuse_taken_application(call: Call, name: str) -> None:
    if name in state(call).applications:
        raise AwsError("ApplicationAlreadyExistsException", f"An application with name {name} already exists.")


@operation("codedeploy", "GetApplication")
def get_application(call: Call) -> dict:
    return {"application": application_of(call, call.params["applicationName"])}


@operation("codedeploy", "BatchGetApplications")
def batch_get_applications(call: Call) -> dict:
    names = call.params["applicationNames"]
    _check_batch(names)
    return {"applicationsInfo": [application_of(call, name) for name in names]}


def _check_batch(names: list) -> None:
    if len(names) > 100:
        raise AwsError("BatchLimitExceededException", "The maximum number of names or IDs allowed for this request is 100.")


@operation("codedeploy", "ListApplications")
def list_applications(call: Call) -> dict:
    return _pages(call, "applications", sorted(state(call).applications))


@operation("codedeploy", "UpdateApplication")
def update_application(call: Call) -> dict:
    """UpdateApplication renames; groups, deployments and tags move along."""
    here, old, new = state(call), call.params.get("applicationName"), call.params.get("newApplicationName")
    application = application_of(call, old)
    if not new or new == old:
        return {}
    check_name(new, "InvalidApplicationNameException", "Application")
    _refuse_taken_application(call, new)
    application["applicationName"] = new
    here.applications[new] = here.applications.pop(old)
    here.revisions[new] = here.revisions.pop(old, {})
    _move_tags(call, _application_arn(call, old), _application_arn(call, new))
    for key in [key for key in here.groups if key[0] == old]:
        group = here.groups.pop(key)
        group["applicationName"] = new
        here.groups[new, key[1]] = group
        _move_tags(call, _group_arn(call, *key), _group_arn(call, new, key[1]))
    for deployment in here.deployments.values():
        if deployment["applicationName"] == old:
            deployment["applicationName"] = new
    return {}


@operation("codedeploy", "DeleteApplication")
def delete_application(call: Call) -> dict:
    """Takes its deployment groups with it; an unknown name is no error."""
    here, name = state(call), call.params["applicationName"]
    for key in [key for key in here.groups if key[0] == name]:
        del here.groups[key]
        here.tags.pop(_group_arn(call, *key), None)
    here.applications.pop(name, None)
    here.revisions.pop(name, None)
    here.tags.pop(_application_arn(call, name), None)
    return {}


# --- Deployment configurations --------------------------------------------------------


def _traffic(kind: str, percentage: int = 0, interval: int = 0) -> dict:
    detail = {"TimeBasedCanary": ("timeBasedCanary", "canary"), "TimeBasedLinear": ("timeBasedLinear", "linear")}
    if kind not in detail:
        return {"type": kind}
    block, prefix = detail[kind]
    return {"type": kind, block: {f"{prefix}Percentage": percentage, f"{prefix}Interval": interval}}


def _predefined() -> dict[str, dict]:
    """"Predefined deployment configurations" of the CodeDeploy user guide."""
    hosts = {"AllAtOnce": ("HOST_COUNT", 0), "HalfAtATime": ("FLEET_PERCENT", 50), "OneAtATime": ("FLEET_PERCENT", 99)}
    configs = {
        name: {"computePlatform": "Server", "minimumHealthyHosts": {"type": kind, "value": value}}
        for name, (kind, value) in hosts.items()
    }
    shifts = [("ECS", "TimeBasedLinear", minutes) for minutes in (1, 3)]
    shifts += [("ECS", "TimeBasedCanary", minutes) for minutes in (5, 15)]
    shifts += [("Lambda", "TimeBasedLinear", minutes) for minutes in (1, 2, 3, 10)]
    shifts += [("Lambda", "TimeBasedCanary", minutes) for minutes in (5, 10, 15, 30)]
    for platform, kind, minutes in shifts:
        unit = "Minute" if (platform, minutes) == ("Lambda", 1) else "Minutes"
        words = f"Linear10PercentEvery{minutes}{unit}" if kind == "TimeBasedLinear" else f"Canary10Percent{minutes}{unit}"
        traffic = _traffic(kind, 10, minutes)
        configs[f"{platform}{words}"] = {"computePlatform": platform, "trafficRoutingConfig": traffic}
    for platform in ("ECS", "Lambda"):
        configs[f"{platform}AllAtOnce"] = {"computePlatform": platform, "trafficRoutingConfig": _traffic("AllAtOnce")}
    return {
        f"CodeDeployDefault.{name}": {
            "deploymentConfigId": str(uuid.uuid5(uuid.NAMESPACE_DNS, name)),
            "deploymentConfigName": f"CodeDeployDefault.{name}",
            "createTime": datetime(2015, 4, 9, tzinfo=timezone.utc),
            **config,
        }
        for name, config in configs.items()
    }


PREDEFINED = _predefined()


def config_of(call: Call, name: str) -> dict:
    config = PREDEFINED.get(name) or state(call).configs.get(name)
    if not config:
        raise AwsError("DeploymentConfigDoesNotExistException", f"No deployment configuration found for name: {name}")
    return config


@operation("codedeploy", "CreateDeploymentConfig")
def create_deployment_config(call: Call) -> dict:
    params, name = call.params, call.params["deploymentConfigName"]
    check_name(name, "InvalidDeploymentConfigNameException", "Deployment configuration")
    if name in PREDEFINED or name in state(call).configs:
        raise AwsError("DeploymentConfigAlreadyExistsException", f"A deployment configuration with name {name} already exists.")
    if name.startswith("CodeDeployDefault"):
        raise AwsError("InvalidDeploymentConfigNameException", "Deployment configuration names cannot start with CodeDeployDefault")
    platform = params.get("computePlatform") or "Server"
    if platform == "Server" and "minimumHealthyHosts" not in params:
        raise AwsError("InvalidMinimumHealthyHostValueException", "Minimum healthy hosts must be specified")
    if platform != "Server" and "minimumHealthyHosts" in params:
        raise AwsError("InvalidComputePlatformException", f"minimumHealthyHosts cannot be specified for {platform}")
    config = {
        "deploymentConfigId": str(uuid.uuid4()),
        "deploymentConfigName": name,
        "createTime": now(),
        "computePlatform": platform,
        **{key: params[key] for key in ("minimumHealthyHosts", "trafficRoutingConfig", "zonalConfig") if key in params},
    }
    if platform != "Server":
        config.setdefault("trafficRoutingConfig", _traffic("AllAtOnce"))
    state(call).configs[name] = config
    return {"deploymentConfigId": config["deploymentConfigId"]}


@operation("codedeploy", "GetDeploymentConfig")
def get_deployment_config(call: Call) -> dict:
    return {"deploymentConfigInfo": config_of(call, call.params["deploymentConfigName"])}


@operation("codedeploy", "ListDeploymentConfigs")
def list_deployment_configs(call: Call) -> dict:
    return _pages(call, "deploymentConfigsList", sorted(PREDEFINED) + sorted(state(call).configs))


@operation("codedeploy", "DeleteDeploymentConfig")
def delete_deployment_config(call: Call) -> dict:
    name = call.params["deploymentConfigName"]
    if name in PREDEFINED:
        raise AwsError("InvalidOperationException", f"Cannot delete the default deployment configuration {name}")
    if any(group["deploymentConfigName"] == name for group in state(call).groups.values()):
        raise AwsError("DeploymentConfigInUseException", f"The deployment configuration {name} is still in use")
    state(call).configs.pop(name, None)
    return {}


# --- Deployment groups ----------------------------------------------------------------

#: Members of a group that come and go as they are.
ECHOED = (
    "deploymentConfigName",
    "ec2TagFilters",
    "ec2TagSet",
    "onPremisesInstanceTagFilters",
    "onPremisesTagSet",
    "serviceRoleArn",
    "triggerConfigurations",
    "alarmConfiguration",
    "autoRollbackConfiguration",
    "outdatedInstancesStrategy",
    "deploymentStyle",
    "blueGreenDeploymentConfiguration",
    "loadBalancerInfo",
    "ecsServices",
    "terminationHookEnabled",
)


def _group_arn(call: Call, application: str, group: str) -> str:
    return call.arn(f"deploymentgroup:{application}/{group}")


def group_of(call: Call, application: str, name: str) -> dict:
    application_of(call, application)
    group = state(call).groups.get((application, name))
    if not group:
        raise AwsError("DeploymentGroupDoesNotExistException", f"No Deployment Group found for name: {name}")
    return group


@operation("codedeploy", "CreateDeploymentGroup")
def create_deployment_group(call: Call) -> dict:
    params = copy.deepcopy(call.params)
    application = application_of(call, params["applicationName"])
    key = (params["applicationName"], params["deploymentGroupName"])
    check_name(key[1], "InvalidDeploymentGroupNameException", "Deployment group")
    _refuse_taken_group(call, key)
    platform = application["computePlatform"]
    group = {
        "applicationName": key[0],
        "deploymentGroupName": key[1],
        "deploymentGroupId": str(uuid.uuid4()),
        "computePlatform": platform,
        "deploymentConfigName": f"CodeDeployDefault.{'OneAtATime' if platform == 'Server' else platform + 'AllAtOnce'}",
        "ec2TagFilters": [],
        "onPremisesInstanceTagFilters": [],
        "triggerConfigurations": [],
        "ecsServices": [],
        "outdatedInstancesStrategy": "UPDATE",
        "deploymentStyle": {"deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL"},
        "autoScalingGroups": _auto_scaling_groups(params),
        "terminationHookEnabled": False,
        **{name: params[name] for name in ECHOED if params.get(name) is not None},
    }
    _complete(group)
    _check(call, group)
    state(call).groups[key] = group
    _set_tags(call, _group_arn(call, *key), params.get("tags"))
    return {"deploymentGroupId": group["deploymentGroupId"]}


def _refuse_taken_group(call: Call, key: tuple[str, str]) -> None:
    if key in state(call).groups:
        raise AwsError("DeploymentGroupAlreadyExistsException", f"Deployment group name {key[1]} already exists in this application")


def _auto_scaling_groups(params: dict) -> list[dict]:
    """Sent as names; read as name and life-cycle hook (moto gives the names back)."""
    names = params.get("autoScalingGroups") or []
    return [{"name": name, "hook": f"CodeDeploy-managed-automatic-launch-deployment-hook-{name}"} for name in names]


def _complete(group: dict) -> None:
    """Members that AWS fills, and empty structures that mean "none"."""
    group["alarmConfiguration"] = {
        "enabled": False, "ignorePollAlarmFailure": False, "alarms": [], **(group.get("alarmConfiguration") or {})
    }
    group["autoRollbackConfiguration"] = {"enabled": False, "events": [], **(group.get("autoRollbackConfiguration") or {})}
    for name in ("loadBalancerInfo", "blueGreenDeploymentConfiguration", "ec2TagSet", "onPremisesTagSet"):
        if not group.get(name):
            group.pop(name, None)
    if blue_green := group.get("blueGreenDeploymentConfiguration"):
        ready = blue_green.setdefault("deploymentReadyOption", {})
        ready.setdefault("actionOnTimeout", "CONTINUE_DEPLOYMENT")
        ready.setdefault("waitTimeInMinutes", 0)
        blue = blue_green.setdefault("terminateBlueInstancesOnDeploymentSuccess", {})
        blue.setdefault("action", "TERMINATE")
        blue.setdefault("terminationWaitTimeInMinutes", 0)


def _check(call: Call, group: dict) -> None:
    _check_role(call, group.get("serviceRoleArn", ""))
    config = config_of(call, group["deploymentConfigName"])
    platform = group["computePlatform"]
    if config["computePlatform"] != platform:
        raise AwsError(
            "InvalidDeploymentConfigNameException",
            f"The deployment configuration {config['deploymentConfigName']} is for the {config['computePlatform']} "
            f"compute platform, the application is for {platform}",
        )
    if platform == "ECS":
        _check_ecs(call, group)
    elif group["ecsServices"]:
        raise AwsError(
            "InvalidECSServiceException", f"Should not specify ECS services parameter for {platform} deployment group"
        )


def _check_role(call: Call, arn: str) -> None:
    """`InvalidRoleException`: the role must exist and trust CodeDeploy."""
    roles = call.backend("iam").roles.values()
    role = next((role for role in roles if role.arn == arn), None)
    if not role or "codedeploy" not in role.assume_role_policy_document or not is_known(call.place, arn):
        raise AwsError("InvalidRoleException", "Cannot assume role provided.")


def _check_ecs(call: Call, group: dict) -> None:
    style = group["deploymentStyle"]
    if style != {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}:
        raise AwsError(
            "InvalidDeploymentStyleException",
            "ECS deployment groups need deployment type BLUE_GREEN and option WITH_TRAFFIC_CONTROL",
        )
    if len(group["ecsServices"]) != 1:
        raise AwsError("InvalidECSServiceException", "One ECS service must be specified for ECS deployment group")
    if "blueGreenDeploymentConfiguration" not in group:
        raise AwsError("InvalidBlueGreenDeploymentConfigurationException", "Blue/green deployment configuration is required")
    _check_pairs(group)
    _check_ecs_service(call, group, group["ecsServices"][0])


def _check_pairs(group: dict) -> None:
    pairs = group.get("loadBalancerInfo", {}).get("targetGroupPairInfoList", [])
    if len(pairs) != 1:
        raise AwsError("InvalidLoadBalancerInfoException", "One target group pair must be specified for ECS deployment group")
    names = {target["name"] for target in pairs[0].get("targetGroups", [])}
    if len(names) != 2:
        raise AwsError("InvalidTargetGroupPairException", "A target group pair must have two different target groups")
    if len(pairs[0].get("prodTrafficRoute", {}).get("listenerArns", [])) != 1:
        raise AwsError("InvalidTrafficRoutingConfigurationException", "One production listener must be specified")


def _check_ecs_service(call: Call, group: dict, wanted: dict) -> None:
    from . import ecs

    name = wanted["serviceName"].rsplit("/", 1)[-1]
    key = (wanted["clusterName"].rsplit("/", 1)[-1], name)
    service = ecs.state(call).services.get(key)
    if not service or service["status"] != "ACTIVE":
        raise AwsError("InvalidECSServiceException", f"The ECS service {name} does not exist or is not ACTIVE")
    if service["deploymentController"]["type"] != "CODE_DEPLOY":
        raise AwsError("InvalidECSServiceException", "Deployment group's ECS service must be configured for a CODE_DEPLOY deployment controller.")
    for other in state(call).groups.values():
        same = other["deploymentGroupId"] != group["deploymentGroupId"] and wanted in other["ecsServices"]
        if same:
            raise AwsError("ECSServiceMappingLimitExceededException", "The ECS service is already in another deployment group")


def _shown(call: Call, group: dict) -> dict:
    """With the last deployments, as GetDeploymentGroup tells them."""
    from .codedeploy_revisions import brief

    told = copy.deepcopy(group)
    known = [d for d in state(call).deployments.values() if d["_group"] is group]
    if known:
        told["lastAttemptedDeployment"] = _last(known[-1])
    done = [deployment for deployment in known if deployment["status"] == "Succeeded"]
    if done:
        told["lastSuccessfulDeployment"] = _last(done[-1])
        told["targetRevision"] = brief(done[-1]["revision"])
    return told


def _last(deployment: dict) -> dict:
    names = {"deploymentId": "deploymentId", "status": "status", "createTime": "createTime", "completeTime": "endTime"}
    return {new: deployment[old] for old, new in names.items() if old in deployment}


@operation("codedeploy", "GetDeploymentGroup")
def get_deployment_group(call: Call) -> dict:
    return {"deploymentGroupInfo": _shown(call, group_of(call, call.params["applicationName"], call.params["deploymentGroupName"]))}


@operation("codedeploy", "BatchGetDeploymentGroups")
def batch_get_deployment_groups(call: Call) -> dict:
    """Unknown names are left out, and named in errorMessage."""
    application, names = call.params["applicationName"], call.params["deploymentGroupNames"]
    _check_batch(names)
    application_of(call, application)
    groups = {name: state(call).groups.get((application, name)) for name in names}
    missing = [name for name, group in groups.items() if not group]
    answer: dict[str, Any] = {"deploymentGroupsInfo": [_shown(call, group) for group in groups.values() if group]}
    if missing:
        answer["errorMessage"] = f"No Deployment Group found for name: {', '.join(missing)}"
    return answer


@operation("codedeploy", "ListDeploymentGroups")
def list_deployment_groups(call: Call) -> dict:
    application = call.params["applicationName"]
    application_of(call, application)
    names = sorted(name for owner, name in state(call).groups if owner == application)
    return {"applicationName": application, **_pages(call, "deploymentGroups", names)}


@operation("codedeploy", "UpdateDeploymentGroup")
def update_deployment_group(call: Call) -> dict:
    """Absent members keep their value; empty lists and structures clear."""
    params = copy.deepcopy(call.params)
    application, old = params["applicationName"], params["currentDeploymentGroupName"]
    group = group_of(call, application, old)
    changed = {**copy.deepcopy(group), **{name: params[name] for name in ECHOED if params.get(name) is not None}}
    if params.get("autoScalingGroups") is not None:
        changed["autoScalingGroups"] = _auto_scaling_groups(params)
    _complete(changed)
    _check(call, changed)
    new = params.get("newDeploymentGroupName") or old
    if new != old:
        _refuse_taken_group(call, (application, new))
        changed["deploymentGroupName"] = new
        _move_tags(call, _group_arn(call, application, old), _group_arn(call, application, new))
        del state(call).groups[application, old]
    for deployment in state(call).deployments.values():
        if deployment["_group"] is group:
            deployment["deploymentGroupName"] = new
    group.clear()
    group.update(changed)
    state(call).groups[application, new] = group
    return {"hooksNotCleanedUp": []}


@operation("codedeploy", "DeleteDeploymentGroup")
def delete_deployment_group(call: Call) -> dict:
    """An unknown group is no error."""
    key = (call.params["applicationName"], call.params["deploymentGroupName"])
    state(call).groups.pop(key, None)
    state(call).tags.pop(_group_arn(call, *key), None)
    return {"hooksNotCleanedUp": []}


# --- Tags -----------------------------------------------------------------------------


def _set_tags(call: Call, arn: str, tags: list[dict] | None) -> None:
    known = state(call).tags.setdefault(arn, {})
    known.update({tag["Key"]: tag.get("Value", "") for tag in tags or []})


def _move_tags(call: Call, old: str, new: str) -> None:
    state(call).tags[new] = state(call).tags.pop(old, {})


def _check_arn(call: Call, arn: str) -> None:
    kind, _, path = arn.split(":", 5)[-1].partition(":")
    if kind == "application":
        application_of(call, path)
    elif kind == "deploymentgroup":
        group_of(call, *path.split("/", 1))
    else:
        raise AwsError("InvalidArnException", f"The specified ARN {arn} is not in a valid format.")


@operation("codedeploy", "TagResource")
def tag_resource(call: Call) -> dict:
    _check_arn(call, call.params["ResourceArn"])
    _set_tags(call, call.params["ResourceArn"], call.params["Tags"])
    return {}


@operation("codedeploy", "UntagResource")
def untag_resource(call: Call) -> dict:
    _check_arn(call, call.params["ResourceArn"])
    for key in call.params["TagKeys"]:
        state(call).tags[call.params["ResourceArn"]].pop(key, None)
    return {}


@operation("codedeploy", "ListTagsForResource")
def list_tags_for_resource(call: Call) -> dict:
    _check_arn(call, call.params["ResourceArn"])
    tags = state(call).tags.get(call.params["ResourceArn"], {})
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


@leftovers("codedeploy")
def codedeploy_leftovers() -> Iterator[tuple[str, str]]:
    for here in store.every():
        yield from (("application", name) for name in here.applications)
        yield from (("deployment-group", f"{app}/{name}") for app, name in here.groups)
        yield from (("deployment-config", name) for name in here.configs)
        yield from (("active-deployment", d["deploymentId"]) for d in here.deployments.values() if d["status"] not in ENDED)
