"""Network interfaces that load balancers and tasks hold: what DescribeNetworkInterfaces tells who blocks a delete.

moto makes none for them. In AWS those of tasks and load balancers stay for a minute or three after their owner is gone,
and keep subnets and security groups from being deleted (setting `interface_lingering_seconds`).
"""

import fnmatch
import hashlib
import ipaddress
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from ..clock import clock
from ..overlay import AwsError, Call, Place, Store, before, operation
from ..settings import settings

#: interfaces of owners that are gone, each with the time when it goes too
_lingering: Store = Store(list[tuple[datetime, dict]])


def of_load_balancers(place: Place) -> Iterator[dict]:
    for balancer in place.backend("elbv2").load_balancers.values():
        yield from of_load_balancer(place, balancer)


def of_load_balancer(place: Place, balancer: Any) -> Iterator[dict]:
    kind = "interface" if balancer.type == "application" else "network_load_balancer"
    for subnet in balancer.subnets:
        number = hashlib.sha256(f"{balancer.arn} {subnet.id}".encode()).hexdigest()
        yield _interface(
            place, f"eni-{number[:17]}", subnet.id, balancer.security_groups or [], int(number[:4], 16),
            f"ELB {balancer.arn.split(':loadbalancer/')[1]}", "amazon-elb", kind)


def of_tasks(place: Place) -> Iterator[dict]:
    from . import ecs

    for task in ecs.state(place).tasks.values():
        if task["lastStatus"] != "STOPPED" and task["_network"]:
            yield of_task(place, task)


def of_task(place: Place, task: dict) -> dict:
    attachment = task["attachments"][0]
    details = {item["name"]: item["value"] for item in attachment["details"]}
    shown = _interface(place, details["networkInterfaceId"], details["subnetId"], task["_network"].get("securityGroups", []),
                       0, place.arn("ecs", f"attachment/{attachment['id']}"), place.account, "interface")
    shown["PrivateIpAddress"] = details["privateIPv4Address"]
    return shown


def _interface(place: Place, interface: str, subnet_id: str, groups: list[str], number: int, description: str, owner: str,
               kind: str) -> dict:
    subnet = place.backend("ec2").get_subnet(subnet_id)
    block = ipaddress.ip_network(subnet.cidr_block)
    return {
        "NetworkInterfaceId": interface,
        "SubnetId": subnet_id,
        "VpcId": subnet.vpc_id,
        "AvailabilityZone": subnet.availability_zone,
        "Description": description,
        "Groups": [{"GroupId": group, "GroupName": _name(place, group)} for group in groups],
        "InterfaceType": kind,
        "OwnerId": place.account,
        "PrivateIpAddress": str(block[4 + number % max(1, block.num_addresses - 8)]),
        "RequesterId": owner,
        "RequesterManaged": True,
        "Status": "in-use",
        "Attachment": {"Status": "attached", "InstanceOwnerId": owner, "DeviceIndex": 1},
    }


def _name(place: Place, group_id: str) -> str:
    group = place.backend("ec2").get_security_group_from_id(group_id)
    return group.name if group else ""


def linger(place: Place, interfaces: list[dict]) -> None:
    """Their owner is gone; they stay a while."""
    until = clock.now() + timedelta(seconds=settings.interface_lingering_seconds)
    _lingering.of(place).extend((until, {**interface, "Status": "available", "Attachment": None}) for interface in interfaces)


def lingering(place: Place) -> list[dict]:
    known = _lingering.of(place)
    known[:] = [(until, interface) for until, interface in known if until > clock.now()]
    return [interface for _, interface in known]


def _every(place: Place) -> list[dict]:
    return [*of_load_balancers(place), *of_tasks(place), *lingering(place)]


#: Filters of DescribeNetworkInterfaces, and where their values are.
FILTERS = {
    "network-interface-id": "NetworkInterfaceId", "subnet-id": "SubnetId", "vpc-id": "VpcId", "description": "Description",
    "availability-zone": "AvailabilityZone", "interface-type": "InterfaceType", "owner-id": "OwnerId",
    "private-ip-address": "PrivateIpAddress", "requester-id": "RequesterId", "status": "Status",
}


def _fits(interface: dict, wanted: dict) -> bool:
    name, patterns = wanted["Name"], wanted["Values"]
    if name == "group-id":
        values = [group["GroupId"] for group in interface["Groups"]]
    elif name == "requester-managed":
        values = ["true"]
    elif name in FILTERS:
        values = [interface[FILTERS[name]]]
    else:
        return False
    return any(fnmatch.fnmatchcase(value, pattern) for value in values for pattern in patterns)


@operation("ec2", "DescribeNetworkInterfaces")
def describe_network_interfaces(call: Call) -> dict:
    """Those that users made, and those that load balancers and tasks hold."""
    if lingering(call.place):
        clock.poll()  # who waits for them to go looks again and again
    wanted, filters = call.params.get("NetworkInterfaceIds") or [], call.params.get("Filters") or []
    ours = {interface["NetworkInterfaceId"]: interface for interface in _every(call.place)}
    theirs: list[Any] = []
    unknown = [item for item in wanted if item not in ours]
    if unknown or (not wanted and call.backend().enis):
        names = {item["Name"]: item["Values"] for item in filters}
        theirs = call.backend().get_all_network_interfaces(unknown, names)
    fitting = [interface for key, interface in ours.items()
               if (not wanted or key in wanted) and all(_fits(interface, item) for item in filters)]
    return {"NetworkInterfaces": [*theirs, *fitting]}


@before("ec2", "DeleteNetworkInterface", "DetachNetworkInterface")
def refuse_managed(call: Call) -> None:
    """Interfaces of a service cannot be removed by hand."""
    interface = call.params.get("NetworkInterfaceId")
    found = next((item for item in _every(call.place) if item["NetworkInterfaceId"] == interface), None)
    if found and found["Status"] == "in-use":
        raise AwsError("InvalidParameterValue", f"Network interface '{interface}' is currently in use.")
    if found:
        known = _lingering.of(call.place)
        known[:] = [(until, item) for until, item in known if item["NetworkInterfaceId"] != interface]


@before("elbv2", "DeleteLoadBalancer")
def leave_interfaces(call: Call) -> None:
    balancer = call.backend().load_balancers.get(call.params["LoadBalancerArn"])
    if balancer and settings.interface_lingering_seconds and balancer.attrs["deletion_protection.enabled"] != "true":
        linger(call.place, list(of_load_balancer(call.place, balancer)))
