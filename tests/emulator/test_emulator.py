"""Self test of the emulator: `python -m unittest tests/emulator/test_emulator.py`."""

import functools
import http.client
import json
import os
import subprocess
import sys
import unittest
import urllib.request
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

HERE = os.path.dirname(os.path.abspath(__file__))
REGION = "eu-west-1"


class Emulator:
    """One emulator process for all tests."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "__main__.py"), "--port", "0", "--until-eof"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        line = self.process.stdout.readline()
        self.url = "http://" + line.split()[-1]
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = boto3.client(
                service,
                endpoint_url=self.url,
                region_name=REGION,
                aws_access_key_id="test",
                aws_secret_access_key="test",
                config=Config(retries={"total_max_attempts": 1}),
            )
        return self._clients[service]

    def control(self, method: str, path: str, value: Any = None) -> Any:
        body = None if value is None else json.dumps(value).encode()
        request = urllib.request.Request(f"{self.url}/_glaz/{path}", data=body, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read())

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.wait(5)
        self.process.stdout.close()


@functools.cache
def running_emulator() -> Emulator:
    """Started once, for all test classes."""
    emulator = Emulator()
    unittest.addModuleCleanup(emulator.stop)
    return emulator


class EmulatorTest(unittest.TestCase):
    emulator: Emulator

    @classmethod
    def setUpClass(cls) -> None:
        cls.emulator = running_emulator()

    def setUp(self) -> None:
        self.emulator.control("POST", "reset")

    def refused(self, code: str, function: Any, **arguments: Any) -> str:
        """Expect AWS error `code`; the message is returned."""
        with self.assertRaises(ClientError) as caught:
            function(**arguments)
        self.assertEqual(code, caught.exception.response["Error"]["Code"], str(caught.exception))
        return caught.exception.response["Error"]["Message"]

    def leftovers(self) -> list[tuple[str, str]]:
        return [(item["service"], item["type"]) for item in self.emulator.control("GET", "leftovers")]


class Control(EmulatorTest):
    def test_log_names_operations_of_every_protocol(self) -> None:
        self.emulator.client("ec2").describe_vpcs()
        self.emulator.client("ecs").list_clusters()
        self.emulator.client("iam").list_roles()
        self.emulator.client("elbv2").describe_load_balancers()
        self.emulator.client("route53").list_hosted_zones()
        calls = self.emulator.control("GET", "log")
        self.assertEqual(
            ["ec2:DescribeVpcs", "ecs:ListClusters", "iam:ListRoles", "elbv2:DescribeLoadBalancers",
             "route53:ListHostedZones"],
            [f"{call['service']}:{call['operation']}" for call in calls],
        )
        self.emulator.control("DELETE", "log")
        self.assertEqual([], self.emulator.control("GET", "log"))

    def test_faults(self) -> None:
        ecs, ec2, iam = (self.emulator.client(name) for name in ("ecs", "ec2", "iam"))
        self.emulator.control("POST", "faults", [
            {"service": "ecs", "operation": "CreateCluster", "kind": "error_after", "count": 1},
            {"service": "ec2", "kind": "throttle", "count": 1},
            {"service": "iam", "kind": "deny"},
            {"service": "logs", "kind": "reset", "count": 1},
        ])
        self.refused("InternalFailure", ecs.create_cluster, clusterName="c")
        self.assertEqual(1, len(ecs.list_clusters()["clusterArns"]))
        self.refused("RequestLimitExceeded", ec2.describe_vpcs)
        ec2.describe_vpcs()
        self.refused("AccessDenied", iam.list_roles)
        with self.assertRaises(Exception) as caught:
            self.emulator.client("logs").describe_log_groups()
        self.assertIn("Connection", type(caught.exception).__name__)
        self.emulator.client("logs").describe_log_groups()

    def test_missing_operation_is_501_and_named(self) -> None:
        message = self.refused("NotImplemented", self.emulator.client("ec2").describe_capacity_blocks)
        self.assertIn("ec2:DescribeCapacityBlocks", message)

    def test_connections_stay_open(self) -> None:
        connection = http.client.HTTPConnection(self.emulator.url.removeprefix("http://"))
        sockets = set()
        for _ in range(3):
            connection.request("GET", "/_glaz/health")
            connection.getresponse().read()
            sockets.add(connection.sock)
        self.assertEqual(1, len(sockets - {None}))
        connection.close()

    def test_head_tells_the_size(self) -> None:
        s3 = self.emulator.client("s3")
        s3.create_bucket(Bucket="bucket1", CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_object(Bucket="bucket1", Key="k", Body=b"12345")
        self.assertEqual(5, s3.head_object(Bucket="bucket1", Key="k")["ContentLength"])
        self.assertEqual(b"12345", s3.get_object(Bucket="bucket1", Key="k")["Body"].read())
        self.assertEqual(["PutObject", "HeadObject"], [c["operation"] for c in self.emulator.control("GET", "log")][1:3])
        self.assertEqual([("s3", "bucket")], self.leftovers())

    def test_new_account_has_no_leftovers(self) -> None:
        self.emulator.client("ec2").describe_vpcs()
        self.emulator.client("iam").list_roles()
        self.assertEqual([], self.leftovers())


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


class Elbv2(EmulatorTest):
    def setUp(self) -> None:
        super().setUp()
        self.elb, self.ec2 = self.emulator.client("elbv2"), self.emulator.client("ec2")
        default = self.ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
        self.vpc, self.subnets = default[0]["VpcId"], [subnet["SubnetId"] for subnet in default[:2]]

    def balancer(self, name: str = "lb", **more: Any) -> dict:
        return self.elb.create_load_balancer(Name=name, Subnets=self.subnets, **more)["LoadBalancers"][0]

    def group(self, name: str = "blue", **more: Any) -> str:
        arguments = {"Protocol": "HTTP", "Port": 80, "VpcId": self.vpc, "TargetType": "ip", **more}
        return self.elb.create_target_group(Name=name, **arguments)["TargetGroups"][0]["TargetGroupArn"]

    def listener(self, balancer: str, actions: list, **more: Any) -> str:
        arguments = {"Protocol": "HTTP", "Port": 80, **more}
        made = self.elb.create_listener(LoadBalancerArn=balancer, DefaultActions=actions, **arguments)
        return made["Listeners"][0]["ListenerArn"]

    def test_creates_are_idempotent_by_settings(self) -> None:
        first = self.balancer(Tags=[{"Key": "a", "Value": "b"}])["LoadBalancerArn"]
        self.assertEqual(first, self.balancer()["LoadBalancerArn"])
        self.refused("DuplicateLoadBalancerName", self.balancer, Scheme="internal")
        group = self.group()
        self.assertEqual(group, self.group())
        self.refused("DuplicateTargetGroupName", self.group, Port=81)
        forward = [{"Type": "forward", "TargetGroupArn": group}]
        listener = self.listener(first, forward)
        self.assertEqual(listener, self.listener(first, forward))
        self.refused("DuplicateListener", self.listener, balancer=first,
                     actions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}])

    def test_provisioning_and_protection(self) -> None:
        self.emulator.control("POST", "settings", {"load_balancer_provisioning_polls": 1})
        arn = self.balancer()["LoadBalancerArn"]
        states = [self.elb.describe_load_balancers(Names=["lb"])["LoadBalancers"][0]["State"]["Code"] for _ in "ab"]
        self.assertEqual(["provisioning", "active"], states)
        for value in ("true", "false"):
            all_attributes = self.elb.modify_load_balancer_attributes(
                LoadBalancerArn=arn, Attributes=[{"Key": "deletion_protection.enabled", "Value": value}])
            self.assertGreater(len(all_attributes["Attributes"]), 15)
            if value == "true":
                self.refused("OperationNotPermitted", self.elb.delete_load_balancer, LoadBalancerArn=arn)
        self.refused("DependencyViolation", self.ec2.delete_subnet, SubnetId=self.subnets[0])
        self.elb.delete_load_balancer(LoadBalancerArn=arn)
        self.ec2.delete_subnet(SubnetId=self.subnets[0])
        self.refused("LoadBalancerNotFound", self.elb.describe_load_balancers, Names=["lb"])

    def test_listener_rules_and_target_groups(self) -> None:
        elb, balancer = self.elb, self.balancer()["LoadBalancerArn"]
        blue, green = self.group("blue"), self.group("green")
        self.refused("ValidationError", self.listener, balancer=balancer, actions=[
            {"Type": "forward", "TargetGroupArn": blue}], Protocol="HTTPS", Port=443)
        self.refused("CertificateNotFound", self.listener, balancer=balancer, actions=[
            {"Type": "forward", "TargetGroupArn": blue}], Protocol="HTTPS", Port=443,
            Certificates=[{"CertificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/none"}])
        weighted = {"TargetGroups": [{"TargetGroupArn": blue, "Weight": 100}, {"TargetGroupArn": green, "Weight": 0}]}
        listener = self.listener(balancer, [{"Type": "forward", "ForwardConfig": weighted}])
        shown = elb.describe_listeners(ListenerArns=[listener])["Listeners"][0]
        self.assertNotIn("TargetGroupArn", shown["DefaultActions"][0])
        self.assertNotIn("SslPolicy", shown)
        self.refused("ResourceInUse", elb.delete_target_group, TargetGroupArn=green)
        rules = [elb.create_rule(
            ListenerArn=listener, Priority=priority, Actions=[{"Type": "forward", "TargetGroupArn": blue}],
            Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": [f"/{priority}"]}}],
        )["Rules"][0] for priority in (1, 2)]
        self.assertEqual(["/1"], rules[0]["Conditions"][0]["Values"])
        self.assertEqual(1, rules[0]["Actions"][0]["ForwardConfig"]["TargetGroups"][0]["Weight"])
        self.refused("PriorityInUse", elb.create_rule, ListenerArn=listener, Priority=1,
                     Actions=[{"Type": "forward", "TargetGroupArn": blue}],
                     Conditions=[{"Field": "path-pattern", "Values": ["/3"]}])
        elb.set_rule_priorities(RulePriorities=[{"RuleArn": rules[0]["RuleArn"], "Priority": 2},
                                                {"RuleArn": rules[1]["RuleArn"], "Priority": 1}])
        keys = {a["Key"] for a in elb.describe_listener_attributes(ListenerArn=listener)["Attributes"]}
        self.assertIn("routing.http.response.server.enabled", keys)
        group_keys = {a["Key"]: a["Value"] for a in elb.describe_target_group_attributes(TargetGroupArn=blue)["Attributes"]}
        self.assertEqual("86400", group_keys["stickiness.lb_cookie.duration_seconds"])
        elb.register_targets(TargetGroupArn=green, Targets=[{"Id": "10.0.0.9", "Port": 80}])
        elb.modify_listener(ListenerArn=listener, DefaultActions=[{"Type": "forward", "TargetGroupArn": blue}])
        health = elb.describe_target_health(TargetGroupArn=green)["TargetHealthDescriptions"]
        self.assertEqual("Target.NotInUse", health[0]["TargetHealth"]["Reason"])
        elb.delete_target_group(TargetGroupArn=green)
        first = elb.describe_target_groups(PageSize=1)
        self.assertEqual(1, len(first["TargetGroups"]))
        elb.delete_load_balancer(LoadBalancerArn=balancer)
        elb.delete_target_group(TargetGroupArn=blue)
        self.assertEqual([], self.leftovers())


class EcsTest(EmulatorTest):
    """Helpers for ECS and what builds on it."""

    def setUp(self) -> None:
        super().setUp()
        self.ecs, self.ec2, self.elb = (self.emulator.client(name) for name in ("ecs", "ec2", "elbv2"))

    def definition(self, family: str = "web", **more: Any) -> str:
        arguments = {
            "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "1 vCPU", "memory": "2 GB",
            "containerDefinitions": [{"name": "web", "image": "nginx", "portMappings": [{"containerPort": 80}]}],
            **more,
        }
        made = self.ecs.register_task_definition(family=family, **arguments)
        return made["taskDefinition"]["taskDefinitionArn"]

    def network(self) -> dict:
        default = self.ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
        self.vpc, self.subnets = default[0]["VpcId"], [subnet["SubnetId"] for subnet in default[:2]]
        return {"awsvpcConfiguration": {"subnets": self.subnets}}

    def target_group(self) -> str:
        group = self.elb.create_target_group(Name="blue", Protocol="HTTP", Port=80, VpcId=self.vpc, TargetType="ip")
        arn = group["TargetGroups"][0]["TargetGroupArn"]
        balancer = self.elb.create_load_balancer(Name="lb", Subnets=self.subnets)["LoadBalancers"][0]
        self.elb.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80,
                                 DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}])
        return arn

    def describe(self, name: str = "web") -> dict:
        return self.ecs.describe_services(cluster="c", services=[name], include=["TAGS"])["services"][0]


class Ecs(EcsTest):
    def test_cluster(self) -> None:
        ecs = self.ecs
        ecs.create_cluster(clusterName="c", tags=[{"key": "a", "value": "b"}],
                           settings=[{"name": "containerInsights", "value": "enabled"}],
                           configuration={"executeCommandConfiguration": {"logging": "DEFAULT"}})
        ecs.create_cluster(clusterName="c", settings=[{"name": "containerInsights", "value": "disabled"}])
        answer = ecs.describe_clusters(clusters=["c", "none"], include=["TAGS", "SETTINGS", "CONFIGURATIONS"])
        cluster = answer["clusters"][0]
        self.assertEqual("enabled", cluster["settings"][0]["value"])
        self.assertEqual([{"key": "a", "value": "b"}], cluster["tags"])
        self.assertEqual("DEFAULT", cluster["configuration"]["executeCommandConfiguration"]["logging"])
        self.assertEqual("MISSING", answer["failures"][0]["reason"])
        ecs.put_cluster_capacity_providers(cluster="c", capacityProviders=["FARGATE"], defaultCapacityProviderStrategy=[
            {"capacityProvider": "FARGATE", "weight": 1}])
        self.refused("InvalidParameterException", ecs.put_cluster_capacity_providers, cluster="c",
                     capacityProviders=["none"], defaultCapacityProviderStrategy=[])
        ecs.update_cluster_settings(cluster="c", settings=[{"name": "containerInsights", "value": "enhanced"}])
        ecs.delete_cluster(cluster="c")
        self.assertEqual("INACTIVE", ecs.describe_clusters(clusters=["c"])["clusters"][0]["status"])
        self.refused("ClusterNotFoundException", ecs.delete_cluster, cluster="c")
        self.assertEqual([], self.leftovers())

    def test_task_definition_echoes_everything(self) -> None:
        arn = self.definition(
            runtimePlatform={"cpuArchitecture": "ARM64"}, ephemeralStorage={"sizeInGiB": 30}, pidMode="task",
            volumes=[{"name": "v", "efsVolumeConfiguration": {"fileSystemId": "fs-1"}}], enableFaultInjection=True,
            tags=[{"key": "a", "value": "b"}])
        answer = self.ecs.describe_task_definition(taskDefinition="web", include=["TAGS"])
        shown = answer["taskDefinition"]
        self.assertEqual(("1024", "2048", 30, "task", True), (shown["cpu"], shown["memory"],
                         shown["ephemeralStorage"]["sizeInGiB"], shown["pidMode"], shown["enableFaultInjection"]))
        self.assertEqual({"containerPort": 80, "hostPort": 80, "protocol": "tcp"},
                         shown["containerDefinitions"][0]["portMappings"][0])
        self.assertEqual([{"key": "a", "value": "b"}], answer["tags"])
        self.ecs.deregister_task_definition(taskDefinition=arn)
        self.refused("ClientException", self.ecs.describe_task_definition, taskDefinition="web")
        self.assertEqual("INACTIVE", self.ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]["status"])
        self.assertEqual(2, int(self.definition().rsplit(":", 1)[1]))

    def test_rolling_service(self) -> None:
        ecs = self.ecs
        ecs.create_cluster(clusterName="c")
        first, second = self.definition(), self.definition()
        arguments = {"cluster": "c", "serviceName": "web", "taskDefinition": first, "desiredCount": 2,
                     "launchType": "FARGATE", "networkConfiguration": self.network(), "clientToken": "t",
                     "placementStrategy": [], "enableExecuteCommand": True}
        made = ecs.create_service(**arguments)["service"]
        self.assertEqual(made["serviceArn"], ecs.create_service(**arguments)["service"]["serviceArn"])
        message = self.refused("InvalidParameterException", ecs.create_service, **{**arguments, "clientToken": "u"})
        self.assertEqual("Creation of service was not idempotent.", message)
        shown = self.describe()
        self.assertEqual((2, 0, "COMPLETED", "LATEST", True),
                         (shown["runningCount"], shown["pendingCount"], shown["deployments"][0]["rolloutState"],
                          shown["platformVersion"], shown["enableExecuteCommand"]))
        self.emulator.control("POST", "settings", {"ecs_steady_polls": 1, "ecs_draining_polls": 1})
        ecs.update_service(cluster="c", service="web", taskDefinition=second)
        self.assertEqual([2, 1], [len(self.describe()["deployments"]) for _ in "ab"])
        self.assertEqual(second, self.describe()["taskDefinition"])
        self.refused("ClusterContainsServicesException", ecs.delete_cluster, cluster="c")
        self.refused("DependencyViolation", self.ec2.delete_subnet, SubnetId=self.subnets[0])
        self.refused("InvalidParameterException", ecs.delete_service, cluster="c", service="web")
        ecs.update_service(cluster="c", service="web", desiredCount=0)
        ecs.delete_service(cluster="c", service="web")
        self.refused("ClusterContainsServicesException", ecs.delete_cluster, cluster="c")
        self.assertEqual(["DRAINING", "INACTIVE"], [self.describe()["status"] for _ in "ab"])
        ecs.delete_cluster(cluster="c")
        for arn in (first, second):
            ecs.deregister_task_definition(taskDefinition=arn)
        self.assertEqual([], self.leftovers())

    def test_code_deploy_service(self) -> None:
        ecs = self.ecs
        ecs.create_cluster(clusterName="c")
        network, arn = self.network(), self.definition()
        group = self.target_group()
        ecs.create_service(
            cluster="c", serviceName="web", taskDefinition=arn, desiredCount=1, launchType="FARGATE",
            networkConfiguration=network, deploymentController={"type": "CODE_DEPLOY"}, healthCheckGracePeriodSeconds=7,
            loadBalancers=[{"targetGroupArn": group, "containerName": "web", "containerPort": 80}])
        shown = self.describe()
        self.assertEqual(([], "PRIMARY", "STEADY_STATE", 1, 7),
                         (shown["deployments"], shown["taskSets"][0]["status"], shown["taskSets"][0]["stabilityStatus"],
                          shown["taskSets"][0]["runningCount"], shown["healthCheckGracePeriodSeconds"]))
        message = self.refused("InvalidParameterException", ecs.update_service, cluster="c", service="web",
                               taskDefinition=arn)
        self.assertTrue(message.startswith("Unable to update task definition on services with a CODE_DEPLOY"))
        ecs.update_service(cluster="c", service="web", desiredCount=3)
        self.assertEqual(3, self.describe()["taskSets"][0]["runningCount"])
        ecs.delete_service(cluster="c", service="web", force=True)
        ecs.delete_cluster(cluster="c")


class CodeDeploy(EcsTest):
    def setUp(self) -> None:
        super().setUp()
        self.deploy = self.emulator.client("codedeploy")

    def role(self) -> str:
        trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "codedeploy.amazonaws.com"},
                                "Action": "sts:AssumeRole"}]}
        iam = self.emulator.client("iam")
        return iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]

    def test_applications_and_configs(self) -> None:
        deploy = self.deploy
        deploy.create_application(applicationName="a", computePlatform="ECS", tags=[{"Key": "k", "Value": "v"}])
        self.refused("ApplicationAlreadyExistsException", deploy.create_application, applicationName="a")
        deploy.update_application(applicationName="a", newApplicationName="b")
        self.refused("ApplicationDoesNotExistException", deploy.get_application, applicationName="a")
        self.assertEqual("ECS", deploy.batch_get_applications(applicationNames=["b"])["applicationsInfo"][0]["computePlatform"])
        arn = "arn:aws:codedeploy:eu-west-1:123456789012:application:b"
        self.assertEqual([{"Key": "k", "Value": "v"}], deploy.list_tags_for_resource(ResourceArn=arn)["Tags"])
        canary = deploy.get_deployment_config(deploymentConfigName="CodeDeployDefault.ECSCanary10Percent5Minutes")
        self.assertEqual({"canaryPercentage": 10, "canaryInterval": 5},
                         canary["deploymentConfigInfo"]["trafficRoutingConfig"]["timeBasedCanary"])
        made = {"deploymentConfigName": "mine", "computePlatform": "ECS", "trafficRoutingConfig": {
            "type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": 20, "linearInterval": 2}}}
        deploy.create_deployment_config(**made)
        self.refused("DeploymentConfigAlreadyExistsException", deploy.create_deployment_config, **made)
        self.assertIn("mine", deploy.list_deployment_configs()["deploymentConfigsList"])
        deploy.delete_deployment_config(deploymentConfigName="mine")
        deploy.delete_application(applicationName="b")
        self.assertEqual([], self.leftovers())

    def test_blue_green_group(self) -> None:
        deploy, ecs = self.deploy, self.ecs
        ecs.create_cluster(clusterName="c")
        network, definition = self.network(), self.definition()
        blue = self.target_group()
        ecs.create_service(
            cluster="c", serviceName="web", taskDefinition=definition, launchType="FARGATE", networkConfiguration=network,
            deploymentController={"type": "CODE_DEPLOY"}, desiredCount=1,
            loadBalancers=[{"targetGroupArn": blue, "containerName": "web", "containerPort": 80}])
        deploy.create_application(applicationName="a", computePlatform="ECS")
        pair = {"targetGroups": [{"name": "blue"}, {"name": "green"}],
                "prodTrafficRoute": {"listenerArns": ["arn:prod"]}, "testTrafficRoute": {"listenerArns": ["arn:test"]}}
        arguments = {
            "applicationName": "a", "deploymentGroupName": "g", "serviceRoleArn": "arn:aws:iam::123456789012:role/none",
            "deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce",
            "ecsServices": [{"clusterName": "c", "serviceName": "web"}],
            "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
            "blueGreenDeploymentConfiguration": {"terminateBlueInstancesOnDeploymentSuccess": {
                "action": "TERMINATE", "terminationWaitTimeInMinutes": 5}},
            "loadBalancerInfo": {"targetGroupPairInfoList": [pair]},
            "autoRollbackConfiguration": {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]},
        }
        self.refused("InvalidRoleException", deploy.create_deployment_group, **arguments)
        arguments["serviceRoleArn"] = self.role()
        deploy.create_deployment_group(**arguments)
        self.refused("DeploymentGroupAlreadyExistsException", deploy.create_deployment_group, **arguments)
        group = deploy.get_deployment_group(applicationName="a", deploymentGroupName="g")["deploymentGroupInfo"]
        self.assertEqual(pair, group["loadBalancerInfo"]["targetGroupPairInfoList"][0])
        self.assertEqual("CONTINUE_DEPLOYMENT",
                         group["blueGreenDeploymentConfiguration"]["deploymentReadyOption"]["actionOnTimeout"])
        deploy.update_deployment_group(
            applicationName="a", currentDeploymentGroupName="g", newDeploymentGroupName="h",
            autoRollbackConfiguration={"enabled": False, "events": []})
        batch = deploy.batch_get_deployment_groups(applicationName="a", deploymentGroupNames=["g", "h"])
        self.assertEqual(["h"], [item["deploymentGroupName"] for item in batch["deploymentGroupsInfo"]])
        self.assertFalse(batch["deploymentGroupsInfo"][0]["autoRollbackConfiguration"]["enabled"])
        self.assertEqual(["h"], deploy.list_deployment_groups(applicationName="a")["deploymentGroups"])
        made = deploy.create_deployment(applicationName="a", deploymentGroupName="h")["deploymentId"]
        self.refused("DeploymentLimitExceededException", deploy.create_deployment, applicationName="a",
                     deploymentGroupName="h")
        deploy.stop_deployment(deploymentId=made)
        deploy.delete_deployment_group(applicationName="a", deploymentGroupName="h")
        self.refused("DeploymentGroupDoesNotExistException", deploy.get_deployment_group, applicationName="a",
                     deploymentGroupName="h")


class Iam(EmulatorTest):
    def test_conflicts(self) -> None:
        iam = self.emulator.client("iam")
        trust = json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
        document = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
        iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust)
        self.refused("EntityAlreadyExists", iam.create_role, RoleName="r", AssumeRolePolicyDocument=trust)
        arn = iam.create_policy(PolicyName="p", PolicyDocument=document)["Policy"]["Arn"]
        iam.attach_role_policy(RoleName="r", PolicyArn=arn)
        self.refused("DeleteConflict", iam.delete_policy, PolicyArn=arn)
        self.refused("DeleteConflict", iam.delete_role, RoleName="r")
        iam.detach_role_policy(RoleName="r", PolicyArn=arn)
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=document)
        self.refused("DeleteConflict", iam.delete_policy, PolicyArn=arn)
        iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
        iam.delete_policy(PolicyArn=arn)
        iam.put_role_policy(RoleName="r", PolicyName="i", PolicyDocument=document)
        self.refused("DeleteConflict", iam.delete_role, RoleName="r")
        iam.delete_role_policy(RoleName="r", PolicyName="i")
        profile = iam.create_instance_profile(InstanceProfileName="ip")["InstanceProfile"]
        self.assertTrue(profile["InstanceProfileId"].startswith("AIPA"))
        iam.add_role_to_instance_profile(InstanceProfileName="ip", RoleName="r")
        self.refused("DeleteConflict", iam.delete_role, RoleName="r")
        self.refused("DeleteConflict", iam.delete_instance_profile, InstanceProfileName="ip")
        iam.remove_role_from_instance_profile(InstanceProfileName="ip", RoleName="r")
        iam.delete_instance_profile(InstanceProfileName="ip")
        iam.delete_role(RoleName="r")
        linked = iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")["Role"]["RoleName"]
        self.assertEqual("AWSServiceRoleForECS", linked)
        self.refused("InvalidInput", iam.create_service_linked_role, AWSServiceName="ecs.amazonaws.com")
        iam.get_policy(PolicyArn="arn:aws:iam::aws:policy/AWSCodeDeployRoleForECS")
        self.assertEqual([], self.leftovers())


class Route53(EmulatorTest):
    def change(self, *changes: tuple[str, dict]) -> dict:
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": record} for action, record in changes]}
        return self.route53.change_resource_record_sets(HostedZoneId=self.zone, ChangeBatch=batch)["ChangeInfo"]

    def setUp(self) -> None:
        super().setUp()
        self.route53 = self.emulator.client("route53")
        made = self.route53.create_hosted_zone(Name="example.com", CallerReference="r")
        self.zone = made["HostedZone"]["Id"].rsplit("/", 1)[-1]

    def test_change_batches(self) -> None:
        self.emulator.control("POST", "settings", {"route53_pending_polls": 1})
        record = {"Name": "*.Example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
        alias = {"Name": "www.example.com", "Type": "A", "AliasTarget": {
            "HostedZoneId": "Z32O12XQLNTSW2", "DNSName": "lb.example.org", "EvaluateTargetHealth": True}}
        change = self.change(("CREATE", record), ("UPSERT", alias))
        states = [self.route53.get_change(Id=change["Id"])["ChangeInfo"]["Status"] for _ in "ab"]
        self.assertEqual(["PENDING", "INSYNC"], states)
        shown = self.route53.list_resource_record_sets(HostedZoneId=self.zone)["ResourceRecordSets"]
        self.assertEqual(["NS", "SOA", "A", "A"], [item["Type"] for item in shown])
        self.assertEqual("\\052.example.com.", shown[2]["Name"])
        self.assertEqual("lb.example.org.", shown[3]["AliasTarget"]["DNSName"])
        message = self.refused("InvalidChangeBatch", lambda: self.change(("CREATE", record)))
        self.assertIn("but it already exists", message)
        missing = {**record, "Name": "none.example.com"}
        message = self.refused("InvalidChangeBatch", lambda: self.change(("DELETE", alias), ("DELETE", missing)))
        self.assertIn("but it was not found", message)
        message = self.refused("InvalidChangeBatch", lambda: self.change(("DELETE", {**record, "TTL": 61})))
        self.assertIn("do not match", message)
        self.refused("InvalidChangeBatch", lambda: self.change(("CREATE", {**record, "Name": "a.example.org"})))
        self.refused("HostedZoneNotEmpty", self.route53.delete_hosted_zone, Id=self.zone)
        self.change(("DELETE", record), ("DELETE", alias))
        self.route53.delete_hosted_zone(Id=self.zone)
        self.assertEqual([], self.leftovers())

    def test_health_checks(self) -> None:
        arguments = {"CallerReference": "h", "HealthCheckConfig": {"Type": "HTTPS", "FullyQualifiedDomainName": "a.example.com"}}
        made = self.route53.create_health_check(**arguments)["HealthCheck"]
        self.assertEqual(made["Id"], self.route53.create_health_check(**arguments)["HealthCheck"]["Id"])
        self.assertEqual(443, made["HealthCheckConfig"]["Port"])
        self.route53.change_tags_for_resource(ResourceType="healthcheck", ResourceId=made["Id"],
                                              AddTags=[{"Key": "a", "Value": "b"}])
        tags = self.route53.list_tags_for_resource(ResourceType="healthcheck", ResourceId=made["Id"])
        self.assertEqual([{"Key": "a", "Value": "b"}], tags["ResourceTagSet"]["Tags"])
        changed = self.route53.update_health_check(HealthCheckId=made["Id"], FailureThreshold=5)["HealthCheck"]
        self.assertEqual((5, 2), (changed["HealthCheckConfig"]["FailureThreshold"], changed["HealthCheckVersion"]))
        self.route53.delete_health_check(HealthCheckId=made["Id"])
        self.refused("NoSuchHealthCheck", self.route53.get_health_check, HealthCheckId=made["Id"])


class EcrAndLogs(EmulatorTest):
    def test_immutable_tags_and_full_repository(self) -> None:
        ecr = self.emulator.client("ecr")
        ecr.create_repository(repositoryName="web", imageTagMutability="IMMUTABLE", tags=[{"Key": "a", "Value": "b"}])
        manifest = lambda text: json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                                           "config": {"digest": text}, "layers": []})  # noqa: E731
        ecr.put_image(repositoryName="web", imageManifest=manifest("1"), imageTag="v1")
        self.refused("ImageTagAlreadyExistsException", ecr.put_image, repositoryName="web", imageManifest=manifest("2"),
                     imageTag="v1")
        self.refused("ImageAlreadyExistsException", ecr.put_image, repositoryName="web", imageManifest=manifest("1"),
                     imageTag="v1")
        self.refused("RepositoryNotEmptyException", ecr.delete_repository, repositoryName="web")
        self.refused("LifecyclePolicyNotFoundException", ecr.get_lifecycle_policy, repositoryName="web")
        self.assertEqual([("ecr", "repository")], self.leftovers())
        ecr.delete_repository(repositoryName="web", force=True)
        self.assertEqual([], self.leftovers())

    def test_log_groups(self) -> None:
        logs = self.emulator.client("logs")
        logs.create_log_group(logGroupName="/g", logGroupClass="INFREQUENT_ACCESS", tags={"a": "b"},
                              deletionProtectionEnabled=True)
        self.refused("ResourceAlreadyExistsException", logs.create_log_group, logGroupName="/g")
        logs.put_retention_policy(logGroupName="/g", retentionInDays=7)
        self.refused("InvalidParameterException", logs.put_retention_policy, logGroupName="/g", retentionInDays=8)
        group = logs.describe_log_groups(logGroupNamePrefix="/g")["logGroups"][0]
        self.assertEqual(("INFREQUENT_ACCESS", 7, True),
                         (group["logGroupClass"], group["retentionInDays"], group["deletionProtectionEnabled"]))
        arn = group["logGroupArn"]
        logs.tag_resource(resourceArn=arn, tags={"c": "d"})
        self.assertEqual({"a": "b", "c": "d"}, logs.list_tags_for_resource(resourceArn=arn)["tags"])
        self.refused("ResourceNotFoundException", logs.list_tags_for_resource, resourceArn=arn + "x")
        self.refused("ValidationException", logs.delete_log_group, logGroupName="/g")
        logs.put_log_group_deletion_protection(logGroupIdentifier="/g", deletionProtectionEnabled=False)
        logs.delete_log_group(logGroupName="/g")
        self.assertEqual([], self.leftovers())


if __name__ == "__main__":
    unittest.main()
