"""Tests of the emulator: a service comes from CodeDeploy to ECS."""

import json
from typing import Any

from test_codedeploy_rollout import Rollout as CodeDeploy


class Migration(CodeDeploy):
    def setUp(self) -> None:
        super().setUp()
        self.deployment_group()
        trust = json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ecs.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
        made = self.emulator.client("iam").create_role(RoleName="traffic", AssumeRolePolicyDocument=trust)
        self.traffic = made["Role"]["Arn"]

    def rule(self) -> str:
        groups = [{"TargetGroupArn": self.blue, "Weight": 100}, {"TargetGroupArn": self.green, "Weight": 0}]
        made = self.elb.create_rule(
            ListenerArn=self.prod, Priority=1, Conditions=[{"Field": "path-pattern", "Values": ["/*"]}],
            Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}])
        return made["Rules"][0]["RuleArn"]

    def arguments(self, rule: str, **more: Any) -> dict:
        return {
            "cluster": "c", "service": "web", "deploymentController": {"type": "ECS"},
            "deploymentConfiguration": {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5},
            "loadBalancers": [{
                "targetGroupArn": self.blue, "containerName": "web", "containerPort": 80, "advancedConfiguration": {
                    "alternateTargetGroupArn": self.green, "productionListenerRule": rule, "roleArn": self.traffic, **more}}]}

    def newest(self) -> dict:
        arn = self.ecs.list_service_deployments(cluster="c", service="web")["serviceDeployments"][0]["serviceDeploymentArn"]
        return self.ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0]

    def weights(self, rule: str) -> list[tuple[str, int]]:
        action = self.elb.describe_rules(RuleArns=[rule])["Rules"][0]["Actions"][0]
        return [(group["TargetGroupArn"], group["Weight"]) for group in action["ForwardConfig"]["TargetGroups"]]

    def test_tasks_stay_and_the_next_ones_replace_them(self) -> None:
        rule = self.rule()
        self.ecs.update_service(**self.arguments(rule))
        service = self.describe()
        self.assertEqual("ECS", service["deploymentController"]["type"])
        self.assertNotIn("taskSets", service)
        self.advance(30)
        self.assertEqual(4, self.describe()["runningCount"])
        self.advance(600)
        self.assertEqual("SUCCESSFUL", self.newest()["status"])
        self.assertEqual(2, self.describe()["runningCount"])
        self.assertEqual([(self.blue, 0), (self.green, 100)], sorted(self.weights(rule), key=lambda one: one[1]))

    def test_a_rule_that_names_one_group_rolls_back(self) -> None:
        default = self.elb.describe_rules(ListenerArn=self.prod)["Rules"][0]["RuleArn"]
        self.ecs.update_service(**self.arguments(default))
        self.advance(600)
        self.assertEqual("ROLLBACK_SUCCESSFUL", self.newest()["status"])
        self.assertIn("must be associated", self.newest()["statusReason"])
        self.assertEqual(2, self.describe()["runningCount"])

    def test_a_deployment_under_way_is_in_the_way(self) -> None:
        self.start()
        self.advance(1)
        message = self.refused("InvalidParameterException", self.ecs.update_service, **self.arguments(self.rule()))
        self.assertIn("in progress", message)
        self.assertEqual("CODE_DEPLOY", self.describe()["deploymentController"]["type"])

    def test_a_role_that_ecs_may_not_assume(self) -> None:
        arguments = self.arguments(self.rule(), roleArn="arn:aws:iam::123456789012:role/nobody")
        self.assertIn("Unable to assume the role", self.refused("InvalidParameterException", self.ecs.update_service, **arguments))

    def test_no_way_back(self) -> None:
        self.ecs.update_service(**self.arguments(self.rule()))
        self.advance(600)
        message = self.refused("InvalidParameterException", self.ecs.update_service, cluster="c", service="web",
                               deploymentController={"type": "CODE_DEPLOY"})
        self.assertIn("not supported", message)


# Its own tests run where they stand.
for name in [name for name in dir(CodeDeploy) if name.startswith("test_")]:
    setattr(Migration, name, None)
del CodeDeploy
