"""One emulator for all tests of this folder, and what they share."""

import atexit
import functools
import json
import os
import subprocess
import sys
import unittest
import urllib.error
import urllib.request
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

HERE = os.path.dirname(os.path.abspath(__file__))
REGION = "eu-west-1"


class Emulator:
    """One emulator process for all tests."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(os.path.dirname(HERE), "__main__.py"), "--port", "0", "--until-eof"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        line = self.process.stdout.readline()
        self.url = "http://" + line.split()[-1]
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = boto3.client(
                service,
                endpoint_url=self.url,
                region_name=REGION,
                aws_access_key_id="test",
                aws_secret_access_key="test",
                config=Config(retries={"total_max_attempts": 1}),
            )
        return self._clients[service]

    def control(self, method: str, path: str, value: Any = None) -> Any:
        body = None if value is None else json.dumps(value).encode()
        request = urllib.request.Request(f"{self.url}/_glaz/{path}", data=body, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            error.add_note(error.read().decode())
            raise

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


@functools.cache
def running_emulator() -> Emulator:
    """Started once, for all tests."""
    emulator = Emulator()
    atexit.register(emulator.stop)
    return emulator


class EmulatorTest(unittest.TestCase):
    emulator: Emulator

    @classmethod
    def setUpClass(cls) -> None:
        cls.emulator = running_emulator()

    def setUp(self) -> None:
        self.emulator.control("POST", "reset")

    def refused(self, code: str, function: Any, **arguments: Any) -> str:
        """Expect AWS error `code`; the message is returned."""
        with self.assertRaises(ClientError) as caught:
            function(**arguments)
        self.assertEqual(code, caught.exception.response["Error"]["Code"], str(caught.exception))
        return caught.exception.response["Error"]["Message"]

    def leftovers(self) -> list[tuple[str, str]]:
        return [(item["service"], item["type"]) for item in self.emulator.control("GET", "leftovers")]


class EcsTest(EmulatorTest):
    """Helpers for ECS and what builds on it."""

    def setUp(self) -> None:
        super().setUp()
        self.ecs, self.ec2, self.elb = (self.emulator.client(name) for name in ("ecs", "ec2", "elbv2"))

    def definition(self, family: str = "web", **more: Any) -> str:
        arguments = {
            "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "1 vCPU", "memory": "2 GB",
            "containerDefinitions": [{"name": "web", "image": "nginx", "portMappings": [{"containerPort": 80}]}],
            **more,
        }
        made = self.ecs.register_task_definition(family=family, **arguments)
        return made["taskDefinition"]["taskDefinitionArn"]

    def network(self) -> dict:
        default = self.ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
        self.vpc, self.subnets = default[0]["VpcId"], [subnet["SubnetId"] for subnet in default[:2]]
        return {"awsvpcConfiguration": {"subnets": self.subnets}}

    def target_group(self) -> str:
        group = self.elb.create_target_group(Name="blue", Protocol="HTTP", Port=80, VpcId=self.vpc, TargetType="ip")
        arn = group["TargetGroups"][0]["TargetGroupArn"]
        balancer = self.elb.create_load_balancer(Name="lb", Subnets=self.subnets)["LoadBalancers"][0]
        self.elb.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80,
                                 DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}])
        return arn

    def describe(self, name: str = "web") -> dict:
        return self.ecs.describe_services(cluster="c", services=[name], include=["TAGS"])["services"][0]
