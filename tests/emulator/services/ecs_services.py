"""ECS services, their deployments and task sets: they reach their desired count, and keep every field."""

import copy
import time
from typing import Any

from ..overlay import AwsError, Call, operation, page
from ..settings import settings
from .ecs import client_error, cluster_of, invalid, now, numeric_id, state, without_tags
from .ecs_task_definitions import active_task_definition

#: CreateService members kept on the service as they are.
ECHOED = (
    "launchType",
    "capacityProviderStrategy",
    "platformVersion",
    "deploymentConfiguration",
    "placementConstraints",
    "placementStrategy",
    "networkConfiguration",
    "healthCheckGracePeriodSeconds",
    "schedulingStrategy",
    "deploymentController",
    "enableECSManagedTags",
    "propagateTags",
    "enableExecuteCommand",
    "availabilityZoneRebalancing",
    "loadBalancers",
    "serviceRegistries",
    "desiredCount",
)
#: Members that are described on the deployment, not on the service.
ON_DEPLOYMENT = ("serviceConnectConfiguration", "volumeConfigurations", "vpcLatticeConfigurations")
#: UpdateService members that start a new deployment.
START_DEPLOYMENT = (
    "taskDefinition",
    "networkConfiguration",
    "platformVersion",
    "loadBalancers",
    "serviceRegistries",
    *ON_DEPLOYMENT,
)
SERVICE_ROLE = "role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"


def _controller(service: dict) -> str:
    return service["deploymentController"]["type"]


# --- Create ---------------------------------------------------------------------------


@operation("ecs", "CreateService")
def create_service(call: Call) -> dict:
    """Same clientToken → same service; else "Creation of service was not idempotent."."""
    cluster = cluster_of(call, call.params.get("cluster"))
    key = (cluster["clusterName"], call.params["serviceName"])
    existing = state(call).services.get(key)
    if existing and existing["status"] != "INACTIVE":
        return {"service": _shown(_same_service(call, existing), tags=True)}
    service = _new_service(call, cluster)
    state(call).services[key] = service
    return {"service": _shown(service, tags=True)}


def _same_service(call: Call, existing: dict) -> dict:
    if existing["status"] == "DRAINING":
        raise invalid("Unable to Start a service that is still Draining.")
    token = call.params.get("clientToken")
    if not token or token != existing["_clientToken"]:
        raise invalid("Creation of service was not idempotent.")
    return existing


def _new_service(call: Call, cluster: dict) -> dict:
    params = copy.deepcopy(call.params)
    service: dict[str, Any] = {
        "serviceArn": call.arn(f"service/{cluster['clusterName']}/{params['serviceName']}"),
        "serviceName": params["serviceName"],
        "clusterArn": cluster["clusterArn"],
        "status": "ACTIVE",
        "runningCount": 0,
        "pendingCount": 0,
        "createdAt": now(),
        "createdBy": f"arn:aws:iam::{call.account}:root",
        "roleArn": params.get("role") or f"arn:aws:iam::{call.account}:{SERVICE_ROLE}",
        "events": [],
        "deployments": [],
        "taskSets": [],
        "tags": params.get("tags", []),
        "_clientToken": params.get("clientToken"),
        "_serviceDeployments": [],
        **{name: params[name] for name in ECHOED if name in params},
    }
    _complete(service, cluster)
    _set_capacity(service, cluster, params)
    if _controller(service) != "EXTERNAL":
        _set_workload(call, service, params)
        _start(call, service, params)
    return service


def _complete(service: dict, cluster: dict) -> None:
    """Defaults as "CreateService" documents them."""
    service.setdefault("deploymentController", {"type": "ECS"})
    service.setdefault("schedulingStrategy", "REPLICA")
    daemon, own = service["schedulingStrategy"] == "DAEMON", _controller(service) == "ECS"
    configuration = {"maximumPercent": 100 if daemon else 200, "minimumHealthyPercent": 0 if daemon else 100}
    if own:
        configuration["deploymentCircuitBreaker"] = {"enable": False, "rollback": False}
        configuration.update(strategy="ROLLING", bakeTimeInMinutes=0)
    service["deploymentConfiguration"] = {**configuration, **service.get("deploymentConfiguration", {})}
    service.setdefault("desiredCount", 0)
    service.setdefault("placementConstraints", [])
    service.setdefault("placementStrategy", [])
    service.setdefault("loadBalancers", [])
    service.setdefault("serviceRegistries", [])
    service.setdefault("enableECSManagedTags", False)
    service.setdefault("enableExecuteCommand", False)
    service.setdefault("propagateTags", "NONE")
    service.setdefault("availabilityZoneRebalancing", "ENABLED" if own and not daemon else "DISABLED")
    if service["loadBalancers"]:
        service.setdefault("healthCheckGracePeriodSeconds", 0)


def _set_capacity(service: dict, cluster: dict, params: dict) -> None:
    """Launch type or capacity providers, never both; neither means the cluster's strategy, then EC2."""
    strategy = params.get("capacityProviderStrategy")
    if strategy and params.get("launchType"):
        raise invalid("Specifying both a launch type and capacity provider strategy is not supported. "
                      "Remove one and try again.")
    if not strategy and not params.get("launchType"):
        strategy = cluster["defaultCapacityProviderStrategy"]
    if strategy:
        service.pop("launchType", None)
        service["capacityProviderStrategy"] = [{"weight": 0, "base": 0, **item} for item in strategy]
        fargate = strategy[0]["capacityProvider"].startswith("FARGATE")
    else:
        service.pop("capacityProviderStrategy", None)
        service["launchType"] = params.get("launchType") or "EC2"
        fargate = service["launchType"] == "FARGATE"
    if fargate:
        service["platformVersion"] = service.get("platformVersion") or "LATEST"
        service["platformFamily"] = "Linux"


def _set_workload(call: Call, service: dict, params: dict) -> None:
    if not params.get("taskDefinition"):
        raise invalid("TaskDefinition can not be blank.")
    definition = active_task_definition(call, params["taskDefinition"])
    service["taskDefinition"] = definition["taskDefinitionArn"]
    _check_network(call, service, definition)
    _check_load_balancers(call, service, definition)


def _check_network(call: Call, service: dict, definition: dict) -> None:
    network = (service.get("networkConfiguration") or {}).get("awsvpcConfiguration")
    if not network:
        if definition["networkMode"] == "awsvpc":
            raise invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
        return
    if definition["networkMode"] != "awsvpc":
        raise invalid("Network Configuration is not valid for the given networkMode of this task definition.")
    ec2 = call.backend("ec2")
    known = {subnet_id: subnet for zone in ec2.subnets.values() for subnet_id, subnet in zone.items()}
    for subnet in network.get("subnets", []):
        if subnet not in known:
            raise invalid(f"Error retrieving subnet information for [{subnet}]: The subnet ID '{subnet}' does not exist "
                          "(ErrorCode: InvalidSubnetID.NotFound)")
    for group in network.get("securityGroups", []):
        if not ec2.get_security_group_from_id(group):
            raise invalid(f"Error retrieving security group information for [{group}]: The security group '{group}' "
                          "does not exist (ErrorCode: InvalidGroup.NotFound)")
    if not network.get("securityGroups"):
        vpc = known[network["subnets"][0]].vpc_id
        network["securityGroups"] = [ec2.get_default_security_group(vpc).id]
    network.setdefault("assignPublicIp", "DISABLED")


def _check_load_balancers(call: Call, service: dict, definition: dict) -> None:
    balancers = service["loadBalancers"]
    if _controller(service) == "CODE_DEPLOY" and len(balancers) != 1:
        raise invalid("A load balancer is required when using the CODE_DEPLOY deployment controller.")
    containers = {container["name"]: container for container in definition["containerDefinitions"]}
    for balancer in balancers:
        name, port = balancer.get("containerName"), balancer.get("containerPort")
        if name not in containers:
            raise invalid(f"The container {name} does not exist in the task definition.")
        if port not in [mapping.get("containerPort") for mapping in containers[name]["portMappings"]]:
            raise invalid(f"The container {name} did not have a container port {port} defined.")
        arn = balancer.get("targetGroupArn")
        group = call.backend("elbv2").target_groups.get(arn) if arn else None
        if arn and not group:
            raise invalid(f"The specified target group does not exist: {arn}")
        if group and not group.load_balancer_arns:
            raise invalid(f"The target group with targetGroupArn {arn} does not have an associated load balancer.")


# --- Deployments and task sets --------------------------------------------------------


def _start(call: Call, service: dict, params: dict) -> None:
    """A new deployment (ECS controller) or, on create, the first task set (CODE_DEPLOY)."""
    service["_polls"] = settings.ecs_steady_polls
    service["_steady_at"] = time.monotonic() + settings.ecs_steady_seconds
    if _controller(service) == "CODE_DEPLOY":
        service["taskSets"] = [_primary_task_set(call, service)]
        return
    for deployment in service["deployments"]:
        deployment["status"] = "ACTIVE"
    service["deployments"].insert(0, _deployment(service, params))
    _record_service_deployment(call, service)


def _workload(service: dict) -> dict:
    """What a deployment or task set copies from its service."""
    names = ("taskDefinition", "launchType", "capacityProviderStrategy", "platformVersion", "platformFamily",
             "networkConfiguration")
    return {name: copy.deepcopy(service[name]) for name in names if service.get(name)}


def _deployment(service: dict, params: dict) -> dict:
    previous = service["deployments"][0] if service["deployments"] else {}
    kept = {name: params.get(name, previous.get(name)) for name in ON_DEPLOYMENT}
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
        **_workload(service),
        **{name: value for name, value in kept.items() if value},
    }


def _primary_task_set(call: Call, service: dict) -> dict:
    return {
        **_task_set(call, service),
        **_workload(service),
        "status": "PRIMARY",
        "loadBalancers": copy.deepcopy(service["loadBalancers"]),
        "serviceRegistries": copy.deepcopy(service["serviceRegistries"]),
        "scale": {"value": 100.0, "unit": "PERCENT"},
        "computedDesiredCount": service["desiredCount"],
    }


def _task_set(call: Call, service: dict) -> dict:
    number = numeric_id()
    path = service["serviceArn"].split(":service/", 1)[1]
    return {
        "id": f"ecs-svc/{number}",
        "taskSetArn": call.arn(f"task-set/{path}/ecs-svc/{number}"),
        "serviceArn": service["serviceArn"],
        "clusterArn": service["clusterArn"],
        "startedBy": "CODE_DEPLOY" if _controller(service) == "CODE_DEPLOY" else "EXTERNAL",
        "status": "ACTIVE",
        "computedDesiredCount": 0,
        "pendingCount": 0,
        "runningCount": 0,
        "createdAt": now(),
        "updatedAt": now(),
        "stabilityStatus": "STABILIZING",
        "loadBalancers": [],
        "serviceRegistries": [],
        "tags": [],
    }


def _record_service_deployment(call: Call, service: dict) -> None:
    """ListServiceDeployments: one entry per deployment of the ECS controller."""
    number = service["deployments"][0]["id"].split("/")[1]
    path = service["serviceArn"].split(":service/", 1)[1]
    service["_serviceDeployments"].insert(0, {
        "serviceDeploymentArn": call.arn(f"service-deployment/{path}/{numeric_id()}"),
        "serviceArn": service["serviceArn"],
        "clusterArn": service["clusterArn"],
        "status": "IN_PROGRESS",
        "createdAt": now(),
        "startedAt": now(),
        "targetServiceRevision": {"arn": call.arn(f"service-revision/{path}/{number}"),
                                  "requestedTaskCount": service["desiredCount"]},
        "deploymentConfiguration": service["deploymentConfiguration"],
        "_revision": _revision(call, service, path, number),
    })


def _revision(call: Call, service: dict, path: str, number: str) -> dict:
    return {
        "serviceRevisionArn": call.arn(f"service-revision/{path}/{number}"),
        "serviceArn": service["serviceArn"],
        "clusterArn": service["clusterArn"],
        "loadBalancers": copy.deepcopy(service["loadBalancers"]),
        "serviceRegistries": copy.deepcopy(service["serviceRegistries"]),
        "createdAt": now(),
        **_workload(service),
    }


def settle(service: dict) -> None:
    """A describe is one step of the service on its way to its desired count."""
    if service["status"] == "DRAINING":
        _drain(service)
    if service["status"] != "ACTIVE" or _is_settled(service):
        return
    if service.get("_polls", 0) > 0:
        service["_polls"] -= 1
    elif time.monotonic() >= service.get("_steady_at", 0):
        _reach_desired_count(service)


def _is_settled(service: dict) -> bool:
    busy = any(deployment["rolloutState"] != "COMPLETED" for deployment in service["deployments"])
    unstable = any(task_set["stabilityStatus"] != "STEADY_STATE" for task_set in service["taskSets"])
    return not busy and not unstable and service["runningCount"] == service["desiredCount"]


def _reach_desired_count(service: dict) -> None:
    wanted = service["desiredCount"]
    service.update(runningCount=wanted, pendingCount=0)
    service["deployments"] = [d for d in service["deployments"] if d["status"] == "PRIMARY"]
    for deployment in service["deployments"]:
        deployment.update(desiredCount=wanted, runningCount=wanted, rolloutState="COMPLETED", updatedAt=now(),
                          rolloutStateReason=f"ECS deployment {deployment['id']} completed.")
    for task_set in service["taskSets"]:
        count = round(wanted * task_set.get("scale", {}).get("value", 0) / 100)
        task_set.update(computedDesiredCount=count, runningCount=count, stabilityStatus="STEADY_STATE",
                        stabilityStatusAt=now(), updatedAt=now())
    for record in service["_serviceDeployments"]:
        if record["status"] == "IN_PROGRESS":
            record.update(status="SUCCESSFUL", finishedAt=now())
    _event(service, f"(service {service['serviceName']}) has reached a steady state.")


def _event(service: dict, message: str) -> None:
    service["events"].insert(0, {"id": numeric_id(), "createdAt": now(), "message": message})


def _drain(service: dict) -> None:
    if service["_drain_polls"] > 0:
        service["_drain_polls"] -= 1
    else:
        service.update(status="INACTIVE", runningCount=0, pendingCount=0, deployments=[], taskSets=[])


def _shown(service: dict, tags: bool) -> dict:
    shown = copy.deepcopy(service if tags else without_tags(service))
    if not shown["taskSets"]:
        del shown["taskSets"]
    return shown


# --- Read -----------------------------------------------------------------------------


def service_of(call: Call, cluster: dict, name_or_arn: str) -> dict:
    service = state(call).services.get((cluster["clusterName"], name_or_arn.rsplit("/", 1)[-1]))
    if not service:
        raise AwsError("ServiceNotFoundException", "Service not found.")
    return service


def _active_service(call: Call, name: str) -> dict:
    service = service_of(call, cluster_of(call, call.params.get("cluster")), name)
    if service["status"] != "ACTIVE":
        raise AwsError("ServiceNotActiveException", "Service was not ACTIVE.")
    return service


@operation("ecs", "DescribeServices")
def describe_services(call: Call) -> dict:
    cluster = cluster_of(call, call.params.get("cluster"))
    if len(call.params["services"]) > 10:
        raise invalid("Services cannot have more than 10 elements.")
    found, failures = [], []
    for wanted in call.params["services"]:
        name = wanted.rsplit("/", 1)[-1]
        service = state(call).services.get((cluster["clusterName"], name))
        if service:
            settle(service)
            found.append(_shown(service, "TAGS" in call.params.get("include", [])))
        else:
            arn = call.arn(f"service/{cluster['clusterName']}/{name}")
            failures.append({"arn": arn, "reason": "MISSING"})
    return {"services": found, "failures": failures}


@operation("ecs", "ListServices")
def list_services(call: Call) -> dict:
    cluster, params = cluster_of(call, call.params.get("cluster")), call.params
    arns = [
        service["serviceArn"]
        for (name, _), service in state(call).services.items()
        if name == cluster["clusterName"]
        and service["status"] != "INACTIVE"
        and params.get("launchType") in (None, service.get("launchType"))
        and params.get("schedulingStrategy") in (None, service["schedulingStrategy"])
    ]
    arns, token = page(call, arns, params.get("maxResults") or 10)
    return {"serviceArns": arns, "nextToken": token}


@operation("ecs", "ListServiceDeployments")
def list_service_deployments(call: Call) -> dict:
    service = service_of(call, cluster_of(call, call.params.get("cluster")), call.params["service"])
    wanted = call.params.get("status")
    briefs = [
        {**record, "targetServiceRevisionArn": record["targetServiceRevision"]["arn"]}
        for record in service["_serviceDeployments"]
        if not wanted or record["status"] in wanted
    ]
    briefs, token = page(call, briefs, call.params.get("maxResults") or 20)
    return {"serviceDeployments": briefs, "nextToken": token}


def _records(call: Call) -> list[dict]:
    return [record for service in state(call).services.values() for record in service["_serviceDeployments"]]


@operation("ecs", "DescribeServiceDeployments")
def describe_service_deployments(call: Call) -> dict:
    for service in state(call).services.values():
        settle(service)
    known = {record["serviceDeploymentArn"]: record for record in _records(call)}
    wanted = call.params["serviceDeploymentArns"]
    return {
        "serviceDeployments": [known[arn] for arn in wanted if arn in known],
        "failures": [{"arn": arn, "reason": "MISSING"} for arn in wanted if arn not in known],
    }


@operation("ecs", "DescribeServiceRevisions")
def describe_service_revisions(call: Call) -> dict:
    known = {record["targetServiceRevision"]["arn"]: record["_revision"] for record in _records(call)}
    wanted = call.params["serviceRevisionArns"]
    return {
        "serviceRevisions": [known[arn] for arn in wanted if arn in known],
        "failures": [{"arn": arn, "reason": "MISSING"} for arn in wanted if arn not in known],
    }


# --- Update and delete ----------------------------------------------------------------

#: What UpdateService refuses under CODE_DEPLOY ("Update service" of the ECS API reference).
REFUSED_UNDER_CODE_DEPLOY = {
    "taskDefinition": "task definition",
    "loadBalancers": "load balancers",
    "networkConfiguration": "network parameters",
    "platformVersion": "platform version",
    "capacityProviderStrategy": "capacity provider strategy",
    "serviceRegistries": "service registries",
    "serviceConnectConfiguration": "service connect configuration",
}


@operation("ecs", "UpdateService")
def update_service(call: Call) -> dict:
    """Absent members keep their value; empty lists clear."""
    service, params = _active_service(call, call.params["service"]), copy.deepcopy(call.params)
    if _controller(service) == "CODE_DEPLOY" and "deploymentController" not in params:
        _refuse_under_code_deploy(params)
    changed = {**copy.deepcopy(service), **{name: params[name] for name in ECHOED if name in params}}
    if "deploymentConfiguration" in params:
        changed["deploymentConfiguration"] = {**service["deploymentConfiguration"], **params["deploymentConfiguration"]}
    if "capacityProviderStrategy" in params:
        cluster = cluster_of(call, service["clusterArn"])
        _set_capacity(changed, {**cluster, "defaultCapacityProviderStrategy": []}, params)
    if any(name in params for name in ("taskDefinition", "networkConfiguration", "loadBalancers")):
        _set_workload(call, changed, {"taskDefinition": params.get("taskDefinition", changed.get("taskDefinition"))})
    service.clear()
    service.update(changed)
    _restart(call, service, params)
    return {"service": _shown(service, tags=True)}


def _refuse_under_code_deploy(params: dict) -> None:
    for name, words in REFUSED_UNDER_CODE_DEPLOY.items():
        if name in params:
            raise invalid(f"Unable to update {words} on services with a CODE_DEPLOY deployment controller. "
                          "Use AWS CodeDeploy to trigger a new deployment.")
    if params.get("forceNewDeployment"):
        raise invalid("Cannot force a new deployment on services with a CODE_DEPLOY deployment controller. "
                      "Use AWS CodeDeploy to trigger a new deployment.")


def _restart(call: Call, service: dict, params: dict) -> None:
    if _controller(service) == "ECS" and (params.get("forceNewDeployment") or any(n in params for n in START_DEPLOYMENT)):
        if "deploymentController" in params:
            service["taskSets"] = []
        _start(call, service, params)
        return
    service["_polls"] = settings.ecs_steady_polls
    service["_steady_at"] = time.monotonic() + settings.ecs_steady_seconds
    for deployment in service["deployments"]:
        deployment["desiredCount"] = service["desiredCount"]


@operation("ecs", "DeleteService")
def delete_service(call: Call) -> dict:
    """Refused while scaled above 0 unless forced; then DRAINING, at last INACTIVE."""
    service = _active_or_draining(call)
    daemon = service["schedulingStrategy"] == "DAEMON"
    if service["desiredCount"] > 0 and not daemon and not call.params.get("force"):
        raise invalid("The service cannot be stopped while the primary deployment is scaled above 0.")
    service.update(status="DRAINING", desiredCount=0, _drain_polls=settings.ecs_draining_polls)
    answer = _shown(service, tags=True)
    if not settings.ecs_draining_polls:
        _drain(service)
    return {"service": answer}


def _active_or_draining(call: Call) -> dict:
    service = service_of(call, cluster_of(call, call.params.get("cluster")), call.params["service"])
    if service["status"] == "INACTIVE":
        raise AwsError("ServiceNotFoundException", "Service not found.")
    return service


# --- Task sets ------------------------------------------------------------------------


@operation("ecs", "CreateTaskSet")
def create_task_set(call: Call) -> dict:
    service, params = _active_service(call, call.params["service"]), call.params
    if _controller(service) == "ECS":
        raise invalid("CreateTaskSet is only supported for services with an EXTERNAL deployment controller.")
    names = ("externalId", "launchType", "capacityProviderStrategy", "platformVersion", "networkConfiguration",
             "loadBalancers", "serviceRegistries", "tags")
    task_set = {**_task_set(call, service), **{name: params[name] for name in names if name in params}}
    task_set["taskDefinition"] = active_task_definition(call, params["taskDefinition"])["taskDefinitionArn"]
    task_set["scale"] = params.get("scale") or {"value": 100.0, "unit": "PERCENT"}
    service["taskSets"].append(task_set)
    return {"taskSet": task_set}


def task_set_of(service: dict, wanted: str) -> dict:
    for task_set in service["taskSets"]:
        if wanted in (task_set["taskSetArn"], task_set["id"]):
            return task_set
    raise AwsError("TaskSetNotFoundException", "The specified task set was not found.")


@operation("ecs", "DescribeTaskSets")
def describe_task_sets(call: Call) -> dict:
    service = _active_service(call, call.params["service"])
    settle(service)
    wanted = call.params.get("taskSets")
    if not wanted:
        return {"taskSets": service["taskSets"], "failures": []}
    known = {key: t for t in service["taskSets"] for key in (t["taskSetArn"], t["id"])}
    return {
        "taskSets": [known[key] for key in wanted if key in known],
        "failures": [{"arn": key, "reason": "MISSING"} for key in wanted if key not in known],
    }


@operation("ecs", "UpdateTaskSet")
def update_task_set(call: Call) -> dict:
    task_set = task_set_of(_active_service(call, call.params["service"]), call.params["taskSet"])
    task_set.update(scale=call.params["scale"], stabilityStatus="STABILIZING", updatedAt=now())
    return {"taskSet": task_set}


@operation("ecs", "UpdateServicePrimaryTaskSet")
def update_service_primary_task_set(call: Call) -> dict:
    service = _active_service(call, call.params["service"])
    primary = task_set_of(service, call.params["primaryTaskSet"])
    make_primary(service, primary)
    return {"taskSet": primary}


def make_primary(service: dict, primary: dict) -> None:
    """The service's own fields mirror its PRIMARY task set."""
    for task_set in service["taskSets"]:
        task_set["status"] = "PRIMARY" if task_set is primary else "ACTIVE"
    service.update(_workload(primary), loadBalancers=copy.deepcopy(primary["loadBalancers"]))


@operation("ecs", "DeleteTaskSet")
def delete_task_set(call: Call) -> dict:
    service = _active_service(call, call.params["service"])
    task_set = task_set_of(service, call.params["taskSet"])
    if task_set["status"] == "PRIMARY" and not call.params.get("force"):
        raise client_error("The primary task set cannot be deleted.")
    service["taskSets"].remove(task_set)
    return {"taskSet": {**task_set, "status": "DRAINING"}}
