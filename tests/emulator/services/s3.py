"""S3: the root elements of answers, which are not always called after the operation as moto's serializer has it; and
buckets as they are today.

moto answers S3 past the seam of `overlay`, so its own methods are replaced here.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus

import xmltodict
from moto.core.responses import ActionResult
from moto.core.serialize import S3Serializer
from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeBucket, FakeDeleteMarker, S3Backend
from moto.s3.responses import S3Response
from moto.s3.utils import bucket_policy_is_public

ROOTS = {"GetBucketVersioningResponse": "VersioningConfiguration"}

_serialize = S3Serializer._serialize_body


def _with_root(serializer: S3Serializer, body: Mapping[str, Any]) -> str:
    return _serialize(serializer, {ROOTS.get(name, name): value for name, value in body.items()})


S3Serializer._serialize_body = _with_root  # type: ignore[method-assign]


# --- Buckets as AWS makes them ----------------------------------------------------------------------------------------

CLOSED = {"BlockPublicAcls": "true", "IgnorePublicAcls": "true", "BlockPublicPolicy": "true", "RestrictPublicBuckets": "true"}
DEFAULT_ENCRYPTION = (
    "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>"
    "</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled></Rule>"
    "</ServerSideEncryptionConfiguration>"
)

_put = S3Response._bucket_response_put
_create_bucket = S3Backend.create_bucket


def _put_bucket(response: S3Response, request: Any, bucket_name: str, querystring: dict[str, Any]) -> Any:
    """Tags at creation; documents that are told as they were put; public policies that are blocked."""
    if "policy" in querystring:
        bucket = response.backend.get_bucket(bucket_name)
        block = bucket.public_access_block
        if block and block.block_public_policy and bucket_policy_is_public(response.body):
            raise S3ClientError(
                "AccessDenied",
                "User is not authorized to perform: s3:PutBucketPolicy because public policies are prevented by the "
                "BlockPublicPolicy setting in S3 Block Public Access.",
            )
    answer = _put(response, request, bucket_name, querystring)
    bucket = response.backend.get_bucket(bucket_name)
    for document in ("lifecycle", "encryption"):
        if document in querystring:
            setattr(bucket, f"_{document}_document", response.body)
    is_creation = not querystring or set(querystring) <= {"x-id"}
    if is_creation and response.body:
        tags = (xmltodict.parse(response.body)["CreateBucketConfiguration"] or {}).get("Tags") or {}
        tags = tags.get("Tag") or []
        tags = tags if isinstance(tags, list) else [tags]
        if tags:
            response.backend.put_bucket_tagging(bucket_name, {tag["Key"]: tag["Value"] or "" for tag in tags})
    return answer


def _create(backend: S3Backend, bucket_name: str, region_name: str, bucket_namespace: str | None = None) -> FakeBucket:
    """New buckets are closed to the public, and their owner owns all objects (since April 2023)."""
    bucket = _create_bucket(backend, bucket_name, region_name, bucket_namespace)
    backend.put_public_access_block(bucket_name, CLOSED)
    bucket.ownership_rule = "BucketOwnerEnforced"
    return bucket


_get_lifecycle, _delete_lifecycle = S3Response.get_bucket_lifecycle, S3Backend.delete_bucket_lifecycle


def _lifecycle(response: S3Response) -> Any:
    """moto forgets sizes of filters and how many newer versions are kept."""
    document = getattr(response.backend.get_bucket(response.bucket_name), "_lifecycle_document", None)
    if document is None:
        return _get_lifecycle(response)
    return 200, {"x-amz-transition-default-minimum-object-size": "all_storage_classes_128K"}, document


def _forget_lifecycle(backend: S3Backend, bucket_name: str) -> None:
    backend.get_bucket(bucket_name)._lifecycle_document = None
    _delete_lifecycle(backend, bucket_name)


_delete_encryption = S3Backend.delete_bucket_encryption


def _encryption(response: S3Response) -> Any:
    """Every bucket is encrypted, and what is put is told whole."""
    document = getattr(response.backend.get_bucket(response.bucket_name), "_encryption_document", None)
    return 200, {}, document or DEFAULT_ENCRYPTION


def _forget_encryption(backend: S3Backend, bucket_name: str) -> None:
    backend.get_bucket(bucket_name)._encryption_document = None
    _delete_encryption(backend, bucket_name)


_list_versions = S3Response.list_object_versions


def _versions(response: S3Response) -> Any:
    """moto tells keys as they are, encoding asked for or not, and where XML cannot say them its answer is broken."""
    if response.querystring.get("encoding-type") == ["url"]:
        response.serialized = lambda answer: S3Response.serialized(response, ActionResult(_encoded(answer.result)))
    return _list_versions(response)


def _encoded(result: dict[str, Any]) -> dict[str, Any]:
    for version in result["Versions"] + result["DeleteMarkers"]:
        version["Key"] = quote_plus(version["Key"], safe="/")
    if result["IsTruncated"]:
        result["NextKeyMarker"] = quote_plus(result["NextKeyMarker"], safe="/")
    return {**result, "EncodingType": "url"}


# moto disposes of every version that is deleted, and its delete markers cannot.
FakeDeleteMarker.dispose = lambda marker: None  # type: ignore[attr-defined]
S3Response._bucket_response_put = _put_bucket  # type: ignore[method-assign]
S3Response.list_object_versions = _versions  # type: ignore[method-assign]
S3Response.get_bucket_lifecycle = _lifecycle  # type: ignore[method-assign]
S3Response.get_bucket_encryption = _encryption  # type: ignore[method-assign]
S3Backend.create_bucket = _create  # type: ignore[method-assign]
S3Backend.delete_bucket_lifecycle = _forget_lifecycle  # type: ignore[method-assign]
S3Backend.delete_bucket_encryption = _forget_encryption  # type: ignore[method-assign]
