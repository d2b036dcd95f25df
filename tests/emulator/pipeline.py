"""A pipeline that deploys behind the tool's back: `POST /_glaz/pipeline`.

It does what CodePipeline's deploy actions do: register a new revision of the service's task definition with another
image, and deploy it, through CodeDeploy or UpdateService as the service's controller asks. Its calls are not logged.
"""

import copy
import json
from typing import Any

from .overlay import Place, perform

#: What DescribeTaskDefinition adds to what RegisterTaskDefinition takes.
NOT_SENT = ("taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities", "registeredAt",
            "registeredBy", "deregisteredAt", "tags")


def run(cluster: str, service: str, image: str | None = None, container: str | None = None,
        changes: dict[str, Any] | None = None, deploy: bool = True) -> dict:
    """Image for a container (the first by default); `changes` = other members of the task definition.

    With `deploy` false a revision is registered and nothing else happens.
    """
    from .services.ecs_task_definitions import find_task_definition

    place, found = _find(cluster, service)
    current = find_task_definition(place, found["taskDefinition"])
    if not current:
        raise ValueError(f"the task definition {found['taskDefinition']} is gone")
    wanted = {name: copy.deepcopy(value) for name, value in current.items() if name not in NOT_SENT}
    if image:
        _container(wanted, container)["image"] = image
    wanted.update(changes or {})
    made = perform(place, "ecs", "RegisterTaskDefinition", **wanted)["taskDefinition"]["taskDefinitionArn"]
    answer = {"taskDefinition": made, "deployment": None}
    if deploy:
        answer["deployment"] = _deploy(place, found, made)
    return answer


def _find(cluster: str, service: str) -> tuple[Place, dict]:
    from .services import ecs

    for place in ecs.store.places():
        found = ecs.state(place).services.get((cluster, service))
        if found and found["status"] == "ACTIVE":
            return place, found
    raise ValueError(f"no ACTIVE service {service} in cluster {cluster}")


def _container(definition: dict, name: str | None) -> dict:
    for container in definition["containerDefinitions"]:
        if name in (None, container["name"]):
            return container
    raise ValueError(f"no container {name} in the task definition {definition['family']}")


def _deploy(place: Place, service: dict, definition: str) -> str:
    """The id of the deployment, or the ARN of the service deployment."""
    controller = service["deploymentController"]["type"]
    cluster = service["clusterArn"].rsplit("/", 1)[-1]
    if controller == "ECS":
        perform(place, "ecs", "UpdateService", cluster=cluster, service=service["serviceName"], taskDefinition=definition)
        return service["currentServiceDeployment"]
    if controller != "CODE_DEPLOY":
        raise ValueError(f"no pipeline deploys to services with the controller {controller}")
    group = _group(place, cluster, service["serviceName"])
    balancer = service["loadBalancers"][0]
    spec = {"version": 0.0, "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": {
        "TaskDefinition": definition,
        "LoadBalancerInfo": {"ContainerName": balancer["containerName"], "ContainerPort": balancer["containerPort"]}}}}]}
    return perform(
        place, "codedeploy", "CreateDeployment", applicationName=group["applicationName"],
        deploymentGroupName=group["deploymentGroupName"], description="by the pipeline",
        revision={"revisionType": "AppSpecContent", "appSpecContent": {"content": json.dumps(spec)}})["deploymentId"]


def _group(place: Place, cluster: str, service: str) -> dict:
    from .services import codedeploy

    for group in codedeploy.state(place).groups.values():
        for wanted in group["ecsServices"]:
            if (wanted["clusterName"].rsplit("/", 1)[-1], wanted["serviceName"].rsplit("/", 1)[-1]) == (cluster, service):
                return group
    raise ValueError(f"no deployment group names the service {service}")
