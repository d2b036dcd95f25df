"""Another deployment controller for a service that runs: UpdateService with `deploymentController`.

"Migrate CodeDeploy blue/green deployments to Amazon ECS blue/green deployments" of the ECS developer guide: in place,
from CODE_DEPLOY to ECS, while nothing is under way. The only task set becomes the deployment that the next one replaces.
"""

import copy
import json

from ..overlay import Place
from .ecs import invalid, now
from .ecs_scheduler import controller
from .ecs_service_deployments import new_revision, workload

#: Who assumes the role of a load balancer's `advancedConfiguration`.
TRUSTED = "ecs.amazonaws.com"


def change(place: Place, service: dict, changed: dict) -> None:
    """`changed` is the service as it is to be."""
    if controller(service) == controller(changed):
        return
    if controller(changed) != "ECS" or controller(service) != "CODE_DEPLOY":
        raise invalid(f"Updating the deployment controller from {controller(service)} to {controller(changed)} is not supported.")
    if _is_deployed(place, service):
        raise invalid("Unable to update the deployment controller while a CodeDeploy deployment of the service is in progress.")
    if len(service["taskSets"]) != 1:
        raise invalid("Unable to update the deployment controller of a service that has more than one task set.")
    for balancer in changed["loadBalancers"]:
        _check_role(place, (balancer.get("advancedConfiguration") or {}).get("roleArn"))
    changed["deployments"] = [_taken_over(place, service)]
    changed["taskSets"] = []
    changed["_came_over"] = True
    own = {"strategy": "ROLLING", "bakeTimeInMinutes": 0, "deploymentCircuitBreaker": {"enable": False, "rollback": False}}
    changed["deploymentConfiguration"] = {**own, **changed["deploymentConfiguration"]}


def _is_deployed(place: Place, service: dict) -> bool:
    from .codedeploy import ENDED, state

    key = (service["clusterArn"].rsplit("/", 1)[-1], service["serviceName"])
    here = state(place)
    for deployment in here.deployments.values():
        group = here.groups.get((deployment["applicationName"], deployment["deploymentGroupName"]))
        named = [(one["clusterName"].rsplit("/", 1)[-1], one["serviceName"].rsplit("/", 1)[-1])
                 for one in (group or {}).get("ecsServices", [])]
        if deployment["status"] not in ENDED and key in named:
            return True
    return False


def _check_role(place: Place, arn: str | None) -> None:
    if not arn:
        return
    role = next((role for role in place.backend("iam").roles.values() if role.arn == arn), None)
    document = role.assume_role_policy_document if role else "{}"
    text = document if isinstance(document, str) else json.dumps(document)
    if TRUSTED not in text:
        raise invalid(f"Unable to assume the role {arn}. Please verify that the role has a trust relationship with "
                      f"{TRUSTED} and try again.")


def _taken_over(place: Place, service: dict) -> dict:
    """The tasks stay where they are: under the id of their task set."""
    task_set = service["taskSets"][0]
    balancers = copy.deepcopy(task_set["loadBalancers"])
    taken = {
        **task_set, "status": "PRIMARY", "desiredCount": service["desiredCount"], "rolloutState": "COMPLETED",
        "rolloutStateReason": "Taken over from CodeDeploy.", "failedTasks": 0, "updatedAt": now(),
        "_balancers": balancers, "_mirrored": {**workload(service), "loadBalancers": copy.deepcopy(service["loadBalancers"])},
    }
    new_revision(place, service, taken)
    service["_completed"] = taken
    return taken


def unassociated(place: Place, balancer: dict) -> list[str]:
    """Target groups of the pair that neither rule names. A network load balancer's listener names the live one alone.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/troubleshooting-blue-green.html
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/nlb-resources-for-blue-green.html
    """
    from . import elbv2_traffic as traffic

    advanced = balancer.get("advancedConfiguration")
    if not advanced or "/net/" in advanced.get("productionListenerRule", ""):
        return []
    rules = [rule for name in ("productionListenerRule", "testListenerRule")
             for rule in traffic.rules_of(place, advanced.get(name) or "")]
    named = {group["TargetGroupArn"] for rule in rules for action in rule.actions
             for group in action.data.get("ForwardConfig", {}).get("TargetGroups", [])}
    return [arn for arn in (balancer["targetGroupArn"], advanced["alternateTargetGroupArn"]) if arn not in named]
