"""CloudWatch alarms, for deployments that watch them: SetAlarmState makes one ring."""

import sys

from ..overlay import Place


def active(place: Place, names: list[str]) -> list[str]:
    """Those of the alarms that are in ALARM."""
    if not names or "moto.cloudwatch.models" not in sys.modules:
        return []
    known = place.backend("cloudwatch").alarms
    return [name for name in names if name in known and known[name].state_value == "ALARM"]


def set_states(place: Place, states: dict[str, str]) -> None:
    """For tests: alarms by name, made where there are none."""
    backend = place.backend("cloudwatch")
    for name, state in states.items():
        if state not in ("OK", "ALARM", "INSUFFICIENT_DATA"):
            raise ValueError(f"unknown state {state!r} of alarm {name}")
        if name not in backend.alarms:
            backend.put_metric_alarm(
                name=name, namespace="test", metric_name="errors", comparison_operator="GreaterThanThreshold",
                evaluation_periods=1, period=60, threshold=1.0, statistic="Sum", description="", dimensions=[],
                alarm_actions=[])
        backend.set_alarm_state(name, "set by a test", None, state)
