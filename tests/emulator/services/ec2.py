"""EC2 networking: refusals to delete what is in use, NAT gateway phases, subnet attributes.

moto deletes anything asked for. AWS refuses with `DependencyViolation` and friends
(EC2 API reference, "Error codes for the Amazon EC2 API").
"""

from collections.abc import Iterator
from typing import Any

from moto.ec2.models.elastic_ip_addresses import ElasticAddress
from moto.ec2.models.subnets import Subnet
from moto.ec2.models.vpcs import VPC

from ..overlay import AwsError, Call, after, before, existing_backends, leftovers, operation
from ..settings import settings
from . import usage


def dependency_violation(message: str) -> AwsError:
    return AwsError("DependencyViolation", message)


# --- VPC ------------------------------------------------------------------------------


@before("ec2", "DeleteVpc")
def refuse_vpc_in_use(call: Call) -> None:
    """DeleteVpc: "You must detach or delete all gateways and resources … first"."""
    backend, vpc_id = call.backend(), call.params["VpcId"]
    vpc = backend.get_vpc(vpc_id)
    if any(_vpc_contents(backend, vpc_id)):
        raise dependency_violation(f"The vpc '{vpc_id}' has dependencies and cannot be deleted.")
    # AWS leaves the DHCP options set alone; moto would delete it with its VPC.
    if vpc.dhcp_options:
        vpc.dhcp_options.vpc = None
        vpc.dhcp_options = None


def _vpc_contents(backend: Any, vpc_id: str) -> Iterator[Any]:
    yield from (s for s in _subnets(backend) if s.vpc_id == vpc_id)
    yield from (g for g in backend.internet_gateways.values() if g.vpc and g.vpc.id == vpc_id)
    yield from (g for g in backend.egress_only_internet_gateways.values() if g.vpc_id == vpc_id)
    yield from (g for g in backend.nat_gateways.values() if g.vpc_id == vpc_id and g.state != "deleted")
    yield from (g for g in backend.groups.get(vpc_id, {}).values() if not g.is_default)
    yield from (t for t in backend.route_tables.values() if t.vpc_id == vpc_id and not t.main_association_id)
    yield from (e for e in backend.enis.values() if e.vpc_id == vpc_id)
    yield from (e for e in backend.vpc_end_points.values() if e.vpc_id == vpc_id)


def _subnets(backend: Any) -> Iterator[Any]:
    for zone in backend.subnets.values():
        yield from zone.values()


_moto_vpc_ipv6_ranges = VPC.ipv6_cidr_block_association_set.fget  # type: ignore[attr-defined]


def _vpc_ipv6_ranges(vpc: VPC) -> list[dict[str, Any]]:
    """moto keeps the network border group under a name that DescribeVpcs does not have."""
    ranges = _moto_vpc_ipv6_ranges(vpc)
    for one in ranges:
        group = one.get("ipv6_cidr_block_network_border_group")
        one["network_border_group"] = group or vpc.ec2_backend.region_name
    return ranges


VPC.ipv6_cidr_block_association_set = property(_vpc_ipv6_ranges)  # type: ignore


# --- Subnet ---------------------------------------------------------------------------

#: ModifySubnetAttribute parameters that are plain attributes of DescribeSubnets.
SUBNET_FLAGS = (
    "MapPublicIpOnLaunch",
    "AssignIpv6AddressOnCreation",
    "EnableDns64",
    "MapCustomerOwnedIpOnLaunch",
)
#: … and those nested in PrivateDnsNameOptionsOnLaunch.
SUBNET_DNS_FLAGS = {
    "EnableResourceNameDnsARecordOnLaunch": "EnableResourceNameDnsARecord",
    "EnableResourceNameDnsAAAARecordOnLaunch": "EnableResourceNameDnsAAAARecord",
}

Subnet.enable_dns64 = False
Subnet.map_customer_owned_ip_on_launch = False


def _ipv6_ranges(subnet: Subnet) -> list[dict[str, Any]]:
    """moto puts the state one level too deep."""
    return [
        {
            "AssociationId": association_id,
            "Ipv6CidrBlock": association["ipv6CidrBlock"],
            "Ipv6CidrBlockState": {"State": "associated"},
        }
        for association_id, association in subnet.ipv6_cidr_block_associations.items()
        if association["ipv6CidrBlockState"]["State"] == "associated"
    ]


Subnet.ipv6_cidr_block_association_set = property(_ipv6_ranges)  # type: ignore


@after("ec2", "CreateSubnet")
def make_no_default_subnet(call: Call, result: dict) -> None:
    """moto takes the first subnet of a zone for the default one, which gives public addresses."""
    subnet = result["Subnet"]
    subnet.default_for_az = subnet.map_public_ip_on_launch = False


@before("ec2", "DeleteSubnet")
def refuse_subnet_in_use(call: Call) -> None:
    backend, subnet_id = call.backend(), call.params["SubnetId"]
    backend.get_subnet(subnet_id)
    interfaces = (e for e in backend.enis.values() if e.subnet.id == subnet_id)
    if any(interfaces) or any(usage.users_of_subnet(call, subnet_id)):
        raise dependency_violation(f"The subnet '{subnet_id}' has dependencies and cannot be deleted.")
    _drop_route_table_associations(backend, subnet_id)


def _drop_route_table_associations(backend: Any, subnet_id: str) -> None:
    """Deleting a subnet ends its route table associations; moto would keep them for ever."""
    for table in backend.route_tables.values():
        for association, target in list(table._associations.items()):
            if target == subnet_id:
                del table._associations[association]


@operation("ec2", "ModifySubnetAttribute")
def modify_subnet_attribute(call: Call) -> None:
    """ModifySubnetAttribute: moto knows three of the attributes."""
    subnet = call.backend().get_subnet(call.params["SubnetId"])
    for name, attribute in call.params.items():
        value = attribute.get("Value") if isinstance(attribute, dict) else attribute
        if name in SUBNET_FLAGS:
            setattr(subnet, _snake(name), value)
        elif name in SUBNET_DNS_FLAGS:
            subnet.private_dns_name_options_on_launch[SUBNET_DNS_FLAGS[name]] = value
        elif name == "PrivateDnsHostnameTypeOnLaunch":
            subnet.private_dns_name_options_on_launch["HostnameType"] = value
        elif name == "EnableLniAtDeviceIndex":
            subnet.enable_lni_at_device_index = value
        elif name == "CustomerOwnedIpv4Pool":
            subnet.customer_owned_ipv4_pool = value


def _snake(name: str) -> str:
    from botocore import xform_name

    return xform_name(name)


# --- Route tables ---------------------------------------------------------------------


@before("ec2", "DeleteRouteTable")
def refuse_route_table_in_use(call: Call) -> None:
    table = call.backend().get_route_table(call.params["RouteTableId"])
    if table.main_association_id or table._associations:
        raise dependency_violation(f"The routeTable '{table.id}' has dependencies and cannot be deleted.")


@before("ec2", "CreateRoute", "ReplaceRoute")
def refuse_unknown_nat_gateway(call: Call) -> None:
    """`InvalidNatGatewayID.NotFound`; moto stores a route to nowhere."""
    nat_id = call.params.get("NatGatewayId")
    if nat_id:
        nat = call.backend().nat_gateways.get(nat_id)
        if not nat or nat.state in ("deleting", "deleted"):
            raise AwsError("InvalidNatGatewayID.NotFound", f"The natGateway ID '{nat_id}' does not exist")


# --- Internet gateways ----------------------------------------------------------------


@before("ec2", "DeleteInternetGateway")
def refuse_attached_internet_gateway(call: Call) -> None:
    gateway = call.backend().get_internet_gateway(call.params["InternetGatewayId"])
    if gateway.vpc:
        raise dependency_violation(f"The internetGateway '{gateway.id}' has dependencies and cannot be deleted.")


@before("ec2", "DetachInternetGateway")
def refuse_detach_with_public_addresses(call: Call) -> None:
    """DetachInternetGateway: the VPC "must not contain any … with Elastic IP / public addresses"."""
    backend, vpc_id = call.backend(), call.params["VpcId"]
    mapped = any(e.public_ip for e in backend.enis.values() if e.vpc_id == vpc_id)
    if mapped or any(usage.public_users_of_vpc(call, vpc_id)):
        raise dependency_violation(
            f"Network {vpc_id} has some mapped public address(es). "
            "Please unmap those public address(es) before detaching the gateway."
        )


@before("ec2", "AttachInternetGateway")
def refuse_second_gateway(call: Call) -> None:
    """A VPC has one internet gateway at most (`InvalidParameterValue`)."""
    vpc_id = call.params["VpcId"]
    for gateway in call.backend().internet_gateways.values():
        if gateway.vpc and gateway.vpc.id == vpc_id and gateway.id != call.params["InternetGatewayId"]:
            raise AwsError("InvalidParameterValue", f"Network {vpc_id} already has an internet gateway attached")


# --- Elastic addresses and interfaces -------------------------------------------------


@before("ec2", "ReleaseAddress")
def refuse_associated_address(call: Call) -> None:
    """ReleaseAddress on an associated VPC address fails with `InvalidIPAddress.InUse`."""
    for address in _addresses(call, "AllocationId", "PublicIp"):
        if address.association_id:
            raise AwsError("InvalidIPAddress.InUse", f"Address {address.public_ip} is in use.")


@before("ec2", "DisassociateAddress")
def refuse_address_of_nat_gateway(call: Call) -> None:
    """AWS owns the association of a NAT gateway: `AuthFailure` for everyone else."""
    backend = call.backend()
    nat_interfaces = {n._eni.id for n in backend.nat_gateways.values() if n.state != "deleted"}
    for address in _addresses(call, "AssociationId", "PublicIp"):
        if address.network_interface_id in nat_interfaces:
            raise AwsError("AuthFailure", "You do not have permission to access the specified resource.")


# An unassociated address has no such members; moto sends empty strings.
ElasticAddress.instance_id = property(lambda address: address.instance.id if address.instance else None)
ElasticAddress.network_interface_id = property(lambda address: address.eni.id if address.eni else None)


@after("ec2", "TerminateInstances")
def delete_primary_interfaces(call: Call, _: Any) -> None:
    """An instance's own interface goes with it; moto leaves it in its subnet for ever."""
    gone = set(call.params["InstanceIds"])
    enis = call.backend().enis
    for eni_id, eni in list(enis.items()):
        if eni.instance and eni.instance.id in gone and eni.description == "Primary network interface":
            del enis[eni_id]


def _addresses(call: Call, *keys: str) -> list[Any]:
    wanted = {call.params.get(key) for key in keys} - {None}
    return [
        address
        for address in call.backend().addresses
        if wanted & {address.allocation_id, address.public_ip, address.association_id}
    ]


@before("ec2", "DeleteNetworkInterface")
def refuse_interface_in_use(call: Call) -> None:
    eni_id = call.params["NetworkInterfaceId"]
    eni = call.backend().get_network_interface(eni_id)
    if eni.attachment_id or eni.instance or eni.status == "in-use":
        raise AwsError("InvalidParameterValue", f"Network interface '{eni_id}' is currently in use.")


# --- NAT gateways ---------------------------------------------------------------------


@before("ec2", "CreateNatGateway")
def check_nat_gateway_address(call: Call) -> None:
    """`Resource.AlreadyAssociated`: an address serves one NAT gateway."""
    call.backend().get_subnet(call.params["SubnetId"])
    allocation = call.params.get("AllocationId")
    if allocation and call.backend().address_by_allocation([allocation])[0].association_id:
        raise AwsError(
            "Resource.AlreadyAssociated",
            f"Elastic IP address [{allocation}] is already associated",
        )


@after("ec2", "CreateNatGateway")
def start_pending(call: Call, result: dict) -> None:
    nat = result["NatGateway"]
    nat.connectivity_type = nat.connectivity_type or "public"
    nat._eni._group_set = []  # a NAT gateway's interface has no security group
    nat._eni.description = f"Interface for NAT Gateway {nat.id}"
    nat._eni.interface_type = "nat_gateway"
    nat._eni.status = "in-use"
    nat._eni.requester_managed = True
    nat.address_set[0]["isPrimary"] = True
    nat.address_set[0]["status"] = "succeeded"
    nat.polls_left = settings.nat_gateway_pending_polls
    if nat.polls_left:
        nat.state = "pending"


@before("ec2", "DescribeNatGateways")
def advance_nat_gateways(call: Call) -> None:
    """Each describe is one step of pending → available and deleting → deleted."""
    gateways = call.backend().nat_gateways
    wanted = call.params.get("NatGatewayIds") or list(gateways)
    for nat_id in wanted:
        if nat_id not in gateways:
            raise AwsError("NatGatewayNotFound", f"NAT gateway {nat_id} was not found")
        _advance(call, gateways[nat_id])


def _advance(call: Call, nat: Any) -> None:
    if nat.state not in ("pending", "deleting"):
        return
    if nat.polls_left > 0:
        nat.polls_left -= 1
    elif nat.state == "pending":
        nat.state = "available"
    else:
        _release(call, nat)


@operation("ec2", "DeleteNatGateway")
def delete_nat_gateway(call: Call) -> dict:
    """DeleteNatGateway: disassociates the address and frees the interface once deleted."""
    nat_id = call.params["NatGatewayId"]
    nat = call.backend().nat_gateways.get(nat_id)
    if not nat or nat.state == "deleted":
        raise AwsError("NatGatewayNotFound", f"NAT gateway {nat_id} was not found")
    nat.polls_left = settings.nat_gateway_deleting_polls
    nat.state = "deleting"
    if not nat.polls_left:
        _release(call, nat)
    return {"NatGatewayId": nat_id}


def _release(call: Call, nat: Any) -> None:
    backend = call.backend()
    for address in list(backend.addresses):
        if address.eni is nat._eni:
            backend.disassociate_address(association_id=address.association_id)
    backend.enis.pop(nat._eni.id, None)
    nat.state = "deleted"


# --- VPC endpoints --------------------------------------------------------------------


@after("ec2", "CreateVpcEndpoint")
def give_interfaces_the_endpoints_groups(call: Call, result: dict) -> None:
    """An interface endpoint's security groups sit on its network interfaces."""
    endpoint, backend = result["VpcEndpoint"], call.backend()
    groups = [backend.get_security_group_from_id(g) for g in call.params.get("SecurityGroupIds") or []]
    for eni_id in endpoint.network_interface_ids or []:
        eni = backend.enis[eni_id]
        eni.status, eni.interface_type, eni.requester_managed = "in-use", "vpc_endpoint", True
        eni.description = f"VPC Endpoint Interface {endpoint.id}"
        if groups:
            eni._group_set = groups


@after("ec2", "DeleteVpcEndpoints")
def forget_deleted_endpoints(call: Call, _: Any) -> None:
    """A deleted endpoint vanishes from DescribeVpcEndpoints; moto keeps it as `deleted`."""
    endpoints = call.backend().vpc_end_points
    for endpoint_id in [key for key, endpoint in endpoints.items() if endpoint.state == "deleted"]:
        del endpoints[endpoint_id]


# --- What is left ---------------------------------------------------------------------


@leftovers("ec2")
def ec2_leftovers() -> Iterator[tuple[str, str]]:
    for backend in existing_backends("ec2"):
        yield from _network_leftovers(backend)
        yield from _other_leftovers(backend)


def _network_leftovers(backend: Any) -> Iterator[tuple[str, str]]:
    default = {vpc.id for vpc in backend.vpcs.values() if vpc.is_default}
    yield from (("vpc", key) for key in backend.vpcs if key not in default)
    yield from (("subnet", s.id) for s in _subnets(backend) if not s.default_for_az)
    for groups in list(backend.groups.values()):
        yield from (("security-group", g.id) for g in groups.values() if not g.is_default)
    yield from (("route-table", t.id) for t in backend.route_tables.values() if not t.main_association_id)
    yield from (("network-acl", a.id) for a in backend.network_acls.values() if not _is_default_acl(a))
    yield from (("internet-gateway", key) for key in backend.internet_gateways)
    yield from (("egress-only-internet-gateway", key) for key in backend.egress_only_internet_gateways)
    yield from (("nat-gateway", n.id) for n in backend.nat_gateways.values() if n.state != "deleted")
    yield from (("elastic-ip", a.allocation_id or a.public_ip) for a in backend.addresses)
    yield from (("network-interface", key) for key in backend.enis)
    yield from (("vpc-endpoint", key) for key in backend.vpc_end_points)


def _is_default_acl(acl: Any) -> bool:
    return str(acl.default).lower() == "true"


def _volumes_of_amis(backend: Any) -> set[str]:
    return {snapshot.volume.id for snapshot in backend.snapshots.values() if snapshot.from_ami}


def _other_leftovers(backend: Any) -> Iterator[tuple[str, str]]:
    for reservation in backend.reservations.values():
        yield from (("instance", i.id) for i in reservation.instances if i._state.name != "terminated")
    # moto builds its AMIs from volumes of its own, which nobody created.
    amis = _volumes_of_amis(backend)
    yield from (("volume", key) for key in backend.volumes if key not in amis)
    yield from (("dhcp-options", key) for key in backend.dhcp_options_sets)
    yield from (("launch-template", key) for key in backend.launch_templates)
    yield from (("key-pair", key) for key in backend.key_pairs)
    yield from (("flow-log", key) for key in backend.flow_logs)
    yield from (
        ("vpc-peering-connection", p.id)
        for p in backend.vpc_pcxs.values()
        if p._status.code not in ("deleted", "rejected", "expired", "failed")
    )
