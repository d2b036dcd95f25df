"""ECS: clusters, capacity providers, tasks, tags. Services and task definitions have their own files.

moto's ECS drops fields, replaces what exists, and runs nothing; here ECS is ours
as a whole. Objects are dictionaries as the API describes them ("Data Types" of the
ECS API reference); keys starting with `_` are the emulator's own.
"""

import copy
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..clock import clock
from ..overlay import AwsError, Call, Place, Store, leftovers, operation, page

FARGATE_PROVIDERS = ("FARGATE", "FARGATE_SPOT")


@dataclass
class Ecs:
    """All of ECS in one account and region."""

    clusters: dict[str, dict] = field(default_factory=dict)
    #: by (cluster name, service name); INACTIVE ones are tombstones
    services: dict[tuple[str, str], dict] = field(default_factory=dict)
    #: family → revisions in order; a deleted revision is None
    task_definitions: dict[str, list[dict | None]] = field(default_factory=dict)
    capacity_providers: dict[str, dict] = field(default_factory=dict)
    tasks: dict[str, dict] = field(default_factory=dict)


store = Store(Ecs)


def state(where: Call | Place) -> Ecs:
    return store.of(where)


def now() -> datetime:
    return clock.now()


def client_error(message: str) -> AwsError:
    return AwsError("ClientException", message)


def invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)


def numeric_id() -> str:
    """Ids of deployments and task sets are 19 digits."""
    return str(secrets.randbelow(9 * 10**18) + 10**18)


def without_tags(value: dict) -> dict:
    return {key: item for key, item in value.items() if key != "tags"}


# --- Clusters -------------------------------------------------------------------------


def cluster_of(call: Call, name_or_arn: str | None) -> dict:
    """The ACTIVE cluster meant, or `ClusterNotFoundException`."""
    name = (name_or_arn or "default").rsplit("/", 1)[-1]
    cluster = state(call).clusters.get(name)
    if not cluster or cluster["status"] == "INACTIVE":
        raise AwsError("ClusterNotFoundException", "Cluster not found.")
    return cluster


@operation("ecs", "CreateCluster")
def create_cluster(call: Call) -> dict:
    """CreateCluster on an ACTIVE name answers that cluster, unchanged (moto replaces it)."""
    name = call.params.get("clusterName") or "default"
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", name):
        raise invalid("Identifier was of an invalid format.")
    clusters = state(call).clusters
    existing = clusters.get(name)
    if not existing or existing["status"] == "INACTIVE":
        clusters[name] = _new_cluster(call, name)
    return {"cluster": _shown_cluster(call, clusters[name], ("TAGS", "SETTINGS", "CONFIGURATIONS"))}


def _new_cluster(call: Call, name: str) -> dict:
    providers = call.params.get("capacityProviders", [])
    _check_providers(call, providers)
    cluster = {
        "clusterArn": call.arn(f"cluster/{name}"),
        "clusterName": name,
        "status": "ACTIVE",
        "settings": _merged_settings([{"name": "containerInsights", "value": "disabled"}], call.params.get("settings")),
        "capacityProviders": providers,
        "defaultCapacityProviderStrategy": _strategy(call.params.get("defaultCapacityProviderStrategy")),
        "tags": call.params.get("tags", []),
    }
    for key in ("configuration", "serviceConnectDefaults"):
        if key in call.params:
            cluster[key] = call.params[key]
    return cluster


def _merged_settings(current: list[dict], wanted: list[dict] | None) -> list[dict]:
    merged = {item["name"]: item["value"] for item in current}
    merged.update({item["name"]: item["value"] for item in wanted or []})
    return [{"name": name, "value": value} for name, value in merged.items()]


def _strategy(items: list[dict] | None) -> list[dict]:
    return [{"weight": 0, "base": 0, **item} for item in items or []]


def _shown_cluster(call: Call, cluster: dict, include: tuple | list = ()) -> dict:
    shown = copy.deepcopy(cluster)
    for option, keys in {"TAGS": ["tags"], "SETTINGS": ["settings"], "CONFIGURATIONS": ["configuration"]}.items():
        if option not in include:
            for key in keys:
                shown.pop(key, None)
    services = _services_in(call, cluster["clusterName"])
    statuses = [task["lastStatus"] for task in _running_tasks(call, cluster["clusterArn"])]
    shown["activeServicesCount"] = sum(service["status"] == "ACTIVE" for service in services)
    shown["runningTasksCount"] = statuses.count("RUNNING")
    shown["pendingTasksCount"] = statuses.count("PROVISIONING") + statuses.count("PENDING")
    shown["registeredContainerInstancesCount"] = 0
    shown["statistics"] = []
    return shown


def _services_in(call: Call, cluster_name: str) -> list[dict]:
    services = state(call).services.items()
    return [s for (cluster, _), s in services if cluster == cluster_name and s["status"] != "INACTIVE"]


def _running_tasks(call: Call, cluster_arn: str) -> list[dict]:
    tasks = state(call).tasks.values()
    return [task for task in tasks if task["clusterArn"] == cluster_arn and task["lastStatus"] != "STOPPED"]


@operation("ecs", "DescribeClusters")
def describe_clusters(call: Call) -> dict:
    """A missing cluster is a `failures` entry with reason MISSING, not an error."""
    found, failures = [], []
    for wanted in call.params.get("clusters") or ["default"]:
        name = wanted.rsplit("/", 1)[-1]
        cluster = state(call).clusters.get(name)
        if cluster:
            found.append(_shown_cluster(call, cluster, call.params.get("include", [])))
        else:
            failures.append({"arn": call.arn(f"cluster/{name}"), "reason": "MISSING"})
    return {"clusters": found, "failures": failures}


@operation("ecs", "ListClusters")
def list_clusters(call: Call) -> dict:
    arns = [c["clusterArn"] for c in state(call).clusters.values() if c["status"] != "INACTIVE"]
    arns, token = page(call, arns, call.params.get("maxResults") or 100)
    return {"clusterArns": arns, "nextToken": token}


@operation("ecs", "UpdateCluster", "UpdateClusterSettings")
def update_cluster(call: Call) -> dict:
    cluster = cluster_of(call, call.params["cluster"])
    cluster["settings"] = _merged_settings(cluster["settings"], call.params.get("settings"))
    if "configuration" in call.params:
        cluster["configuration"] = call.params["configuration"]
    if "serviceConnectDefaults" in call.params:
        cluster["serviceConnectDefaults"] = call.params["serviceConnectDefaults"]
        if not cluster["serviceConnectDefaults"].get("namespace"):  # an empty name removes it
            del cluster["serviceConnectDefaults"]
    return {"cluster": _shown_cluster(call, cluster, ("TAGS", "SETTINGS", "CONFIGURATIONS"))}


@operation("ecs", "PutClusterCapacityProviders")
def put_cluster_capacity_providers(call: Call) -> dict:
    """`ResourceInUseException` while a service still uses a provider that is taken away."""
    cluster = cluster_of(call, call.params["cluster"])
    wanted = call.params.get("capacityProviders", [])
    strategy = _strategy(call.params.get("defaultCapacityProviderStrategy"))
    _check_providers(call, wanted)
    for item in strategy:
        if item["capacityProvider"] not in wanted:
            raise invalid("The specified capacity provider strategy contains a capacity provider that is not "
                          "associated with the cluster.")
    used = {
        item["capacityProvider"]
        for service in _services_in(call, cluster["clusterName"])
        for item in service.get("capacityProviderStrategy", [])
    }
    if used & set(cluster["capacityProviders"]) - set(wanted):
        raise AwsError("ResourceInUseException", "The specified capacity provider is in use and cannot be removed.")
    cluster["capacityProviders"] = wanted
    cluster["defaultCapacityProviderStrategy"] = strategy
    return {"cluster": _shown_cluster(call, cluster)}


@operation("ecs", "DeleteCluster")
def delete_cluster(call: Call) -> dict:
    """Refused while services (DRAINING ones too) or tasks are there; leaves an INACTIVE tombstone."""
    cluster = cluster_of(call, call.params["cluster"])
    if _services_in(call, cluster["clusterName"]):
        raise AwsError("ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active.")
    if _running_tasks(call, cluster["clusterArn"]):
        raise AwsError("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.")
    cluster["status"] = "INACTIVE"
    return {"cluster": _shown_cluster(call, cluster)}


# --- Capacity providers ---------------------------------------------------------------


def _check_providers(call: Call, names: list[str]) -> None:
    for name in names:
        if name not in FARGATE_PROVIDERS and name.rsplit("/", 1)[-1] not in state(call).capacity_providers:
            raise invalid(f"The specified capacity provider '{name}' was not found. "
                          "Specify a valid name or ARN and try again.")


@operation("ecs", "CreateCapacityProvider")
def create_capacity_provider(call: Call) -> dict:
    providers, name = state(call).capacity_providers, call.params["name"]
    if name in providers:
        raise client_error("The specified capacity provider already exists. To change the configuration of an "
                           "existing capacity provider, update the capacity provider.")
    provider = {**call.params, "capacityProviderArn": call.arn(f"capacity-provider/{name}"), "status": "ACTIVE"}
    provider.setdefault("tags", [])
    if group := provider.get("autoScalingGroupProvider"):
        _complete_group_provider(group)
    providers[name] = provider
    return {"capacityProvider": provider}


def _complete_group_provider(group: dict) -> None:
    scaling = {"status": "DISABLED", "targetCapacity": 100, "minimumScalingStepSize": 1,
               "maximumScalingStepSize": 10000, "instanceWarmupPeriod": 300}
    group["managedScaling"] = {**scaling, **group.get("managedScaling", {})}
    group.setdefault("managedTerminationProtection", "DISABLED")
    group.setdefault("managedDraining", "ENABLED")


@operation("ecs", "DescribeCapacityProviders")
def describe_capacity_providers(call: Call) -> dict:
    known = {name: {"capacityProviderArn": call.arn(f"capacity-provider/{name}"), "name": name, "status": "ACTIVE",
                    "tags": []} for name in FARGATE_PROVIDERS}
    known.update(state(call).capacity_providers)
    wanted = call.params.get("capacityProviders") or list(known)
    tags = "TAGS" in call.params.get("include", [])
    found, failures = [], []
    for item in wanted:
        provider = known.get(item.rsplit("/", 1)[-1])
        if provider:
            found.append(provider if tags else without_tags(provider))
        else:
            failures.append({"arn": item, "reason": "MISSING"})
    return {"capacityProviders": found, "failures": failures}


@operation("ecs", "UpdateCapacityProvider")
def update_capacity_provider(call: Call) -> dict:
    provider = _provider(call, call.params["name"])
    for key in ("autoScalingGroupProvider", "managedInstancesProvider"):
        if key in call.params:
            provider[key] = _merged(provider.get(key, {}), call.params[key])
    provider["updateStatus"] = "UPDATE_COMPLETE"
    return {"capacityProvider": provider}


def _merged(current: dict, change: dict) -> dict:
    merged = dict(current)
    for key, value in change.items():
        merged[key] = _merged(current.get(key) or {}, value) if isinstance(value, dict) else value
    return merged


@operation("ecs", "DeleteCapacityProvider")
def delete_capacity_provider(call: Call) -> dict:
    provider = _provider(call, call.params["capacityProvider"])
    for cluster in state(call).clusters.values():
        if cluster["status"] == "ACTIVE" and provider["name"] in cluster["capacityProviders"]:
            raise AwsError("ResourceInUseException", "The specified capacity provider is in use and cannot be removed.")
    del state(call).capacity_providers[provider["name"]]
    return {"capacityProvider": {**provider, "status": "INACTIVE", "updateStatus": "DELETE_COMPLETE"}}


def _provider(call: Call, name_or_arn: str) -> dict:
    provider = state(call).capacity_providers.get(name_or_arn.rsplit("/", 1)[-1])
    if not provider:
        raise invalid("The specified capacity provider was not found. Specify a valid name or ARN and try again.")
    return provider


@operation("ecs", "ListContainerInstances")
def list_container_instances(call: Call) -> dict:
    cluster_of(call, call.params.get("cluster"))
    return {"containerInstanceArns": []}


# --- Tags -----------------------------------------------------------------------------


def _tagged(call: Call, arn: str) -> dict:
    """The object behind an ARN, for the tag operations."""
    kind, _, path = arn.split(":", 5)[-1].partition("/")
    here = state(call)
    found: Any = None
    if kind == "cluster":
        found = cluster_of(call, path)
    elif kind == "service":
        found = next((s for s in here.services.values() if s["serviceArn"] == arn and s["status"] != "INACTIVE"), None)
        if not found:
            raise AwsError("ServiceNotFoundException", "Service not found.")
    elif kind == "task-definition":
        family, _, revision = path.partition(":")
        revisions = here.task_definitions.get(family, [])
        if revision.isdigit() and 0 < int(revision) <= len(revisions):
            found = revisions[int(revision) - 1]
    elif kind == "capacity-provider":
        found = here.capacity_providers.get(path)
    elif kind == "task":
        found = here.tasks.get(arn)
    elif kind == "task-set":
        found = next((t for s in here.services.values() for t in s.get("taskSets", []) if t["taskSetArn"] == arn), None)
    if not found:
        raise invalid("The specified resource was not found. Specify a valid ARN and try again.")
    return found


@operation("ecs", "TagResource")
def tag_resource(call: Call) -> dict:
    resource = _tagged(call, call.params["resourceArn"])
    tags = {tag["key"]: tag.get("value", "") for tag in resource.get("tags") or []}
    tags.update({tag["key"]: tag.get("value", "") for tag in call.params["tags"]})
    resource["tags"] = [{"key": key, "value": value} for key, value in tags.items()]
    return {}


@operation("ecs", "UntagResource")
def untag_resource(call: Call) -> dict:
    resource = _tagged(call, call.params["resourceArn"])
    resource["tags"] = [tag for tag in resource.get("tags") or [] if tag["key"] not in call.params["tagKeys"]]
    return {}


@operation("ecs", "ListTagsForResource")
def list_tags_for_resource(call: Call) -> dict:
    return {"tags": _tagged(call, call.params["resourceArn"]).get("tags", [])}


# --- For the other services -----------------------------------------------------------


def service_networks(account: str, region: str) -> Iterator[tuple[str, dict]]:
    """Network configurations of services that want tasks or drain, and of every task that is not STOPPED."""
    here = store.at(account, region)
    for service in here.services.values():
        network = (service.get("networkConfiguration") or {}).get("awsvpcConfiguration")
        if network and (service["status"] == "DRAINING" or (service["status"] == "ACTIVE" and service["desiredCount"])):
            yield service["serviceArn"], network
    for task in here.tasks.values():
        if task["lastStatus"] != "STOPPED" and task["_network"]:
            yield task["taskArn"], task["_network"]


def _install_in_moto() -> None:
    """Application Auto Scaling and the tagging API look into moto's ECS: show them ours."""
    from moto.core.resource_tagging import TaggedResource
    from moto.ecs.models import EC2ContainerServiceBackend

    def describe_services(backend: Any, cluster_str: str, service_names_or_arns: list[str]) -> tuple[list, list]:
        ours = store.at(backend.account_id, backend.region_name).services
        cluster = cluster_str.rsplit("/", 1)[-1]
        wanted = [(cluster, name.rsplit("/", 1)[-1]) for name in service_names_or_arns]
        found = [ours[key] for key in wanted if key in ours and ours[key]["status"] != "INACTIVE"]
        return found, [] if len(found) == len(wanted) else [{"reason": "MISSING"}]

    def iter_tagged_resources(backend: Any) -> Iterator[TaggedResource]:
        for kind, arn, item in _objects(store.at(backend.account_id, backend.region_name)):
            tags = {tag["key"]: tag.get("value", "") for tag in item.get("tags") or []}
            yield TaggedResource(arn=arn, tags=tags, resource_type=f"ecs:{kind}")

    EC2ContainerServiceBackend.describe_services = describe_services  # type: ignore
    EC2ContainerServiceBackend.iter_tagged_resources = iter_tagged_resources  # type: ignore


def _objects(here: Ecs) -> Iterator[tuple[str, str, dict]]:
    """What lives, with kind and ARN; tombstones left out."""
    yield from (("cluster", c["clusterArn"], c) for c in here.clusters.values() if c["status"] != "INACTIVE")
    yield from (("service", s["serviceArn"], s) for s in here.services.values() if s["status"] != "INACTIVE")
    for revisions in here.task_definitions.values():
        for definition in revisions:
            if definition and definition["status"] == "ACTIVE":
                yield "task-definition", definition["taskDefinitionArn"], definition
    yield from (("capacity-provider", p["capacityProviderArn"], p) for p in here.capacity_providers.values())
    for service in here.services.values():
        yield from (("task-set", task_set["taskSetArn"], task_set) for task_set in service["taskSets"])
    yield from (("task", arn, task) for arn, task in here.tasks.items() if task["lastStatus"] != "STOPPED")


_install_in_moto()


@leftovers("ecs")
def ecs_leftovers() -> Iterator[tuple[str, str]]:
    for here in store.every():
        yield from ((kind, arn) for kind, arn, _ in _objects(here))
