//! Attributes of `aws_ecs_service`.

use super::connect::ServiceConnect;
use super::deployment::{Alarms, CircuitBreaker, DeploymentConfiguration};
use super::volume::VolumeConfiguration;
use crate::aws::contract::*;
use crate::aws::ecs::shared::StrategyItem;
use crate::value::Value;

model! {
    /// Keeps a number of tasks running, replaces those that fail, and brings new revisions out.
    pub struct Args {
        /// Whether ECS moves tasks to even them out over availability zones: `ENABLED` or `DISABLED`.
        availability_zone_rebalancing: Option<String> = optional_computed().one_of(&["ENABLED", "DISABLED"]),
        /// Name or ARN of the cluster; the one named `default` when left out.
        cluster: Option<String> = optional_computed().force_new().same(same_name),
        /// Most tasks that may run during a deployment, in percent of `desired_count`.
        deployment_maximum_percent: Option<i32> = optional().default(Lit::Int(200)).range(0, 10_000),
        /// Fewest healthy tasks that must run during a deployment, in percent of `desired_count`.
        deployment_minimum_healthy_percent: Option<i32> = optional().default(Lit::Int(100)).range(0, 100),
        /// Number of tasks. Left out, a new service starts with none and later keeps what it has, which suits auto
        /// scaling. Not for daemons.
        desired_count: Option<i32> = optional_computed().range(0, 2_147_483_647),
        /// Whether ECS tags tasks with the names of cluster and service.
        enable_ecs_managed_tags: bool = optional().default(Lit::Bool(false)),
        /// Whether commands can be run in its containers (`aws ecs execute-command`).
        enable_execute_command: bool = optional().default(Lit::Bool(false)),
        /// Whether a delete takes running tasks along instead of scaling to 0 first.
        force_delete: Option<bool> = optional().local(),
        /// Whether every change of the service starts a deployment, also one that would not by itself. Not with
        /// CodeDeploy.
        force_new_deployment: Option<bool> = optional().local(),
        /// Seconds for which a new task may fail the load balancer's health checks. Only with a load balancer.
        health_check_grace_period_seconds: Option<i32> = optional().range(0, 2_147_483_647),
        /// Role with which ECS talks to a classic load balancer. Not with `awsvpc` tasks: those use ECS's own role.
        iam_role: Option<String> = optional_computed().force_new().same(same_name),
        /// What tasks run on: `EC2`, `FARGATE`, `EXTERNAL`, or `MANAGED_INSTANCES`.
        launch_type: Option<String> = optional_computed().force_new().one_of(&["EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"])
            .conflicts(&["capacity_provider_strategy"]),
        /// Unique in the cluster: 1 to 255 letters, digits, hyphens and underscores.
        name: String = required().force_new().length(1, 255).pattern("^[0-9A-Za-z_-]+$", "letters, digits, hyphens and underscores"),
        /// Version of Fargate, such as `1.4.0` or `LATEST`.
        platform_version: Option<String> = optional_computed(),
        /// Whose tags tasks get: `TASK_DEFINITION`, `SERVICE`, or `NONE`.
        propagate_tags: Option<String> = optional().one_of(&["TASK_DEFINITION", "SERVICE", "NONE"]),
        /// `REPLICA` (a number of tasks) or `DAEMON` (one task on every instance).
        scheduling_strategy: Option<String> = optional().force_new().default(Lit::Str("REPLICA")).one_of(&["REPLICA", "DAEMON"]),
        /// Whether an interrupted wait for the steady state rolls the deployment back. Only with
        /// `wait_for_steady_state`.
        sigint_rollback: Option<bool> = optional().local(),
        /// Revision to run: its ARN, `family:revision`, or `family` for the newest. Left out only with the controller
        /// `EXTERNAL`.
        task_definition: Option<String> = optional().same(same_task_definition),
        /// Values whose change starts a deployment. Only with `force_new_deployment`.
        triggers: BTreeMap<String, String> = optional_computed().local(),
        /// Whether making and changing the service wait until the deployment is through.
        wait_for_steady_state: Option<bool> = optional().default(Lit::Bool(false)).local(),
        /// Alarms that stop a deployment.
        alarms: Option<Alarms> = optional(),
        /// Capacity providers that tasks run on, instead of `launch_type`. Left out together with `launch_type`, the
        /// cluster's strategy applies when the service is made.
        capacity_provider_strategy: Set<StrategyItem> = optional(),
        /// Whether a deployment whose tasks fail again and again is given up. Only with the strategy `ROLLING`.
        deployment_circuit_breaker: Option<CircuitBreaker> = optional(),
        /// How ECS brings out a new revision.
        deployment_configuration: Option<DeploymentConfiguration> = optional_computed(),
        /// Who brings out a new revision.
        deployment_controller: Option<DeploymentController> = optional(),
        /// Load balancers that send requests to the tasks; exactly one with the controller `CODE_DEPLOY`.
        load_balancer: Set<LoadBalancer> = optional(),
        /// Network of the tasks. Needed with network mode `awsvpc`, not allowed with others.
        network_configuration: Option<Network> = optional(),
        /// Which instances are preferred; in this order, at most 5. Not for Fargate.
        ordered_placement_strategy: Vec<PlacementStrategy> = optional().items(0, 5),
        /// Which instances tasks may run on; at most 10. Not for Fargate.
        placement_constraints: Set<PlacementConstraint> = optional().items(0, 10),
        /// Names under which tasks of the service find and are found by others.
        service_connect_configuration: Option<ServiceConnect> = optional(),
        /// Cloud Map service in which the tasks are registered.
        service_registries: Option<ServiceRegistry> = optional(),
        /// What a volume of the task definition is that is configured at launch.
        volume_configuration: Option<VolumeConfiguration> = optional(),
        /// VPC Lattice target groups in which the tasks are registered.
        vpc_lattice_configurations: Set<VpcLattice> = optional(),
        /// Time limits.
        timeouts: Option<Timeouts> = optional(),
        /// Address of the service, given by AWS.
        arn: Option<String> = computed(),
        /// Tags of the resource.
        tags: Tags = optional(),
        /// All tags, those of the provider included.
        tags_all: Tags = optional_computed(),
    }
}

model! {
    /// Who brings out a new revision.
    pub struct DeploymentController {
        /// `ECS`, `CODE_DEPLOY` (blue/green by an `aws_codedeploy_deployment_group`), or `EXTERNAL`.
        r#type: Option<String> = optional().default(Lit::Str("ECS")).one_of(&["ECS", "CODE_DEPLOY", "EXTERNAL"]),
    }
}

model! {
    /// A load balancer that sends requests to the tasks.
    pub struct LoadBalancer {
        /// Name of the container that gets the requests.
        container_name: String = required(),
        /// Port of the container.
        container_port: i32 = required().range(0, 65536),
        /// Name of a classic load balancer.
        elb_name: Option<String> = optional(),
        /// ARN of the target group of an application or network load balancer. With the controller `CODE_DEPLOY` it
        /// is the one to start with; deployments move between this and the other of the pair.
        target_group_arn: Option<String> = optional(),
        /// What ECS needs to move traffic itself (strategies `BLUE_GREEN`, `LINEAR`, `CANARY`).
        advanced_configuration: Option<AdvancedConfiguration> = optional(),
    }
}

model! {
    /// What ECS needs to move traffic itself.
    pub struct AdvancedConfiguration {
        /// ARN of the second target group.
        alternate_target_group_arn: String = required(),
        /// ARN of the listener rule with the users' requests; of a listener for a network load balancer.
        production_listener_rule: String = required(),
        /// Role with which ECS changes listeners and target groups; it trusts `ecs.amazonaws.com`.
        role_arn: String = required(),
        /// ARN of the listener rule with test requests.
        test_listener_rule: Option<String> = optional(),
    }
}

model! {
    /// Network of the tasks.
    pub struct Network {
        /// Whether tasks get a public address. Only on Fargate.
        assign_public_ip: bool = optional().default(Lit::Bool(false)),
        /// Security groups, at most 5; the VPC's default one when left out.
        security_groups: Set<String> = optional(),
        /// Subnets, at most 16, all of one VPC.
        subnets: Set<String> = required(),
    }
}

model! {
    /// A preference for instances.
    pub struct PlacementStrategy {
        /// What is looked at, such as `cpu`, `memory`, `instanceId` (or `host`), or `attribute:ecs.availability-zone`.
        field: Option<String> = optional().same(same_field),
        /// `binpack`, `random`, or `spread`.
        r#type: String = required().one_of(&["binpack", "random", "spread"]),
    }
}

model! {
    /// A rule for instances.
    pub struct PlacementConstraint {
        /// Expression of the cluster query language; not with `distinctInstance`.
        expression: Option<String> = optional(),
        /// `memberOf` or `distinctInstance`.
        r#type: String = required().one_of(&["memberOf", "distinctInstance"]),
    }
}

model! {
    /// Cloud Map service in which the tasks are registered.
    pub struct ServiceRegistry {
        /// Name of the container; with `container_port`, for tasks in network modes `bridge` and `host`.
        container_name: Option<String> = optional(),
        /// Port of the container.
        container_port: Option<i32> = optional().range(0, 65536),
        /// Port for SRV records.
        port: Option<i32> = optional().range(0, 65536),
        /// ARN of the Cloud Map service.
        registry_arn: String = required(),
    }
}

model! {
    /// A VPC Lattice target group in which the tasks are registered.
    pub struct VpcLattice {
        /// Name of the port, from `portMappings` of the task definition.
        port_name: String = required(),
        /// Role with which ECS registers targets.
        role_arn: String = required(),
        /// ARN of the target group.
        target_group_arn: String = required(),
    }
}

/// What the controller is called when the block is left out.
pub(super) fn controller(want: &Args) -> &str {
    let own = want.deployment_controller.as_ref().and_then(|controller| controller.r#type.as_deref());
    own.filter(|kind| !kind.is_empty()).unwrap_or("ECS")
}

/// The last part of an ARN; a name stays as it is.
pub(super) fn name_of(text: &str) -> &str {
    text.rsplit_once('/').map_or(text, |(_, name)| name)
}

/// Whether a name or ARN of a task definition names the same revision; a family alone fits all its revisions.
pub(super) fn is_same_revision(one: &str, other: &str) -> bool {
    let split = |text| {
        let (family, revision) = name_of(text).split_once(':').unwrap_or((name_of(text), ""));
        (family.to_owned(), revision.to_owned())
    };
    let ((one, first), (other, second)) = (split(one), split(other));
    one == other && (first == second || first.is_empty() || second.is_empty())
}

/// `host` is kept as `instanceId`, and case does not count but for attributes.
pub(super) fn plain_field(field: &str) -> String {
    match field.to_lowercase().as_str() {
        "host" | "instanceid" => "instanceId".to_owned(),
        plain @ ("cpu" | "memory") => plain.to_owned(),
        _ => field.to_owned(),
    }
}

fn texts<'a>(have: &'a Value, want: &'a Value) -> Option<(&'a str, &'a str)> {
    have.as_str().zip(want.as_str())
}

fn same_name(have: &Value, want: &Value) -> bool {
    texts(have, want).is_some_and(|(have, want)| {
        // Two ARNs are what they say; a name and an ARN are the same when the name is.
        name_of(have) == name_of(want) && !(have.starts_with("arn:") && want.starts_with("arn:"))
    })
}

fn same_task_definition(have: &Value, want: &Value) -> bool {
    texts(have, want).is_some_and(|(have, want)| is_same_revision(have, want))
}

fn same_field(have: &Value, want: &Value) -> bool {
    texts(have, want).is_some_and(|(have, want)| plain_field(have) == plain_field(want))
}
