//! How a service brings out a new revision: attributes, and the way to the API and back.

use aws_sdk_ecs::types as sdk;
use aws_smithy_types::{Document, Number};
use serde_json::Value as Json;

use super::model::{Args, controller};
use crate::aws::answers::built;
use crate::aws::contract::*;
use crate::aws::copy::{FromAws, ToAws};

model! {
    /// Alarms that stop a deployment.
    pub struct Alarms {
        /// Names of CloudWatch alarms.
        alarm_names: Set<String> = required(),
        /// Whether they are looked at.
        enable: bool = required(),
        /// Whether a stopped deployment is rolled back.
        rollback: bool = required(),
    }
}

model! {
    /// Whether a deployment whose tasks fail again and again is given up.
    pub struct CircuitBreaker {
        /// Whether it is on.
        enable: bool = required(),
        /// Whether a deployment that was given up is rolled back.
        rollback: bool = required(),
    }
}

model! {
    /// How ECS brings out a new revision.
    pub struct DeploymentConfiguration {
        /// Minutes for which the old revision stays after traffic has moved; 0 to 1440.
        bake_time_in_minutes: Option<String> = optional_computed(),
        /// `ROLLING`, `BLUE_GREEN`, `LINEAR`, or `CANARY`; all but the first need the controller `ECS`.
        strategy: Option<String> = optional_computed().one_of(&["ROLLING", "BLUE_GREEN", "LINEAR", "CANARY"]),
        /// Steps of `CANARY`.
        canary_configuration: Option<Canary> = optional_computed(),
        /// Functions that have a say in the course of a deployment.
        lifecycle_hook: Set<LifecycleHook> = optional(),
        /// Steps of `LINEAR`.
        linear_configuration: Option<Linear> = optional_computed(),
    }
}

model! {
    /// Steps of `CANARY`.
    pub struct Canary {
        /// Minutes between the first step and the rest; 0 to 1440.
        canary_bake_time_in_minutes: Option<String> = optional(),
        /// Percent of the traffic that moves first; 0.1 to 100.
        canary_percent: Option<f64> = optional(),
    }
}

model! {
    /// Steps of `LINEAR`.
    pub struct Linear {
        /// Minutes between two steps; 0 to 1440.
        step_bake_time_in_minutes: Option<String> = optional(),
        /// Percent of the traffic that moves in each step; 3 to 100.
        step_percent: Option<f64> = optional(),
    }
}

model! {
    /// A function that has a say in the course of a deployment.
    pub struct LifecycleHook {
        /// JSON that the function is given.
        hook_details: Option<String> = optional().json(),
        /// ARN of the Lambda function.
        hook_target_arn: String = required(),
        /// When it is called, such as `POST_TEST_TRAFFIC_SHIFT`.
        lifecycle_stages: Vec<String> = required().one_of(&["RECONCILE_SERVICE", "PRE_SCALE_UP", "POST_SCALE_UP",
            "TEST_TRAFFIC_SHIFT", "POST_TEST_TRAFFIC_SHIFT", "PRE_PRODUCTION_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT",
            "POST_PRODUCTION_TRAFFIC_SHIFT"]),
        /// Role with which ECS calls it.
        role_arn: String = required(),
    }
}

/// All of the deployment configuration. What is off is written out, which clears what was on. Only ECS's own
/// controller knows more than the percentages.
pub(super) fn to_configuration(want: &Args) -> Result<sdk::DeploymentConfiguration> {
    let is_daemon = want.scheduling_strategy.as_deref() == Some("DAEMON");
    let mut all = sdk::DeploymentConfiguration::builder()
        .set_minimum_healthy_percent(want.deployment_minimum_healthy_percent)
        // Daemons never run more than one task on an instance.
        .set_maximum_percent(want.deployment_maximum_percent.filter(|percent| !is_daemon || *percent <= 100));
    if controller(want) != "ECS" {
        return Ok(all.build());
    }
    let alarms = want.alarms.clone().unwrap_or_default();
    all = all.alarms(built(
        sdk::DeploymentAlarms::builder()
            .set_alarm_names(Some(alarms.alarm_names.0))
            .enable(alarms.enable)
            .rollback(alarms.rollback)
            .build(),
    )?);
    let breaker = want.deployment_circuit_breaker.clone().unwrap_or_default();
    all = all.deployment_circuit_breaker(
        sdk::DeploymentCircuitBreaker::builder().enable(breaker.enable).rollback(breaker.rollback).build(),
    );
    let Some(own) = &want.deployment_configuration else { return Ok(all.build()) };
    let hooks = own.lifecycle_hook.iter().map(to_hook).collect::<Result<Vec<_>>>()?;
    all = all
        .set_strategy(own.strategy.to_aws())
        .set_bake_time_in_minutes(minutes(own.bake_time_in_minutes.as_ref())?)
        .set_lifecycle_hooks(Some(hooks));
    let strategy = own.strategy.as_deref();
    if let Some(canary) = own.canary_configuration.as_ref().filter(|_| strategy == Some("CANARY")) {
        let time = minutes(canary.canary_bake_time_in_minutes.as_ref())?;
        let canary = sdk::CanaryConfiguration::builder().set_canary_percent(canary.canary_percent);
        all = all.canary_configuration(canary.set_canary_bake_time_in_minutes(time).build());
    }
    if let Some(linear) = own.linear_configuration.as_ref().filter(|_| strategy == Some("LINEAR")) {
        let time = minutes(linear.step_bake_time_in_minutes.as_ref())?;
        let linear = sdk::LinearConfiguration::builder().set_step_percent(linear.step_percent);
        all = all.linear_configuration(linear.set_step_bake_time_in_minutes(time).build());
    }
    Ok(all.build())
}

/// The attributes that describe a deployment, from what was read.
pub(super) fn from_configuration(all: &sdk::DeploymentConfiguration, args: &mut Args) {
    args.deployment_maximum_percent = all.maximum_percent;
    args.deployment_minimum_healthy_percent = all.minimum_healthy_percent;
    args.alarms = all.alarms.as_ref().map(|alarms| Alarms {
        alarm_names: Set(alarms.alarm_names.clone()),
        enable: alarms.enable,
        rollback: alarms.rollback,
    });
    args.deployment_circuit_breaker = all
        .deployment_circuit_breaker
        .as_ref()
        .map(|breaker| CircuitBreaker { enable: breaker.enable, rollback: breaker.rollback });
    let text = |minutes: Option<i32>| minutes.map(|minutes| minutes.to_string());
    let own = DeploymentConfiguration {
        bake_time_in_minutes: text(all.bake_time_in_minutes),
        strategy: FromAws::from_aws(&all.strategy),
        canary_configuration: all.canary_configuration.as_ref().map(|canary| Canary {
            canary_bake_time_in_minutes: text(canary.canary_bake_time_in_minutes),
            canary_percent: canary.canary_percent,
        }),
        lifecycle_hook: all.lifecycle_hooks().iter().map(from_hook).collect(),
        linear_configuration: all.linear_configuration.as_ref().map(|linear| Linear {
            step_bake_time_in_minutes: text(linear.step_bake_time_in_minutes),
            step_percent: linear.step_percent,
        }),
    };
    args.deployment_configuration = (own != DeploymentConfiguration::default()).then_some(own);
}

/// A number of minutes, which hashicorp/aws keeps as text.
pub(super) fn minutes(text: Option<&String>) -> Result<Option<i32>> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let minutes = text.parse().ok().filter(|minutes| (0..=1440).contains(minutes));
    minutes.map(Some).ok_or_else(|| Error::local("prepare the call", format!("\"{text}\" is not a number of minutes (0 to 1440).")))
}

fn to_hook(hook: &LifecycleHook) -> Result<sdk::DeploymentLifecycleHook> {
    let details = hook.hook_details.as_deref().filter(|text| !text.is_empty()).map(serde_json::from_str::<Json>);
    let details = details.transpose().map_err(|error| Error::local("prepare the call", error.to_string()))?;
    Ok(sdk::DeploymentLifecycleHook::builder()
        .set_hook_target_arn(hook.hook_target_arn.to_aws())
        .set_role_arn(hook.role_arn.to_aws())
        .set_lifecycle_stages(hook.lifecycle_stages.to_aws())
        .set_hook_details(details.map(to_document))
        .build())
}

fn from_hook(hook: &sdk::DeploymentLifecycleHook) -> LifecycleHook {
    LifecycleHook {
        hook_details: hook.hook_details.as_ref().map(|details| from_document(details).to_string()),
        hook_target_arn: FromAws::from_aws(&hook.hook_target_arn),
        lifecycle_stages: FromAws::from_aws(&hook.lifecycle_stages),
        role_arn: FromAws::from_aws(&hook.role_arn),
    }
}

fn to_document(json: Json) -> Document {
    match json {
        Json::Null => Document::Null,
        Json::Bool(truth) => Document::Bool(truth),
        Json::Number(number) => Document::Number(match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => Number::PosInt(number),
            (None, Some(number)) => Number::NegInt(number),
            (None, None) => Number::Float(number.as_f64().unwrap_or_default()),
        }),
        Json::String(text) => Document::String(text),
        Json::Array(list) => Document::Array(list.into_iter().map(to_document).collect()),
        Json::Object(object) => {
            Document::Object(object.into_iter().map(|(name, value)| (name, to_document(value))).collect())
        }
    }
}

fn from_document(document: &Document) -> Json {
    match document {
        Document::Null => Json::Null,
        Document::Bool(truth) => (*truth).into(),
        Document::Number(Number::PosInt(number)) => (*number).into(),
        Document::Number(Number::NegInt(number)) => (*number).into(),
        Document::Number(Number::Float(number)) => (*number).into(),
        Document::String(text) => text.as_str().into(),
        Document::Array(list) => list.iter().map(from_document).collect(),
        Document::Object(object) => {
            let sorted: BTreeMap<_, _> = object.iter().collect();
            Json::Object(sorted.into_iter().map(|(name, value)| (name.clone(), from_document(value))).collect())
        }
    }
}
