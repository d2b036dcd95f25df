"""Lambda functions as lifecycle hooks: invoked by deployments, answered as tests decide (`behaviour.hooks`)."""

import uuid
from dataclasses import asdict, dataclass, field

from ..behaviour import hooks
from ..clock import clock


@dataclass(eq=False)
class Execution:
    """One invocation that a deployment waits for."""

    function: str
    #: deployment id, or ARN of the service deployment
    deployment: str
    event: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    #: None = no answer yet; Succeeded, Failed, missing
    result: str | None = None
    was_pending: bool = False


executions: list[Execution] = []


def invoke(function: str, deployment: str, event: str) -> Execution:
    execution = Execution(function.rsplit(":function:", 1)[-1], deployment, event)
    executions.append(execution)
    rule = hooks.of(execution.function)
    execution.was_pending = rule.result == "pending"
    if rule.result in ("Succeeded", "Failed", "missing"):
        clock.after(rule.seconds, lambda: _answer(execution, rule.result))
    return execution


def _answer(execution: Execution, result: str) -> None:
    execution.result = execution.result or result


def answer_of(execution: Execution) -> str | None:
    """For callers that ask again and again: a `pending` rule that a test changes is an answer too."""
    result = hooks.of(execution.function).result
    if not execution.result and result in ("Succeeded", "Failed") and execution.was_pending:
        execution.result = result
    return execution.result


def listed() -> list[dict]:
    return [asdict(execution) for execution in executions]
