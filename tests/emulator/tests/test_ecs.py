"""Tests of the emulator: ecs."""

from support import EcsTest


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
        self.emulator.control("POST", "clock", {"per_poll": 5, "speed": 0})
        ecs.update_service(cluster="c", service="web", taskDefinition=second)
        self.assertEqual([2, 1], [len(self.describe()["deployments"]) for _ in "ab"])
        self.assertEqual(second, self.describe()["taskDefinition"])
        self.refused("ClusterContainsServicesException", ecs.delete_cluster, cluster="c")
        self.refused("DependencyViolation", self.ec2.delete_subnet, SubnetId=self.subnets[0])
        self.refused("InvalidParameterException", ecs.delete_service, cluster="c", service="web")
        self.emulator.control("POST", "settings", {"ecs_stopping_seconds": 7})
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
        self.assertEqual([("ecs", "cluster"), ("ecs", "service"), ("ecs", "task"), ("ecs", "task-definition"),
                          ("ecs", "task-set")], [item for item in self.leftovers() if item[0] == "ecs"])
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
