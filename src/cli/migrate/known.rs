//! Objects of the service's module, as its files call them.

use std::sync::Arc;

use serde_json::Value as Json;

use super::text::ModuleText;
use crate::address::{Address, ModulePath, Resource};
use crate::lang::Evaluator;
use crate::plan::Plan;
use crate::state::State;
use crate::value::{Data, Value};

/// The managed policy that lets ECS move traffic.
pub(super) const POLICY: &str = "AmazonECSInfrastructureRolePolicyForLoadBalancers";

/// What is known of the objects.
pub(super) struct Known<'a> {
    plan: &'a Plan,
    state: &'a State,
    module: &'a ModulePath,
    /// What is passed in to the module.
    variables: Vec<(Arc<str>, Value)>,
}

impl<'a> Known<'a> {
    pub(super) fn new(plan: &'a Plan, state: &'a State, module: &'a ModulePath, evaluator: &Evaluator) -> Self {
        let variables = if module.is_root() { Vec::new() } else { evaluator.variables(module) };
        Self { plan, state, module, variables }
    }

    /// How the files call an ARN that is passed in, such as `var.blue.arn`. `key` is that of the service, which its block calls
    /// `by`.
    pub(super) fn passed_in(&self, arn: &str, key: Option<&str>, by: &str) -> Option<String> {
        let place = |(name, value): &(Arc<str>, Value)| Some(format!("var.{name}{}", way_to(value, arn, key, by)?));
        self.variables.iter().find_map(place)
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

/// What follows the name of a value to mean the text in it; elements of lists, whose places say nothing, are left out.
fn way_to(value: &Value, text: &str, key: Option<&str>, by: &str) -> Option<String> {
    if value.as_str() == Some(text) {
        return Some(String::new());
    }
    let is_object = matches!(value.data, Data::Object(_));
    value.entries()?.iter().find_map(|(name, inner)| {
        let rest = way_to(inner, text, key, by)?;
        Some(match name {
            name if key == Some(&**name) && !by.is_empty() => format!("{by}{rest}"),
            name if is_object => format!(".{name}{rest}"),
            name => format!("[{}]{rest}", crate::address::quote(name)),
        })
    })
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
