//! Tests of what is no drift.

use aws_sdk_ecs::types as sdk;

use super::*;
use crate::aws::ecs::service::model::{DeploymentController, LoadBalancer};
use crate::resource::Settled;

fn prior() -> Args {
    let balancer = |group: &str| LoadBalancer {
        container_name: "web".to_owned(),
        container_port: 80,
        target_group_arn: Some(group.to_owned()),
        ..LoadBalancer::default()
    };
    Args {
        name: "web".to_owned(),
        task_definition: Some("arn:aws:ecs:eu-west-1:1:task-definition/web:3".to_owned()),
        load_balancer: [balancer("blue")].into_iter().collect(),
        deployment_controller: Some(DeploymentController { r#type: Some("CODE_DEPLOY".to_owned()) }),
        ..Args::default()
    }
}

#[test]
fn what_a_deployment_brought_out_is_told_as_it_is() {
    let mut live = prior();
    live.task_definition = Some("arn:aws:ecs:eu-west-1:1:task-definition/web:7".to_owned());
    live.load_balancer.0[0].target_group_arn = Some("green".to_owned());
    live::keep_spelling(&prior(), &mut live);
    assert_eq!(live.task_definition.as_deref(), Some("arn:aws:ecs:eu-west-1:1:task-definition/web:7"));
    assert_eq!(live.load_balancer.0[0].target_group_arn.as_deref(), Some("green"));
}

#[test]
fn the_cluster_is_read_off_the_arn() {
    assert_eq!(cluster_of("arn:aws:ecs:eu-west-1:1:service/main/web"), "main");
    assert_eq!(cluster_of("arn:aws:ecs:eu-west-1:1:service/web"), "default");
}

#[test]
fn under_codedeploy_the_task_set_says_whether_it_is_steady() {
    let kind = sdk::DeploymentController::builder().r#type(sdk::DeploymentControllerType::CodeDeploy).build().unwrap();
    let service = |running: i32, state: sdk::StabilityStatus| {
        let set = sdk::TaskSet::builder().status("PRIMARY").computed_desired_count(2).running_count(running);
        sdk::Service::builder()
            .status("ACTIVE")
            .deployment_controller(kind.clone())
            .task_sets(set.stability_status(state).build())
            .build()
    };
    let want = Args { wait_for_steady_state: Some(true), ..prior() };
    let busy = live::settled(&service(1, sdk::StabilityStatus::Stabilizing), &want);
    assert_eq!(busy, Settled::NotYet("1 of 2 tasks running".to_owned()));
    assert_eq!(live::settled(&service(2, sdk::StabilityStatus::SteadyState), &want), Settled::Yes);
}
