"""ECS tasks: how one lives, from PROVISIONING to STOPPED, and the operations on tasks.

"Task lifecycle" and "Stopped task error messages" of the ECS developer guide. What an image does is decided by tests
(`behaviour.images`); a task of a service registers itself in the target groups of its deployment or task set.
"""

import ipaddress
import re
import secrets
from collections.abc import Callable, Iterator
from typing import Any

from ..behaviour import Image, images
from ..clock import Steps, Wait, clock
from ..overlay import AwsError, Call, Place, operation, page, shown
from ..settings import settings
from . import ec2_interfaces, ecs_logs
from . import elbv2_targets as targets
from .ecs import cluster_of, invalid, now, state, without_tags

#: Seconds that a stopped task can still be described.
REMEMBERED = 3600.0
ALIVE = ("PROVISIONING", "PENDING", "ACTIVATING", "RUNNING")


# --- What tasks of a service look like to its scheduler ---------------------------------


def tasks_of(place: Place, owner: str) -> list[dict]:
    """Tasks of a deployment or task set, by its id, that are to run."""
    return [task for task in state(place).tasks.values() if task["_owner"] == owner and task["desiredStatus"] == "RUNNING"]


def leaving(place: Place, owner: str) -> list[dict]:
    """Tasks that are on their way out."""
    tasks = state(place).tasks.values()
    return [t for t in tasks if t["_owner"] == owner and t["desiredStatus"] == "STOPPED" and t["lastStatus"] != "STOPPED"]


def is_ready(place: Place, task: dict) -> bool:
    """Runs, and passes the checks of its containers and load balancers."""
    return (
        task["lastStatus"] == "RUNNING"
        and task["_lasts"]
        and task.get("healthStatus") in (None, "HEALTHY")
        and all(targets.is_well(place, arn, target) for arn, target in task["_targets"])
    )


# --- Start ------------------------------------------------------------------------------


def new_task(place: Place, cluster: dict, definition: dict, **more: Any) -> dict:
    """A task, PROVISIONING. `more`: members of the task; `_owner`, `_changed` and `_balancers` for services."""
    arn = place.arn("ecs", f"task/{cluster['clusterName']}/{secrets.token_hex(16)}")
    containers = definition["containerDefinitions"]
    task = {
        "taskArn": arn,
        "clusterArn": cluster["clusterArn"],
        "taskDefinitionArn": definition["taskDefinitionArn"],
        "lastStatus": "PROVISIONING",
        "desiredStatus": "RUNNING",
        "overrides": {},
        "attachments": [],
        "containers": [_new_container(place, arn, container) for container in containers],
        "createdAt": now(),
        "cpu": definition.get("cpu"),
        "memory": definition.get("memory"),
        "version": 1,
        "tags": [],
        "_owner": None,
        "_changed": lambda task: None,
        "_balancers": [],
        "_targets": [],
        "_lasts": False,
        "_network": None,
        "_definition": definition,
        **more,
    }
    if any("healthCheck" in container for container in containers):
        task["healthStatus"] = "UNKNOWN"
    if task["_network"]:
        _attach(place, task)
    state(place).tasks[arn] = task
    _forget_old(place)
    clock.start(_life(place, task))
    return task


def _new_container(place: Place, task: str, container: dict) -> dict:
    return {
        "containerArn": place.arn("ecs", f"container/{task.split('/', 1)[1]}/{secrets.token_hex(8)}"),
        "taskArn": task,
        "name": container["name"],
        "image": container["image"],
        "lastStatus": "PENDING",
        "healthStatus": "UNKNOWN",
        "networkInterfaces": [],
        "cpu": str(container.get("cpu", 0)),
    }


def _attach(place: Place, task: dict) -> None:
    """A network interface in one of the subnets, with an address of its own."""
    subnets = task["_network"].get("subnets") or []
    number = sum(1 for other in state(place).tasks.values() if other["_network"])
    subnet_id = subnets[number % len(subnets)]
    subnet = place.backend("ec2").get_subnet(subnet_id)
    block = ipaddress.ip_network(subnet.cidr_block)
    address = str(block[4 + number % max(1, block.num_addresses - 8)])
    task["availabilityZone"] = subnet.availability_zone
    task["_address"] = address
    task["attachments"] = [{
        "id": secrets.token_hex(16),
        "type": "ElasticNetworkInterface",
        "status": "PRECREATED",
        "details": [
            {"name": "subnetId", "value": subnet_id},
            {"name": "networkInterfaceId", "value": f"eni-{secrets.token_hex(8)[:17]}"},
            {"name": "macAddress", "value": "0a:00:00:00:00:01"},
            {"name": "privateIPv4Address", "value": address},
        ],
    }]


def _forget_old(place: Place) -> None:
    tasks = state(place).tasks
    for arn in [a for a, t in tasks.items() if t["lastStatus"] == "STOPPED" and clock.ago(t["stoppedAt"]) > REMEMBERED]:
        del tasks[arn]


# --- Life -------------------------------------------------------------------------------


def _life(place: Place, task: dict) -> Steps:
    """PROVISIONING → PENDING → RUNNING, then what its images do."""
    gone: Callable[[], bool] = lambda: task["desiredStatus"] == "STOPPED"  # noqa: E731
    if (yield Wait(settings.ecs_provisioning_seconds, gone)):
        return
    _set_status(task, "PENDING")
    task.update(connectivity="CONNECTED", connectivityAt=now(), pullStartedAt=now())
    for attachment in task["attachments"]:
        attachment["status"] = "ATTACHED"
    if (yield Wait(_pull_seconds(task), gone)):
        return
    if problem := _pull_problem(place, task) or ecs_logs.problem(place, task["_definition"]):
        stop(place, task, problem, "TaskFailedToStart")
        return
    _run(place, task)
    yield from _work(place, task, gone)


def _behaviours(task: dict) -> Iterator[tuple[dict, Image]]:
    """Containers that matter, and how their images fare now."""
    for container in task["_definition"]["containerDefinitions"]:
        if container.get("essential", True):
            yield container, images.of(container["image"])


def _pull_seconds(task: dict) -> float:
    chosen = [image.pull_seconds for _, image in _behaviours(task) if image.pull_seconds is not None]
    return max(chosen, default=settings.ecs_pulling_seconds)


def _pull_problem(place: Place, task: dict) -> str | None:
    for container, image in _behaviours(task):
        name = container["image"]
        if image.problem == "missing" or not _is_pushed(place, name):
            reason = (f"CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref "
                      f"{name}: {name}: not found")
            found = next(item for item in task["containers"] if item["name"] == container["name"])
            found["reason"] = reason
            return reason
    return None


def _is_pushed(place: Place, image: str) -> bool:
    """Images of this account's registry have to be there, when the setting says so."""
    registry, _, path = image.partition("/")
    if not settings.ecs_pulls_from_ecr or not re.fullmatch(rf"{place.account}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com", registry):
        return True
    name, _, digest = path.partition("@")
    name, _, tag = name.partition(":")
    repository = place.backend("ecr").repositories.get(name)
    if not repository:
        return False
    if digest:
        return any(item.get_image_digest() == digest for item in repository.images)
    return any((tag or "latest") in item.image_tags for item in repository.images)


def _run(place: Place, task: dict) -> None:
    task.update(pullStoppedAt=now(), startedAt=now())
    ecs_logs.start_insights(place, state(place).clusters[task["clusterArn"].rsplit("/", 1)[-1]])
    for container in task["containers"]:
        container.update(lastStatus="RUNNING", runtimeId=secrets.token_hex(16))
    for balancer in task["_balancers"]:
        arn = balancer.get("targetGroupArn")
        if arn and targets.group_at(place, arn):
            target = targets.Target(
                task.get("_address") or "i-" + task["taskArn"][-17:], balancer["containerPort"],
                task.get("availabilityZone", ""), lambda: _answers(task))
            targets.register(place, arn, target)
            task["_targets"].append((arn, target))
    _set_status(task, "RUNNING")
    clock.after(settings.ecs_lasting_seconds, lambda: _last(task))


def _last(task: dict) -> None:
    """It did not exit at once."""
    task["_lasts"] = True
    task["_changed"](task)


def _answers(task: dict) -> bool:
    return all(image.problem != "unhealthy" for _, image in _behaviours(task))


def _work(place: Place, task: dict, gone: Callable[[], bool]) -> Steps:
    """A running task: its containers may exit or fail their health checks."""
    while not gone():
        exiting = [(c, i) for c, i in _behaviours(task) if i.problem == "exits"]
        if exiting:
            container, image = exiting[0]
            if not (yield Wait(image.after, gone)):
                _exit(task, container["name"], image.code)
                stop(place, task, "Essential container in task exited", "EssentialContainerExited")
            return
        sick = any(i.problem == "container_unhealthy" for c, i in _behaviours(task) if "healthCheck" in c)
        if "healthStatus" in task and sick != (task["healthStatus"] == "UNHEALTHY") or task.get("healthStatus") == "UNKNOWN":
            if not (yield Wait(settings.unhealthy_seconds if sick else settings.healthy_seconds, gone)):
                _tell_health(task, sick)
                if sick:
                    stop(place, task, "Task failed container health checks", "ServiceSchedulerInitiated")
            continue
        known = [image for _, image in _behaviours(task)]
        yield Wait(until=lambda: gone() or known != [image for _, image in _behaviours(task)])


def _tell_health(task: dict, sick: bool) -> None:
    task["healthStatus"] = "UNHEALTHY" if sick else "HEALTHY"
    for container in task["containers"]:
        container["healthStatus"] = task["healthStatus"]
    task["_changed"](task)


def _exit(task: dict, name: str, code: int) -> None:
    for container in task["containers"]:
        if container["name"] == name:
            container.update(exitCode=code, lastStatus="STOPPED")


def _set_status(task: dict, status: str) -> None:
    task["lastStatus"] = status
    task["version"] += 1
    task["_changed"](task)


# --- Stop -------------------------------------------------------------------------------


def stop(place: Place, task: dict, reason: str, code: str) -> None:
    """Its targets drain, its containers stop; then it is STOPPED."""
    if task["desiredStatus"] == "STOPPED":
        return
    was_running = task["lastStatus"] == "RUNNING"
    task.update(desiredStatus="STOPPED", stoppedReason=reason, stopCode=code, stoppingAt=now())
    clock.start(_end(place, task))
    _set_status(task, "DEACTIVATING" if was_running and task["_targets"] else "STOPPING")


def _end(place: Place, task: dict) -> Steps:
    open_targets = list(task["_targets"])
    for arn, target in list(open_targets):
        targets.deregister(place, arn, target, lambda one=(arn, target): open_targets.remove(one))
    yield Wait(until=lambda: not open_targets)
    if task["lastStatus"] == "DEACTIVATING":
        _set_status(task, "STOPPING")
    yield Wait(settings.ecs_stopping_seconds)
    for container in task["containers"]:
        container["lastStatus"] = "STOPPED"
        if "startedAt" in task:
            container.setdefault("exitCode", 0)
    if settings.interface_lingering_seconds and task["attachments"]:
        ec2_interfaces.linger(place, [ec2_interfaces.of_task(place, task)])
    for attachment in task["attachments"]:
        attachment["status"] = "DELETED"
    task.update(stoppedAt=now(), executionStoppedAt=now())
    _set_status(task, "STOPPED")


# --- Operations -------------------------------------------------------------------------


@operation("ecs", "RunTask")
def run_task(call: Call) -> dict:
    """Standalone tasks run until StopTask, and keep their cluster from being deleted."""
    from .ecs_services import check_network
    from .ecs_task_definitions import active_task_definition

    params, cluster = call.params, cluster_of(call, call.params.get("cluster"))
    definition = active_task_definition(call, params["taskDefinition"])
    check_network(call, params, definition)
    network = (params.get("networkConfiguration") or {}).get("awsvpcConfiguration")
    made = [
        new_task(
            call.place, cluster, definition, _network=network, launchType=params.get("launchType", "EC2"),
            group=params.get("group") or f"family:{definition['family']}", startedBy=params.get("startedBy"),
            overrides=params.get("overrides", {}), tags=params.get("tags", []))
        for _ in range(params.get("count") or 1)
    ]
    return {"tasks": shown(made), "failures": []}


@operation("ecs", "StopTask")
def stop_task(call: Call) -> dict:
    """A task of a service is replaced by its scheduler."""
    task = _find_task(call, call.params["task"])
    if not task:
        raise invalid("The referenced task was not found.")
    stop(call.place, task, call.params.get("reason", "Task stopped by user"), "UserInitiated")
    return {"task": shown(task)}


def _find_task(call: Call, wanted: str) -> dict | None:
    for arn, task in state(call).tasks.items():
        if wanted in (arn, arn.rsplit("/", 1)[-1]):
            return task
    return None


@operation("ecs", "DescribeTasks")
def describe_tasks(call: Call) -> dict:
    cluster_of(call, call.params.get("cluster"))
    if len(call.params["tasks"]) > 100:
        raise invalid("Tasks cannot have more than 100 elements.")
    found, failures = [], []
    for wanted in call.params["tasks"]:
        task = _find_task(call, wanted)
        if task:
            found.append(shown(task if "TAGS" in call.params.get("include", []) else without_tags(task)))
        else:
            failures.append({"arn": wanted, "reason": "MISSING"})
    return {"tasks": found, "failures": failures}


@operation("ecs", "ListTasks")
def list_tasks(call: Call) -> dict:
    cluster, params = cluster_of(call, call.params.get("cluster")), call.params
    wanted, service, family = params.get("desiredStatus", "RUNNING"), params.get("serviceName"), params.get("family")
    if service and (cluster["clusterName"], service.rsplit("/", 1)[-1]) not in state(call).services:
        raise AwsError("ServiceNotFoundException", "Service not found.")
    arns = [
        arn
        for arn, task in state(call).tasks.items()
        if task["clusterArn"] == cluster["clusterArn"]
        and task["desiredStatus"] == wanted
        and (not service or task["group"] == f"service:{service.rsplit('/', 1)[-1]}")
        and (not family or f"/{family}:" in task["taskDefinitionArn"])
        and params.get("startedBy") in (None, task.get("startedBy"))
        and params.get("launchType") in (None, task.get("launchType"))
    ]
    arns, token = page(call, arns, params.get("maxResults") or 100)
    return {"taskArns": arns, "nextToken": token}
