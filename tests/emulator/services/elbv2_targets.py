"""Targets that ECS registers: their health over time, as DescribeTargetHealth tells it.

States and reason codes: "Target health status" and "Target health reason codes" of the Application Load Balancers
guide. Targets that a caller registers by hand are moto's, and healthy at once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ..clock import Steps, Wait, clock
from ..overlay import AwsError, Call, Place, Store, operation
from ..settings import settings

REGISTERING = ("initial", "Elb.RegistrationInProgress", "Target registration is in progress")
CHECKING = ("initial", "Elb.InitialHealthChecking", "Initial health checks in progress")
HEALTHY = ("healthy", None, None)
FAILING = ("unhealthy", "Target.ResponseCodeMismatch", "Health checks failed with these codes: [502]")
TIMING_OUT = ("unhealthy", "Target.FailedHealthChecks", "Health checks failed")
DRAINING = ("draining", "Target.DeregistrationInProgress", "Target deregistration is in progress")
UNUSED = ("unused", "Target.NotInUse", "Target group is not configured to receive traffic from the load balancer")


@dataclass(eq=False)
class Target:
    address: str
    port: int
    zone: str
    #: whether it would pass a health check now
    answers: Callable[[], bool]
    health: tuple[str, str | None, str | None] = REGISTERING
    is_leaving: bool = False


@dataclass
class Targets:
    #: target group ARN → what ECS registered
    of_group: dict[str, list[Target]] = field(default_factory=dict)


store = Store(Targets)


def group_at(place: Place, arn: str) -> Any:
    return place.backend("elbv2").target_groups.get(arn)


def is_used(place: Place, arn: str) -> bool:
    """Whether a listener or rule names the group, be it with weight 0; else nothing is checked."""
    group = group_at(place, arn)
    return bool(group and group.load_balancer_arns)


def registered(place: Place, arn: str) -> list[Target]:
    return store.of(place).of_group.setdefault(arn, [])


def register(place: Place, arn: str, target: Target) -> None:
    registered(place, arn).append(target)
    clock.start(_checks(place, arn, target))


def _checks(place: Place, arn: str, target: Target) -> Steps:
    """Health checks begin when a listener uses the group, and go on until the target leaves."""
    while not target.is_leaving:
        if not is_used(place, arn):
            yield Wait(until=lambda: target.is_leaving or is_used(place, arn))
            continue
        answers = target.answers()
        if answers == (target.health == HEALTHY) and target.health[0] != "initial":
            known = target.health
            yield Wait(until=lambda: target.is_leaving or target.answers() != (known == HEALTHY))
            continue
        if target.health == REGISTERING:
            target.health = CHECKING
        changed = yield Wait(settings.healthy_seconds if answers else settings.unhealthy_seconds,
                             lambda answers=answers: target.is_leaving or target.answers() != answers)
        if not changed:
            target.health = HEALTHY if answers else _failure(place, arn)


def _failure(place: Place, arn: str) -> tuple[str, str, str]:
    group = group_at(place, arn)
    return FAILING if group and str(group.health_check_protocol).startswith("HTTP") else TIMING_OUT


def deregister(place: Place, arn: str, target: Target, then: Callable[[], None]) -> None:
    """The target drains for the deregistration delay of its group (times a setting); `then` is called at the end."""
    target.is_leaving, target.health = True, DRAINING
    group = group_at(place, arn)
    used = is_used(place, arn)
    delay = float(group.attributes.get("deregistration_delay.timeout_seconds") or 0) if group and used else 0.0

    def leave() -> None:
        known = registered(place, arn)
        if target in known:
            known.remove(target)
        then()

    clock.after(delay * settings.deregistration_factor, leave)


def health_of(place: Place, arn: str, target: Target) -> tuple[str, str | None, str | None]:
    return target.health if target.is_leaving or is_used(place, arn) else UNUSED


def is_well(place: Place, arn: str, target: Target) -> bool:
    """What ECS takes for well: healthy, or nobody checks it."""
    return health_of(place, arn, target)[0] in ("healthy", "unused")


@operation("elbv2", "DescribeTargetHealth")
def describe_target_health(call: Call) -> dict:
    """A group that no listener uses checks nothing (`unused`); what is not registered is `Target.NotRegistered`."""
    arn, wanted = call.params["TargetGroupArn"], call.params.get("Targets")
    group = group_at(call.place, arn)
    if not group:
        raise AwsError("TargetGroupNotFound", "One or more target groups not found")
    ours = [_described(call.place, arn, group, target) for target in registered(call.place, arn)]
    theirs = [_moto_health(call, arn, item) for item in group.targets.values()]
    everything = [*theirs, *ours]
    if wanted is None:
        return {"TargetHealthDescriptions": everything}
    return {"TargetHealthDescriptions": list(_picked(group, everything, wanted))}


def _picked(group: Any, everything: list[dict], wanted: list[dict]) -> Iterator[dict]:
    for item in wanted:
        port = item.get("Port") or int(group.port or 0)
        found = [known for known in everything if known["Target"]["Id"] == item["Id"] and known["Target"]["Port"] == port]
        yield found[0] if found else _shown(group, item["Id"], port, ("unused", "Target.NotRegistered",
                                                                      "Target is not registered to the target group"))


def _described(place: Place, arn: str, group: Any, target: Target) -> dict:
    shown = _shown(group, target.address, target.port, health_of(place, arn, target))
    shown["Target"]["AvailabilityZone"] = target.zone
    return shown


def _moto_health(call: Call, arn: str, item: dict) -> dict:
    health = group_at(call.place, arn).health_for(item, call.backend("ec2"))
    state = (health.status, health.reason, health.description) if is_used(call.place, arn) else UNUSED
    return _shown(group_at(call.place, arn), item["Id"], int(item.get("Port") or 0), state)


def _shown(group: Any, address: str, port: int, health: tuple[str, str | None, str | None]) -> dict:
    state, reason, description = health
    checked = group.health_check_port
    told = {"State": state, "Reason": reason, "Description": description}
    return {
        "Target": {"Id": address, "Port": port},
        "HealthCheckPort": str(port) if checked in (None, "traffic-port") else str(checked),
        "TargetHealth": {key: value for key, value in told.items() if value},
    }
