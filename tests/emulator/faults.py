"""Faults on demand: throttling, errors before or after the effect, resets, latency, denials."""

import random
import threading
from dataclasses import dataclass, field

from .protocol import Target

KINDS = ("throttle", "error_before", "error_after", "reset", "latency", "deny", "stale")

#: What AWS answers when it throttles, by wire protocol; EC2 has a code of its own.
THROTTLE = {"ec2": ("RequestLimitExceeded", 503), "s3": ("SlowDown", 503), "query": ("Throttling", 400),
            "rest-xml": ("Throttling", 400)}
#: What AWS answers when a policy denies the call.
DENY = {"ec2": ("UnauthorizedOperation", 403), "s3": ("AccessDenied", 403), "query": ("AccessDenied", 403),
        "rest-xml": ("AccessDenied", 403)}
FAILURE = {"ec2": ("InternalError", 500), "s3": ("InternalError", 500)}


@dataclass
class Rule:
    """One rule; it fires `count` times, or with probability `rate`, or always."""

    kind: str
    service: str = "*"
    operation: str = "*"
    rate: float | None = None
    count: int | None = None
    code: str | None = None
    status: int | None = None
    message: str | None = None
    ms: int = 0
    seed: int = 0
    #: `reset` only: break the connection after the effect instead of before it
    after: bool = False
    #: `stale` only: so many reads do not know what a call made
    reads: int = 1
    #: `stale` only, in place of `reads`: for so long, by the clock of whoever calls
    seconds: int = 0
    fired: int = 0
    _random: random.Random = field(default_factory=random.Random, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault kind {self.kind!r}; known: {', '.join(KINDS)}")
        self._random.seed(self.seed)

    def matches(self, target: Target) -> bool:
        return self.service in ("*", target.service) and self.operation in ("*", target.operation)

    def fires(self, is_last: bool = False) -> bool:
        """Whether it fires now. Chance spares the last attempt of a call: a bucket of tokens fills again, dice do not."""
        if self.count is not None and self.fired >= self.count:
            return False
        if self.rate is not None and (self._random.random() >= self.rate or is_last):
            return False
        self.fired += 1
        return True

    def answer(self, target: Target) -> tuple[str, str, int]:
        """Code, message and HTTP status of the error this rule injects."""
        if self.kind == "throttle":
            code, status = THROTTLE.get(target.wire, ("ThrottlingException", 400))
            message = "Rate exceeded"
        elif self.kind == "deny":
            code, status = DENY.get(target.wire, ("AccessDeniedException", 400))
            message = (
                "User: arn:aws:iam::123456789012:user/emulator is not authorized to perform: "
                f"{target.service}:{target.operation}"
            )
        else:
            code, status = FAILURE.get(target.wire, ("InternalFailure", 500))
            message = "An internal error occurred"
        return self.code or code, self.message or message, self.status or status

    def as_dict(self) -> dict:
        return {key: value for key, value in vars(self).items() if not key.startswith("_")}


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Rule] = []

    def replace(self, rules: list[dict]) -> None:
        parsed = [_parse(rule) for rule in rules]
        with self._lock:
            self._rules = parsed

    def rules(self) -> list[dict]:
        with self._lock:
            return [rule.as_dict() for rule in self._rules]

    def staleness(self, target: Target) -> Rule | None:
        """The rule for what a call of this service makes; see `stale.py`."""
        with self._lock:
            fits = (rule for rule in self._rules if rule.kind == "stale" and rule.service in ("*", target.service))
            return next(fits, None)

    def drawn(self, target: Target, is_last: bool = False) -> list[Rule]:
        """Rules that fire for this call, perhaps the last attempt at it: every latency, and the first of the others."""
        with self._lock:
            drawn: list[Rule] = []
            for rule in self._rules:
                if rule.kind == "stale" or not rule.matches(target):
                    continue
                if rule.kind != "latency" and any(other.kind != "latency" for other in drawn):
                    continue
                if rule.fires(is_last):
                    drawn.append(rule)
            return drawn


def _parse(rule: dict) -> Rule:
    settable = {name for name in Rule.__dataclass_fields__ if not name.startswith("_")} - {"fired"}
    if unknown := set(rule) - settable:
        raise ValueError(f"unknown fault fields {sorted(unknown)}; known: {sorted(settable)}")
    if "kind" not in rule:
        raise ValueError("a fault needs a kind")
    return Rule(**rule)


faults = Faults()
