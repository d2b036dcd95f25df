"""Reads that do not know yet what was just made, as in services that are consistent only after a while.

A rule `{"kind": "stale", "service": "ec2", "reads": 5}` hides what each call makes from the next five reads of the
service: they answer as if it were not there. With `"seconds": 20` it is hidden for so long, by the time that the calls are
signed with: a test whose clock moves by waiting alone does not depend on time passing.
Not for services that live on the virtual clock (ECS, CodeDeploy): what happens there while a read is answered must see
all objects. Other calls see everything; name one in `operation` to let its first calls miss the object too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from moto import backends

from .faults import faults
from .overlay import Store, existing_backends
from .protocol import Target

#: What calls that only read begin with.
READS = ("Describe", "Get", "List", "BatchGet", "Search", "Lookup")


@dataclass
class Hidden:
    """What one call made: entries of the emulator's dictionaries."""

    service: str
    places: list[tuple[dict, Any]]
    #: operations that miss it besides reads
    operation: str
    #: reads that are left, when no time is given
    left: int
    #: when it appears, in seconds since 1970; 0 when reads are counted
    until: float

    def matches(self, target: Target) -> bool:
        is_read = target.operation.startswith(READS)
        return self.service == target.service and (is_read or self.operation == target.operation)


class Stale:
    def __init__(self) -> None:
        self._hidden: list[Hidden] = []

    def clear(self) -> None:
        self._hidden = []

    @contextmanager
    def around(self, target: Target, now: float) -> Iterator[None]:
        """Hides what this call must not see yet; remembers what it makes. `now` is the caller's time."""
        taken = self._take_out(target, now)
        rule = faults.staleness(target)
        is_making = rule is not None and not target.operation.startswith(READS)
        before = {id(one): (one, set(one)) for one in _dictionaries(target.service)} if is_making else {}
        try:
            yield
        finally:
            for where, key, value in reversed(taken):
                where.setdefault(key, value)
        if is_making:
            known = lambda one: before[id(one)][1] if id(one) in before else set()  # noqa: E731
            places = [(one, key) for one in _dictionaries(target.service) for key in list(one) if key not in known(one)]
            put_back = {(id(where), key) for where, key, _ in taken}
            places = [(one, key) for one, key in places if (id(one), key) not in put_back]
            if places and rule.fires():
                until = now + rule.seconds if rule.seconds else 0
                self._hidden.append(Hidden(target.service, places, rule.operation, rule.reads, until))

    def _take_out(self, target: Target, now: float) -> list[tuple[dict, Any, Any]]:
        taken = []
        self._hidden = [one for one in self._hidden if not one.until or now < one.until]
        for one in self._hidden:
            if not one.matches(target):
                continue
            if not one.until:
                one.left -= 1
            for where, key in one.places:
                if key in where:
                    taken.append((where, key, where.pop(key)))
        self._hidden = [one for one in self._hidden if one.until or one.left > 0]
        return taken


def _dictionaries(service: str) -> Iterator[dict]:
    """Every dictionary in which the service keeps objects, and those inside."""
    states: list[Any] = [state for store in Store._all for state in store.every()]
    try:
        states.extend(existing_backends(service))
        # What moto keeps for all accounts, such as the names of buckets: it looks for a bucket whose name it knows.
        yield from (value for value in vars(backends.get_backend(service)).values() if isinstance(value, dict))
    except (KeyError, ValueError, ImportError):
        pass  # a service of the overlay alone
    for state in states:
        for value in [state, *vars(state).values()] if hasattr(state, "__dict__") else [state]:
            if isinstance(value, dict):
                yield value
                yield from (inner for inner in list(value.values()) if isinstance(inner, dict))


stale = Stale()
