"""Deployments of the ECS controller, as services show them and as service deployments with their revisions.

"ServiceDeployment" and "ServiceRevision" of the ECS API reference.
"""

import copy

from ..clock import clock, utc
from ..overlay import AwsError, Call, Place, operation, page, shown
from .ecs import cluster_of, invalid, now, numeric_id, state
from .ecs_scheduler import event, strategy, touch

#: Members that are described on the deployment, not on the service.
ON_DEPLOYMENT = ("serviceConnectConfiguration", "volumeConfigurations", "vpcLatticeConfigurations")
#: Statuses of a service deployment that is over.
OVER = ("SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED")


def workload(service: dict) -> dict:
    """What a deployment or task set copies from its service."""
    names = ("taskDefinition", "launchType", "capacityProviderStrategy", "platformVersion", "platformFamily",
             "networkConfiguration")
    return {name: copy.deepcopy(service[name]) for name in names if service.get(name)}


def deploy(place: Place, service: dict, params: dict) -> None:
    """A new deployment of the service as it is now; whatever was under way is superseded."""
    from . import ecs_blue_green

    olds = service["deployments"]
    deployment = _deployment(service, params)
    for old in olds:
        old["status"] = "ACTIVE"
    service["deployments"] = [deployment, *olds]
    service["_is_steady"] = False
    for record in service["_serviceDeployments"]:
        if record["status"] not in OVER:
            record.update(status="STOPPED", stoppedAt=now(), finishedAt=now(), updatedAt=now(),
                          statusReason="Service deployment stopped because a newer service deployment was started.")
    record = _record(place, service, deployment, olds)
    service["_serviceDeployments"].insert(0, record)
    service["currentServiceDeployment"] = record["serviceDeploymentArn"]
    touch(service)
    service["_native"] = None
    if strategy(service) != "ROLLING":
        ecs_blue_green.start(place, service, deployment, record)


def _deployment(service: dict, params: dict) -> dict:
    previous = service["deployments"][0] if service["deployments"] else {}
    kept = {name: params.get(name, previous.get(name)) for name in ON_DEPLOYMENT}
    mirrored = {**workload(service), "loadBalancers": copy.deepcopy(service["loadBalancers"])}
    return {
        "id": f"ecs-svc/{numeric_id()}",
        "status": "PRIMARY",
        "desiredCount": service["desiredCount"],
        "runningCount": 0,
        "pendingCount": 0,
        "failedTasks": 0,
        "createdAt": now(),
        "updatedAt": now(),
        "rolloutState": "IN_PROGRESS",
        "rolloutStateReason": "ECS deployment in progress.",
        **workload(service),
        **{name: value for name, value in kept.items() if value},
        "_wanted": 0,
        "_balancers": copy.deepcopy(service["loadBalancers"]),
        "_mirrored": mirrored,
    }


def new_revision(place: Place, service: dict, deployment: dict) -> None:
    """The service as it is now, as the revision that a deployment brings out."""
    path = service["serviceArn"].split(":service/", 1)[1]
    arn = place.arn("ecs", f"service-revision/{path}/{deployment['id'].split('/')[1]}")
    deployment["_revision"] = arn
    service["_revisions"][arn] = {
        "serviceRevisionArn": arn,
        "serviceArn": service["serviceArn"],
        "clusterArn": service["clusterArn"],
        "loadBalancers": copy.deepcopy(service["loadBalancers"]),
        "serviceRegistries": copy.deepcopy(service["serviceRegistries"]),
        "createdAt": now(),
        **workload(service),
    }


def _record(place: Place, service: dict, deployment: dict, olds: list[dict]) -> dict:
    path = service["serviceArn"].split(":service/", 1)[1]
    new_revision(place, service, deployment)
    return {
        "serviceDeploymentArn": place.arn("ecs", f"service-deployment/{path}/{numeric_id()}"),
        "serviceArn": service["serviceArn"],
        "clusterArn": service["clusterArn"],
        "status": "IN_PROGRESS",
        "createdAt": now(),
        "startedAt": now(),
        "updatedAt": now(),
        "deploymentConfiguration": copy.deepcopy(service["deploymentConfiguration"]),
        "_deployment": deployment["id"],
        "_target": deployment,
        "_sources": [old for old in olds if old.get("_revision")],
    }


# --- Read -------------------------------------------------------------------------------


@operation("ecs", "ListServiceDeployments")
def list_service_deployments(call: Call) -> dict:
    from .ecs_services import service_of

    service = service_of(call, cluster_of(call, call.params.get("cluster")), call.params["service"])
    wanted, created = call.params.get("status"), call.params.get("createdAt") or {}
    briefs = [
        {**shown(record), "targetServiceRevisionArn": record["_target"]["_revision"]}
        for record in service["_serviceDeployments"]
        if (not wanted or record["status"] in wanted)
        and ("after" not in created or record["createdAt"] >= utc(created["after"]))
        and ("before" not in created or record["createdAt"] <= utc(created["before"]))
    ]
    briefs, token = page(call, briefs, call.params.get("maxResults") or 20)
    return {"serviceDeployments": briefs, "nextToken": token}


def _records(call: Call) -> dict[str, tuple[dict, dict]]:
    """ARN → service and record."""
    return {
        record["serviceDeploymentArn"]: (service, record)
        for service in state(call).services.values()
        for record in service["_serviceDeployments"]
    }


def record_of(call: Call, arn: str) -> tuple[dict, dict]:
    found = _records(call).get(arn)
    if not found:
        raise AwsError("ServiceDeploymentNotFoundException", "The service deployment ARN that you specified was not found.")
    return found


def _few(items: list[str], name: str) -> list[str]:
    if len(items) > 20:
        raise invalid(f"{name} cannot have more than 20 elements.")
    return items


@operation("ecs", "DescribeServiceDeployments")
def describe_service_deployments(call: Call) -> dict:
    wanted = _few(call.params["serviceDeploymentArns"], "serviceDeploymentArns")
    clock.poll()
    known = _records(call)
    return {
        "serviceDeployments": [_described(*known[arn]) for arn in wanted if arn in known],
        "failures": [{"arn": arn, "reason": "MISSING"} for arn in wanted if arn not in known],
    }


def _described(service: dict, record: dict) -> dict:
    breaker = service["deploymentConfiguration"].get("deploymentCircuitBreaker") or {}
    watched = record["deploymentConfiguration"].get("alarms") or {}
    target = record["_target"]
    running = record["status"] not in OVER
    over = "MONITORING" if running else "MONITORING_COMPLETE"
    return {
        **shown(record),
        "targetServiceRevision": _summary(service, target, record),
        "sourceServiceRevisions": [_summary(service, source, record) for source in record["_sources"]],
        "deploymentCircuitBreaker": {
            "status": over if breaker.get("enable") else "DISABLED",
            "failureCount": target.get("failedTasks", 0),
            "threshold": 3,
        },
        "alarms": {
            "status": "TRIGGERED" if record.get("_alarms") else over if watched.get("enable") else "DISABLED",
            "alarmNames": watched.get("alarmNames", []),
            "triggeredAlarmNames": record.get("_alarms", []),
        },
    }


def _summary(service: dict, deployment: dict, record: dict) -> dict:
    alive = deployment in service["deployments"]
    summary = {
        "arn": deployment["_revision"],
        "requestedTaskCount": deployment["_wanted"] if alive else 0,
        "runningTaskCount": deployment["runningCount"] if alive else 0,
        "pendingTaskCount": deployment["pendingCount"] if alive else 0,
    }
    weights = record.get("_weights", {}).get(deployment["id"])
    if weights:
        summary.update(requestedTestTrafficWeight=weights["test"], requestedProductionTrafficWeight=weights["production"])
    return summary


@operation("ecs", "DescribeServiceRevisions")
def describe_service_revisions(call: Call) -> dict:
    wanted = _few(call.params["serviceRevisionArns"], "serviceRevisionArns")
    known = {arn: revision for service in state(call).services.values() for arn, revision in service["_revisions"].items()}
    return {
        "serviceRevisions": [shown(known[arn]) for arn in wanted if arn in known],
        "failures": [{"arn": arn, "reason": "MISSING"} for arn in wanted if arn not in known],
    }


# --- Stop -------------------------------------------------------------------------------


@operation("ecs", "StopServiceDeployment")
def stop_service_deployment(call: Call) -> dict:
    """ROLLBACK by default: the previous revision is deployed again."""
    from . import ecs_blue_green, ecs_rolling

    service, record = record_of(call, call.params["serviceDeploymentArn"])
    if record["status"] not in ("PENDING", "IN_PROGRESS"):
        raise AwsError("ConflictException", "The service deployment is not in a state that can be stopped.")
    roll_back = call.params.get("stopType", "ROLLBACK") == "ROLLBACK"
    event(service, f"(service {service['serviceName']}) stop of the service deployment was requested.")
    if service.get("_native"):
        ecs_blue_green.request_stop(service, record, roll_back)
    else:
        ecs_rolling.fail(service, record["_target"], "Service deployment stopped: a user requested it.", roll_back)
    touch(service)
    return {"serviceDeploymentArn": record["serviceDeploymentArn"]}


@operation("ecs", "ContinueServiceDeployment")
def continue_service_deployment(call: Call) -> dict:
    """Answers a PAUSE hook: CONTINUE or ROLLBACK."""
    from . import ecs_blue_green

    service, record = record_of(call, call.params["serviceDeploymentArn"])
    ecs_blue_green.answer_hook(record, call.params["hookId"], call.params.get("action", "CONTINUE"))
    return {"serviceDeploymentArn": record["serviceDeploymentArn"]}
