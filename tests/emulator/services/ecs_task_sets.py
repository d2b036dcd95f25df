"""ECS task sets: what holds the workload of services under CODE_DEPLOY and EXTERNAL.

"TaskSet" of the ECS API reference. CodeDeploy uses the functions below; the operations are for external controllers.
"""

import copy

from ..clock import clock
from ..overlay import AwsError, Call, Place, operation, shown
from . import ecs_scheduler as scheduler
from .ecs import client_error, invalid, now, numeric_id
from .ecs_scheduler import controller
from .ecs_service_deployments import workload
from .ecs_task_definitions import active_task_definition

#: Task sets that a service can have at a time.
MOST = 5


def new_task_set(place: Place, service: dict, **members: object) -> dict:
    number = numeric_id()
    path = service["serviceArn"].split(":service/", 1)[1]
    task_set = {
        "id": f"ecs-svc/{number}",
        "taskSetArn": place.arn("ecs", f"task-set/{path}/ecs-svc/{number}"),
        "serviceArn": service["serviceArn"],
        "clusterArn": service["clusterArn"],
        "startedBy": "CODE_DEPLOY" if controller(service) == "CODE_DEPLOY" else "EXTERNAL",
        "status": "ACTIVE",
        "computedDesiredCount": 0,
        "pendingCount": 0,
        "runningCount": 0,
        "createdAt": now(),
        "updatedAt": now(),
        "scale": {"value": 100.0, "unit": "PERCENT"},
        "stabilityStatus": "STABILIZING",
        "stabilityStatusAt": now(),
        "loadBalancers": [],
        "serviceRegistries": [],
        "tags": [],
        "_wanted": 0,
        **members,
    }
    scheduler.touch(service)
    return task_set


def first_task_set(place: Place, service: dict) -> dict:
    """CreateService under CODE_DEPLOY makes the first task set itself."""
    return new_task_set(
        place, service, status="PRIMARY", **workload(service), loadBalancers=copy.deepcopy(service["loadBalancers"]),
        serviceRegistries=copy.deepcopy(service["serviceRegistries"]))


def check_container(definition: dict, balancers: list[dict]) -> None:
    containers = {container["name"]: container for container in definition["containerDefinitions"]}
    for balancer in balancers:
        name, port = balancer.get("containerName"), balancer.get("containerPort")
        if name not in containers:
            raise invalid(f"The container {name} does not exist in the task definition.")
        if port not in [mapping.get("containerPort") for mapping in containers[name]["portMappings"]]:
            raise invalid(f"The container {name} did not have a container port {port} defined.")


def make_primary(service: dict, primary: dict) -> None:
    """The service's own fields mirror its PRIMARY task set."""
    for task_set in service["taskSets"]:
        if task_set["status"] != "DRAINING":
            task_set.update(status="PRIMARY" if task_set is primary else "ACTIVE", updatedAt=now())
    service.update(workload(primary), loadBalancers=copy.deepcopy(primary["loadBalancers"]))


def drain(service: dict, task_set: dict) -> None:
    """DRAINING until its tasks have stopped, then gone."""
    task_set.update(status="DRAINING", updatedAt=now(), scale={"value": 0.0, "unit": "PERCENT"}, _wanted=0)
    scheduler.touch(service)

    def leave():  # type: ignore[no-untyped-def]
        yield scheduler.when(service, lambda: task_set["stabilityStatus"] == "STEADY_STATE" and not task_set["runningCount"])
        if task_set in service["taskSets"]:
            service["taskSets"].remove(task_set)

    task_set["stabilityStatus"] = "STABILIZING"
    clock.start(leave())


# --- Operations -------------------------------------------------------------------------


def _active_service(call: Call) -> dict:
    from .ecs_services import active_service

    return active_service(call, call.params["service"])


@operation("ecs", "CreateTaskSet")
def create_task_set(call: Call) -> dict:
    from .ecs_services import check_network

    service, params = _active_service(call), copy.deepcopy(call.params)
    if controller(service) == "ECS":
        raise invalid("CreateTaskSet is only supported for services with an EXTERNAL deployment controller.")
    if len([t for t in service["taskSets"] if t["status"] != "DRAINING"]) >= MOST:
        raise AwsError("LimitExceededException", f"The maximum number of task sets per service is {MOST}.")
    definition = active_task_definition(call, params["taskDefinition"])
    check_container(definition, params.get("loadBalancers", []))
    check_network(call, params, definition)
    names = ("externalId", "launchType", "capacityProviderStrategy", "platformVersion", "networkConfiguration",
             "loadBalancers", "serviceRegistries", "tags", "scale")
    task_set = new_task_set(call.place, service, taskDefinition=definition["taskDefinitionArn"],
                            **{name: params[name] for name in names if name in params})
    service["taskSets"].append(task_set)
    return {"taskSet": shown(task_set)}


def task_set_of(service: dict, wanted: str) -> dict:
    for task_set in service["taskSets"]:
        if wanted in (task_set["taskSetArn"], task_set["id"]):
            return task_set
    raise AwsError("TaskSetNotFoundException", "The specified task set was not found.")


@operation("ecs", "DescribeTaskSets")
def describe_task_sets(call: Call) -> dict:
    service = _active_service(call)
    clock.poll()
    wanted = call.params.get("taskSets")
    if not wanted:
        return {"taskSets": shown(service["taskSets"]), "failures": []}
    known = {key: t for t in service["taskSets"] for key in (t["taskSetArn"], t["id"])}
    return {
        "taskSets": shown([known[key] for key in wanted if key in known]),
        "failures": [{"arn": key, "reason": "MISSING"} for key in wanted if key not in known],
    }


@operation("ecs", "UpdateTaskSet")
def update_task_set(call: Call) -> dict:
    service = _active_service(call)
    task_set = task_set_of(service, call.params["taskSet"])
    task_set.update(scale=call.params["scale"], stabilityStatus="STABILIZING", stabilityStatusAt=now(), updatedAt=now())
    scheduler.touch(service)
    return {"taskSet": shown(task_set)}


@operation("ecs", "UpdateServicePrimaryTaskSet")
def update_service_primary_task_set(call: Call) -> dict:
    service = _active_service(call)
    primary = task_set_of(service, call.params["primaryTaskSet"])
    make_primary(service, primary)
    return {"taskSet": shown(primary)}


@operation("ecs", "DeleteTaskSet")
def delete_task_set(call: Call) -> dict:
    """Refused for the PRIMARY one, and for one that is not scaled to 0, unless forced."""
    service = _active_service(call)
    task_set = task_set_of(service, call.params["taskSet"])
    if task_set["status"] == "PRIMARY" and not call.params.get("force"):
        raise client_error("The primary task set cannot be deleted.")
    if task_set["scale"]["value"] > 0 and not call.params.get("force"):
        raise invalid("The task set cannot be deleted while it is scaled above 0.")
    drain(service, task_set)
    return {"taskSet": shown(task_set)}
