"""The control endpoint `/_glaz/…`: reset, snapshots, call log, faults, settings, leftovers."""

import json
import traceback
from collections.abc import Callable
from typing import Any

from moto import backends
from moto.moto_api._internal.models import moto_api_backend

from . import pipeline
from .behaviour import hooks, images
from .clock import clock
from .faults import faults
from .hold import holds
from .log import log
from .overlay import AwsError, Store, all_leftovers
from .services import alarms, ecs, lambda_hooks
from .settings import settings
from .snapshot import RESET, RESTORE, Listener, snapshots
from .stale import stale

PREFIX = "/_glaz/"

#: moto rebuilds a backend when it resets it; these load AMIs and managed policies,
#: which need not happen before they are used again.
SLOW_TO_BUILD = ("ec2", "iam")


def empty() -> None:
    """Empty account, empty log, no faults, default settings."""
    for service in SLOW_TO_BUILD:
        backends.get_backend(service).clear()
    moto_api_backend.reset()
    Store.reset_all()
    clock.reset()
    images.clear()
    hooks.clear()
    lambda_hooks.executions.clear()
    settings.reset()
    faults.replace([])
    holds.release(drop=True)
    stale.clear()
    log.clear()


def reset(_: Any) -> Any:
    if not snapshots.is_there:  # or the keeper does, see `afterwards`
        empty()
    return {}


def take_snapshot(_: Any) -> Any:
    snapshots.check_take()
    return {}


def restore(_: Any) -> Any:
    snapshots.check_restore()
    return {}


def read_log(_: Any) -> Any:
    return log.calls()


def clear_log(_: Any) -> Any:
    log.clear()
    return {}


def set_faults(rules: Any) -> Any:
    if not isinstance(rules, list):
        raise ValueError("a list of rules is expected")
    faults.replace(rules)
    stale.clear()
    return faults.rules()


def read_faults(_: Any) -> Any:
    return faults.rules()


def clear_faults(_: Any) -> Any:
    return set_faults([])


def set_hold(rule: Any) -> Any:
    holds.set(rule)
    return {}


def read_held(_: Any) -> Any:
    return holds.held()


def release(how: Any) -> Any:
    holds.release(**(how or {}))
    return {}


def set_settings(values: Any) -> Any:
    if not isinstance(values, dict):
        raise ValueError("an object of settings is expected")
    settings.update(values)
    return settings.as_dict()


def read_settings(_: Any) -> Any:
    return settings.as_dict()


def read_clock(_: Any) -> Any:
    return clock.as_dict()


def set_clock(values: Any) -> Any:
    if not isinstance(values, dict):
        raise ValueError("an object is expected")
    clock.change(values)
    return clock.as_dict()


def read_images(_: Any) -> Any:
    return images.as_dict()


def set_images(values: Any) -> Any:
    images.change(values)
    return images.as_dict()


def read_hooks(_: Any) -> Any:
    return {"rules": hooks.as_dict(), "calls": lambda_hooks.listed()}


def set_hooks(values: Any) -> Any:
    hooks.change(values)
    return hooks.as_dict()


def set_alarms(states: Any) -> Any:
    """In every region that has a service of ECS."""
    if not isinstance(states, dict):
        raise ValueError("an object is expected: alarm → state")
    for place in ecs.store.places():
        alarms.set_states(place, states)
    return states


def run_pipeline(values: Any) -> Any:
    if not isinstance(values, dict):
        raise ValueError("an object is expected")
    return pipeline.run(**values)


def read_leftovers(_: Any) -> Any:
    return all_leftovers()


def health(_: Any) -> Any:
    return {"status": "ok"}


ROUTES: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("GET", "health"): health,
    ("POST", "reset"): reset,
    ("POST", "snapshot"): take_snapshot,
    ("POST", "restore"): restore,
    ("GET", "log"): read_log,
    ("DELETE", "log"): clear_log,
    ("GET", "faults"): read_faults,
    ("POST", "faults"): set_faults,
    ("DELETE", "faults"): clear_faults,
    ("POST", "hold"): set_hold,
    ("GET", "held"): read_held,
    ("POST", "release"): release,
    ("GET", "settings"): read_settings,
    ("POST", "settings"): set_settings,
    ("GET", "clock"): read_clock,
    ("POST", "clock"): set_clock,
    ("GET", "images"): read_images,
    ("POST", "images"): set_images,
    ("GET", "hooks"): read_hooks,
    ("POST", "hooks"): set_hooks,
    ("POST", "alarms"): set_alarms,
    ("POST", "pipeline"): run_pipeline,
    ("GET", "leftovers"): read_leftovers,
}


def name(path: str) -> str:
    return path.removeprefix(PREFIX).strip("/")


def waits(path: str) -> bool:
    """Whether the request may take a while, and touches no account."""
    return name(path) in ("hold", "held", "release")


def afterwards(path: str) -> Callable[[Listener], None] | None:
    """What remains to be done when a request has been answered: this process may not be there to answer it then."""
    match name(path) if path.startswith(PREFIX) else None:
        case "snapshot":
            return lambda listener: snapshots.take(listener, empty)
        case "restore":
            return lambda listener: snapshots.leave(listener, RESTORE)
        case "reset" if snapshots.is_there:
            return lambda listener: snapshots.leave(listener, RESET)
    return None


def answer(method: str, path: str, body: bytes) -> tuple[int, bytes]:
    """Status and JSON body for one control request."""
    route = ROUTES.get((method, name(path)))
    if not route:
        return _json(404, {"error": f"no {method} {path}", "routes": [" ".join(key) for key in ROUTES]})
    try:
        result = route(json.loads(body) if body.strip() else None)
        clock.settle()
        return _json(200, result)
    except AwsError as error:
        return _json(400, {"error": f"{error.code}: {error.message}"})
    except (ValueError, TypeError) as error:
        return _json(400, {"error": str(error)})
    except Exception as error:
        traceback.print_exc()
        return _json(500, {"error": repr(error)})


def _json(status: int, value: Any) -> tuple[int, bytes]:
    return status, json.dumps(value, default=str).encode()
