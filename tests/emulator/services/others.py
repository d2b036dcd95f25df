"""Leftovers of the services that are moto's alone, and dependencies between them and ours."""

import sys
from collections.abc import Iterable, Iterator
from typing import Any

from ..overlay import AwsError, Call, before, existing_backends, leftovers

#: service → (moto package, attribute of its backend → type of object)
HELD: dict[str, tuple[str, dict[str, str]]] = {
    "acm": ("acm", {"_certificates": "certificate"}),
    "s3": ("s3", {"buckets": "bucket"}),
    "sns": ("sns", {"topics": "topic", "subscriptions": "subscription"}),
    "cloudwatch": ("cloudwatch", {"alarms": "alarm", "dashboards": "dashboard"}),
    "application-autoscaling": ("applicationautoscaling", {"policies": "policy"}),
    "servicediscovery": ("servicediscovery", {"namespaces": "namespace", "services": "service"}),
    "dynamodb": ("dynamodb", {"tables": "table"}),
    "codebuild": ("codebuild", {"codebuild_projects": "project"}),
    "codepipeline": ("codepipeline", {"pipelines": "pipeline"}),
    "codecommit": ("codecommit", {"repositories": "repository"}),
    "autoscaling": (
        "autoscaling",
        {"autoscaling_groups": "group", "launch_configurations": "launch-configuration"},
    ),
}


def _loaded(service: str, package: str) -> Iterable[Any]:
    """Backends of a service that has been called; a lookup would load the others."""
    return existing_backends(service) if f"moto.{package}.models" in sys.modules else ()


def _register(service: str, package: str, held: dict[str, str]) -> None:
    @leftovers(service)
    def listed() -> Iterator[tuple[str, str]]:
        for backend in _loaded(service, package):
            for attribute, kind in held.items():
                yield from ((kind, str(key)) for key in getattr(backend, attribute))


for _service, (_package, _held) in HELD.items():
    _register(_service, _package, _held)


@leftovers("application-autoscaling")
def scalable_targets() -> Iterator[tuple[str, str]]:
    for backend in _loaded("application-autoscaling", "applicationautoscaling"):
        for dimension, targets in backend.targets.items():
            yield from (("scalable-target", f"{resource}/{dimension}") for resource in targets)


@leftovers("secretsmanager")
def secrets() -> Iterator[tuple[str, str]]:
    """A secret scheduled for deletion is as good as gone."""
    for backend in _loaded("secretsmanager", "secretsmanager"):
        yield from (("secret", s.name) for s in backend.secrets.values() if not s.is_deleted())


@leftovers("ssm")
def parameters() -> Iterator[tuple[str, str]]:
    """Public parameters (`/aws/…`) belong to AWS."""
    for backend in _loaded("ssm", "ssm"):
        yield from (("parameter", name) for name in backend._parameters if not name.startswith("/aws/"))


@leftovers("kms")
def keys() -> Iterator[tuple[str, str]]:
    """AWS managed keys stay, and deletion of the others is only ever scheduled."""
    for backend in _loaded("kms", "kms"):
        for key in backend.keys.values():
            if key.key_manager == "CUSTOMER" and key.key_state != "PendingDeletion" and not _for_aws(key):
                yield "key", key.id


def _for_aws(key: Any) -> bool:
    """moto makes `alias/aws/…` keys as if a customer had."""
    return any(alias.startswith("alias/aws/") for alias in key.aliases)


@leftovers("events")
def rules() -> Iterator[tuple[str, str]]:
    for backend in _loaded("events", "events"):
        for name, bus in backend.event_buses.items():
            if name != "default":
                yield "event-bus", name
            yield from (("rule", f"{name}/{rule}") for rule in bus.rules)


@before("acm", "DeleteCertificate")
def refuse_certificate_in_use(call: Call) -> None:
    """`ResourceInUseException` while a listener uses the certificate; moto looks at nothing."""
    arn = call.params["CertificateArn"]
    for balancer in call.backend("elbv2").load_balancers.values():
        for listener in balancer.listeners.values():
            if arn in listener.certificates:
                raise AwsError("ResourceInUseException", f"Certificate {arn} in account {call.account} is in use.")
