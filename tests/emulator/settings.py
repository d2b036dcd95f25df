"""What tests may tune while the emulator runs (`POST /_glaz/settings`)."""

from dataclasses import asdict, dataclass, fields


@dataclass
class Settings:
    """Phases AWS goes through, counted in reads (polls) or seconds of the virtual clock; 0 = at once."""

    #: describes of a load balancer that still say `provisioning`
    load_balancer_provisioning_polls: int = 0
    #: describes of a NAT gateway that still say `pending` / `deleting`
    nat_gateway_pending_polls: int = 0
    nat_gateway_deleting_polls: int = 0
    #: seconds on the virtual clock that a task is PROVISIONING (network interface) and PENDING (image pull)
    ecs_provisioning_seconds: float = 2.0
    ecs_pulling_seconds: float = 5.0
    #: seconds that a task has to run until it counts for its service
    ecs_lasting_seconds: float = 3.0
    #: 1: the first task of a cluster with Container Insights makes a log group, which nobody deletes
    container_insights_log_group: int = 0
    #: seconds from a stopped container to a task that is STOPPED
    ecs_stopping_seconds: float = 0.0
    #: 1: a task whose image is of this account's ECR pulls only what was pushed there
    ecs_pulls_from_ecr: int = 0
    #: seconds until a registered target is `healthy`, and until a target or container counts as unhealthy
    healthy_seconds: float = 10.0
    unhealthy_seconds: float = 20.0
    #: how much of a target group's deregistration delay draining takes: 0 = nothing, 1 = all, as in AWS
    deregistration_factor: float = 0.0
    #: seconds that each lifecycle event of a deployment takes at least
    lifecycle_event_seconds: float = 1.0
    #: seconds that network interfaces of tasks and load balancers outlive them (a refused delete takes a poll's time)
    interface_lingering_seconds: float = 0.0
    #: 1: a service role without any policy cannot deploy (`IAM_ROLE_PERMISSIONS`)
    codedeploy_needs_policy: int = 0
    #: uses of a new IAM role (by ECS or CodeDeploy) that are refused because it is not known everywhere yet
    iam_role_refusals: int = 0
    #: GetChange calls that still say `PENDING`
    route53_pending_polls: int = 0

    def update(self, values: dict) -> None:
        """Apply `values`; an unknown name or a wrong type is the caller's error."""
        known = {field.name: field.type for field in fields(self)}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"unknown setting {name!r}; known: {sorted(known)}")
            if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
                raise ValueError(f"{name} must be a number, 0 or more")
        for name, value in values.items():
            setattr(self, name, value)

    def reset(self) -> None:
        self.__init__()

    def as_dict(self) -> dict:
        return asdict(self)


settings = Settings()
