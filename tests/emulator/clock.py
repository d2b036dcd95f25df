"""Time as ECS, load balancers and CodeDeploy see it, and everything that happens in it.

Time is virtual. It flows with the real one (times `speed`), leaps by `per_poll` with each call that asks how far
something is, and moves when a test says so. What happens later is kept as events and run in the order of their times,
one by one, under the server's lock: the same calls always see the same world, and nobody has to wait for real.

A `Wait` is what the generator of a process yields: it goes on after so many seconds, or as soon as something is so.
"""

import heapq
import itertools
import sys
import time
import traceback
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

#: `per_poll`: leap to the moment of the next event.
NEXT = "next"
#: Seconds that a poll takes by default: enough for tasks to start and become healthy.
PER_POLL = 60.0
#: Events within one leap; more means that something turns in circles.
RUNAWAY = 200_000


def utc(moment: datetime) -> datetime:
    """moto's parsers give times without a zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


@dataclass(frozen=True)
class Wait:
    """Pause a process: for `seconds` (None: for ever) or until `until` holds. The `yield` tells whether it held."""

    seconds: float | None = None
    until: Callable[[], Any] | None = None
    #: the seconds are a limit for somebody's answer: `next` does not leap there
    is_limit: bool = False


Steps = Generator[Wait, bool, None]


@dataclass(order=True)
class _Event:
    at: float
    number: int
    action: Callable[[], None] = field(compare=False)
    is_off: bool = field(default=False, compare=False)
    is_limit: bool = field(default=False, compare=False)


@dataclass(eq=False)
class _Waiting:
    steps: Steps
    until: Callable[[], Any] | None
    deadline: _Event | None


class Clock:
    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Real time, default pace, nothing under way."""
        self.speed = 1.0
        self.per_poll: float | str = PER_POLL
        self._real = time.monotonic()
        self._now = time.time()
        self._events: list[_Event] = []
        self._waiting: list[_Waiting] = []
        self._numbers = itertools.count()
        self._is_settling = False

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._now, timezone.utc)

    def ago(self, moment: datetime) -> float:
        """Seconds since `moment`."""
        return (self.now() - moment) / timedelta(seconds=1)

    # --- What happens ------------------------------------------------------------------

    def after(self, seconds: float, action: Callable[[], None]) -> _Event:
        event = _Event(self._now + seconds, next(self._numbers), action)
        heapq.heappush(self._events, event)
        return event

    def start(self, steps: Steps) -> None:
        """Let a process run, from the next moment on."""
        self.after(0, lambda: self._resume(steps, None))

    def _resume(self, steps: Steps, answer: bool | None) -> None:
        try:
            wait = steps.send(answer) if answer is not None else next(steps)
        except StopIteration:
            return
        except Exception:  # a crash of the emulator is no AWS behaviour: show it
            print("a process of the emulator crashed", file=sys.stderr)
            traceback.print_exc()
            return
        waiting = _Waiting(steps, wait.until, None)
        if wait.seconds is not None:
            waiting.deadline = self.after(wait.seconds, lambda: self._wake(waiting, False))
            waiting.deadline.is_limit = wait.is_limit
        self._waiting.append(waiting)

    def _wake(self, waiting: _Waiting, answer: bool) -> None:
        self._waiting.remove(waiting)
        if waiting.deadline:
            waiting.deadline.is_off = True
        self._resume(waiting.steps, answer)

    # --- How time goes -----------------------------------------------------------------

    def tick(self) -> None:
        """Catch up with the real time."""
        real = time.monotonic()
        passed, self._real = real - self._real, real
        self.advance(passed * self.speed)

    def resume(self) -> None:
        """Go on as if no real time had passed since."""
        self._real = time.monotonic()

    def poll(self) -> None:
        """A call asks how far something is."""
        if self.per_poll == NEXT:
            self.leap()
        else:
            self.advance(float(self.per_poll))

    def leap(self) -> None:
        """To the moment of the next event, if there is one. Where all waits for somebody's answer, time passes as usual."""
        self._next()
        coming = [event.at for event in self._events if not event.is_off and not event.is_limit]
        if coming:
            self.advance(max(0.0, min(coming) - self._now))
        elif self._events:
            self.advance(PER_POLL)

    def advance(self, seconds: float) -> None:
        end = self._now + seconds
        for _ in range(RUNAWAY):
            event = self._next()
            if not event or event.at > end:
                self._now = max(self._now, end)
                return
            self._now = max(self._now, event.at)
            heapq.heappop(self._events)
            event.action()
            self._wake_those_that_may()
        raise RuntimeError("events without end")

    def settle(self) -> None:
        """Let happen what happens without time passing."""
        if self._is_settling:
            return
        self._is_settling = True
        try:
            self._wake_those_that_may()
            for _ in range(RUNAWAY):
                event = self._next()
                if not event or event.at > self._now:
                    return
                heapq.heappop(self._events)
                event.action()
                self._wake_those_that_may()
            raise RuntimeError("events without end")
        finally:
            self._is_settling = False

    def _wake_those_that_may(self) -> None:
        for _ in range(RUNAWAY):
            ready = next((w for w in self._waiting if w.until and w.until()), None)
            if not ready:
                return
            self._wake(ready, True)
        raise RuntimeError("processes without end")

    def _next(self) -> _Event | None:
        while self._events and self._events[0].is_off:
            heapq.heappop(self._events)
        return self._events[0] if self._events else None

    # --- Control -----------------------------------------------------------------------

    def change(self, values: dict) -> None:
        """`speed`, `per_poll`, then `advance` (seconds) or `leap` (so many events)."""
        if unknown := set(values) - {"speed", "per_poll", "advance", "leap"}:
            raise ValueError(f"unknown {sorted(unknown)}; known: speed, per_poll, advance, leap")
        for name, value in values.items():
            if not (name == "per_poll" and value == NEXT) and not _is_amount(value):
                raise ValueError(f"{name} must be a number, 0 or more")
        self.speed = float(values.get("speed", self.speed))
        self.per_poll = values.get("per_poll", self.per_poll)
        self.advance(float(values.get("advance", 0)))
        for _ in range(int(values.get("leap", 0))):
            self.leap()

    def as_dict(self) -> dict:
        event = self._next()
        return {
            "now": self.now().isoformat(),
            "speed": self.speed,
            "per_poll": self.per_poll,
            "next_event_in": round(event.at - self._now, 3) if event else None,
        }


def _is_amount(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0


clock = Clock()
