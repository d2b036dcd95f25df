"""Which AWS operation an HTTP request asks for, and how an error looks on the wire."""

import json
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from moto.core.request import Request
from moto.core.routing import NotFound, get_service_router

from . import cbor

#: Signing names that differ from the name moto and botocore use for the service.
SERVICE_OF_SIGNING_NAME = {
    "elasticloadbalancing": "elbv2",
    "monitoring": "cloudwatch",
    "application-autoscaling": "application-autoscaling",
    "tagging": "resourcegroupstaggingapi",
    "cloudcontrolapi": "cloudcontrol",
    "codestar-connections": "codeconnections",
}

CLASSIC_ELB_VERSION = "2012-06-01"
CREDENTIAL = re.compile(r"Credential=[^/]*/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
CBOR_PATH = re.compile(r"^/service/[^/]+/operation/(?P<operation>[^/]+)/?$")


@dataclass(frozen=True)
class Target:
    """Service and operation of a request; `?` where it cannot be told."""

    service: str
    operation: str
    wire: str  # json | ec2 | query | rest-xml | s3 | rest-json | cbor


def is_last_attempt(environ: dict) -> bool:
    """Whether the client says that it does not try again: `amz-sdk-request: attempt=10; max=10`, from the second on."""
    said = dict(part.strip().partition("=")[::2] for part in environ.get("HTTP_AMZ_SDK_REQUEST", "").split(";"))
    return said.get("attempt", "1") == said.get("max") != "1"


def identify(environ: dict, body: bytes) -> Target:
    match = CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    service = match["service"].lower() if match else "?"
    service = SERVICE_OF_SIGNING_NAME.get(service, service)

    cbor = CBOR_PATH.match(environ.get("PATH_INFO", ""))
    if cbor:
        return Target(service, cbor["operation"], "cbor")
    if amz_target := environ.get("HTTP_X_AMZ_TARGET"):
        return Target(service, amz_target.rsplit(".", 1)[-1], "json")
    if action := _query_action(environ, body):
        name, version = action
        if service == "elbv2" and version == CLASSIC_ELB_VERSION:
            service = "elb"
        return Target(service, name, "ec2" if service == "ec2" else "query")
    return Target(service, _rest_operation(service, environ), _rest_wire(service))


def signed_at(environ: dict) -> float:
    """The caller's time, in seconds since 1970: that in the signature. Ours for a call without one."""
    text = environ.get("HTTP_X_AMZ_DATE", "")
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return time.time()


def _query_action(environ: dict, body: bytes) -> tuple[str, str] | None:
    texts = [environ.get("QUERY_STRING", "")]
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        texts.append(body.decode("utf-8", "replace"))
    for text in texts:
        if "Action=" in text:
            fields = parse_qs(text)
            if "Action" in fields:
                return fields["Action"][0], fields.get("Version", [""])[0]
    return None


def _rest_operation(service: str, environ: dict) -> str:
    """REST protocols name no operation: ask the service's own routing table."""
    try:
        operation, _ = get_service_router(service).match(Request(environ.copy()))
        return operation.name
    except NotFound:
        return "?"
    except Exception:  # a service botocore does not know
        return "?"


def _rest_wire(service: str) -> str:
    if service in ("s3", "s3control"):
        return "s3"
    return "rest-xml" if service in ("route53", "cloudfront") else "rest-json"


def error_body(target: Target, code: str, message: str, status: int) -> tuple[str, bytes]:
    """An error as `target`'s protocol writes it: content type and body."""
    if target.wire == "cbor":
        return "application/cbor", cbor.encode({"__type": code, "message": message})
    if target.wire in ("json", "rest-json"):
        content_type = "application/json" if target.wire == "rest-json" else "application/x-amz-json-1.1"
        return content_type, json.dumps({"__type": code, "message": message}).encode()
    code, message = escape(code), escape(message)
    if target.wire == "ec2":
        text = (
            f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message>"
            "</Error></Errors><RequestID>emulator</RequestID></Response>"
        )
    elif target.wire == "s3":
        text = f"<Error><Code>{code}</Code><Message>{message}</Message><RequestId>emulator</RequestId></Error>"
    else:
        kind = "Sender" if status < 500 else "Receiver"
        text = (
            f"<ErrorResponse><Error><Type>{kind}</Type><Code>{code}</Code><Message>{message}</Message>"
            "</Error><RequestId>emulator</RequestId></ErrorResponse>"
        )
    return "text/xml", b'<?xml version="1.0" encoding="UTF-8"?>' + text.encode()
