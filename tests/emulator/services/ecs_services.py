"""ECS services: every field kept, defaults and refusals as ECS has them. `ecs_scheduler` runs them."""

import copy
from typing import Any

from ..clock import clock
from ..overlay import AwsError, Call, Place, operation, page, shown
from . import ecs_blue_green, ecs_controller
from . import ecs_scheduler as scheduler
from .ecs import cluster_of, invalid, now, state, without_tags
from .ecs_scheduler import controller
from .ecs_service_deployments import ON_DEPLOYMENT, deploy
from .ecs_task_definitions import active_task_definition
from .ecs_task_sets import check_container, first_task_set

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
        "_revisions": {},
        "_is_steady": False,
        "_seen": None,
        **{name: params[name] for name in ECHOED if name in params},
    }
    _complete(service, cluster)
    _set_capacity(service, cluster, params)
    if controller(service) != "EXTERNAL":
        _set_workload(call, service, params)
    if controller(service) == "ECS":
        deploy(call.place, service, params)
    elif controller(service) == "CODE_DEPLOY":
        service["taskSets"] = [first_task_set(call.place, service)]
    scheduler.run(call.place, service)
    return service


def _complete(service: dict, cluster: dict) -> None:
    """Defaults as "CreateService" documents them."""
    service.setdefault("deploymentController", {"type": "ECS"})
    service.setdefault("schedulingStrategy", "REPLICA")
    daemon, own = service["schedulingStrategy"] == "DAEMON", controller(service) == "ECS"
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
    check_network(call, service, definition)
    _check_load_balancers(call, service, definition)


def check_network(where: Call | Place, service: dict, definition: dict) -> None:
    network = (service.get("networkConfiguration") or {}).get("awsvpcConfiguration")
    if not network:
        if definition["networkMode"] == "awsvpc":
            raise invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
        return
    if definition["networkMode"] != "awsvpc":
        raise invalid("Network Configuration is not valid for the given networkMode of this task definition.")
    if not network.get("subnets"):
        raise invalid("subnets can not be empty.")
    ec2 = where.backend("ec2")
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
    if controller(service) == "CODE_DEPLOY" and len(balancers) != 1:
        raise invalid("A load balancer is required when using the CODE_DEPLOY deployment controller.")
    check_container(definition, balancers)
    for balancer in balancers:
        arn = balancer.get("targetGroupArn")
        group = call.backend("elbv2").target_groups.get(arn) if arn else None
        if arn and not group:
            raise invalid(f"The specified target group does not exist: {arn}")
        other = (balancer.get("advancedConfiguration") or {}).get("alternateTargetGroupArn")
        pair = [one for one in (group, call.backend("elbv2").target_groups.get(other)) if one]
        if group and not any(one.load_balancer_arns for one in pair):
            raise invalid(f"The target group with targetGroupArn {arn} does not have an associated load balancer.")
    if controller(service) == "ECS":
        ecs_blue_green.check(call.place, service)


# --- Read -----------------------------------------------------------------------------


def service_of(call: Call, cluster: dict, name_or_arn: str) -> dict:
    service = state(call).services.get((cluster["clusterName"], name_or_arn.rsplit("/", 1)[-1]))
    if not service:
        raise AwsError("ServiceNotFoundException", "Service not found.")
    return service


def active_service(call: Call, name: str) -> dict:
    service = service_of(call, cluster_of(call, call.params.get("cluster")), name)
    if service["status"] != "ACTIVE":
        raise AwsError("ServiceNotActiveException", "Service was not ACTIVE.")
    return service


def _shown(service: dict, tags: bool) -> dict:
    told = shown(service if tags else without_tags(service))
    if not told["taskSets"]:
        del told["taskSets"]
    return told


@operation("ecs", "DescribeServices")
def describe_services(call: Call) -> dict:
    cluster = cluster_of(call, call.params.get("cluster"))
    if len(call.params["services"]) > 10:
        raise invalid("Services cannot have more than 10 elements.")
    clock.poll()
    found, failures = [], []
    for wanted in call.params["services"]:
        name = wanted.rsplit("/", 1)[-1]
        service = state(call).services.get((cluster["clusterName"], name))
        if service:
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
#: What belongs to task sets under EXTERNAL: only these members may be sent.
ALLOWED_UNDER_EXTERNAL = ("cluster", "service", "desiredCount", "healthCheckGracePeriodSeconds", "enableECSManagedTags",
                          "propagateTags", "deploymentController", "availabilityZoneRebalancing", "enableExecuteCommand")


@operation("ecs", "UpdateService")
def update_service(call: Call) -> dict:
    """Absent members keep their value; empty lists clear. All or nothing: a refused call changes nothing."""
    service, params = active_service(call, call.params["service"]), copy.deepcopy(call.params)
    if "deploymentController" not in params:
        _refuse_by_controller(service, params)
    changed = _changed(call, service, params)
    ecs_controller.change(call.place, service, changed)
    for name in set(service) - set(changed):
        del service[name]
    service.update(changed)
    names = (*START_DEPLOYMENT, "deploymentController") if service.get("_came_over") else START_DEPLOYMENT
    forced = params.get("forceNewDeployment") or any(name in params for name in names)
    if controller(service) == "ECS" and (forced or not service["deployments"]):
        deploy(call.place, service, params)
    elif controller(service) == "ECS":
        service["deployments"][0]["desiredCount"] = service["desiredCount"]
    answer = _shown(service, tags=True)
    scheduler.touch(service)
    return {"service": answer}


def _changed(call: Call, service: dict, params: dict) -> dict:
    """The service as it is to be, after all checks."""
    changed = {**service, **{name: params[name] for name in ECHOED if name in params}}
    if "deploymentConfiguration" in params:
        changed["deploymentConfiguration"] = {**service["deploymentConfiguration"], **params["deploymentConfiguration"]}
    if "capacityProviderStrategy" in params:
        cluster = cluster_of(call, service["clusterArn"])
        _set_capacity(changed, {**cluster, "defaultCapacityProviderStrategy": []}, params)
    if any(name in params for name in ("taskDefinition", "networkConfiguration", "loadBalancers")):
        _set_workload(call, changed, {"taskDefinition": params.get("taskDefinition", changed.get("taskDefinition"))})
    elif controller(changed) == "ECS":
        ecs_blue_green.check(call.place, changed)
    return changed


def _refuse_by_controller(service: dict, params: dict) -> None:
    if controller(service) == "EXTERNAL":
        other = sorted(set(params) - set(ALLOWED_UNDER_EXTERNAL))
        if other:
            raise invalid(f"Unable to update {other[0]} on services with an EXTERNAL deployment controller. "
                          "Use CreateTaskSet to deploy a new task set.")
    if controller(service) != "CODE_DEPLOY":
        return
    for name, words in REFUSED_UNDER_CODE_DEPLOY.items():
        if name in params:
            raise invalid(f"Unable to update {words} on services with a CODE_DEPLOY deployment controller. "
                          "Use AWS CodeDeploy to trigger a new deployment.")
    if params.get("forceNewDeployment"):
        raise invalid("Cannot force a new deployment on services with a CODE_DEPLOY deployment controller. "
                      "Use AWS CodeDeploy to trigger a new deployment.")


@operation("ecs", "DeleteService")
def delete_service(call: Call) -> dict:
    """Refused while scaled above 0 unless forced; then DRAINING until all tasks have stopped, at last INACTIVE."""
    service = service_of(call, cluster_of(call, call.params.get("cluster")), call.params["service"])
    if service["status"] == "INACTIVE":
        raise AwsError("ServiceNotFoundException", "Service not found.")
    daemon, forced = service["schedulingStrategy"] == "DAEMON", call.params.get("force")
    if service["desiredCount"] > 0 and not daemon and not forced:
        raise invalid("The service cannot be stopped while the primary deployment is scaled above 0.")
    if len(service["taskSets"]) > 1 and not forced:
        raise invalid("The service cannot be stopped while deployments are active.")
    service.update(status="DRAINING", desiredCount=0)
    answer = _shown(service, tags=True)
    scheduler.touch(service)
    return {"service": answer}
