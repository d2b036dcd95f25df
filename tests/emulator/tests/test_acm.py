"""Tests of the emulator: acm."""

from support import EmulatorTest


class Acm(EmulatorTest):
    def setUp(self) -> None:
        super().setUp()
        self.acm, self.route53 = self.emulator.client("acm"), self.emulator.client("route53")

    def status(self, arn: str) -> str:
        return self.acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"]

    def zone(self, name: str) -> tuple[str, list[str]]:
        made = self.route53.create_hosted_zone(Name=name, CallerReference=name)
        return made["HostedZone"]["Id"], made["DelegationSet"]["NameServers"]

    def put(self, zone: str, name: str, kind: str, values: list[str]) -> None:
        record = {"Name": name, "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value} for value in values]}
        batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
        self.route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)

    def test_a_certificate_is_issued_when_its_record_is_seen(self) -> None:
        arn = self.acm.request_certificate(DomainName="www.dev.example.com", ValidationMethod="DNS")["CertificateArn"]
        self.assertEqual("PENDING_VALIDATION", self.status(arn))
        detail = self.acm.describe_certificate(CertificateArn=arn)["Certificate"]
        proof = detail["DomainValidationOptions"][0]["ResourceRecord"]
        above, _ = self.zone("example.com")
        zone, servers = self.zone("dev.example.com")
        self.put(zone, proof["Name"], proof["Type"], [proof["Value"]])
        self.assertEqual("PENDING_VALIDATION", self.status(arn), "the zone above does not lead to it")
        self.put(above, "dev.example.com", "NS", ["ns1.example.org"])
        self.assertEqual("PENDING_VALIDATION", self.status(arn), "it leads elsewhere")
        self.put(above, "dev.example.com", "NS", servers)
        self.assertEqual("ISSUED", self.status(arn))
