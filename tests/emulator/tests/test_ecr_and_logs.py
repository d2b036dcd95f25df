"""Tests of the emulator: ecr and logs."""

import json

from support import EmulatorTest


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
