"""ECR: image digests from the manifest, and tags that cannot move when immutable.

The rest of moto's ECR answers as AWS does (RepositoryNotEmptyException, policies, tags, …).
"""

import hashlib
from collections.abc import Iterator

from moto.ecr.models import Image

from ..overlay import AwsError, Call, before, existing_backends, leftovers, operation


def _digest(manifest: str) -> str:
    return "sha256:" + hashlib.sha256(manifest.encode()).hexdigest()


def _create_digest(image: Image) -> None:
    image._image_digest = _digest(image.image_manifest)


# The digest is the SHA-256 of the manifest; moto hashes layer names, or a random number.
Image._create_digest = _create_digest  # type: ignore[method-assign]


@before("ecr", "PutImage")
def refuse_moving_an_immutable_tag(call: Call) -> None:
    """`ImageTagAlreadyExistsException`; the same image again is `ImageAlreadyExistsException`."""
    name, tag = call.params["repositoryName"], call.params.get("imageTag")
    repository = call.backend().repositories.get(name)
    for image in repository.images if repository and tag else []:
        if tag not in image.image_tags:
            continue
        if image.get_image_digest() == _digest(call.params["imageManifest"]):
            raise AwsError(
                "ImageAlreadyExistsException",
                f"Image with digest '{image.get_image_digest()}' and tag '{tag}' already exists in the repository with "
                f"name '{name}' in registry with id '{call.account}'",
            )
        if repository.image_tag_mutability == "IMMUTABLE":
            raise AwsError(
                "ImageTagAlreadyExistsException",
                f"The image tag '{tag}' already exists in the '{name}' repository and cannot be overwritten because "
                "the repository is immutable.",
            )


@operation("ecr", "PutImageScanningConfiguration")
def put_scanning(call: Call) -> dict:
    """moto keeps the old setting when `scanOnPush` is false or, as SDKs send that, left out."""
    backend, name = call.backend(), call.params["repositoryName"]
    repository = backend._get_repository(name, call.params.get("registryId"))
    scanning = {"scanOnPush": bool(call.params["imageScanningConfiguration"].get("scanOnPush"))}
    repository.image_scanning_configuration = scanning
    return {"registryId": repository.registry_id, "repositoryName": name, "imageScanningConfiguration": scanning}


@leftovers("ecr")
def ecr_leftovers() -> Iterator[tuple[str, str]]:
    for backend in existing_backends("ecr"):
        yield from (("repository", name) for name in backend.repositories)
