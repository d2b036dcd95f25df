"""Tests of the emulator: iam."""

import functools
import json

from support import EmulatorTest


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

    def test_new_role_is_not_known_everywhere(self) -> None:
        self.emulator.control("POST", "settings", {"iam_role_refusals": 2})
        trust = json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
        role = self.emulator.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        register = functools.partial(
            self.emulator.client("ecs").register_task_definition, family="web", executionRoleArn=role,
            containerDefinitions=[{"name": "web", "image": "nginx", "memory": 128}])
        for _ in range(2):
            self.assertEqual("Role is not valid", self.refused("ClientException", register))
        self.assertEqual(1, register()["taskDefinition"]["revision"])
