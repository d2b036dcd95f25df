"""Tests of the emulator: ECS's own blue/green, linear and canary deployments."""

from typing import Any

from support import EcsTest

ROLE = "arn:aws:iam::123456789012:role/ecs"


class Native(EcsTest):
    def setUp(self) -> None:
        super().setUp()
        self.emulator.control("POST", "clock", {"speed": 0, "per_poll": 0})
        self.ecs.create_cluster(clusterName="c")
        network = self.network()
        self.first = self.definition()
        self.blue, self.green = (self.group(name) for name in ("blue", "green"))
        balancer = self.elb.create_load_balancer(Name="lb", Subnets=self.subnets)["LoadBalancers"][0]["LoadBalancerArn"]
        self.prod, self.test = self.rule(balancer, 80, self.blue), self.rule(balancer, 8080, self.green)
        self.service = {
            "cluster": "c", "serviceName": "web", "taskDefinition": self.first, "desiredCount": 2, "launchType": "FARGATE",
            "networkConfiguration": network, "loadBalancers": [{
                "targetGroupArn": self.blue, "containerName": "web", "containerPort": 80, "advancedConfiguration": {
                    "alternateTargetGroupArn": self.green, "productionListenerRule": self.prod,
                    "testListenerRule": self.test, "roleArn": ROLE}}]}

    def group(self, name: str) -> str:
        made = self.elb.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=self.vpc, TargetType="ip")
        return made["TargetGroups"][0]["TargetGroupArn"]

    def rule(self, balancer: str, port: int, group: str) -> str:
        listener = self.elb.create_listener(
            LoadBalancerArn=balancer, Protocol="HTTP", Port=port,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": group}])["Listeners"][0]["ListenerArn"]
        return self.elb.describe_rules(ListenerArn=listener)["Rules"][0]["RuleArn"]

    def test_both_groups_in_the_rules(self) -> None:
        """Of an application load balancer: ECS refuses the service otherwise."""
        advanced = self.service["loadBalancers"][0]["advancedConfiguration"]
        del advanced["testListenerRule"]
        native = {"deploymentConfiguration": {"bakeTimeInMinutes": 5, "strategy": "BLUE_GREEN"}}
        self.refused("InvalidParameterException", self.ecs.create_service, **self.service, **native)
        self.elb.modify_rule(RuleArn=self.prod, Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": [
            {"TargetGroupArn": self.blue, "Weight": 100}, {"TargetGroupArn": self.green, "Weight": 0}]}}])
        self.create(strategy="BLUE_GREEN")

    def advance(self, seconds: float) -> None:
        self.emulator.control("POST", "clock", {"advance": seconds})

    def create(self, **configuration: Any) -> None:
        self.ecs.create_service(**self.service, deploymentConfiguration={"bakeTimeInMinutes": 5, **configuration})
        self.advance(400)
        self.assertEqual("SUCCESSFUL", self.newest()["status"])
        self.assertEqual({"blue": 100, "green": 0}, self.weights())

    def update(self, image: str = "nginx:2") -> None:
        self.second = self.definition(containerDefinitions=[
            {"name": "web", "image": image, "portMappings": [{"containerPort": 80}]}])
        self.ecs.update_service(cluster="c", service="web", taskDefinition=self.second)

    def newest(self) -> dict:
        arn = self.ecs.list_service_deployments(cluster="c", service="web")["serviceDeployments"][0]["serviceDeploymentArn"]
        return self.ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0]

    def weights(self, rule: str | None = None) -> dict[str, int]:
        action = self.elb.describe_rules(RuleArns=[rule or self.prod])["Rules"][0]["Actions"][0]
        names = {self.blue: "blue", self.green: "green"}
        return {names[group["TargetGroupArn"]]: group["Weight"] for group in action["ForwardConfig"]["TargetGroups"]}

    def live_group(self) -> str:
        arn = self.newest()["targetServiceRevision"]["arn"]
        revision = self.ecs.describe_service_revisions(serviceRevisionArns=[arn])["serviceRevisions"][0]
        return revision["resolvedConfiguration"]["loadBalancers"][0]["targetGroupArn"]

    def test_blue_green(self) -> None:
        self.create(strategy="BLUE_GREEN")
        self.assertEqual(self.blue, self.live_group())
        self.update()
        self.advance(10)
        record = self.newest()
        self.assertEqual(("IN_PROGRESS", "SCALE_UP"), (record["status"], record["lifecycleStage"]))
        self.assertEqual([0.0, 100.0], [record[key]["requestedProductionTrafficWeight"] if key[0] == "t" else
                         record[key][0]["requestedProductionTrafficWeight"]
                         for key in ("targetServiceRevision", "sourceServiceRevisions")])
        self.assertEqual(["PRIMARY", "ACTIVE"], [d["status"] for d in self.describe()["deployments"]])
        self.advance(60)
        self.assertEqual("BAKE_TIME", self.newest()["lifecycleStage"])
        self.assertEqual(({"blue": 0, "green": 100}, 4), (self.weights(), self.describe()["runningCount"]))
        self.advance(300)
        self.assertEqual(("SUCCESSFUL", self.green, 2), (self.newest()["status"], self.live_group(), self.describe()["runningCount"]))
        shown = self.describe()
        self.assertEqual((self.blue, self.second, 1), (shown["loadBalancers"][0]["targetGroupArn"], shown["taskDefinition"],
                                                       len(shown["deployments"])))
        self.ecs.update_service(cluster="c", service="web", desiredCount=3)
        self.advance(60)
        self.assertEqual(3, self.describe()["runningCount"])
        self.refused("ConflictException", self.ecs.stop_service_deployment,
                     serviceDeploymentArn=self.newest()["serviceDeploymentArn"])
        self.ecs.delete_service(cluster="c", service="web", force=True)
        self.assertEqual("INACTIVE", self.describe()["status"])

    def test_canary_and_stop(self) -> None:
        self.create(strategy="CANARY", canaryConfiguration={"canaryPercent": 5.5, "canaryBakeTimeInMinutes": 10})
        self.update()
        self.advance(120)
        self.assertEqual({"blue": 945, "green": 55}, self.weights())
        self.assertEqual(5.5, self.newest()["targetServiceRevision"]["requestedProductionTrafficWeight"])
        self.ecs.stop_service_deployment(serviceDeploymentArn=self.newest()["serviceDeploymentArn"], stopType="ROLLBACK")
        self.assertEqual("ROLLBACK_IN_PROGRESS", self.newest()["status"])
        self.advance(30)
        record = self.newest()
        self.assertEqual(("ROLLBACK_SUCCESSFUL", self.first), (record["status"], self.describe()["taskDefinition"]))
        self.assertEqual(record["sourceServiceRevisions"][0]["arn"], record["rollback"]["serviceRevisionArn"])
        self.assertEqual(({"blue": 100, "green": 0}, 2), (self.weights(), self.describe()["runningCount"]))

    def test_linear_and_alarm(self) -> None:
        cloudwatch = self.emulator.client("cloudwatch")
        cloudwatch.put_metric_alarm(AlarmName="5xx", MetricName="m", Namespace="n", Period=60, EvaluationPeriods=1,
                                    Threshold=1, ComparisonOperator="GreaterThanThreshold", Statistic="Sum")
        self.service["desiredCount"] = 1
        self.ecs.create_service(**self.service, deploymentConfiguration={
            "strategy": "LINEAR", "linearConfiguration": {"stepPercent": 25.0, "stepBakeTimeInMinutes": 1},
            "alarms": {"alarmNames": ["5xx"], "enable": True, "rollback": True}})
        self.advance(600)
        self.assertEqual("SUCCESSFUL", self.newest()["status"])
        self.update()
        self.advance(120)
        self.assertEqual(50, self.weights()["green"])
        cloudwatch.set_alarm_state(AlarmName="5xx", StateValue="ALARM", StateReason="test")
        self.advance(30)
        record = self.newest()
        self.assertEqual(("ROLLBACK_SUCCESSFUL", "TRIGGERED", ["5xx"]),
                         (record["status"], record["alarms"]["status"], record["alarms"]["triggeredAlarmNames"]))
        self.assertEqual(100, self.weights()["blue"])

    def test_hooks(self) -> None:
        hook = {"hookTargetArn": "arn:aws:lambda:eu-west-1:123456789012:function:check", "roleArn": ROLE,
                "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"]}
        pause = {"targetType": "PAUSE", "lifecycleStages": ["PRE_SCALE_UP"],
                 "timeoutConfiguration": {"timeoutInMinutes": 5, "action": "CONTINUE"}}
        self.ecs.create_service(**self.service, deploymentConfiguration={
            "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0, "lifecycleHooks": [hook, pause]})
        self.advance(30)
        record = self.newest()
        self.assertEqual(("PRE_SCALE_UP", "AWAITING_ACTION"),
                         (record["lifecycleStage"], record["lifecycleHookDetails"][0]["status"]))
        self.ecs.continue_service_deployment(serviceDeploymentArn=record["serviceDeploymentArn"], action="CONTINUE",
                                             hookId=record["lifecycleHookDetails"][0]["hookId"])
        self.advance(100)
        self.assertEqual("SUCCESSFUL", self.newest()["status"])
        self.emulator.control("POST", "hooks", {"check": {"result": "Failed"}})
        self.update()
        self.advance(400)
        record = self.newest()
        self.assertEqual("ROLLBACK_SUCCESSFUL", record["status"])
        self.assertIn("POST_TEST_TRAFFIC_SHIFT", record["statusReason"])

    def test_superseded(self) -> None:
        self.create(strategy="BLUE_GREEN")
        self.emulator.control("POST", "images", {"nginx:bad": {"problem": "missing"}})
        self.update("nginx:bad")
        self.advance(100)
        self.assertEqual("SCALE_UP", self.newest()["lifecycleStage"])
        self.update("nginx:3")
        self.advance(1000)
        listed = self.ecs.list_service_deployments(cluster="c", service="web")["serviceDeployments"]
        self.assertEqual(["SUCCESSFUL", "STOPPED", "SUCCESSFUL"], [item["status"] for item in listed])
        self.assertEqual(({"blue": 0, "green": 100}, 2), (self.weights(), self.describe()["runningCount"]))

    def test_superseded_while_it_bakes(self) -> None:
        self.ecs.create_service(**self.service, deploymentConfiguration={"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5})
        self.advance(60)
        self.assertEqual("BAKE_TIME", self.newest()["lifecycleStage"])
        self.update()
        self.advance(10)
        self.assertEqual(("SCALE_UP", 100), (self.newest()["lifecycleStage"], self.weights()["blue"]))
        self.advance(500)
        self.assertEqual(("SUCCESSFUL", {"blue": 0, "green": 100}, 2),
                         (self.newest()["status"], self.weights(), self.describe()["runningCount"]))

    def test_refused_without_advanced_configuration(self) -> None:
        del self.service["loadBalancers"][0]["advancedConfiguration"]
        self.refused("InvalidParameterException", self.ecs.create_service, **self.service,
                     deploymentConfiguration={"strategy": "BLUE_GREEN"})
        self.ecs.create_service(**self.service)
        self.refused("InvalidParameterException", self.ecs.update_service, cluster="c", service="web",
                     deploymentConfiguration={"strategy": "CANARY"})
