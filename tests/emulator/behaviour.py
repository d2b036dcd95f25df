"""What tests decide about the world outside AWS: how images run, and what Lambda hooks answer.

`POST /_glaz/images` and `POST /_glaz/hooks` take an object: a pattern (`*` and `?` as in shells) for the name of an
image or a function, and what it does. The last pattern that fits counts; null takes a pattern out.
"""

import fnmatch
from dataclasses import asdict, dataclass
from typing import Any

PROBLEMS = ("missing", "exits", "unhealthy", "container_unhealthy")
RESULTS = ("Succeeded", "Failed", "timeout", "pending", "missing")


@dataclass(frozen=True)
class Image:
    """How containers of an image fare; by default well."""

    #: `missing` (cannot be pulled), `exits`, `unhealthy` (for load balancers), `container_unhealthy`
    problem: str | None = None
    #: `exits`: code, and seconds after the start
    code: int = 1
    after: float = 1.0
    #: seconds that the pull takes, instead of the setting
    pull_seconds: float | None = None

    def __post_init__(self) -> None:
        if self.problem not in (None, *PROBLEMS):
            raise ValueError(f"unknown problem {self.problem!r}; known: {', '.join(PROBLEMS)}")


@dataclass(frozen=True)
class Hook:
    """What a Lambda function that is a lifecycle hook does; by default it succeeds."""

    #: `timeout` = never answers; `pending` = waits for PutLifecycleEventHookExecutionStatus; `missing` = no function
    result: str = "Succeeded"
    seconds: float = 2.0

    def __post_init__(self) -> None:
        if self.result not in RESULTS:
            raise ValueError(f"unknown result {self.result!r}; known: {', '.join(RESULTS)}")


class Rules:
    """Patterns and what they stand for."""

    def __init__(self, kind: type) -> None:
        self._kind, self._rules = kind, dict[str, Any]()

    def clear(self) -> None:
        self._rules.clear()

    def change(self, values: Any) -> None:
        if not isinstance(values, dict):
            raise ValueError("an object is expected: pattern → what it does, or null")
        known = set(self._kind.__dataclass_fields__)
        parsed = {}
        for pattern, value in values.items():
            if unknown := set(value or {}) - known:
                raise ValueError(f"unknown {sorted(unknown)}; known: {sorted(known)}")
            parsed[pattern] = None if value is None else self._kind(**value)
        for pattern, rule in parsed.items():
            self._rules.pop(pattern, None)
            if rule:
                self._rules[pattern] = rule

    def of(self, name: str) -> Any:
        fitting = [rule for pattern, rule in self._rules.items() if fnmatch.fnmatchcase(name, pattern)]
        return fitting[-1] if fitting else self._kind()

    def as_dict(self) -> dict:
        return {pattern: asdict(rule) for pattern, rule in self._rules.items()}


images = Rules(Image)
hooks = Rules(Hook)
