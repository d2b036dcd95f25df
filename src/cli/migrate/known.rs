//! Objects of the service's module, as its files call them.

use serde_json::Value as Json;

use super::text::ModuleText;
use crate::address::{Address, ModulePath, Resource};
use crate::plan::Plan;
use crate::state::State;
use crate::value::Value;

/// The managed policy that lets ECS move traffic.
pub(super) const POLICY: &str = "AmazonECSInfrastructureRolePolicyForLoadBalancers";

/// What is known of the objects.
pub(super) struct Known<'a> {
    plan: &'a Plan,
    state: &'a State,
    module: &'a ModulePath,
}

impl<'a> Known<'a> {
    pub(super) fn new(plan: &'a Plan, state: &'a State, module: &'a ModulePath) -> Self {
        Self { plan, state, module }
    }

    /// The object with this ARN, when it belongs to the module: its instance, and what is known of it.
    pub(super) fn object(&self, arn: &str) -> Option<(&'a Address, &'a Value)> {
        let is_it = |value: &Value| value.get("arn").and_then(Value::as_str) == Some(arn);
        let mut all = self.plan.live.objects.iter().filter(|(address, _)| address.module() == self.module);
        all.find(|(_, object)| is_it(&object.attributes)).map(|(address, object)| (address, &object.attributes))
    }

    /// The same of a type that has nothing to do with deployments: its instance.
    pub(super) fn role(&self, arn: &str) -> Option<&'a Address> {
        self.instances("aws_iam_role").find(|(_, all)| all["arn"] == arn).map(|(address, _)| address)
    }

    /// A role that ECS may assume and that may move traffic, by what the state says of it and its policies.
    pub(super) fn fitting_role(&self) -> Option<(&'a Address, Json)> {
        let names: Vec<Json> = self
            .instances("aws_iam_role_policy_attachment")
            .filter(|(_, all)| all["policy_arn"].as_str().is_some_and(|arn| arn.ends_with(POLICY)))
            .map(|(_, all)| all["role"].clone())
            .collect();
        let trusts =
            |all: &Json| all["assume_role_policy"].as_str().is_some_and(|text| text.contains("\"ecs.amazonaws.com\""));
        self.instances("aws_iam_role").find(|(_, all)| names.contains(&all["name"]) && trusts(all))
    }

    /// The application of CodeDeploy with this name, when the state has it.
    pub(super) fn app(&self, name: &str) -> Option<&'a Address> {
        self.instances("aws_codedeploy_app").find(|(_, all)| all["name"] == name).map(|(address, _)| address)
    }

    /// What is known of an instance that has to do with deployments.
    pub(super) fn attribute(&self, address: &Address, name: &str) -> Option<&'a str> {
        self.plan.live.objects.get(address)?.attributes.get(name)?.as_str()
    }

    fn instances(&self, type_name: &'a str) -> impl Iterator<Item = (&'a Address, Json)> {
        let here = self.state.instances.iter().filter(move |(key, _)| {
            key.deposed.is_none() && key.address.module() == self.module && key.address.type_name() == type_name
        });
        here.filter_map(|(key, instance)| {
            Some((&key.address, serde_json::from_str(instance.attributes.as_str()).ok()?))
        })
    }

    /// The object with this ARN, when the files have a block of it.
    pub(super) fn written(&self, arn: &str, files: &ModuleText) -> Option<&'a Address> {
        let own = self.object(arn).map(|(address, _)| address).or_else(|| self.role(arn));
        own.filter(|address| is_written(address, files))
    }
}

/// Whether the files have the block of an instance.
pub(super) fn is_written(address: &Address, files: &ModuleText) -> bool {
    files.resource(address.type_name(), &address.resource.name).is_some()
}

/// The address inside of its module.
pub(super) fn local(address: &Address) -> String {
    let resource = Resource { module: ModulePath::root(), ..(*address.resource).clone() };
    Address::new(resource, address.key.clone()).to_string()
}
