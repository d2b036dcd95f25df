"""ACM: a certificate is issued when its records are seen in public DNS, not when time has passed.

What is seen: records of public zones of the account, unless the account has the zone above too, and that one names
other name servers (or none). https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
"""

from collections.abc import Iterator
from typing import Any

from moto.acm.models import CertBundle
from moto.core.utils import utcnow
from moto.route53.models import FakeZone

from ..overlay import existing_backends
from .route53 import records_of


def _check(self: CertBundle) -> None:
    if self._not_valid_after(self._cert) <= utcnow():
        self.status = "EXPIRED"
    elif self.type == "AMAZON_ISSUED" and self.status == "PENDING_VALIDATION" and _is_proved(self):
        self.status = "ISSUED"


CertBundle.check = _check  # type: ignore[method-assign]


def _is_proved(certificate: CertBundle) -> bool:
    options = certificate.describe()["Certificate"]["DomainValidationOptions"]
    return all(_is_seen(option["ResourceRecord"]) for option in options)


def _is_seen(proof: dict[str, str]) -> bool:
    for zone in _public_zones():
        record = records_of(zone).get((proof["Name"].lower(), proof["Type"], ""))
        if record and _values(record) == {proof["Value"].rstrip(".")} and _is_delegated(zone):
            return True
    return False


def _is_delegated(zone: FakeZone) -> bool:
    name = zone.name.rstrip(".")
    above = [one for one in _public_zones() if name.endswith("." + one.name.rstrip("."))]
    nearest = max((len(one.name.rstrip(".")) for one in above), default=0)
    named = [records_of(one).get((name + ".", "NS", "")) for one in above if len(one.name.rstrip(".")) == nearest]
    own = {server.rstrip(".") for server in zone.delegation_set.name_servers}
    return not above or any(record and _values(record) & own for record in named)


def _values(record: dict[str, Any]) -> set[str]:
    return {value["Value"].rstrip(".") for value in record.get("ResourceRecords", [])}


def _public_zones() -> Iterator[FakeZone]:
    for backend in existing_backends("route53"):
        yield from (zone for zone in backend.zones.values() if not zone.private_zone)
