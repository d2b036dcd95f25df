"""Revisions of CodeDeploy applications: AppSpec files for ECS, inline or in S3.

"AppSpec 'resources' section (Amazon ECS and AWS Lambda deployments only)" of the CodeDeploy user guide.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import yaml

from ..clock import clock
from ..overlay import AwsError, Call, Place, operation
from .codedeploy import Revision, _pages, application_of, state

#: Events that take a hook, in order.
HOOKED = ("BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic")


@dataclass
class AppSpec:
    """What an AppSpec file for ECS says."""

    task_definition: str
    container_name: str
    container_port: int
    platform_version: str | None = None
    network: dict | None = None
    capacity: list[dict] | None = None
    #: event → Lambda function
    hooks: dict[str, str] = field(default_factory=dict)


def bad(message: str) -> AwsError:
    return AwsError("InvalidRevisionException", message)


def parse(content: str) -> AppSpec:
    """Reads JSON or YAML; keys are case-sensitive. Raises InvalidRevisionException."""
    spec = _load(content)
    if str(spec.get("version")) not in ("0.0", "0"):
        raise bad("The AppSpec file has an invalid version; it must be 0.0")
    resources = spec.get("Resources")
    if not isinstance(resources, list) or len(resources) != 1 or not isinstance(resources[0], dict):
        raise bad("The AppSpec file for an Amazon ECS deployment must specify exactly one resource")
    resource = next(iter(resources[0].values()))
    if not isinstance(resource, dict) or resource.get("Type") != "AWS::ECS::Service":
        raise bad("The AppSpec file must have a resource of type AWS::ECS::Service")
    return _properties(resource.get("Properties") or {}, _hooks(spec.get("Hooks") or []))


def _load(content: str) -> dict:
    try:
        spec = json.loads(content)
    except ValueError:
        try:
            spec = yaml.safe_load(content)
        except yaml.YAMLError as error:
            raise bad("The AppSpec file is neither valid JSON nor valid YAML") from error
    if not isinstance(spec, dict):
        raise bad("The AppSpec file is not an object")
    return spec


def _hooks(entries: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in entries if isinstance(entries, list) else []:
        for event, function in entry.items():
            if event not in HOOKED:
                raise bad(f"The lifecycle event {event} is not valid for an Amazon ECS deployment")
            found[event] = str(function)
    return found


def _properties(properties: dict, hooks: dict[str, str]) -> AppSpec:
    unknown = set(properties) - {"TaskDefinition", "LoadBalancerInfo", "PlatformVersion", "NetworkConfiguration",
                                 "CapacityProviderStrategy"}
    if unknown:
        raise bad(f"The AppSpec file has the unknown property {sorted(unknown)[0]}")
    balancer = properties.get("LoadBalancerInfo") or {}
    if not properties.get("TaskDefinition"):
        raise bad("The AppSpec file does not specify the property TaskDefinition")
    if not balancer.get("ContainerName") or not balancer.get("ContainerPort"):
        raise bad("The AppSpec file does not specify LoadBalancerInfo with ContainerName and ContainerPort")
    return AppSpec(
        str(properties["TaskDefinition"]), str(balancer["ContainerName"]), int(balancer["ContainerPort"]),
        properties.get("PlatformVersion"), _network(properties.get("NetworkConfiguration")),
        _capacity(properties.get("CapacityProviderStrategy")), hooks)


def _network(given: dict | None) -> dict | None:
    if not given:
        return None
    vpc = given.get("AwsvpcConfiguration")
    if not isinstance(vpc, dict) or set(vpc) - {"Subnets", "SecurityGroups", "AssignPublicIp"}:
        raise bad("NetworkConfiguration of the AppSpec file must hold an AwsvpcConfiguration with Subnets, "
                  "SecurityGroups and AssignPublicIp")
    names = {"Subnets": "subnets", "SecurityGroups": "securityGroups", "AssignPublicIp": "assignPublicIp"}
    return {"awsvpcConfiguration": {names[key]: value for key, value in vpc.items()}}


def _capacity(given: list[dict] | None) -> list[dict] | None:
    names = {"CapacityProvider": "capacityProvider", "Weight": "weight", "Base": "base"}
    return [{"weight": 0, "base": 0, **{names[k]: v for k, v in item.items()}} for item in given] if given else None


# --- Revisions of an application --------------------------------------------------------


def sha256(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def checked(platform: str, location: dict | None) -> dict:
    """A revision as it is kept: its sha256 filled in. Inline files for ECS are read at once."""
    if not location:
        raise AwsError("RevisionRequiredException", "The revision ID was not specified")
    kind = location.get("revisionType")
    if platform != "ECS":
        return location
    if kind == "S3":
        place = location.get("s3Location") or {}
        if place.get("bundleType") not in ("JSON", "YAML"):
            raise bad("For ECS deployment group, the bundle type of the revision must be YAML or JSON")
        if not place.get("bucket") or not place.get("key"):
            raise bad("The S3 location must have a bucket and a key")
        return location
    if kind not in ("AppSpecContent", "String"):
        raise bad("For ECS deployment group, revision can only have S3 or AppSpecContent revision type")
    field_name = "appSpecContent" if kind == "AppSpecContent" else "string"
    given = location.get(field_name) or {}
    content = given.get("content")
    if not content:
        raise bad("The content of the AppSpec file is empty")
    if given.get("sha256") not in (None, sha256(content)):
        raise bad("The SHA256 hash of the AppSpec content does not match the one that was specified")
    parse(content)
    return {"revisionType": kind, field_name: {"content": content, "sha256": sha256(content)}}


def content_of(place: Place, location: dict) -> str:
    """The AppSpec file; from S3 when it lies there. Raises ValueError with AWS's reason."""
    for name in ("appSpecContent", "string"):
        if location.get(name):
            return location[name]["content"]
    where = location["s3Location"]
    try:
        from moto import backends

        backend = next(iter(backends.get_backend("s3")[place.account].values()))
        found = backend.get_object(where["bucket"], where["key"], version_id=where.get("version"))
    except Exception as error:  # moto raises one of a dozen
        raise ValueError(f"The bucket or object of the revision could not be read: {where['bucket']}/{where['key']}") from error
    if found is None:
        raise ValueError(f"The object {where['key']} does not exist in the bucket {where['bucket']}")
    if where.get("eTag") and where["eTag"].strip('"') != found.etag.strip('"'):
        raise ValueError("The ETag of the object is not the one of the revision")
    return found.value.decode()


def key_of(location: dict) -> str:
    """What tells revisions apart."""
    for name in ("appSpecContent", "string"):
        if location.get(name):
            return "sha256:" + str(location[name].get("sha256") or sha256(location[name].get("content") or ""))
    where = location.get("s3Location") or location.get("gitHubLocation") or {}
    return json.dumps(where, sort_keys=True)


def brief(location: dict | None) -> dict | None:
    """GetDeployment gives the hash of an inline AppSpec file, not its content."""
    if not location:
        return None
    told = dict(location)
    for name in ("appSpecContent", "string"):
        if told.get(name):
            told[name] = {"sha256": told[name]["sha256"]}
    return told


def remember(place: Place, application: str, location: dict, description: str | None = None,
             group: str | None = None) -> None:
    revisions = state(place).revisions.setdefault(application, {})
    revision = revisions.setdefault(key_of(location), Revision(location, clock.now(), description))
    if group:
        revision.first_used = revision.first_used or clock.now()
        revision.last_used = clock.now()
        revision.groups.add(group)


def _info(revision: Revision) -> dict:
    times: dict[str, datetime | None] = {"firstUsedTime": revision.first_used, "lastUsedTime": revision.last_used}
    return {
        "description": revision.description or "Application revision registered by Deployment ID",
        "deploymentGroups": sorted(revision.groups),
        "registerTime": revision.registered,
        **{name: value for name, value in times.items() if value},
    }


@operation("codedeploy", "RegisterApplicationRevision")
def register_application_revision(call: Call) -> dict:
    application = application_of(call, call.params["applicationName"])
    location = checked(application["computePlatform"], call.params["revision"])
    remember(call.place, application["applicationName"], location, call.params.get("description"))
    return {}


def _revision(call: Call, application: str, location: dict) -> Revision:
    found = state(call).revisions.get(application, {}).get(key_of(location))
    if not found:
        raise AwsError("RevisionDoesNotExistException", "The named revision does not exist with the IAM user or account.")
    return found


@operation("codedeploy", "GetApplicationRevision")
def get_application_revision(call: Call) -> dict:
    """An inline AppSpec file is found by its sha256, and told whole."""
    name = call.params["applicationName"]
    application_of(call, name)
    revision = _revision(call, name, call.params["revision"])
    return {"applicationName": name, "revision": revision.location, "revisionInfo": _info(revision)}


@operation("codedeploy", "BatchGetApplicationRevisions")
def batch_get_application_revisions(call: Call) -> dict:
    name = call.params["applicationName"]
    application_of(call, name)
    if len(call.params["revisions"]) > 25:
        raise AwsError("BatchLimitExceededException", "The maximum number of names or IDs allowed for this request is 25.")
    found = [_revision(call, name, location) for location in call.params["revisions"]]
    return {"applicationName": name, "revisions": [
        {"revisionLocation": item.location, "genericRevisionInfo": _info(item)} for item in found]}


@operation("codedeploy", "ListApplicationRevisions")
def list_application_revisions(call: Call) -> dict:
    name = call.params["applicationName"]
    application_of(call, name)
    known = list(state(call).revisions.get(name, {}).values())
    return _pages(call, "revisions", [brief(revision.location) for revision in known])
