"""CodeDeploy deployments: made, read, continued and stopped. `codedeploy_rollout` is what they do."""

import re
import secrets
import string
from datetime import datetime
from typing import Any

from ..clock import clock, utc
from ..overlay import AwsError, Call, Place, operation, shown
from . import codedeploy_revisions as revisions
from . import lambda_hooks
from .codedeploy import _pages, config_of, group_of, state
from .codedeploy_rollout import ENDED, Rollback, Rollout

#: Members for instances, and the exception of each under ECS.
FOR_INSTANCES = {
    "targetInstances": "InvalidTargetInstancesException",
    "fileExistsBehavior": "InvalidFileExistsBehaviorException",
    "updateOutdatedInstancesOnly": "InvalidUpdateOutdatedInstancesOnlyValueException",
    "ignoreApplicationStopFailures": "InvalidIgnoreApplicationStopFailuresValueException",
}
STATUSES = ("Created", "Queued", "InProgress", "Baking", "Succeeded", "Failed", "Stopped", "Ready")


@operation("codedeploy", "CreateDeployment")
def create_deployment(call: Call) -> dict:
    """One active deployment per group (`DeploymentLimitExceededException` names it)."""
    params = call.params
    if not params.get("deploymentGroupName"):
        raise AwsError("DeploymentGroupNameRequiredException", "Deployment Group name is missing")
    group = group_of(call, params["applicationName"], params["deploymentGroupName"])
    if len(params.get("description", "")) > 250:
        raise AwsError("DescriptionTooLongException", "The description is too long")
    config = config_of(call, params.get("deploymentConfigName") or group["deploymentConfigName"])
    if config["computePlatform"] != group["computePlatform"]:
        raise AwsError("InvalidDeploymentConfigNameException",
                       f"The deployment configuration {config['deploymentConfigName']} is not for {group['computePlatform']}")
    _refuse_members_for_instances(group, params)
    _refuse_gradual_network_traffic(call, group, config)
    location = revisions.checked(group["computePlatform"], params.get("revision"))
    _refuse_second(call, group)
    deployment = new_deployment(call.place, group, config, location, {
        key: params[key] for key in ("description", "autoRollbackConfiguration", "overrideAlarmConfiguration") if key in params})
    start(call.place, group, deployment, Rollout(call.place, group, deployment, config))
    return {"deploymentId": deployment["deploymentId"]}


def _refuse_members_for_instances(group: dict, params: dict) -> None:
    if group["computePlatform"] != "ECS":
        raise AwsError("NotImplemented", "deployments to instances and functions are not emulated", 501)
    for name, code in FOR_INSTANCES.items():
        if params.get(name):
            raise AwsError(code, f"{name} cannot be specified for an ECS deployment")


def _refuse_gradual_network_traffic(call: Call, group: dict, config: dict) -> None:
    """Weights are a matter of application load balancers."""
    gradual = (config.get("trafficRoutingConfig") or {}).get("type", "AllAtOnce") != "AllAtOnce"
    pair = group["loadBalancerInfo"]["targetGroupPairInfoList"][0]
    if gradual and any("/net/" in arn for arn in pair["prodTrafficRoute"]["listenerArns"]):
        raise AwsError("InvalidTrafficRoutingConfigurationException",
                       "Only ALB supports gradual traffic routing, please select AllAtOnce deployment configuration")


def _refuse_second(call: Call, group: dict) -> None:
    for other in state(call).deployments.values():
        if other["_group"] is group and other["status"] not in ENDED:
            raise AwsError(
                "DeploymentLimitExceededException",
                f"The Deployment Group '{group['deploymentGroupName']}' already has an active Deployment '{other['deploymentId']}'",
            )


def new_deployment(place: Place, group: dict, config: dict, location: dict, more: dict) -> dict:
    deployment = {
        "applicationName": group["applicationName"],
        "deploymentGroupName": group["deploymentGroupName"],
        "deploymentId": "d-" + "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(9)),
        "deploymentConfigName": config["deploymentConfigName"],
        "status": "Created",
        "createTime": clock.now(),
        "creator": "user",
        "computePlatform": group["computePlatform"],
        "deploymentStyle": group["deploymentStyle"],
        "blueGreenDeploymentConfiguration": group.get("blueGreenDeploymentConfiguration"),
        "loadBalancerInfo": group.get("loadBalancerInfo"),
        "autoRollbackConfiguration": group["autoRollbackConfiguration"],
        "ignoreApplicationStopFailures": False,
        "updateOutdatedInstancesOnly": False,
        "instanceTerminationWaitTimeStarted": False,
        "fileExistsBehavior": "DISALLOW",
        "deploymentStatusMessages": [],
        "revision": location,
        **more,
        "_group": group,
    }
    last = last_successful(place, group)
    if last:
        deployment["previousRevision"] = last["revision"]
    revisions.remember(place, group["applicationName"], location, group=group["deploymentGroupName"])
    return deployment


def last_successful(place: Place, group: dict) -> dict | None:
    done = [d for d in state(place).deployments.values() if d["_group"] is group and d["status"] == "Succeeded"]
    return max(done, key=lambda deployment: deployment["completeTime"], default=None)


def start(place: Place, group: dict, deployment: dict, rollout: Rollout) -> None:
    deployment["_rollout"] = rollout
    state(place).deployments[deployment["deploymentId"]] = deployment
    clock.start(rollout.steps())


def roll_back(failed: Rollout) -> None:
    """A deployment by CodeDeploy itself that takes a failed or stopped one back."""
    place, group, old = failed.place, failed.group, failed.deployment
    last = last_successful(place, group)
    new = new_deployment(place, group, failed.config, last["revision"] if last else old["revision"], {
        "creator": "codeDeployRollback",
        "description": f"Rollback of deployment {old['deploymentId']}",
        "rollbackInfo": {"rollbackTriggeringDeploymentId": old["deploymentId"],
                         "rollbackMessage": f"Rolled back deployment {old['deploymentId']}"},
    })
    old["rollbackInfo"] = {
        "rollbackDeploymentId": new["deploymentId"],
        "rollbackMessage": f"Deployment {old['deploymentId']} was rolled back by {new['deploymentId']}: "
                           f"{old['errorInformation']['message']}"}
    start(place, group, new, Rollback(failed, new))


# --- Read -------------------------------------------------------------------------------


def deployment_of(call: Call, deployment_id: str) -> dict:
    if not re.fullmatch(r"d-[A-Z0-9]{9}", deployment_id or ""):
        raise AwsError("InvalidDeploymentIdException", f"Specified DeploymentId is not in the valid format: {deployment_id}")
    deployment = state(call).deployments.get(deployment_id)
    if not deployment:
        raise AwsError("DeploymentDoesNotExistException", f"The deployment {deployment_id} could not be found")
    return deployment


def _told(deployment: dict) -> dict:
    told = shown({**deployment, "revision": None})
    told["revision"] = revisions.brief(deployment["revision"])
    if "previousRevision" in deployment:
        told["previousRevision"] = revisions.brief(deployment["previousRevision"])
    target = deployment["_rollout"].target_status
    told["deploymentOverview"] = {
        name: int(name == target) for name in ("Pending", "InProgress", "Succeeded", "Failed", "Skipped", "Ready")}
    return told


@operation("codedeploy", "GetDeployment")
def get_deployment(call: Call) -> dict:
    deployment = deployment_of(call, call.params["deploymentId"])
    clock.poll()
    return {"deploymentInfo": _told(deployment)}


@operation("codedeploy", "BatchGetDeployments")
def batch_get_deployments(call: Call) -> dict:
    ids, known = call.params["deploymentIds"], state(call).deployments
    if len(ids) > 25:
        raise AwsError("BatchLimitExceededException", "The maximum number of names or IDs allowed for this request is 25.")
    clock.poll()
    return {"deploymentsInfo": [_told(known[item]) for item in ids if item in known]}


@operation("codedeploy", "ListDeployments")
def list_deployments(call: Call) -> dict:
    """Newest first."""
    params = call.params
    application, group = params.get("applicationName"), params.get("deploymentGroupName")
    if group and not application:
        raise AwsError("ApplicationNameRequiredException", "Application name is missing")
    if application and not group:
        raise AwsError("DeploymentGroupNameRequiredException", "Deployment Group name is missing")
    if application:
        group_of(call, application, group)
    statuses = params.get("includeOnlyStatuses")
    for status in statuses or ():
        if status not in STATUSES:
            raise AwsError("InvalidDeploymentStatusException", f"Invalid deployment status: {status}")
    found = [
        deployment
        for deployment in state(call).deployments.values()
        if application in (None, deployment["applicationName"])
        and group in (None, deployment["deploymentGroupName"])
        and (not statuses or deployment["status"] in statuses)
        and _is_within(deployment["createTime"], params.get("createTimeRange") or {})
    ]
    return _pages(call, "deployments", [deployment["deploymentId"] for deployment in reversed(found)])


def _is_within(moment: datetime, limits: dict) -> bool:
    start, end = limits.get("start"), limits.get("end")
    if start and end and start > end:
        raise AwsError("InvalidTimeRangeException", "The time range is invalid: it ends before it starts")
    return (not start or moment >= utc(start)) and (not end or moment <= utc(end))


# --- Targets ----------------------------------------------------------------------------


def _target_id(deployment: dict) -> str:
    service = deployment["_group"]["ecsServices"][0]
    return f"{service['clusterName'].rsplit('/', 1)[-1]}:{service['serviceName'].rsplit('/', 1)[-1]}"


def _target(call: Call, deployment: dict) -> dict:
    rollout, target = deployment["_rollout"], _target_id(deployment)
    cluster, name = target.split(":")
    return {
        "deploymentTargetType": "ECSTarget",
        "ecsTarget": {
            "deploymentId": deployment["deploymentId"],
            "targetId": target,
            "targetArn": call.place.arn("ecs", f"service/{cluster}/{name}"),
            "lastUpdatedAt": rollout.updated,
            "lifecycleEvents": shown(rollout.events),
            "status": rollout.target_status,
            "taskSetsInfo": rollout.task_sets(),
        },
    }


def _checked_target(deployment: dict, wanted: str) -> None:
    if deployment["status"] in ("Created", "Queued"):
        raise AwsError("DeploymentNotStartedException", f"The deployment {deployment['deploymentId']} has not started yet.")
    if wanted != _target_id(deployment):
        raise AwsError("DeploymentTargetDoesNotExistException", f"The deployment target {wanted} does not exist.")


@operation("codedeploy", "BatchGetDeploymentTargets")
def batch_get_deployment_targets(call: Call) -> dict:
    deployment, wanted = deployment_of(call, call.params["deploymentId"]), call.params.get("targetIds") or []
    if not wanted:
        raise AwsError("DeploymentTargetIdRequiredException", "A deployment target ID was not provided.")
    for target in wanted:
        _checked_target(deployment, target)
    return {"deploymentTargets": [_target(call, deployment) for _ in wanted]}


@operation("codedeploy", "GetDeploymentTarget")
def get_deployment_target(call: Call) -> dict:
    deployment = deployment_of(call, call.params["deploymentId"])
    _checked_target(deployment, call.params["targetId"])
    return {"deploymentTarget": _target(call, deployment)}


@operation("codedeploy", "ListDeploymentTargets")
def list_deployment_targets(call: Call) -> dict:
    deployment = deployment_of(call, call.params["deploymentId"])
    if deployment["status"] in ("Created", "Queued"):
        raise AwsError("DeploymentNotStartedException", f"The deployment {deployment['deploymentId']} has not started yet.")
    wanted: dict[str, Any] = call.params.get("targetFilters") or {}
    fits = deployment["_rollout"].target_status in wanted.get("TargetStatus", [deployment["_rollout"].target_status])
    return {"targetIds": [_target_id(deployment)] if fits else []}


# --- Change -----------------------------------------------------------------------------


def _running(call: Call) -> dict:
    deployment = deployment_of(call, call.params.get("deploymentId", ""))
    if deployment["status"] in ENDED:
        raise AwsError("DeploymentAlreadyCompletedException",
                       f"The deployment {deployment['deploymentId']} has already completed")
    return deployment


@operation("codedeploy", "StopDeployment")
def stop_deployment(call: Call) -> dict:
    """Answers `Pending`; the deployment is `Stopped` a moment later."""
    deployment = _running(call)
    deployment["_rollout"].stop_request = {"roll_back": call.params.get("autoRollbackEnabled")}
    return {"status": "Pending", "statusMessage": "The stop request was received; the deployment is being stopped."}


@operation("codedeploy", "ContinueDeployment")
def continue_deployment(call: Call) -> dict:
    rollout = _running(call)["_rollout"]
    kind = call.params.get("deploymentWaitType") or "READY_WAIT"
    if kind not in ("READY_WAIT", "TERMINATION_WAIT"):
        raise AwsError("InvalidDeploymentWaitTypeException", f"The wait type {kind} is invalid.")
    if rollout.is_waiting_for != kind:
        if kind == "READY_WAIT":
            raise AwsError("DeploymentIsNotInReadyStateException", "The deployment does not have a status of Ready and can't continue yet.")
        raise AwsError("InvalidDeploymentStatusException", "The deployment is not waiting for the termination of the original task set.")
    rollout.goes_on = True
    return {}


@operation("codedeploy", "SkipWaitTimeForInstanceTermination")
def skip_wait_time(call: Call) -> dict:
    """The old form of ContinueDeployment(TERMINATION_WAIT)."""
    rollout = _running(call)["_rollout"]
    if rollout.is_waiting_for == "TERMINATION_WAIT":
        rollout.goes_on = True
    return {}


@operation("codedeploy", "PutLifecycleEventHookExecutionStatus")
def put_hook_status(call: Call) -> dict:
    """What the Lambda function of a hook calls."""
    deployment, wanted = deployment_of(call, call.params.get("deploymentId", "")), call.params.get("lifecycleEventHookExecutionId")
    execution = next((e for e in lambda_hooks.executions if e.id == wanted and e.deployment == deployment["deploymentId"]), None)
    if not execution:
        raise AwsError("InvalidLifecycleEventHookExecutionIdException", f"The lifecycle event hook execution ID {wanted} is invalid.")
    if execution.result:
        raise AwsError("LifecycleEventAlreadyCompletedException", "An attempt to return the status of an already completed lifecycle event occurred.")
    if call.params.get("status") not in ("Succeeded", "Failed"):
        raise AwsError("InvalidLifecycleEventHookExecutionStatusException", "The status must be Succeeded or Failed.")
    execution.result = call.params["status"]
    return {"lifecycleEventHookExecutionId": execution.id}
