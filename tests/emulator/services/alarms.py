"""CloudWatch alarms, for deployments that watch them: SetAlarmState makes one ring."""

import sys

from ..overlay import Place


def active(place: Place, names: list[str]) -> list[str]:
    """Those of the alarms that are in ALARM."""
    if not names or "moto.cloudwatch.models" not in sys.modules:
        return []
    known = place.backend("cloudwatch").alarms
    return [name for name in names if name in known and known[name].state_value == "ALARM"]
