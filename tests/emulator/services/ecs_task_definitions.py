"""ECS task definitions: every field echoed, with the defaults AWS fills in."""

import copy
import re

from ..overlay import Call, operation, page
from .ecs import client_error, invalid, now, state
from .iam import is_known

#: RegisterTaskDefinition members that DescribeTaskDefinition gives back as sent.
ECHOED = (
    "taskRoleArn",
    "executionRoleArn",
    "networkMode",
    "requiresCompatibilities",
    "pidMode",
    "ipcMode",
    "proxyConfiguration",
    "inferenceAccelerators",
    "ephemeralStorage",
    "runtimePlatform",
    "enableFaultInjection",
)

HEALTH_CHECK = {"interval": 30, "timeout": 5, "retries": 3}


@operation("ecs", "RegisterTaskDefinition")
def register_task_definition(call: Call) -> dict:
    params = call.params
    _check(params)
    _check_roles(call)
    family = params["family"]
    revisions = state(call).task_definitions.setdefault(family, [])
    revision = len(revisions) + 1
    definition = {
        "taskDefinitionArn": call.arn(f"task-definition/{family}:{revision}"),
        "family": family,
        "revision": revision,
        "status": "ACTIVE",
        "registeredAt": now(),
        "registeredBy": f"arn:aws:iam::{call.account}:root",
        "compatibilities": _compatibilities(params),
        "requiresAttributes": [],
        "placementConstraints": params.get("placementConstraints", []),
        "volumes": [_complete_volume(volume) for volume in params.get("volumes", [])],
        "tags": params.get("tags", []),
        **{key: params[key] for key in ECHOED if key in params},
    }
    definition.setdefault("networkMode", "bridge")
    for key in ("cpu", "memory"):
        if key in params:
            definition[key] = _units(params[key])
    definition["containerDefinitions"] = [
        _complete_container(container, definition["networkMode"]) for container in params["containerDefinitions"]
    ]
    revisions.append(definition)
    return _shown(definition, tags=True)


def _check(params: dict) -> None:
    containers = params.get("containerDefinitions")
    if not containers:
        raise client_error("Container list cannot be empty.")
    if params.get("tags") == []:
        raise client_error("Tags can not be empty.")
    names = [container.get("name") for container in containers]
    if len(set(names)) != len(names):
        raise client_error("Container.name should be unique in a task definition.")
    if not any(container.get("essential", True) for container in containers):
        raise client_error("A task definition must have at least one essential container.")
    if "FARGATE" in params.get("requiresCompatibilities", []):
        if params.get("networkMode") != "awsvpc":
            raise client_error("Fargate only supports network mode ‘awsvpc’.")
        if not params.get("cpu") or not params.get("memory"):
            raise client_error("Fargate requires that 'cpu' and 'memory' be defined at the task level.")
    elif not params.get("memory"):
        for container in containers:
            if not container.get("memory") and not container.get("memoryReservation"):
                raise client_error(
                    "Invalid setting for container '" + str(container.get("name")) + "'. At least one of 'memory' or "
                    "'memoryReservation' must be specified."
                )


def _check_roles(call: Call) -> None:
    """A role that was made a moment ago: "Role is not valid". One of another stack is taken on trust."""
    known = {role.arn for role in call.backend("iam").roles.values()}
    for key in ("executionRoleArn", "taskRoleArn"):
        if call.params.get(key) in known and not is_known(call.place, call.params[key]):
            raise client_error("Role is not valid")


def _units(text: str) -> str:
    """"1 vCPU" and "2 GB" come back in CPU units and MiB."""
    match = re.fullmatch(r"\s*([\d.]+)\s*(vcpu|gb)\s*", text, re.IGNORECASE)
    return str(int(float(match[1]) * 1024)) if match else text


def _compatibilities(params: dict) -> list[str]:
    fits_fargate = params.get("networkMode") == "awsvpc" and params.get("cpu") and params.get("memory")
    return ["EC2", "FARGATE"] if fits_fargate else ["EXTERNAL", "EC2"]


def _complete_volume(volume: dict) -> dict:
    volume = copy.deepcopy(volume)
    if efs := volume.get("efsVolumeConfiguration"):
        efs.setdefault("rootDirectory", "/")
    kinds = ("efsVolumeConfiguration", "dockerVolumeConfiguration", "fsxWindowsFileServerVolumeConfiguration")
    if not any(kind in volume for kind in kinds) and not volume.get("configuredAtLaunch"):
        volume.setdefault("host", {})
    return volume


def _complete_container(container: dict, network_mode: str) -> dict:
    lists = {key: [] for key in ("portMappings", "environment", "mountPoints", "volumesFrom", "systemControls")}
    complete = {"cpu": 0, "essential": True, **lists, **copy.deepcopy(container)}
    for mapping in complete["portMappings"]:
        mapping.setdefault("protocol", "tcp")
        if "containerPort" in mapping:
            own = mapping["containerPort"] if network_mode in ("awsvpc", "host") else 0
            mapping.setdefault("hostPort", own)
    if "healthCheck" in complete:
        complete["healthCheck"] = {**HEALTH_CHECK, **complete["healthCheck"]}
    return complete


def _shown(definition: dict, tags: bool) -> dict:
    answer = {"taskDefinition": {key: value for key, value in definition.items() if key != "tags"}}
    if tags:
        answer["tags"] = definition["tags"]
    return answer


def find_task_definition(call: Call, wanted: str) -> dict | None:
    """By ARN, `family:revision`, or `family` for its latest ACTIVE revision."""
    family, _, revision = wanted.rsplit("/", 1)[-1].partition(":")
    revisions = state(call).task_definitions.get(family, [])
    if revision:
        number = int(revision) if revision.isdigit() else 0
        return revisions[number - 1] if 0 < number <= len(revisions) else None
    active = [definition for definition in revisions if definition and definition["status"] == "ACTIVE"]
    return active[-1] if active else None


def active_task_definition(call: Call, wanted: str) -> dict:
    definition = find_task_definition(call, wanted)
    if not definition:
        raise client_error("TaskDefinition not found.")
    if definition["status"] != "ACTIVE":
        raise client_error("TaskDefinition is inactive")
    return definition


@operation("ecs", "DescribeTaskDefinition")
def describe_task_definition(call: Call) -> dict:
    definition = find_task_definition(call, call.params["taskDefinition"])
    if not definition:
        raise client_error("Unable to describe task definition.")
    return _shown(definition, "TAGS" in call.params.get("include", []))


@operation("ecs", "DeregisterTaskDefinition")
def deregister_task_definition(call: Call) -> dict:
    wanted = call.params["taskDefinition"]
    if ":" not in wanted.rsplit("/", 1)[-1]:
        raise invalid("A revision number must be specified.")
    definition = find_task_definition(call, wanted)
    if not definition:
        raise client_error("The specified task definition does not exist. Specify a valid account, family, revision "
                           "and try again.")
    if definition["status"] == "ACTIVE":
        definition.update(status="INACTIVE", deregisteredAt=now())
    return _shown(definition, tags=False)


@operation("ecs", "DeleteTaskDefinitions")
def delete_task_definitions(call: Call) -> dict:
    """Only INACTIVE revisions can go; the number is never used again."""
    deleted, failures = [], []
    for wanted in call.params["taskDefinitions"]:
        definition = find_task_definition(call, wanted)
        if not definition:
            failures.append({"arn": wanted, "reason": "The specified task definition does not exist. Specify a valid "
                             "account, family, revision and try again."})
        elif definition["status"] == "ACTIVE":
            failures.append({"arn": wanted, "reason": "The specified task definition is still in ACTIVE status. "
                             "Please deregister the target and try again."})
        else:
            state(call).task_definitions[definition["family"]][definition["revision"] - 1] = None
            deleted.append({**definition, "status": "DELETE_IN_PROGRESS", "deleteRequestedAt": now()})
    return {"taskDefinitions": deleted, "failures": failures}


@operation("ecs", "ListTaskDefinitions")
def list_task_definitions(call: Call) -> dict:
    params, status = call.params, call.params.get("status", "ACTIVE")
    arns = [
        definition["taskDefinitionArn"]
        for family, revisions in sorted(state(call).task_definitions.items())
        if params.get("familyPrefix") in (None, family)
        for definition in revisions
        if definition and definition["status"] == status
    ]
    if params.get("sort") == "DESC":
        arns.reverse()
    arns, token = page(call, arns, params.get("maxResults") or 100)
    return {"taskDefinitionArns": arns, "nextToken": token}


@operation("ecs", "ListTaskDefinitionFamilies")
def list_task_definition_families(call: Call) -> dict:
    prefix, wanted = call.params.get("familyPrefix", ""), call.params.get("status", "ACTIVE")
    families = []
    for family, revisions in sorted(state(call).task_definitions.items()):
        active = any(definition and definition["status"] == "ACTIVE" for definition in revisions)
        if family.startswith(prefix) and (wanted == "ALL" or (wanted == "ACTIVE") == active):
            families.append(family)
    families, token = page(call, families, call.params.get("maxResults") or 100)
    return {"families": families, "nextToken": token}
