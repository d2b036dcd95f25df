"""Rolling deployments: old tasks are replaced by new ones within the limits of the service.

"Rolling update" and "How the deployment circuit breaker detects failures" of the ECS developer guide.
"""

import math

from ..overlay import Place
from . import alarms
from . import ecs_tasks as tasks
from .ecs import now
from .ecs_scheduler import event, ready

#: Bounds of the failures that open the circuit breaker; between them half of the desired count.
FEWEST, MOST = 3, 200


def look(place: Place, service: dict) -> None:
    """One look: how many tasks the new deployment and the old ones may have now."""
    if not service["deployments"]:
        return
    primary, *olds = service["deployments"]
    desired, configuration = service["desiredCount"], service["deploymentConfiguration"]
    least = math.ceil(desired * configuration.get("minimumHealthyPercent", 100) / 100)
    most = math.floor(desired * configuration.get("maximumPercent", 200) / 100)
    old = [task for owner in olds for task in tasks.tasks_of(place, owner["id"])]
    primary["desiredCount"] = desired
    room = desired if not olds else max(most - len(old), 0)
    primary["_wanted"] = min(desired, max(room, 0))
    _retire(place, olds, max(0, least - ready(place, primary)))
    _check_failures(place, service, primary)
    if primary["rolloutState"] == "IN_PROGRESS":
        _complete(place, service, primary, olds)


def _retire(place: Place, olds: list[dict], needed: int) -> None:
    """Old deployments keep only what is needed while the new one is not ready."""
    for owner in olds:
        owner["_wanted"] = min(len(tasks.tasks_of(place, owner["id"])), needed)
        owner["desiredCount"] = owner["_wanted"]
        needed -= owner["_wanted"]


def _complete(place: Place, service: dict, primary: dict, olds: list[dict]) -> None:
    gone = not any(tasks.tasks_of(place, owner["id"]) for owner in olds)
    if not gone or ready(place, primary) != service["desiredCount"]:
        return
    service["deployments"] = [primary]
    primary.update(rolloutState="COMPLETED", rolloutStateReason=f"ECS deployment {primary['id']} completed.", updatedAt=now())
    service["_completed"] = primary
    event(service, f"(service {service['serviceName']}) (deployment {primary['id']}) deployment completed.")
    for record in service["_serviceDeployments"]:
        if record["_deployment"] == primary["id"] and record["status"] == "IN_PROGRESS":
            record.update(status="SUCCESSFUL", finishedAt=now(), updatedAt=now())
        elif record["status"] == "ROLLBACK_IN_PROGRESS":
            record.update(status="ROLLBACK_SUCCESSFUL", finishedAt=now(), updatedAt=now())


def _check_failures(place: Place, service: dict, primary: dict) -> None:
    """The circuit breaker, and alarms that watch the deployment."""
    configuration = service["deploymentConfiguration"]
    breaker, watched = configuration.get("deploymentCircuitBreaker") or {}, configuration.get("alarms") or {}
    if primary["rolloutState"] != "IN_PROGRESS":
        return
    threshold = min(MOST, max(FEWEST, math.ceil(service["desiredCount"] / 2)))
    active = alarms.active(place, watched.get("alarmNames", [])) if watched.get("enable") else []
    if breaker.get("enable") and primary.get("failedTasks", 0) >= threshold:
        fail(service, primary, "ECS deployment circuit breaker: tasks failed to start.", bool(breaker.get("rollback")))
    elif active:
        fail(service, primary, f"ECS deployment failed: alarm(s) detected: {', '.join(active)}.", bool(watched.get("rollback")))


def fail(service: dict, primary: dict, why: str, roll_back: bool) -> None:
    """A failed deployment starts no more tasks; with rollback the last completed one is deployed again."""
    primary.update(rolloutState="FAILED", rolloutStateReason=why, updatedAt=now(), _halted=True)
    event(service, f"(service {service['serviceName']}) (deployment {primary['id']}) deployment failed: {why.split(': ', 1)[-1]}")
    previous = service.get("_completed")
    record = next((r for r in service["_serviceDeployments"] if r["_deployment"] == primary["id"]), None)
    if not roll_back or not previous or previous is primary:
        if record:
            record.update(status="STOPPED", statusReason=why, stoppedAt=now(), finishedAt=now(), updatedAt=now())
        return
    reason = f"{why.split(':')[0]}: rolling back to deploymentId {previous['id']}."
    event(service, f"(service {service['serviceName']}) rolling back to deployment {previous['id']}.")
    primary["status"] = "ACTIVE"
    previous.update(status="PRIMARY", rolloutState="IN_PROGRESS", rolloutStateReason=reason, updatedAt=now(), failedTasks=0)
    service["deployments"] = [previous, *(d for d in service["deployments"] if d is not previous)]
    service.update(previous["_mirrored"])
    if record:
        record.update(status="ROLLBACK_IN_PROGRESS", statusReason=why, updatedAt=now(), rollback={
            "reason": why, "startedAt": now(), "serviceRevisionArn": previous["_revision"]})
    service["_dirty"] = True
