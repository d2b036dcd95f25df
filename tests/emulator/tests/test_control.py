"""Tests of the emulator: control."""

import contextlib
import http.client
import threading
import urllib.error
import urllib.request
from datetime import datetime

from support import EmulatorTest, REGION


class Control(EmulatorTest):
    def test_log_names_operations_of_every_protocol(self) -> None:
        self.emulator.client("ec2").describe_vpcs()
        self.emulator.client("ecs").list_clusters()
        self.emulator.client("iam").list_roles()
        self.emulator.client("elbv2").describe_load_balancers()
        self.emulator.client("route53").list_hosted_zones()
        calls = self.emulator.control("GET", "log")
        self.assertEqual(
            ["ec2:DescribeVpcs", "ecs:ListClusters", "iam:ListRoles", "elbv2:DescribeLoadBalancers",
             "route53:ListHostedZones"],
            [f"{call['service']}:{call['operation']}" for call in calls],
        )
        self.emulator.control("DELETE", "log")
        self.assertEqual([], self.emulator.control("GET", "log"))

    def test_held_calls(self) -> None:
        ecs = self.emulator.client("ecs")

        def create(name: str) -> threading.Thread:
            def call() -> None:
                with contextlib.suppress(Exception):
                    ecs.create_cluster(clusterName=name)
            thread = threading.Thread(target=call)
            thread.start()
            return thread

        def held() -> list[str]:
            for _ in range(200):
                if calls := self.emulator.control("GET", "held"):
                    return [call["operation"] for call in calls]
            return []

        for after, drop, made in [(False, True, 0), (True, True, 1), (False, False, 2)]:
            self.emulator.control("POST", "hold", {"operation": "CreateCluster", "after": after})
            thread = create(f"{after}-{drop}")
            self.assertEqual(["CreateCluster"], held())
            self.emulator.control("POST", "release", {"drop": drop})
            thread.join()
            self.assertEqual(made, len(ecs.list_clusters()["clusterArns"]), (after, drop))

    def test_chance_spares_the_last_attempt_of_a_call(self) -> None:
        self.emulator.control("POST", "faults", [{"kind": "throttle", "rate": 1.0}])
        signed = "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/ecs/aws4_request"
        for said, status in [("attempt=2; max=3", 400), ("ttl=20260101T000000Z; attempt=3; max=3", 200),
                             ("attempt=1; max=1", 400), ("", 400)]:
            connection = http.client.HTTPConnection(self.emulator.url.removeprefix("http://"))
            headers = {"Authorization": signed, "Content-Type": "application/x-amz-json-1.1", "amz-sdk-request": said,
                       "X-Amz-Target": "AmazonEC2ContainerServiceV20141113.ListClusters"}
            connection.request("POST", "/", body=b"{}", headers=headers)
            self.assertEqual(status, connection.getresponse().status, said)
            connection.close()

    def test_faults(self) -> None:
        ecs, ec2, iam = (self.emulator.client(name) for name in ("ecs", "ec2", "iam"))
        self.emulator.control("POST", "faults", [
            {"service": "ecs", "operation": "CreateCluster", "kind": "error_after", "count": 1},
            {"service": "ec2", "kind": "throttle", "count": 1},
            {"service": "iam", "kind": "deny"},
            {"service": "logs", "kind": "reset", "count": 1},
        ])
        self.refused("InternalFailure", ecs.create_cluster, clusterName="c")
        self.assertEqual(1, len(ecs.list_clusters()["clusterArns"]))
        self.refused("RequestLimitExceeded", ec2.describe_vpcs)
        ec2.describe_vpcs()
        self.refused("AccessDenied", iam.list_roles)
        with self.assertRaises(Exception) as caught:
            self.emulator.client("logs").describe_log_groups()
        self.assertIn("Connection", type(caught.exception).__name__)
        self.emulator.client("logs").describe_log_groups()

    def test_stale_reads(self) -> None:
        rule = {"kind": "stale", "service": "ec2", "reads": 2, "operation": "ModifyVpcAttribute"}
        self.emulator.control("POST", "faults", [rule])
        ec2 = self.emulator.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.refused("InvalidVpcID.NotFound", ec2.describe_vpcs, VpcIds=[vpc])
        self.refused("InvalidVpcID.NotFound", ec2.modify_vpc_attribute, VpcId=vpc, EnableDnsHostnames={"Value": True})
        self.assertEqual(1, len(ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"]))
        ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})

    def test_a_bucket_that_reads_miss(self) -> None:
        self.emulator.control("POST", "faults", [{"kind": "stale", "service": "s3", "reads": 2}])
        s3 = self.emulator.client("s3")
        s3.create_bucket(Bucket="new", CreateBucketConfiguration={"LocationConstraint": REGION})
        self.refused("NoSuchBucket", s3.get_bucket_tagging, Bucket="new")
        self.assertEqual([], s3.list_buckets()["Buckets"])
        self.refused("NoSuchTagSet", s3.get_bucket_tagging, Bucket="new")

    def test_reads_that_are_stale_for_a_time(self) -> None:
        self.emulator.control("POST", "faults", [{"kind": "stale", "service": "ec2", "seconds": 20}])

        def ask(action: str, time: str) -> str:
            scope = f"Credential=test/20260101/{REGION}/ec2/aws4_request, SignedHeaders=host, Signature=0"
            headers = {"Authorization": f"AWS4-HMAC-SHA256 {scope}", "X-Amz-Date": time}
            body = f"Action={action}&Version=2016-11-15".encode()
            request = urllib.request.Request(self.emulator.url, data=body, headers=headers)
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.read().decode()

        ask("CreateVpc&CidrBlock=10.9.0.0/16", "20260101T000000Z")
        for time, is_seen in [("20260101T000000Z", False), ("20260101T000019Z", False), ("20260101T000020Z", True)]:
            self.assertEqual(is_seen, "10.9.0.0/16" in ask("DescribeVpcs", time), time)

    def test_missing_operation_is_501_and_named(self) -> None:
        message = self.refused("NotImplemented", self.emulator.client("ec2").describe_capacity_blocks)
        self.assertIn("ec2:DescribeCapacityBlocks", message)

    def test_connections_stay_open(self) -> None:
        connection = http.client.HTTPConnection(self.emulator.url.removeprefix("http://"))
        sockets = set()
        for _ in range(3):
            connection.request("GET", "/_glaz/health")
            connection.getresponse().read()
            sockets.add(connection.sock)
        self.assertEqual(1, len(sockets - {None}))
        connection.close()

    def test_clock(self) -> None:
        control = self.emulator.control
        before = control("POST", "clock", {"speed": 0, "per_poll": 0})
        self.assertEqual((0, 0, None), (before["speed"], before["per_poll"], before["next_event_in"]))
        self.assertEqual(before, control("GET", "clock"))
        moved = control("POST", "clock", {"advance": 90})
        passed = datetime.fromisoformat(moved["now"]) - datetime.fromisoformat(before["now"])
        self.assertEqual(90, passed.total_seconds())
        ecs = self.emulator.client("ecs")
        ecs.create_cluster(clusterName="c")
        ecs.register_task_definition(family="web", containerDefinitions=[{"name": "web", "image": "nginx", "memory": 128}])
        task = ecs.run_task(cluster="c", taskDefinition="web")["tasks"][0]["taskArn"]
        seen = []
        for _ in range(3):
            seen.append(ecs.describe_tasks(cluster="c", tasks=[task])["tasks"][0]["lastStatus"])
            control("POST", "clock", {"leap": 1})
        self.assertEqual(["PROVISIONING", "PENDING", "RUNNING"], seen)
        for path, wrong in (("clock", {"advance": -1}), ("clock", {"pace": 1}), ("images", {"*": {"problem": "odd"}}),
                            ("hooks", {"*": {"result": "odd"}}), ("alarms", {"a": "odd"}), ("pipeline", {"cluster": "c"}),
                            ("pipeline", {"cluster": "c", "service": "none"})):
            with self.assertRaises(urllib.error.HTTPError) as caught:
                control("POST", path, wrong)
            self.assertEqual(400, caught.exception.status, path)
            self.assertIn("error", caught.exception.__notes__[0])

    def test_cbor(self) -> None:
        """CloudWatch's protocol in the newer SDKs; boto3 speaks JSON."""
        self.emulator.client("ecs").create_cluster(clusterName="c")
        self.emulator.control("POST", "alarms", {"5xx": "ALARM", "slow": "OK"})
        # {"AlarmNames": ["5xx"], "MaxRecords": 100}, the array without a length
        body = b"\xa2\x6aAlarmNames\x9f\x635xx\xff\x6aMaxRecords\x18\x64"
        credential = "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/monitoring/aws4_request, Signature=x"
        request = urllib.request.Request(
            f"{self.emulator.url}/service/GraniteServiceVersion20100801/operation/DescribeAlarms", data=body, method="POST",
            headers={"smithy-protocol": "rpc-v2-cbor", "Content-Type": "application/cbor", "Authorization": credential})
        with urllib.request.urlopen(request) as answer:
            self.assertEqual(("rpc-v2-cbor", "application/cbor"), (answer.headers["smithy-protocol"], answer.headers["Content-Type"]))
            text = answer.read()
        self.assertIn(b"\x6aStateValue\x65ALARM", text)
        self.assertNotIn(b"slow", text)
        self.assertIn(b"\x75StateUpdatedTimestamp\xc1\xfb", text)

    def test_head_tells_the_size(self) -> None:
        s3 = self.emulator.client("s3")
        s3.create_bucket(Bucket="bucket1", CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_object(Bucket="bucket1", Key="k", Body=b"12345")
        self.assertEqual(5, s3.head_object(Bucket="bucket1", Key="k")["ContentLength"])
        self.assertEqual(b"12345", s3.get_object(Bucket="bucket1", Key="k")["Body"].read())
        self.assertEqual(["PutObject", "HeadObject"], [c["operation"] for c in self.emulator.control("GET", "log")][1:3])
        self.assertEqual([("s3", "bucket")], self.leftovers())

    def test_new_account_has_no_leftovers(self) -> None:
        self.emulator.client("ec2").describe_vpcs()
        self.emulator.client("iam").list_roles()
        self.assertEqual([], self.leftovers())
