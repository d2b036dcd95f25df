"""Which load balancers, tasks and ECS services use a subnet, a security group or a VPC."""

from collections.abc import Callable, Iterator
from typing import Any

from ..clock import clock
from ..overlay import Call


def users_of_subnet(call: Call, subnet_id: str) -> Iterator[str]:
    for balancer in _load_balancers(call):
        if subnet_id in (subnet.id for subnet in balancer.subnets):
            yield balancer.arn
    for arn, network in _service_networks(call):
        if subnet_id in network.get("subnets", ()):
            yield arn
    yield from _left_behind(call, lambda interface: interface["SubnetId"] == subnet_id)


def users_of_security_group(call: Call, group_id: str) -> Iterator[str]:
    for balancer in _load_balancers(call):
        if group_id in balancer.security_groups:
            yield balancer.arn
    for arn, network in _service_networks(call):
        if group_id in network.get("securityGroups", ()):
            yield arn
    yield from _left_behind(call, lambda interface: group_id in (group["GroupId"] for group in interface["Groups"]))


def public_users_of_vpc(call: Call, vpc_id: str) -> Iterator[str]:
    for balancer in _load_balancers(call):
        if balancer.vpc_id == vpc_id and balancer.scheme == "internet-facing":
            yield balancer.arn
    ec2 = call.backend("ec2")
    for arn, network in _service_networks(call):
        inside = any(ec2.get_subnet(subnet).vpc_id == vpc_id for subnet in network.get("subnets", ()))
        if inside and network.get("assignPublicIp") == "ENABLED":
            yield arn


def _load_balancers(call: Call) -> list[Any]:
    return list(call.backend("elbv2").load_balancers.values())


def _service_networks(call: Call) -> Iterator[tuple[str, dict]]:
    """Network configurations of ECS services that still have tasks (or drain)."""
    from . import ecs

    return ecs.service_networks(call.account, call.region)


def _left_behind(call: Call, uses: Callable[[dict], bool]) -> Iterator[str]:
    """Interfaces of owners that are gone. Who tries again polls: time passes."""
    from . import ec2_interfaces

    found = [interface["NetworkInterfaceId"] for interface in ec2_interfaces.lingering(call.place) if uses(interface)]
    if found:
        clock.poll()
    yield from found
