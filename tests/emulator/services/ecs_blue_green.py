"""ECS's own BLUE_GREEN, LINEAR and CANARY deployments, from stage to stage.

"Amazon ECS blue/green deployments", "… linear …" and "… canary deployments" of the ECS developer guide. Traffic moves by
the listener rules of each load balancer's `advancedConfiguration`; the service keeps its configuration, and which
target group is live is told by the service revision (`resolvedConfiguration`).
"""

import copy
import math
import uuid
from collections.abc import Callable, Generator
from typing import Any

from ..clock import Steps, Wait, clock
from ..overlay import AwsError, Place
from ..settings import settings
from . import alarms, ecs_controller, elbv2_traffic as traffic, lambda_hooks
from . import ecs_tasks as tasks
from .ecs import invalid, now
from .ecs_scheduler import event, ready, touch

#: "Each lifecycle stage can last up to 24 hours."
STAGE_LIMIT = 24 * 3600.0
#: Minutes that a PAUSE hook waits by default.
PAUSE_MINUTES = 1440

Phase = Generator[Wait, bool, Any]


class Failure(Exception):
    """The deployment ends: why, whether it goes back, and the alarms that did it."""

    def __init__(self, why: str, roll_back: bool = True, ringing: list[str] | None = None) -> None:
        super().__init__(why)
        self.why, self.roll_back, self.ringing = why, roll_back, ringing or []


class Superseded(Exception):
    """A newer deployment of the service took over."""


def check(place: Place, service: dict) -> None:
    """What CreateService and UpdateService refuse under these strategies."""
    configuration = service["deploymentConfiguration"]
    if configuration.get("strategy", "ROLLING") == "ROLLING":
        return
    for balancer in service["loadBalancers"]:
        advanced = balancer.get("advancedConfiguration")
        if not advanced:
            raise invalid("AdvancedConfiguration is required for load balancers of services that use the "
                          f"{configuration['strategy']} deployment strategy.")
        if advanced.get("alternateTargetGroupArn") == balancer.get("targetGroupArn"):
            raise invalid("The alternate target group must be different from the target group of the load balancer.")
        if advanced.get("alternateTargetGroupArn") not in place.backend("elbv2").target_groups:
            raise invalid(f"The specified target group does not exist: {advanced.get('alternateTargetGroupArn')}")
        rule = advanced.get("productionListenerRule", "")
        if not traffic.rule_at(place, rule) and not traffic.listener_at(place, rule):
            raise invalid(f"The production listener rule {rule} was not found.")
        if service.get("taskSets"):
            continue  # it comes over from CodeDeploy: the deployment that follows is rolled back
        if "/app/" in rule and not advanced.get("testListenerRule") and ecs_controller.unassociated(place, balancer):
            raise invalid("For Application LoadBalancer, testListenerRule is required when productionListenerRule is not "
                          "associated with both targetGroup and alternateTargetGroup")


def start(place: Place, service: dict, deployment: dict, record: dict) -> None:
    rollout = NativeRollout(place, service, deployment, record)
    service["_native"] = record["_rollout"] = rollout
    clock.start(rollout.steps())


def look(service: dict) -> None:
    """For the scheduler: revisions that are up run the desired count, the others nothing."""
    for deployment in service["deployments"]:
        deployment["_wanted"] = deployment["desiredCount"] = service["desiredCount"] if deployment.get("_up") else 0


def _production(deployment: dict) -> float:
    """Percent of the users' traffic; all of it for what a rolling deployment completed."""
    return deployment.get("_production", 100 if deployment["rolloutState"] == "COMPLETED" else 0)


class NativeRollout:
    """One service deployment under way: `green` is the new revision, `blue` the one with the users' traffic."""

    def __init__(self, place: Place, service: dict, green: dict, record: dict) -> None:
        self.place, self.service, self.green, self.record = place, service, green, record
        olds = [deployment for deployment in service["deployments"] if deployment is not green]
        self.blue = max((old for old in olds if _production(old)), key=_production, default=None)
        self.others = [old for old in olds if old is not self.blue]
        self.stop_request: bool | None = None
        self.pauses: dict[str, dict] = {}
        for old in olds:
            old["_up"] = True
        green["_up"] = False
        self._choose_groups()
        record["status"] = "PENDING"
        self._weigh(0, 0)

    def _choose_groups(self) -> None:
        """The new revision gets the target group that the live one does not use."""
        live = {item["targetGroupArn"] for item in (self.blue or {}).get("_balancers", []) if item.get("targetGroupArn")}
        self.routes: list[tuple[dict, str, str]] = []
        for balancer in self.green["_balancers"]:
            advanced = balancer.get("advancedConfiguration")
            if not advanced:
                continue
            pair = [balancer["targetGroupArn"], advanced["alternateTargetGroupArn"]]
            new = next((arn for arn in pair if arn not in live), pair[0])
            self.routes.append((advanced, next(arn for arn in pair if arn != new), new))
            balancer["targetGroupArn"] = new
        revision = self.service["_revisions"][self.green["_revision"]]
        revision["resolvedConfiguration"] = {"loadBalancers": [
            {"targetGroupArn": new, "productionListenerRule": advanced["productionListenerRule"]}
            for advanced, _, new in self.routes]}

    # --- The whole -----------------------------------------------------------------------

    def steps(self) -> Steps:
        try:
            yield from self._run()
        except Superseded:
            return
        except Failure as failure:
            yield from self._fail(failure)

    def _run(self) -> Phase:
        yield from self._pause(settings.lifecycle_event_seconds)
        self._tell(status="IN_PROGRESS", startedAt=now())
        came_over = self.service.pop("_came_over", False)
        for balancer in self.service["loadBalancers"]:
            for group in ecs_controller.unassociated(self.place, balancer):
                why = (". Both targetGroup and alternateTargetGroup must be associated with the productionListenerRule or "
                       "testListenerRule." if came_over else
                       f": Target group {group} is not associated with either productionListenerRule or testListenerRule.")
                raise Failure(f"Service deployment rolled back because of invalid networking configuration{why}")
        if self.others:
            yield from self._stage("RECONCILE_SERVICE", self._reconcile())
        yield from self._stage("PRE_SCALE_UP")
        yield from self._stage("SCALE_UP", self._scale_up())
        yield from self._stage("POST_SCALE_UP")
        yield from self._stage("TEST_TRAFFIC_SHIFT", self._shift_test_traffic())
        yield from self._stage("POST_TEST_TRAFFIC_SHIFT")
        yield from self._stage("PRE_PRODUCTION_TRAFFIC_SHIFT")
        for percent, seconds in self._shifts():
            yield from self._stage("PRODUCTION_TRAFFIC_SHIFT", self._shift_production_traffic(percent))
            yield from self._pause(seconds)
        yield from self._stage("POST_PRODUCTION_TRAFFIC_SHIFT")
        bake = (self.service["deploymentConfiguration"].get("bakeTimeInMinutes") or 0) * 60
        yield from self._stage("BAKE_TIME", self._pause(bake))
        yield from self._stage("CLEAN_UP", self._clean_up())
        self._complete()

    def _shifts(self) -> list[tuple[float, float]]:
        """Percent of the traffic for the new revision, and seconds until the next step. The first has no one to share with."""
        configuration = self.record["deploymentConfiguration"]
        if not self.blue:
            return [(100, 0)]
        if configuration["strategy"] == "CANARY":
            canary = {"canaryPercent": 5.0, "canaryBakeTimeInMinutes": 10, **(configuration.get("canaryConfiguration") or {})}
            return [(canary["canaryPercent"], canary["canaryBakeTimeInMinutes"] * 60.0), (100, 0)]
        if configuration["strategy"] == "LINEAR":
            linear = {"stepPercent": 10.0, "stepBakeTimeInMinutes": 6, **(configuration.get("linearConfiguration") or {})}
            steps = math.ceil(100 / linear["stepPercent"])
            percents = [round(linear["stepPercent"] * number, 1) for number in range(1, steps)]
            return [(percent, linear["stepBakeTimeInMinutes"] * 60.0) for percent in percents] + [(100, 0)]
        return [(100, 0)]

    def _tell(self, **members: Any) -> None:
        self.record.update(members, updatedAt=now())
        touch(self.service)

    def _weigh(self, test: float, production: float) -> None:
        weights = {self.green["id"]: {"test": float(test), "production": float(production)}}
        self.green["_production"] = production
        if self.blue:
            self.blue["_production"] = 100 - production
            weights[self.blue["id"]] = {"test": 100.0 - test, "production": 100.0 - production}
        self.record["_weights"] = weights

    # --- Pauses --------------------------------------------------------------------------

    def _pause(self, seconds: float | None, until: Callable[[], Any] = lambda: False, is_limit: bool = False) -> Phase:
        held = yield Wait(seconds, lambda: self._is_superseded() or self._trouble() is not None or until(), is_limit)
        if self._is_superseded():
            raise Superseded
        trouble = self._trouble()
        if trouble:
            raise trouble
        return held

    def _is_superseded(self) -> bool:
        return self.service["status"] != "ACTIVE" or self.service.get("_native") is not self

    def _trouble(self) -> Failure | None:
        if self.stop_request is not None:
            return Failure("Service deployment stopped because a user requested it.", self.stop_request)
        watched = self.record["deploymentConfiguration"].get("alarms") or {}
        ringing = alarms.active(self.place, watched.get("alarmNames", [])) if watched.get("enable") else []
        if ringing:
            return Failure(f"Service deployment failed because alarms were triggered: {', '.join(ringing)}.",
                           bool(watched.get("rollback")), ringing)
        breaker = self.record["deploymentConfiguration"].get("deploymentCircuitBreaker") or {}
        threshold = min(200, max(3, math.ceil(self.service["desiredCount"] / 2)))
        if breaker.get("enable") and self.green["failedTasks"] >= threshold:
            return Failure("Service deployment failed because the circuit breaker threshold was exceeded.",
                           bool(breaker.get("rollback")))
        return None

    # --- Stages --------------------------------------------------------------------------

    def _stage(self, name: str, work: Phase | None = None) -> Phase:
        """The work of a stage, then its hooks."""
        self._tell(lifecycleStage=name)
        yield from self._pause(settings.lifecycle_event_seconds)
        if work is not None:
            yield from work
        for hook in self.record["deploymentConfiguration"].get("lifecycleHooks", []):
            if name in hook.get("lifecycleStages", []):
                yield from self._hook(name, hook)

    def _hook(self, stage: str, hook: dict) -> Phase:
        if hook.get("targetType", "AWS_LAMBDA") == "PAUSE":
            yield from self._pause_hook(stage, hook)
            return
        execution = lambda_hooks.invoke(hook["hookTargetArn"], self.record["serviceDeploymentArn"], stage)
        detail = self._detail(execution.id, "AWS_LAMBDA", hook["hookTargetArn"], "IN_PROGRESS")
        yield from self._pause(STAGE_LIMIT, lambda: lambda_hooks.answer_of(execution))
        answer = lambda_hooks.answer_of(execution)
        detail["status"] = {"Succeeded": "SUCCEEDED", None: "TIMED_OUT"}.get(answer, "FAILED")
        if answer != "Succeeded":
            raise Failure(f"Service deployment failed because a lifecycle hook at stage {stage} "
                          f"{'failed' if answer else 'timed out'}: {hook['hookTargetArn']}.")

    def _pause_hook(self, stage: str, hook: dict) -> Phase:
        timeout = {"timeoutInMinutes": PAUSE_MINUTES, "action": "ROLLBACK", **(hook.get("timeoutConfiguration") or {})}
        detail = self._detail(str(uuid.uuid4()), "PAUSE", None, "AWAITING_ACTION")
        detail["timeoutAction"] = timeout["action"]
        self.pauses[detail["hookId"]] = detail
        answered = yield from self._pause(timeout["timeoutInMinutes"] * 60, lambda: "_answer" in detail, is_limit=True)
        action = detail.get("_answer", timeout["action"])
        detail["status"] = "TIMED_OUT" if not answered else "SUCCEEDED" if action == "CONTINUE" else "FAILED"
        if action == "ROLLBACK":
            raise Failure(f"Service deployment was rolled back at the lifecycle hook of stage {stage}.")

    def _detail(self, hook_id: str, kind: str, target: str | None, status: str) -> dict:
        detail: dict[str, Any] = {"hookId": hook_id, "targetType": kind, "status": status}
        if target:
            detail["targetArn"] = target
        self._tell(lifecycleHookDetails=[detail])
        return detail

    def _reconcile(self) -> Phase:
        """Revisions of deployments that were superseded half-way go first; all traffic is the live one's."""
        self._send(0)
        for other in self.others:
            other["_up"] = False
        touch(self.service)
        yield from self._pause(STAGE_LIMIT, lambda: not any(self._has_tasks(other) for other in self.others))
        self.service["deployments"] = [d for d in self.service["deployments"] if d not in self.others]

    def _has_tasks(self, deployment: dict) -> bool:
        return bool(tasks.tasks_of(self.place, deployment["id"]) or tasks.leaving(self.place, deployment["id"]))

    def _scale_up(self) -> Phase:
        self.green["_up"] = True
        touch(self.service)
        up = yield from self._pause(
            STAGE_LIMIT, lambda: ready(self.place, self.green) == self.service["desiredCount"] == self.green["_wanted"])
        if not up:
            raise Failure("Service deployment failed because the stage SCALE_UP timed out.")

    def _shift_test_traffic(self) -> Phase:
        for advanced, old, new in self.routes:
            if rule := advanced.get("testListenerRule"):
                traffic.shift(self.place, rule, old, new, 100)
        self._weigh(100, 0)
        yield from self._pause(0)

    def _shift_production_traffic(self, percent: float) -> Phase:
        for advanced, old, new in self.routes:
            if not traffic.shift(self.place, advanced["productionListenerRule"], old, new, percent):
                raise Failure("Service deployment failed because the production listener rule "
                              f"{advanced['productionListenerRule']} does not forward to the target groups of the service.")
        self._weigh(100, percent)
        yield from self._pause(0)

    def _clean_up(self) -> Phase:
        if self.blue:
            self.blue["_up"] = False
            touch(self.service)
            yield from self._pause(STAGE_LIMIT, lambda: not self._has_tasks(self.blue))  # type: ignore[arg-type]

    def _complete(self) -> None:
        self.service["deployments"] = [self.green]
        self.green.update(rolloutState="COMPLETED", updatedAt=now(),
                          rolloutStateReason=f"ECS deployment {self.green['id']} completed.")
        self.service["_completed"] = self.green
        event(self.service, f"(service {self.service['serviceName']}) (deployment {self.green['id']}) deployment completed.")
        self._tell(status="SUCCESSFUL", finishedAt=now())
        self.record.pop("lifecycleStage", None)

    # --- Failure -------------------------------------------------------------------------

    def _send(self, percent: float) -> None:
        for advanced, old, new in self.routes:
            for rule in (advanced["productionListenerRule"], advanced.get("testListenerRule")):
                if rule:
                    traffic.shift(self.place, rule, old, new, percent)
        self._weigh(percent, percent)

    def _fail(self, failure: Failure) -> Phase:
        self.green.update(rolloutState="FAILED", rolloutStateReason=failure.why, updatedAt=now())
        self.record["_alarms"] = failure.ringing
        event(self.service, f"(service {self.service['serviceName']}) (deployment {self.green['id']}) deployment failed: "
                            f"{failure.why}")
        if not failure.roll_back:
            self._tell(status="STOPPED", statusReason=failure.why, stoppedAt=now(), finishedAt=now())
            return
        if not self.blue:
            self._tell(status="ROLLBACK_FAILED", statusReason=f"{failure.why} There is no service revision to roll back to.",
                       finishedAt=now())
            return
        self._tell(status="ROLLBACK_IN_PROGRESS", statusReason=failure.why, rollback={
            "reason": failure.why, "startedAt": now(), "serviceRevisionArn": self.blue["_revision"]})
        yield Wait(settings.lifecycle_event_seconds)
        yield from self._take_back(self.blue)

    def _take_back(self, blue: dict) -> Steps:
        if self._is_superseded():
            return
        self._send(0)
        self.green.update(_up=False, status="ACTIVE")
        blue.update(_up=True, status="PRIMARY")
        self.service["deployments"] = [blue, *(d for d in self.service["deployments"] if d is not blue)]
        self.service.update(copy.deepcopy(blue["_mirrored"]))
        touch(self.service)
        yield Wait(until=lambda: self._is_superseded() or not self._has_tasks(self.green))
        if self._is_superseded():
            return
        self.service["deployments"] = [blue]
        self._tell(status="ROLLBACK_SUCCESSFUL", finishedAt=now())


# --- Requests -----------------------------------------------------------------------------


def request_stop(service: dict, record: dict, roll_back: bool) -> None:
    rollout = record["_rollout"]
    rollout.stop_request = roll_back
    record.update(status="ROLLBACK_REQUESTED" if roll_back else "STOP_REQUESTED", updatedAt=now())


def answer_hook(record: dict, hook_id: str, action: str) -> None:
    rollout = record.get("_rollout")
    detail = rollout.pauses.get(hook_id) if rollout else None
    if not detail:
        raise invalid("The lifecycle hook was not found in the service deployment.")
    if detail["status"] != "AWAITING_ACTION":
        raise AwsError("ClientException", "The lifecycle hook is not waiting for an action.")
    detail["_answer"] = action
