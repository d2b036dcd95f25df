"""A CodeDeploy deployment of an ECS service, from start to end.

"Deployments on an Amazon ECS compute platform" and "AppSpec 'hooks' section" of the CodeDeploy user guide. Error texts
are those of the "Troubleshoot Amazon ECS deployment issues" chapter where it has them.
"""

import copy
from collections.abc import Callable, Generator
from typing import Any

from ..clock import Steps, Wait, clock
from ..overlay import AwsError, Place
from ..settings import settings
from . import alarms, codedeploy_revisions as revisions, ecs, ecs_scheduler as scheduler, elbv2_traffic as traffic, lambda_hooks
from .ecs_services import check_network
from .ecs_task_definitions import find_task_definition
from .ecs_task_sets import check_container, drain, make_primary, new_task_set

EVENTS = ("BeforeInstall", "Install", "AfterInstall", "AllowTestTraffic", "AfterAllowTestTraffic", "BeforeAllowTraffic",
          "AllowTraffic", "AfterAllowTraffic")
#: Limits of CodeDeploy, in seconds.
INSTALL_LIMIT, HOOK_LIMIT, STEADY_LIMIT = 3600.0, 3600.0, 300.0
ENDED = ("Succeeded", "Failed", "Stopped")

Phase = Generator[Wait, bool, Any]


class Failure(Exception):
    """The deployment ends here: status, error code and message, and the event of the group that asks for a rollback."""

    def __init__(self, code: str, message: str, status: str = "Failed", asks: str = "DEPLOYMENT_FAILURE") -> None:
        super().__init__(message)
        self.code, self.message, self.status, self.asks = code, message, status, asks


class Rollout:
    """One deployment under way. `deployment` is what GetDeployment tells."""

    def __init__(self, place: Place, group: dict, deployment: dict, config: dict) -> None:
        self.place, self.group, self.deployment, self.config = place, group, deployment, config
        self.events = [{"lifecycleEventName": name, "status": "Pending"} for name in EVENTS]
        self.target_status = "Pending"
        self.updated = clock.now()
        #: set by StopDeployment: whether to roll back (None: as the group says)
        self.stop_request: dict | None = None
        #: set by ContinueDeployment
        self.goes_on = False
        self.is_waiting_for: str | None = None
        #: the service, original and replacement task set, their target groups
        self.service: dict = {}
        self.blue: dict | None = None
        self.green: dict | None = None
        self.blue_group = self.green_group = ""
        self.final: list[dict] | None = None

    # --- What the API shows --------------------------------------------------------------

    def task_sets(self) -> list[dict]:
        """`taskSetsInfo` of the target; `identifer` is how the API spells it."""
        if self.final is not None:
            return self.final
        sets = [(self.blue, self.blue_group, "Blue"), (self.green, self.green_group, "Green")]
        return [self._task_set(one, arn, label) for one, arn, label in sets if one]

    def _task_set(self, task_set: dict, arn: str, label: str) -> dict:
        is_there = task_set in self.service["taskSets"]
        group = self.place.backend("elbv2").target_groups.get(arn)
        return {
            "identifer": task_set["id"],
            "desiredCount": task_set["computedDesiredCount"] if is_there else 0,
            "pendingCount": task_set["pendingCount"] if is_there else 0,
            "runningCount": task_set["runningCount"] if is_there else 0,
            "status": task_set["status"],
            "trafficWeight": self._weights().get(arn, 0.0),
            "targetGroup": {"name": group.name if group else ""},
            "taskSetLabel": label,
        }

    def _weights(self) -> dict[str, float]:
        return traffic.weights(self.place, self._listener("prodTrafficRoute"), [self.blue_group, self.green_group])

    # --- Pauses --------------------------------------------------------------------------

    def _pause(self, seconds: float | None, until: Callable[[], Any] = lambda: False, is_limit: bool = False) -> Phase:
        """Wait; stop requests, alarms and a service that goes away end the deployment. True when `until` held."""
        held = yield Wait(seconds, lambda: self._trouble() is not None or until(), is_limit)
        trouble = self._trouble()
        if trouble:
            raise trouble
        return held

    def _trouble(self) -> Failure | None:
        if self.stop_request is not None:
            return Failure("MANUAL_STOP", "The deployment was stopped because of a user request.", "Stopped",
                           "DEPLOYMENT_STOP_ON_REQUEST")
        watched = self._watched_alarms()
        names = [alarm["name"] for alarm in watched.get("alarms", [])] if watched.get("enabled") else []
        ringing = alarms.active(self.place, names)
        if ringing:
            return Failure(
                "ALARM_ACTIVE",
                "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the "
                f"affected deployments have been stopped. Activated alarms: {', '.join(f'<{name}>' for name in ringing)}",
                "Stopped", "DEPLOYMENT_STOP_ON_ALARM")
        if self.service and self.service["status"] != "ACTIVE":
            return Failure("INVALID_ECS_SERVICE", "The ECS service cannot be found or is not active.")
        return None

    def _watched_alarms(self) -> dict:
        return self.deployment.get("overrideAlarmConfiguration") or self.group["alarmConfiguration"]

    # --- The whole -----------------------------------------------------------------------

    def steps(self) -> Steps:
        try:
            yield from self._run()
        except Failure as failure:
            self._end(failure.status, failure)
        except AwsError as error:
            self._end("Failed", Failure("ECS_UPDATE_ERROR", _unexpected(error)))

    def _run(self) -> Phase:
        yield from self._pause(settings.lifecycle_event_seconds)
        self.deployment.update(status="InProgress", startTime=clock.now())
        self.target_status = "InProgress"
        spec = self._begin()
        yield from self._hook("BeforeInstall", spec)
        yield from self._event("Install", self._install(spec))
        yield from self._hook("AfterInstall", spec)
        if self._listener("testTrafficRoute"):
            yield from self._event("AllowTestTraffic", self._allow_test_traffic())
            yield from self._hook("AfterAllowTestTraffic", spec)
        else:
            self._set("AllowTestTraffic", status="Skipped")
            self._set("AfterAllowTestTraffic", status="Skipped")
        yield from self._wait_until_ready()
        yield from self._hook("BeforeAllowTraffic", spec)
        yield from self._event("AllowTraffic", self._allow_traffic())
        yield from self._hook("AfterAllowTraffic", spec)
        yield from self._terminate_blue()
        self._end("Succeeded")

    def _end(self, status: str, failure: Failure | None = None) -> None:
        for event in self.events:
            if event["status"] == "Pending":
                event["status"] = "Skipped"
            elif event["status"] == "InProgress":
                event.update(status="Failed", endTime=clock.now())
        self.target_status = "Succeeded" if status == "Succeeded" else "Failed"
        self.deployment.update(status=status, completeTime=clock.now())
        self.deployment.pop("additionalDeploymentStatusInfo", None)
        self.updated = clock.now()
        if failure:
            self.deployment["errorInformation"] = {"code": failure.code, "message": failure.message}
            if self._rolls_back(failure):
                from .codedeploy_deployments import roll_back

                roll_back(self)
        self.final = self.task_sets() if self.service else []

    def _rolls_back(self, failure: Failure) -> bool:
        if self.deployment["creator"] == "codeDeployRollback" or not self.blue:
            return False
        if self.stop_request and self.stop_request.get("roll_back") is not None:
            return bool(self.stop_request["roll_back"])
        rules = self.deployment.get("autoRollbackConfiguration") or self.group["autoRollbackConfiguration"]
        return bool(rules.get("enabled")) and failure.asks in rules.get("events", [])

    # --- Lifecycle events ----------------------------------------------------------------

    def _set(self, name: str, **members: Any) -> dict:
        event = next(event for event in self.events if event["lifecycleEventName"] == name)
        event.update(members)
        self.updated = clock.now()
        return event

    def _event(self, name: str, work: Phase) -> Phase:
        self._set(name, status="InProgress", startTime=clock.now())
        yield from self._pause(settings.lifecycle_event_seconds)
        yield from work
        self._set(name, status="Succeeded", endTime=clock.now())

    def _hook(self, name: str, spec: revisions.AppSpec) -> Phase:
        yield from self._event(name, self._call_function(name, spec.hooks.get(name)))

    def _call_function(self, name: str, function: str | None) -> Phase:
        if not function:
            return
        execution = lambda_hooks.invoke(function, self.deployment["deploymentId"], name)
        answered = yield from self._pause(HOOK_LIMIT, lambda: execution.result)
        if answered and execution.result == "Succeeded":
            return
        if execution.result == "missing":
            code, why = "UnknownError", f"The Lambda function {function} could not be found."
        elif answered:
            code, why = "ScriptFailed", f"The Lambda function {function} reported the status Failed."
        else:
            code, why = "ScriptTimedOut", f"The Lambda function {function} did not report a status within one hour."
        self._set(name, diagnostics={"errorCode": code, "scriptName": function, "message": why, "logTail": ""})
        raise Failure("HOOK_EXECUTION_FAILURE", f"The deployment failed because the lifecycle event hook {name} failed. {why}")

    # --- Phases --------------------------------------------------------------------------

    def _begin(self) -> revisions.AppSpec:
        """What is checked when the deployment starts."""
        self._check_role(self.group["serviceRoleArn"])
        try:
            spec = revisions.parse(revisions.content_of(self.place, self.deployment["revision"]))
        except (ValueError, AwsError) as error:
            raise Failure("INVALID_REVISION", f"The AppSpec file could not be used: {error}") from error
        self._find_service()
        self._find_groups()
        return spec

    def _check_role(self, arn: str) -> None:
        role = next((known for known in self.place.backend("iam").roles.values() if known.arn == arn), None)
        if not role:
            raise Failure("IAM_ROLE_MISSING", f"The service role {arn} cannot be found or assumed.")
        if settings.codedeploy_needs_policy and not role.managed_policies and not role.policies:
            raise Failure("IAM_ROLE_PERMISSIONS", f"The service role {arn} does not have the permission to perform "
                                                  "operations in Amazon ECS: ecs:DescribeServices")

    def _find_service(self) -> None:
        wanted = self.group["ecsServices"][0]
        key = (wanted["clusterName"].rsplit("/", 1)[-1], wanted["serviceName"].rsplit("/", 1)[-1])
        service = ecs.state(self.place).services.get(key)
        if not service or service["status"] != "ACTIVE":
            raise Failure("INVALID_ECS_SERVICE", "The ECS service cannot be found or is not active.")
        if scheduler.controller(service) != "CODE_DEPLOY":
            raise Failure("INVALID_ECS_SERVICE", "The deployment controller of the ECS service is not CODE_DEPLOY.")
        self.service = service
        self.blue = next(task_set for task_set in service["taskSets"] if task_set["status"] == "PRIMARY")
        self.deployment["_service"] = service

    def _find_groups(self) -> None:
        pair = self.group["loadBalancerInfo"]["targetGroupPairInfoList"][0]
        by_name = {group.name: group.arn for group in self.place.backend("elbv2").target_groups.values()}
        names = [target["name"] for target in pair["targetGroups"]]
        missing = [name for name in names if name not in by_name]
        if missing:
            raise Failure("ELASTIC_LOAD_BALANCING_INVALID",
                          f"The ELB could not be updated due to the following error: target group {missing[0]} not found")
        arns = [by_name[name] for name in names]
        current = self.blue["loadBalancers"][0]["targetGroupArn"] if self.blue else ""
        self.blue_group, self.green_group = current, next(arn for arn in arns if arn != current)
        listener = self._listener("prodTrafficRoute")
        if current not in arns or not traffic.weights(self.place, listener, arns).get(current):
            raise Failure("ELASTIC_LOAD_BALANCING_INVALID",
                          "The ELB could not be updated due to the following error: Primary taskset target group must be "
                          f"behind listener {listener}")

    def _listener(self, route: str) -> str:
        pair = self.group["loadBalancerInfo"]["targetGroupPairInfoList"][0]
        return next(iter(pair.get(route, {}).get("listenerArns", [])), "")

    def _install(self, spec: revisions.AppSpec) -> Phase:
        """The replacement task set, full size, in the other target group. What a stopped deployment left goes first."""
        for old in self.service["taskSets"]:
            if old is not self.blue and old["status"] != "DRAINING":
                drain(self.service, old)
        self.green = self._new_task_set(spec)
        self.service["taskSets"].append(self.green)
        if not (yield from self._pause(INSTALL_LIMIT, self._is_green_steady)):
            raise Failure("TIMEOUT", "The deployment timed out while waiting for the replacement task set to become "
                                     "healthy. This time out period is 60 minutes.")

    def _is_green_steady(self) -> bool:
        return self.green is not None and self.green["stabilityStatus"] == "STEADY_STATE"

    def _new_task_set(self, spec: revisions.AppSpec) -> dict:
        """CreateTaskSet; what the AppSpec file leaves out is taken from the service."""
        definition = find_task_definition(self.place, spec.task_definition)
        if not definition or definition["status"] != "ACTIVE":
            raise AwsError("ClientException", "TaskDefinition is inactive" if definition else "TaskDefinition not found.")
        balancer = {"targetGroupArn": self.green_group, "containerName": spec.container_name,
                    "containerPort": spec.container_port}
        check_container(definition, [balancer])
        members = {"taskDefinition": definition["taskDefinitionArn"], "loadBalancers": [balancer]}
        for name in ("launchType", "platformFamily", "networkConfiguration", "platformVersion", "capacityProviderStrategy"):
            if self.service.get(name):
                members[name] = copy.deepcopy(self.service[name])
        if spec.network:
            members["networkConfiguration"] = copy.deepcopy(spec.network)
        if spec.platform_version:
            members["platformVersion"] = spec.platform_version
        if spec.capacity:
            members["capacityProviderStrategy"] = spec.capacity
            members.pop("launchType", None)
        check_network(self.place, members, definition)
        return new_task_set(self.place, self.service, externalId=self.deployment["deploymentId"], **members)

    def _allow_test_traffic(self) -> Phase:
        listener = self._listener("testTrafficRoute")
        if not traffic.shift(self.place, listener, self.blue_group, self.green_group, 100):
            raise Failure("ELASTIC_LOAD_BALANCING_INVALID",
                          "The ELB could not be updated due to the following error: Primary taskset target group must be "
                          f"behind listener {listener}")
        yield from self._pause(0)

    def _wait_until_ready(self) -> Phase:
        ready = self.group["blueGreenDeploymentConfiguration"]["deploymentReadyOption"]
        minutes = ready["waitTimeInMinutes"]
        if ready["actionOnTimeout"] != "STOP_DEPLOYMENT" or not minutes:
            return
        self.deployment["status"] = self.target_status = "Ready"
        went_on = yield from self._pause_for("READY_WAIT", minutes * 60)
        if not went_on:
            raise Failure("TIMEOUT", "The deployment timed out while waiting for a notification to continue. "
                                     f"This time out period is {minutes} minutes.", "Stopped")
        self.deployment["status"] = self.target_status = "InProgress"

    def _pause_for(self, kind: str, seconds: float) -> Phase:
        """A wait that ContinueDeployment can end."""
        self.is_waiting_for, self.goes_on = kind, False
        went_on = yield from self._pause(seconds, lambda: self.goes_on, is_limit=kind == "READY_WAIT")
        self.is_waiting_for = None
        return went_on

    def _allow_traffic(self) -> Phase:
        for percent, seconds in shifts(self.config):
            traffic.shift(self.place, self._listener("prodTrafficRoute"), self.blue_group, self.green_group, percent)
            self.updated = clock.now()
            yield from self._hold(seconds)
        assert self.green
        make_primary(self.service, self.green)

    def _hold(self, seconds: float) -> Phase:
        """Let the weights work for a while; a replacement task set that is not steady for five minutes fails."""
        end = clock.now().timestamp() + seconds
        while (left := end - clock.now().timestamp()) > 0:
            if not (yield from self._pause(left, lambda: not self._is_green_steady())):
                return
            if not (yield from self._pause(STEADY_LIMIT, self._is_green_steady)):
                raise Failure("ECS_UPDATE_ERROR", "The ECS service cannot be updated due to an unexpected error: the "
                                                  "replacement task set did not stay in a steady state. Check your ECS "
                                                  "service status.")

    def _terminate_blue(self) -> Phase:
        """The original task set stays for the termination wait, so that a rollback is quick."""
        wait = self.group["blueGreenDeploymentConfiguration"]["terminateBlueInstancesOnDeploymentSuccess"]
        self.deployment["instanceTerminationWaitTimeStarted"] = True
        minutes = wait["terminationWaitTimeInMinutes"] if wait["action"] == "TERMINATE" else 0
        if minutes:
            yield from self._pause_for("TERMINATION_WAIT", minutes * 60)
        if self.blue in self.service["taskSets"]:
            drain(self.service, self.blue)  # type: ignore[arg-type]
        yield from self._pause(None, lambda: self.blue not in self.service["taskSets"])


class Rollback(Rollout):
    """Sends the traffic back to the original task set of a failed or stopped deployment, and removes the other."""

    def __init__(self, failed: Rollout, deployment: dict) -> None:
        super().__init__(failed.place, failed.group, deployment, failed.config)
        self.service, self.blue, self.green = failed.service, failed.blue, failed.green
        self.blue_group, self.green_group = failed.blue_group, failed.green_group
        self.deployment["_service"] = self.service

    def _watched_alarms(self) -> dict:
        """An alarm that rings does not keep the traffic from going back."""
        return {}

    def _run(self) -> Phase:
        yield from self._pause(settings.lifecycle_event_seconds)
        self.deployment.update(status="InProgress", startTime=clock.now())
        self.target_status = "InProgress"
        for name in EVENTS:
            if name != "AllowTraffic":
                self._set(name, status="Skipped")
        yield from self._event("AllowTraffic", self._send_back())
        if self.green in self.service["taskSets"]:
            drain(self.service, self.green)  # type: ignore[arg-type]
            yield from self._pause(None, lambda: self.green not in self.service["taskSets"])
        self._end("Succeeded")

    def _send_back(self) -> Phase:
        for route in ("prodTrafficRoute", "testTrafficRoute"):
            if listener := self._listener(route):
                traffic.shift(self.place, listener, self.green_group, self.blue_group, 100)
        if self.blue in self.service["taskSets"]:
            make_primary(self.service, self.blue)  # type: ignore[arg-type]
        yield from self._pause(0)


def _unexpected(error: AwsError) -> str:
    return (f"The ECS service cannot be updated due to an unexpected error: {error.message} (Service: AmazonECS; Status "
            f"Code: 400; Error Code: {error.code}). Check your ECS service status.")


def shifts(config: dict) -> list[tuple[float, float]]:
    """Percent of the traffic for the replacement, and seconds until the next step."""
    routing = config.get("trafficRoutingConfig") or {"type": "AllAtOnce"}
    if routing["type"] == "TimeBasedCanary":
        canary = routing["timeBasedCanary"]
        return [(canary["canaryPercentage"], canary["canaryInterval"] * 60.0), (100, 0)]
    if routing["type"] == "TimeBasedLinear":
        linear = routing["timeBasedLinear"]
        step, seconds = linear["linearPercentage"], linear["linearInterval"] * 60.0
        return [(percent, seconds) for percent in range(step, 100, step)] + [(100, 0)]
    return [(100, 0)]
