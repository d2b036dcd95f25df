//! From CodeDeploy to ECS's own blue/green: what of a deployment group goes over to the service, and what stands in the
//! way. Pure: what was seen goes in, settings come out.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/migrate-codedeploy-to-ecs-bluegreen.html>

mod hooks;
mod routes;
mod settings;
#[cfg(test)]
mod tests;

pub use hooks::{HookChoice, called};
pub use routes::Way;
pub use settings::{Alarms, Hook, Obstacle, Settings, other_controller, settings, settings_of};

/// What a migration needs to know beyond what a plan sees.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Kind of the load balancer behind the production listener, such as `application`.
    pub balancer: String,
    /// The two target groups: name and ARN.
    pub groups: Vec<(String, String)>,
    /// Rules of the listeners of the deployment group, default rules included. A listener of a network load balancer
    /// counts as its default rule.
    pub rules: Vec<Rule>,
    /// Alarms that the deployment group looks at: names, and whether they roll back.
    pub alarms: Option<Alarms>,
}

/// A rule of a listener.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rule {
    /// Its ARN.
    pub arn: String,
    /// ARN of its listener.
    pub listener: String,
    /// Its place; `None` for the default rule.
    pub priority: Option<i32>,
    /// Whether every request fits it.
    pub fits_all: bool,
    /// What it forwards to, with weights; nothing when it does not forward.
    pub forwards: Vec<(String, i32)>,
    /// Whether it does something else as well, such as authenticate.
    pub does_more: bool,
}
