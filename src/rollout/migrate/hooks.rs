//! Functions that a deployment calls on its way: AppSpec hooks of CodeDeploy, lifecycle hooks of ECS.

use std::str::FromStr;

use super::settings::Hook;

/// What becomes of the functions that deployments call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookChoice {
    /// ECS calls them: they answer as ECS expects it.
    Keep,
    /// Nobody calls them any more.
    Drop,
}

impl FromStr for HookChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "keep" => Ok(Self::Keep),
            "drop" => Ok(Self::Drop),
            _ => Err("give keep or drop".to_owned()),
        }
    }
}

/// The functions that an AppSpec names: event and name or ARN.
pub fn called(hooks: &[serde_json::Value]) -> Vec<(String, String)> {
    let entries = hooks.iter().filter_map(serde_json::Value::as_object).flatten();
    entries.filter_map(|(event, function)| Some((event.clone(), function.as_str()?.to_owned()))).collect()
}

/// When ECS calls what CodeDeploy called at this event. Before each step of a canary or linear shift ECS passes
/// `PRE_PRODUCTION_TRAFFIC_SHIFT` again, and CodeDeploy calls `BeforeAllowTraffic` once.
fn stage(event: &str, is_gradual: bool) -> Option<&'static str> {
    Some(match event {
        "BeforeInstall" => "PRE_SCALE_UP",
        "AfterInstall" => "POST_SCALE_UP",
        "AfterAllowTestTraffic" => "POST_TEST_TRAFFIC_SHIFT",
        "BeforeAllowTraffic" if is_gradual => "POST_TEST_TRAFFIC_SHIFT",
        "BeforeAllowTraffic" => "PRE_PRODUCTION_TRAFFIC_SHIFT",
        "AfterAllowTraffic" => "POST_PRODUCTION_TRAFFIC_SHIFT",
        _ => return None,
    })
}

/// Lifecycle hooks for the functions; `service` is the ARN of the service, which tells account and region.
pub(super) fn hooks(called: &[(String, String)], is_gradual: bool, service: &str) -> Vec<Hook> {
    let mut all: Vec<Hook> = Vec::new();
    for (event, function) in called {
        let Some(stage) = stage(event, is_gradual) else { continue };
        let function = arn(function, service);
        match all.iter_mut().find(|hook| hook.function == function) {
            Some(hook) if hook.stages.iter().any(|one| one == stage) => {}
            Some(hook) => hook.stages.push(stage.to_owned()),
            None => all.push(Hook { function, stages: vec![stage.to_owned()], role: None }),
        }
    }
    all
}

/// ARN of a function; CodeDeploy takes names too.
fn arn(function: &str, service: &str) -> String {
    let mut parts = service.split(':').skip(1);
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(partition), Some(_), Some(region), Some(account)) if !function.starts_with("arn:") => {
            format!("arn:{partition}:lambda:{region}:{account}:function:{function}")
        }
        _ => function.to_owned(),
    }
}
