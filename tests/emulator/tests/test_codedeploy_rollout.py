"""Tests of the emulator: CodeDeploy deployments of an ECS service."""

import json
from typing import Any

from support import EcsTest


class Rollout(EcsTest):
    """A service `web` in cluster `c` with two target groups, a listener each for production and tests, and a group."""

    def setUp(self) -> None:
        super().setUp()
        self.deploy = self.emulator.client("codedeploy")
        self.control("clock", {"speed": 0, "per_poll": 0})
        self.ecs.create_cluster(clusterName="c")
        self.network_configuration = self.network()
        self.first = self.definition()
        self.blue, self.green = (self.group(name) for name in ("blue", "green"))
        balancer = self.elb.create_load_balancer(Name="lb", Subnets=self.subnets)["LoadBalancers"][0]["LoadBalancerArn"]
        self.prod, self.test = (self.listener(balancer, port) for port in (80, 8080))
        self.ecs.create_service(
            cluster="c", serviceName="web", taskDefinition=self.first, desiredCount=2, launchType="FARGATE",
            networkConfiguration=self.network_configuration, deploymentController={"type": "CODE_DEPLOY"},
            loadBalancers=[{"targetGroupArn": self.blue, "containerName": "web", "containerPort": 80}])
        self.advance(60)
        self.deploy.create_application(applicationName="a", computePlatform="ECS")

    def control(self, path: str, value: Any) -> Any:
        return self.emulator.control("POST", path, value)

    def advance(self, seconds: float) -> None:
        self.control("clock", {"advance": seconds})

    def group(self, name: str) -> str:
        made = self.elb.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=self.vpc, TargetType="ip")
        return made["TargetGroups"][0]["TargetGroupArn"]

    def listener(self, balancer: str, port: int) -> str:
        made = self.elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=port,
                                        DefaultActions=[{"Type": "forward", "TargetGroupArn": self.blue}])
        return made["Listeners"][0]["ListenerArn"]

    def deployment_group(self, config: str = "ECSAllAtOnce", wait: int = 5, ready: dict | None = None, **more: Any) -> None:
        self.deploy.create_deployment_group(**{
            "applicationName": "a", "deploymentGroupName": "g", "serviceRoleArn": self.role(),
            "deploymentConfigName": f"CodeDeployDefault.{config}",
            "ecsServices": [{"clusterName": "c", "serviceName": "web"}],
            "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
            "blueGreenDeploymentConfiguration": {
                "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": wait},
                "deploymentReadyOption": ready or {"actionOnTimeout": "CONTINUE_DEPLOYMENT"}},
            "loadBalancerInfo": {"targetGroupPairInfoList": [{
                "targetGroups": [{"name": "blue"}, {"name": "green"}],
                "prodTrafficRoute": {"listenerArns": [self.prod]}, "testTrafficRoute": {"listenerArns": [self.test]}}]},
            **more})

    def role(self) -> str:
        trust = json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "codedeploy.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
        return self.emulator.client("iam").create_role(RoleName="deploy", AssumeRolePolicyDocument=trust)["Role"]["Arn"]

    def revision(self, definition: str, hooks: dict[str, str] | None = None, container: str = "web") -> dict:
        content = json.dumps({
            "version": 0.0,
            "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": {
                "TaskDefinition": definition, "LoadBalancerInfo": {"ContainerName": container, "ContainerPort": 80}}}}],
            "Hooks": [{event: function} for event, function in (hooks or {}).items()]})
        return {"revisionType": "AppSpecContent", "appSpecContent": {"content": content}}

    def start(self, hooks: dict[str, str] | None = None, image: str = "nginx:2", **more: Any) -> str:
        self.second = self.definition(containerDefinitions=[
            {"name": "web", "image": image, "portMappings": [{"containerPort": 80}]}])
        return self.deploy.create_deployment(applicationName="a", deploymentGroupName="g",
                                             revision=self.revision(self.second, hooks), **more)["deploymentId"]

    def told(self, deployment: str) -> dict:
        return self.deploy.get_deployment(deploymentId=deployment)["deploymentInfo"]

    def status(self, deployment: str) -> str:
        return self.told(deployment)["status"]

    def target(self, deployment: str) -> dict:
        targets = self.deploy.batch_get_deployment_targets(deploymentId=deployment, targetIds=["c:web"])
        return targets["deploymentTargets"][0]["ecsTarget"]

    def weights(self, listener: str | None = None) -> dict[str, int]:
        action = self.elb.describe_listeners(ListenerArns=[listener or self.prod])["Listeners"][0]["DefaultActions"][0]
        names = {self.blue: "blue", self.green: "green"}
        return {names[group["TargetGroupArn"]]: group["Weight"] for group in action["ForwardConfig"]["TargetGroups"]}

    def events(self, deployment: str) -> dict[str, str]:
        return {event["lifecycleEventName"]: event["status"] for event in self.target(deployment)["lifecycleEvents"]}

    def sets(self) -> list[tuple[str, str]]:
        return [(task_set["status"], task_set["taskDefinition"]) for task_set in self.describe()["taskSets"]]


class Success(Rollout):
    def test_all_at_once(self) -> None:
        self.deployment_group()
        made = self.start(description="run 7")
        self.assertEqual("Created", self.status(made))
        self.refused("DeploymentNotStartedException", self.deploy.list_deployment_targets, deploymentId=made)
        message = self.refused("DeploymentLimitExceededException", self.start)
        self.assertIn(made, message)
        self.advance(5)
        self.assertEqual([("PRIMARY", self.first), ("ACTIVE", self.second.rsplit(":", 1)[0] + ":2")], self.sets())
        self.assertEqual("InProgress", self.events(made)["Install"])
        self.assertEqual({"blue": 1}, self.weights())
        self.advance(60)
        told, target = self.told(made), self.target(made)
        self.assertEqual(("InProgress", True, "run 7", "user"), (
            told["status"], told["instanceTerminationWaitTimeStarted"], told["description"], told["creator"]))
        self.assertEqual({"Succeeded"}, set(self.events(made).values()))
        self.assertEqual([("Blue", 0.0, "ACTIVE", "blue", 2), ("Green", 100.0, "PRIMARY", "green", 2)], [
            (s["taskSetLabel"], s["trafficWeight"], s["status"], s["targetGroup"]["name"], s["runningCount"])
            for s in target["taskSetsInfo"]])
        self.assertTrue(target["taskSetsInfo"][0]["identifer"].startswith("ecs-svc/"))
        self.assertEqual({"blue": 0, "green": 100}, self.weights())
        self.assertEqual({"blue": 0, "green": 100}, self.weights(self.test))
        shown = self.describe()
        self.assertEqual((self.green, made, 4), (shown["loadBalancers"][0]["targetGroupArn"],
                                                 shown["taskSets"][1]["externalId"], shown["runningCount"]))
        self.refused("ResourceInUse", self.elb.delete_target_group, TargetGroupArn=self.blue)
        self.advance(300)
        self.assertEqual("Succeeded", self.status(made))
        self.assertEqual(1, len(self.sets()))
        group = self.deploy.get_deployment_group(applicationName="a", deploymentGroupName="g")["deploymentGroupInfo"]
        self.assertEqual(made, group["lastSuccessfulDeployment"]["deploymentId"])
        self.refused("DeploymentAlreadyCompletedException", self.deploy.stop_deployment, deploymentId=made)
        self.assertNotIn("content", self.told(made)["revision"]["appSpecContent"])
        found = self.deploy.get_application_revision(applicationName="a", revision=self.told(made)["revision"])
        self.assertIn("TargetService", found["revision"]["appSpecContent"]["content"])

    def test_and_back_again(self) -> None:
        self.deployment_group(wait=0)
        for wanted in ("green", "blue"):
            made = self.start()
            self.advance(120)
            self.assertEqual("Succeeded", self.status(made))
            self.assertEqual(100, self.weights()[wanted])

    def test_canary(self) -> None:
        self.deployment_group("ECSCanary10Percent5Minutes", wait=0)
        made = self.start()
        self.advance(60)
        self.assertEqual({"blue": 90, "green": 10}, self.weights())
        self.assertEqual([90.0, 10.0], [s["trafficWeight"] for s in self.target(made)["taskSetsInfo"]])
        self.assertEqual("PRIMARY", self.sets()[0][0])
        self.advance(300)
        self.assertEqual(("Succeeded", {"blue": 0, "green": 100}), (self.status(made), self.weights()))

    def test_linear_by_polls(self) -> None:
        self.deployment_group("ECSLinear10PercentEvery1Minutes", wait=0)
        made = self.start()
        self.control("clock", {"per_poll": "next"})
        seen = []
        while self.status(made) != "Succeeded":
            if self.weights().get("green") not in seen[-1:]:
                seen.append(self.weights().get("green"))
        self.assertEqual([None, *range(10, 101, 10)], seen)

    def test_ready_wait(self) -> None:
        self.deployment_group(ready={"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 10})
        made = self.start()
        self.refused("DeploymentIsNotInReadyStateException", self.deploy.continue_deployment, deploymentId=made,
                     deploymentWaitType="READY_WAIT")
        self.advance(60)
        self.assertEqual("Ready", self.status(made))
        self.assertEqual(({"blue": 1}, {"blue": 0, "green": 100}), (self.weights(), self.weights(self.test)))
        self.deploy.continue_deployment(deploymentId=made, deploymentWaitType="READY_WAIT")
        self.advance(30)
        self.assertEqual(100, self.weights()["green"])
        self.deploy.continue_deployment(deploymentId=made, deploymentWaitType="TERMINATION_WAIT")
        self.advance(5)
        self.assertEqual("Succeeded", self.status(made))
        again = self.start()
        self.advance(700)
        error = self.told(again)["errorInformation"]
        self.assertEqual(("Stopped", "TIMEOUT"), (self.status(again), error["code"]))
        self.assertIn("waiting for a notification to continue", error["message"])


class Failures(Rollout):
    def error(self, deployment: str) -> tuple[str, str]:
        told = self.told(deployment)
        return told["status"], told["errorInformation"]["code"]

    def rolled_back(self, deployment: str) -> None:
        """The original task set has all traffic again, alone, by a deployment of CodeDeploy's own."""
        back = self.told(deployment)["rollbackInfo"]["rollbackDeploymentId"]
        self.advance(60)
        told = self.told(back)
        self.assertEqual(("Succeeded", "codeDeployRollback", deployment), (
            told["status"], told["creator"], told["rollbackInfo"]["rollbackTriggeringDeploymentId"]))
        self.assertEqual([("PRIMARY", self.first)], self.sets())
        self.assertEqual((100, self.blue), (self.weights()["blue"], self.describe()["loadBalancers"][0]["targetGroupArn"]))

    def test_image_that_is_missing(self) -> None:
        self.deployment_group(autoRollbackConfiguration={"enabled": True, "events": ["DEPLOYMENT_FAILURE"]})
        self.control("images", {"nginx:bad": {"problem": "missing"}})
        made = self.start(image="nginx:bad")
        self.advance(600)
        self.assertEqual(("InProgress", "InProgress"), (self.status(made), self.events(made)["Install"]))
        stopped = self.ecs.list_tasks(cluster="c", serviceName="web", desiredStatus="STOPPED")["taskArns"]
        task = self.ecs.describe_tasks(cluster="c", tasks=stopped[:1])["tasks"][0]
        self.assertEqual(("TaskFailedToStart", "STOPPED"), (task["stopCode"], task["lastStatus"]))
        self.assertIn("CannotPullContainerError", task["stoppedReason"])
        self.advance(3600)
        self.assertEqual(("Failed", "TIMEOUT"), self.error(made))
        self.assertEqual("Failed", self.events(made)["Install"])
        self.rolled_back(made)

    def test_unhealthy_behind_the_load_balancer(self) -> None:
        self.deployment_group("ECSCanary10Percent5Minutes",
                              autoRollbackConfiguration={"enabled": True, "events": ["DEPLOYMENT_FAILURE"]})
        made = self.start(image="nginx:bad")
        self.advance(60)
        self.assertEqual(10, self.weights()["green"])
        self.control("images", {"nginx:bad": {"problem": "unhealthy"}})
        self.advance(25)
        health = self.elb.describe_target_health(TargetGroupArn=self.green)["TargetHealthDescriptions"]
        self.assertIn("Task failed ELB health checks", json.dumps(
            [task.get("stoppedReason") for task in self.tasks("STOPPED")]))
        self.assertTrue({"initial", "unhealthy"} >= {item["TargetHealth"]["State"] for item in health})
        self.advance(400)
        self.assertEqual(("Failed", "ECS_UPDATE_ERROR"), self.error(made))
        self.rolled_back(made)

    def tasks(self, status: str) -> list[dict]:
        arns = self.ecs.list_tasks(cluster="c", serviceName="web", desiredStatus=status)["taskArns"]
        return self.ecs.describe_tasks(cluster="c", tasks=arns)["tasks"] if arns else []

    def test_container_that_is_not_there(self) -> None:
        self.deployment_group()
        made = self.deploy.create_deployment(applicationName="a", deploymentGroupName="g",
                                             revision=self.revision(self.first, container="other"))["deploymentId"]
        self.advance(60)
        self.assertEqual(("Failed", "ECS_UPDATE_ERROR"), self.error(made))
        self.assertIn("The container other does not exist in the task definition.",
                      self.told(made)["errorInformation"]["message"])
        self.assertNotIn("rollbackInfo", self.told(made))

    def test_hooks(self) -> None:
        self.deployment_group(autoRollbackConfiguration={"enabled": True, "events": ["DEPLOYMENT_FAILURE"]})
        self.control("hooks", {"check": {"result": "pending"}})
        made = self.start(hooks={"AfterAllowTestTraffic": "check"})
        self.advance(60)
        self.assertEqual("InProgress", self.events(made)["AfterAllowTestTraffic"])
        call = self.emulator.control("GET", "hooks")["calls"][0]
        self.assertEqual(("check", made, "AfterAllowTestTraffic"), (call["function"], call["deployment"], call["event"]))
        answer = {"deploymentId": made, "lifecycleEventHookExecutionId": call["id"], "status": "Failed"}
        self.deploy.put_lifecycle_event_hook_execution_status(**answer)
        self.refused("LifecycleEventAlreadyCompletedException",
                     self.deploy.put_lifecycle_event_hook_execution_status, **answer)
        self.assertEqual(("Failed", "HOOK_EXECUTION_FAILURE"), self.error(made))
        event = next(e for e in self.target(made)["lifecycleEvents"] if e["lifecycleEventName"] == "AfterAllowTestTraffic")
        self.assertEqual(("Failed", "check"), (event["status"], event["diagnostics"]["scriptName"]))
        self.assertEqual("Skipped", self.events(made)["AllowTraffic"])
        self.rolled_back(made)
        self.assertEqual(100, self.weights(self.test)["blue"])
        self.control("hooks", {"check": {"result": "timeout"}})
        made = self.start(hooks={"BeforeAllowTraffic": "check"})
        self.advance(3700)
        self.assertEqual(("Failed", "HOOK_EXECUTION_FAILURE"), self.error(made))

    def test_alarm(self) -> None:
        cloudwatch = self.emulator.client("cloudwatch")
        cloudwatch.put_metric_alarm(AlarmName="5xx", MetricName="m", Namespace="n", Period=60, EvaluationPeriods=1,
                                    Threshold=1, ComparisonOperator="GreaterThanThreshold", Statistic="Sum")
        self.deployment_group("ECSLinear10PercentEvery1Minutes",
                              alarmConfiguration={"enabled": True, "alarms": [{"name": "5xx"}]},
                              autoRollbackConfiguration={"enabled": True, "events": ["DEPLOYMENT_STOP_ON_ALARM"]})
        made = self.start()
        self.advance(180)
        self.assertEqual(30, self.weights()["green"])
        cloudwatch.set_alarm_state(AlarmName="5xx", StateValue="ALARM", StateReason="test")
        self.assertEqual(("Stopped", "ALARM_ACTIVE"), self.error(made))
        self.assertIn("<5xx>", self.told(made)["errorInformation"]["message"])
        self.rolled_back(made)

    def test_stop(self) -> None:
        self.deployment_group("ECSCanary10Percent5Minutes")
        made = self.start()
        self.advance(60)
        self.assertEqual("Pending", self.deploy.stop_deployment(deploymentId=made)["status"])
        self.assertEqual(("Stopped", "MANUAL_STOP"), self.error(made))
        self.advance(600)
        self.assertEqual(({"blue": 90, "green": 10}, 2), (self.weights(), len(self.sets())))
        self.assertNotIn("rollbackInfo", self.told(made))
        again = self.start()
        self.advance(60)
        self.assertEqual(["PRIMARY", "ACTIVE"], [status for status, _ in self.sets()])
        self.deploy.stop_deployment(deploymentId=again, autoRollbackEnabled=True)
        self.assertEqual("Stopped", self.status(again))
        self.rolled_back(again)

    def test_stop_in_the_termination_wait(self) -> None:
        self.deployment_group(wait=60)
        made = self.start()
        self.advance(120)
        self.assertEqual(100, self.weights()["green"])
        self.deploy.stop_deployment(deploymentId=made, autoRollbackEnabled=True)
        self.rolled_back(made)

    def test_what_is_refused(self) -> None:
        self.deployment_group()
        create, names = self.deploy.create_deployment, {"applicationName": "a", "deploymentGroupName": "g"}
        good = self.revision(self.first)["appSpecContent"]["content"]
        for content in ("{", "version: 1", good.replace("TaskDefinition", "taskDefinition"),
                        good.replace('"Hooks": []', '"Hooks": [{"Install": "f"}]')):
            revision = {"revisionType": "AppSpecContent", "appSpecContent": {"content": content}}
            self.refused("InvalidRevisionException", create, **names, revision=revision)
        wrong = {"revisionType": "AppSpecContent", "appSpecContent": {"content": good, "sha256": "0" * 64}}
        self.refused("InvalidRevisionException", create, **names, revision=wrong)
        right = self.revision(self.first)
        self.refused("InvalidFileExistsBehaviorException", create, **names, revision=right, fileExistsBehavior="OVERWRITE")
        self.refused("DeploymentConfigDoesNotExistException", create, **names, revision=right, deploymentConfigName="none")
        self.refused("DeploymentGroupDoesNotExistException", create, applicationName="a", deploymentGroupName="h",
                     revision=right)
        self.refused("InvalidDeploymentIdException", self.deploy.get_deployment, deploymentId="d-1")
        self.refused("DeploymentDoesNotExistException", self.deploy.get_deployment, deploymentId="d-ABCDEFGHI")
        self.elb.modify_listener(ListenerArn=self.prod, DefaultActions=[{"Type": "forward", "TargetGroupArn": self.green}])
        made = self.start()
        self.advance(10)
        self.assertEqual(("Failed", "ELASTIC_LOAD_BALANCING_INVALID"), self.error(made))
        self.assertIn("Primary taskset target group must be behind listener", self.told(made)["errorInformation"]["message"])

    def test_network_load_balancer(self) -> None:
        balancer = self.elb.create_load_balancer(Name="net", Type="network", Subnets=self.subnets)["LoadBalancers"][0]
        groups = [self.elb.create_target_group(Name=name, Protocol="TCP", Port=80, VpcId=self.vpc, TargetType="ip")
                  ["TargetGroups"][0]["TargetGroupArn"] for name in ("one", "two")]
        self.prod = self.elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="TCP", Port=80,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": groups[0]}])["Listeners"][0]["ListenerArn"]
        self.ecs.create_service(
            cluster="c", serviceName="tcp", taskDefinition=self.first, desiredCount=1, launchType="FARGATE",
            networkConfiguration=self.network_configuration, deploymentController={"type": "CODE_DEPLOY"},
            loadBalancers=[{"targetGroupArn": groups[0], "containerName": "web", "containerPort": 80}])
        self.deployment_group("ECSCanary10Percent5Minutes", wait=0, ecsServices=[{"clusterName": "c", "serviceName": "tcp"}],
                              loadBalancerInfo={"targetGroupPairInfoList": [{
                                  "targetGroups": [{"name": "one"}, {"name": "two"}],
                                  "prodTrafficRoute": {"listenerArns": [self.prod]}}]})
        message = self.refused("InvalidTrafficRoutingConfigurationException", self.start)
        self.assertIn("Only ALB supports gradual traffic routing", message)
        made = self.start(deploymentConfigName="CodeDeployDefault.ECSAllAtOnce")
        self.advance(120)
        self.assertEqual("Succeeded", self.status(made))
        action = self.elb.describe_listeners(ListenerArns=[self.prod])["Listeners"][0]["DefaultActions"][0]
        self.assertEqual(groups[1], action["TargetGroupArn"])

    def test_role(self) -> None:
        self.deployment_group()
        self.control("settings", {"codedeploy_needs_policy": 1})
        made = self.start()
        self.advance(10)
        self.assertEqual(("Failed", "IAM_ROLE_PERMISSIONS"), self.error(made))
        self.emulator.client("iam").delete_role(RoleName="deploy")
        made = self.start()
        self.advance(10)
        self.assertEqual(("Failed", "IAM_ROLE_MISSING"), self.error(made))

    def test_revision_in_s3(self) -> None:
        self.deployment_group(wait=0)
        s3 = self.emulator.client("s3")
        s3.create_bucket(Bucket="specs", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        spec = ("version: 0.0\nResources:\n  - TargetService:\n      Type: AWS::ECS::Service\n      Properties:\n"
                f"        TaskDefinition: {self.first}\n        LoadBalancerInfo:\n          ContainerName: web\n"
                "          ContainerPort: 80\n")
        s3.put_object(Bucket="specs", Key="appspec.yaml", Body=spec.encode())
        for key, status in (("appspec.yaml", "Succeeded"), ("none.yaml", "Failed")):
            made = self.deploy.create_deployment(applicationName="a", deploymentGroupName="g", revision={
                "revisionType": "S3", "s3Location": {"bucket": "specs", "key": key, "bundleType": "YAML"}})["deploymentId"]
            self.advance(120)
            self.assertEqual(status, self.status(made))

    def test_list(self) -> None:
        self.deployment_group(wait=0)
        first = self.start()
        self.advance(60)
        middle = self.told(first)["completeTime"]
        self.advance(60)
        second = self.start()
        listed = lambda **more: self.deploy.list_deployments(  # noqa: E731
            applicationName="a", deploymentGroupName="g", **more)["deployments"]
        self.assertEqual([second, first], listed())
        self.assertEqual([second], listed(includeOnlyStatuses=["Created", "InProgress"]))
        self.assertEqual([second], listed(createTimeRange={"start": middle}))
        self.assertIn(("codedeploy", "active-deployment"), self.leftovers())
        batch = self.deploy.batch_get_deployments(deploymentIds=[first, second])["deploymentsInfo"]
        self.assertEqual(["Succeeded", "Created"], [item["status"] for item in batch])
        self.refused("DeploymentGroupNameRequiredException", self.deploy.list_deployments, applicationName="a")


class Pipeline(Rollout):
    def test_deploys_another_image(self) -> None:
        self.deployment_group(wait=0)
        answer = self.control("pipeline", {"cluster": "c", "service": "web", "image": "nginx:3"})
        self.assertEqual("Created", self.status(answer["deployment"]))
        self.advance(60)
        self.assertEqual([("PRIMARY", answer["taskDefinition"])], self.sets())
        shown = self.ecs.describe_task_definition(taskDefinition=answer["taskDefinition"])["taskDefinition"]
        self.assertEqual("nginx:3", shown["containerDefinitions"][0]["image"])
        self.assertNotIn("CreateDeployment", [call["operation"] for call in self.emulator.control("GET", "log")])
