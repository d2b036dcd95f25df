"""Which target groups a listener sends to, and moving weights between the two of a pair, as deployments do.

CodeDeploy and ECS change the default action and the rules of a production listener that forward to the pair; the
group that has no traffic any more stays in the action with weight 0 (of application load balancers).
"""

import copy
from collections.abc import Iterator
from typing import Any

from moto.elbv2.models import FakeAction

from ..overlay import Place


def listener_at(place: Place, arn: str) -> Any:
    for balancer in place.backend("elbv2").load_balancers.values():
        if arn in balancer.listeners:
            return balancer.listeners[arn]
    return None


def rule_at(place: Place, arn: str) -> Any:
    """A rule by its ARN, default rules too."""
    for balancer in place.backend("elbv2").load_balancers.values():
        for listener in balancer.listeners.values():
            for rule in listener.rules.values():
                if rule.arn == arn:
                    return rule
    return None


def rules_of(place: Place, listener_or_rule: str) -> list[Any]:
    listener = listener_at(place, listener_or_rule)
    if listener:
        return list(listener.rules.values())
    rule = rule_at(place, listener_or_rule)
    return [rule] if rule else []


def _forwards(place: Place, listener_or_rule: str, pair: list[str]) -> Iterator[tuple[Any, int, dict[str, int]]]:
    """Rule, position of the action and its weights, of all forward actions that send only to the pair."""
    for rule in rules_of(place, listener_or_rule):
        for position, action in enumerate(rule.actions):
            groups = action.data.get("ForwardConfig", {}).get("TargetGroups", [])
            weights = {group["TargetGroupArn"]: int(group.get("Weight", 1)) for group in groups}
            if weights and set(weights) <= set(pair):
                yield rule, position, weights


def weights(place: Place, listener_or_rule: str, pair: list[str]) -> dict[str, float]:
    """Percent of the traffic per group of the pair; empty when the listener sends to neither."""
    for _, _, parts in _forwards(place, listener_or_rule, pair):
        total = sum(parts.values())
        if total:
            return {arn: round(100 * parts.get(arn, 0) / total, 1) for arn in pair}
    return {}


def shift(place: Place, listener_or_rule: str, first: str, second: str, percent: float) -> bool:
    """`percent` of the traffic to `second`, the rest to `first`. False when nothing sends to them."""
    scale = 1 if float(percent).is_integer() else 10
    wanted = {first: round((100 - percent) * scale), second: round(percent * scale)}
    changes = list(_forwards(place, listener_or_rule, [first, second]))
    is_weighted = any(len(parts) > 1 for _, _, parts in changes)
    if "/net/" in listener_or_rule and not is_weighted:  # CodeDeploy leaves no group without traffic there
        wanted = {arn: weight for arn, weight in wanted.items() if weight}
    for rule, position, _ in changes:
        data = copy.deepcopy(rule.actions[position].data)
        data.pop("TargetGroupArn", None)
        if len(wanted) == 1:
            data["TargetGroupArn"] = next(iter(wanted))
        data["ForwardConfig"]["TargetGroups"] = [
            {"TargetGroupArn": arn, "Weight": weight} for arn, weight in wanted.items()
        ]
        action = FakeAction(data)
        action.Order = data.get("Order", position + 1)
        _set_action(place, rule, position, action)
    return bool(changes)


def _set_action(place: Place, rule: Any, position: int, action: FakeAction) -> None:
    actions = list(rule.actions)
    actions[position] = action
    rule.actions = actions
    listener = listener_at(place, rule.listener_arn)
    if listener and rule.is_default:
        listener.default_actions = actions
    if listener:
        listener.creation = None  # a repeated CreateListener is no repeat any more
