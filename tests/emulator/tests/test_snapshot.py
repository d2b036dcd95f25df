"""Tests of the emulator: snapshots."""

import http.client
import os
import subprocess
import time
import unittest
import urllib.error

from support import EcsTest, Emulator


class Snapshots(EcsTest):
    def clusters(self) -> int:
        return len(self.ecs.list_clusters()["clusterArns"])

    def test_goes_back_as_often_as_wanted(self) -> None:
        control = self.emulator.control
        self.ecs.create_cluster(clusterName="kept")
        control("POST", "settings", {"ecs_pulling_seconds": 9})
        control("POST", "faults", [{"service": "logs", "kind": "throttle", "count": 2}])
        self.refused("ThrottlingException", self.emulator.client("logs").describe_log_groups)
        before = (control("GET", "leftovers"), control("GET", "faults"), control("GET", "log"), control("GET", "settings"))
        control("POST", "snapshot")
        for _ in range(3):
            self.assertEqual(before, (control("GET", "leftovers"), control("GET", "faults"), control("GET", "log"),
                                      control("GET", "settings")))
            self.refused("ThrottlingException", self.emulator.client("logs").describe_log_groups)
            self.ecs.create_cluster(clusterName="new")
            self.ecs.delete_cluster(cluster="kept")
            control("POST", "settings", {"ecs_pulling_seconds": 1})
            control("POST", "restore")

    def test_what_is_under_way_goes_on_from_there(self) -> None:
        control = self.emulator.control
        control("POST", "clock", {"speed": 0, "per_poll": 0})
        self.ecs.create_cluster(clusterName="c")
        self.definition(networkMode="bridge", requiresCompatibilities=["EC2"])
        task = self.ecs.run_task(cluster="c", taskDefinition="web")["tasks"][0]["taskArn"]
        control("POST", "clock", {"leap": 1})
        now = control("GET", "clock")
        control("POST", "snapshot")
        for _ in range(2):
            self.assertEqual(now, control("GET", "clock"))
            seen = []
            for _ in range(2):
                seen.append(self.ecs.describe_tasks(cluster="c", tasks=[task])["tasks"][0]["lastStatus"])
                control("POST", "clock", {"leap": 1})
            self.assertEqual(["PENDING", "RUNNING"], seen)
            control("POST", "restore")

    def test_reset_ends_it(self) -> None:
        control = self.emulator.control
        self.ecs.create_cluster(clusterName="kept")
        control("POST", "snapshot")
        control("POST", "reset")
        self.assertEqual([], self.leftovers())
        self.assertEqual(0, self.clusters())
        with self.assertRaises(urllib.error.HTTPError) as caught:
            control("POST", "restore")
        self.assertIn("no snapshot", caught.exception.__notes__[0])
        self.ecs.create_cluster(clusterName="other")
        control("POST", "snapshot")
        self.ecs.delete_cluster(cluster="other")
        control("POST", "restore")
        self.assertEqual(1, self.clusters())

    def test_there_is_one_at_a_time(self) -> None:
        self.emulator.control("POST", "snapshot")
        with self.assertRaises(urllib.error.HTTPError) as caught:
            self.emulator.control("POST", "snapshot")
        self.assertIn("already", caught.exception.__notes__[0])

    def test_calls_that_are_held(self) -> None:
        control = self.emulator.control
        control("POST", "snapshot")
        control("POST", "hold", {"operation": "CreateCluster"})
        host = self.emulator.url.removeprefix("http://")
        connection = http.client.HTTPConnection(host)
        head = {"X-Amz-Target": "AmazonEC2ContainerServiceV20141113.CreateCluster",
                "Content-Type": "application/x-amz-json-1.1",
                "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/ecs/aws4_request"}
        connection.request("POST", "/", '{"clusterName": "held"}', head)
        while not control("GET", "held"):
            pass
        control("POST", "restore")  # it ends with the copy
        self.assertRaises((OSError, http.client.HTTPException), connection.getresponse)
        connection.close()
        self.assertEqual([], control("GET", "held"))
        self.assertEqual(0, self.clusters())
        control("POST", "reset")
        control("POST", "hold", {"operation": "CreateCluster"})
        connection = http.client.HTTPConnection(host)
        connection.request("POST", "/", '{"clusterName": "held"}', head)
        while not control("GET", "held"):
            pass
        with self.assertRaises(urllib.error.HTTPError) as caught:
            control("POST", "snapshot")
        self.assertIn("held", caught.exception.__notes__[0])
        control("POST", "release")
        self.assertEqual(200, connection.getresponse().status)
        connection.close()

    def test_who_connects_meanwhile_waits(self) -> None:
        self.emulator.control("POST", "snapshot")
        for _ in range(20):
            self.emulator.control("POST", "restore")
            self.assertEqual({"status": "ok"}, self.emulator.control("GET", "health"))


class Ends(unittest.TestCase):
    def setUp(self) -> None:
        self.emulator = Emulator()
        self.emulator.control("POST", "snapshot")
        self.addCleanup(self.emulator.stop)

    def copies(self) -> list[int]:
        self.emulator.control("GET", "health")  # the copy answers: it is there
        command = ["ps", "-o", "pid=", "--ppid", str(self.emulator.process.pid)]
        return [int(one) for one in subprocess.run(command, capture_output=True, text=True).stdout.split()]

    def test_ends_with_its_standard_input_and_leaves_no_process(self) -> None:
        for _ in range(3):
            self.emulator.control("POST", "restore")
        copies = self.copies()
        self.assertEqual(1, len(copies), "copies that have ended are there")
        self.emulator.stop()
        self.assertEqual(0, self.emulator.process.returncode)
        end = time.monotonic() + 30
        while _is_there(copies[0]) and time.monotonic() < end:
            pass
        self.assertFalse(_is_there(copies[0]), "the copy that served outlives the keeper")

    def test_ends_when_the_copy_ends(self) -> None:
        os.kill(self.copies()[0], 9)
        self.assertEqual(1, self.emulator.process.wait(30))


def _is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
        with open(f"/proc/{process}/stat", encoding="ascii") as file:
            return file.read().rsplit(")")[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
