"""Tests of the emulator: elbv2."""

from typing import Any

from support import EmulatorTest


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
