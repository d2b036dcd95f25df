"""Calls that AWS refuses while another one about the same object is at work.

The emulator answers one call at a time, so two are at work together only while a fault of kind `latency` delays them.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from .protocol import Target

#: Code, message and HTTP status of the refusal, by service and operation. The object is the path of the request.
REFUSALS = {
    ("route53", "ChangeResourceRecordSets"): (
        "PriorRequestNotComplete",
        "The request was rejected because Route 53 was still processing a prior request.",
        400,
    ),
}

_lock = threading.Lock()
_at_work: set[str] = set()


@contextmanager
def taken(target: Target, path: str) -> Iterator[tuple[str, str, int] | None]:
    """Gives the refusal, when another call about the same object is at work."""
    refusal = REFUSALS.get((target.service, target.operation))
    if refusal is None:
        yield None
        return
    with _lock:
        is_free = path not in _at_work
        _at_work.add(path)
    try:
        yield None if is_free else refusal
    finally:
        if is_free:
            with _lock:
                _at_work.discard(path)
