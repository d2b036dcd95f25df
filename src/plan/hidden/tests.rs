//! Each rule on a few objects, and circles.

use super::*;

/// `"aws_x.a" => {"name": "n"}` as an object.
fn object(line: &str) -> (Address, Value) {
    let (name, attributes) = line.split_once(' ').unwrap_or((line, "{}"));
    (name.parse().expect("an address"), value(&serde_json::from_str(attributes).expect("JSON")))
}

fn value(json: &serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match json {
        Json::String(text) => text.as_str().into(),
        Json::Bool(flag) => (*flag).into(),
        Json::Array(all) => Value::tuple(all.iter().map(value).collect()),
        Json::Object(all) => Value::object(all.iter().map(|(name, one)| (name.as_str().into(), value(one))).collect()),
        Json::Null | Json::Number(_) => Value::null(crate::value::Type::Any),
    }
}

/// `later <- first` of every edge.
fn edges(lines: &[&str]) -> Vec<String> {
    let all: Vec<(Address, Value)> = lines.iter().map(|line| object(line)).collect();
    let objects = Objects::of(all.iter().map(|(address, value)| (address, value)));
    found(&objects).keys().map(|(later, first)| format!("{later} <- {first}")).collect()
}

#[test]
fn a_service_waits_for_what_forwards_to_its_target_groups() {
    let found = edges(&[
        r#"aws_ecs_service.web {"load_balancer": [{"target_group_arn": "blue"}]}"#,
        r#"aws_ecs_service.other {"load_balancer": []}"#,
        r#"aws_lb_listener.main {"default_action": [{"forward": [{"target_group": [{"arn": "blue"}, {"arn": "green"}]}]}]}"#,
        r#"aws_alb_listener_rule.main {"action": [{"target_group_arn": "blue"}]}"#,
        r#"aws_lb_listener.elsewhere {"default_action": [{"target_group_arn": "red"}]}"#,
    ]);
    assert_eq!(
        found,
        ["aws_ecs_service.web <- aws_alb_listener_rule.main", "aws_ecs_service.web <- aws_lb_listener.main"]
    );
}

#[test]
fn what_takes_a_role_waits_for_its_policies() {
    let found = edges(&[
        r#"aws_ecs_service.web {"task_definition": "arn:aws:ecs:eu-west-1:1:task-definition/web:7"}"#,
        r#"aws_ecs_task_definition.web {"family": "web", "arn": "arn:aws:ecs:eu-west-1:1:task-definition/web:3", "execution_role_arn": "arn:aws:iam::1:role/exec", "task_role_arn": "glaz:aws_iam_role.task.arn"}"#,
        r#"aws_iam_role.task {"arn": "glaz:aws_iam_role.task.arn", "id": "glaz:aws_iam_role.task.id", "name": "task"}"#,
        r#"aws_iam_role_policy.task {"role": "glaz:aws_iam_role.task.id"}"#,
        r#"aws_iam_role_policy_attachment.exec {"role": "exec"}"#,
        r#"aws_iam_role_policy_attachment.deploy {"role": "deploy"}"#,
        r#"aws_codedeploy_deployment_group.web {"service_role_arn": "arn:aws:iam::1:role/path/deploy"}"#,
    ]);
    assert_eq!(
        found,
        [
            "aws_codedeploy_deployment_group.web <- aws_iam_role_policy_attachment.deploy",
            "aws_ecs_service.web <- aws_iam_role_policy.task",
            "aws_ecs_service.web <- aws_iam_role_policy_attachment.exec",
        ]
    );
}

#[test]
fn what_writes_logs_waits_for_the_group() {
    let containers = r#"[{\"logConfiguration\": {\"options\": {\"awslogs-group\": \"/ecs/web\"}}}, {}]"#;
    let task = format!(r#"aws_ecs_task_definition.web {{"family": "web", "container_definitions": "{containers}"}}"#);
    let found = edges(&[
        &task,
        r#"aws_ecs_service.web {"task_definition": "web"}"#,
        r#"aws_ecs_cluster.main {"name": "main"}"#,
        r#"aws_cloudwatch_log_group.web {"name": "/ecs/web"}"#,
        r#"aws_cloudwatch_log_group.insights {"name": "/aws/ecs/containerinsights/main/performance"}"#,
    ]);
    assert_eq!(
        found,
        [
            "aws_ecs_cluster.main <- aws_cloudwatch_log_group.insights",
            "aws_ecs_service.web <- aws_cloudwatch_log_group.web",
            "aws_ecs_task_definition.web <- aws_cloudwatch_log_group.web",
        ]
    );
}

#[test]
fn a_service_waits_for_its_way_out() {
    let found = edges(&[
        r#"aws_ecs_service.web {"cluster": "main", "network_configuration": [{"subnets": ["s-1"], "security_groups": ["g-1"]}]}"#,
        r#"aws_route_table_association.a {"subnet_id": "s-1", "route_table_id": "t-1"}"#,
        r#"aws_route_table_association.b {"subnet_id": "s-2", "route_table_id": "t-2"}"#,
        r#"aws_route.a {"route_table_id": "t-1"}"#,
        r#"aws_route.b {"route_table_id": "t-2"}"#,
        r#"aws_security_group_rule.a {"security_group_id": "g-1"}"#,
        r#"aws_vpc_security_group_egress_rule.b {"security_group_id": "g-2"}"#,
        r#"aws_ecs_cluster_capacity_providers.main {"cluster_name": "main"}"#,
    ]);
    assert_eq!(
        found,
        [
            "aws_ecs_service.web <- aws_ecs_cluster_capacity_providers.main",
            "aws_ecs_service.web <- aws_route.a",
            "aws_ecs_service.web <- aws_route_table_association.a",
            "aws_ecs_service.web <- aws_security_group_rule.a",
        ]
    );
}

#[test]
fn what_is_public_waits_for_the_internet_gateway() {
    let found = edges(&[
        r#"aws_subnet.a {"id": "s-1", "vpc_id": "v-1"}"#,
        r#"aws_internet_gateway.main {"vpc_id": "v-1"}"#,
        r#"aws_internet_gateway.other {"vpc_id": "v-2"}"#,
        r#"aws_lb.public {"subnets": ["s-1"]}"#,
        r#"aws_lb.private {"internal": true, "subnets": ["s-1"]}"#,
        r#"aws_nat_gateway.public {"subnet_id": "s-1", "connectivity_type": "public"}"#,
        r#"aws_nat_gateway.private {"subnet_id": "s-1", "connectivity_type": "private"}"#,
    ]);
    assert_eq!(
        found,
        ["aws_lb.public <- aws_internet_gateway.main", "aws_nat_gateway.public <- aws_internet_gateway.main"]
    );
}

#[test]
fn a_deployment_group_waits_for_what_it_names() {
    let found = edges(&[
        r#"aws_codedeploy_deployment_group.web {"app_name": "web", "ecs_service": [{"cluster_name": "main", "service_name": "web"}], "load_balancer_info": [{"target_group_pair_info": [{"target_group": [{"name": "blue"}]}]}]}"#,
        r#"aws_codedeploy_app.web {"name": "web"}"#,
        r#"aws_ecs_service.web {"name": "web", "cluster": "arn:aws:ecs:eu-west-1:1:cluster/main"}"#,
        r#"aws_ecs_service.elsewhere {"name": "web", "cluster": "other"}"#,
        r#"aws_lb_target_group.blue {"name": "blue"}"#,
    ]);
    assert_eq!(
        found,
        [
            "aws_codedeploy_deployment_group.web <- aws_codedeploy_app.web",
            "aws_codedeploy_deployment_group.web <- aws_ecs_service.web",
            "aws_codedeploy_deployment_group.web <- aws_lb_target_group.blue",
        ]
    );
}

#[test]
fn what_is_stated_wins_over_what_is_found() {
    let block = |name: &str| Arc::new(Resource::managed("t", name));
    let below = HashMap::from([(block("a"), BTreeSet::from([block("b")])), (block("b"), BTreeSet::from([block("c")]))]);
    assert!(reaches(&below, &block("a"), &block("c")));
    assert!(!reaches(&below, &block("c"), &block("a")));
    let edge = |later: &str, first: &str| {
        (Address::new((*block(later)).clone(), None), Address::new((*block(first)).clone(), None))
    };
    let edges = Reasons::from([(edge("a", "b"), "why"), (edge("b", "a"), "why")]);
    let after = without_circles(&edges, std::iter::empty());
    assert_eq!(after.len(), 1, "the second would close a circle with the first");
}
