"""Log groups that tasks need, and those that ECS makes.

"Using the awslogs log driver" and "Container Insights" of the ECS developer guide: a group that is not there keeps a
task from starting unless it may be made; Container Insights writes to a group of its own that outlives the cluster.
"""

from ..overlay import Place, perform
from ..settings import settings


def problem(place: Place, definition: dict) -> str | None:
    """Why a task cannot start for want of a log group."""
    for container in definition["containerDefinitions"]:
        logs = container.get("logConfiguration") or {}
        options = logs.get("options") or {}
        group = options.get("awslogs-group")
        if logs.get("logDriver") != "awslogs" or not group or options.get("awslogs-region", place.region) != place.region:
            continue
        if group in place.backend("logs").groups:
            continue
        if options.get("awslogs-create-group") != "true":
            return ("ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: "
                    "failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not "
                    "exist. : exit status 1")
        perform(place, "logs", "CreateLogGroup", logGroupName=group)
    return None


def start_insights(place: Place, cluster: dict) -> None:
    """What Container Insights makes when the first task runs (only when the setting says so)."""
    group = f"/aws/ecs/containerinsights/{cluster['clusterName']}/performance"
    chosen = {item["name"]: item["value"] for item in cluster["settings"]}.get("containerInsights")
    if settings.container_insights_log_group and chosen in ("enabled", "enhanced") and group not in place.backend("logs").groups:
        perform(place, "logs", "CreateLogGroup", logGroupName=group)
