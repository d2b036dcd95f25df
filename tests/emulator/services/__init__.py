"""One module per AWS service; importing a module registers its corrections."""

import importlib

#: Modules whose import installs corrections.
MODULES = (
    "ec2",
    "ec2_security_groups",
    "ec2_interfaces",
    "elbv2",
    "elbv2_attributes",
    "elbv2_targets",
    "ecs",
    "ecs_task_definitions",
    "ecs_tasks",
    "ecs_services",
    "ecs_task_sets",
    "ecs_service_deployments",
    "codedeploy",
    "codedeploy_deployments",
    "iam",
    "route53",
    "ecr",
    "logs",
    "acm",
    "s3",
    "others",
)


def load() -> None:
    for module in MODULES:
        importlib.import_module(f"{__name__}.{module}")
