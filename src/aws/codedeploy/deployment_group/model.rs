//! Attributes of `aws_codedeploy_deployment_group`.

use crate::aws::contract::*;

model! {
    /// What is deployed to, how traffic moves, and when a deployment is rolled back.
    pub struct Args {
        /// Name of the application.
        app_name: String = required().force_new().length(1, 100),
        /// Names of auto scaling groups. Only for instances.
        autoscaling_groups: Set<String> = optional(),
        /// Name of the deployment configuration. The default is one for instances; for ECS use
        /// `CodeDeployDefault.ECSAllAtOnce` or another one for ECS.
        deployment_config_name: Option<String> = optional().default(Lit::Str("CodeDeployDefault.OneAtATime")).length(1, 100),
        /// Unique in the application: 1 to 100 characters. Can be changed in place.
        deployment_group_name: String = required().length(1, 100),
        /// What happens to instances that a deployment has missed: `UPDATE` or `IGNORE`.
        outdated_instances_strategy: Option<String> = optional().default(Lit::Str("UPDATE")).one_of(&["UPDATE", "IGNORE"]),
        /// Role that CodeDeploy has; it trusts `codedeploy.amazonaws.com`.
        service_role_arn: String = required(),
        /// Whether CodeDeploy installs a termination hook into auto scaling groups.
        termination_hook_enabled: bool = optional().default(Lit::Bool(false)),
        /// Alarms that stop a deployment.
        alarm_configuration: Option<Alarms> = optional(),
        /// When a deployment is rolled back.
        auto_rollback_configuration: Option<AutoRollback> = optional(),
        /// How blue gives way to green. ECS needs it.
        blue_green_deployment_config: Option<BlueGreen> = optional_computed(),
        /// In place or blue/green, with or without traffic control. ECS needs blue/green with traffic control.
        deployment_style: Option<Style> = optional_computed(),
        /// Tags of instances to deploy to; one that fits is enough.
        ec2_tag_filter: Set<TagFilter> = optional(),
        /// Groups of tags of instances to deploy to; every group must fit.
        ec2_tag_set: Set<TagSet> = optional(),
        /// The ECS service to deploy to.
        ecs_service: Option<EcsService> = optional(),
        /// Load balancers, listeners and target groups that traffic goes through.
        load_balancer_info: Option<LoadBalancers> = optional(),
        /// Tags of machines outside AWS to deploy to.
        on_premises_instance_tag_filter: Set<TagFilter> = optional(),
        /// Topics that are told of events.
        trigger_configuration: Set<Trigger> = optional(),
        /// Address of the group.
        arn: Option<String> = computed(),
        /// What the application deploys to.
        compute_platform: Option<String> = computed(),
        /// Id of the group, given by AWS.
        deployment_group_id: Option<String> = computed(),
        /// Tags of the resource.
        tags: Tags = optional(),
        /// All tags, those of the provider included.
        tags_all: Tags = optional_computed(),
    }
}

model! {
    /// Alarms that stop a deployment.
    pub struct Alarms {
        /// Names of CloudWatch alarms, at most 10.
        alarms: Set<String> = optional().items(0, 10),
        /// Whether they are looked at.
        enabled: bool = optional().default(Lit::Bool(false)),
        /// Whether a deployment goes on when the state of alarms cannot be read.
        ignore_poll_alarm_failure: bool = optional().default(Lit::Bool(false)),
    }
}

model! {
    /// When a deployment is rolled back.
    pub struct AutoRollback {
        /// Whether it is, at the events named.
        enabled: bool = optional().default(Lit::Bool(false)),
        /// `DEPLOYMENT_FAILURE`, `DEPLOYMENT_STOP_ON_ALARM`, `DEPLOYMENT_STOP_ON_REQUEST`.
        events: Set<String> = optional().one_of(&["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]),
    }
}

model! {
    /// How blue gives way to green.
    pub struct BlueGreen {
        /// What happens when green is ready.
        deployment_ready_option: Option<Ready> = optional_computed(),
        /// Where green instances come from. Not for ECS.
        green_fleet_provisioning_option: Option<GreenFleet> = optional_computed(),
        /// What happens to blue after the traffic has moved.
        terminate_blue_instances_on_deployment_success: Option<TerminateBlue> = optional_computed(),
    }
}

model! {
    /// What happens when green is ready.
    pub struct Ready {
        /// `CONTINUE_DEPLOYMENT` (traffic moves at once) or `STOP_DEPLOYMENT` (it moves when somebody says so in time).
        action_on_timeout: Option<String> = optional_computed().one_of(&["CONTINUE_DEPLOYMENT", "STOP_DEPLOYMENT"]),
        /// Minutes to wait for somebody to say so. Only with `STOP_DEPLOYMENT`.
        wait_time_in_minutes: i32 = optional().default(Lit::Int(0)).range(0, 2880),
    }
}

model! {
    /// Where green instances come from.
    pub struct GreenFleet {
        /// `DISCOVER_EXISTING` or `COPY_AUTO_SCALING_GROUP`.
        action: Option<String> = optional_computed().one_of(&["DISCOVER_EXISTING", "COPY_AUTO_SCALING_GROUP"]),
    }
}

model! {
    /// What happens to blue after the traffic has moved.
    pub struct TerminateBlue {
        /// `TERMINATE` or `KEEP_ALIVE`; for ECS only the first.
        action: Option<String> = optional_computed().one_of(&["TERMINATE", "KEEP_ALIVE"]),
        /// Minutes for which blue stays as a quick way back; 0 to 2880. The deployment counts as running until then.
        termination_wait_time_in_minutes: i32 = optional().default(Lit::Int(0)).range(0, 2880),
    }
}

model! {
    /// In place or blue/green, with or without traffic control.
    pub struct Style {
        /// `WITH_TRAFFIC_CONTROL` or `WITHOUT_TRAFFIC_CONTROL`.
        deployment_option: Option<String> = optional().default(Lit::Str("WITHOUT_TRAFFIC_CONTROL"))
            .one_of(&["WITH_TRAFFIC_CONTROL", "WITHOUT_TRAFFIC_CONTROL"]),
        /// `IN_PLACE` or `BLUE_GREEN`.
        deployment_type: Option<String> = optional().default(Lit::Str("IN_PLACE")).one_of(&["IN_PLACE", "BLUE_GREEN"]),
    }
}

model! {
    /// Tags to look for.
    pub struct TagFilter {
        /// Key of the tag.
        key: Option<String> = optional(),
        /// What must fit: `KEY_ONLY`, `VALUE_ONLY`, or `KEY_AND_VALUE`.
        r#type: Option<String> = optional().one_of(&["KEY_ONLY", "VALUE_ONLY", "KEY_AND_VALUE"]),
        /// Value of the tag.
        value: Option<String> = optional(),
    }
}

model! {
    /// A group of tags, of which one must fit.
    pub struct TagSet {
        /// Tags to look for.
        ec2_tag_filter: Set<TagFilter> = optional(),
    }
}

model! {
    /// The ECS service to deploy to.
    pub struct EcsService {
        /// Name of the cluster.
        cluster_name: String = required(),
        /// Name of the service, whose deployment controller is `CODE_DEPLOY`.
        service_name: String = required(),
    }
}

model! {
    /// Load balancers, listeners and target groups that traffic goes through.
    pub struct LoadBalancers {
        /// Classic load balancers. Only for instances.
        elb_info: Set<Named> = optional(),
        /// Target groups. Only for instances.
        target_group_info: Set<Named> = optional(),
        /// The two target groups and the listeners of an ECS service.
        target_group_pair_info: Option<Pair> = optional(),
    }
}

model! {
    /// Something with a name.
    pub struct Named {
        /// Its name.
        name: Option<String> = optional(),
    }
}

model! {
    /// The two target groups and the listeners of an ECS service.
    pub struct Pair {
        /// Where the users' requests come in.
        prod_traffic_route: Route = required(),
        /// The two target groups, in any order.
        target_group: Vec<TargetGroup> = required().items(1, 2),
        /// Where test requests come in.
        test_traffic_route: Option<Route> = optional(),
    }
}

model! {
    /// Where requests come in.
    pub struct Route {
        /// ARN of the listener.
        listener_arns: Set<String> = required(),
    }
}

model! {
    /// One of the two target groups.
    pub struct TargetGroup {
        /// Name of the target group, not its ARN.
        name: String = required(),
    }
}

model! {
    /// A topic that is told of events.
    pub struct Trigger {
        /// Events, such as `DeploymentFailure`.
        trigger_events: Set<String> = required().one_of(&["DeploymentStart", "DeploymentSuccess", "DeploymentFailure",
            "DeploymentStop", "DeploymentRollback", "DeploymentReady", "InstanceStart", "InstanceSuccess",
            "InstanceFailure", "InstanceReady"]),
        /// Name of the trigger.
        trigger_name: String = required(),
        /// ARN of the SNS topic.
        trigger_target_arn: String = required(),
    }
}
