"""The control endpoint `/_glaz/…`: reset, call log, faults, settings, leftovers."""

import json
import traceback
from collections.abc import Callable
from typing import Any

from moto import backends
from moto.moto_api._internal.models import moto_api_backend

from .faults import faults
from .log import log
from .overlay import Store, all_leftovers
from .settings import settings

PREFIX = "/_glaz/"

#: moto rebuilds a backend when it resets it; these load AMIs and managed policies,
#: which need not happen before they are used again.
SLOW_TO_BUILD = ("ec2", "iam")


def reset(_: Any) -> Any:
    """Empty account, empty log, no faults, default settings."""
    for service in SLOW_TO_BUILD:
        backends.get_backend(service).clear()
    moto_api_backend.reset()
    Store.reset_all()
    settings.reset()
    faults.replace([])
    log.clear()
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
    return faults.rules()


def read_faults(_: Any) -> Any:
    return faults.rules()


def clear_faults(_: Any) -> Any:
    return set_faults([])


def set_settings(values: Any) -> Any:
    if not isinstance(values, dict):
        raise ValueError("an object of settings is expected")
    settings.update(values)
    return settings.as_dict()


def read_settings(_: Any) -> Any:
    return settings.as_dict()


def read_leftovers(_: Any) -> Any:
    return all_leftovers()


def health(_: Any) -> Any:
    return {"status": "ok"}


ROUTES: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("GET", "health"): health,
    ("POST", "reset"): reset,
    ("GET", "log"): read_log,
    ("DELETE", "log"): clear_log,
    ("GET", "faults"): read_faults,
    ("POST", "faults"): set_faults,
    ("DELETE", "faults"): clear_faults,
    ("GET", "settings"): read_settings,
    ("POST", "settings"): set_settings,
    ("GET", "leftovers"): read_leftovers,
}


def answer(method: str, path: str, body: bytes) -> tuple[int, bytes]:
    """Status and JSON body for one control request."""
    route = ROUTES.get((method, path.removeprefix(PREFIX).strip("/")))
    if not route:
        return _json(404, {"error": f"no {method} {path}", "routes": [" ".join(key) for key in ROUTES]})
    try:
        return _json(200, route(json.loads(body) if body.strip() else None))
    except (ValueError, TypeError) as error:
        return _json(400, {"error": str(error)})
    except Exception as error:
        traceback.print_exc()
        return _json(500, {"error": repr(error)})


def _json(status: int, value: Any) -> tuple[int, bytes]:
    return status, json.dumps(value, default=str).encode()
