"""The scheduler of ECS services: starts, replaces and stops tasks until a service is as it should be.

"Amazon ECS services" and "Deployment circuit breaker" of the ECS developer guide. A service has *owners* of tasks:
deployments (controller ECS) or task sets (CODE_DEPLOY, EXTERNAL). How many tasks an owner wants is decided here for
rolling deployments and task sets, and by `ecs_blue_green` for ECS's own traffic-shifting strategies.
"""

import math
from collections.abc import Callable
from datetime import timedelta

from ..clock import Steps, Wait, clock
from ..overlay import Place
from . import alarms
from . import ecs_tasks as tasks
from .ecs import now, numeric_id, state
from .ecs_task_definitions import find_task_definition

#: Seconds until a failed task is replaced; doubles with each failure in a row.
FIRST_RETRY, LAST_RETRY = 5.0, 300.0
#: Most events that DescribeServices shows.
EVENTS = 100


def controller(service: dict) -> str:
    return service["deploymentController"]["type"]


def strategy(service: dict) -> str:
    return service["deploymentConfiguration"].get("strategy", "ROLLING")


def owners(service: dict) -> list[dict]:
    return [*service["deployments"], *service["taskSets"]]


def event(service: dict, message: str) -> None:
    service["events"].insert(0, {"id": numeric_id(), "createdAt": now(), "message": message})
    del service["events"][EVENTS:]


def touch(service: dict) -> None:
    """Something changed: the scheduler looks at the service again."""
    service["_dirty"] = True


def run(place: Place, service: dict) -> None:
    """Start the scheduler of a new service."""
    service["_dirty"] = True
    clock.start(_schedule(place, service))


def _schedule(place: Place, service: dict) -> Steps:
    while service["status"] != "INACTIVE":
        service["_dirty"] = False
        _look(place, service)
        yield Wait(until=lambda: service["_dirty"] or _has_news(place, service))


def _has_news(place: Place, service: dict) -> bool:
    """A task that became well, or unhealthy, or an alarm that rings, since the last look (neither calls)."""
    return (_well(place, service), _alarms(place, service)) != service["_seen"]


def _alarms(place: Place, service: dict) -> list[str]:
    watched = service["deploymentConfiguration"].get("alarms") or {}
    return alarms.active(place, watched.get("alarmNames", [])) if watched.get("enable") else []


def _well(place: Place, service: dict) -> list[tuple[str, bool, bool]]:
    return [
        (task["taskArn"], tasks.is_ready(place, task), _is_sick(task))
        for owner in owners(service)
        for task in tasks.tasks_of(place, owner["id"])
    ]


def _is_sick(task: dict) -> bool:
    return any(target.health[0] == "unhealthy" for _, target in task["_targets"])


def _look(place: Place, service: dict) -> None:
    from . import ecs_blue_green, ecs_rolling

    if service["status"] == "DRAINING":
        _drain(place, service)
    else:
        _replace_sick(place, service)
        if service.get("_native"):
            ecs_blue_green.look(service)
        elif controller(service) == "ECS":
            ecs_rolling.look(place, service)
        for task_set in service["taskSets"]:
            scale = task_set["scale"]["value"] / 100
            task_set["_wanted"] = math.ceil(service["desiredCount"] * scale) if task_set["status"] != "DRAINING" else 0
        for owner in owners(service):
            fit(place, service, owner)
    service["_seen"] = (_well(place, service), _alarms(place, service))
    count(place, service)


def _drain(place: Place, service: dict) -> None:
    for owner in owners(service):
        for task in tasks.tasks_of(place, owner["id"]):
            tasks.stop(place, task, f"Scaling activity initiated by (deployment {owner['id']})", "ServiceSchedulerInitiated")
    if not any(tasks.leaving(place, owner["id"]) for owner in owners(service)):
        service.update(status="INACTIVE", runningCount=0, pendingCount=0, deployments=[], taskSets=[])


# --- Tasks of one owner -----------------------------------------------------------------


def fit(place: Place, service: dict, owner: dict) -> None:
    """Start what is missing, stop what is too much."""
    alive = tasks.tasks_of(place, owner["id"])
    missing = owner["_wanted"] - len(alive)
    if missing > 0 and not owner.get("_halted") and _may_retry(service, owner):
        _start(place, service, owner, missing)
    elif missing < 0:
        # Those that do not run well go first, then the youngest.
        order = sorted(alive, key=lambda task: (tasks.is_ready(place, task), -task["createdAt"].timestamp()))
        _stop(place, service, owner, order[:-missing])


def _may_retry(service: dict, owner: dict) -> bool:
    return owner.get("_retry_at") is None or now() >= owner["_retry_at"]


def _start(place: Place, service: dict, owner: dict, number: int) -> None:
    definition = find_task_definition(place, owner["taskDefinition"])
    if not definition:
        event(service, f"(service {service['serviceName']}) was unable to place a task. Reason: TaskDefinition not found.")
        return
    cluster = state(place).clusters[service["clusterArn"].rsplit("/", 1)[-1]]
    network = (owner.get("networkConfiguration") or {}).get("awsvpcConfiguration")
    launch = owner.get("launchType")
    providers = owner.get("capacityProviderStrategy") or []
    more = {"launchType": launch} if launch else {
        "launchType": "FARGATE", "capacityProviderName": providers[0]["capacityProvider"] if providers else None}
    made = [
        tasks.new_task(
            place, cluster, definition, _owner=owner["id"], _network=network,
            _changed=lambda task: _task_changed(service, owner, task), _balancers=_balancers(service, owner),
            group=f"service:{service['serviceName']}", startedBy=owner["id"],
            platformVersion="1.4.0" if service.get("platformVersion") else None,
            enableExecuteCommand=service.get("enableExecuteCommand", False), **more)
        for _ in range(number)
    ]
    event(service, f"(service {service['serviceName']}) has started {number} tasks: {_named(made)}.")


def _balancers(service: dict, owner: dict) -> list[dict]:
    return owner["_balancers"] if "_balancers" in owner else owner.get("loadBalancers", service["loadBalancers"])


def _named(some: list[dict]) -> str:
    return " ".join(f"(task {task['taskArn'].rsplit('/', 1)[-1]})" for task in some)


def _stop(place: Place, service: dict, owner: dict, some: list[dict]) -> None:
    for task in some:
        tasks.stop(place, task, f"Scaling activity initiated by (deployment {owner['id']})", "ServiceSchedulerInitiated")
    event(service, f"(service {service['serviceName']}) has stopped {len(some)} running tasks: {_named(some)}.")


#: How a task ends that did not do its work.
FAILURES = ("TaskFailedToStart", "EssentialContainerExited")


def _task_changed(service: dict, owner: dict, task: dict) -> None:
    touch(service)
    failed = task.get("stopCode") in FAILURES or task.get("_is_failed")
    if failed and task["lastStatus"] == "STOPPED":
        _count_failure(service, owner, task)


def _count_failure(service: dict, owner: dict, task: dict) -> None:
    owner["failedTasks"] = owner.get("failedTasks", 0) + 1
    owner["_failures"] = owner.get("_failures", 0) + 1
    delay = min(LAST_RETRY, FIRST_RETRY * 2 ** min(10, owner["_failures"] - 1))
    owner["_retry_at"] = now() + timedelta(seconds=delay)
    clock.after(delay, lambda: touch(service))
    if owner["_failures"] == 3:
        event(service, f"(service {service['serviceName']}) is unable to consistently start tasks successfully. "
                       "For more information, see the Troubleshooting section.")


def _replace_sick(place: Place, service: dict) -> None:
    """After the grace period a task that fails the checks of its load balancer is stopped, and replaced."""
    grace = service.get("healthCheckGracePeriodSeconds") or 0
    for owner in owners(service):
        for task in tasks.tasks_of(place, owner["id"]):
            if not _is_sick(task):
                continue
            age = clock.ago(task["startedAt"])
            if age < grace:
                clock.after(grace - age, lambda: touch(service))
                continue
            _stop_sick(place, service, task)


def _stop_sick(place: Place, service: dict, task: dict) -> None:
    arn, target = next((arn, target) for arn, target in task["_targets"] if target.health[0] == "unhealthy")
    event(service, f"(service {service['serviceName']}) (port {target.port}) is unhealthy in (target-group {arn}) due to "
                   f"(reason {target.health[2]}).")
    task["_is_failed"] = True
    tasks.stop(place, task, f"Task failed ELB health checks in (target-group {arn})", "ServiceSchedulerInitiated")


# --- Counts -----------------------------------------------------------------------------


def ready(place: Place, owner: dict) -> int:
    return sum(tasks.is_ready(place, task) for task in tasks.tasks_of(place, owner["id"]))


def is_steady(place: Place, owner: dict) -> bool:
    """Runs exactly what it wants, and nothing is coming or going."""
    alive = tasks.tasks_of(place, owner["id"])
    return len(alive) == owner["_wanted"] == ready(place, owner) and not tasks.leaving(place, owner["id"])


def count(place: Place, service: dict) -> None:
    """Counts of the owners and of the service; `steady state` when all is as it should be."""
    for owner in owners(service):
        statuses = [task["lastStatus"] for task in tasks.tasks_of(place, owner["id"])]
        owner["runningCount"] = statuses.count("RUNNING")
        owner["pendingCount"] = len(statuses) - owner["runningCount"]
        if owner["_wanted"] and ready(place, owner) == owner["_wanted"]:
            owner.update(_failures=0, _retry_at=None)
    for task_set in service["taskSets"]:
        _tell_stability(place, task_set)
    service["runningCount"] = sum(owner["runningCount"] for owner in owners(service))
    service["pendingCount"] = sum(owner["pendingCount"] for owner in owners(service))
    steady = bool(owners(service)) and all(is_steady(place, owner) for owner in owners(service))
    if steady and not service["_is_steady"]:
        event(service, f"(service {service['serviceName']}) has reached a steady state.")
    service["_is_steady"] = steady


def _tell_stability(place: Place, task_set: dict) -> None:
    if task_set["computedDesiredCount"] != task_set["_wanted"]:
        task_set.update(computedDesiredCount=task_set["_wanted"], updatedAt=now())
    status = "STEADY_STATE" if is_steady(place, task_set) else "STABILIZING"
    if status != task_set["stabilityStatus"]:
        task_set.update(stabilityStatus=status, stabilityStatusAt=now(), updatedAt=now())


def when(service: dict, condition: Callable[[], bool]) -> Wait:
    """For processes that wait for the scheduler."""
    return Wait(until=lambda: service["status"] != "ACTIVE" or condition())
