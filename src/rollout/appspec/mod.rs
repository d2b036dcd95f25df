//! The AppSpec of a deployment: what CodeDeploy is told to bring out.
//!
//! <https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html>

mod hooks;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

pub use hooks::hooks_of;

use super::object::{block, blocks, text};
use crate::value::Value;

/// What is brought out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AppSpec {
    /// ARN of the revision.
    pub task_definition: String,
    container: String,
    port: i64,
    platform_version: Option<String>,
    network: Option<Network>,
    strategy: Vec<Provider>,
    /// Functions that are called on the way, as in the AppSpec before.
    pub hooks: Vec<serde_json::Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Network {
    subnets: Vec<String>,
    security_groups: Vec<String>,
    assign_public_ip: &'static str,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Provider {
    base: i64,
    #[serde(rename = "CapacityProvider")]
    name: String,
    weight: i64,
}

impl AppSpec {
    /// What the planned service asks for; `None` while something of it is missing.
    pub fn of(service: &Value) -> Option<Self> {
        let balancer = block(service, "load_balancer")?;
        let number = |of: &Value, name: &str| of.get(name).and_then(Value::as_i64).unwrap_or_default();
        let mut strategy: Vec<Provider> = blocks(service, "capacity_provider_strategy")
            .iter()
            .filter_map(|one| {
                let name = text(one, "capacity_provider")?.to_owned();
                Some(Provider { base: number(one, "base"), name, weight: number(one, "weight") })
            })
            .collect();
        strategy.sort_by(|a, b| a.name.cmp(&b.name));
        Some(Self {
            task_definition: text(service, "task_definition")?.to_owned(),
            container: text(balancer, "container_name")?.to_owned(),
            port: number(balancer, "container_port"),
            platform_version: text(service, "platform_version").map(str::to_owned),
            network: block(service, "network_configuration").map(network),
            strategy,
            hooks: Vec::new(),
        })
    }

    /// The text that CodeDeploy gets. The same for the same content.
    pub fn content(&self) -> String {
        let mut properties = serde_json::json!({
            "TaskDefinition": self.task_definition,
            "LoadBalancerInfo": { "ContainerName": self.container, "ContainerPort": self.port },
        });
        if let Some(version) = &self.platform_version {
            properties["PlatformVersion"] = version.as_str().into();
        }
        if let Some(network) = &self.network {
            properties["NetworkConfiguration"] = serde_json::json!({ "AwsvpcConfiguration": network });
        }
        if !self.strategy.is_empty() {
            properties["CapacityProviderStrategy"] = serde_json::json!(self.strategy);
        }
        let mut spec = serde_json::json!({
            "version": 0.0,
            "Resources": [{ "TargetService": { "Type": "AWS::ECS::Service", "Properties": properties } }],
        });
        if !self.hooks.is_empty() {
            spec["Hooks"] = self.hooks.clone().into();
        }
        spec.to_string()
    }

    /// SHA-256 of the content, lower-case hexadecimal, as CodeDeploy knows it.
    pub fn digest(&self) -> String {
        use std::fmt::Write as _;
        Sha256::digest(self.content()).iter().fold(String::new(), |mut hex, byte| {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

fn network(block: &Value) -> Network {
    let sorted = |name: &str| {
        let mut all: Vec<String> =
            blocks(block, name).iter().filter_map(|one| one.as_str().map(str::to_owned)).collect();
        all.sort();
        all
    };
    let is_public = block.get("assign_public_ip").and_then(Value::as_bool) == Some(true);
    Network {
        subnets: sorted("subnets"),
        security_groups: sorted("security_groups"),
        assign_public_ip: if is_public { "ENABLED" } else { "DISABLED" },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_that_codedeploy_reads() {
        let spec = AppSpec {
            task_definition: "arn:aws:ecs:eu-west-1:1:task-definition/web:3".into(),
            container: "web".into(),
            port: 80,
            platform_version: Some("LATEST".into()),
            network: Some(Network {
                subnets: vec!["subnet-1".into()],
                security_groups: Vec::new(),
                assign_public_ip: "DISABLED",
            }),
            strategy: vec![Provider { base: 0, name: "FARGATE".into(), weight: 1 }],
            hooks: vec![serde_json::json!({ "BeforeAllowTraffic": "check" })],
        };
        insta::assert_snapshot!(spec.content(), @r#"{"Hooks":[{"BeforeAllowTraffic":"check"}],"Resources":[{"TargetService":{"Properties":{"CapacityProviderStrategy":[{"Base":0,"CapacityProvider":"FARGATE","Weight":1}],"LoadBalancerInfo":{"ContainerName":"web","ContainerPort":80},"NetworkConfiguration":{"AwsvpcConfiguration":{"AssignPublicIp":"DISABLED","SecurityGroups":[],"Subnets":["subnet-1"]}},"PlatformVersion":"LATEST","TaskDefinition":"arn:aws:ecs:eu-west-1:1:task-definition/web:3"},"Type":"AWS::ECS::Service"}}],"version":0.0}"#);
        assert_eq!(hooks_of(&spec.content()), Some(spec.hooks.clone()));
        assert_eq!(spec.digest().len(), 64);
    }
}
