//! Tests of what is governed, and of what stays as it is.

use super::*;
use crate::value::{Entries, Type};

const BLUE: &str = "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web-blue/1";
const GREEN: &str = "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web-green/2";
const OTHER: &str = "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/other/3";
const LISTENER: &str = "arn:aws:elasticloadbalancing:eu-west-1:1:listener/app/web/9/8";

fn object(entries: &[(&str, Value)]) -> Value {
    Value::object(entries.iter().map(|(name, value)| ((*name).into(), value.clone())).collect::<Entries>())
}

fn list(blocks: &[Value]) -> Value {
    Value::list(blocks.first().map_or(Type::Any, Value::ty), blocks.to_vec())
}

fn at(text: &str) -> Address {
    text.parse().expect("an address")
}

fn forward(groups: &[(&str, i64)]) -> Value {
    let group = |(arn, weight): &(&str, i64)| object(&[("arn", (*arn).into()), ("weight", (*weight).into())]);
    let all: Vec<Value> = groups.iter().map(group).collect();
    let forward = object(&[("target_group", list(&all))]);
    object(&[
        ("type", "forward".into()),
        ("target_group_arn", Value::null(Type::String)),
        ("forward", list(&[forward])),
    ])
}

fn to(arn: &str) -> Value {
    let none = list(&[object(&[("target_group", list(&[]))])]);
    let none = Value::list(none.elements().map_or(Type::Any, |all| all[0].ty()), Vec::new());
    object(&[("type", "forward".into()), ("target_group_arn", arn.into()), ("forward", none)])
}

fn listener(action: Value) -> Value {
    object(&[("arn", LISTENER.into()), ("port", 80.into()), ("default_action", list(&[action]))])
}

fn service(kind: &str, revision: &str, group: &str) -> Value {
    let balancer =
        object(&[("container_name", "web".into()), ("container_port", 80.into()), ("target_group_arn", group.into())]);
    object(&[
        ("name", "web".into()),
        ("cluster", "arn:aws:ecs:eu-west-1:1:cluster/main".into()),
        ("task_definition", revision.into()),
        ("desired_count", 2.into()),
        ("load_balancer", list(&[balancer])),
        ("deployment_controller", list(&[object(&[("type", kind.into())])])),
    ])
}

fn group_of(production: &str) -> Value {
    let name = |name: &str| object(&[("name", name.into())]);
    let route = object(&[("listener_arns", list(&[production.into()]))]);
    let pair = object(&[
        ("prod_traffic_route", list(&[route])),
        ("target_group", list(&[name("web-blue"), name("web-green")])),
    ]);
    object(&[
        ("app_name", "web".into()),
        ("deployment_group_name", "prod".into()),
        ("deployment_config_name", "CodeDeployDefault.ECSAllAtOnce".into()),
        ("ecs_service", list(&[object(&[("cluster_name", "main".into()), ("service_name", "web".into())])])),
        ("load_balancer_info", list(&[object(&[("target_group_pair_info", list(&[pair]))])])),
    ])
}

fn governance(objects: &[(&str, Value)]) -> Governance {
    let objects: Vec<(Address, Value)> = objects.iter().map(|(name, value)| (at(name), value.clone())).collect();
    let seen = [(at("aws_ecs_service.web"), Observed::default())].into();
    govern(objects.iter().map(|(address, value)| (address, value)), &seen)
}

fn stack(live: Value, service: Value) -> Governance {
    governance(&[
        ("aws_lb_listener.main", listener(live)),
        ("aws_ecs_service.web", service),
        ("aws_codedeploy_deployment_group.web", group_of(LISTENER)),
    ])
}

#[test]
fn a_group_in_the_stack_governs_service_and_listener() {
    let all = stack(forward(&[(GREEN, 100), (BLUE, 0)]), service("CODE_DEPLOY", "web:13", GREEN));
    let names = all.attributes(&at("aws_ecs_service.web"));
    assert_eq!(
        names,
        ["task_definition", "network_configuration", "platform_version", "capacity_provider_strategy", "load_balancer"]
    );
    assert_eq!(all.attributes(&at("aws_lb_listener.main")), ["default_action"]);
    let web = &all.services[&at("aws_ecs_service.web")];
    assert_eq!(super::super::say::service(web), "web: green 100 %, revision 13, by CodeDeploy");
}

#[test]
fn what_leads_elsewhere_is_real_drift() {
    let all = stack(to(OTHER), service("CODE_DEPLOY", "web:13", OTHER));
    assert!(all.attributes(&at("aws_lb_listener.main")).is_empty());
    assert!(!all.attributes(&at("aws_ecs_service.web")).contains(&"load_balancer"));
    // A listener that the group does not name is nobody's but the person's.
    let all = governance(&[
        ("aws_lb_listener.main", listener(to(BLUE))),
        ("aws_ecs_service.web", service("CODE_DEPLOY", "web:13", GREEN)),
        ("aws_codedeploy_deployment_group.web", group_of("another")),
    ]);
    assert!(all.attributes(&at("aws_lb_listener.main")).is_empty());
}

#[test]
fn a_rolling_service_keeps_its_revision_to_the_stack() {
    let all = stack(to(BLUE), service("ECS", "web:13", BLUE));
    assert!(all.attributes(&at("aws_ecs_service.web")).is_empty());
    assert_eq!(all.objects().count(), 0);
    // It is known all the same: its deployments are followed.
    assert!(
        all.services.values().all(|service| service.controller == Controller::Rolling && service.weights.is_empty())
    );
    assert_eq!(all.services.len(), 1);
}

#[test]
fn the_stack_file_stays_behind_until_somebody_changes_it() {
    let live = service("CODE_DEPLOY", "web:13", GREEN);
    let all = stack(to(GREEN), live.clone());
    let address = at("aws_ecs_service.web");
    let said = service("CODE_DEPLOY", "web:12", BLUE);
    let before =
        object(&[("task_definition", "web:12".into()), ("load_balancer", said.get("load_balancer").cloned().unwrap())]);
    assert_eq!(all.hold(&address, said.clone(), &live, Some(&before)), live);
    // Nobody knows what was configured: what is live is taken over.
    assert_eq!(all.hold(&address, said, &live, None), live);
    // Changed by the person: a new revision, and still the group that CodeDeploy chose.
    let said = service("CODE_DEPLOY", "web:14", BLUE);
    assert_eq!(all.hold(&address, said, &live, Some(&before)), service("CODE_DEPLOY", "web:14", GREEN));
}

#[test]
fn weights_stay_and_other_actions_change() {
    let shifted = forward(&[(GREEN, 10), (BLUE, 90)]);
    let all = stack(shifted.clone(), service("CODE_DEPLOY", "web:13", BLUE));
    let address = at("aws_lb_listener.main");
    let before = object(&[("default_action", list(&[to(BLUE)]))]);
    let kept = all.hold(&address, listener(to(BLUE)), &listener(shifted.clone()), Some(&before));
    assert_eq!(kept, listener(shifted.clone()));
    // The person points it elsewhere: that counts.
    let said = listener(to(OTHER));
    assert_eq!(all.hold(&address, said.clone(), &listener(shifted), Some(&before)), said);
}
