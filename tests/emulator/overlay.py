"""The seam between moto and our corrections.

A service file registers
* `@operation(service, name)`: answers the call instead of moto,
* `@before(service, name, …)`: checks that may refuse a call with `AwsError`,
* `@after(service, name, …)`: may change what moto is about to answer,
* `@leftovers(service)`: lists what the account still holds.

Parameters and results are dictionaries keyed as in the AWS API reference;
moto's own parsers and serializers turn them from and into each wire protocol.
"""

import re
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache, cached_property
from typing import Any

from moto import backends
from moto.core import responses
from moto.core.exceptions import ServiceException
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import determine_request_protocol
from moto.core.responses import ActionResult, BaseResponse, EmptyResult
from moto.core.utils import camelcase_to_underscores, get_service_model

ACCOUNT = "123456789012"


class AwsError(ServiceException):
    """An error as AWS reports it: code, message and, where unusual, the HTTP status."""

    def __init__(self, code: str, message: str, status: int | None = None) -> None:
        super().__init__(code, message)
        self.status = status


class Place:
    """An account in a region: where objects live, whoever asks for them."""

    def __init__(self, account: str, region: str) -> None:
        self.account, self.region = account, region

    def backend(self, service: str) -> Any:
        """moto's state of a service here."""
        regions = backends.get_backend(service)[self.account]
        if self.region in regions:
            return regions[self.region]
        return regions["aws" if "aws" in regions else self.region]

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


class Call:
    """One AWS call on its way to moto."""

    def __init__(self, response: BaseResponse) -> None:
        self.response = response
        self.service = response.service_name or "?"
        self.operation = response._get_action() or "?"
        self.account = response.current_account
        self.region = response.region
        self.place = Place(self.account, self.region)

    @cached_property
    def params(self) -> dict[str, Any]:
        """Request parameters under the names of the API model."""
        service_model = get_service_model(self.response.boto3_service_name)
        request = self.response.normalized_request
        protocol = determine_request_protocol(service_model, request.content_type)
        parser = PROTOCOL_PARSERS[protocol](service_model.operation_model(self.operation), map_type=dict)
        return parser.parse(
            {
                "method": request.method,
                "values": request.values,
                "headers": request.headers,
                "body": request.data,
                "url_path": request.path,
                "url_params": self.response.uri_match,
            }
        )

    def backend(self, service: str | None = None) -> Any:
        """moto's state of this (or another) service in this account and region."""
        return self.place.backend(service or self.service)

    def moto(self) -> Any:
        """Let moto answer: what its own method would give to the serializer."""
        return getattr(self.response, camelcase_to_underscores(self.operation))().result

    def arn(self, resource: str) -> str:
        return self.place.arn(self.service, resource)


class OwnCall(Call):
    """A call that nobody sent over HTTP: the emulator plays another user of the account."""

    def __init__(self, place: Place, service: str, operation: str, params: dict[str, Any]) -> None:
        self.place, self.account, self.region = place, place.account, place.region
        self.service, self.operation = service, operation
        self.__dict__["params"] = params  # instead of the cached property


def perform(place: Place, service: str, name: str, /, **params: Any) -> Any:
    """What one of our operations answers; refusals are `AwsError`s."""
    return _operations[service, name](OwnCall(place, service, name, params))


Handler = Callable[[Call], dict[str, Any] | None]
Check = Callable[[Call], None]
Change = Callable[[Call, Any], None]

_operations: dict[tuple[str, str], Handler] = {}
_before: dict[tuple[str, str], list[Check]] = defaultdict(list)
_after: dict[tuple[str, str], list[Change]] = defaultdict(list)
_leftovers: list[Callable[[], Iterator[dict]]] = []


def operation(service: str, *names: str) -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        for name in names:
            assert (service, name) not in _operations, f"{service}:{name} is there already"
            _operations[service, name] = handler
        return handler

    return register


def before(service: str, *names: str) -> Callable[[Check], Check]:
    def register(check: Check) -> Check:
        for name in names:
            _before[service, name].append(check)
        return check

    return register


def after(service: str, *names: str) -> Callable[[Change], Change]:
    def register(change: Change) -> Change:
        for name in names:
            _after[service, name].append(change)
        return change

    return register


def leftovers(service: str) -> Callable[[Callable[[], Iterator[tuple[str, str]]]], Any]:
    """Register a function that yields (type, id) of all that is left in `service`."""

    def register(function: Callable[[], Iterator[tuple[str, str]]]) -> Any:
        def tagged() -> Iterator[dict]:
            for kind, identifier in function():
                yield {"service": service, "type": kind, "id": identifier}

        _leftovers.append(tagged)
        return function

    return register


def all_leftovers() -> list[dict]:
    found = [item for function in _leftovers for item in function()]
    return sorted(found, key=lambda item: (item["service"], item["type"], item["id"]))


def existing_backends(service: str) -> Iterator[Any]:
    """moto's states of `service` in every account and region used so far."""
    for regions in list(backends.get_backend(service).values()):
        yield from list(regions.values())


class Store:
    """State of the overlay for one service, per account and region."""

    _all: list["Store"] = []

    def __init__(self, factory: Callable[[], Any]) -> None:
        self._factory = factory
        self._states: dict[tuple[str, str], Any] = {}
        Store._all.append(self)

    def of(self, where: Call | Place) -> Any:
        return self.at(where.account, where.region)

    def at(self, account: str, region: str) -> Any:
        key = (account, region)
        if key not in self._states:
            self._states[key] = self._factory()
        return self._states[key]

    def every(self) -> list[Any]:
        return list(self._states.values())

    def places(self) -> list[Place]:
        return [Place(*key) for key in self._states]

    @classmethod
    def reset_all(cls) -> None:
        for store in cls._all:
            store._states.clear()


def shown(value: Any) -> Any:
    """A copy as AWS shows it: without the emulator's own keys, which start with `_`."""
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items() if not str(key).startswith("_")}
    return [shown(item) for item in value] if isinstance(value, list) else value


def page(call: Call, items: list, size: int, token: str = "nextToken") -> tuple[list, str | None]:
    """One page of `items`; the token is the position where the next one starts."""
    start = int(call.params.get(token) or 0)
    end = start + size
    return items[start:end], str(end) if end < len(items) else None


_moto_call_action = BaseResponse.call_action


def call_action(response: BaseResponse) -> Any:
    """Take the place of `BaseResponse.call_action`: checks, our answer or moto's, changes."""
    call = Call(response)
    key = (call.service, call.operation)
    handler, checks, changes = _operations.get(key), _before.get(key), _after.get(key)
    try:
        if handler or checks:
            _check_required(call)
        for check in checks or ():
            check(call)
        if handler:
            result = handler(call)
            return _send(response, EmptyResult() if result is None else ActionResult(result))
        if changes:
            _change_before_sending(call, changes)
        return _moto_call_action(response)
    except NotImplementedError as error:
        return _send(response, ActionResult(_not_emulated(call, error)))
    except ServiceException as error:
        return _send(response, ActionResult(error))


#: Error code of a missing required parameter, by service; CodeDeploy names the parameter.
MISSING_PARAMETER = {"ec2": "MissingParameter", "ecs": "InvalidParameterException", "ecr": "InvalidParameterException",
                     "logs": "InvalidParameterException", "route53": "InvalidInput"}


def _check_required(call: Call) -> None:
    """Not every SDK checks required parameters itself; AWS refuses the call."""
    shape = get_service_model(call.response.boto3_service_name).operation_model(call.operation).input_shape
    for name in getattr(shape, "required_members", ()):
        if name not in call.params:
            code = MISSING_PARAMETER.get(call.service, "ValidationError")
            if call.service == "codedeploy":
                code = f"{name[0].upper()}{name[1:]}RequiredException"
            raise AwsError(code, f"The request must contain the parameter {name}")


def _not_emulated(call: Call, error: NotImplementedError) -> AwsError:
    """501 is not retried by SDKs, so a gap shows at once instead of as slowness."""
    return AwsError("NotImplemented", f"{call.service}:{call.operation} is not emulated ({error})", 501)


def _send(response: BaseResponse, result: ActionResult) -> Any:
    status, headers, body = BaseResponse.serialized(response, result)
    override = getattr(result.result, "status", None) if isinstance(result.result, AwsError) else None
    if override:
        status = override
    headers, body = response._enrich_response({**headers, "status": status}, body)
    body = re.sub(r"(?<=<RequestID>).*(?=</RequestID>)", "emulator", body)
    return status, headers, body


def _change_before_sending(call: Call, changes: list[Change]) -> None:
    """Let `changes` see the result between moto's method and its serializer."""
    serialize = call.response.serialized

    def changed(result: ActionResult) -> Any:
        if not isinstance(result.result, Exception):
            for change in changes:
                change(call, result.result)
        return serialize(result)

    call.response.serialized = changed  # type: ignore[method-assign]


def install() -> None:
    """Hook the overlay into moto and load every service file."""
    BaseResponse.call_action = call_action  # type: ignore[method-assign]
    # moto warns about error codes that its models lack (`NotImplemented`, …).
    warnings.filterwarnings("ignore", message="Exception.*does not match an error shape")
    _remember_what_never_changes()
    from . import services

    services.load()


def _remember_what_never_changes() -> None:
    """moto looks up its folders and the methods of a class with every call: a quarter of the time a call takes."""
    modules = tuple(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: modules
    responses.method_names_from_class = cache(responses.method_names_from_class)
