//! Reading attributes of governed objects.

use super::observed::{Controller, Group, last_part};
use super::pace::{Pace, Shift};
use crate::address::Address;
use crate::value::Value;

/// Kinds of objects that a controller has to do with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Service,
    Listener,
    Rule,
    Group,
    TargetGroup,
    Config,
}

/// The kind of an object; most objects have none.
pub(super) fn kind(type_name: &str) -> Option<Kind> {
    Some(match type_name {
        "aws_ecs_service" => Kind::Service,
        "aws_lb_listener" | "aws_alb_listener" => Kind::Listener,
        "aws_lb_listener_rule" | "aws_alb_listener_rule" => Kind::Rule,
        "aws_codedeploy_deployment_group" => Kind::Group,
        "aws_lb_target_group" | "aws_alb_target_group" => Kind::TargetGroup,
        "aws_codedeploy_deployment_config" => Kind::Config,
        _ => return None,
    })
}

/// Whether objects of the type have to do with deployments.
pub fn is_of_rollouts(type_name: &str) -> bool {
    kind(type_name).is_some()
}

/// Text of an attribute; what is empty, null or unknown is not there.
pub(super) fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// Blocks of an attribute.
pub(super) fn blocks<'a>(object: &'a Value, name: &str) -> &'a [Value] {
    object.get(name).and_then(Value::elements).unwrap_or_default()
}

/// The only block of an attribute.
pub(super) fn block<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    let value = object.get(name)?;
    if value.entries().is_some() { Some(value) } else { value.elements()?.first() }
}

pub(super) fn texts(object: Option<&Value>, name: &str) -> Vec<String> {
    let all = object.and_then(|object| object.get(name)).and_then(Value::elements).unwrap_or_default();
    all.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()
}

fn number(object: Option<&Value>, name: &str) -> u32 {
    let number = object.and_then(|object| object.get(name)).and_then(Value::as_i64);
    number.and_then(|number| number.try_into().ok()).unwrap_or_default()
}

/// Names of cluster and service.
pub fn service_key(service: &Value) -> Option<(String, String)> {
    let cluster = text(service, "cluster").map_or("default", last_part);
    Some((cluster.to_owned(), text(service, "name")?.to_owned()))
}

/// Who brings out the revisions of a service.
pub fn controller(service: &Value) -> Controller {
    match block(service, "deployment_controller").and_then(|block| text(block, "type")) {
        Some("CODE_DEPLOY") => Controller::CodeDeploy,
        Some("EXTERNAL") => Controller::External,
        _ => match block(service, "deployment_configuration").and_then(|block| text(block, "strategy")) {
            Some("BLUE_GREEN" | "LINEAR" | "CANARY") => Controller::Gradual,
            _ => Controller::Rolling,
        },
    }
}

/// A deployment group with the names of cluster and service it deploys to.
pub(super) fn group(address: &Address, object: &Value) -> Option<((String, String), Group)> {
    let service = block(object, "ecs_service")?;
    let key =
        (last_part(text(service, "cluster_name")?).to_owned(), last_part(text(service, "service_name")?).to_owned());
    let pair = block(object, "load_balancer_info").and_then(|info| block(info, "target_group_pair_info"));
    let route = |name: &str| pair.and_then(|pair| block(pair, name));
    let blue_green = block(object, "blue_green_deployment_config");
    let ready = blue_green.and_then(|all| block(all, "deployment_ready_option"));
    let blue = blue_green.and_then(|all| block(all, "terminate_blue_instances_on_deployment_success"));
    let waits = ready.and_then(|ready| text(ready, "action_on_timeout")) == Some("STOP_DEPLOYMENT");
    let config = text(object, "deployment_config_name").unwrap_or_default();
    let rollback = block(object, "auto_rollback_configuration");
    let is_on = rollback.and_then(|all| all.get("enabled")).and_then(Value::as_bool) == Some(true);
    let group = Group {
        address: Some(address.to_string()),
        app: text(object, "app_name").unwrap_or_default().to_owned(),
        name: text(object, "deployment_group_name").unwrap_or_default().to_owned(),
        config: config.to_owned(),
        pair: pair
            .map(|pair| blocks(pair, "target_group"))
            .unwrap_or_default()
            .iter()
            .filter_map(|one| text(one, "name").map(str::to_owned))
            .collect(),
        production: texts(route("prod_traffic_route"), "listener_arns"),
        test: texts(route("test_traffic_route"), "listener_arns"),
        pace: Pace {
            shift: Shift::of_config(config),
            ready_minutes: if waits { number(ready, "wait_time_in_minutes") } else { 0 },
            termination_minutes: number(blue, "termination_wait_time_in_minutes"),
        },
        alarms: alarms(block(object, "alarm_configuration"), "enabled", "alarms"),
        rolls_back: is_on && texts(rollback, "events").iter().any(|event| event == "DEPLOYMENT_FAILURE"),
    };
    Some((key, group))
}

/// Names of alarms in a block, unless they are off.
fn alarms(of: Option<&Value>, switch: &str, names: &str) -> Vec<String> {
    let is_on = of.and_then(|all| all.get(switch)).and_then(Value::as_bool) == Some(true);
    if is_on { texts(of, names) } else { Vec::new() }
}

/// Alarms that the deployments of a service heed by its own configuration.
pub fn alarms_of(service: &Value) -> Vec<String> {
    alarms(block(service, "alarms"), "enable", "alarm_names")
}

/// The strategy of a service that ECS deploys itself, and how long its deployments take. What the service does not say is
/// as ECS takes it then. <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CanaryConfiguration.html>
pub fn own_pace(service: &Value) -> (String, Pace) {
    let rolling = || {
        let share = |name: &str, otherwise| service.get(name).map_or(otherwise, |_| number(Some(service), name));
        let shift = Shift::TaskByTask {
            least: share("deployment_minimum_healthy_percent", 100),
            most: share("deployment_maximum_percent", 200),
        };
        ("ROLLING".to_owned(), Pace { shift: Some(shift), ..Pace::default() })
    };
    let gradual = block(service, "deployment_configuration").filter(|_| controller(service) == Controller::Gradual);
    let Some(all) = gradual else { return rolling() };
    let minutes = |of: Option<&Value>, name: &str, otherwise: u32| {
        of.and_then(|of| text(of, name)).and_then(|text| text.parse().ok()).unwrap_or(otherwise)
    };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0.1 to 100
    let percent = |of: Option<&Value>, name: &str, otherwise: u32| {
        let number = of.and_then(|of| of.get(name)).and_then(Value::as_number);
        number.map_or(otherwise, |number| number.to_f64().round() as u32).max(1)
    };
    let strategy = text(all, "strategy").unwrap_or_default().to_owned();
    let (canary, linear) = (block(all, "canary_configuration"), block(all, "linear_configuration"));
    let shift = match strategy.as_str() {
        "CANARY" => Shift::Canary {
            percent: percent(canary, "canary_percent", 5),
            minutes: minutes(canary, "canary_bake_time_in_minutes", 10),
        },
        "LINEAR" => Shift::Linear {
            percent: percent(linear, "step_percent", 10),
            minutes: minutes(linear, "step_bake_time_in_minutes", 6),
        },
        _ => Shift::AllAtOnce,
    };
    let termination_minutes = minutes(Some(all), "bake_time_in_minutes", 0);
    (strategy, Pace { shift: Some(shift), ready_minutes: 0, termination_minutes })
}

/// Whether a deployment of ECS's own that fails goes back by itself.
pub(super) fn rolls_back(service: &Value) -> bool {
    let is_on = |name: &str| {
        let truth = |block: &Value, name: &str| block.get(name).and_then(Value::as_bool) == Some(true);
        block(service, name).is_some_and(|block| truth(block, "enable") && truth(block, "rollback"))
    };
    controller(service) == Controller::Gradual || is_on("deployment_circuit_breaker") || is_on("alarms")
}

/// Name of a deployment configuration, and how it moves traffic.
pub(super) fn config(object: &Value) -> Option<(&str, Shift)> {
    let name = text(object, "deployment_config_name")?;
    let routing = block(object, "traffic_routing_config")?;
    let both = |block: &Value| (number(Some(block), "percentage"), number(Some(block), "interval"));
    let shift = match text(routing, "type")? {
        "TimeBasedCanary" => {
            let (percent, minutes) = both(block(routing, "time_based_canary")?);
            Shift::Canary { percent, minutes }
        }
        "TimeBasedLinear" => {
            let (percent, minutes) = both(block(routing, "time_based_linear")?);
            Shift::Linear { percent, minutes }
        }
        _ => Shift::AllAtOnce,
    };
    Some((name, shift))
}
