"""S3: the root elements of answers, which are not always called after the operation as moto's serializer has it."""

from collections.abc import Mapping
from typing import Any

from moto.core.serialize import S3Serializer

ROOTS = {"GetBucketVersioningResponse": "VersioningConfiguration"}

_serialize = S3Serializer._serialize_body


def _with_root(serializer: S3Serializer, body: Mapping[str, Any]) -> str:
    return _serialize(serializer, {ROOTS.get(name, name): value for name, value in body.items()})


S3Serializer._serialize_body = _with_root  # type: ignore[method-assign]
