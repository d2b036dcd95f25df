//! What a migration from CodeDeploy to ECS's own blue/green needs to know: load balancer, rules, alarms. Read only.
//!
//! API: Elastic Load Balancing 2015-12-01, CodeDeploy 2014-10-06.
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeRules.html>

use aws_sdk_codedeploy::types as deploy;
use aws_sdk_elasticloadbalancingv2::types as sdk;

use crate::aws::client::Aws;
use crate::resource::Error;
use crate::rollout::Group;
use crate::rollout::migrate::{Alarms, Facts, Rule};

/// Patterns that every path fits.
const ALL_PATHS: [&str; 2] = ["*", "/*"];

/// What is to be known.
pub(super) async fn facts(aws: &Aws, group: &Group) -> Result<Facts, Error> {
    let mut facts =
        Facts { groups: groups(aws, &group.pair).await?, alarms: alarms(aws, group).await?, ..Facts::default() };
    if let Some(listener) = group.production.first() {
        facts.balancer = balancer(aws, listener).await?;
    }
    for listener in group.production.iter().chain(&group.test) {
        if facts.balancer == "network" {
            facts.rules.push(default_rule(aws, listener).await?);
        } else {
            facts.rules.extend(rules(aws, listener).await?);
        }
    }
    Ok(facts)
}

/// Names and ARNs of target groups, which are given as either.
async fn groups(aws: &Aws, pair: &[String]) -> Result<Vec<(String, String)>, Error> {
    let mut all = Vec::with_capacity(pair.len());
    for one in pair {
        let call = aws.elbv2.describe_target_groups();
        let call = if one.starts_with("arn:") { call.target_group_arns(one) } else { call.names(one) };
        let found = match call.send().await.map_err(Error::from) {
            Err(error) if error.is(&["TargetGroupNotFound"]) => continue,
            other => other?,
        };
        let name = |group: &sdk::TargetGroup| Some((group.target_group_name.clone()?, group.target_group_arn.clone()?));
        all.extend(found.target_groups().first().and_then(name));
    }
    Ok(all)
}

/// Kind of the load balancer that a listener belongs to.
async fn balancer(aws: &Aws, listener: &str) -> Result<String, Error> {
    let found = aws.elbv2.describe_listeners().listener_arns(listener).send().await?;
    let Some(arn) = found.listeners().first().and_then(sdk::Listener::load_balancer_arn) else {
        return Err(Error::empty("DescribeListeners"));
    };
    let found = aws.elbv2.describe_load_balancers().load_balancer_arns(arn).send().await?;
    let kind = found.load_balancers().first().and_then(sdk::LoadBalancer::r#type);
    kind.map(|kind| kind.as_str().to_owned()).ok_or_else(|| Error::empty("DescribeLoadBalancers"))
}

/// What a listener that has no rules does.
async fn default_rule(aws: &Aws, listener: &str) -> Result<Rule, Error> {
    let found = aws.elbv2.describe_listeners().listener_arns(listener).send().await?;
    let Some(found) = found.listeners().first() else { return Err(Error::empty("DescribeListeners")) };
    Ok(Rule { arn: listener.to_owned(), listener: listener.to_owned(), ..doing(found.default_actions()) })
}

async fn rules(aws: &Aws, listener: &str) -> Result<Vec<Rule>, Error> {
    let (mut all, mut token) = (Vec::new(), None);
    loop {
        let page = aws.elbv2.describe_rules().listener_arn(listener).set_marker(token).send().await?;
        all.extend(page.rules().iter().map(|one| rule(one, listener)));
        token = page.next_marker;
        if token.is_none() {
            return Ok(all);
        }
    }
}

fn rule(one: &sdk::Rule, listener: &str) -> Rule {
    Rule {
        arn: one.rule_arn().unwrap_or_default().to_owned(),
        listener: listener.to_owned(),
        priority: one.priority().and_then(|priority| priority.parse().ok()),
        fits_all: matches!(one.conditions(), [only] if is_for_all(only)),
        ..doing(one.actions())
    }
}

/// A rule with these actions.
fn doing(actions: &[sdk::Action]) -> Rule {
    let forwards = |action: &sdk::Action| {
        let weighted = action.forward_config().map(sdk::ForwardActionConfig::target_groups).unwrap_or_default();
        let mut all: Vec<(String, i32)> = weighted
            .iter()
            .filter_map(|group| Some((group.target_group_arn.clone()?, group.weight().unwrap_or(1))))
            .collect();
        if all.is_empty() {
            all.extend(action.target_group_arn().map(|arn| (arn.to_owned(), 1)));
        }
        all
    };
    let is_forward = |action: &&sdk::Action| action.r#type() == Some(&sdk::ActionTypeEnum::Forward);
    Rule {
        forwards: actions.iter().find(is_forward).map(forwards).unwrap_or_default(),
        does_more: actions.len() > 1,
        ..Rule::default()
    }
}

fn is_for_all(condition: &sdk::RuleCondition) -> bool {
    let own = condition.path_pattern_config().map(sdk::PathPatternConditionConfig::values).unwrap_or_default();
    let values = if own.is_empty() { condition.values() } else { own };
    condition.field() == Some("path-pattern") && values.iter().any(|value| ALL_PATHS.contains(&value.as_str()))
}

/// Alarms that the deployment group looks at.
async fn alarms(aws: &Aws, group: &Group) -> Result<Option<Alarms>, Error> {
    let call = aws.codedeploy.get_deployment_group().application_name(&group.app).deployment_group_name(&group.name);
    let found = call.send().await?.deployment_group_info.ok_or_else(|| Error::empty("GetDeploymentGroup"))?;
    let Some(own) = found.alarm_configuration().filter(|own| own.enabled()) else { return Ok(None) };
    let mut names: Vec<String> = own.alarms().iter().filter_map(|alarm| alarm.name.clone()).collect();
    names.sort();
    let events = found.auto_rollback_configuration().filter(|all| all.enabled());
    let rollback = events.is_some_and(|all| all.events().contains(&deploy::AutoRollbackEvent::DeploymentStopOnAlarm));
    Ok((!names.is_empty()).then_some(Alarms { names, rollback }))
}
