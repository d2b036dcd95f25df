//! What CodeDeploy takes over from one deployment to the next, and what it does not know.

use serde_json::json;

use super::rollout::{Filled, PLAIN, attribute, service, text, until_quiet, with_image};
use crate::support::stack::stack;

#[test]
fn functions_of_an_appspec_in_yaml_are_called_again() {
    let stack = service();
    let first = attribute(&stack, "aws_ecs_service", "task_definition");
    let spec = format!(
        "# written by hand\nversion: 0.0\nResources:\n  - TargetService:\n      Type: AWS::ECS::Service\n      Properties:\n        TaskDefinition: {}\n        LoadBalancerInfo:\n          ContainerName: \"web\"\n          ContainerPort: 80\nHooks:\n  - AfterInstall: \"check-install\"\n  - AfterAllowTraffic: check-traffic\n",
        first.as_str().unwrap()
    );
    let order = json!({
        "applicationName": "web", "deploymentGroupName": "prod",
        "revision": { "revisionType": "AppSpecContent", "appSpecContent": { "content": spec } },
    });
    stack.emulator().call("codedeploy", "CodeDeploy_20141006.CreateDeployment", &order);
    until_quiet(&stack);
    stack.write("main.tf", with_image("web:2"));
    stack.emulator().hooks(r#"{"check-traffic": {"result": "Failed"}}"#);
    // A check of theirs still has its say.
    stack.apply().ends_with(1).says("AfterInstall done").says("AfterAllowTraffic failed");
}

#[test]
fn functions_of_an_appspec_in_a_bucket_are_called_again() {
    let stack = service();
    let first = attribute(&stack, "aws_ecs_service", "task_definition");
    let spec = json!({
        "version": 0.0,
        "Resources": [{ "TargetService": { "Type": "AWS::ECS::Service", "Properties": {
            "TaskDefinition": first, "LoadBalancerInfo": { "ContainerName": "web", "ContainerPort": 80 },
        } } }],
        "Hooks": [{ "AfterInstall": "check-install" }],
    });
    let put = |path: &str, text: &str| assert_eq!(stack.emulator().exchange("s3", "PUT", path, text).0, 200);
    put("/specs", "");
    put("/specs/web/appspec.json", &spec.to_string());
    let order = json!({
        "applicationName": "web", "deploymentGroupName": "prod",
        "revision": { "revisionType": "S3", "s3Location": {
            "bucket": "specs", "key": "web/appspec.json", "bundleType": "JSON",
        } },
    });
    stack.emulator().call("codedeploy", "CodeDeploy_20141006.CreateDeployment", &order);
    until_quiet(&stack);
    // Who may not read it deploys without, and is told.
    stack.emulator().faults(r#"[{"service": "s3", "operation": "GetObject", "kind": "deny"}]"#);
    stack.write("main.tf", with_image("web:2"));
    stack.apply().succeeds().says("functions that it calls are not called by this one");
    until_quiet(&stack);
    stack.emulator().no_faults();
    stack.emulator().call("codedeploy", "CodeDeploy_20141006.CreateDeployment", &order);
    until_quiet(&stack);
    stack.emulator().hooks(r#"{"check-install": {"result": "Failed"}}"#);
    stack.write("main.tf", with_image("web:3"));
    stack.apply().ends_with(1).says("AfterInstall failed").says("The Lambda function check-install reported");
}

#[test]
fn what_codedeploy_does_not_know_is_refused_in_the_plan() {
    let role = "arn:aws:iam::123456789012:role/ecs";
    let volume = format!(
        "  volume_configuration {{\n    name = \"data\"\n    managed_ebs_volume {{\n      role_arn   = \"{role}\"\n      size_in_gb = 5\n    }}\n  }}"
    );
    let group = "arn:aws:vpc-lattice:eu-west-1:123456789012:targetgroup/tg-0123456789abcdef0";
    let lattice = format!(
        "  vpc_lattice_configurations {{\n    role_arn         = \"{role}\"\n    target_group_arn = \"{group}\"\n    port_name        = \"web\"\n  }}"
    );
    let both = format!("{volume}\n{lattice}");
    let stack = stack().aws().file("main.tf", text(&Filled { service: &both, ..PLAIN }));
    let plan = stack.plan();
    plan.ends_with(1).says("ECS makes no volumes at launch").says("so ECS refuses VPC Lattice");
}
