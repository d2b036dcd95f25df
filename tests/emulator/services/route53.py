"""Route 53: change batches as a whole or not at all, changes that are PENDING, health checks.

Error texts as Route 53 gives them inside `InvalidChangeBatch` (API reference 2013-04-01).
Record sets and health checks are ours; zones are moto's.
"""

import secrets
import string
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from moto.core.utils import utcnow
from moto.route53.models import FakeZone

from ..overlay import AwsError, Call, Store, after, before, existing_backends, leftovers, operation
from ..settings import settings


@dataclass
class Route53:
    #: change id → (submitted at, GetChange calls that still say PENDING)
    changes: dict[str, list] = field(default_factory=dict)
    health_checks: dict[str, dict] = field(default_factory=dict)


store = Store(Route53)


def state(call: Call) -> Route53:
    return store.at(call.account, "global")


# --- Changes --------------------------------------------------------------------------


def _new_change(call: Call, comment: str | None = None) -> dict:
    change_id = "C" + "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(20))
    submitted = utcnow()
    state(call).changes[change_id] = [submitted, settings.route53_pending_polls]
    return {"Id": f"/change/{change_id}", "Status": "PENDING", "SubmittedAt": submitted, "Comment": comment}


@operation("route53", "GetChange")
def get_change(call: Call) -> dict:
    """A poll is one step of PENDING → INSYNC; an unknown id is `NoSuchChange`."""
    change_id = call.params["Id"].rsplit("/", 1)[-1]
    change = state(call).changes.get(change_id)
    if not change:
        raise AwsError("NoSuchChange", f"Could not find resource with ID: {change_id}", 404)
    pending = change[1] > 0
    change[1] -= 1
    status = "PENDING" if pending else "INSYNC"
    return {"ChangeInfo": {"Id": f"/change/{change_id}", "Status": status, "SubmittedAt": change[0]}}


@after("route53", "CreateHostedZone", "DeleteHostedZone", "AssociateVPCWithHostedZone", "DisassociateVPCFromHostedZone")
def give_a_change_of_its_own(call: Call, result: dict) -> None:
    """moto answers one constant change id for all."""
    result["ChangeInfo"] = _new_change(call, call.params.get("Comment"))


# --- Zones ----------------------------------------------------------------------------


@before("route53", "CreateHostedZone")
def refuse_used_reference(call: Call) -> None:
    """`HostedZoneAlreadyExists`: a CallerReference makes one zone."""
    for zone in call.backend().zones.values():
        if zone.caller_reference == call.params["CallerReference"]:
            raise AwsError(
                "HostedZoneAlreadyExists",
                f"A hosted zone has already been created with the specified caller reference: {zone.caller_reference}",
                409,
            )


@before("route53", "DeleteHostedZone")
def refuse_zone_with_records(call: Call) -> None:
    zone = call.backend().get_hosted_zone(call.params["Id"])
    if any(not _is_apex_default(zone, key) for key in records_of(zone)):
        raise AwsError(
            "HostedZoneNotEmpty",
            "The specified hosted zone contains non-required resource record sets and so cannot be deleted.",
        )
    zone.rrsets = []  # moto's own check looks here


# --- Record sets ----------------------------------------------------------------------

Key = tuple[str, str, str]  # name, type, set identifier


def records_of(zone: FakeZone) -> dict[Key, dict]:
    """A zone's record sets as sent; made at first use from those moto creates with a zone."""
    if not hasattr(zone, "records"):
        name = _canonical(zone.name)
        servers = [f"{server.rstrip('.')}." for server in zone.delegation_set.name_servers]
        authority = f"{servers[0]} awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"
        zone.records = {}
        for kind, ttl, values in (("NS", 172800, servers), ("SOA", 900, [authority])):
            record = {"Name": name, "Type": kind, "TTL": ttl, "ResourceRecords": [{"Value": v} for v in values]}
            zone.records[_key(record)] = record
    return zone.records


FakeZone.resource_record_set_count = property(lambda zone: len(records_of(zone)))  # type: ignore


def _canonical(name: str) -> str:
    r"""Lower case, one trailing dot, and `*` as `\052`, as ListResourceRecordSets shows it."""
    return name.lower().rstrip(".").replace("*", "\\052") + "."


def _key(record: dict) -> Key:
    return (_canonical(record["Name"]), record["Type"], record.get("SetIdentifier", ""))


def _is_apex_default(zone: FakeZone, key: Key) -> bool:
    return key[0] == _canonical(zone.name) and key[1] in ("NS", "SOA")


@operation("route53", "ChangeResourceRecordSets")
def change_resource_record_sets(call: Call) -> dict:
    """All changes or none; every error of the batch is listed."""
    zone = call.backend().get_hosted_zone(call.params["HostedZoneId"])
    batch = call.params["ChangeBatch"]
    _check_size(batch["Changes"])
    records = dict(records_of(zone))
    errors = [error for change in batch["Changes"] if (error := _apply(zone, records, change))]
    if errors:
        raise AwsError("InvalidChangeBatch", f"[{', '.join(errors)}]")
    zone.records = records
    return {"ChangeInfo": _new_change(call, batch.get("Comment"))}


#: What one ChangeResourceRecordSets takes; an UPSERT counts twice.
MOST_RECORDS, MOST_CHARACTERS = 1000, 32_000


def _check_size(changes: list[dict]) -> None:
    records = characters = 0
    for change in changes:
        times = 2 if change["Action"] == "UPSERT" else 1
        values = [item["Value"] for item in change["ResourceRecordSet"].get("ResourceRecords", [])]
        records += times * max(len(values), 1)
        characters += times * sum(map(len, values))
    for count, most, what in ((records, MOST_RECORDS, "records"), (characters, MOST_CHARACTERS, "characters")):
        if count > most:
            raise AwsError("InvalidChangeBatch", f"[Number of {what} limit of {most} exceeded.]")


def _apply(zone: FakeZone, records: dict[Key, dict], change: dict) -> str | None:
    """Apply one change to `records`, or say why not."""
    action, record = change["Action"], _normal(change["ResourceRecordSet"])
    key = _key(record)
    error = _refusal(zone, records, action, record, key)
    if error:
        return error
    if action == "DELETE":
        del records[key]
    else:
        records[key] = record
    return None


def _normal(record: dict) -> dict:
    record = {**record, "Name": _canonical(record["Name"])}
    if alias := record.get("AliasTarget"):
        record["AliasTarget"] = {**alias, "DNSName": _canonical(alias["DNSName"])}
    return record


def _refusal(zone: FakeZone, records: dict[Key, dict], action: str, record: dict, key: Key) -> str | None:
    name, kind, identifier = key
    apex = _canonical(zone.name)
    what = f"[name='{name}', type='{kind}'" + (f", set-identifier='{identifier}'" if identifier else "") + "]"
    if name != apex and not name.endswith("." + apex):
        return f"RRSet with DNS name {name} is not permitted in zone {apex}"
    if action == "CREATE" and key in records:
        return f"Tried to create resource record set {what} but it already exists"
    if action == "DELETE":
        return _delete_refusal(zone, records, record, key, what)
    if kind == "CNAME" and name == apex:
        return f"RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {apex}"
    others = {other[1] for other in records if other[0] == name and other[1] != kind}
    if others and (kind == "CNAME" or "CNAME" in others):
        return (
            f"RRSet of type {kind} with DNS name {name} is not permitted as it conflicts with other records "
            f"with the same DNS name in zone {apex}"
        )
    return None


def _delete_refusal(zone: FakeZone, records: dict[Key, dict], record: dict, key: Key, what: str) -> str | None:
    if key not in records:
        return f"Tried to delete resource record set {what} but it was not found"
    if _is_apex_default(zone, key):
        return f"A HostedZone must contain at least one {key[1]} record for the zone itself."
    if _values(records[key]) != _values(record):
        return f"Tried to delete resource record set {what} but the values provided do not match the current values"
    return None


def _values(record: dict) -> tuple:
    texts = sorted(item["Value"] for item in record.get("ResourceRecords", []))
    return record.get("TTL"), texts, record.get("AliasTarget"), record.get("Weight"), record.get("Failover")


@operation("route53", "ListResourceRecordSets")
def list_resource_record_sets(call: Call) -> dict:
    """Sorted by reversed name, type, identifier; pages start at StartRecord…"""
    zone, params = call.backend().get_hosted_zone(call.params["HostedZoneId"]), call.params
    records = sorted(records_of(zone).items(), key=lambda item: _order(*item[0]))
    if params.get("StartRecordName"):
        start = (_canonical(params["StartRecordName"]), params.get("StartRecordType", ""),
                 params.get("StartRecordIdentifier", ""))
        records = [item for item in records if _order(*item[0]) >= _order(*start)]
    size = min(int(params.get("MaxItems") or 300), 300)
    answer: dict[str, Any] = {
        "ResourceRecordSets": [record for _, record in records[:size]],
        "IsTruncated": len(records) > size,
        "MaxItems": str(size),
    }
    if len(records) > size:
        name, kind, identifier = records[size][0]
        answer.update(NextRecordName=name, NextRecordType=kind, NextRecordIdentifier=identifier or None)
    return answer


def _order(name: str, kind: str, identifier: str) -> tuple:
    return (name.rstrip(".").split(".")[::-1], kind, identifier)


# --- Health checks --------------------------------------------------------------------


@operation("route53", "CreateHealthCheck")
def create_health_check(call: Call) -> dict:
    """Same CallerReference and settings → same check, else `HealthCheckAlreadyExists`."""
    reference, config = call.params["CallerReference"], _complete_config(call.params["HealthCheckConfig"])
    for check in state(call).health_checks.values():
        if check["CallerReference"] == reference:
            if check["HealthCheckConfig"] != config:
                raise AwsError("HealthCheckAlreadyExists", f"A health check with reference {reference} already exists.", 409)
            return _located(check)
    check = {
        "Id": str(uuid.uuid4()),
        "CallerReference": reference,
        "HealthCheckConfig": config,
        "HealthCheckVersion": 1,
    }
    state(call).health_checks[check["Id"]] = check
    return _located(check)


def _located(check: dict) -> dict:
    return {"HealthCheck": check, "Location": f"https://route53.amazonaws.com/2013-04-01/healthcheck/{check['Id']}"}


def _complete_config(config: dict) -> dict:
    config = {"Inverted": False, "Disabled": False, **config}
    if config["Type"] in ("HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP"):
        config = {"RequestInterval": 30, "FailureThreshold": 3, "MeasureLatency": False, **config}
        config.setdefault("EnableSNI", config["Type"].startswith("HTTPS"))
        if config["Type"] != "TCP":
            config.setdefault("Port", 443 if config["Type"].startswith("HTTPS") else 80)
    return config


def _health_check(call: Call) -> dict:
    check_id = call.params["HealthCheckId"]
    check = state(call).health_checks.get(check_id)
    if not check:
        raise AwsError("NoSuchHealthCheck", f"No health check exists with the specified ID {check_id}", 404)
    return check


@operation("route53", "GetHealthCheck")
def get_health_check(call: Call) -> dict:
    return {"HealthCheck": _health_check(call)}


@operation("route53", "ListHealthChecks")
def list_health_checks(call: Call) -> dict:
    checks = list(state(call).health_checks.values())
    return {"HealthChecks": checks, "IsTruncated": False, "MaxItems": "100", "Marker": call.params.get("Marker", "")}


@operation("route53", "UpdateHealthCheck")
def update_health_check(call: Call) -> dict:
    """ResetElements go back to nothing; the version counts up (`HealthCheckVersionMismatch`)."""
    check, params = _health_check(call), dict(call.params)
    if params.get("HealthCheckVersion") not in (None, check["HealthCheckVersion"]):
        raise AwsError("HealthCheckVersionMismatch", "The version of the health check does not match.", 409)
    reset = params.get("ResetElements", [])
    changes = {k: v for k, v in params.items() if k not in ("HealthCheckId", "HealthCheckVersion", "ResetElements")}
    config = {key: value for key, value in check["HealthCheckConfig"].items() if key not in reset}
    check["HealthCheckConfig"] = {**config, **changes}
    check["HealthCheckVersion"] += 1
    return {"HealthCheck": check}


@operation("route53", "DeleteHealthCheck")
def delete_health_check(call: Call) -> dict:
    check = _health_check(call)
    del state(call).health_checks[check["Id"]]
    call.backend().resource_tags.pop(check["Id"], None)
    return {}


@operation("route53", "GetHealthCheckStatus")
def get_health_check_status(call: Call) -> dict:
    _health_check(call)
    report = {"Status": "Success: HTTP Status Code 200, OK", "CheckedTime": utcnow()}
    return {"HealthCheckObservations": [{"Region": "us-east-1", "IPAddress": "192.0.2.1", "StatusReport": report}]}


@before("route53", "ListTagsForResource", "ChangeTagsForResource")
def check_tagged_resource(call: Call) -> None:
    if call.params["ResourceType"] == "healthcheck" and call.params["ResourceId"] not in state(call).health_checks:
        raise AwsError("NoSuchHealthCheck", f"No health check exists with the specified ID {call.params['ResourceId']}", 404)
    if call.params["ResourceType"] == "hostedzone":
        call.backend().get_hosted_zone(call.params["ResourceId"])


@leftovers("route53")
def route53_leftovers() -> Iterator[tuple[str, str]]:
    for backend in existing_backends("route53"):
        for zone_id, zone in backend.zones.items():
            yield "hosted-zone", zone_id
            for key in records_of(zone):
                if not _is_apex_default(zone, key):
                    yield "record", f"{zone_id}_{key[0]}_{key[1]}" + (f"_{key[2]}" if key[2] else "")
    for here in store.every():
        yield from (("health-check", key) for key in here.health_checks)
