"""Tests of the emulator: iam."""

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
