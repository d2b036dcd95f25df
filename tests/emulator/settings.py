"""What tests may tune while the emulator runs (`POST /_glaz/settings`)."""

from dataclasses import asdict, dataclass, fields


@dataclass
class Settings:
    """Phases AWS goes through, counted in reads (polls) or seconds; 0 = at once."""

    #: describes of a load balancer that still say `provisioning`
    load_balancer_provisioning_polls: int = 0
    #: describes of a NAT gateway that still say `pending` / `deleting`
    nat_gateway_pending_polls: int = 0
    nat_gateway_deleting_polls: int = 0
    #: seconds until a service runs its desired count
    ecs_steady_seconds: float = 0.0
    #: describes of a service before it runs its desired count
    ecs_steady_polls: int = 0
    #: describes of a deleted service that still say `DRAINING`
    ecs_draining_polls: int = 0
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
