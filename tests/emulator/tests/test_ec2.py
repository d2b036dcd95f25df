"""Tests of the emulator: ec2."""

from support import EmulatorTest


class Ec2(EmulatorTest):
    def setUp(self) -> None:
        super().setUp()
        self.ec2 = self.emulator.client("ec2")
        self.vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]

    def subnet(self, cidr: str = "10.0.0.0/24") -> str:
        return self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=cidr)["Subnet"]["SubnetId"]

    def group(self, name: str) -> str:
        return self.ec2.create_security_group(GroupName=name, Description="d", VpcId=self.vpc)["GroupId"]

    def test_network_teardown_in_order(self) -> None:
        ec2 = self.ec2
        subnet = self.subnet()
        igw = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=igw, VpcId=self.vpc)
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        self.emulator.control("POST", "settings", {"nat_gateway_pending_polls": 1, "nat_gateway_deleting_polls": 1})
        nat = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
        state = lambda: ec2.describe_nat_gateways(NatGatewayIds=[nat])["NatGateways"][0]["State"]  # noqa: E731
        self.assertEqual(["pending", "available"], [state(), state()])
        table = ec2.create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"]
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)

        self.refused("DependencyViolation", ec2.delete_vpc, VpcId=self.vpc)
        self.refused("DependencyViolation", ec2.delete_subnet, SubnetId=subnet)
        self.refused("DependencyViolation", ec2.delete_route_table, RouteTableId=table)
        self.refused("DependencyViolation", ec2.delete_internet_gateway, InternetGatewayId=igw)
        self.refused("DependencyViolation", ec2.detach_internet_gateway, InternetGatewayId=igw, VpcId=self.vpc)
        self.refused("InvalidIPAddress.InUse", ec2.release_address, AllocationId=address)

        ec2.delete_nat_gateway(NatGatewayId=nat)
        self.assertEqual(["deleting", "deleted"], [state(), state()])
        ec2.release_address(AllocationId=address)
        ec2.detach_internet_gateway(InternetGatewayId=igw, VpcId=self.vpc)
        ec2.delete_internet_gateway(InternetGatewayId=igw)
        ec2.delete_subnet(SubnetId=subnet)
        ec2.delete_route_table(RouteTableId=table)
        ec2.delete_vpc(VpcId=self.vpc)
        self.assertEqual([], self.leftovers())

    def test_security_group_rules(self) -> None:
        ec2, group, other = self.ec2, self.group("a"), self.group("b")
        egress = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissionsEgress"]
        self.assertEqual("0.0.0.0/0", egress[0]["IpRanges"][0]["CidrIp"])
        http = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80,
                "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "in"}]}
        peer = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": other, "Description": "peer"}]}
        rules = ec2.authorize_security_group_ingress(
            GroupId=group, IpPermissions=[http, peer],
            TagSpecifications=[{"ResourceType": "security-group-rule", "Tags": [{"Key": "k", "Value": "v"}]}],
        )["SecurityGroupRules"]
        self.assertEqual([80, -1], [rule["FromPort"] for rule in rules])
        self.assertEqual(["in", "peer"], [rule["Description"] for rule in rules])
        self.assertEqual([{"Key": "k", "Value": "v"}], rules[0]["Tags"])
        again = {**http, "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "other"}]}
        new = {**http, "FromPort": 81, "ToPort": 81}
        self.refused("InvalidPermission.Duplicate", ec2.authorize_security_group_ingress,
                     GroupId=group, IpPermissions=[new, again])
        by_group = [{"Name": "group-id", "Values": [group]}]
        self.assertEqual(3, len(ec2.describe_security_group_rules(Filters=by_group)["SecurityGroupRules"]))
        self.refused("DependencyViolation", ec2.delete_security_group, GroupId=other)
        rule_id = rules[1]["SecurityGroupRuleId"]
        ec2.modify_security_group_rules(GroupId=group, SecurityGroupRules=[
            {"SecurityGroupRuleId": rule_id,
             "SecurityGroupRule": {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "CidrIpv6": "::/0"}}])
        changed = ec2.describe_security_group_rules(SecurityGroupRuleIds=[rule_id])["SecurityGroupRules"][0]
        self.assertEqual(("::/0", 1, None), (changed["CidrIpv6"], changed["FromPort"],
                                             changed.get("ReferencedGroupInfo")))
        ec2.delete_security_group(GroupId=other)
        ec2.revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=[rule_id])
        self.refused("InvalidSecurityGroupRuleId.NotFound", ec2.revoke_security_group_ingress,
                     GroupId=group, SecurityGroupRuleIds=[rule_id])
        self.refused("InvalidPermission.NotFound", ec2.revoke_security_group_ingress,
                     GroupId=group, IpPermissions=[new])

    def test_descriptions_of_rules(self) -> None:
        ec2, group, other = self.ec2, self.group("a"), self.group("b")

        def permissions(**description: str) -> list[dict]:
            return [
                {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80,
                 "IpRanges": [{"CidrIp": "10.0.0.0/8", **description}],
                 "PrefixListIds": [{"PrefixListId": "pl-1", **description}]},
                {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": other, **description}]},
            ]

        def descriptions() -> set:
            rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])
            return {rule.get("Description") for rule in rules["SecurityGroupRules"] if not rule["IsEgress"]}

        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=permissions(Description="old"))
        self.assertEqual({"old"}, descriptions())
        for about in ("new", None):
            given = {"Description": about} if about else {}
            ec2.update_security_group_rule_descriptions_ingress(GroupId=group, IpPermissions=permissions(**given))
            self.assertEqual({about}, descriptions())

    def test_attributes(self) -> None:
        ec2, subnet = self.ec2, self.subnet()
        ec2.modify_vpc_attribute(VpcId=self.vpc, EnableNetworkAddressUsageMetrics={"Value": True})
        read = ec2.describe_vpc_attribute(VpcId=self.vpc, Attribute="enableNetworkAddressUsageMetrics")
        self.assertTrue(read["EnableNetworkAddressUsageMetrics"]["Value"])
        for name, value in {"MapPublicIpOnLaunch": {"Value": True}, "EnableDns64": {"Value": True},
                            "PrivateDnsHostnameTypeOnLaunch": "resource-name",
                            "EnableResourceNameDnsAAAARecordOnLaunch": {"Value": True}}.items():
            ec2.modify_subnet_attribute(SubnetId=subnet, **{name: value})
        shown = ec2.describe_subnets(SubnetIds=[subnet])["Subnets"][0]
        self.assertTrue(shown["MapPublicIpOnLaunch"] and shown["EnableDns64"])
        self.assertEqual("resource-name", shown["PrivateDnsNameOptionsOnLaunch"]["HostnameType"])
        self.assertTrue(shown["PrivateDnsNameOptionsOnLaunch"]["EnableResourceNameDnsAAAARecord"])
