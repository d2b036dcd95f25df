"""CBOR, as the Smithy RPC v2 protocol uses it (CloudWatch): RFC 8949 without what AWS does not send.

Such a request is translated to the JSON protocol for moto, and its answer back.
"""

import json
import math
import struct
from datetime import datetime
from typing import Any

from botocore.model import Shape
from moto.core.utils import get_service_model

FORMATS = {25: ">e", 26: ">f", 27: ">d"}
BREAK = object()


def decode(data: bytes) -> Any:
    return _Decoder(data).item() if data else {}


class _Decoder:
    def __init__(self, data: bytes) -> None:
        self.data, self.position = data, 0

    def _take(self, length: int) -> bytes:
        part = self.data[self.position:self.position + length]
        if len(part) < length:
            raise ValueError("CBOR ends too soon")
        self.position += length
        return part

    def item(self) -> Any:
        head = self._take(1)[0]
        major, minor = head >> 5, head & 31
        if major == 7:
            return self._simple(minor)
        number = self._argument(minor)
        if major in (0, 1):
            return number if major == 0 else -1 - number
        if major in (2, 3):
            return self._string(major, number)
        if major == 4:
            return list(self._items(number))
        if major == 5:
            keys = self._items(number)
            return {key: self.item() for key in keys}
        return self.item()  # a tag: epoch seconds stay a number

    def _argument(self, minor: int) -> int | None:
        if minor < 24:
            return minor
        return None if minor == 31 else int.from_bytes(self._take(1 << (minor - 24)), "big")

    def _string(self, major: int, length: int | None) -> Any:
        raw = self._take(length) if length is not None else None
        if raw is None:
            parts = list(self._items(None))
            return "".join(parts) if major == 3 else b"".join(parts)
        return raw.decode() if major == 3 else raw

    def _items(self, number: int | None) -> Any:
        """Members one by one; the caller reads the value of a map's key before it asks for the next."""
        if number is not None:
            for _ in range(number):
                yield self.item()
            return
        while (item := self.item()) is not BREAK:
            yield item

    def _simple(self, minor: int) -> Any:
        if minor in FORMATS:
            return struct.unpack(FORMATS[minor], self._take(1 << (minor - 24)))[0]
        return {20: False, 21: True, 31: BREAK}.get(minor)


def encode(value: Any) -> bytes:
    if value is None or isinstance(value, bool):
        return {None: b"\xf6", True: b"\xf5", False: b"\xf4"}[value]
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, datetime):
        return b"\xc1" + encode(value.timestamp())
    if isinstance(value, str):
        raw = value.encode()
        return _head(3, len(raw)) + raw
    if isinstance(value, dict):
        return _head(5, len(value)) + b"".join(encode(key) + encode(item) for key, item in value.items())
    return _head(4, len(value)) + b"".join(map(encode, value))


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    size = max(0, math.ceil(math.log2(max(1, (number.bit_length() + 7) // 8))))
    return bytes([major << 5 | 24 + size]) + number.to_bytes(1 << size, "big")


def to_json(environ: dict, service: str, operation: str, body: bytes) -> bytes:
    """Turn the request into one of the JSON protocol; the new body."""
    model = get_service_model(service)
    environ["PATH_INFO"] = "/"
    environ["CONTENT_TYPE"] = "application/x-amz-json-1.0"
    environ["HTTP_X_AMZ_TARGET"] = f"{model.metadata['targetPrefix']}.{operation}"
    environ.pop("HTTP_SMITHY_PROTOCOL", None)
    return json.dumps(decode(body)).encode()


def from_json(service: str, operation: str, status: int, body: bytes) -> bytes:
    """The answer again; times get the tag that SDKs ask for."""
    value = json.loads(body or b"{}")
    if status == 200:
        value = _timed(value, get_service_model(service).operation_model(operation).output_shape)
    return encode(value)


def _timed(value: Any, shape: Shape | None) -> Any:
    kind = shape.type_name if shape else ""
    if kind == "structure":
        return {key: _timed(item, shape.members.get(key)) for key, item in value.items() if item is not None}
    if kind == "list":
        return [_timed(item, shape.member) for item in value]
    if kind == "map":
        return {key: _timed(item, shape.value) for key, item in value.items()}
    if kind == "timestamp" and isinstance(value, (int, float)):
        return datetime.fromtimestamp(value)
    if kind in ("double", "float") and isinstance(value, int):
        return float(value)
    return value
