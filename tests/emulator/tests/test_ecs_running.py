"""Tests of the emulator: ECS services that run, rolling deployments, external task sets, targets."""

import json
from typing import Any

from support import EcsTest


class Running(EcsTest):
    def setUp(self) -> None:
        super().setUp()
        self.control("clock", {"speed": 0, "per_poll": 0})
        self.ecs.create_cluster(clusterName="c")
        self.service = {"cluster": "c", "serviceName": "web", "taskDefinition": self.definition(), "desiredCount": 2,
                        "launchType": "FARGATE", "networkConfiguration": self.network()}

    def control(self, path: str, value: Any) -> Any:
        return self.emulator.control("POST", path, value)

    def advance(self, seconds: float) -> None:
        self.control("clock", {"advance": seconds})

    def behind_load_balancer(self) -> str:
        group = self.target_group()
        self.service["loadBalancers"] = [{"targetGroupArn": group, "containerName": "web", "containerPort": 80}]
        return group

    def revision(self, image: str, **container: Any) -> str:
        return self.definition(containerDefinitions=[
            {"name": "web", "image": image, "portMappings": [{"containerPort": 80}], **container}])

    def create(self, **more: Any) -> None:
        self.ecs.create_service(**{**self.service, **more})
        self.advance(60)

    def update(self, image: str) -> None:
        self.ecs.update_service(cluster="c", service="web", taskDefinition=self.revision(image))

    def tasks(self, status: str = "RUNNING") -> list[dict]:
        arns = self.ecs.list_tasks(cluster="c", serviceName="web", desiredStatus=status)["taskArns"]
        return self.ecs.describe_tasks(cluster="c", tasks=arns)["tasks"] if arns else []

    def counts(self) -> tuple[int, int]:
        shown = self.describe()
        return shown["runningCount"], shown["pendingCount"]

    def health(self, group: str) -> list[str]:
        described = self.elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        return [item["TargetHealth"]["State"] for item in described]


class Tasks(Running):
    def test_life_of_a_task(self) -> None:
        group = self.behind_load_balancer()
        self.ecs.create_service(**self.service)
        seen = []
        for _ in range(3):
            seen.append((self.counts(), self.tasks()[0]["lastStatus"], self.health(group)))
            self.advance(2 if len(seen) == 1 else 5)
        self.assertEqual([((0, 2), "PROVISIONING", []), ((0, 2), "PENDING", []), ((2, 0), "RUNNING", ["initial"] * 2)],
                         seen)
        self.assertEqual("IN_PROGRESS", self.describe()["deployments"][0]["rolloutState"])
        self.advance(10)
        self.assertEqual(["healthy"] * 2, self.health(group))
        shown = self.describe()
        self.assertEqual("COMPLETED", shown["deployments"][0]["rolloutState"])
        self.assertIn("has reached a steady state", shown["events"][0]["message"])
        task = self.tasks()[0]
        details = {item["name"]: item["value"] for item in task["attachments"][0]["details"]}
        described = self.elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        self.assertIn(details["privateIPv4Address"], [item["Target"]["Id"] for item in described])
        unknown = self.elb.describe_target_health(TargetGroupArn=group, Targets=[{"Id": "10.9.9.9", "Port": 1}])
        self.assertEqual("Target.NotRegistered", unknown["TargetHealthDescriptions"][0]["TargetHealth"]["Reason"])

    def test_stopped_task_is_replaced_and_drains(self) -> None:
        group = self.behind_load_balancer()
        self.create()
        self.control("settings", {"deregistration_factor": 1})
        stopped = self.tasks()[0]["taskArn"]
        self.ecs.stop_task(cluster="c", task=stopped, reason="why not")
        self.advance(60)
        self.assertEqual(["draining", "healthy", "healthy"], sorted(self.health(group)))
        task = self.ecs.describe_tasks(cluster="c", tasks=[stopped])["tasks"][0]
        self.assertEqual(("DEACTIVATING", "why not", "UserInitiated"),
                         (task["lastStatus"], task["stoppedReason"], task["stopCode"]))
        self.assertEqual((2, 0), self.counts())
        self.advance(300)
        self.assertEqual("STOPPED", self.ecs.describe_tasks(cluster="c", tasks=[stopped])["tasks"][0]["lastStatus"])
        self.ecs.delete_service(cluster="c", service="web", force=True)
        self.advance(200)
        self.assertEqual("DRAINING", self.describe()["status"])
        self.refused("ClusterContainsServicesException", self.ecs.delete_cluster, cluster="c")
        self.refused("InvalidParameterException", self.ecs.create_service, **self.service)
        self.advance(200)
        self.assertEqual("INACTIVE", self.describe()["status"])
        self.ecs.delete_cluster(cluster="c")

    def test_standalone_task_holds_its_cluster(self) -> None:
        self.refused("InvalidParameterException", self.ecs.run_task, cluster="c", taskDefinition="web")
        made = self.ecs.run_task(cluster="c", taskDefinition="web", launchType="FARGATE",
                                 networkConfiguration=self.service["networkConfiguration"])["tasks"][0]
        self.advance(60)
        self.refused("ClusterContainsTasksException", self.ecs.delete_cluster, cluster="c")
        self.refused("DependencyViolation", self.ec2.delete_subnet, SubnetId=self.subnets[0])
        self.ecs.stop_task(cluster="c", task=made["taskArn"])
        self.ecs.delete_cluster(cluster="c")

    def test_only_pushed_images_are_pulled(self) -> None:
        self.control("settings", {"ecs_pulls_from_ecr": 1})
        ecr = self.emulator.client("ecr")
        name = ecr.create_repository(repositoryName="web")["repository"]["repositoryUri"]
        self.service["taskDefinition"] = self.revision(f"{name}:v1")
        self.create()
        self.assertEqual(0, self.counts()[0])
        self.assertIn("CannotPullContainerError", self.tasks("STOPPED")[0]["containers"][0]["reason"])
        ecr.put_image(repositoryName="web", imageTag="v1", imageManifest=json.dumps({
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": {}, "layers": []}))
        self.advance(600)
        self.assertEqual((2, 0), self.counts())


    def test_log_groups(self) -> None:
        self.control("settings", {"container_insights_log_group": 1})
        self.ecs.update_cluster_settings(cluster="c", settings=[{"name": "containerInsights", "value": "enabled"}])
        log = lambda **more: {"logDriver": "awslogs", "options": {"awslogs-group": "/web", **more}}  # noqa: E731
        self.create(taskDefinition=self.revision("nginx", logConfiguration=log()))
        self.assertIn("ResourceInitializationError", self.tasks("STOPPED")[0]["stoppedReason"])
        definition = self.revision("nginx", logConfiguration=log(**{"awslogs-create-group": "true"}))
        self.ecs.update_service(cluster="c", service="web", taskDefinition=definition)
        self.advance(60)
        self.assertEqual((2, 0), self.counts())
        groups = self.emulator.client("logs").describe_log_groups()["logGroups"]
        self.assertEqual(["/aws/ecs/containerinsights/c/performance", "/web"], [g["logGroupName"] for g in groups])

    def test_interfaces_outlive_their_tasks(self) -> None:
        group = self.ec2.create_security_group(GroupName="g", Description="d", VpcId=self.vpc)["GroupId"]
        self.service["networkConfiguration"]["awsvpcConfiguration"]["securityGroups"] = [group]
        self.control("settings", {"interface_lingering_seconds": 150})
        self.behind_load_balancer()
        self.create()
        by_group = [{"Name": "group-id", "Values": [group]}]
        found = self.ec2.describe_network_interfaces(Filters=by_group)["NetworkInterfaces"]
        self.assertEqual(["in-use"] * 2, [item["Status"] for item in found])
        self.assertIn(":attachment/", found[0]["Description"])
        managed = [{"Name": "description", "Values": ["ELB app/lb/*"]}]
        self.assertEqual(2, len(self.ec2.describe_network_interfaces(Filters=managed)["NetworkInterfaces"]))
        self.ecs.delete_service(cluster="c", service="web", force=True)
        self.assertEqual("INACTIVE", self.describe()["status"])
        self.control("clock", {"per_poll": 60})
        self.refused("DependencyViolation", self.ec2.delete_security_group, GroupId=group)
        interface = found[0]["NetworkInterfaceId"]
        left = self.ec2.describe_network_interfaces(NetworkInterfaceIds=[interface])["NetworkInterfaces"]
        self.assertEqual("available", left[0]["Status"])
        self.refused("DependencyViolation", self.ec2.delete_security_group, GroupId=group)
        self.ec2.delete_security_group(GroupId=group)
        self.refused("InvalidNetworkInterfaceID.NotFound", self.ec2.describe_network_interfaces,
                     NetworkInterfaceIds=[interface])


class Rolling(Running):
    def test_limits(self) -> None:
        self.create(deploymentConfiguration={"minimumHealthyPercent": 50, "maximumPercent": 100})
        self.update("nginx:2")
        self.assertEqual([(0, 1), (1, 0)], [(d["runningCount"], d["pendingCount"]) for d in self.describe()["deployments"]])
        self.advance(100)
        self.assertEqual([("PRIMARY", 2)], [(d["status"], d["runningCount"]) for d in self.describe()["deployments"]])

    def test_no_room_for_a_new_task(self) -> None:
        self.create(desiredCount=1, deploymentConfiguration={"minimumHealthyPercent": 100, "maximumPercent": 100})
        self.update("nginx:2")
        self.advance(3600)
        self.assertEqual(["IN_PROGRESS", "COMPLETED"], [d["rolloutState"] for d in self.describe()["deployments"]])

    def test_failing_image_is_tried_for_ever(self) -> None:
        self.create()
        self.control("images", {"nginx:bad": {"problem": "exits", "code": 3}})
        self.update("nginx:bad")
        self.advance(1200)
        primary, old = self.describe()["deployments"]
        self.assertEqual(("IN_PROGRESS", 2), (primary["rolloutState"], old["runningCount"]))
        self.assertGreater(primary["failedTasks"], 5)
        task = self.tasks("STOPPED")[0]
        self.assertEqual(("Essential container in task exited", "EssentialContainerExited", 3),
                         (task["stoppedReason"], task["stopCode"], task["containers"][0]["exitCode"]))
        self.control("images", {"nginx:bad": None})
        self.advance(600)
        self.assertEqual(["COMPLETED"], [d["rolloutState"] for d in self.describe()["deployments"]])

    def test_circuit_breaker(self) -> None:
        self.create(deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True, "rollback": True}})
        first = self.describe()["deployments"][0]
        self.control("images", {"nginx:bad": {"problem": "missing"}})
        self.update("nginx:bad")
        self.advance(300)
        shown = self.describe()
        self.assertEqual((first["id"], first["taskDefinition"], 2), (
            shown["deployments"][0]["id"], shown["taskDefinition"], shown["runningCount"]))
        self.assertTrue(any("rolling back" in event["message"] for event in shown["events"]))
        record = self.ecs.list_service_deployments(cluster="c", service="web")["serviceDeployments"][0]
        self.assertEqual("ROLLBACK_SUCCESSFUL", record["status"])
        self.ecs.update_service(cluster="c", service="web", deploymentConfiguration={
            "deploymentCircuitBreaker": {"enable": True, "rollback": False}})
        self.update("nginx:bad")
        self.advance(300)
        failed = self.describe()["deployments"][0]
        self.assertEqual(("FAILED", "ECS deployment circuit breaker: tasks failed to start."),
                         (failed["rolloutState"], failed["rolloutStateReason"]))

    def test_unhealthy_for_the_load_balancer(self) -> None:
        self.behind_load_balancer()
        self.create(healthCheckGracePeriodSeconds=100)
        self.control("images", {"nginx:bad": {"problem": "unhealthy"}})
        self.update("nginx:bad")
        self.advance(60)
        self.assertEqual([], [task for task in self.tasks("STOPPED") if "ELB" in task["stoppedReason"]])
        self.advance(60)
        stopped = [task for task in self.tasks("STOPPED") if "failed ELB health checks" in task["stoppedReason"]]
        self.assertEqual(2, len(stopped))
        self.assertIn("is unhealthy in (target-group", " ".join(e["message"] for e in self.describe()["events"]))

    def test_unhealthy_containers(self) -> None:
        self.create(taskDefinition=self.revision("nginx", healthCheck={"command": ["CMD", "true"]}))
        self.assertEqual(["HEALTHY"] * 2, [task["healthStatus"] for task in self.tasks()])
        self.control("images", {"nginx": {"problem": "container_unhealthy"}})
        self.advance(25)
        self.assertIn("Task failed container health checks", [task["stoppedReason"] for task in self.tasks("STOPPED")])

    def test_pipeline(self) -> None:
        self.create()
        answer = self.control("pipeline", {"cluster": "c", "service": "web", "image": "nginx:9", "changes": {"cpu": "2048"},
                                           "container": "web"})
        self.advance(60)
        self.assertEqual(answer["taskDefinition"], self.describe()["taskDefinition"])
        record = self.ecs.describe_service_deployments(serviceDeploymentArns=[answer["deployment"]])["serviceDeployments"][0]
        self.assertEqual("SUCCESSFUL", record["status"])
        only = self.control("pipeline", {"cluster": "c", "service": "web", "image": "nginx:10", "deploy": False})
        self.assertIsNone(only["deployment"])
        shown = self.ecs.describe_task_definition(taskDefinition=only["taskDefinition"])["taskDefinition"]
        self.assertEqual(("nginx:10", "2048"), (shown["containerDefinitions"][0]["image"], shown["cpu"]))

    def test_stop_service_deployment(self) -> None:
        self.create()
        before = self.describe()["taskDefinition"]
        self.control("images", {"nginx:slow": {"pull_seconds": 500}})
        self.update("nginx:slow")
        self.advance(10)
        arn = self.ecs.list_service_deployments(cluster="c", service="web")["serviceDeployments"][0]["serviceDeploymentArn"]
        self.ecs.stop_service_deployment(serviceDeploymentArn=arn)
        self.advance(60)
        record = self.ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0]
        self.assertEqual(("ROLLBACK_SUCCESSFUL", before), (record["status"], self.describe()["taskDefinition"]))


class External(Running):
    def test_task_sets(self) -> None:
        ecs, names = self.ecs, {"cluster": "c", "service": "web"}
        ecs.create_service(cluster="c", serviceName="web", desiredCount=4, deploymentController={"type": "EXTERNAL"})
        first = ecs.create_task_set(**names, taskDefinition=self.service["taskDefinition"], launchType="FARGATE",
                                    networkConfiguration=self.service["networkConfiguration"], externalId="x",
                                    scale={"value": 50, "unit": "PERCENT"})["taskSet"]
        self.assertEqual("STABILIZING", first["stabilityStatus"])
        self.advance(60)
        shown = ecs.describe_task_sets(**names)["taskSets"][0]
        self.assertEqual(("STEADY_STATE", 2, 2, "ACTIVE", "x", "EXTERNAL"), (
            shown["stabilityStatus"], shown["computedDesiredCount"], shown["runningCount"], shown["status"],
            shown["externalId"], shown["startedBy"]))
        ecs.update_service_primary_task_set(**names, primaryTaskSet=first["id"])
        self.assertEqual("PRIMARY", self.describe()["taskSets"][0]["status"])
        ecs.update_task_set(**names, taskSet=first["id"], scale={"value": 100, "unit": "PERCENT"})
        self.advance(60)
        self.assertEqual((4, 0), self.counts())
        self.refused("InvalidParameterException", ecs.update_service, **names, taskDefinition="web")
        self.refused("ClientException", ecs.delete_task_set, **names, taskSet=first["id"])
        self.refused("TaskSetNotFoundException", ecs.delete_task_set, **names, taskSet="ecs-svc/1")
        ecs.delete_task_set(**names, taskSet=first["id"], force=True)
        self.advance(10)
        self.assertEqual((0, 0), self.counts())

    def test_from_code_deploy_to_ecs(self) -> None:
        self.behind_load_balancer()
        self.create(deploymentController={"type": "CODE_DEPLOY"})
        self.ecs.update_service(cluster="c", service="web", deploymentController={"type": "ECS"})
        self.advance(60)
        shown = self.describe()
        self.assertEqual((["COMPLETED"], [], (2, 0)), ([d["rolloutState"] for d in shown["deployments"]],
                                                       shown.get("taskSets", []), self.counts()))
