"""Calls that are held: they arrive, or have their effect, and then wait until a test lets them go or drops them.

What a test does while a call is held happens at a known moment of the run: no sleeping, no guessing.
"""

import threading
from dataclasses import dataclass

from .protocol import Target

#: Seconds that `GET held` waits for a call.
PATIENCE = 0.05


@dataclass
class Rule:
    """Holds `count` matching calls (0: all) from the `call`-th on, before the effect or after it."""

    service: str = "*"
    operation: str = "*"
    call: int = 1
    count: int = 1
    after: bool = False
    seen: int = 0

    def takes(self, target: Target) -> bool:
        if self.service not in ("*", target.service) or self.operation not in ("*", target.operation):
            return False
        self.seen += 1
        return self.seen >= self.call and (not self.count or self.seen < self.call + self.count)


@dataclass
class Held:
    """A call that waits."""

    number: int
    target: Target
    after: bool
    is_released: bool = False
    is_dropped: bool = False


class Holds:
    def __init__(self) -> None:
        self._change = threading.Condition()
        self._rule: Rule | None = None
        self._held: list[Held] = []

    def set(self, rule: dict | None) -> None:
        with self._change:
            self._rule = Rule(**rule) if rule else None

    def draw(self, target: Target) -> Held | None:
        """Whether this call is to be held; asked once, when it arrives."""
        with self._change:
            if self._rule is None or not self._rule.takes(target):
                return None
            return Held(self._rule.seen, target, self._rule.after)

    def wait(self, held: Held) -> bool:
        """Waits until the call is let go; false when it is dropped."""
        with self._change:
            self._held.append(held)
            self._change.notify_all()
            self._change.wait_for(lambda: held.is_released)
            return not held.is_dropped

    def held(self) -> list[dict]:
        """The calls that wait, the oldest first; waits a moment for the first."""
        with self._change:
            self._change.wait_for(lambda: self._held, PATIENCE)
            return [
                {"service": one.target.service, "operation": one.target.operation, "number": one.number}
                for one in self._held
            ]

    def release(self, count: int = 0, drop: bool = False) -> None:
        """Lets the oldest `count` go (0: all that wait, and the rule ends)."""
        with self._change:
            if not count:
                self._rule = None
            going, self._held = self._held[: count or None], self._held[count or len(self._held) :]
            for one in going:
                one.is_released, one.is_dropped = True, drop
            self._change.notify_all()


holds = Holds()
