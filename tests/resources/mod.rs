//! A file per AWS type: its cases against the emulator.

mod codedeploy_app;
mod codedeploy_deployment_config;
mod codedeploy_deployment_group;
mod ec2_eip;
mod ec2_internet_gateway;
mod ec2_nat_gateway;
mod ec2_route;
mod ec2_route_table;
mod ec2_route_table_association;
mod ec2_subnet;
mod ec2_vpc;
mod ecs_cluster;
mod ecs_cluster_capacity_providers;
mod ecs_service;
mod ecs_task_definition;
mod elbv2_listener;
mod elbv2_listener_rule;
mod elbv2_load_balancer;
mod elbv2_target_group;
mod elbv2_target_group_attachment;
mod iam_instance_profile;
mod iam_policy;
mod iam_role;
mod iam_role_policy;
mod iam_role_policy_attachment;
