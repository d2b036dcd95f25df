"""Tests of the emulator: route53."""

import threading

from support import EmulatorTest


class Route53(EmulatorTest):
    def change(self, *changes: tuple[str, dict]) -> dict:
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": record} for action, record in changes]}
        return self.route53.change_resource_record_sets(HostedZoneId=self.zone, ChangeBatch=batch)["ChangeInfo"]

    def setUp(self) -> None:
        super().setUp()
        self.route53 = self.emulator.client("route53")
        made = self.route53.create_hosted_zone(Name="example.com", CallerReference="r")
        self.zone = made["HostedZone"]["Id"].rsplit("/", 1)[-1]

    def test_change_batches(self) -> None:
        self.emulator.control("POST", "settings", {"route53_pending_polls": 1})
        record = {"Name": "*.Example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
        alias = {"Name": "www.example.com", "Type": "A", "AliasTarget": {
            "HostedZoneId": "Z32O12XQLNTSW2", "DNSName": "lb.example.org", "EvaluateTargetHealth": True}}
        change = self.change(("CREATE", record), ("UPSERT", alias))
        states = [self.route53.get_change(Id=change["Id"])["ChangeInfo"]["Status"] for _ in "ab"]
        self.assertEqual(["PENDING", "INSYNC"], states)
        shown = self.route53.list_resource_record_sets(HostedZoneId=self.zone)["ResourceRecordSets"]
        self.assertEqual(["NS", "SOA", "A", "A"], [item["Type"] for item in shown])
        self.assertEqual("\\052.example.com.", shown[2]["Name"])
        self.assertEqual("lb.example.org.", shown[3]["AliasTarget"]["DNSName"])
        message = self.refused("InvalidChangeBatch", lambda: self.change(("CREATE", record)))
        self.assertIn("but it already exists", message)
        missing = {**record, "Name": "none.example.com"}
        message = self.refused("InvalidChangeBatch", lambda: self.change(("DELETE", alias), ("DELETE", missing)))
        self.assertIn("but it was not found", message)
        message = self.refused("InvalidChangeBatch", lambda: self.change(("DELETE", {**record, "TTL": 61})))
        self.assertIn("do not match", message)
        self.refused("InvalidChangeBatch", lambda: self.change(("CREATE", {**record, "Name": "a.example.org"})))
        self.refused("HostedZoneNotEmpty", self.route53.delete_hosted_zone, Id=self.zone)
        self.change(("DELETE", record), ("DELETE", alias))
        self.route53.delete_hosted_zone(Id=self.zone)
        self.assertEqual([], self.leftovers())

    def test_size_of_a_batch(self) -> None:
        def record(number: int, values: list[str]) -> dict:
            records = [{"Value": f'"{value}"'} for value in values]
            return {"Name": f"r{number}.example.com", "Type": "TXT", "TTL": 60, "ResourceRecords": records}

        some = [record(number, ["a"]) for number in range(501)]
        message = self.refused("InvalidChangeBatch", lambda: self.change(*(("UPSERT", one) for one in some)))
        self.assertIn("Number of records limit of 1000 exceeded", message)
        self.change(*(("CREATE", one) for one in some))
        self.change(*(("DELETE", one) for one in some))
        long = [record(number, ["x" * 250] * 2) for number in range(64)]
        message = self.refused("InvalidChangeBatch", lambda: self.change(*(("CREATE", one) for one in long)))
        self.assertIn("Number of characters limit of 32000 exceeded", message)

    def test_one_request_a_zone_at_a_time(self) -> None:
        self.emulator.control("POST", "faults", [{"kind": "latency", "operation": "ChangeResourceRecordSets", "ms": 1000}])
        record = {"Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
        answers = []

        def ask(number: int) -> None:
            try:
                self.change(("CREATE", {**record, "Name": f"r{number}.example.com"}))
                answers.append("made")
            except self.route53.exceptions.PriorRequestNotComplete:
                answers.append("refused")

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(["made", "refused"], sorted(answers))
        ask(2)
        self.assertEqual("made", answers[-1])

    def test_health_checks(self) -> None:
        arguments = {"CallerReference": "h", "HealthCheckConfig": {"Type": "HTTPS", "FullyQualifiedDomainName": "a.example.com"}}
        made = self.route53.create_health_check(**arguments)["HealthCheck"]
        self.assertEqual(made["Id"], self.route53.create_health_check(**arguments)["HealthCheck"]["Id"])
        self.assertEqual(443, made["HealthCheckConfig"]["Port"])
        self.route53.change_tags_for_resource(ResourceType="healthcheck", ResourceId=made["Id"],
                                              AddTags=[{"Key": "a", "Value": "b"}])
        tags = self.route53.list_tags_for_resource(ResourceType="healthcheck", ResourceId=made["Id"])
        self.assertEqual([{"Key": "a", "Value": "b"}], tags["ResourceTagSet"]["Tags"])
        changed = self.route53.update_health_check(HealthCheckId=made["Id"], FailureThreshold=5)["HealthCheck"]
        self.assertEqual((5, 2), (changed["HealthCheckConfig"]["FailureThreshold"], changed["HealthCheckVersion"]))
        self.route53.delete_health_check(HealthCheckId=made["Id"])
        self.refused("NoSuchHealthCheck", self.route53.get_health_check, HealthCheckId=made["Id"])
