"""Tests of the emulator: codedeploy."""

import json

from support import EcsTest


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
        self.refused("InvalidApplicationNameException", deploy.create_application, applicationName="a b")
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
        self.refused("RevisionRequiredException", deploy.create_deployment, applicationName="a", deploymentGroupName="h")
        deploy.delete_deployment_group(applicationName="a", deploymentGroupName="h")
        self.refused("DeploymentGroupDoesNotExistException", deploy.get_deployment_group, applicationName="a",
                     deploymentGroupName="h")
